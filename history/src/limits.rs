//! How much is asked for and kept open at once.

/// Rows of one page, whatever was asked for.
pub const PAGE_ROWS: usize = 1_000;
/// Connections for reading that each year keeps open between questions.
pub const IDLE_READERS: usize = 2;
/// KiB of SQLite's page cache of a reader. The operating system's cache does the rest.
pub const READER_CACHE_KIB: i64 = 512;
/// KiB of SQLite's page cache of a year's writer.
pub const WRITER_CACHE_KIB: i64 = 2_048;
/// Rows of one year from which a batch is a bulk: the writer gets more cache for it, and takes its log back into the
/// year's file after it.
pub const BULK_ROWS: usize = 50_000;
/// KiB of SQLite's page cache of a year's writer during a bulk.
pub const BULK_CACHE_KIB: i64 = 262_144;
