//! The card's PIN (暗証番号): six to eight digits.

use crate::limits::{MAX_PIN, MIN_PIN};
use std::fmt;
use zeroize::Zeroizing;

/// A PIN as it was typed, wiped when dropped and never printed.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

/// Text that cannot be a PIN. It is not sent to the card, so it costs no try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a PIN has {MIN_PIN} to {MAX_PIN} digits")]
pub struct PinFault;

impl PinFault {
    /// What the operator reads.
    pub fn japanese(&self) -> String {
        format!("暗証番号は{MIN_PIN}桁から{MAX_PIN}桁の数字です。")
    }
}

impl Pin {
    /// Full-width digits, which a Japanese keyboard easily gives, count as digits.
    pub fn new(typed: &str) -> Result<Self, PinFault> {
        let mut digits = Zeroizing::new(String::with_capacity(MAX_PIN));
        for c in typed.chars() {
            let digit = match c {
                '0'..='9' => c,
                '０'..='９' => {
                    char::from(b'0' + u8::try_from(u32::from(c) - 0xFF10).map_err(|_| PinFault)?)
                }
                _ => return Err(PinFault),
            };
            if digits.len() == MAX_PIN {
                return Err(PinFault);
            }
            digits.push(digit);
        }
        if digits.len() < MIN_PIN {
            return Err(PinFault);
        }
        Ok(Self(digits))
    }

    /// The digits, ASCII.
    pub fn digits(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_to_eight_digits_in_either_width() {
        assert_eq!(Pin::new("012345").unwrap().digits(), b"012345");
        assert_eq!(Pin::new("０１２３４５６９").unwrap().digits(), b"01234569");
        for wrong in ["", "12345", "123456789", "12345a", "１２３４５一", "123 456"] {
            assert!(Pin::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn it_is_never_printed() {
        assert!(!format!("{:?}", Pin::new("654321").unwrap()).contains('6'));
    }
}
