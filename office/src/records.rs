//! How facts stand in the journals, and how the city is folded from them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use journal::{Draft, Journal, JournalName, ReadError, TreeHead};
use register::{City, Entry, Fact, JournalKind, Receipt};
use regulation::Profile;
use thiserror::Error;

use crate::declined::{Declined, Done};
use crate::snapshot;

/// Why the journals cannot be read as entries.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The journal itself.
    #[error("the journal cannot be read: {0}")]
    Journal(#[from] ReadError),
    /// An entry is not one of ours.
    #[error("entry {receipt} cannot be read: {cause}")]
    Entry {
        /// Which.
        receipt: Receipt,
        /// Why.
        cause: String,
    },
    /// An entry is missing from the order of facts.
    #[error("fact {expected} is missing from the journals; {receipt} is fact {found}")]
    Gap {
        /// The number that should come next.
        expected: u64,
        /// The number that came.
        found: u64,
        /// Where it stands.
        receipt: Receipt,
    },
}

/// An entry and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where.
    pub receipt: Receipt,
    /// What.
    pub entry: Entry,
}

/// A city folded from the journals.
pub(crate) struct Folded {
    pub(crate) city: City,
    pub(crate) next_seq: u64,
    /// How many entries were folded, beside what a snapshot held.
    pub(crate) entries: u64,
}

/// Reads and writes entries.
#[derive(Clone)]
pub(crate) struct Records {
    pub(crate) profile: Arc<Profile>,
    pub(crate) snapshot: PathBuf,
}

/// Where the next entry of each journal will stand. The registrar is the only one who appends.
pub(crate) struct Heads(BTreeMap<JournalKind, u64>);

impl Heads {
    /// The receipt of the next entry.
    pub(crate) fn next(&mut self, kind: JournalKind) -> Receipt {
        let next = self.0.entry(kind).or_default();
        let receipt = Receipt { journal: kind.name().to_owned(), index: *next };
        *next += 1;
        receipt
    }
}

/// The journal's own name for a kind.
pub(crate) fn name(kind: JournalKind) -> JournalName {
    JournalName::new(kind.name()).expect("the kinds' names are journal names, as a test holds")
}

/// The names of all journals.
pub(crate) fn names() -> Vec<JournalName> {
    JournalKind::ALL.map(name).to_vec()
}

/// Size and root of a journal.
pub(crate) fn head(journal: &Journal, kind: JournalKind) -> Result<TreeHead, ReadError> {
    journal.head(&name(kind))
}

/// An entry as the journal takes it.
pub(crate) fn draft(entry: &Entry) -> Draft {
    let body = serde_json::to_value(entry).expect("an entry is plain data");
    let serde_json::Value::Object(body) = body else { unreachable!("an entry is a struct") };
    Draft { journal: name(entry.fact.journal()), body }
}

impl Records {
    /// Where the next entry of each journal will stand.
    pub(crate) fn heads(&self, journal: &Journal) -> Result<Heads, RecordError> {
        let heads = JournalKind::ALL.into_iter().map(|kind| Ok((kind, head(journal, kind)?.size)));
        Ok(Heads(heads.collect::<Result<_, ReadError>>()?))
    }

    /// One entry.
    pub(crate) fn told(&self, journal: &Journal, receipt: &Receipt) -> Result<Option<Told>, RecordError> {
        let Some(kind) = JournalKind::ALL.into_iter().find(|kind| kind.name() == receipt.journal) else {
            return Ok(None);
        };
        if receipt.index >= head(journal, kind)?.size {
            return Ok(None);
        }
        self.stream(journal, kind, receipt.index, Some(receipt.index + 1))?.next().transpose()
    }

    /// The entries of one journal from an index on.
    pub(crate) fn stream(
        &self,
        journal: &Journal,
        kind: JournalKind,
        from: u64,
        to: Option<u64>,
    ) -> Result<impl Iterator<Item = Result<Told, RecordError>> + use<>, RecordError> {
        let stored = journal.read(&name(kind), from..to.unwrap_or(u64::MAX))?;
        Ok(stored.map(move |stored| {
            let stored = stored?;
            let receipt = Receipt { journal: kind.name().to_owned(), index: stored.index };
            let entry = serde_json::from_slice(&stored.bytes)
                .map_err(|error| RecordError::Entry { receipt: receipt.clone(), cause: error.to_string() })?;
            Ok(Told { receipt, entry })
        }))
    }

    /// What an earlier submission was answered.
    pub(crate) fn again(&self, journal: &Journal, receipt: Receipt) -> Result<Done, Declined> {
        let told = self.told(journal, &receipt).map_err(Declined::broken)?;
        match told.map(|told| told.entry.fact) {
            Some(Fact::Refused(refused)) => Err(Declined::Refused { refusal: refused.refusal, receipt }),
            Some(fact) => Ok(Done { receipt, facts: vec![fact], again: true }),
            None => Err(Declined::broken(format!("entry {receipt} is missing"))),
        }
    }

    /// The city as of now, from the snapshot where there is a good one.
    pub(crate) fn fold(&self, journal: &Journal) -> Result<Folded, RecordError> {
        match snapshot::load(&self.snapshot, journal, self.profile.id().as_str()) {
            Some(snapshot) => {
                let city = City::with_state(Arc::clone(&self.profile), snapshot.state);
                self.fold_onto(journal, city, snapshot.next_seq, &snapshot.sizes, None)
            }
            None => self.fold_onto(journal, City::new(Arc::clone(&self.profile)), 0, &BTreeMap::new(), None),
        }
    }

    /// The city as it was at `at`.
    pub(crate) fn as_of(
        &self,
        journal: &Journal,
        profile: Arc<Profile>,
        at: Timestamp,
    ) -> Result<Folded, RecordError> {
        self.fold_onto(journal, City::new(profile), 0, &BTreeMap::new(), Some(at))
    }

    /// Folds the journals' entries in the order of their `seq`, each journal from its size in `from` on.
    fn fold_onto(
        &self,
        journal: &Journal,
        mut city: City,
        mut next_seq: u64,
        from: &BTreeMap<String, u64>,
        until: Option<Timestamp>,
    ) -> Result<Folded, RecordError> {
        let mut streams = Vec::new();
        for kind in JournalKind::ALL {
            let from = from.get(kind.name()).copied().unwrap_or(0);
            streams.push(self.stream(journal, kind, from, None)?.peekable());
        }
        let mut entries = 0;
        loop {
            // The stream whose next entry has the lowest number; one that fails to read comes first.
            let next = streams
                .iter_mut()
                .enumerate()
                .filter_map(|(i, stream)| {
                    let next = stream.peek()?;
                    Some((next.as_ref().map_or(0, |told| told.entry.seq), i))
                })
                .min();
            let Some((_, i)) = next else { break };
            let Some(told) = streams[i].next().transpose()? else { break };
            if told.entry.seq != next_seq {
                return Err(RecordError::Gap {
                    expected: next_seq,
                    found: told.entry.seq,
                    receipt: told.receipt,
                });
            }
            if until.is_some_and(|until| told.entry.at > until) {
                break;
            }
            city.fold(&told.entry, &told.receipt);
            next_seq += 1;
            entries += 1;
        }
        Ok(Folded { city, next_seq, entries })
    }

    /// Writes a snapshot of the city.
    pub(crate) fn save(&self, journal: &Journal, city: &City, next_seq: u64) -> std::io::Result<()> {
        snapshot::save(&self.snapshot, journal, self.profile.id().as_str(), city, next_seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_names_are_journal_names() {
        assert_eq!(names().len(), JournalKind::ALL.len());
    }
}
