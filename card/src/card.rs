//! What every card can do, whatever it is made of.

use crate::{Challenge, Pin};

/// A card in a reader: a PIV card over PC/SC, a card behind PKCS#11, or [`crate::SoftCard`].
///
/// A driver is given the challenge's *structure* and hashes it itself, so that it never signs a digest handed to
/// it by somebody else.
pub trait Card: Send {
    /// The certificate of slot 9A, DER.
    fn certificate(&self) -> &[u8];

    /// Opens slot 9A until the card leaves the reader.
    fn verify_pin(&mut self, pin: &Pin) -> Result<(), PinError>;

    /// Signs `challenge` with slot 9A: ECDSA over P-256 and [`Challenge::digest`], as a DER `ECDSA-Sig-Value`.
    fn sign(&mut self, challenge: &Challenge) -> Result<Vec<u8>, SignError>;
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
    /// Too many wrong PINs: the card stays shut, even for the right one.
    #[error("the card is blocked")]
    Blocked,
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(String),
}

impl PinError {
    /// What the operator reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Wrong { tries_left } => {
                format!("暗証番号が違います。あと{tries_left}回間違えるとカードが使えなくなります。")
            }
            Self::Blocked => "暗証番号を続けて間違えたため、このカードは使えません。\
                アクセス管理責任者に解除を申し出てください。"
                .to_owned(),
            Self::Unreachable(_) => UNREACHABLE.to_owned(),
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
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(String),
}

impl SignError {
    /// What the operator reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::PinNeeded => "先にカードの暗証番号を入力してください。".to_owned(),
            Self::Unreachable(_) => UNREACHABLE.to_owned(),
        }
    }
}

const UNREACHABLE: &str =
    "カードを読めません。カードを差し直し、それでも読めなければアクセス管理責任者に連絡してください。";
