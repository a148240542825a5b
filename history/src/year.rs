//! One year of the history: a file with two tables, each holding every row whole, one in the order of residents,
//! one in the order of operators and time. A question reads one stretch of one table and nothing else.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::tz::Offset;
use register::terms::ResidentCode;
use rusqlite::{Connection, Transaction, params};

use crate::body::{Columns, Damaged, Reader, put_row};
use crate::index::{StoreError, lock};
use crate::limits;
use crate::query::{Cursor, Order, Period};
use crate::row::Row;
use crate::words::{NewWords, WordId, Words};

/// Japan has no summer time.
pub(crate) const JAPAN: Offset = jiff::tz::offset(9);

/// The layout of the tables and of the bodies: raise it when either changes.
const LAYOUT: i64 = 1;

const TABLES: &str = "
    CREATE TABLE fold (applied_size INTEGER NOT NULL) STRICT;
    INSERT INTO fold VALUES (0);
    CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TABLE by_resident (
        resident INTEGER, idx INTEGER, seq INTEGER,
        at INTEGER NOT NULL, operator INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (resident, idx, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE by_operator (
        operator INTEGER, at INTEGER, idx INTEGER, seq INTEGER,
        resident INTEGER, body BLOB NOT NULL,
        PRIMARY KEY (operator, at, idx, seq)
    ) STRICT, WITHOUT ROWID;
";

/// The year of Japan in which a moment lies.
pub(crate) fn of(at: Timestamp) -> i16 {
    JAPAN.to_datetime(at).year()
}

/// Nanoseconds since 1970, as the tables keep a moment; before 1677 and after 2262 the nearest that they can keep.
pub(crate) fn nanoseconds(at: Timestamp) -> i64 {
    at.as_nanosecond().clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// One year's file.
#[derive(Debug)]
pub(crate) struct Year {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
    words: RwLock<Words>,
}

/// A row as it stands in the file.
pub(crate) struct Found {
    pub(crate) row: Row,
    pub(crate) cursor: Cursor,
}

/// What is asked of one year.
pub(crate) struct Ask<'a> {
    pub(crate) period: &'a Period,
    pub(crate) order: Order,
    /// Of this year, if it is one.
    pub(crate) after: Option<Cursor>,
    pub(crate) as_of: u64,
    pub(crate) limit: usize,
}

impl Year {
    /// Opens the file, or makes an empty one. None when it has another layout.
    pub(crate) fn open(path: PathBuf) -> Result<Option<Self>, StoreError> {
        let Some(writer) = open_writer(&path, LAYOUT, TABLES)? else { return Ok(None) };
        writer.pragma_update(None, "cache_size", -limits::WRITER_CACHE_KIB)?;
        let mut words = Words::default();
        let mut statement = writer.prepare("SELECT text FROM word ORDER BY id")?;
        for text in statement.query_map([], |row| row.get::<_, String>(0))? {
            words.push(text?.into());
        }
        drop(statement);
        Ok(Some(Self { path, writer: Mutex::new(writer), idle: Mutex::default(), words: RwLock::new(words) }))
    }

    /// Up to which entry of the journal this year's rows are all in the file. A year in which nothing happens
    /// falls behind the others and lacks nothing.
    pub(crate) fn applied_size(&self) -> Result<u64, StoreError> {
        let size: i64 =
            lock(&self.writer).query_row("SELECT applied_size FROM fold", [], |row| row.get(0))?;
        Ok(size as u64)
    }

    /// Puts a batch into both tables, its new words and the size with it: all or nothing.
    pub(crate) fn commit(&self, mut batch: Batch, size: u64) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let bulk = batch.slots.len() >= limits::BULK_ROWS;
        if bulk {
            writer.pragma_update(None, "cache_size", -limits::BULK_CACHE_KIB)?;
        }
        let transaction = writer.transaction()?;
        {
            let known = self.words.read().unwrap_or_else(PoisonError::into_inner);
            let mut statement = transaction.prepare_cached("INSERT INTO word (id, text) VALUES (?1, ?2)")?;
            for (id, text) in (known.len() as i64 + 1..).zip(batch.new.texts()) {
                statement.execute(params![id, &**text])?;
            }
        }
        batch.insert(&transaction)?;
        transaction.execute("UPDATE fold SET applied_size = ?1", [size as i64])?;
        transaction.commit()?;
        {
            let mut known = self.words.write().unwrap_or_else(PoisonError::into_inner);
            batch.new.texts().iter().for_each(|text| known.push(text.clone()));
        }
        if bulk {
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            writer.pragma_update(None, "cache_size", -limits::WRITER_CACHE_KIB)?;
            writer.execute_batch("PRAGMA shrink_memory")?;
        }
        Ok(())
    }

    /// Rows that touched a resident.
    pub(crate) fn of_resident(&self, code: ResidentCode, ask: &Ask<'_>) -> Result<Vec<Found>, StoreError> {
        let (sql, start) = match ask.order {
            Order::OldestFirst => (
                "SELECT idx, seq, at, operator, body FROM by_resident
                 WHERE resident = ?1 AND (idx, seq) > (?2, ?3) AND idx < ?4 AND at >= ?5 AND at < ?6
                 ORDER BY idx, seq LIMIT ?7",
                (-1, 0),
            ),
            Order::NewestFirst => (
                "SELECT idx, seq, at, operator, body FROM by_resident
                 WHERE resident = ?1 AND (idx, seq) < (?2, ?3) AND idx < ?4 AND at >= ?5 AND at < ?6
                 ORDER BY idx DESC, seq DESC LIMIT ?7",
                (i64::MAX, 0),
            ),
        };
        let (index, seq) = ask.after.map_or(start, |cursor| (cursor.index as i64, i64::from(cursor.seq)));
        self.reading(|reader, words| {
            let mut statement = reader.prepare_cached(sql)?;
            let mut rows = statement.query(params![
                code.number() as i64,
                index,
                seq,
                ask.as_of as i64,
                nanoseconds(ask.period.from),
                nanoseconds(ask.period.to),
                ask.limit as i64,
            ])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let place = Place { index: row.get(0)?, seq: row.get(1)?, at: row.get(2)? };
                found.push(place.found(row.get(3)?, Some(code), row.get_ref(4)?.as_blob(), words)?);
            }
            Ok(found)
        })
    }

    /// Rows of an operator.
    pub(crate) fn of_operator(&self, operator: &str, ask: &Ask<'_>) -> Result<Vec<Found>, StoreError> {
        let Some(operator) = self.word(operator) else { return Ok(Vec::new()) };
        let (mut from, mut to) = (nanoseconds(ask.period.from), nanoseconds(ask.period.to));
        let (sql, start) = match ask.order {
            Order::OldestFirst => (
                "SELECT at, idx, seq, resident, body FROM by_operator
                 WHERE operator = ?1 AND at >= ?5 AND at < ?6 AND (at, idx, seq) > (?2, ?3, ?4) AND idx < ?7
                 ORDER BY at, idx, seq LIMIT ?8",
                (i64::MIN, -1, 0),
            ),
            Order::NewestFirst => (
                "SELECT at, idx, seq, resident, body FROM by_operator
                 WHERE operator = ?1 AND at >= ?5 AND at < ?6 AND (at, idx, seq) < (?2, ?3, ?4) AND idx < ?7
                 ORDER BY at DESC, idx DESC, seq DESC LIMIT ?8",
                (i64::MAX, 0, 0),
            ),
        };
        let after = ask.after.map(|cursor| (cursor.at, cursor.index as i64, i64::from(cursor.seq)));
        // The bound on the time is the one that SQLite seeks by: it starts at the cursor, not at the period.
        match (after, ask.order) {
            (Some((at, ..)), Order::OldestFirst) => from = from.max(at),
            (Some((at, ..)), Order::NewestFirst) => to = to.min(at.saturating_add(1)),
            (None, _) => {}
        }
        let (at, index, seq) = after.unwrap_or(start);
        self.reading(|reader, words| {
            let mut statement = reader.prepare_cached(sql)?;
            let mut rows = statement.query(params![
                operator,
                at,
                index,
                seq,
                from,
                to,
                ask.as_of as i64,
                ask.limit as i64
            ])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let place = Place { at: row.get(0)?, index: row.get(1)?, seq: row.get(2)? };
                let resident = row.get::<_, Option<i64>>(3)?.map(resident).transpose()?;
                found.push(place.found(operator, resident, row.get_ref(4)?.as_blob(), words)?);
            }
            Ok(found)
        })
    }

    /// How many rows touched a resident.
    pub(crate) fn count_resident(
        &self,
        code: ResidentCode,
        period: &Period,
        as_of: u64,
    ) -> Result<u64, StoreError> {
        let sql =
            "SELECT count(*) FROM by_resident WHERE resident = ?1 AND idx < ?2 AND at >= ?3 AND at < ?4";
        self.count(sql, code.number() as i64, period, as_of)
    }

    /// How many rows an operator has.
    pub(crate) fn count_operator(
        &self,
        operator: &str,
        period: &Period,
        as_of: u64,
    ) -> Result<u64, StoreError> {
        let Some(operator) = self.word(operator) else { return Ok(0) };
        let sql =
            "SELECT count(*) FROM by_operator WHERE operator = ?1 AND idx < ?2 AND at >= ?3 AND at < ?4";
        self.count(sql, operator.into(), period, as_of)
    }

    fn count(&self, sql: &str, subject: i64, period: &Period, as_of: u64) -> Result<u64, StoreError> {
        self.reading(|reader, _| {
            let bounds = params![subject, as_of as i64, nanoseconds(period.from), nanoseconds(period.to)];
            let count: i64 = reader.prepare_cached(sql)?.query_row(bounds, |row| row.get(0))?;
            Ok(count as u64)
        })
    }

    fn word(&self, text: &str) -> Option<WordId> {
        self.words.read().unwrap_or_else(PoisonError::into_inner).id(text)
    }

    fn reading<T>(
        &self,
        ask: impl FnOnce(&Connection, &Words) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = lock(&self.idle).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => open_reader(&self.path)?,
        };
        let answer = ask(&reader, &self.words.read().unwrap_or_else(PoisonError::into_inner))?;
        let mut idle = lock(&self.idle);
        if idle.len() < limits::IDLE_READERS {
            idle.push(reader);
        }
        Ok(answer)
    }
}

