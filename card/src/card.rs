//! What every card can do, whatever it is made of.

use crate::{Challenge, Pin, Presence};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// A card in a reader: a PIV card over PC/SC, a card behind PKCS#11, or [`crate::SoftCard`].
///
/// A driver is given the *structure* that is to be signed and hashes it itself, so that it never signs a digest
/// handed to it by somebody else.
pub trait Card: Send {
    /// The certificate of slot 9A, DER.
    fn certificate(&self) -> &[u8];

    /// The certificate of slot 9E, DER. A card without that key proves no presence.
    fn presence_certificate(&self) -> Option<&[u8]>;

    /// Which card this is. It is not secret and proves nothing: another card in the reader has another.
    fn id(&self) -> CardId;

    /// PIN tries that are left, without using one. Nothing where the card does not tell, as while slot 9A is open.
    fn tries_left(&mut self) -> Result<Option<u8>, Unreachable>;

    /// Opens slot 9A until the card leaves the reader.
    fn verify_pin(&mut self, pin: &Pin) -> Result<(), PinError>;

    /// Whether the reader has keys of its own for the PIN, so that it need not pass through this computer.
    fn has_pin_pad(&self) -> bool {
        false
    }

    /// As [`Card::verify_pin`], with the PIN typed on the reader's own keys. Waits for the operator.
    fn verify_pin_on_pad(&mut self) -> Result<(), PinError> {
        Err(PinError::NoPinPad)
    }

    /// Signs `challenge` with slot 9A: ECDSA over P-256 and [`Challenge::digest`], as a DER `ECDSA-Sig-Value`.
    fn sign(&mut self, challenge: &Challenge) -> Result<Vec<u8>, SignError>;

    /// Signs `presence` with slot 9E, which needs no PIN: the same signature over [`Presence::digest`].
    fn prove_presence(&mut self, presence: &Presence) -> Result<Vec<u8>, SignError>;
}

/// One of a card's keys, by the PIV slot that holds it (SP 800-73).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// 9A, PIV Authentication: opened by the PIN, signs in.
    SignIn,
    /// 9E, Card Authentication: never shut, proves that the card is there.
    Presence,
}

/// Identity of a card: the GUID in its CHUID (SP 800-73 part 1, 3.1.2). Written as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardId([u8; 16]);

impl CardId {
    /// The identity with these bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A new identity: a random UUID (RFC 9562, version 4).
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Ok(Self(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// For cards that have none of their own: the first bytes of SHA-256 over the certificate.
    pub(crate) fn of_certificate(der: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(der).into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(bytes)
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex::encode(self.0);
        let [a, b, c, d, e] = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        write!(f, "{a}-{b}-{c}-{d}-{e}")
    }
}

impl fmt::Debug for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardId({self})")
    }
}

impl FromStr for CardId {
    type Err = NoCardId;

    fn from_str(text: &str) -> Result<Self, NoCardId> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.replace('-', ""), &mut bytes).map_err(|_| NoCardId)?;
        let id = Self(bytes);
        if id.to_string() == text { Ok(id) } else { Err(NoCardId) }
    }
}

/// Text that is no card's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a card's identity is a UUID in lower case")]
pub struct NoCardId;

/// Why a card did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreachable {
    /// There is no card in the reader, or it was pulled out, or it lost its power meanwhile.
    #[error("the card was removed")]
    Removed,
    /// The reader was unplugged.
    #[error("the reader is gone")]
    ReaderGone,
    /// The computer's card service (PC/SC) does not run.
    #[error("the card service does not run")]
    ServiceGone,
    /// Another program holds the card.
    #[error("another program uses the card")]
    Busy,
    /// The card has no PIV application.
    #[error("the card has no PIV application")]
    Foreign,
    /// The card has no certificate or no identity: nobody made an operator's card of it.
    #[error("the card was not enrolled")]
    Blank,
    /// What the card or the reader said makes no sense.
    #[error("the card or its reader does not work: {0}")]
    Faulty(String),
}

