//! The escrow (預託) of what opens a card beside its operator's PIN: PUK and management key of every card.
//!
//! A folder, its owner's alone. `escrow.json` is the escrow's public half; each card has a file sealed to it (HPKE,
//! RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305). Whoever enrols cards can put records in and read none.
//! Reading takes the passphrase that アクセス管理責任者 keeps: the private half is derived from it (Argon2id,
//! RFC 9106) and lies nowhere. A passphrase that is lost cannot be replaced; the cards still work, but a blocked one
//! has to be wiped and enrolled anew.
//!
//! That somebody opens a record, and why, is for the caller to have judged and recorded before.

use crate::files::{self, FileError};
use crate::limits::{MAX_CARD_FILE, MIN_PASSPHRASE};
use crate::piv::{ManagementKey, Puk, Secrets};
use crate::{CardId, CardNumber};
use argon2::{Argon2, Params};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use p256::elliptic_curve::subtle::ConstantTimeEq;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FORMAT: &str = "sekisho-escrow-v1";
const PUBLIC_FILE: &str = "escrow.json";
const SUFFIX: &str = ".sealed";
/// Says to HPKE what is sealed.
const INFO: &[u8] = b"sekisho-card-escrow-v1";

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;

/// Why the escrow did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EscrowError {
    /// A file of the escrow.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is no escrow's, or was changed.
    #[error("`{}` is no record of this escrow", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase is not the one that the escrow was made with.
    #[error("the passphrase is not this escrow's")]
    WrongPassphrase,
    /// A passphrase that is guessed too easily.
    #[error("a passphrase has at least {MIN_PASSPHRASE} characters")]
    ShortPassphrase,
    /// No record of this card is there.
    #[error("the escrow has no record of the card {number} ({id})")]
    Unknown {
        /// The card's number.
        number: CardNumber,
        /// The card's identity.
        id: CardId,
    },
    /// No randomness, or not enough memory.
    #[error("nothing could be sealed: {0}")]
    Sealing(String),
}

impl EscrowError {
    /// What アクセス管理責任者 reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::File(error) => error.japanese(),
            Self::Damaged { path } => {
                format!("預託の記録 {} を読めません。控えから戻してください。", path.display())
            }
            Self::WrongPassphrase => {
                "預託の合言葉が違います。保管している封筒の合言葉を確かめてください。".to_owned()
            }
            Self::ShortPassphrase => format!("預託の合言葉は{MIN_PASSPHRASE}文字以上にしてください。"),
            Self::Unknown { number, id } => format!(
                "カード {number}（識別子 {id}）の PUK は預託されていません。カードを消去し、発行し直してください。"
            ),
            Self::Sealing(_) => "預託の記録を作れません。システム管理者に連絡してください。".to_owned(),
        }
    }

    fn sealing(error: impl fmt::Display) -> Self {
        Self::Sealing(error.to_string())
    }
}

/// `escrow.json`, as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Public {
    format: String,
    /// Of Argon2id, hex, with what it costs: KiB, passes, lanes.
    salt: String,
    memory: u32,
    passes: u32,
    lanes: u32,
    /// X25519, hex.
    public_key: String,
}

/// A record, as it is sealed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Sealed {
    puk: String,
    management_key: String,
}

/// The escrow in a folder.
pub struct Escrow {
    folder: PathBuf,
    salt: [u8; 16],
    params: Params,
    public: PublicKey,
}

