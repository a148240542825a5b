//! How much is asked for and kept open at once.

/// Rows of one page, whatever was asked for.
pub const PAGE_ROWS: usize = 1_000;
/// Connections for reading that each year keeps open between questions.
pub const IDLE_READERS: usize = 2;
/// KiB of SQLite's page cache of a reader. The operating system's cache does the rest.
pub const READER_CACHE_KIB: i64 = 512;
/// KiB of SQLite's page cache of a year's writer, used while rows are applied and given back after.
pub const WRITER_CACHE_KIB: i64 = 262_144;
/// Rows after which a batch takes the writer's log back into the year's file.
pub const ROWS_WORTH_A_CHECKPOINT: usize = 50_000;
