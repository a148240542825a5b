//! Who held a post at a moment, with proof that the fact stands in the journal.

use jiff::Timestamp;
use journal::{ReadError, TlogProof};
use register::organization::{WhoError, WhoWas};
use register::{JournalKind, Receipt, RoomId, SectionId};
use thiserror::Error;

use crate::open::Office;
use crate::records::{self, RecordError, Told};

/// An answer, and what shows that it is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Who held the post.
    pub was: WhoWas,
    /// The fact that put the holder there, with its proof; none where nothing is recorded.
    pub entry: Option<ProvenEntry>,
}

/// An entry and the proof that it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// The entry.
    pub told: Told,
    /// For use without the journal: hashes and a signed checkpoint.
    pub proof: TlogProof,
    /// What the checkpoint is verified with, in signed-note form.
    pub key: String,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum NoAnswer {
    /// The question.
    #[error(transparent)]
    Who(#[from] WhoError),
    /// An entry.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] ReadError),
}

impl NoAnswer {
    /// For people.
    pub fn japanese(&self) -> String {
        match self {
            Self::Who(error) => error.japanese(),
            Self::Journal(error) => error.japanese(),
            Self::Record(_) => "原簿の項を読めませんでした".to_owned(),
        }
    }
}

impl Office {
    /// Who held a post at `at`: the city-wide one, or that of a section or a room.
    ///
    /// # Errors
    /// [`NoAnswer`], which tells what could be asked instead, or what could not be read.
    pub fn who_was(
        &self,
        post: &str,
        section: Option<&SectionId>,
        room: Option<&RoomId>,
        at: Timestamp,
    ) -> Result<Proven, NoAnswer> {
        let was = self.city().who_was(post, section, room, at)?;
        let entry = match &was.recorded {
            Some(recorded) => self.proven(&recorded.receipt)?,
            None => None,
        };
        Ok(Proven { was, entry })
    }

    /// An entry with its proof; none where there is no such entry.
    ///
    /// # Errors
    /// [`NoAnswer`] when the journal cannot be read or signed for.
    pub fn proven(&self, receipt: &Receipt) -> Result<Option<ProvenEntry>, NoAnswer> {
        let Some(kind) = JournalKind::ALL.into_iter().find(|kind| kind.name() == receipt.journal) else {
            return Ok(None);
        };
        let Some(told) = self.told(receipt)? else { return Ok(None) };
        let name = records::name(kind);
        let proof = self.journal().prove(&name, receipt.index)?;
        let key = self.journal().vkey(&name)?.to_owned();
        Ok(Some(ProvenEntry { told, proof, key }))
    }
}
