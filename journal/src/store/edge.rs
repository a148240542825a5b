//! The right edge of one journal, as the writer keeps it in memory: what the next entry needs.

use std::sync::Arc;

use crate::limits::{TILE_HEIGHT, TILE_WIDTH};
use crate::tree::{Frontier, Hash, TreeHead};

/// An entry on its way into a journal.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) leaf: Hash,
}

/// Frontier, partial tiles and tail of a journal.
///
/// INVARIANT (edge): `partial[0]` and `tail` have `size % 256` members each; `partial[l]` has
/// `size / 256^l % 256`.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    frontier: Frontier,
    partial: Vec<Vec<Hash>>,
    tail: Vec<Arc<Vec<u8>>>,
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
    pub(crate) entries: Vec<Arc<Vec<u8>>>,
    pub(crate) root: Hash,
}

/// What became complete while entries were pushed.
#[derive(Debug, Default)]
pub(crate) struct Completed {
    pub(crate) tiles: Vec<FullTile>,
    pub(crate) bundles: Vec<FullBundle>,
}

impl Edge {
    /// The edge of `size` entries from the partial tiles of levels 1 and above and the entries of the tail.
    /// `None` when they do not belong together.
    pub(crate) fn load(size: u64, upper: Vec<Vec<Hash>>, tail: Vec<Sealed>) -> Option<Self> {
        let base = size - size % TILE_WIDTH as u64;
        let mut partial = vec![Vec::new()];
        partial.extend(upper);
        let frontier = Frontier::from_partial_tiles(base, &partial)?;
        if tail.len() as u64 != size - base {
            return None;
        }
        let mut edge = Self { frontier, partial, tail: Vec::new() };
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

    /// The tail's entries from `index` on, their leaves, and the index of the first of them.
    pub(crate) fn tail_from(&self, index: u64) -> (u64, &[Arc<Vec<u8>>], &[Hash]) {
        let base = self.size() - self.tail.len() as u64;
        let first = index.max(base);
        let skipped = (first - base) as usize;
        (first, &self.tail[skipped..], &self.partial[0][skipped..])
    }

    /// Adds an entry; what it completes is added to `completed`.
    pub(crate) fn push(&mut self, entry: Sealed, completed: &mut Completed) {
        self.tail.push(entry.bytes);
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
            let entries = std::mem::take(&mut self.tail);
            completed.bundles.push(FullBundle {
                n: index >> TILE_HEIGHT,
                entries,
                root: self.frontier.root(),
            });
        }
    }
}
