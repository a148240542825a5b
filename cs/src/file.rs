//! The residents file on disk: `DIR/residents.db`, folded from the journal of residents.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use register::terms::{ChangeKind, HouseholdId, Resident, ResidentCode};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, params};

use crate::{limits, shadow};

/// The layout of the tables and the rule of the shadows: raise it when either changes. A file of another layout
/// is made anew.
const LAYOUT: i64 = 1;
const FILE_NAME: &str = "residents.db";
/// Above every text that begins with the text before it.
const LAST: char = char::MAX;

const TABLES: &str = "
    CREATE TABLE fold (applied_size INTEGER NOT NULL) STRICT;
    INSERT INTO fold VALUES (0);
    CREATE TABLE resident (
        code INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL,
        household TEXT,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX household ON resident (household, code) WHERE household IS NOT NULL;
    CREATE TABLE by_name (shadow TEXT, code INTEGER, PRIMARY KEY (shadow, code)) STRICT, WITHOUT ROWID;
    CREATE TABLE by_kana (shadow TEXT, code INTEGER, PRIMARY KEY (shadow, code)) STRICT, WITHOUT ROWID;
";

/// Why the file did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own reason.
    #[error("the residents file cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// A record that is not what was written.
    #[error("a record of the residents file cannot be read")]
    Record(#[from] serde_json::Error),
    /// The folder or an old file could not be handled.
    #[error("the residents file cannot be made")]
    Io(#[from] std::io::Error),
    /// An entry at or after the size that the fold was to reach.
    #[error("entry {index} is not below the size {size}")]
    BeyondSize {
        /// The entry's index.
        index: u64,
        /// The size given.
        size: u64,
    },
}

impl StoreError {
    /// For the person who searched.
    pub fn japanese(&self) -> String {
        match self {
            Self::Record(_) | Self::BeyondSize { .. } => {
                "住民ファイルの内容が原簿と合いません。作り直しが必要です".to_owned()
            }
            Self::Sqlite(_) | Self::Io(_) => "住民ファイルを読み書きできません".to_owned(),
        }
    }
}

/// How many residents a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u32),
    /// So many and maybe more: counting stopped at [`limits::HITS_COUNTED`].
    AtLeast(u32),
}

impl Count {
    /// The number, exact or not.
    pub fn number(self) -> u32 {
        match self {
            Self::Exactly(number) | Self::AtLeast(number) => number,
        }
    }

    /// `12件` or `5000件以上`.
    pub fn japanese(self) -> String {
        match self {
            Self::Exactly(number) => format!("{number}件"),
            Self::AtLeast(number) => format!("{number}件以上"),
        }
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    /// The first of them in the order of the shadow, then of the code.
    pub shown: Vec<Resident>,
    /// All of them.
    pub count: Count,
    /// How many entries of the journal the answer stands on.
    pub as_of: u64,
}

/// The residents file. Searches run side by side; one thread at a time applies entries.
#[derive(Debug)]
pub struct ResidentsFile {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
}

#[derive(Clone, Copy)]
enum Shadow {
    Name,
    Kana,
}

impl Shadow {
    fn count(self) -> &'static str {
        match self {
            Self::Name => {
                "SELECT count(*) FROM
                 (SELECT 1 FROM by_name WHERE shadow >= ?1 AND shadow < ?2 LIMIT ?3)"
            }
            Self::Kana => {
                "SELECT count(*) FROM
                 (SELECT 1 FROM by_kana WHERE shadow >= ?1 AND shadow < ?2 LIMIT ?3)"
            }
        }
    }

    fn list(self) -> &'static str {
        match self {
            Self::Name => {
                "SELECT body FROM by_name JOIN resident USING (code)
                 WHERE shadow >= ?1 AND shadow < ?2 ORDER BY shadow, code LIMIT ?3"
            }
            Self::Kana => {
                "SELECT body FROM by_kana JOIN resident USING (code)
                 WHERE shadow >= ?1 AND shadow < ?2 ORDER BY shadow, code LIMIT ?3"
            }
        }
    }
}

