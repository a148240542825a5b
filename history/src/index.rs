//! The index as a whole: a folder `DIR/history` with a file for each year and one that says how far the fold has
//! come.
//!
//! INVARIANT (sizes). A year's file holds every row of its year below its own size. The fold's size is written
//! after those of the years, and beside it the size that each year then had: a year that comes back smaller from
//! a power cut takes the fold back to where it stands.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, ErrorCode, params};

use crate::body::Damaged;
use crate::limits;
use crate::query::{Counted, Cursor, Order, Page, Period, Query, Subject};
use crate::row::Row;
use crate::year::{self, Ask, Batch, Found, Year, open_writer};

const FOLDER: &str = "history";
const FOLD_FILE: &str = "fold.db";
const LAYOUT: i64 = 1;
const TABLES: &str = "
    CREATE TABLE fold (applied_size INTEGER NOT NULL) STRICT;
    INSERT INTO fold VALUES (0);
    CREATE TABLE year (year INTEGER PRIMARY KEY, applied_size INTEGER NOT NULL) STRICT;
";

/// Why the index did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own reason.
    #[error("the history index cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// The folder or an old file could not be handled.
    #[error("the history index cannot be made")]
    Io(#[from] std::io::Error),
    /// A row that is not what was written.
    #[error("a row of the history index cannot be read")]
    Damaged(#[from] Damaged),
    /// A row at or after the size that the fold was to reach.
    #[error("entry {index} is not below the size {size}")]
    BeyondSize {
        /// The row's entry.
        index: u64,
        /// The size given.
        size: u64,
    },
    /// Rows that do not come in the order of the journal.
    #[error("entry {index} comes after entry {after}")]
    OutOfOrder {
        /// The row's entry.
        index: u64,
        /// The entry of the row before.
        after: u64,
    },
}

impl StoreError {
    /// For the person who asked.
    pub fn japanese(&self) -> String {
        match self {
            Self::Sqlite(_) | Self::Io(_) => "操作履歴の索引を読み書きできません".to_owned(),
            Self::Damaged(_) | Self::BeyondSize { .. } | Self::OutOfOrder { .. } => {
                "操作履歴の索引の内容が原簿と合いません。作り直しが必要です".to_owned()
            }
        }
    }
}

/// The history index. Questions are answered side by side; one thread at a time applies rows.
#[derive(Debug)]
pub struct HistoryIndex {
    folder: PathBuf,
    fold: Mutex<Connection>,
    years: RwLock<BTreeMap<i16, Arc<Year>>>,
    applied: AtomicU64,
}

impl HistoryIndex {
    /// Opens the index in a folder, or makes an empty one to fold into. An index that is damaged, lacks a year's
    /// file or has another layout is thrown away: everything in it comes from the journal.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let folder = dir.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        match Self::open_existing(&folder) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {}
            Err(StoreError::Sqlite(error)) if is_damaged(&error) => {}
            Err(other) => return Err(other),
        }
        remove_all(&folder, |_| true)?;
        // An empty folder gives an empty index.
        Self::open_existing(&folder)?.ok_or_else(|| rusqlite::Error::InvalidQuery.into())
    }

    /// How many entries of the journal have been folded in: the index of the next one wanted.
    pub fn applied_size(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    /// Folds rows in, in the order of the journal, and notes that the journal has been followed up to `size`. All
    /// rows of an entry come together. Rows already folded in are passed over, so a batch may be given again; after
    /// an error nothing of the batch is visible, and it may be given again as well.
    pub fn apply(&self, rows: impl IntoIterator<Item = Row>, size: u64) -> Result<(), StoreError> {
        let mut fold = lock(&self.fold);
        let applied = self.applied_size();
        let mut batches: BTreeMap<i16, (Arc<Year>, u64, Batch)> = BTreeMap::new();
        let mut before: Option<(u64, u32)> = None;
        for row in rows {
            if row.index >= size {
                return Err(StoreError::BeyondSize { index: row.index, size });
            }
            let seq = match before {
                Some((after, _)) if row.index < after => {
                    return Err(StoreError::OutOfOrder { index: row.index, after });
                }
                Some((same, seq)) if row.index == same => seq + 1,
                _ => 0,
            };
            before = Some((row.index, seq));
            if row.index < applied {
                continue;
            }
            let (year, year_applied, batch) = match batches.entry(year::of(row.at)) {
                Entry::Occupied(begun) => begun.into_mut(),
                Entry::Vacant(new) => {
                    let year = self.year(*new.key())?;
                    let year_applied = year.applied_size()?;
                    new.insert((year, year_applied, Batch::default()))
                }
            };
            if row.index >= *year_applied {
                batch.push(&row, seq, year);
            }
        }
        if size <= applied {
            return Ok(());
        }
        let touched: Vec<i16> = batches.keys().copied().collect();
        for (year, year_applied, batch) in batches.into_values() {
            if year_applied < size {
                year.commit(batch, size)?;
            }
        }
        let transaction = fold.transaction()?;
        for year in touched {
            let sql = "INSERT INTO year (year, applied_size) VALUES (?1, ?2)
                       ON CONFLICT (year) DO UPDATE SET applied_size = max(applied_size, excluded.applied_size)";
            transaction.prepare_cached(sql)?.execute(params![year, size as i64])?;
        }
        transaction.prepare_cached("UPDATE fold SET applied_size = ?1")?.execute([size as i64])?;
        transaction.commit()?;
        self.applied.store(size, Ordering::Release);
        Ok(())
    }

    /// Empties the index, to be folded again from the first entry.
    pub fn clear(&self) -> Result<(), StoreError> {
        let mut fold = lock(&self.fold);
        let transaction = fold.transaction()?;
        transaction.execute_batch("DELETE FROM year; UPDATE fold SET applied_size = 0;")?;
        transaction.commit()?;
        // On disk before the files go: a year that is not listed is thrown away at the next start.
        fold.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.applied.store(0, Ordering::Release);
        self.years.write().unwrap_or_else(PoisonError::into_inner).clear();
        remove_all(&self.folder, |name| !name.starts_with(FOLD_FILE))
    }

    /// A page of a subject's history.
    pub fn page(&self, subject: &Subject, query: &Query) -> Result<Page, StoreError> {
        let as_of = self.applied_size();
        let limit = query.limit.min(limits::PAGE_ROWS);
        // One more than asked for tells whether there is a next page.
        let mut found = self.find(subject, query, as_of, limit + 1)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|found| found.cursor);
        Ok(Page { rows: found.into_iter().map(|found| found.row).collect(), next, as_of })
    }

    /// How many rows a subject's history has.
    pub fn count(&self, subject: &Subject, period: &Period) -> Result<Counted, StoreError> {
        let as_of = self.applied_size();
        let mut rows = 0;
        for (_, year) in self.years_of(period) {
            rows += match subject {
                Subject::Resident(code) => year.count_resident(*code, period, as_of)?,
                Subject::Operator(operator) => year.count_operator(operator, period, as_of)?,
            };
        }
        Ok(Counted { rows, as_of })
    }

    /// All of a subject's history, read a page at a time, as of this moment: rows folded in later are not seen.
    pub fn rows(&self, subject: Subject, period: Period, order: Order) -> Rows<'_> {
        Rows {
            index: self,
            subject,
            query: Query { period, order, limit: limits::PAGE_ROWS, after: None },
            as_of: self.applied_size(),
            page: Vec::new().into_iter(),
            ended: false,
        }
    }

    fn open_existing(folder: &Path) -> Result<Option<Self>, StoreError> {
        let Some(fold) = open_writer(&folder.join(FOLD_FILE), LAYOUT, TABLES)? else { return Ok(None) };
        let size: i64 = fold.query_row("SELECT applied_size FROM fold", [], |row| row.get(0))?;
        let mut applied = size as u64;
        let mut statement = fold.prepare("SELECT year, applied_size FROM year ORDER BY year")?;
        let listed: Vec<(i16, i64)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        drop(statement);
        let names: Vec<String> = listed.iter().map(|(number, _)| file_name(*number)).collect();
        // A file that no commit of the fold lists is of a batch that was cut short, or was to be removed.
        remove_all(folder, |name| {
            !name.starts_with(FOLD_FILE) && !names.iter().any(|listed| name.starts_with(listed.as_str()))
        })?;
        let mut years = BTreeMap::new();
        for (number, expected) in listed {
            let path = folder.join(file_name(number));
            if !path.exists() {
                return Ok(None);
            }
            let Some(year) = Year::open(path)? else { return Ok(None) };
            let found = year.applied_size()?;
            if found < expected as u64 {
                applied = applied.min(found);
            }
            years.insert(number, Arc::new(year));
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
            fold: Mutex::new(fold),
            years: RwLock::new(years),
            applied: AtomicU64::new(applied),
        }))
    }

    /// The file of a year, made if there is none. Only the one who applies rows comes here.
    fn year(&self, number: i16) -> Result<Arc<Year>, StoreError> {
        let present = self.years.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        if let Some(year) = present {
            return Ok(year);
        }
        let year = Year::open(self.folder.join(file_name(number)))?;
        let year = Arc::new(year.ok_or(rusqlite::Error::InvalidQuery)?);
        self.years.write().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::clone(&year));
        Ok(year)
    }

    /// The years that may hold rows of a period, oldest first.
    fn years_of(&self, period: &Period) -> Vec<(i16, Arc<Year>)> {
        let Some(wanted) = period.years() else { return Vec::new() };
        let years = self.years.read().unwrap_or_else(PoisonError::into_inner);
        years.range(wanted).map(|(number, year)| (*number, Arc::clone(year))).collect()
    }

    fn find(
        &self,
        subject: &Subject,
        query: &Query,
        as_of: u64,
        limit: usize,
    ) -> Result<Vec<Found>, StoreError> {
        let mut years = self.years_of(&query.period);
        if query.order == Order::NewestFirst {
            years.reverse();
        }
        let begun = query.after.map(Cursor::year);
        let years = years.into_iter().skip_while(|(number, _)| match (begun, query.order) {
            (None, _) => false,
            (Some(begun), Order::OldestFirst) => *number < begun,
            (Some(begun), Order::NewestFirst) => *number > begun,
        });
        let mut found: Vec<Found> = Vec::new();
        for (number, year) in years {
            let ask = Ask {
                period: &query.period,
                order: query.order,
                after: query.after.filter(|_| begun == Some(number)),
                as_of,
                limit: limit - found.len(),
            };
            found.extend(match subject {
                Subject::Resident(code) => year.of_resident(*code, &ask)?,
                Subject::Operator(operator) => year.of_operator(operator, &ask)?,
            });
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }
}

