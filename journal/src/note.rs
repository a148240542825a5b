//! Signed notes (C2SP signed-note): a text, and who signed it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::limits::{MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, MAX_ORIGIN_BYTES};

/// The standard's byte for Ed25519.
const ED25519: u8 = 0x01;

/// Why a note or key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Empty, too long, or with spaces, plus signs or control characters.
    #[error("`{0}` is not a name for a key")]
    KeyName(String),
    /// Not a key in the signed-note form.
    #[error("malformed key: {0}")]
    Key(&'static str),
    /// Not a signed note.
    #[error("malformed note: {0}")]
    Malformed(&'static str),
    /// No signature by the key asked for.
    #[error("not signed by `{0}`")]
    NotSigned(String),
    /// A signature by the key asked for that does not fit the text.
    #[error("wrong signature by `{0}`")]
    WrongSignature(String),
    /// The system gave no random bytes for a new key.
    #[error("no random bytes for a new key: {0}")]
    Random(String),
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let fits = !name.is_empty() && name.len() <= MAX_ORIGIN_BYTES;
    if fits && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
        return Ok(());
    }
    Err(NoteError::KeyName(name.chars().take(80).collect()))
}

fn key_id(name: &str, public: &[u8; 32]) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([b'\n', ED25519]);
    hasher.update(public);
    let hash: [u8; 32] = hasher.finalize().into();
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// `name+hash+base64(0x01 || key)`, common to public and secret keys.
fn split_key(text: &str) -> Result<(&str, u32, [u8; 32]), NoteError> {
    let (name, rest) = text.split_once('+').ok_or(NoteError::Key("no `+` after the name"))?;
    check_name(name)?;
    let (id, key) = rest.split_once('+').ok_or(NoteError::Key("no `+` after the hash"))?;
    let hexadecimal = id.len() == 8 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !hexadecimal {
        return Err(NoteError::Key("the hash is not eight hexadecimal digits"));
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| NoteError::Key("the hash is not hexadecimal"))?;
    let key = BASE64.decode(key).map_err(|_| NoteError::Key("the key is not base64"))?;
    let (&algorithm, key) = key.split_first().ok_or(NoteError::Key("the key is empty"))?;
    if algorithm != ED25519 {
        return Err(NoteError::Key("not an Ed25519 key"));
    }
    let key = key.try_into().map_err(|_| NoteError::Key("an Ed25519 key has 32 bytes"))?;
    Ok((name, id, key))
}

/// Who may have signed: a name and a public key. Prints as `name+hash+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    public: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, public: VerifyingKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { id: key_id(name, public.as_bytes()), name: name.to_owned(), public })
    }

    /// The name, which for a journal is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.public.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.id, BASE64.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, id, public) = split_key(text)?;
        let public =
            VerifyingKey::from_bytes(&public).map_err(|_| NoteError::Key("not a point of the curve"))?;
        let key = Self::new(name, public)?;
        if key.id != id {
            return Err(NoteError::Key("the hash does not belong to name and key"));
        }
        Ok(key)
    }
}

/// A key that signs notes. Its text form is secret: `PRIVATE+KEY+name+hash+base64`.
pub struct SigningKey {
    secret: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, secret)", self.verifier.name)
    }
}

impl SigningKey {
    /// A new key, from the system's random source.
    ///
    /// # Errors
    /// When `name` is no name for a key or there are no random bytes.
    pub fn generate(name: &str) -> Result<Self, NoteError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|e| NoteError::Random(e.to_string()))?;
        Self::from_seed(name, &seed)
    }

    fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, secret.verifying_key())?;
        Ok(Self { secret, verifier })
    }

    /// Reads the secret text form.
    ///
    /// # Errors
    /// When `text` is not such a key.
    pub fn from_secret_text(text: &str) -> Result<Self, NoteError> {
        let rest = text.trim_end_matches('\n').strip_prefix("PRIVATE+KEY+");
        let (name, id, seed) = split_key(rest.ok_or(NoteError::Key("not a private key"))?)?;
        let key = Self::from_seed(name, &seed)?;
        if key.verifier.id != id {
            return Err(NoteError::Key("the hash does not belong to name and key"));
        }
        Ok(key)
    }

    /// The secret text form, for the key file.
    pub fn to_secret_text(&self) -> String {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.secret.as_bytes());
        format!("PRIVATE+KEY+{}+{:08x}+{}\n", self.verifier.name, self.verifier.id, BASE64.encode(key))
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs `text`, which must end in a newline.
    ///
    /// # Errors
    /// When `text` cannot be the text of a note.
    pub fn sign(&self, text: &str) -> Result<SignedNote, NoteError> {
        check_text(text)?;
        let signature = NoteSignature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            bytes: self.secret.sign(text.as_bytes()).to_bytes().to_vec(),
        };
        Ok(SignedNote { text: text.to_owned(), signatures: vec![signature] })
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("the text does not end in a newline"));
    }
    if text.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(NoteError::Malformed("control character"));
    }
    Ok(())
}

