//! A card made of files, for demonstrations and tests. It is no protection: whoever copies the files has the card.
//!
//! `NUMBER.softcard.json` holds key, certificate and PIN hash and is never written again; `NUMBER.tries` holds one
//! digit, the PIN tries left. One digit is written in place and cannot be torn, and it is written *before* a PIN is
//! compared, so that a process killed in between has used its try.

use crate::files::{self, FileError};
use crate::limits::{MAX_CARD_FILE, PIN_TRIES};
use crate::{
    AuthorityError, Card, CardId, CardKind, CardNumber, Challenge, Pin, PinError, Presence, SignError, Slot,
    Unreachable,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::elliptic_curve::subtle::ConstantTimeEq;
use p256::pkcs8::EncodePublicKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FORMAT: &str = "sekisho-software-card-v1";
const NOTICE: &str = "演習用のソフトウェアカードです。本物のカードの代わりにはなりません。A software card for demonstrations; it protects nothing.";

/// Rounds of SHA-256 over the PIN. Six digits fall to any number of rounds; these only keep the PIN out of sight.
const PIN_ROUNDS: u32 = 4096;

/// Why a software card could not be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SoftCardError {
    /// A file of the card.
    #[error(transparent)]
    File(#[from] FileError),
    /// The card's file is not one, or is damaged.
    #[error("`{}` is no software card: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The authority did not issue the certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The system's random number generator failed.
    #[error("no key could be made: {0}")]
    Random(#[from] getrandom::Error),
}

impl SoftCardError {
    /// What the person who runs the demonstration reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::File(error) => error.japanese(),
            Self::Damaged { path, .. } => format!("{} は演習用カードとして読めません。", path.display()),
            Self::Authority(error) => error.japanese(),
            Self::Random(_) => "乱数を得られず、鍵を作れませんでした。".to_owned(),
        }
    }
}

/// The card's file, as it is written.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Stored {
    notice: String,
    format: String,
    number: String,
    kind: String,
    certificate: String,
    key: String,
    /// Cards made before there was a second key have none.
    #[serde(default)]
    presence_certificate: Option<String>,
    #[serde(default)]
    presence_key: Option<String>,
    pin_salt: String,
    pin_hash: String,
}

/// A key and its certificate, DER.
struct Keyed {
    key: SigningKey,
    certificate: Vec<u8>,
}

impl Keyed {
    fn make(
        slot: Slot,
        certify: impl Fn(Slot, Vec<u8>) -> Result<Vec<u8>, AuthorityError>,
    ) -> Result<Self, SoftCardError> {
        let key = SigningKey::try_generate()?;
        let public = key.verifying_key().to_public_key_der().map_err(|_| AuthorityError::PublicKey)?;
        Ok(Self { certificate: certify(slot, public.as_bytes().to_vec())?, key })
    }

    /// The certificate and the key, as they are written.
    fn written(&self) -> (String, String) {
        let secret = Zeroizing::new(<[u8; 32]>::from(self.key.to_bytes()));
        (BASE64.encode(&self.certificate), BASE64.encode(*secret))
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, SignError> {
        let signature: Signature =
            self.key.sign_prehash(digest).map_err(|error| Unreachable::Faulty(error.to_string()))?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

/// A software card in the reader. Dropping it is pulling it out.
pub struct SoftCard {
    number: CardNumber,
    kind: CardKind,
    sign_in: Keyed,
    presence: Option<Keyed>,
    pin_salt: [u8; 16],
    pin_hash: [u8; 32],
    tries: PathBuf,
    open: bool,
}

impl fmt::Debug for SoftCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftCard").field("number", &self.number).finish_non_exhaustive()
    }
}

impl SoftCard {
    /// Makes the card's files in `folder`; `certify` is given each public key (DER) and gives its certificate.
    pub(crate) fn make(
        folder: &Path,
        number: CardNumber,
        kind: CardKind,
        pin: &Pin,
        certify: impl Fn(Slot, Vec<u8>) -> Result<Vec<u8>, AuthorityError>,
    ) -> Result<Self, SoftCardError> {
        let sign_in = Keyed::make(Slot::SignIn, &certify)?;
        let presence = Keyed::make(Slot::Presence, &certify)?;
        let mut pin_salt = [0; 16];
        getrandom::fill(&mut pin_salt)?;
        let pin_hash = hash_pin(&pin_salt, pin);
        let (certificate, key) = sign_in.written();
        let (presence_certificate, presence_key) = presence.written();
        let stored = Stored {
            notice: NOTICE.to_owned(),
            format: FORMAT.to_owned(),
            number: number.to_string(),
            kind: kind.to_string(),
            certificate,
            key,
            presence_certificate: Some(presence_certificate),
            presence_key: Some(presence_key),
            pin_salt: BASE64.encode(pin_salt),
            pin_hash: BASE64.encode(pin_hash),
        };
        let text = serde_json::to_vec_pretty(&stored).expect("strings always serialise");
        let tries = tries_path(folder, &number);
        files::write_new_private(&card_path(folder, &number), &Zeroizing::new(text))?;
        files::write_new_private(&tries, &[b'0' + PIN_TRIES])?;
        let presence = Some(presence);
        Ok(Self { number, kind, sign_in, presence, pin_salt, pin_hash, tries, open: false })
    }

