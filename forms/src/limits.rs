//! The limits of this crate, in one table.

/// Faults of one file that are told one by one; the rest are counted.
pub const FAULTS: usize = 100;
/// Longest cell of a file that is read, in characters.
pub const CELL: usize = 10_000;
/// Longest part of what was written that a fault repeats, in characters.
pub(crate) const QUOTED: usize = 40;
