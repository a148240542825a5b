//! The names a certificate carries: the card's number in the ledger and the id of its type.

use crate::limits::{MAX_CARD_KIND, MAX_CARD_NUMBER};
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

/// A name that a card cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what}: 1 to {max} ASCII letters, digits or hyphens are allowed")]
pub struct NameError {
    what: &'static str,
    given: String,
    max: usize,
}

impl NameError {
    /// What the clerk reads.
    pub fn japanese(&self) -> String {
        format!(
            "「{}」は使えません。半角の英数字とハイフンで{}文字以内にしてください。",
            self.given, self.max
        )
    }
}

fn plain(what: &'static str, given: &str, max: usize) -> Result<String, NameError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = !given.is_empty() && given.len() <= max;
    if fits && given.chars().all(allowed) {
        return Ok(given.to_owned());
    }
    Err(NameError { what, given: given.chars().take(max).collect(), max })
}

macro_rules! name {
    ($name:ident, $what:literal, $max:expr) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(given: &str) -> Result<Self, NameError> {
                plain($what, given, $max).map(Self)
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

name!(CardNumber, "card number", MAX_CARD_NUMBER);
name!(CardKind, "card type", MAX_CARD_KIND);

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
}