    pub(crate) fn read(folder: &Path, number: &CardNumber) -> Result<Self, SoftCardError> {
        let path = card_path(folder, number);
        let damaged =
            |why: &dyn fmt::Display| SoftCardError::Damaged { path: path.clone(), why: why.to_string() };
        let text = Zeroizing::new(files::read_private(&path, MAX_CARD_FILE)?);
        let stored: Stored = serde_json::from_slice(&text).map_err(|error| damaged(&error))?;
        if stored.format != FORMAT || stored.number != number.as_str() {
            return Err(damaged(&"other format or number"));
        }
        let bytes = |text: &str| BASE64.decode(text).map(Zeroizing::new).map_err(|error| damaged(&error));
        let keyed = |certificate: &str, key: &str| {
            let key = SigningKey::from_slice(&bytes(key)?).map_err(|error| damaged(&error))?;
            Ok::<_, SoftCardError>(Keyed { key, certificate: bytes(certificate)?.to_vec() })
        };
        let presence = stored.presence_certificate.as_ref().zip(stored.presence_key.as_ref());
        let salt = bytes(&stored.pin_salt)?;
        let hash = bytes(&stored.pin_hash)?;
        Ok(Self {
            number: number.clone(),
            kind: stored.kind.parse().map_err(|error| damaged(&error))?,
            sign_in: keyed(&stored.certificate, &stored.key)?,
            presence: presence.map(|(certificate, key)| keyed(certificate, key)).transpose()?,
            pin_salt: salt.as_slice().try_into().map_err(|error| damaged(&error))?,
            pin_hash: hash.as_slice().try_into().map_err(|error| damaged(&error))?,
            tries: tries_path(folder, number),
            open: false,
        })
    }

    /// The card's number.
    pub fn number(&self) -> &CardNumber {
        &self.number
    }

    /// The card's type when it was made.
    pub fn kind(&self) -> &CardKind {
        &self.kind
    }

    /// PIN tries that are left. A card whose state cannot be read has none.
    pub fn tries_left(&self) -> u8 {
        File::open(&self.tries).and_then(|mut file| read_tries(&mut file)).unwrap_or(0)
    }

    /// Gives all tries back: what the PUK of a real card does, in the hands of the アクセス管理責任者.
    pub fn unblock(&mut self) -> Result<(), SoftCardError> {
        let mut file = self.lock_tries().map_err(|source| FileError::io(&self.tries, source))?;
        write_tries(&mut file, PIN_TRIES).map_err(|source| FileError::io(&self.tries, source))?;
        self.open = false;
        Ok(())
    }

    /// Held until dropped, so that two readers of one card do not share out one try.
    fn lock_tries(&self) -> io::Result<File> {
        let file = OpenOptions::new().read(true).write(true).open(&self.tries)?;
        file.lock()?;
        Ok(file)
    }
}

impl Card for SoftCard {
    fn certificate(&self) -> &[u8] {
        &self.sign_in.certificate
    }

    fn presence_certificate(&self) -> Option<&[u8]> {
        Some(&self.presence.as_ref()?.certificate)
    }

    /// A software card has no identity beside its certificate's.
    fn id(&self) -> CardId {
        CardId::of_certificate(&self.sign_in.certificate)
    }

    fn tries_left(&mut self) -> Result<Option<u8>, Unreachable> {
        Ok((!self.open).then(|| SoftCard::tries_left(self)))
    }

    fn verify_pin(&mut self, pin: &Pin) -> Result<(), PinError> {
        self.open = false;
        let unreachable = |error: io::Error| Unreachable::Faulty(error.to_string());
        let mut file = self.lock_tries().map_err(unreachable)?;
        let Some(left) = read_tries(&mut file).unwrap_or(0).checked_sub(1) else {
            return Err(PinError::Blocked);
        };
        write_tries(&mut file, left).map_err(unreachable)?;
        let right: bool = hash_pin(&self.pin_salt, pin).ct_eq(&self.pin_hash).into();
        if !right {
            return Err(if left == 0 { PinError::Blocked } else { PinError::Wrong { tries_left: left } });
        }
        write_tries(&mut file, PIN_TRIES).map_err(unreachable)?;
        self.open = true;
        Ok(())
    }

    fn sign(&mut self, challenge: &Challenge) -> Result<Vec<u8>, SignError> {
        if !self.open {
            return Err(SignError::PinNeeded);
        }
        self.sign_in.sign(&challenge.digest())
    }

    fn prove_presence(&mut self, presence: &Presence) -> Result<Vec<u8>, SignError> {
        self.presence.as_ref().ok_or(SignError::NoPresenceKey)?.sign(&presence.digest())
    }
}

const CARD_SUFFIX: &str = ".softcard.json";

fn card_path(folder: &Path, number: &CardNumber) -> PathBuf {
    folder.join(format!("{number}{CARD_SUFFIX}"))
}

fn tries_path(folder: &Path, number: &CardNumber) -> PathBuf {
    folder.join(format!("{number}.tries"))
}

/// The number of the card whose file has this name.
pub(crate) fn number_of(file_name: &str) -> Option<CardNumber> {
    file_name.strip_suffix(CARD_SUFFIX)?.parse().ok()
}

fn hash_pin(salt: &[u8; 16], pin: &Pin) -> [u8; 32] {
    let mut hash: [u8; 32] = Sha256::new()
        .chain_update(b"sekisho-software-card-pin\0")
        .chain_update(salt)
        .chain_update(pin.digits())
        .finalize()
        .into();
    for _ in 0..PIN_ROUNDS {
        hash = Sha256::digest(hash).into();
    }
    hash
}

fn read_tries(file: &mut File) -> io::Result<u8> {
    let mut digit = [0; 2];
    file.seek(SeekFrom::Start(0))?;
    let length = file.take(2).read(&mut digit)?;
    match digit {
        [digit, _] if length == 1 && (b'0'..=b'0' + PIN_TRIES).contains(&digit) => Ok(digit - b'0'),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "no digit of tries")),
    }
}

fn write_tries(file: &mut File, tries: u8) -> io::Result<()> {
    debug_assert!(tries <= PIN_TRIES);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&[b'0' + tries])?;
    file.set_len(1)?;
    file.sync_data()
}
