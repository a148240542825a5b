//! How much is searched, shown and read at once.

/// Residents shown for one search.
pub const HITS_SHOWN: usize = 50;
/// Hits are counted exactly up to this many; above, "at least" is said. Counting them all would let a single
/// common syllable read the whole index.
pub const HITS_COUNTED: u32 = 5_000;
/// Characters of a search that are looked at.
pub const QUERY_CHARS: usize = 100;
/// Connections for reading that are kept open between searches.
pub const IDLE_READERS: usize = 4;
/// Bytes of an import file.
pub const IMPORT_BYTES: usize = 512 * 1024 * 1024;
/// Faults of an import file that are listed; the others are counted.
pub const FAULTS_LISTED: usize = 1_000;
/// KiB of SQLite's page cache of a reader. The operating system's cache does the rest.
pub const READER_CACHE_KIB: i64 = 1_024;
/// KiB of SQLite's page cache of the writer, used while entries are applied and given back after.
pub const WRITER_CACHE_KIB: i64 = 65_536;
