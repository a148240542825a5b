//! Proofs: that an entry is in a tree (inclusion) and that a tree grew out of another (consistency).

use std::fmt;
use std::str::FromStr;

use crate::checkpoint::{Checkpoint, CheckpointError, parse_decimal};
use crate::limits::{MAX_NOTE_BYTES, MAX_PROOF_HASHES};
use crate::note::VerifierKey;
use crate::tree::{Hash, TreeHead, empty_root, node_hash};

/// Gives the hashes of perfect subtrees: number `index` among those of 2^`level` leaves.
pub trait NodeSource {
    /// What reading may fail with.
    type Error;

    /// The hash of leaves `index << level .. (index + 1) << level`.
    ///
    /// # Errors
    /// When it cannot be read.
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Root over leaves `from..to`, where `from` is a multiple of the largest power of two below `to - from`.
fn range_root<S: NodeSource>(source: &mut S, from: u64, to: u64) -> Result<Hash, S::Error> {
    let count = to - from;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return source.node(level, from >> level);
    }
    let split = from + left_count(count);
    let left = range_root(source, from, split)?;
    let right = range_root(source, split, to)?;
    Ok(node_hash(&left, &right))
}

/// The largest power of two below `count`; `count` is at least 2.
fn left_count(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The root of the first `size` leaves.
///
/// # Errors
/// When a node cannot be read.
pub fn root_at<S: NodeSource>(source: &mut S, size: u64) -> Result<Hash, S::Error> {
    if size == 0 { Ok(empty_root()) } else { range_root(source, 0, size) }
}

/// Inclusion proof of leaf `index` in the tree of `size` leaves, from the leaf's sibling upwards
/// (RFC 6962 2.1.1). `index` must be below `size`.
///
/// # Errors
/// When a node cannot be read.
pub fn inclusion<S: NodeSource>(source: &mut S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    assert!(index < size, "an entry beyond the tree is not in it");
    let (mut from, mut to) = (0, size);
    let mut proof = Vec::new();
    while to - from > 1 {
        let split = from + left_count(to - from);
        if index < split {
            proof.push(range_root(source, split, to)?);
            to = split;
        } else {
            proof.push(range_root(source, from, split)?);
            from = split;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Consistency proof between the trees of `old` and `new` leaves (RFC 6962 2.1.2); empty when `old` is 0
/// or both are the same. `old` must not be above `new`.
///
/// # Errors
/// When a node cannot be read.
pub fn consistency<S: NodeSource>(source: &mut S, old: u64, new: u64) -> Result<Vec<Hash>, S::Error> {
    assert!(old <= new, "a tree does not shrink");
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut from, mut to) = (0, new);
    let mut proof = Vec::new();
    while to != old {
        let split = from + left_count(to - from);
        if old <= split {
            proof.push(range_root(source, split, to)?);
            to = split;
        } else {
            proof.push(range_root(source, from, split)?);
            from = split;
        }
    }
    if from > 0 {
        proof.push(range_root(source, from, to)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` shows that `leaf` is entry `index` of the tree `head` (RFC 9162 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, head: &TreeHead, proof: &[Hash]) -> bool {
    if index >= head.size {
        return false;
    }
    let (mut node, mut last) = (index, head.size - 1);
    let mut root = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            root = node_hash(sibling, &root);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            root = node_hash(&root, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && root == head.root
}

/// Whether `proof` shows that the tree `new` grew out of `old` (RFC 9162 2.1.4.2).
pub fn verify_consistency(old: &TreeHead, new: &TreeHead, proof: &[Hash]) -> bool {
    if old.size > new.size {
        return false;
    }
    if old.size == 0 {
        return proof.is_empty() && old.root == empty_root();
    }
    if old.size == new.size {
        return proof.is_empty() && old.root == new.root;
    }
    let mut hashes = proof.iter();
    let first = if old.size.is_power_of_two() { Some(&old.root) } else { hashes.next() };
    let Some(&first) = first else { return false };
    let (mut node, mut last) = (old.size - 1, new.size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_root, mut new_root) = (first, first);
    for hash in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_root = node_hash(hash, &old_root);
            new_root = node_hash(hash, &new_root);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_root = node_hash(&new_root, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_root == old.root && new_root == new.root
}

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// Why a text is not a proof, or not of this entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not in the form of C2SP tlog-proof.
    #[error("malformed proof: {0}")]
    Malformed(&'static str),
    /// Its checkpoint is not the journal's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead from this entry to the checkpoint's root.
    #[error("the proof is not of this entry")]
    OtherEntry,
}

/// A proof for use without the journal (C2SP tlog-proof): index, hashes, signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Index of the entry.
    pub index: u64,
    /// Inclusion proof in the checkpoint's tree.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

impl TlogProof {
    /// Checks the proof for the entry whose leaf hash is `leaf`, with the journal's key.
    ///
    /// # Errors
    /// When the checkpoint is not the journal's or the entry is not in its tree at this index.
    pub fn verify(&self, leaf: &Hash, key: &VerifierKey) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        if verify_inclusion(leaf, self.index, &checkpoint.head, &self.hashes) {
            Ok(checkpoint)
        } else {
            Err(ProofError::OtherEntry)
        }
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nindex {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for TlogProof {
    type Err = ProofError;

    /// The standard's `extra` line is passed over: nothing here gives it a meaning.
    fn from_str(text: &str) -> Result<Self, ProofError> {
        if text.len() > MAX_NOTE_BYTES {
            return Err(ProofError::Malformed("too long"));
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Malformed("no blank line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(ProofError::Malformed("not a version 1 proof"));
        }
        if lines.peek().is_some_and(|line| line.starts_with("extra ")) {
            lines.next();
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(parse_decimal);
        let index = index.ok_or(ProofError::Malformed("no index"))?;
        let hashes: Vec<Hash> = lines
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| ProofError::Malformed("not a hash"))?;
        if hashes.len() > MAX_PROOF_HASHES {
            return Err(ProofError::Malformed("too many hashes"));
        }
        Ok(Self { index, hashes, checkpoint: checkpoint.to_owned() })
    }
}
