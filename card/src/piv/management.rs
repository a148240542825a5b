//! The management key (slot 9B): who proves it may make keys and write certificates.

use super::Transport;
use super::apdu::{self, Command, Status};
use super::application::Application;
use crate::{Unreachable, tlv};
use aes::cipher::{Array, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use des::TdesEde3;
use p256::elliptic_curve::subtle::ConstantTimeEq;
use std::fmt;
use zeroize::Zeroizing;

/// Key reference of the management key.
pub(super) const REFERENCE: u8 = 0x9b;

/// What a management key is for. Old cards know only Triple DES, new ones come with AES: the card is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Triple DES with three keys.
    TripleDes,
    /// AES with 128 bits.
    Aes128,
    /// AES with 192 bits.
    Aes192,
    /// AES with 256 bits.
    Aes256,
}

impl Algorithm {
    /// Newest first.
    const ALL: [Self; 4] = [Self::Aes256, Self::Aes192, Self::Aes128, Self::TripleDes];

    /// The identifier of SP 800-78, table 6-2.
    pub(super) fn identifier(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Aes128 => 0x08,
            Self::Aes192 => 0x0a,
            Self::Aes256 => 0x0c,
        }
    }

    fn of(identifier: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.identifier() == identifier)
    }

    /// Bytes of a key.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of a block, of a witness and of a challenge.
    fn block(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }

    /// The name that people and files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::TripleDes => "3DES",
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
        }
    }
}

/// A management key, wiped when dropped and never printed.
#[derive(Clone)]
pub struct ManagementKey(Zeroizing<Vec<u8>>);

impl ManagementKey {
    /// What a blank card comes with: YubiKey, Nitrokey and whoever follows them, with 3DES as with AES-192.
    pub fn factory() -> Self {
        Self(Zeroizing::new([1, 2, 3, 4, 5, 6, 7, 8].repeat(3)))
    }

    /// A key of these bytes. Whether their number is right, the card's algorithm says.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// A random key for `algorithm`.
    pub fn fresh(algorithm: Algorithm) -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new(vec![0; algorithm.key_length()]);
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The bytes: for the escrow.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn encrypt(&self, algorithm: Algorithm, block: &[u8]) -> Option<Vec<u8>> {
        match algorithm {
            Algorithm::TripleDes => encrypt::<TdesEde3>(&self.0, block),
            Algorithm::Aes128 => encrypt::<Aes128>(&self.0, block),
            Algorithm::Aes192 => encrypt::<Aes192>(&self.0, block),
            Algorithm::Aes256 => encrypt::<Aes256>(&self.0, block),
        }
    }

    fn decrypt(&self, algorithm: Algorithm, block: &[u8]) -> Option<Vec<u8>> {
        match algorithm {
            Algorithm::TripleDes => decrypt::<TdesEde3>(&self.0, block),
            Algorithm::Aes128 => decrypt::<Aes128>(&self.0, block),
            Algorithm::Aes192 => decrypt::<Aes192>(&self.0, block),
            Algorithm::Aes256 => decrypt::<Aes256>(&self.0, block),
        }
    }
}

impl fmt::Debug for ManagementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManagementKey(…)")
    }
}

/// One block. Nothing where the key or the block have not the cipher's length.
fn encrypt<C: KeyInit + BlockCipherEncrypt>(key: &[u8], block: &[u8]) -> Option<Vec<u8>> {
    let mut block = block_of::<C>(block)?;
    C::new_from_slice(key).ok()?.encrypt_block(&mut block);
    Some(block.to_vec())
}

fn decrypt<C: KeyInit + aes::cipher::BlockCipherDecrypt>(key: &[u8], block: &[u8]) -> Option<Vec<u8>> {
    let mut block = block_of::<C>(block)?;
    C::new_from_slice(key).ok()?.decrypt_block(&mut block);
    Some(block.to_vec())
}

fn block_of<C: BlockSizeUser>(bytes: &[u8]) -> Option<Array<u8, C::BlockSize>> {
    Array::try_from(bytes).ok()
}

/// Why the card does not let itself be administered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManagementError {
    /// The key is not the card's.
    #[error("the management key is not this card's")]
    WrongKey,
    /// The card asks for an algorithm that nobody here knows.
    #[error("the card's management key is of an unknown algorithm")]
    UnknownAlgorithm,
    /// Whatever answers does not know the key that it asked for: no real card, or a broken one.
    #[error("the card did not prove the management key")]
    CardUnproven,
    /// No randomness.
    #[error("no random number could be made: {0}")]
    Random(#[from] getrandom::Error),
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl ManagementError {
    /// What the person who issues cards reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::WrongKey => "カードの管理鍵が違います。既に発行されたカードです。\
                発行し直すときは、先に消去（sekisho card wipe）してください。"
                .to_owned(),
            Self::UnknownAlgorithm => "このカードの管理鍵の方式を扱えません。\
                カードの型番を添えてシステム管理者に連絡してください。"
                .to_owned(),
            Self::CardUnproven => "カードが管理鍵を証明しませんでした。\
                このカードは使わず、別のカードに替えてください。"
                .to_owned(),
            Self::Random(_) => "乱数を得られません。システム管理者に連絡してください。".to_owned(),
            Self::Unreachable(why) => why.japanese(),
        }
    }
}