impl Escrow {
    /// Makes an escrow in `folder` that `passphrase` opens. One that is there already is never overwritten.
    pub fn create(folder: &Path, passphrase: &str) -> Result<Self, EscrowError> {
        if passphrase.chars().count() < MIN_PASSPHRASE {
            return Err(EscrowError::ShortPassphrase);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(EscrowError::sealing)?;
        let params = Params::new(64 * 1024, 3, 1, Some(32)).map_err(EscrowError::sealing)?;
        let (_, public) = keys(passphrase, &salt, &params)?;
        let text = serde_json::to_vec_pretty(&Public {
            format: FORMAT.to_owned(),
            salt: hex::encode(salt),
            memory: params.m_cost(),
            passes: params.t_cost(),
            lanes: params.p_cost(),
            public_key: hex::encode(public.to_bytes()),
        })
        .expect("strings and numbers always serialise");
        files::private_folder(folder)?;
        files::write_new_private(&folder.join(PUBLIC_FILE), &text)?;
        Ok(Self { folder: folder.to_owned(), salt, params, public })
    }

    /// Opens the folder of an escrow: to put records in.
    pub fn open(folder: &Path) -> Result<Self, EscrowError> {
        let path = folder.join(PUBLIC_FILE);
        let text = files::read_private(&path, MAX_CARD_FILE)?;
        Self::read(folder, &text).ok_or(EscrowError::Damaged { path })
    }

    fn read(folder: &Path, text: &[u8]) -> Option<Self> {
        let public: Public = serde_json::from_slice(text).ok().filter(|it: &Public| it.format == FORMAT)?;
        let mut salt = [0; 16];
        hex::decode_to_slice(&public.salt, &mut salt).ok()?;
        let params = Params::new(public.memory, public.passes, public.lanes, Some(32)).ok()?;
        let key = PublicKey::from_bytes(&hex::decode(&public.public_key).ok()?).ok()?;
        Some(Self { folder: folder.to_owned(), salt, params, public: key })
    }

    /// Whether `folder` holds an escrow.
    pub fn exists(folder: &Path) -> bool {
        folder.join(PUBLIC_FILE).exists()
    }

    /// Puts the secrets of a card in. Durable when this returns; the record of an earlier enrolment of the same
    /// number stays beside it.
    pub fn keep(&self, number: &CardNumber, id: CardId, secrets: &Secrets) -> Result<(), EscrowError> {
        let record = Sealed {
            puk: secrets.puk.text().to_string(),
            management_key: hex::encode(secrets.management_key.bytes()),
        };
        let text = Zeroizing::new(serde_json::to_vec(&record).expect("strings always serialise"));
        let (capsule, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &self.public,
            INFO,
            &text,
            &label(number, id),
        )
        .map_err(EscrowError::sealing)?;
        let bytes = [capsule.to_bytes().as_slice(), &sealed].concat();
        Ok(files::write_new_private(&self.path(number, id), &bytes)?)
    }

    /// Takes the secrets of a card out.
    pub fn take(&self, number: &CardNumber, id: CardId, passphrase: &str) -> Result<Secrets, EscrowError> {
        let path = self.path(number, id);
        if !path.exists() {
            return Err(EscrowError::Unknown { number: number.clone(), id });
        }
        let bytes = files::read_private(&path, MAX_CARD_FILE)?;
        let (private, public) = keys(passphrase, &self.salt, &self.params)?;
        let right: bool = public.to_bytes().ct_eq(&self.public.to_bytes()).into();
        if !right {
            return Err(EscrowError::WrongPassphrase);
        }
        unseal(&private, &bytes, &label(number, id)).ok_or(EscrowError::Damaged { path })
    }

    /// The numbers and identities of the cards whose secrets are here, in order.
    pub fn cards(&self) -> Result<Vec<(CardNumber, CardId)>, EscrowError> {
        let io = |source| FileError::io(&self.folder, source);
        let mut cards = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            cards.extend(name.to_str().and_then(card_of));
        }
        cards.sort();
        Ok(cards)
    }

    fn path(&self, number: &CardNumber, id: CardId) -> PathBuf {
        self.folder.join(format!("{number}.{id}{SUFFIX}"))
    }
}

/// The card whose record has this name.
fn card_of(file_name: &str) -> Option<(CardNumber, CardId)> {
    let (number, id) = file_name.strip_suffix(SUFFIX)?.split_once('.')?;
    Some((number.parse().ok()?, id.parse().ok()?))
}

/// Sealed along, so that no record can be put in the place of another.
fn label(number: &CardNumber, id: CardId) -> Vec<u8> {
    format!("{number}.{id}").into_bytes()
}

/// The escrow's keys, from the passphrase.
fn keys(passphrase: &str, salt: &[u8; 16], params: &Params) -> Result<(PrivateKey, PublicKey), EscrowError> {
    let mut seed = Zeroizing::new([0; 32]);
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params.clone())
        .hash_password_into(passphrase.as_bytes(), salt, seed.as_mut_slice())
        .map_err(EscrowError::sealing)?;
    Ok(X25519HkdfSha256::derive_keypair(seed.as_slice()))
}