impl Unreachable {
    /// What the operator reads, and what to do.
    pub fn japanese(&self) -> String {
        match self {
            Self::Removed => "カードが抜かれました。カードを差し直して、もう一度始めてください。",
            Self::ReaderGone => {
                "カードリーダーが外れました。リーダーを接続し直してから、カードを差してください。"
            }
            Self::ServiceGone => {
                "この端末のカードサービス（PC/SC）が動いていません。システム管理者に起動を依頼してください。"
            }
            Self::Busy => {
                "ほかのプログラムがカードを使っています。そのプログラムを閉じてから、カードを差し直してください。"
            }
            Self::Foreign => {
                "このカードは操作者用カード（PIV）ではありません。交付された操作者用カードを差してください。"
            }
            Self::Blank => {
                "このカードには証明書がありません。交付前のカードです。アクセス管理責任者に発行を依頼してください。"
            }
            Self::Faulty(_) => {
                "カードを読めません。カードを差し直し、それでも読めなければアクセス管理責任者に連絡してください。"
            }
        }
        .to_owned()
    }
}

/// Why a card did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    /// The PIN is wrong; so many tries are left before the card is blocked.
    #[error("the PIN is wrong, {tries_left} tries left")]
    Wrong {
        /// At least 1.
        tries_left: u8,
    },
    /// The PIN is wrong; how many tries are left, the card's module does not say.
    #[error("the PIN is wrong")]
    WrongUncounted,
    /// Too many wrong PINs: the card stays shut, even for the right one.
    #[error("the card is blocked")]
    Blocked,
    /// The operator typed nothing on the reader's keys, or pressed cancel. No try was used.
    #[error("no PIN was typed on the reader")]
    Cancelled,
    /// The reader has no keys for a PIN.
    #[error("the reader has no PIN pad")]
    NoPinPad,
    /// The card takes no such new PIN.
    #[error("the card does not take this new PIN")]
    NotTaken,
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl PinError {
    /// What the operator reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Wrong { tries_left } => {
                format!("暗証番号が違います。あと{tries_left}回間違えるとカードが使えなくなります。")
            }
            Self::WrongUncounted => "暗証番号が違います。続けて間違えるとカードが使えなくなります。\
                確かめてから入力してください。"
                .to_owned(),
            Self::Blocked => "暗証番号を続けて間違えたため、このカードは使えません。\
                アクセス管理責任者に解除を申し出てください。"
                .to_owned(),
            Self::Cancelled => {
                "リーダーで暗証番号が入力されませんでした。もう一度、リーダーの数字キーで入力してください。"
                    .to_owned()
            }
            Self::NoPinPad => {
                "このリーダーには数字キーがありません。暗証番号は画面で入力してください。".to_owned()
            }
            Self::NotTaken => "この暗証番号はカードに登録できません。別の数字にしてください。".to_owned(),
            Self::Unreachable(why) => why.japanese(),
        }
    }
}

/// Why a card did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// Slot 9A is shut until the PIN was verified.
    #[error("the PIN has not been verified")]
    PinNeeded,
    /// The card has no key in slot 9E.
    #[error("the card has no key to prove its presence")]
    NoPresenceKey,
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl SignError {
    /// What the operator reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::PinNeeded => "先にカードの暗証番号を入力してください。".to_owned(),
            Self::NoPresenceKey => "このカードには、差してあることを確かめる鍵がありません。\
                アクセス管理責任者に発行のやり直しを依頼してください。"
                .to_owned(),
            Self::Unreachable(why) => why.japanese(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_written_as_a_uuid_and_in_one_way_only() {
        let id = CardId::fresh().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(&id.to_string()[14..15], "4");
        let plain = id.to_string().replace('-', "");
        for wrong in [plain, id.to_string().to_uppercase() + "A", String::new()] {
            assert_eq!(wrong.parse::<CardId>(), Err(NoCardId), "{wrong}");
        }
    }
}
