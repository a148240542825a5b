//! A snapshot of the state, so that a start folds only what came after it.
//!
//! A snapshot is a convenience, never a source: it says which journal sizes and roots it was folded from, and
//! one that does not match the journal, the regulation or this program's fold is left aside.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use journal::Journal;
use register::{City, JournalKind, State};
use serde::{Deserialize, Serialize};

use crate::records;

/// Raised by hand when the fold of any chapter changes: an older snapshot is then refolded from the journal.
const FOLD: u32 = 8;

/// What a snapshot file holds.
#[derive(Serialize, Deserialize)]
struct Snapshot<S> {
    fold: u32,
    program: String,
    profile: String,
    next_seq: u64,
    /// For each journal its size and root, in hex.
    heads: BTreeMap<String, (u64, String)>,
    state: S,
}

/// A snapshot that matches the journal.
pub(crate) struct Loaded {
    pub(crate) state: State,
    pub(crate) next_seq: u64,
    pub(crate) sizes: BTreeMap<String, u64>,
}

/// The snapshot at `path`, if it was folded from a prefix of this very journal.
pub(crate) fn load(path: &Path, journal: &Journal, profile: &str) -> Option<Loaded> {
    let bytes = fs::read(path).ok()?;
    let snapshot: Snapshot<State> = match serde_json::from_slice(&bytes) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            tracing::warn!(%error, "the snapshot cannot be read; folding from the journal");
            return None;
        }
    };
    let ours = snapshot.fold == FOLD
        && snapshot.program == env!("CARGO_PKG_VERSION")
        && snapshot.profile == profile
        && JournalKind::ALL.into_iter().all(|kind| {
            let Some((size, root)) = snapshot.heads.get(kind.name()) else { return false };
            // A root that cannot be computed is that of a journal shorter than the snapshot.
            let found = journal.root_at(&records::name(kind), *size);
            found.is_ok_and(|found| hex::encode(found.as_bytes()) == *root)
        });
    if !ours {
        tracing::info!("the snapshot is not of this journal; folding from the journal");
        return None;
    }
    let sizes = snapshot.heads.into_iter().map(|(name, (size, _))| (name, size)).collect();
    Some(Loaded { state: snapshot.state, next_seq: snapshot.next_seq, sizes })
}

/// Writes the snapshot aside and puts it in place whole.
pub(crate) fn save(
    path: &Path,
    journal: &Journal,
    profile: &str,
    city: &City,
    next_seq: u64,
) -> std::io::Result<()> {
    let mut heads = BTreeMap::new();
    for kind in JournalKind::ALL {
        let head = records::head(journal, kind).map_err(std::io::Error::other)?;
        heads.insert(kind.name().to_owned(), (head.size, hex::encode(head.root.as_bytes())));
    }
    let snapshot = Snapshot {
        fold: FOLD,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        profile: profile.to_owned(),
        next_seq,
        heads,
        state: city.state(),
    };
    let aside = path.with_extension("new");
    let mut file = BufWriter::new(fs::File::create(&aside)?);
    serde_json::to_writer(&mut file, &snapshot)?;
    file.flush()?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(aside, path)
}
