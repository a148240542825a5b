//! A password as it was typed: wiped when dropped, never printed.

use super::limits::{LENGTH_MAX, TYPED_MAX_BYTES};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Text that somebody typed as a password.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the text over.
    pub fn new(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }

    /// The text, for the one page that hands an initial password over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The form that is counted and hashed: NFKC, so that full-width and half-width letters, and composed and
    /// decomposed ones, are the same password. `None` when it is longer than any password.
    pub(super) fn normalized(&self) -> Option<Zeroizing<String>> {
        if self.0.len() > TYPED_MAX_BYTES {
            return None;
        }
        // Room for all from the start, because a growing String leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(LENGTH_MAX * 4));
        for (count, c) in self.0.nfkc().enumerate() {
            if count == LENGTH_MAX {
                return None;
            }
            text.push(c);
        }
        Some(text)
    }
}

impl From<String> for Password {
    fn from(typed: String) -> Self {
        Self::new(typed)
    }
}

impl From<&str> for Password {
    fn from(typed: &str) -> Self {
        Self::new(typed.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_compositions_are_one_password() {
        let normal = |text: &str| Password::from(text).normalized().unwrap().to_string();
        assert_eq!(normal("ｆｕｌｌ１２"), "full12");
        assert_eq!(normal("か\u{3099}"), normal("が"));
        assert_eq!(normal("ｶﾞ"), "ガ");
    }

    #[test]
    fn what_is_too_long_has_no_form() {
        assert!(Password::new("あ".repeat(LENGTH_MAX)).normalized().is_some());
        assert!(Password::new("あ".repeat(LENGTH_MAX + 1)).normalized().is_none());
        // One code point that NFKC makes eighteen of.
        assert!(Password::new("\u{FDFA}".repeat(7)).normalized().is_some());
        assert!(Password::new("\u{FDFA}".repeat(8)).normalized().is_none());
        assert!(Password::new("a".repeat(10 * TYPED_MAX_BYTES)).normalized().is_none());
    }

    #[test]
    fn it_is_never_printed() {
        assert!(!format!("{:?}", Password::from("himitsu")).contains("himitsu"));
    }
}
