//! The PIV Card Application as anybody finds it: what may be asked of it without, and with, its secrets.

use super::Transport;
use super::apdu::{self, Answer, Command, Status};
use super::management::{self, Algorithm, ManagementError, ManagementKey};
use super::object;
use super::pad;
use super::puk::{self, Puk, PukError};
use crate::limits::{MAX_PIN, WIPE_TRIES};
use crate::{CardId, Pin, PinError, SignError, Slot, Unreachable, tlv};
use jiff::civil::Date;
use p256::pkcs8::EncodePublicKey;
use zeroize::Zeroizing;

/// Application identifier, with its version (SP 800-73 part 1, 2.2).
const AID: [u8; 11] = [0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00];
/// Key references of the PIN and the PUK.
const PIN: u8 = 0x80;
const PUK: u8 = 0x81;
/// ECDSA over P-256 (SP 800-78, table 6-2).
const P256: u8 = 0x11;

/// The card's PIV application, selected.
pub struct Application<T> {
    transport: T,
}

impl<T: Transport> Application<T> {
    /// Selects the application of the card behind `transport`.
    pub fn select(transport: T) -> Result<Self, Unreachable> {
        let mut application = Self { transport };
        match application.send(&Command::select(&AID))?.status {
            Status::Ok => Ok(application),
            Status::NotFound | Status::Unknown => Err(Unreachable::Foreign),
            other => Err(apdu::unexpected(other)),
        }
    }

    pub(super) fn send(&mut self, command: &Command) -> Result<Answer, Unreachable> {
        apdu::send(&mut self.transport, command)
    }

    /// The object `tag`, where the card has it.
    fn object(&mut self, tag: u32) -> Result<Option<Vec<u8>>, Unreachable> {
        let answer = self.send(&Command::get_data(tag))?;
        match answer.status {
            Status::NotFound => Ok(None),
            _ => answer.ok().map(Some),
        }
    }

    /// The card's identity. A blank card has none.
    pub fn id(&mut self) -> Result<Option<CardId>, Unreachable> {
        Ok(self.object(object::CHUID)?.as_deref().and_then(object::read_chuid))
    }

    /// The certificate of a slot, DER. A blank card has none.
    pub fn certificate(&mut self, slot: Slot) -> Result<Option<Vec<u8>>, Unreachable> {
        let object = self.object(slot.certificate_object())?;
        Ok(object.as_deref().and_then(object::read_certificate).map(<[u8]>::to_vec))
    }

    /// PIN tries that are left, without using one. Nothing while the PIN is verified: the card says only that.
    pub fn tries_left(&mut self) -> Result<Option<u8>, Unreachable> {
        match self.send(&Command::new(0x20, 0x00, PIN, []))?.status {
            Status::Ok => Ok(None),
            Status::TriesLeft(left) => Ok(Some(left)),
            Status::Blocked => Ok(Some(0)),
            other => Err(apdu::unexpected(other)),
        }
    }

    /// Verifies the PIN: slot 9A is open until the card loses its power.
    pub fn verify_pin(&mut self, pin: &Pin) -> Result<(), PinError> {
        let answer = self.send(&Command::new(0x20, 0x00, PIN, *padded(pin)))?;
        self.pin_verdict(answer.status)
    }

    /// Whether the reader has keys for a PIN.
    pub fn has_pin_pad(&self) -> bool {
        self.transport.has_pin_pad()
    }

    /// Lets the reader ask for the PIN.
    pub fn verify_pin_on_pad(&mut self) -> Result<(), PinError> {
        if !self.transport.has_pin_pad() {
            return Err(PinError::NoPinPad);
        }
        let answer = self.transport.verify_on_pad(&pad::verify_structure(PIN))?;
        let (_, status, _) = apdu::read(&answer)?;
        self.pin_verdict(status)
    }

    /// Shuts slot 9A again (SP 800-73 part 2, 3.2.1: VERIFY with P1 FF).
    pub fn forget_pin(&mut self) -> Result<(), Unreachable> {
        self.send(&Command::new(0x20, 0xff, PIN, []))?.ok().map(drop)
    }

