//! Checkpoints (C2SP tlog-checkpoint): what a journal says of itself, signed.

use std::fmt;
use std::str::FromStr;

use crate::limits::MAX_TREE_SIZE;
use crate::note::{NoteError, SignedNote, SigningKey, VerifierKey};
use crate::tree::{Hash, TreeHead};

/// Why a text is not a checkpoint of the journal asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a note, or not signed by the journal's key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text of the note is not origin, size and root.
    #[error("malformed checkpoint: {0}")]
    Malformed(&'static str),
    /// Signed by the key, but of another journal.
    #[error("the checkpoint is of `{0}`")]
    OtherOrigin(String),
}

/// Which journal, how many entries, which root. Prints as the text that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The journal's unique name in the world, `sekisho.invalid/<city>/<journal>`.
    pub origin: String,
    /// Size and root of the tree.
    pub head: TreeHead,
}

impl Checkpoint {
    /// Signs this checkpoint.
    ///
    /// # Errors
    /// When the origin cannot stand in a note.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedNote, NoteError> {
        key.sign(&self.to_string())
    }

    /// Opens a signed checkpoint with the key of its journal.
    ///
    /// # Errors
    /// When it is malformed, of another journal, or not signed by `key`.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let note: SignedNote = note.parse()?;
        let checkpoint: Self = note.verify(key)?.parse()?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::OtherOrigin(checkpoint.origin));
        }
        Ok(checkpoint)
    }

    /// The origin that a signed checkpoint claims, to find the key it must be opened with.
    ///
    /// # Errors
    /// When it is not a checkpoint.
    pub fn unverified_origin(note: &str) -> Result<String, CheckpointError> {
        let note: SignedNote = note.parse()?;
        let checkpoint: Self = note.unverified_text().parse()?;
        Ok(checkpoint.origin)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.head.size, self.head.root)
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Lines after the third are extensions, which the standard lets a reader pass over.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split('\n');
        let mut line =
            |missing| lines.next().filter(|l| !l.is_empty()).ok_or(CheckpointError::Malformed(missing));
        let origin = line("no origin")?.to_owned();
        let size =
            parse_decimal(line("no size")?).ok_or(CheckpointError::Malformed("the size is no number"))?;
        if size > MAX_TREE_SIZE {
            return Err(CheckpointError::Malformed("the size is too large"));
        }
        let root: Hash =
            line("no root")?.parse().map_err(|_| CheckpointError::Malformed("the root is no hash"))?;
        if !text.ends_with('\n') {
            return Err(CheckpointError::Malformed("no newline at the end"));
        }
        Ok(Self { origin, head: TreeHead { size, root } })
    }
}

/// A decimal number as the standards write it: no sign, no leading zero.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::empty_root;

    #[test]
    fn signed_and_opened_again() {
        let key = SigningKey::generate("sekisho.invalid/112089/register").unwrap();
        let head = TreeHead { size: 0, root: empty_root() };
        let checkpoint = Checkpoint { origin: key.verifier().name().to_owned(), head };
        let note = checkpoint.sign(&key).unwrap().to_string();
        assert_eq!(Checkpoint::open(&note, key.verifier()), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::unverified_origin(&note).unwrap(), checkpoint.origin);
        let larger = note.replacen("\n0\n", "\n1\n", 1);
        assert!(matches!(
            Checkpoint::open(&larger, key.verifier()),
            Err(CheckpointError::Note(NoteError::WrongSignature(_)))
        ));
        let elsewhere = Checkpoint { origin: "other".into(), head }.sign(&key).unwrap().to_string();
        assert_eq!(
            Checkpoint::open(&elsewhere, key.verifier()),
            Err(CheckpointError::OtherOrigin("other".into()))
        );
    }

    #[test]
    fn malformed_bodies_are_refused() {
        let root = empty_root();
        for text in ["", "a\n", "a\n1\n", "a\n01\nx\n", "\n1\nx\n", "a\n+1\nx\n", "a\n1\nx", "a\n1\nAAAA\n"] {
            assert!(text.replace('x', &root.to_string()).parse::<Checkpoint>().is_err(), "{text:?}");
        }
        assert!(format!("a\n1\n{root}\nextension\n").parse::<Checkpoint>().is_ok());
    }
}
