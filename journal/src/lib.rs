//! The append-only Merkle journal: entries, tiles, checkpoints, proofs, and the store that keeps them.

pub mod canonical;
mod checkpoint;
mod entry;
mod export;
pub mod limits;
mod note;
mod proof;
mod store;
mod tile;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use entry::{Draft, EntryError, JournalName, NameError, Receipt, Salt, StoredEntry, seal, unseal};
pub use export::{ExportError, Listed, export, list, prove, vkey};
pub use note::{NoteError, SignedNote, SigningKey, VerifierKey};
pub use proof::{
    NodeSource, ProofError, TlogProof, consistency, inclusion, root_at, verify_consistency, verify_inclusion,
};
pub use store::{AppendError, Entries, Journal, OpenError, ReadError, StoreError};
pub use tile::{BundleError, TileKind, TilePath, TilePathError, encode_bundle, parse_bundle};
pub use tree::{Frontier, Hash, HashError, TreeHead, empty_root, leaf_hash, node_hash};
pub use verify::{Fault, Report, Verdict, VerifyError, verify};