    /// Changes the PIN, which the operator does. The old one costs a try where it is wrong.
    pub fn change_pin(&mut self, old: &Pin, new: &Pin) -> Result<(), PinError> {
        let both = Zeroizing::new([*padded(old), *padded(new)].concat());
        let answer = self.send(&Command::new(0x24, 0x00, PIN, &both))?;
        self.pin_verdict(answer.status)
    }

    fn pin_verdict(&mut self, status: Status) -> Result<(), PinError> {
        match status {
            Status::Ok => Ok(()),
            Status::TriesLeft(0) | Status::Blocked => Err(PinError::Blocked),
            Status::TriesLeft(tries_left) => Err(PinError::Wrong { tries_left }),
            // Some cards do not say how many are left with the verdict.
            Status::Wrong => match self.tries_left()? {
                Some(tries_left @ 1..) => Err(PinError::Wrong { tries_left }),
                _ => Err(PinError::Blocked),
            },
            Status::Cancelled => Err(PinError::Cancelled),
            Status::Other(0x6a80) => Err(PinError::NotTaken),
            other => Err(apdu::unexpected(other).into()),
        }
    }

    /// Gives the card all its tries and a new PIN, which the access manager's PUK allows.
    pub fn unblock(&mut self, puk: &Puk, new: &Pin) -> Result<(), PukError> {
        let both = Zeroizing::new([*puk.digits(), *padded(new)].concat());
        let answer = self.send(&Command::new(0x2c, 0x00, PIN, &both))?;
        puk_verdict(answer.status)
    }

    /// Changes the PUK.
    pub fn change_puk(&mut self, old: &Puk, new: &Puk) -> Result<(), PukError> {
        let both = Zeroizing::new([*old.digits(), *new.digits()].concat());
        let answer = self.send(&Command::new(0x24, 0x00, PUK, &both))?;
        puk_verdict(answer.status)
    }

    /// Signs a digest with the key of a slot. Whoever calls it has made the digest of a structure of its own.
    pub(super) fn sign(&mut self, slot: Slot, digest: &[u8; 32]) -> Result<Vec<u8>, SignError> {
        let values: [(u32, &[u8]); 2] = [(0x82, &[]), (0x81, digest)];
        let answer = self.send(&Command::authenticate(P256, slot.reference(), &values))?;
        if answer.status == Status::NotAllowed {
            return Err(SignError::PinNeeded);
        }
        let data = answer.ok()?;
        let signature = tlv::find(0x7c, &data).and_then(|template| tlv::find(0x82, template));
        let none = || Unreachable::Faulty("the card gave no signature".to_owned());
        Ok(signature.ok_or_else(none)?.to_vec())
    }

    /// The algorithm of the card's management key.
    pub fn management_algorithm(&mut self) -> Result<Algorithm, ManagementError> {
        management::algorithm(self)
    }

    /// Proves the management key, and has the card prove it.
    pub fn administer(&mut self, key: &ManagementKey) -> Result<Administration<'_, T>, ManagementError> {
        let algorithm = management::authenticate(self, key)?;
        Ok(Administration { application: self, algorithm })
    }

    /// Makes the card blank again: keys, certificates, PIN, PUK and management key are as they came. The card only
    /// does so when PIN and PUK are both blocked, so they are blocked first. It needs no secret, and whoever holds
    /// the card can do it.
    pub fn wipe(&mut self) -> Result<(), WipeError> {
        self.use_up(0x20, PIN, |none| none.to_vec())?;
        self.use_up(0x2c, PIN, |none| [none, none].concat())?;
        match self.send(&Command::new(0xfb, 0x00, 0x00, []))?.status {
            Status::Ok => Ok(()),
            Status::Unknown => Err(WipeError::Unsupported),
            other => Err(apdu::unexpected(other).into()),
        }
    }

    /// Gives wrong secrets until the card takes none.
    fn use_up(
        &mut self,
        instruction: u8,
        reference: u8,
        data: fn(&[u8]) -> Vec<u8>,
    ) -> Result<(), WipeError> {
        for _ in 0..WIPE_TRIES {
            let guess = puk::random_digits()?;
            match self.send(&Command::new(instruction, 0x00, reference, data(guess.as_slice())))?.status {
                Status::Blocked | Status::TriesLeft(0) => return Ok(()),
                // A guess that was right is no harm: the card is wiped anyway.
                Status::Ok | Status::Wrong | Status::TriesLeft(_) => {}
                other => return Err(apdu::unexpected(other).into()),
            }
        }
        Err(WipeError::Unsupported)
    }
}

