//! A limit on everything that the program reads or waits for.

/// Largest file that is taken for a saved checkpoint, in bytes. A checkpoint has a few hundred.
pub(crate) const CHECKPOINT: u64 = 64 * 1024;
