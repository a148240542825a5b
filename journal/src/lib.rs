//! The append-only Merkle journal: entries, tiles, checkpoints, proofs, and the store that keeps them.
