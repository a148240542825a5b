//! 個人番号: twelve digits, the last of which checks the others (平成26年総務省令85号第5条).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::code::{digit_of, is_separator};
use super::limits;

const DIGITS: usize = 12;
/// From the lowest of the eleven digits before the check digit to the highest.
const WEIGHTS: [u64; DIGITS - 1] = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6];

/// A 個人番号 with its right check digit. It has no `Display`: [`whole`](Self::whole) is asked for by name, and `Debug` shows
/// none of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IndividualNumber(u64);

/// Why a text is no 個人番号.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// Not twelve digits, or something else among them.
    #[error("an individual number is 12 digits")]
    Form,
    /// The last digit is not the one that the others give.
    #[error("the check digit is wrong")]
    CheckDigit,
}

impl NumberFault {
    /// For the person who typed it.
    pub fn japanese(&self) -> String {
        match self {
            Self::Form => "個人番号は12桁の数字です".to_owned(),
            Self::CheckDigit => "個人番号の検査用数字が合いません。番号を確かめてください".to_owned(),
        }
    }
}

fn check_digit(body: u64) -> u64 {
    let mut rest = body;
    let mut sum = 0;
    for weight in WEIGHTS {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match sum % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    }
}

impl IndividualNumber {
    /// All twelve digits.
    pub fn whole(self) -> String {
        format!("{:0DIGITS$}", self.0)
    }

    /// Its last four digits: `********1234`.
    pub fn masked(self) -> String {
        let tail = self.0 % 10_u64.pow(SHOWN as u32);
        format!("{}{tail:0SHOWN$}", "*".repeat(DIGITS - SHOWN))
    }
}

/// How many digits a masked number still shows.
const SHOWN: usize = 4;

impl FromStr for IndividualNumber {
    type Err = NumberFault;

    fn from_str(text: &str) -> Result<Self, NumberFault> {
        let typed = text.chars().take(limits::CODE_TYPED_CHARS).filter(|character| !is_separator(*character));
        let digits: Vec<u64> = typed.map(digit_of).collect::<Option<_>>().ok_or(NumberFault::Form)?;
        if digits.len() != DIGITS {
            return Err(NumberFault::Form);
        }
        let number = digits.iter().fold(0, |number, digit| number * 10 + digit);
        if number % 10 != check_digit(number / 10) {
            return Err(NumberFault::CheckDigit);
        }
        Ok(Self(number))
    }
}

impl fmt::Debug for IndividualNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndividualNumber(************)")
    }
}

impl Serialize for IndividualNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.whole())
    }
}

impl<'de> Deserialize<'de> for IndividualNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_check() {
        let known = ["123456789018", "983205673214", "548836529885", "023456789013", "000111111111"];
        for text in known {
            assert_eq!(text.parse::<IndividualNumber>().unwrap().whole(), text);
        }
        assert_eq!("123456789010".parse::<IndividualNumber>(), Err(NumberFault::CheckDigit));
        assert_eq!("12345678901".parse::<IndividualNumber>(), Err(NumberFault::Form));
        assert_eq!("12345678901X".parse::<IndividualNumber>(), Err(NumberFault::Form));
        assert_eq!(
            format!("{:?}", "123456789018".parse::<IndividualNumber>().unwrap()),
            "IndividualNumber(************)"
        );
    }
}
