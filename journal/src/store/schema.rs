//! The file `sekisho.db`: its tables, and how it is opened.
//!
//! The comments stand inside the statements, so that SQLite keeps them: `.schema` explains the file.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// The journals' file in a data directory.
const FILE: &str = "sekisho.db";

/// "Skis": what `file` and `PRAGMA application_id` say of the journals' file.
const APPLICATION_ID: i32 = 0x536b_6973;

/// Form of the tables; another number is refused.
const VERSION: i32 = 1;

/// How long to wait for a reader's or a checkpoint's lock.
const BUSY: Duration = Duration::from_secs(10);

const TABLES: &str = "
CREATE TABLE journal (
  -- one row per journal: an append-only Merkle tree as in RFC 6962, published as C2SP tlog-tiles
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,      -- first line of its checkpoints
  vkey TEXT NOT NULL,        -- public key of its checkpoints, in signed-note form
  size INTEGER NOT NULL,     -- number of entries
  root BLOB NOT NULL,        -- Merkle root over them
  checkpoint TEXT NOT NULL   -- last signed checkpoint; at most a second older than the last entry
) STRICT;
CREATE TABLE bundle (
  -- 256 entries each: entry i stands in line i % 256 of the bundle with n = i / 256
  journal INTEGER NOT NULL,
  n INTEGER NOT NULL,
  lines BLOB NOT NULL,       -- zstd; one entry (JSON, UTF-8) per line, each line ended by a newline
  root BLOB NOT NULL,        -- Merkle root over all entries up to the end of this bundle
  PRIMARY KEY (journal, n)
) STRICT;
CREATE TABLE tile (
  -- full tiles: 256 SHA-256 hashes; level 0: of the entries; above: of the tiles below
  journal INTEGER NOT NULL,
  level INTEGER NOT NULL,
  n INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (journal, level, n)
) STRICT;
CREATE TABLE tail (
  -- the newest entries, one row per commit, until 256 of them make a bundle
  journal INTEGER NOT NULL,
  idx INTEGER NOT NULL,      -- index of the first entry of the row
  lines TEXT NOT NULL,       -- one entry (JSON) per line, each line ended by a newline
  leaves BLOB NOT NULL,      -- SHA-256 hashes of the entries: of a zero byte and the line
  root BLOB NOT NULL,        -- Merkle root over all entries up to the end of this row
  PRIMARY KEY (journal, idx)
) STRICT, WITHOUT ROWID;
";

/// Where the journals of `dir` are.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Opens the file for its one writer, and makes it when there is none.
pub(crate) fn open_writer(dir: &Path) -> Result<Connection, StoreError> {
    let path = file(dir);
    // SQLite gives its -wal and -shm the mode of the file: what it holds is for the city's eyes only.
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(StoreError::io)?;
    let mut db = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(BUSY)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    settle(&db)?;
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if tx.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0))? == 0 {
        tx.execute_batch(TABLES)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    tx.commit()?;
    check_form(&db)?;
    fs::File::open(dir).and_then(|d| d.sync_all()).map_err(StoreError::io)?;
    Ok(db)
}

/// Opens the file for reading only, whether or not a writer has it open.
pub(crate) fn open_reader(dir: &Path) -> Result<Connection, StoreError> {
    let path = file(dir);
    if !path.try_exists().map_err(StoreError::io)? {
        return Err(StoreError::Missing(path.display().to_string()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&path, flags)?;
    let readable = settle(&db).and_then(|()| check_form(&db));
    match readable {
        Ok(()) => Ok(db),
        Err(StoreError::CannotOpen | StoreError::ReadOnly) if !path.with_extension("db-wal").exists() => {
            open_immutable(&path)
        }
        Err(error) => Err(error),
    }
}

/// A file on a medium that nobody can write, without a write-ahead log beside it.
fn open_immutable(path: &Path) -> Result<Connection, StoreError> {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(byte.into()),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(uri, flags)?;
    settle(&db)?;
    check_form(&db)?;
    Ok(db)
}

/// What every connection has: no memory map (a bad sector is an error, not a crash), no trust in the file.
fn settle(db: &Connection) -> Result<(), StoreError> {
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(32);
    db.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(())).or_else(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        other => Err(other),
    })?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

fn check_form(db: &Connection) -> Result<(), StoreError> {
    let id: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if id == APPLICATION_ID && version == VERSION {
        return Ok(());
    }
    Err(StoreError::Form { id, version })
}
