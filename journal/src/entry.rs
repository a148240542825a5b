//! Entries: what a journal keeps, as canonical JSON with a salt.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::canonical::{self, CanonicalError};
use crate::limits::{MAX_BODY_BYTES, MAX_ENTRY_BYTES, MAX_NAME_BYTES, SALT_BYTES};
use crate::tree::{Hash, leaf_hash};

const SALT_KEY: &str = "salt";

/// The name of a journal: `register`, `operations`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalName(Arc<str>);

/// A text that is no name for a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a name for a journal: lower-case letters, digits and hyphens, a letter first, at most {MAX_NAME_BYTES}"
)]
pub struct NameError(String);

impl JournalName {
    /// Checks and keeps a name.
    ///
    /// # Errors
    /// When it is not lower-case letters, digits and hyphens with a letter first.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let fits = name.len() <= MAX_NAME_BYTES
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits { Ok(Self(name.into())) } else { Err(NameError(name.chars().take(80).collect())) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JournalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for JournalName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        Self::new(name)
    }
}

/// What is to be appended: a journal and a JSON object.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Where to.
    pub journal: JournalName,
    /// What. Without floats, without a member `salt`, at most 48 KiB in canonical form.
    pub body: Map<String, Value>,
}

/// Where a draft now stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The journal.
    pub journal: JournalName,
    /// The entry's index in it, from 0.
    pub index: u64,
}

/// Why something cannot be, or is not, an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The body has no canonical form, or the bytes are not canonical.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The body is too long.
    #[error("an entry of {0} bytes; its body may have {MAX_BODY_BYTES}")]
    TooLong(usize),
    /// The body has a member `salt`, which the journal adds itself.
    #[error("the body has a member `salt`")]
    SaltTaken,
    /// The bytes of an entry have no salt, or not one of 32 hexadecimal digits.
    #[error("no salt of 32 hexadecimal digits")]
    NoSalt,
}

/// Sixteen random bytes, so that a leaf's hash says nothing of its entry once that is lawfully deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; SALT_BYTES]);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Salt({})", hex::encode(self.0))
    }
}

/// The bytes of the entry that `body` becomes with `salt`.
///
/// # Errors
/// When `body` has a member `salt`, has no canonical form or is too long.
pub fn seal(mut body: Map<String, Value>, salt: Salt) -> Result<Vec<u8>, EntryError> {
    if body.contains_key(SALT_KEY) {
        return Err(EntryError::SaltTaken);
    }
    body.insert(SALT_KEY.to_owned(), Value::String(hex::encode(salt.0)));
    let bytes = canonical::encode(&body)?;
    if bytes.len() > MAX_ENTRY_BYTES {
        return Err(EntryError::TooLong(bytes.len()));
    }
    Ok(bytes)
}

/// Body and salt of the entry that `bytes` are.
///
/// # Errors
/// When `bytes` are not an entry.
pub fn unseal(bytes: &[u8]) -> Result<(Map<String, Value>, Salt), EntryError> {
    if bytes.len() > MAX_ENTRY_BYTES {
        return Err(EntryError::TooLong(bytes.len()));
    }
    let mut body = canonical::parse(bytes)?;
    let digits = match body.remove(SALT_KEY) {
        Some(Value::String(digits)) if !digits.bytes().any(|b| b.is_ascii_uppercase()) => digits,
        _ => return Err(EntryError::NoSalt),
    };
    let mut salt = [0; SALT_BYTES];
    hex::decode_to_slice(digits, &mut salt).map_err(|_| EntryError::NoSalt)?;
    Ok((body, Salt(salt)))
}

/// An entry as it was read from a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its index, from 0.
    pub index: u64,
    /// Its canonical bytes, which are what the tree is over.
    pub bytes: Vec<u8>,
}

impl StoredEntry {
    /// The body, without the salt.
    ///
    /// # Errors
    /// When the bytes are not an entry.
    pub fn body(&self) -> Result<Map<String, Value>, EntryError> {
        unseal(&self.bytes).map(|(body, _)| body)
    }

    /// The hash of its leaf.
    pub fn leaf_hash(&self) -> Hash {
        leaf_hash(&self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn an_entry_is_its_body_and_a_salt_in_canonical_form() {
        let bytes = seal(body(json!({ "z": 1, "a": "葛" })), Salt([0xab; 16])).unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"a":"葛","salt":"abababababababababababababababab","z":1}"#
        );
        assert_eq!(unseal(&bytes).unwrap(), (body(json!({ "z": 1, "a": "葛" })), Salt([0xab; 16])));
    }

    #[test]
    fn the_longest_body_fits_and_one_byte_more_does_not() {
        let text = |length: usize| body(json!({ "a": "x".repeat(length - r#"{"a":""}"#.len()) }));
        let longest = seal(text(MAX_BODY_BYTES), Salt([0; 16])).unwrap();
        assert_eq!(longest.len(), MAX_ENTRY_BYTES);
        assert!(unseal(&longest).is_ok());
        assert!(matches!(seal(text(MAX_BODY_BYTES + 1), Salt([0; 16])), Err(EntryError::TooLong(_))));
    }

    #[test]
    fn the_salt_belongs_to_the_journal() {
        assert_eq!(seal(body(json!({ "salt": "mine" })), Salt([0; 16])), Err(EntryError::SaltTaken));
        for text in [r#"{"a":1}"#, r#"{"salt":"00"}"#, r#"{"salt":1}"#] {
            assert_eq!(unseal(text.as_bytes()), Err(EntryError::NoSalt), "{text}");
        }
        let upper = format!(r#"{{"salt":"{}"}}"#, "AB".repeat(16));
        assert_eq!(unseal(upper.as_bytes()), Err(EntryError::NoSalt));
    }

    #[test]
    fn names_of_journals() {
        assert!(JournalName::new("register").is_ok());
        for name in ["", "Register", "1a", "a b", "../x", "a/b", "原簿", &"a".repeat(33)] {
            assert!(JournalName::new(name).is_err(), "{name}");
        }
    }
}
