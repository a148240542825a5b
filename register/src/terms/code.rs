//! 住民票コード: eleven digits, the last of which checks the others.
//!
//! **要確認**: the notice that lays down the formula of the check digit has not been found. What is here is the
//! formula thought most likely; it lives in one table and one function, and [`CheckDigit::Warn`] lets a city go
//! on with codes that it calls wrong.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits;

/// Digits of a code.
const DIGITS: usize = 11;
/// Digits of a code that are its holder's own, without the check digit.
const BODY_DIGITS: usize = DIGITS - 1;
/// How many digits a masked code still shows.
const SHOWN: usize = 4;

/// 要確認. The weight of each digit of the body, from its rightmost digit to its leftmost.
const WEIGHTS: [u64; BODY_DIGITS] = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5];
/// 要確認. The sum of the weighted digits is divided by this.
const MODULUS: u64 = 11;

/// 要確認. The check digit of the ten digits `body`; digits above the tenth are not looked at.
pub fn check_digit(body: u64) -> u8 {
    let mut rest = body;
    let mut sum = 0;
    for weight in WEIGHTS {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match sum % MODULUS {
        0 | 1 => 0,
        // 11 − 2 … 11 − 10: one digit.
        remainder => (MODULUS - remainder) as u8,
    }
}

/// What to do with a code whose check digit is not the one calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckDigit {
    /// It is not a code.
    #[default]
    Refuse,
    /// It is a code, and the answer says that its digit is wrong.
    Warn,
}

/// A 住民票コード. Shown whole by `Display`, so ask for [`masked`](Self::masked) unless the whole is meant; `Debug` is masked,
/// so that no log holds one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentCode(u64);

/// A code as it was read, and what was wrong with its check digit if that was to be a warning only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedCode {
    /// The code as typed.
    pub code: ResidentCode,
    /// Present only under [`CheckDigit::Warn`].
    pub warning: Option<WrongCheckDigit>,
}

/// The last digit of a code is not the one that its other digits give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the check digit is wrong")]
pub struct WrongCheckDigit;

impl WrongCheckDigit {
    /// For the person who typed it.
    pub fn japanese(&self) -> String {
        "住民票コードの検査数字が合いません。番号を確かめてください".to_owned()
    }
}

/// Why a text is no 住民票コード. The text itself is not repeated: it may be most of somebody's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Not eleven digits.
    #[error("{found} digits instead of 11")]
    Length {
        /// Digits in the text; counting stops at the limit of what is looked at.
        found: usize,
    },
    /// Something else than digits, spaces and hyphens.
    #[error("`{found}` is not a digit")]
    NotDigit {
        /// The first such character.
        found: char,
    },
    /// The check digit is wrong and was to be right.
    #[error(transparent)]
    CheckDigit(#[from] WrongCheckDigit),
}

impl CodeFault {
    /// For the person who typed it.
    pub fn japanese(&self) -> String {
        match self {
            Self::Length { found: 0 } => "住民票コードを入力してください".to_owned(),
            Self::Length { found } => format!("住民票コードは11桁です（入力は{found}桁）"),
            Self::NotDigit { found } => format!("住民票コードに数字でない文字「{found}」があります"),
            Self::CheckDigit(wrong) => wrong.japanese(),
        }
    }
}

impl ResidentCode {
    /// Reads a code as people write it: half- or full-width digits, with or without hyphens and spaces.
    pub fn parse(text: &str, check: CheckDigit) -> Result<ParsedCode, CodeFault> {
        let code = Self::read(text)?;
        match (code.checks(), check) {
            (true, _) => Ok(ParsedCode { code, warning: None }),
            (false, CheckDigit::Warn) => Ok(ParsedCode { code, warning: Some(WrongCheckDigit) }),
            (false, CheckDigit::Refuse) => Err(WrongCheckDigit.into()),
        }
    }

    /// The code of the ten digits `body`, with the check digit that they give. None above ten digits.
    pub fn of_body(body: u64) -> Option<Self> {
        Self::from_number(body.checked_mul(10)?.checked_add(u64::from(check_digit(body)))?)
    }

    /// A code from its number, as an index keeps it. None above eleven digits; the check digit is not looked at.
    pub fn from_number(number: u64) -> Option<Self> {
        (number < 10_u64.pow(DIGITS as u32)).then_some(Self(number))
    }

    /// The code as a number below 10¹¹, for indexes; for people it is text with its leading zeros.
    pub fn number(self) -> u64 {
        self.0
    }

    /// Whether the check digit is the one calculated.
    pub fn checks(self) -> bool {
        self.0 % 10 == u64::from(check_digit(self.0 / 10))
    }

    /// The last four digits, the others starred: how a code is shown unless the whole is needed.
    pub fn masked(self) -> String {
        let tail = self.0 % 10_u64.pow(SHOWN as u32);
        format!("{}{tail:0SHOWN$}", "*".repeat(DIGITS - SHOWN))
    }

