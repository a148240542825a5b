//! Reading the file: one consistent moment of it at a time, with or without a writer beside it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::bundle::{Unpacker, split_lines};
use super::edge::{Edge, Sealed};
use super::error::{ReadError, StoreError};
use super::schema;
use crate::entry::{JournalName, StoredEntry};
use crate::limits::{MAX_TREE_SIZE, TILE_HEIGHT, TILE_WIDTH};
use crate::proof::NodeSource;
use crate::tree::{Hash, TreeHead, full_below, leaf_hash, partial_width, perfect_root};

/// SQLite's integers are signed; sizes and indexes are far below 2^63.
pub(crate) fn sql(number: u64) -> i64 {
    i64::try_from(number).expect("INVARIANT: sizes and indexes are at most MAX_TREE_SIZE")
}

/// A read-only connection.
pub(crate) struct Reader {
    db: Connection,
    unpacker: Unpacker,
}

impl Reader {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        Ok(Self { db: schema::open_reader(dir)?, unpacker: Unpacker::new()? })
    }

    /// The file at one moment.
    pub(crate) fn snapshot(&mut self) -> Result<Snapshot<'_>, StoreError> {
        Ok(Snapshot { tx: self.db.transaction()?, unpacker: &mut self.unpacker })
    }
}

/// A row of the table of journals.
#[derive(Debug, Clone)]
pub(crate) struct JournalRow {
    pub(crate) id: i64,
    pub(crate) name: JournalName,
    pub(crate) origin: String,
    pub(crate) vkey: String,
    pub(crate) head: TreeHead,
    pub(crate) checkpoint: String,
}

/// The journals' rows, by name.
pub(crate) fn journal_rows(db: &Connection) -> Result<Vec<JournalRow>, StoreError> {
    let mut statement = db
        .prepare_cached("SELECT id, name, origin, vkey, size, root, checkpoint FROM journal ORDER BY name")?;
    let mut rows = statement.query([])?;
    let mut journals = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let name = JournalName::new(&name).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let size: i64 = row.get(4)?;
        let size = u64::try_from(size).ok().filter(|&size| size <= MAX_TREE_SIZE);
        let root = Hash::from_slice(row.get_ref(5)?.as_blob().unwrap_or_default());
        let (Some(size), Some(root)) = (size, root) else {
            return Err(StoreError::damaged(&name, 0, "the stored size or root is none"));
        };
        journals.push(JournalRow {
            id: row.get(0)?,
            name,
            origin: row.get(2)?,
            vkey: row.get(3)?,
            head: TreeHead { size, root },
            checkpoint: row.get(6)?,
        });
    }
    Ok(journals)
}

/// Hashes from their concatenation; `None` when a byte is missing.
pub(crate) fn split_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<{ Hash::LEN }>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}

/// The file at one moment.
pub(crate) struct Snapshot<'r> {
    pub(crate) tx: Transaction<'r>,
    unpacker: &'r mut Unpacker,
}