fn unseal(private: &PrivateKey, bytes: &[u8], label: &[u8]) -> Option<Secrets> {
    type Capsule = <X25519HkdfSha256 as Kem>::EncappedKey;
    let (capsule, sealed) = bytes.split_at_checked(Capsule::size())?;
    let capsule = Capsule::from_bytes(capsule).ok()?;
    let text = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        private,
        &capsule,
        INFO,
        sealed,
        label,
    );
    let record: Sealed = serde_json::from_slice(&Zeroizing::new(text.ok()?)).ok()?;
    let key = Zeroizing::new(hex::decode(&record.management_key).ok()?);
    Some(Secrets { puk: Puk::new(&record.puk).ok()?, management_key: ManagementKey::new(&key) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piv::Algorithm;

    const PASSPHRASE: &str = "ひみつの合言葉は封筒の中にある";

    fn secrets() -> Secrets {
        Secrets {
            puk: Puk::fresh().unwrap(),
            management_key: ManagementKey::fresh(Algorithm::Aes256).unwrap(),
        }
    }

    fn number() -> CardNumber {
        "C-0017".parse().unwrap()
    }

    #[test]
    fn what_was_kept_is_taken_out_with_the_passphrase_only() {
        let folder = tempfile::tempdir().unwrap();
        let (id, kept) = (CardId::fresh().unwrap(), secrets());
        Escrow::create(folder.path(), PASSPHRASE).unwrap().keep(&number(), id, &kept).unwrap();

        let escrow = Escrow::open(folder.path()).unwrap();
        assert_eq!(escrow.cards().unwrap(), [(number(), id)]);
        let taken = escrow.take(&number(), id, PASSPHRASE).unwrap();
        assert_eq!(taken.puk, kept.puk);
        assert_eq!(taken.management_key.bytes(), kept.management_key.bytes());
        let wrong = escrow.take(&number(), id, "ひみつの合言葉は封筒の外にある");
        assert!(matches!(wrong, Err(EscrowError::WrongPassphrase)), "{wrong:?}");
        let other = escrow.take(&number(), CardId::fresh().unwrap(), PASSPHRASE);
        assert!(matches!(other, Err(EscrowError::Unknown { .. })), "{other:?}");
    }

    #[test]
    fn no_record_passes_for_another_and_none_can_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let escrow = Escrow::create(folder.path(), PASSPHRASE).unwrap();
        let (a, b) = (CardId::fresh().unwrap(), CardId::fresh().unwrap());
        escrow.keep(&number(), a, &secrets()).unwrap();
        let bytes = std::fs::read(escrow.path(&number(), a)).unwrap();
        files::write_new_private(&escrow.path(&number(), b), &bytes).unwrap();
        let moved = escrow.take(&number(), b, PASSPHRASE);
        assert!(matches!(moved, Err(EscrowError::Damaged { .. })), "{moved:?}");

        let c = CardId::fresh().unwrap();
        let mut changed = bytes;
        *changed.last_mut().unwrap() ^= 1;
        files::write_new_private(&escrow.path(&number(), c), &changed).unwrap();
        assert!(matches!(escrow.take(&number(), c, PASSPHRASE), Err(EscrowError::Damaged { .. })));
    }

    #[test]
    fn neither_the_puk_nor_the_key_lies_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (id, kept) = (CardId::fresh().unwrap(), secrets());
        Escrow::create(folder.path(), PASSPHRASE).unwrap().keep(&number(), id, &kept).unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(8).any(|part| part == kept.puk.digits()));
            assert!(!bytes.windows(32).any(|part| part == kept.management_key.bytes()));
        }
    }

    #[test]
    fn it_is_its_owners_alone_and_never_made_twice() {
        let folder = tempfile::tempdir().unwrap();
        let short = Escrow::create(folder.path(), "short");
        assert!(matches!(short, Err(EscrowError::ShortPassphrase)));
        Escrow::create(folder.path(), PASSPHRASE).unwrap();
        assert!(Escrow::create(folder.path(), PASSPHRASE).is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = folder.path().join(PUBLIC_FILE);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
            let shared = Escrow::open(folder.path());
            assert!(matches!(shared, Err(EscrowError::File(FileError::Shared { .. }))));
        }
    }
}