/// A subject's rows one after the other.
#[derive(Debug)]
pub struct Rows<'a> {
    index: &'a HistoryIndex,
    subject: Subject,
    query: Query,
    as_of: u64,
    page: std::vec::IntoIter<Row>,
    ended: bool,
}

impl Rows<'_> {
    /// How many entries of the journal of operations the rows stand on.
    pub fn as_of(&self) -> u64 {
        self.as_of
    }

    fn turn(&mut self) -> Result<(), StoreError> {
        let limit = limits::PAGE_ROWS;
        let found = self.index.find(&self.subject, &self.query, self.as_of, limit)?;
        self.ended = found.len() < limit;
        self.query.after = found.last().map(|found| found.cursor).or(self.query.after);
        self.page = found.into_iter().map(|found| found.row).collect::<Vec<_>>().into_iter();
        Ok(())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0
            && !self.ended
            && let Err(error) = self.turn()
        {
            self.ended = true;
            return Some(Err(error));
        }
        self.page.next().map(Ok)
    }
}

/// A connection stays sound when its holder panicked: the transaction was rolled back when it was dropped.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file_name(year: i16) -> String {
    format!("{year}.db")
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Removes the files of the folder whose name is wanted gone.
fn remove_all(folder: &Path, gone: impl Fn(&str) -> bool) -> Result<(), StoreError> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let ours = entry.file_name().to_str().is_some_and(|name| name.contains(".db") && gone(name));
        if ours && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
