//! The right edge of one journal, as the writer keeps it in memory: what the next entry needs.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::limits::{TILE_HEIGHT, TILE_WIDTH};
use crate::tree::{Frontier, Hash, TreeHead};

/// An entry on its way into a journal.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) leaf: Hash,
}

/// A link of the chain that binds each tail row to all before it.
pub(crate) fn chain_link(before: &Hash, leaf: &Hash) -> Hash {
    let mut bytes = [0x02; 65];
    bytes[1..33].copy_from_slice(&before.0);
    bytes[33..].copy_from_slice(&leaf.0);
    Hash(Sha256::digest(bytes).into())
}

/// A row of the tail.
#[derive(Debug, Clone)]
pub(crate) struct TailRow {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) chain: Hash,
}

/// Frontier, partial tiles and tail of a journal.
///
/// INVARIANT (edge): `partial[0]` and `tail` have `size % 256` members each; `partial[l]` has
/// `size / 256^l % 256`.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    frontier: Frontier,
    partial: Vec<Vec<Hash>>,
    tail: Vec<TailRow>,
    /// Root at the end of the last bundle, where the tail's chain starts.
    base_root: Hash,
}

/// A full tile.
#[derive(Debug)]
pub(crate) struct FullTile {
    pub(crate) level: u32,
    pub(crate) n: u64,
    pub(crate) hashes: Vec<Hash>,
}

/// 256 entries and the root at their end.
#[derive(Debug)]
pub(crate) struct FullBundle {
    pub(crate) n: u64,
    pub(crate) entries: Vec<TailRow>,
    pub(crate) root: Hash,
}

/// What became complete while entries were pushed.
#[derive(Debug, Default)]
pub(crate) struct Completed {
    pub(crate) tiles: Vec<FullTile>,
    pub(crate) bundles: Vec<FullBundle>,
}

impl Edge {
    /// The edge of `size` entries from the partial tiles of levels 1 and above, the entries of the tail and
    /// the root at its beginning. `None` when they do not belong together.
    pub(crate) fn load(size: u64, upper: Vec<Vec<Hash>>, base_root: Hash, tail: Vec<Sealed>) -> Option<Self> {
        let base = size - size % TILE_WIDTH as u64;
        let mut partial = vec![Vec::new()];
        partial.extend(upper);
        let mut edge = Self {
            frontier: Frontier::from_partial_tiles(base, &partial)?,
            partial,
            tail: Vec::new(),
            base_root,
        };
        if edge.frontier.root() != base_root || tail.len() as u64 != size - base {
            return None;
        }
        let mut completed = Completed::default();
        for entry in tail {
            edge.push(entry, &mut completed);
        }
        Some(edge)
    }

    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub(crate) fn head(&self) -> TreeHead {
        self.frontier.head()
    }

    /// The rows of the tail and the index of the first of them.
    pub(crate) fn tail(&self) -> (u64, &[TailRow]) {
        (self.size() - self.tail.len() as u64, &self.tail)
    }

    /// Adds an entry; what it completes is added to `completed`.
    pub(crate) fn push(&mut self, entry: Sealed, completed: &mut Completed) {
        let before = self.tail.last().map_or(self.base_root, |row| row.chain);
        self.tail.push(TailRow { bytes: entry.bytes, chain: chain_link(&before, &entry.leaf) });
        let partial = &mut self.partial;
        let index = self.frontier.size();
        self.frontier.push(entry.leaf, |level, hash| {
            if !level.is_multiple_of(TILE_HEIGHT) {
                return;
            }
            let level = level / TILE_HEIGHT;
            while partial.len() <= level as usize {
                partial.push(Vec::new());
            }
            let tile = &mut partial[level as usize];
            tile.push(hash);
            if tile.len() == TILE_WIDTH {
                let n = index >> (TILE_HEIGHT * (level + 1));
                completed.tiles.push(FullTile { level, n, hashes: std::mem::take(tile) });
            }
        });
        if self.tail.len() == TILE_WIDTH {
            self.base_root = self.frontier.root();
            let entries = std::mem::take(&mut self.tail);
            completed.bundles.push(FullBundle { n: index >> TILE_HEIGHT, entries, root: self.base_root });
        }
    }
}