    fn read(text: &str) -> Result<Self, CodeFault> {
        let mut digits = 0;
        let mut number = 0;
        for character in text.chars().take(limits::CODE_TYPED_CHARS) {
            match (digit_of(character), is_separator(character)) {
                (Some(digit), _) => {
                    digits += 1;
                    if digits <= DIGITS {
                        number = number * 10 + digit;
                    }
                }
                (None, true) => {}
                (None, false) => return Err(CodeFault::NotDigit { found: character }),
            }
        }
        match digits {
            DIGITS => Ok(Self(number)),
            found => Err(CodeFault::Length { found }),
        }
    }
}

/// The value of a half- or full-width digit.
pub(super) fn digit_of(character: char) -> Option<u64> {
    let ascii = match character {
        '０'..='９' => char::from_u32(character as u32 - '０' as u32 + '0' as u32)?,
        other => other,
    };
    ascii.to_digit(10).map(u64::from)
}

/// Spaces and what people type for a hyphen on a Japanese keyboard.
pub(super) fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '－' | '‐' | '‑' | '–' | '—' | '―' | '−' | 'ー' | 'ｰ')
}

impl fmt::Display for ResidentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0DIGITS$}", self.0)
    }
}

impl fmt::Debug for ResidentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResidentCode({})", self.masked())
    }
}

impl FromStr for ResidentCode {
    type Err = CodeFault;

    /// As [`ResidentCode::parse`] with [`CheckDigit::Refuse`].
    fn from_str(text: &str) -> Result<Self, CodeFault> {
        Self::parse(text, CheckDigit::Refuse).map(|parsed| parsed.code)
    }
}

impl Serialize for ResidentCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResidentCode {
    /// Takes exactly eleven ASCII digits. The check digit is not looked at: what was recorded under
    /// [`CheckDigit::Warn`] must stay readable.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        if text.len() != DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(serde::de::Error::custom("a resident code is 11 digits"));
        }
        Self::read(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_digits_of_known_bodies() {
        let known = [(1234567890, 3), (1, 9), (9876543210, 3), (1111111111, 3), (123456789, 2)];
        for (body, digit) in known {
            assert_eq!(check_digit(body), digit, "{body}");
        }
    }

    #[test]
    fn a_code_is_read_in_every_width_and_with_separators() {
        for text in
            ["12345678903", "１２３４５６７８９０３", "1234-5678-903", "1234 5678　90３", "1234ー5678－903 "]
        {
            let code: ResidentCode = text.parse().unwrap();
            assert_eq!(code.to_string(), "12345678903", "{text}");
        }
    }

    #[test]
    fn leading_zeros_stay() {
        let code: ResidentCode = "00000000019".parse().unwrap();
        assert_eq!(code.to_string(), "00000000019");
        assert_eq!(code.masked(), "*******0019");
        assert_eq!(format!("{code:?}"), "ResidentCode(*******0019)");
        assert_eq!(serde_json::to_string(&code).unwrap(), r#""00000000019""#);
    }

    #[test]
    fn a_fault_says_what_is_wrong() {
        let fault = |text: &str| text.parse::<ResidentCode>().unwrap_err();
        assert_eq!(fault(""), CodeFault::Length { found: 0 });
        assert_eq!(fault("1234567890"), CodeFault::Length { found: 10 });
        assert_eq!(fault("123456789031"), CodeFault::Length { found: 12 });
        assert_eq!(fault("1234567890X"), CodeFault::NotDigit { found: 'X' });
        assert_eq!(fault("12345678904"), CodeFault::CheckDigit(WrongCheckDigit));
        assert_eq!(fault(&"1".repeat(10_000)).japanese(), "住民票コードは11桁です（入力は64桁）");
    }

    #[test]
    fn a_wrong_digit_can_be_a_warning() {
        let parsed = ResidentCode::parse("12345678904", CheckDigit::Warn).unwrap();
        assert_eq!(parsed.warning, Some(WrongCheckDigit));
        let json = serde_json::to_string(&parsed.code).unwrap();
        assert_eq!(serde_json::from_str::<ResidentCode>(&json).unwrap(), parsed.code);
        let right = ResidentCode::parse("12345678903", CheckDigit::Warn).unwrap();
        assert_eq!(right.warning, None);
    }

    proptest! {
        #[test]
        fn any_body_makes_a_code_that_checks(body in 0..10_000_000_000_u64) {
            let code = ResidentCode::of_body(body).unwrap();
            prop_assert!(code.checks());
            prop_assert_eq!(code.to_string().parse::<ResidentCode>(), Ok(code));
            prop_assert_eq!(ResidentCode::from_number(code.number()), Some(code));
        }

        /// A weighted sum modulo a prime sees every single wrong digit but where the remainders 0 and 1 share
        /// the digit 0.
        #[test]
        fn one_wrong_digit_is_seen_or_shares_the_digit_nought(
            body in 0..10_000_000_000_u64, place in 0..10_u32, add in 1..10_u64,
        ) {
            let power = 10_u64.pow(place);
            let digit = body / power % 10;
            let other = body - digit * power + (digit + add) % 10 * power;
            prop_assert!(check_digit(body) != check_digit(other) || check_digit(body) == 0);
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = ResidentCode::parse(&text, CheckDigit::Warn);
        }
    }
}