/// Where a row stands.
struct Place {
    at: i64,
    index: i64,
    seq: u32,
}

impl Place {
    fn found(
        &self,
        operator: WordId,
        resident: Option<ResidentCode>,
        body: Result<&[u8], rusqlite::types::FromSqlError>,
        words: &Words,
    ) -> Result<Found, StoreError> {
        let body = Reader::new(body.map_err(|_| Damaged)?).body()?;
        let at = Timestamp::from_nanosecond(self.at.into()).map_err(|_| Damaged)?;
        let columns = Columns { index: self.index as u64, at, operator, resident };
        let cursor = Cursor { at: self.at, index: self.index as u64, seq: self.seq };
        Ok(Found { row: body.row(columns, words)?, cursor })
    }
}

fn resident(number: i64) -> Result<ResidentCode, Damaged> {
    u64::try_from(number).ok().and_then(ResidentCode::from_number).ok_or(Damaged)
}

/// Rows of one year on their way into the file.
#[derive(Default)]
pub(crate) struct Batch {
    new: NewWords,
    bodies: Vec<u8>,
    slots: Vec<Slot>,
}

struct Slot {
    resident: Option<i64>,
    operator: WordId,
    at: i64,
    index: i64,
    seq: u32,
    body: std::ops::Range<usize>,
}