impl ResidentsFile {
    /// Opens the file in a folder, or makes an empty one to fold into. A file that is damaged or of another
    /// layout is thrown away: everything in it comes from the journal.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join(FILE_NAME);
        let writer = match open_writer(&path) {
            Err(StoreError::Sqlite(error)) if is_damaged(&error) => {
                remove(&path)?;
                open_writer(&path)?
            }
            Ok(None) => {
                remove(&path)?;
                open_writer(&path)?
            }
            other => other?,
        };
        let writer = writer.ok_or(rusqlite::Error::InvalidQuery)?;
        Ok(Self { path, writer: Mutex::new(writer), idle: Mutex::default() })
    }

    /// How many entries of the journal have been folded in: the index of the next one wanted.
    pub fn applied_size(&self) -> Result<u64, StoreError> {
        self.reading(applied_size)
    }

    /// Folds entries in, in the order of the journal, and notes that the journal has been followed up to `size`.
    /// All of it or nothing. Entries already folded in are passed over, so a batch may be given again.
    pub fn apply(
        &self,
        entries: impl IntoIterator<Item = (u64, Resident)>,
        size: u64,
    ) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction()?;
        let applied = applied_size(&transaction)?;
        for (index, resident) in entries {
            if index >= size {
                return Err(StoreError::BeyondSize { index, size });
            }
            if index >= applied {
                enter(&transaction, index, &resident)?;
            }
        }
        if size > applied {
            transaction.execute("UPDATE fold SET applied_size = ?1", [size as i64])?;
        }
        transaction.commit()?;
        writer.execute_batch("PRAGMA shrink_memory")?;
        Ok(())
    }

    /// Empties the file, to be folded again from the first entry.
    pub fn clear(&self) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction()?;
        transaction.execute_batch(
            "DELETE FROM resident; DELETE FROM by_name; DELETE FROM by_kana; UPDATE fold SET applied_size = 0;",
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Residents whose name begins so, whatever the variant of its characters.
    pub fn search_name(&self, typed: &str) -> Result<Hits, StoreError> {
        self.search(Shadow::Name, &shadow::name(&shadow::typed(typed)))
    }

    /// Residents whose reading begins so, in hiragana or katakana of either width.
    pub fn search_kana(&self, typed: &str) -> Result<Hits, StoreError> {
        self.search(Shadow::Kana, &shadow::kana(&shadow::typed(typed)))
    }

    /// The resident with this code, as a search.
    pub fn search_code(&self, code: ResidentCode) -> Result<Hits, StoreError> {
        self.reading(|reader| {
            let shown: Vec<Resident> = find(reader, code)?.into_iter().collect();
            let count = Count::Exactly(shown.len() as u32);
            Ok(Hits { shown, count, as_of: applied_size(reader)? })
        })
    }

    /// One resident's record.
    pub fn consult(&self, code: ResidentCode) -> Result<Option<Resident>, StoreError> {
        self.reading(|reader| find(reader, code))
    }

    /// The members of a household, in the order of their codes.
    pub fn household(&self, household: &HouseholdId) -> Result<Vec<Resident>, StoreError> {
        self.reading(|reader| {
            let mut statement = reader
                .prepare_cached("SELECT body FROM resident WHERE household = ?1 ORDER BY code LIMIT ?2")?;
            let bodies = statement
                .query_map(params![household.as_str(), limits::HITS_SHOWN as i64], |row| row.get(0))?;
            residents(bodies)
        })
    }

    /// How many residents are in the file.
    pub fn len(&self) -> Result<u64, StoreError> {
        self.reading(|reader| {
            let count: i64 = reader.query_row("SELECT count(*) FROM resident", [], |row| row.get(0))?;
            Ok(count as u64)
        })
    }

    /// Whether nobody is in the file.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.len()? == 0)
    }

    /// Those of imported residents that would change the file, with what an import does not say (household,
    /// former surname, individual number) kept from the file. Importing the same file again leaves none.
    pub fn changes(&self, imported: Vec<Resident>) -> Result<Vec<Resident>, StoreError> {
        self.reading(|reader| {
            let mut changed = Vec::new();
            for mut resident in imported {
                if let Some(present) = find(reader, resident.code())? {
                    if imports_alike(&resident, &present) {
                        continue;
                    }
                    let (new, old) = (&mut resident.information, present.information);
                    new.former_surname = new.former_surname.take().or(old.former_surname);
                    new.individual_number = new.individual_number.or(old.individual_number);
                    resident.household = resident.household.take().or(present.household);
                }
                changed.push(resident);
            }
            Ok(changed)
        })
    }

    /// Every resident in the order of the codes, a page at a time: those after `after`, at most `limit`.
    pub fn page(&self, after: Option<ResidentCode>, limit: usize) -> Result<Vec<Resident>, StoreError> {
        self.reading(|reader| {
            let mut statement =
                reader.prepare_cached("SELECT body FROM resident WHERE code > ?1 ORDER BY code LIMIT ?2")?;
            let after = after.map_or(-1, |code| code.number() as i64);
            let bodies = statement.query_map(params![after, limit as i64], |row| row.get(0))?;
            residents(bodies)
        })
    }

    fn search(&self, by: Shadow, prefix: &str) -> Result<Hits, StoreError> {
        self.reading(|reader| {
            let as_of = applied_size(reader)?;
            if prefix.is_empty() {
                return Ok(Hits { shown: Vec::new(), count: Count::Exactly(0), as_of });
            }
            let end = format!("{prefix}{LAST}");
            let counted = i64::from(limits::HITS_COUNTED) + 1;
            let count: u32 = reader
                .prepare_cached(by.count())?
                .query_row(params![prefix, end, counted], |row| row.get(0))?;
            let mut statement = reader.prepare_cached(by.list())?;
            let bodies =
                statement.query_map(params![prefix, end, limits::HITS_SHOWN as i64], |row| row.get(0))?;
            let count = match count {
                count if count > limits::HITS_COUNTED => Count::AtLeast(limits::HITS_COUNTED),
                count => Count::Exactly(count),
            };
            Ok(Hits { shown: residents(bodies)?, count, as_of })
        })
    }

    /// Runs `ask` in one read transaction, so that a count and its list are of the same moment.
    fn reading<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = lock(&self.idle).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => open_reader(&self.path)?,
        };
        let transaction = reader.transaction()?;
        let answer = ask(&transaction)?;
        transaction.finish()?;
        let mut idle = lock(&self.idle);
        if idle.len() < limits::IDLE_READERS {
            idle.push(reader);
        }
        Ok(answer)
    }
}

