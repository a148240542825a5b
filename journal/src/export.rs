//! For others to check: the tlog-tiles directory, proofs, and what there is, read beside a running server.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::entry::JournalName;
use crate::limits::{TILE_HEIGHT, TILE_WIDTH};
use crate::note::VerifierKey;
use crate::proof::{self, NodeSource as _, TlogProof};
use crate::store::reader::{JournalRow, Reader, Snapshot};
use crate::store::{ReadError, StoreError};
use crate::tile::{TileKind, TilePath, encode_bundle};
use crate::tree::{Frontier, Hash, TreeHead, full_below, leaf_hash};

/// One line of [`list`]: `name size`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The journal.
    pub name: JournalName,
    /// Its size and root.
    pub head: TreeHead,
    /// Its last signed checkpoint.
    pub checkpoint: String,
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.head.size)
    }
}

/// The journals in `dir`, by name.
///
/// # Errors
/// When the file cannot be read.
pub fn list(dir: &Path) -> Result<Vec<Listed>, ReadError> {
    let mut reader = Reader::open(dir)?;
    let rows = reader.snapshot()?.journals()?;
    Ok(rows
        .into_iter()
        .map(|row| Listed { name: row.name, head: row.head, checkpoint: row.checkpoint })
        .collect())
}

/// The key that checkpoints of `journal` are verified with, in signed-note form.
///
/// # Errors
/// When there is no such journal, or the file cannot be read.
pub fn vkey(dir: &Path, journal: &JournalName) -> Result<String, ReadError> {
    Ok(Reader::open(dir)?.snapshot()?.journal(journal)?.vkey)
}

/// A proof of entry `index` under the last signed checkpoint.
///
/// # Errors
/// When the entry is not under that checkpoint, or the file cannot be read.
pub fn prove(dir: &Path, journal: &JournalName, index: u64) -> Result<TlogProof, ReadError> {
    let mut reader = Reader::open(dir)?;
    let mut snapshot = reader.snapshot()?;
    let row = snapshot.journal(journal)?;
    prove_in(&mut snapshot, &row, index)
}

pub(crate) fn prove_in(
    snapshot: &mut Snapshot<'_>,
    row: &JournalRow,
    index: u64,
) -> Result<TlogProof, ReadError> {
    let size = last_checkpoint(row)?.head.size;
    if index >= size {
        return Err(ReadError::BeyondEnd { journal: row.name.clone(), size, asked: index });
    }
    let hashes = proof::inclusion(&mut snapshot.tree(row), index, size)?;
    Ok(TlogProof { index, hashes, checkpoint: row.checkpoint.clone() })
}

/// The stored checkpoint, opened, and not beyond the journal's end.
fn last_checkpoint(row: &JournalRow) -> Result<Checkpoint, ReadError> {
    let key: VerifierKey = row.vkey.parse().map_err(CheckpointError::from)?;
    let checkpoint = Checkpoint::open(&row.checkpoint, &key)?;
    if checkpoint.head.size > row.head.size {
        let what = "the journal is shorter than its last checkpoint";
        return Err(StoreError::damaged(&row.name, row.head.size, what).into());
    }
    Ok(checkpoint)
}

/// Why an export failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The journal.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is something already where the export should go.
    #[error("`{0}` is not an empty directory")]
    NotEmpty(String),
    /// A file could not be written.
    #[error("`{path}`: {error}")]
    Write {
        /// The file.
        path: String,
        /// What the operating system said.
        error: String,
    },
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// Writes `journal` under its last signed checkpoint as a tlog-tiles directory: `checkpoint`, `tile/…` and
/// `tile/entries/…`. Entries are hashed on the way out and must lead to the checkpoint's root; `checkpoint`
/// is written last, so that a cut export has none.
///
/// # Errors
/// When `out` is not empty, a file cannot be written, or the journal is damaged.
pub fn export(dir: &Path, journal: &JournalName, out: &Path) -> Result<Checkpoint, ExportError> {
    let mut reader = Reader::open(dir)?;
    let mut snapshot = reader.snapshot()?;
    let row = snapshot.journal(journal)?;
    let checkpoint = last_checkpoint(&row)?;
    let size = checkpoint.head.size;
    make_empty(out)?;
    let mut frontier = Frontier::new();
    let mut from = 0;
    while from < size {
        let to = size.min(from + TILE_WIDTH as u64);
        let entries = snapshot.entries(&row, from, to)?;
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(&entry.bytes)).collect();
        for &leaf in &leaves {
            frontier.push(leaf, |_, _| {});
        }
        let bytes: Vec<&[u8]> = entries.iter().map(|entry| entry.bytes.as_slice()).collect();
        let bundle = encode_bundle(&bytes)
            .map_err(|_| StoreError::damaged(journal, from, "the entries do not fit a bundle"))?;
        let n = from >> TILE_HEIGHT;
        write_tile(out, TileKind::Entries, n, leaves.len(), &bundle)?;
        write_hashes(out, 0, n, &leaves)?;
        from = to;
    }
    if frontier.head() != checkpoint.head {
        return Err(StoreError::damaged(journal, 0, "the entries do not lead to the last checkpoint").into());
    }
    export_upper_tiles(&snapshot, &row, size, out)?;
    write_file(&out.join("checkpoint"), row.checkpoint.as_bytes())?;
    Ok(checkpoint)
}

/// The tiles above the leaves' in the tree of `size` entries.
fn export_upper_tiles(
    snapshot: &Snapshot<'_>,
    row: &JournalRow,
    size: u64,
    out: &Path,
) -> Result<(), ExportError> {
    let mut tree = snapshot.tree(row);
    let mut level = 1;
    while full_below(size, level) > 0 {
        let nodes = full_below(size, level);
        for n in 0..nodes.div_ceil(TILE_WIDTH as u64) {
            let first = n << TILE_HEIGHT;
            let last = nodes.min(first + TILE_WIDTH as u64);
            let hashes = (first..last).map(|index| tree.node(TILE_HEIGHT * level, index));
            write_hashes(out, level, n, &hashes.collect::<Result<Vec<_>, _>>()?)?;
        }
        level += 1;
    }
    Ok(())
}

fn make_empty(out: &Path) -> Result<(), ExportError> {
    let failed = |error| write_error(out, &error);
    fs::create_dir_all(out).map_err(failed)?;
    match fs::read_dir(out).map_err(failed)?.next() {
        None => Ok(()),
        Some(_) => Err(ExportError::NotEmpty(out.display().to_string())),
    }
}

fn write_hashes(out: &Path, level: u32, n: u64, hashes: &[Hash]) -> Result<(), ExportError> {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    let level = u8::try_from(level).expect("INVARIANT: a tree of at most MAX_TREE_SIZE has few levels");
    write_tile(out, TileKind::Hashes { level }, n, hashes.len(), &bytes)
}

fn write_tile(out: &Path, kind: TileKind, n: u64, width: usize, bytes: &[u8]) -> Result<(), ExportError> {
    let path = TilePath::new(kind, n, width).expect("INVARIANT: tiles of a tree have 1 to 256 members");
    write_file(&out.join(path.to_string()), bytes)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| write_error(path, &error))
}

fn write_error(path: &Path, error: &std::io::Error) -> ExportError {
    ExportError::Write { path: path.display().to_string(), error: error.to_string() }
}