impl Snapshot<'_> {
    pub(crate) fn journals(&self) -> Result<Vec<JournalRow>, StoreError> {
        journal_rows(&self.tx)
    }

    pub(crate) fn journal(&self, name: &JournalName) -> Result<JournalRow, ReadError> {
        let found = self.journals()?.into_iter().find(|row| row.name == *name);
        found.ok_or_else(|| ReadError::UnknownJournal(name.clone()))
    }

    /// The full tile `n` of `level`.
    fn tile(&self, journal: &JournalRow, level: u32, n: u64) -> Result<Vec<Hash>, StoreError> {
        let mut statement =
            self.tx.prepare_cached("SELECT hashes FROM tile WHERE journal = ?1 AND level = ?2 AND n = ?3")?;
        let hashes: Option<Vec<u8>> =
            statement.query_row(params![journal.id, level, sql(n)], |row| row.get(0)).optional()?;
        let hashes = hashes.as_deref().and_then(split_hashes).filter(|hashes| hashes.len() == TILE_WIDTH);
        let first = n << (TILE_HEIGHT * (level + 1));
        hashes.ok_or_else(|| StoreError::damaged(&journal.name, first, "a tile is missing or cut"))
    }

    /// Entries `from..to` of the tail, in order and without gaps.
    fn tail(&self, journal: &JournalRow, from: u64, to: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let mut statement = self
            .tx
            .prepare_cached("SELECT idx, lines FROM tail WHERE journal = ?1 AND idx < ?2 ORDER BY idx")?;
        let mut rows = statement.query(params![journal.id, sql(to)])?;
        let mut entries = Vec::new();
        let mut index = from - from % TILE_WIDTH as u64;
        while let Some(row) = rows.next()? {
            let lines = row.get_ref(1)?.as_bytes().ok().and_then(split_lines);
            let Some(lines) = lines.filter(|_| row.get(0) == Ok(sql(index))) else { break };
            for line in lines {
                if (from..to).contains(&index) {
                    entries.push(StoredEntry { index, bytes: line.to_vec() });
                }
                index += 1;
            }
        }
        if index < to {
            return Err(StoreError::damaged(&journal.name, index, "the entry is missing"));
        }
        Ok(entries)
    }

    /// Entries `from..to`, which must be of one bundle and below the journal's size.
    pub(crate) fn entries(
        &mut self,
        journal: &JournalRow,
        from: u64,
        to: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let n = from >> TILE_HEIGHT;
        debug_assert!(from < to && to <= journal.head.size && (to - 1) >> TILE_HEIGHT == n);
        if n >= full_below(journal.head.size, 1) {
            return self.tail(journal, from, to);
        }
        let mut statement =
            self.tx.prepare_cached("SELECT lines FROM bundle WHERE journal = ?1 AND n = ?2")?;
        let packed: Option<Vec<u8>> =
            statement.query_row(params![journal.id, sql(n)], |row| row.get(0)).optional()?;
        let damaged = |what| StoreError::damaged(&journal.name, n << TILE_HEIGHT, what);
        let packed = packed.ok_or_else(|| damaged("the bundle is missing"))?;
        let lines = self.unpacker.unpack(&packed).map_err(damaged)?;
        if !lines.is_full() {
            return Err(damaged("the bundle has not 256 entries"));
        }
        let entry = |index: u64| StoredEntry {
            index,
            bytes: lines.entry((index % TILE_WIDTH as u64) as usize).to_vec(),
        };
        Ok((from..to).map(entry).collect())
    }

    /// The tree of `journal`, for proofs.
    pub(crate) fn tree<'s>(&'s self, journal: &'s JournalRow) -> Tree<'s> {
        Tree { tx: self, journal, tiles: HashMap::new() }
    }

    /// The right edge of `journal`, checked against its stored root.
    pub(crate) fn edge(&self, journal: &JournalRow) -> Result<Edge, StoreError> {
        let size = journal.head.size;
        let base = size - size % TILE_WIDTH as u64;
        let mut tree = self.tree(journal);
        let mut upper = Vec::new();
        let mut level = 1;
        while full_below(size, level) > 0 {
            let full = full_below(size, level);
            let from = full - partial_width(size, level) as u64;
            let hashes = (from..full).map(|n| tree.node(TILE_HEIGHT * level, n));
            upper.push(hashes.collect::<Result<Vec<_>, _>>()?);
            level += 1;
        }
        let sealed =
            |entry: StoredEntry| Sealed { leaf: leaf_hash(&entry.bytes), bytes: Arc::new(entry.bytes) };
        let tail = self.tail(journal, base, size)?.into_iter().map(sealed).collect();
        let edge = Edge::load(size, upper, tail);
        edge.filter(|edge| edge.head() == journal.head).ok_or_else(|| {
            StoreError::damaged(&journal.name, base, "entries and tiles do not give the stored root")
        })
    }
}

/// The hashes of a journal's perfect subtrees, from its tiles and its tail.
pub(crate) struct Tree<'s> {
    tx: &'s Snapshot<'s>,
    journal: &'s JournalRow,
    tiles: HashMap<(u32, u64), Vec<Hash>>,
}

impl Tree<'_> {
    /// The full or partial tile `n` of `level`.
    fn hashes(&mut self, level: u32, n: u64) -> Result<&[Hash], StoreError> {
        if !self.tiles.contains_key(&(level, n)) {
            let hashes = self.load(level, n)?;
            self.tiles.insert((level, n), hashes);
        }
        Ok(&self.tiles[&(level, n)])
    }

    fn load(&mut self, level: u32, n: u64) -> Result<Vec<Hash>, StoreError> {
        let size = self.journal.head.size;
        if n < full_below(size, level + 1) {
            return self.tx.tile(self.journal, level, n);
        }
        let from = n << TILE_HEIGHT;
        if level == 0 {
            let tail = self.tx.tail(self.journal, from, size)?;
            return Ok(tail.iter().map(StoredEntry::leaf_hash).collect());
        }
        // A partial tile above the leaves is not stored: it is the roots of the full tiles below.
        (from..full_below(size, level))
            .map(|below| self.tx.tile(self.journal, level - 1, below).map(|hashes| perfect_root(&hashes)))
            .collect()
    }
}

impl NodeSource for Tree<'_> {
    type Error = StoreError;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, StoreError> {
        let within = level % TILE_HEIGHT;
        let first = index << within;
        let (n, from) = (first >> TILE_HEIGHT, (first % TILE_WIDTH as u64) as usize);
        let journal = self.journal;
        let hashes = self.hashes(level / TILE_HEIGHT, n)?;
        let nodes = hashes.get(from..from + (1 << within)).ok_or_else(|| {
            StoreError::damaged(&journal.name, index << level, "a hash beyond the tree was asked for")
        })?;
        Ok(perfect_root(nodes))
    }
}
