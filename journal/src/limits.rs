//! How much of everything: the limits of the journal, in one place.

use std::time::Duration;

/// Bytes of an entry's body in canonical form, without the salt.
pub const MAX_BODY_BYTES: usize = 48 * 1024;

/// Bytes of the salt; it stands in the entry as twice as many hexadecimal digits.
pub const SALT_BYTES: usize = 16;

/// Bytes that the member `"salt":"…",` adds to a body.
pub(crate) const SALT_MEMBER_BYTES: usize = r#""salt":"","#.len() + 2 * SALT_BYTES;

/// Bytes of an entry: body and salt.
pub const MAX_ENTRY_BYTES: usize = MAX_BODY_BYTES + SALT_MEMBER_BYTES;

// INVARIANT (bundle length): every entry fits the two-byte length of a tlog-tiles entry bundle.
const _: () = assert!(MAX_ENTRY_BYTES <= u16::MAX as usize);

/// Levels of objects and arrays inside an entry.
pub const MAX_DEPTH: usize = 32;

/// The largest integer, by magnitude, that every JSON reader reads exactly (2^53).
pub const MAX_INTEGER: i64 = 1 << 53;

/// Entries of one bundle and hashes of one tile (C2SP tlog-tiles).
pub const TILE_WIDTH: usize = 256;

/// log2 of [`TILE_WIDTH`].
pub(crate) const TILE_HEIGHT: u32 = 8;

/// Bytes of a bundle's lines before compression.
pub(crate) const MAX_BUNDLE_BYTES: usize = TILE_WIDTH * (MAX_ENTRY_BYTES + 1);

/// Entries of one tree. Far above any city's need, far below what an SQLite integer holds.
pub const MAX_TREE_SIZE: u64 = 1 << 48;

/// Entries of one call of `append`.
pub const MAX_CALL_ENTRIES: usize = 65_536;

/// Bytes of entries of one call of `append`.
pub const MAX_CALL_BYTES: usize = 64 * 1024 * 1024;

/// Calls that wait for the writer; one more is refused.
pub const MAX_WAITING_CALLS: usize = 4_096;

/// A commit takes no further call once it holds this many entries.
pub const COMMIT_ENTRIES: usize = 16_384;

/// A commit takes no further call once it holds this many bytes.
pub const COMMIT_BYTES: usize = 32 * 1024 * 1024;

/// A signed checkpoint follows new entries within this time.
pub const CHECKPOINT_WITHIN: Duration = Duration::from_secs(1);

/// Journals of one data directory.
pub const MAX_JOURNALS: usize = 64;

/// Bytes of a journal's name.
pub const MAX_NAME_BYTES: usize = 32;

/// Bytes of an origin, which is a key's name as well.
pub const MAX_ORIGIN_BYTES: usize = 200;

/// Bytes of a signed note.
pub const MAX_NOTE_BYTES: usize = 128 * 1024;

/// Signatures of a note; the standard asks for at least 16.
pub const MAX_NOTE_SIGNATURES: usize = 32;

/// Hashes of an inclusion proof; a tree of 2^64 leaves has as many levels.
pub const MAX_PROOF_HASHES: usize = 64;

/// Read-only connections kept open for the next reader.
pub(crate) const IDLE_READERS: usize = 8;
