//! The PUK: gives a blocked card its tries back. アクセス管理責任者 holds it, never the operator.

use std::fmt;
use zeroize::Zeroizing;

use crate::Unreachable;

/// Digits of a PUK: PIV gives it eight bytes, and none of them is padding.
const DIGITS: usize = 8;

/// A PUK, eight digits, wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Puk(Zeroizing<[u8; DIGITS]>);

/// Text that is no PUK. It is not sent to the card, so it costs no try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PUK has 8 digits")]
pub struct PukFault;

impl PukFault {
    /// What the access manager reads.
    pub fn japanese(&self) -> String {
        format!("PUK は{DIGITS}桁の数字です。")
    }
}

impl Puk {
    /// What a blank card comes with.
    pub fn factory() -> Self {
        Self(Zeroizing::new(*b"12345678"))
    }

    /// A PUK as it was typed.
    pub fn new(typed: &str) -> Result<Self, PukFault> {
        let digits: [u8; DIGITS] = typed.as_bytes().try_into().map_err(|_| PukFault)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(PukFault);
        }
        Ok(Self(Zeroizing::new(digits)))
    }

    /// A random PUK.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        Ok(Self(random_digits()?))
    }

    /// The digits, ASCII.
    pub fn digits(&self) -> &[u8; DIGITS] {
        &self.0
    }

    /// The digits as text: for the escrow and for the hands of the access manager.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.iter().copied().map(char::from).collect())
    }
}

impl fmt::Debug for Puk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Puk(…)")
    }
}

/// Eight random digits, each as likely as the others.
pub(super) fn random_digits() -> Result<Zeroizing<[u8; DIGITS]>, getrandom::Error> {
    let mut digits = Zeroizing::new([0; DIGITS]);
    for digit in digits.iter_mut() {
        let mut byte = [u8::MAX];
        // 250 is the largest multiple of ten in a byte.
        while byte[0] >= 250 {
            getrandom::fill(&mut byte)?;
        }
        *digit = b'0' + byte[0] % 10;
    }
    Ok(digits)
}

/// Why the PUK did not unblock the card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PukError {
    /// The PUK is wrong; so many tries are left, where the card tells.
    #[error("the PUK is wrong, {tries_left:?} tries left")]
    Wrong {
        /// At least 1.
        tries_left: Option<u8>,
    },
    /// Too many wrong PUKs: the card can only be wiped.
    #[error("the PUK is blocked")]
    Blocked,
    /// The card takes no such new PIN.
    #[error("the card does not take this new PIN")]
    NotTaken,
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl PukError {
    /// What the access manager reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Wrong { tries_left: Some(left) } => format!(
                "PUK が違います。あと{left}回間違えるとカードを消去して発行し直すしかなくなります。カードと控えの組を確かめてください。"
            ),
            Self::Wrong { tries_left: None } => {
                "PUK が違います。続けて間違えるとカードを消去して発行し直すしかなくなります。カードと控えの組を確かめてください。"
                    .to_owned()
            }
            Self::Blocked => {
                "PUK を続けて間違えたため、このカードの解除はできません。カードを消去し、発行し直してください。"
                    .to_owned()
            }
            Self::NotTaken => {
                "この暗証番号はカードに登録できません。別の数字にしてください。".to_owned()
            }
            Self::Unreachable(why) => why.japanese(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_puk_is_eight_digits_and_never_printed() {
        assert_eq!(&*Puk::new("01234567").unwrap().text(), "01234567");
        for wrong in ["", "1234567", "123456789", "1234567x", "１２３"] {
            assert_eq!(Puk::new(wrong), Err(PukFault), "{wrong}");
        }
        assert_eq!(format!("{:?}", Puk::factory()), "Puk(…)");
    }

    #[test]
    fn two_fresh_ones_differ() {
        let (a, b) = (Puk::fresh().unwrap(), Puk::fresh().unwrap());
        assert!(a != b && a.digits().iter().all(u8::is_ascii_digit));
    }
}
