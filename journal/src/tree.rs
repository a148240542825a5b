//! The Merkle tree of RFC 6962: leaf and node hashes, and the right edge of a growing tree.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

use crate::limits::TILE_HEIGHT;

/// A SHA-256 hash: of a leaf, a node or a whole tree. Prints as standard base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Bytes of a hash.
    pub const LEN: usize = 32;

    /// The hash whose bytes are `bytes`, when there are 32 of them.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// A text that is not the base64 of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the base64 of a 32-byte hash")]
pub struct HashError;

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = BASE64.decode(text).map_err(|_| HashError)?;
        Self::from_slice(&bytes).ok_or(HashError)
    }
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The hash of a leaf: SHA-256 of a zero byte and the entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Hash(hasher.finalize().into())
}

/// [`leaf_hash`] of an entry that already stands behind its zero byte: one call of the hash function
/// over one slice, which is what makes full verification fast.
pub(crate) fn leaf_hash_prefixed(zero_and_entry: &[u8]) -> Hash {
    debug_assert_eq!(zero_and_entry.first(), Some(&0));
    Hash(Sha256::digest(zero_and_entry).into())
}

/// SHA-256 before the first block (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The hash of an inner node: SHA-256 of a one byte and both children.
///
/// The two blocks of these 65 bytes are laid out here, with their padding, and compressed at once: a tree has
/// as many nodes as leaves, and general-purpose buffering costs a third of such a hash.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    const BITS: u16 = 65 * 8;
    let mut blocks = [[0; 64]; 2];
    let [first, second] = &mut blocks;
    first[0] = 0x01;
    first[1..33].copy_from_slice(&left.0);
    first[33..].copy_from_slice(&right.0[..31]);
    second[0] = right.0[31];
    second[1] = 0x80;
    second[62..].copy_from_slice(&BITS.to_be_bytes());
    let mut state = INITIAL;
    compress256(&mut state, &blocks);
    let mut hash = [0; Hash::LEN];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Hash(hash)
}

/// The root of the perfect tree over `nodes`, whose number must be a power of two.
pub(crate) fn perfect_root(nodes: &[Hash]) -> Hash {
    assert!(nodes.len().is_power_of_two(), "a perfect tree has a power of two of leaves");
    let mut level = nodes.to_vec();
    while level.len() > 1 {
        for pair in 0..level.len() / 2 {
            level[pair] = node_hash(&level[2 * pair], &level[2 * pair + 1]);
        }
        level.truncate(level.len() / 2);
    }
    level[0]
}

/// Size and root of a tree at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of entries.
    pub size: u64,
    /// Root over these entries.
    pub root: Hash,
}

/// The right edge of a tree: the perfect subtrees that its leaves fall into, largest first.
///
/// INVARIANT (frontier): one node for each set bit of `size`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}

impl Frontier {
    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self { size: 0, nodes: Vec::new() }
    }

    /// The edge of a tree of `size` leaves whose partial tiles, level by level from the leaves up, are
    /// `partial`. `None` when the widths of the tiles do not belong to `size`.
    pub(crate) fn from_partial_tiles(size: u64, partial: &[Vec<Hash>]) -> Option<Self> {
        let mut nodes = Vec::with_capacity(size.count_ones() as usize);
        for (level, hashes) in partial.iter().enumerate().rev() {
            let width = partial_width(size, level as u32);
            if hashes.len() != width {
                return None;
            }
            let mut from = 0;
            for bit in (0..TILE_HEIGHT).rev() {
                let count = 1 << bit;
                if width & count != 0 {
                    nodes.push(perfect_root(&hashes[from..from + count]));
                    from += count;
                }
            }
        }
        (nodes.len() == size.count_ones() as usize).then_some(Self { size, nodes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. `done` hears of every subtree that it completes, itself first: level and hash.
    pub fn push(&mut self, leaf: Hash, done: impl FnMut(u32, Hash)) {
        self.push_subtree(0, leaf, done);
    }

    /// Adds a perfect subtree of 2^`level` leaves. The size must be a multiple of that.
    pub fn push_subtree(&mut self, level: u32, root: Hash, mut done: impl FnMut(u32, Hash)) {
        assert!(self.size.trailing_zeros() >= level, "a subtree starts at a multiple of its size");
        let mut node = root;
        let mut at = level;
        done(at, node);
        let mut rest = self.size >> level;
        while rest & 1 == 1 {
            let left = self.nodes.pop().expect("INVARIANT (frontier): one node for each set bit");
            node = node_hash(&left, &node);
            at += 1;
            done(at, node);
            rest >>= 1;
        }
        self.nodes.push(node);
        self.size += 1 << level;
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut from_right = self.nodes.iter().rev();
        let Some(&last) = from_right.next() else {
            return empty_root();
        };
        from_right.fold(last, |right, left| node_hash(left, &right))
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }
}

/// Hashes in the partial tile of `level` when the tree has `size` leaves.
pub(crate) fn partial_width(size: u64, level: u32) -> usize {
    (full_below(size, level) % (1 << TILE_HEIGHT)) as usize
}

/// Perfect subtrees of 256^`level` leaves in a tree of `size` leaves.
pub(crate) fn full_below(size: u64, level: u32) -> u64 {
    size.checked_shr(TILE_HEIGHT.saturating_mul(level)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_the_known_vectors() {
        // The leaves and roots that RFC 6962 implementations share.
        let leaves: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
        let mut frontier = Frontier::new();
        assert_eq!(
            hex::encode(frontier.root().0),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let expected = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ];
        for (leaf, root) in leaves.iter().zip(expected) {
            frontier.push(leaf_hash(leaf), |_, _| {});
            assert_eq!(hex::encode(frontier.root().0), root);
        }
    }

    #[test]
    fn both_leaf_hashes_agree() {
        assert_eq!(leaf_hash(b"abc"), leaf_hash_prefixed(b"\0abc"));
    }

    #[test]
    fn a_node_is_sha_256_of_a_one_byte_and_both_children() {
        let mut bytes = vec![0x01];
        bytes.extend(0..=63);
        let [left, right] = [1, 33].map(|from| Hash::from_slice(&bytes[from..from + 32]).unwrap());
        assert_eq!(node_hash(&left, &right).0[..], Sha256::digest(&bytes)[..]);
    }
}