/// A connection stays sound when its holder panicked: the transaction was rolled back when it was dropped.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// None when the file has another layout.
fn open_writer(path: &Path) -> Result<Option<Connection>, StoreError> {
    let mut writer = Connection::open(path)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    // What a power cut takes from the end is folded again: the size goes with it.
    writer.pragma_update(None, "synchronous", "NORMAL")?;
    writer.pragma_update(None, "mmap_size", 0)?;
    writer.pragma_update(None, "cache_size", -limits::WRITER_CACHE_KIB)?;
    let layout: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = writer.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (layout, tables) {
        (LAYOUT, _) => Ok(Some(writer)),
        (0, 0) => {
            let transaction = writer.transaction()?;
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
            transaction.commit()?;
            Ok(Some(writer))
        }
        _ => Ok(None),
    }
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let reader = Connection::open(path)?;
    reader.pragma_update(None, "query_only", true)?;
    reader.pragma_update(None, "mmap_size", 0)?;
    reader.pragma_update(None, "cache_size", -limits::READER_CACHE_KIB)?;
    Ok(reader)
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Whether two records are the same in all that a file of residents says.
fn imports_alike(one: &Resident, other: &Resident) -> bool {
    let (a, b) = (&one.information, &other.information);
    let texts = a.name == b.name && a.kana == b.kana && a.address == b.address;
    texts && a.birth == b.birth && a.sex == b.sex && one.protected == other.protected
}

fn applied_size(connection: &Connection) -> Result<u64, StoreError> {
    let size: i64 =
        connection.prepare_cached("SELECT applied_size FROM fold")?.query_row([], |row| row.get(0))?;
    Ok(size as u64)
}

fn find(connection: &Connection, code: ResidentCode) -> Result<Option<Resident>, StoreError> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM resident WHERE code = ?1")?
        .query_row([code.number() as i64], |row| row.get(0))
        .optional()?;
    body.map(|body| serde_json::from_str(&body)).transpose().map_err(StoreError::from)
}

fn residents(
    bodies: impl Iterator<Item = Result<String, rusqlite::Error>>,
) -> Result<Vec<Resident>, StoreError> {
    bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
}

fn enter(transaction: &Transaction<'_>, index: u64, resident: &Resident) -> Result<(), StoreError> {
    strike(transaction, resident.code())?;
    let change = resident.information.change.as_ref();
    let former = change.filter(|change| change.reason.kind() == ChangeKind::Recoded);
    if let Some(former) = former.and_then(|change| change.former_code) {
        strike(transaction, former)?;
    }
    let code = resident.code().number() as i64;
    transaction
        .prepare_cached("INSERT INTO resident (code, entry, household, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            code,
            index as i64,
            resident.household.as_ref().map(HouseholdId::as_str),
            serde_json::to_string(resident)?,
        ])?;
    transaction
        .prepare_cached("INSERT INTO by_name (shadow, code) VALUES (?1, ?2)")?
        .execute(params![shadow::name(&resident.information.name), code])?;
    transaction
        .prepare_cached("INSERT INTO by_kana (shadow, code) VALUES (?1, ?2)")?
        .execute(params![shadow::kana(&resident.information.kana), code])?;
    Ok(())
}

/// Takes out what the file holds under a code, if anything.
fn strike(transaction: &Transaction<'_>, code: ResidentCode) -> Result<(), StoreError> {
    let Some(present) = find(transaction, code)? else {
        return Ok(());
    };
    let code = code.number() as i64;
    transaction.prepare_cached("DELETE FROM resident WHERE code = ?1")?.execute([code])?;
    transaction
        .prepare_cached("DELETE FROM by_name WHERE shadow = ?1 AND code = ?2")?
        .execute(params![shadow::name(&present.information.name), code])?;
    transaction
        .prepare_cached("DELETE FROM by_kana WHERE shadow = ?1 AND code = ?2")?
        .execute(params![shadow::kana(&present.information.kana), code])?;
    Ok(())
}