impl Batch {
    pub(crate) fn push(&mut self, row: &Row, seq: u32, year: &Year) {
        let known = year.words.read().unwrap_or_else(PoisonError::into_inner);
        let start = self.bodies.len();
        put_row(&mut self.bodies, row, &known, &mut self.new);
        self.slots.push(Slot {
            resident: row.resident.map(|code| code.number() as i64),
            operator: self.new.id(&known, &row.operator),
            at: nanoseconds(row.at),
            index: row.index as i64,
            seq,
            body: start..self.bodies.len(),
        });
    }

    /// Sorted as each table is, so that each page of it is written once.
    fn insert(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        self.slots.sort_unstable_by_key(|slot| (slot.resident, slot.index, slot.seq));
        let mut statement = transaction.prepare_cached(
            "INSERT INTO by_resident (resident, idx, seq, at, operator, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for slot in self.slots.iter().filter(|slot| slot.resident.is_some()) {
            let body = &self.bodies[slot.body.clone()];
            statement.execute(params![slot.resident, slot.index, slot.seq, slot.at, slot.operator, body])?;
        }
        self.slots.sort_unstable_by_key(|slot| (slot.operator, slot.at, slot.index, slot.seq));
        let mut statement = transaction.prepare_cached(
            "INSERT INTO by_operator (operator, at, idx, seq, resident, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for slot in &self.slots {
            let body = &self.bodies[slot.body.clone()];
            statement.execute(params![slot.operator, slot.at, slot.index, slot.seq, slot.resident, body])?;
        }
        Ok(())
    }
}

/// None when the file has another layout.
pub(crate) fn open_writer(path: &Path, layout: i64, tables: &str) -> Result<Option<Connection>, StoreError> {
    let mut writer = Connection::open(path)?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    // What a power cut takes from the end is folded again: the size goes with it.
    writer.pragma_update(None, "synchronous", "NORMAL")?;
    writer.pragma_update(None, "mmap_size", 0)?;
    let found: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let filled: bool =
        writer.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if found == layout {
        return Ok(Some(writer));
    }
    if filled || found != 0 {
        return Ok(None);
    }
    let transaction = writer.transaction()?;
    transaction.execute_batch(tables)?;
    transaction.pragma_update(None, "user_version", layout)?;
    transaction.commit()?;
    Ok(Some(writer))
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let reader = Connection::open(path)?;
    reader.pragma_update(None, "query_only", true)?;
    // A page fault in a mapping stalls for the whole read-ahead; a read of one page does not.
    reader.pragma_update(None, "mmap_size", 0)?;
    reader.pragma_update(None, "cache_size", -limits::READER_CACHE_KIB)?;
    Ok(reader)
}