/// The card's challenge, encrypted: which algorithm it is of.
struct Witness {
    algorithm: Algorithm,
    encrypted: Vec<u8>,
}

/// Asks the card for a witness. A card gives one under its own algorithm only, so this reads the algorithm as well:
/// GET METADATA says it at once, where the card knows that command.
fn witness<T: Transport>(application: &mut Application<T>) -> Result<Witness, ManagementError> {
    let metadata = application.send(&Command::new(0xf7, 0x00, REFERENCE, []))?;
    let told = (metadata.status == Status::Ok)
        .then(|| tlv::find(0x01, &metadata.data).and_then(|value| Algorithm::of(*value.first()?)))
        .flatten();
    for algorithm in told.into_iter().chain(Algorithm::ALL) {
        let request = Command::authenticate(algorithm.identifier(), REFERENCE, &[(0x80, &[])]);
        let answer = application.send(&request)?;
        if answer.status != Status::Ok {
            continue;
        }
        let encrypted = tlv::find(0x7c, &answer.data).and_then(|template| tlv::find(0x80, template));
        if let Some(encrypted) = encrypted.filter(|block| block.len() == algorithm.block()) {
            return Ok(Witness { algorithm, encrypted: encrypted.to_vec() });
        }
    }
    Err(ManagementError::UnknownAlgorithm)
}

/// The algorithm of the card's management key.
pub(super) fn algorithm<T: Transport>(
    application: &mut Application<T>,
) -> Result<Algorithm, ManagementError> {
    witness(application).map(|witness| witness.algorithm)
}

/// Mutual authentication (SP 800-73 part 2, A.1): the card learns that we know the key, and we that the card does.
pub(super) fn authenticate<T: Transport>(
    application: &mut Application<T>,
    key: &ManagementKey,
) -> Result<Algorithm, ManagementError> {
    let Witness { algorithm, encrypted } = witness(application)?;
    let proof = key.decrypt(algorithm, &encrypted).ok_or(ManagementError::WrongKey)?;
    let mut challenge = vec![0; algorithm.block()];
    getrandom::fill(&mut challenge)?;
    // No empty 82 here: cards refuse the template with it.
    let answer = application.send(&Command::authenticate(
        algorithm.identifier(),
        REFERENCE,
        &[(0x80, &proof), (0x81, &challenge)],
    ))?;
    match answer.status {
        Status::Ok => {}
        // 6982, 6A80 and 63xx are all in use for a wrong proof.
        Status::NotAllowed | Status::Other(0x6a80) | Status::Wrong | Status::TriesLeft(_) => {
            return Err(ManagementError::WrongKey);
        }
        other => return Err(apdu::unexpected(other).into()),
    }
    let expected = key.encrypt(algorithm, &challenge).ok_or(ManagementError::WrongKey)?;
    let response = tlv::find(0x7c, &answer.data).and_then(|template| tlv::find(0x82, template));
    let proven = response.is_some_and(|response| response.ct_eq(&expected).into());
    if proven { Ok(algorithm) } else { Err(ManagementError::CardUnproven) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_those_of_the_standards() {
        // FIPS 197 appendix C, and for 3DES the single DES that three equal keys make (SP 800-17 A.1).
        let text: Vec<u8> = (0..16).map(|n| n * 0x11).collect();
        let aes = |algorithm: Algorithm| {
            let key = ManagementKey::new(&(0..algorithm.key_length() as u8).collect::<Vec<_>>());
            let block = key.encrypt(algorithm, &text).unwrap();
            assert_eq!(key.decrypt(algorithm, &block).unwrap(), text);
            hex::encode(block)
        };
        assert_eq!(aes(Algorithm::Aes128), "69c4e0d86a7b0430d8cdb78070b4c55a");
        assert_eq!(aes(Algorithm::Aes192), "dda97ca4864cdfe06eaf70a0ec0d7191");
        assert_eq!(aes(Algorithm::Aes256), "8ea2b7ca516745bfeafc49904b496089");
        let key = ManagementKey::new(&[1; 24]);
        let block = key.encrypt(Algorithm::TripleDes, &[0x80, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert_eq!(hex::encode(block), "95f8a5e5dd31d900");
    }

    #[test]
    fn a_key_of_another_length_fits_no_algorithm() {
        assert!(ManagementKey::new(&[1; 16]).decrypt(Algorithm::Aes256, &[0; 16]).is_none());
        assert!(ManagementKey::factory().decrypt(Algorithm::TripleDes, &[0; 7]).is_none());
    }

    #[test]
    fn it_is_never_printed() {
        assert_eq!(format!("{:?}", ManagementKey::factory()), "ManagementKey(…)");
    }
}