/// One line under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NoteSignature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

/// A text and its signatures. Prints as the standard's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    /// The text, to be believed only after [`Self::verify`].
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// The text, when `key` signed it.
    ///
    /// # Errors
    /// When there is no signature by `key`, or a wrong one.
    pub fn verify(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let mut signed = false;
        for signature in self.signatures.iter().filter(|s| s.name == key.name && s.id == key.id) {
            let wrong = || NoteError::WrongSignature(key.name.clone());
            let bytes = Signature::from_slice(&signature.bytes).map_err(|_| wrong())?;
            key.public.verify_strict(self.text.as_bytes(), &bytes).map_err(|_| wrong())?;
            signed = true;
        }
        if signed { Ok(&self.text) } else { Err(NoteError::NotSigned(key.name.clone())) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        f.write_str("\n")?;
        for signature in &self.signatures {
            let mut bytes = signature.id.to_be_bytes().to_vec();
            bytes.extend_from_slice(&signature.bytes);
            writeln!(f, "— {} {}", signature.name, BASE64.encode(bytes))?;
        }
        Ok(())
    }
}

impl FromStr for SignedNote {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::Malformed("too long"));
        }
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed("no blank line before the signatures"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("no newline at the end"))?;
        let signatures = lines.split('\n').map(parse_signature).collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > MAX_NOTE_SIGNATURES {
            return Err(NoteError::Malformed("too many signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }
}

fn parse_signature(line: &str) -> Result<NoteSignature, NoteError> {
    let malformed = NoteError::Malformed("not a signature line");
    let Some((name, bytes)) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')) else {
        return Err(malformed);
    };
    check_name(name)?;
    let bytes = BASE64.decode(bytes).map_err(|_| malformed.clone())?;
    match bytes.split_first_chunk::<4>() {
        Some((id, bytes)) if !bytes.is_empty() => {
            Ok(NoteSignature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
        }
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and note that the documentation of Go's note package shows.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_signed_by_another_implementation_is_accepted() {
        let key: VerifierKey = VKEY.parse().unwrap();
        assert_eq!(key.to_string(), VKEY);
        let note: SignedNote = NOTE.parse().unwrap();
        assert_eq!(note.to_string(), NOTE);
        assert!(note.verify(&key).unwrap().ends_with("problem is.\n"));
        let changed: SignedNote = NOTE.replace("answer", "anchor").parse().unwrap();
        assert_eq!(changed.verify(&key), Err(NoteError::WrongSignature("PeterNeumann".into())));
    }

    #[test]
    fn a_new_key_signs_and_reads_back() {
        let key = SigningKey::generate("sekisho.invalid/112089/register").unwrap();
        let again = SigningKey::from_secret_text(&key.to_secret_text()).unwrap();
        assert_eq!(again.verifier(), key.verifier());
        let note = again.sign("a\n\nb\n").unwrap();
        assert_eq!(note.verify(key.verifier()), Ok("a\n\nb\n"));
        assert_eq!(note.to_string().parse::<SignedNote>().unwrap(), note);
        let other = SigningKey::generate("sekisho.invalid/112089/register").unwrap();
        assert!(matches!(note.verify(other.verifier()), Err(NoteError::NotSigned(_))));
    }

    #[test]
    fn names_and_texts_outside_the_standard_are_refused() {
        for name in ["", "a b", "a+b", "a\n", "a\u{3000}b"] {
            assert!(SigningKey::generate(name).is_err(), "{name:?}");
        }
        let key = SigningKey::generate("a").unwrap();
        assert!(key.sign("no newline").is_err());
        assert!(key.sign("tab\t\n").is_err());
        assert!(VKEY.replace("c74f20a3", "c74f20a4").parse::<VerifierKey>().is_err());
        assert!(VKEY.replace("c74f20a3", "C74F20A3").parse::<VerifierKey>().is_err());
    }
}