fn puk_verdict(status: Status) -> Result<(), PukError> {
    match status {
        Status::Ok => Ok(()),
        Status::TriesLeft(0) | Status::Blocked => Err(PukError::Blocked),
        Status::TriesLeft(left) => Err(PukError::Wrong { tries_left: Some(left) }),
        Status::Wrong => Err(PukError::Wrong { tries_left: None }),
        Status::Other(0x6a80) => Err(PukError::NotTaken),
        other => Err(apdu::unexpected(other).into()),
    }
}

/// A PIN as the card wants it: filled up with FF.
fn padded(pin: &Pin) -> Zeroizing<[u8; MAX_PIN]> {
    let mut padded = Zeroizing::new([0xff; MAX_PIN]);
    padded[..pin.digits().len()].copy_from_slice(pin.digits());
    padded
}

/// A card whose management key was proven, until it loses its power.
pub struct Administration<'a, T> {
    application: &'a mut Application<T>,
    algorithm: Algorithm,
}

impl<T: Transport> Administration<'_, T> {
    /// The algorithm of the card's management key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Has the card make a new key in `slot`; the one before is gone. Gives the public key as
    /// `SubjectPublicKeyInfo`, DER.
    pub fn make_key(&mut self, slot: Slot) -> Result<Vec<u8>, Unreachable> {
        let wanted = tlv::value(0xac, &tlv::value(0x80, &[P256]));
        let data = self.application.send(&Command::new(0x47, 0x00, slot.reference(), wanted))?.ok()?;
        let point = tlv::find(0x7f49, &data).and_then(|key| tlv::find(0x86, key)).unwrap_or_default();
        let odd = |_| Unreachable::Faulty("the card made no key of P-256".to_owned());
        let key = p256::PublicKey::from_sec1_bytes(point).map_err(odd)?;
        let der = key.to_public_key_der().map_err(|error| Unreachable::Faulty(error.to_string()))?;
        Ok(der.as_bytes().to_vec())
    }

    /// Writes the certificate of a slot, DER.
    pub fn write_certificate(&mut self, slot: Slot, der: &[u8]) -> Result<(), Unreachable> {
        self.write(slot.certificate_object(), &object::certificate(der))
    }

    /// Writes the card's identity and its last day.
    pub fn write_id(&mut self, id: &CardId, last_day: Date) -> Result<(), Unreachable> {
        self.write(object::CHUID, &object::chuid(id, last_day))
    }

    fn write(&mut self, tag: u32, content: &[u8]) -> Result<(), Unreachable> {
        self.application.send(&Command::put_data(tag, content))?.ok().map(drop)
    }

    /// Gives the card another management key, for `algorithm`.
    pub fn set_key(&mut self, algorithm: Algorithm, key: &ManagementKey) -> Result<(), ManagementError> {
        let length = u8::try_from(key.bytes().len()).map_err(|_| ManagementError::WrongKey)?;
        if usize::from(length) != algorithm.key_length() {
            return Err(ManagementError::WrongKey);
        }
        let head = [algorithm.identifier(), management::REFERENCE, length];
        let data = Zeroizing::new([head.as_slice(), key.bytes()].concat());
        self.application.send(&Command::new(0xff, 0xff, 0xff, &data))?.ok()?;
        self.algorithm = algorithm;
        Ok(())
    }
}

/// Why a card was not wiped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WipeError {
    /// The card has no such command.
    #[error("the card cannot be wiped")]
    Unsupported,
    /// No randomness.
    #[error("no random number could be made: {0}")]
    Random(#[from] getrandom::Error),
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl WipeError {
    /// What the person who issues cards reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Unsupported => "このカードは消去できません。製造元の手順で初期化するか、\
                廃棄の手続きをしてください。"
                .to_owned(),
            Self::Random(_) => "乱数を得られません。システム管理者に連絡してください。".to_owned(),
            Self::Unreachable(why) => {
                format!("{}消去は途中です。差し直したら、もう一度消去してください。", why.japanese())
            }
        }
    }
}
