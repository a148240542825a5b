//! The names a certificate carries, and those of the people who answer for it.

use crate::limits::{MAX_CARD_KIND, MAX_CARD_NUMBER, MAX_NUMBER};
use std::fmt;
use std::str::FromStr;

/// Number of a card in the card ledger (第16条第1項第3号): ASCII letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardNumber(String);

/// Id of a card type, as the profile's `cards.toml` names it: ASCII letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardKind(String);

/// Number of a person (職員番号) as the register writes it: ASCII letters, digits and `-_.@`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonNumber(String);

/// Number of a terminal (端末番号) as the register writes it: ASCII letters, digits and `-_.@`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TerminalNumber(String);

/// Serial number of a certificate: lower-case hex, as many digits as its bytes have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Serial(String);

/// A name that a certificate cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what}: 1 to {max} characters of {allowed}")]
pub struct NameError {
    what: &'static str,
    given: String,
    max: usize,
    allowed: Alphabet,
}

/// Which characters a name is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Plain,
    Register,
    Hex,
}

impl Alphabet {
    fn has(self, c: char) -> bool {
        match self {
            Self::Plain => c.is_ascii_alphanumeric() || c == '-',
            Self::Register => c.is_ascii_alphanumeric() || "-_.@".contains(c),
            Self::Hex => c.is_ascii_digit() || ('a'..='f').contains(&c),
        }
    }

    fn japanese(self) -> &'static str {
        match self {
            Self::Plain => "半角の英数字とハイフン",
            Self::Register => "半角の英数字と - _ . @ ",
            Self::Hex => "証明書の一覧にある16進の数字",
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "ASCII letters, digits and hyphens",
            Self::Register => "ASCII letters, digits and -_.@",
            Self::Hex => "hexadecimal digits",
        })
    }
}

impl NameError {
    /// What the clerk reads.
    pub fn japanese(&self) -> String {
        format!(
            "「{}」は使えません。{}で{}文字以内にしてください。",
            self.given,
            self.allowed.japanese(),
            self.max
        )
    }
}

fn read(what: &'static str, given: &str, max: usize, allowed: Alphabet) -> Result<String, NameError> {
    let fits = !given.is_empty() && given.len() <= max;
    if fits && given.chars().all(|c| allowed.has(c)) {
        return Ok(given.to_owned());
    }
    Err(NameError { what, given: given.chars().take(max).collect(), max, allowed })
}

macro_rules! name {
    ($name:ident, $what:literal, $max:expr, $alphabet:expr) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(given: &str) -> Result<Self, NameError> {
                read($what, given, $max, $alphabet).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(given: String) -> Result<Self, NameError> {
                given.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(CardNumber, "card number", MAX_CARD_NUMBER, Alphabet::Plain);
name!(CardKind, "card type", MAX_CARD_KIND, Alphabet::Plain);
name!(PersonNumber, "person's number", MAX_NUMBER, Alphabet::Register);
name!(TerminalNumber, "terminal number", MAX_NUMBER, Alphabet::Register);
// RFC 5280: at most 20 octets.
name!(Serial, "serial number", 40, Alphabet::Hex);

impl Serial {
    /// As other tools print it: in capitals, with colons between the bytes.
    pub fn typed(given: &str) -> Result<Self, NameError> {
        given.replace(':', "").to_ascii_lowercase().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_safe_in_a_certificate_and_in_a_file_name() {
        assert_eq!("C-0017".parse::<CardNumber>().unwrap().as_str(), "C-0017");
        for wrong in ["", "../x", "a/b", "a.b", "カード1", "a b", "a\0"] {
            assert!(wrong.parse::<CardNumber>().is_err(), "{wrong:?}");
        }
        assert!("a".repeat(MAX_CARD_NUMBER).parse::<CardNumber>().is_ok());
        assert!("a".repeat(MAX_CARD_NUMBER + 1).parse::<CardNumber>().is_err());
    }

    #[test]
    fn a_serial_is_read_as_other_tools_print_it() {
        assert_eq!(Serial::typed("4A:0B:FF").unwrap().as_str(), "4a0bff");
        assert!(Serial::typed("4A:0G").is_err());
    }
}
