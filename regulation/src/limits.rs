//! The limits of this crate, in one table.

/// Highest number of an article, paragraph, item or row.
pub const NUMBER: u16 = 9999;
/// Longest text read as a citation, in characters.
pub const CITATION: usize = 80;
/// Longest file of a profile, in bytes.
pub const PROFILE_FILE: u64 = 1 << 20;
/// Longest text of a regulation that is split, in bytes.
pub const REGULATION_TEXT: u64 = 16 << 20;
