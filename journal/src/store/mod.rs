//! The journals of one data directory: open, append, read, prove.

pub(crate) mod bundle;
pub(crate) mod edge;
mod error;
mod keys;
pub(crate) mod reader;
mod schema;
mod writer;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior, params};

pub use error::{AppendError, OpenError, ReadError, StoreError};

use crate::entry::{Draft, JournalName, Receipt, Salt, StoredEntry, seal};
use crate::limits::{
    IDLE_READERS, MAX_CALL_BYTES, MAX_CALL_ENTRIES, MAX_JOURNALS, MAX_WAITING_CALLS, SALT_BYTES, TILE_WIDTH,
};
use crate::proof::{self, TlogProof};
use crate::tree::{Hash, TreeHead, empty_root, leaf_hash};
use bundle::Packer;
use edge::{Edge, Sealed};
use reader::{JournalRow, Reader, Snapshot, journal_rows};
use writer::{Addressed, Call, Held, Request, Writer};

/// The lock that keeps a second writer out.
const LOCK: &str = "sekisho.lock";

/// The journals of one data directory, open for appending. Clones are handles on the same journals; the last
/// one to go signs a checkpoint and closes the file.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({})", self.inner.dir.display())
    }
}

struct Inner {
    dir: PathBuf,
    /// In the order of the writer's journals.
    journals: Vec<Opened>,
    heads: Arc<RwLock<Vec<TreeHead>>>,
    readers: Mutex<Vec<Reader>>,
    /// `None` once closed.
    requests: RwLock<Option<SyncSender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Held until the writer is gone.
    lock: Mutex<Option<fs::File>>,
}

struct Opened {
    name: JournalName,
    vkey: String,
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these mutexes guard is whole between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// Opens the journals in `dir`, and makes directory, file, keys and those of `names` that are not there
    /// yet. `origin` is what the city's checkpoints begin with, `sekisho.invalid/<city code>`; a journal's
    /// own origin is that and its name.
    ///
    /// # Errors
    /// When another process has them open, a key is missing or readable by others, or what the file holds
    /// does not fit together.
    pub fn open(dir: &Path, origin: &str, names: &[JournalName]) -> Result<Self, OpenError> {
        fs::create_dir_all(dir).map_err(StoreError::io)?;
        let lock = take_lock(dir)?;
        keys::prepare(dir)?;
        let mut db = schema::open_writer(dir)?;
        add_journals(&mut db, dir, origin, names)?;
        let rows = journal_rows(&db)?;
        let mut first_reader = Reader::open(dir)?;
        let journals = hold(&mut first_reader.snapshot()?, dir, &rows)?;
        let heads = Arc::new(RwLock::new(rows.iter().map(|row| row.head).collect()));
        let mut writer =
            Writer { db, packer: Packer::new()?, journals, heads: Arc::clone(&heads), due: None };
        match writer.sign() {
            // A full disk must not keep the journals from being read.
            Ok(()) | Err(ReadError::Store(StoreError::Full | StoreError::ReadOnly)) => {}
            Err(ReadError::Store(error)) => return Err(error.into()),
            Err(error) => return Err(StoreError::Sqlite(error.to_string()).into()),
        }
        let (requests, waiting) = sync_channel(MAX_WAITING_CALLS);
        let thread = start(writer, waiting)?;
        let opened = |row: JournalRow| Opened { name: row.name, vkey: row.vkey };
        Ok(Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                journals: rows.into_iter().map(opened).collect(),
                heads,
                readers: Mutex::new(vec![first_reader]),
                requests: RwLock::new(Some(requests)),
                thread: Mutex::new(Some(thread)),
                lock: Mutex::new(Some(lock)),
            }),
        })
    }

    /// Records `drafts`, all in one transaction, and returns when they are durable: on the disk, or refused
    /// with nothing of them left. The receipts are in the order of the drafts.
    ///
    /// Calls of many threads share a commit. If the process dies while a call waits, its entries are there
    /// all or not at all.
    ///
    /// # Errors
    /// When a draft cannot be an entry or the file cannot be written; later calls try again.
    pub fn append(&self, drafts: Vec<Draft>) -> Result<Vec<Receipt>, AppendError> {
        let names: Vec<JournalName> = drafts.iter().map(|draft| draft.journal.clone()).collect();
        let entries = self.seal_all(drafts)?;
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = sync_channel(1);
        self.inner.try_send(Request::Append(Call { entries, reply })).map_err(|full| match full {
            SendFailure::Full => AppendError::Overloaded,
            SendFailure::Closed => AppendError::Closed,
        })?;
        let indexes = answer.recv().map_err(|_| AppendError::Closed)??;
        Ok(names.into_iter().zip(indexes).map(|(journal, index)| Receipt { journal, index }).collect())
    }

    /// Salts, encodes and hashes, on the caller's own thread.
    fn seal_all(&self, drafts: Vec<Draft>) -> Result<Vec<Addressed>, AppendError> {
        let count = drafts.len();
        if count > MAX_CALL_ENTRIES {
            return Err(AppendError::TooMuch { entries: count, bytes: 0 });
        }
        let mut random = vec![0; count * SALT_BYTES];
        getrandom::fill(&mut random).map_err(|e| AppendError::Random(e.to_string()))?;
        let (salts, _) = random.as_chunks::<SALT_BYTES>();
        let mut entries = Vec::with_capacity(count);
        let mut total = 0;
        for (position, (draft, salt)) in drafts.into_iter().zip(salts).enumerate() {
            let Some(journal) = self.inner.number(&draft.journal) else {
                return Err(AppendError::UnknownJournal(draft.journal));
            };
            let bytes =
                seal(draft.body, Salt(*salt)).map_err(|error| AppendError::Draft { position, error })?;
            total += bytes.len();
            entries.push((journal, Sealed { leaf: leaf_hash(&bytes), bytes: Arc::new(bytes) }));
        }
        if total > MAX_CALL_BYTES {
            return Err(AppendError::TooMuch { entries: count, bytes: total });
        }
        Ok(entries)
    }

    /// The names of the journals, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &JournalName> {
        self.inner.journals.iter().map(|journal| &journal.name)
    }

    /// Size and root of a journal; all of it is durable.
    ///
    /// # Errors
    /// When there is no such journal.
    pub fn head(&self, journal: &JournalName) -> Result<TreeHead, ReadError> {
        let number = self.inner.require(journal)?;
        Ok(self.inner.head(number))
    }

    /// Entries of `range`, in order, read bundle by bundle. What lies beyond the present end is left out.
    ///
    /// # Errors
    /// When there is no such journal. What goes wrong while reading comes out of the iterator, once.
    pub fn read(&self, journal: &JournalName, range: Range<u64>) -> Result<Entries, ReadError> {
        let head = self.head(journal)?;
        Ok(Entries {
            journal: self.clone(),
            name: journal.clone(),
            next: range.start,
            end: range.end.min(head.size),
            ready: Vec::new().into_iter(),
        })
    }

    /// One entry.
    ///
    /// # Errors
    /// When there is no such journal or entry, or it cannot be read.
    pub fn get(&self, journal: &JournalName, index: u64) -> Result<StoredEntry, ReadError> {
        let end = index.saturating_add(1);
        self.with_tree(journal, end, |snapshot, row| {
            let entry = snapshot.entries(row, index, end)?.pop();
            entry.ok_or_else(|| StoreError::damaged(journal, index, "the entry is missing").into())
        })
    }

    /// The root when the journal had `size` entries.
    ///
    /// # Errors
    /// When it never had so many, or cannot be read.
    pub fn root_at(&self, journal: &JournalName, size: u64) -> Result<Hash, ReadError> {
        self.with_tree(journal, size, |snapshot, row| Ok(proof::root_at(&mut snapshot.tree(row), size)?))
    }

    /// Inclusion proof of entry `index` in the tree of `size` entries.
    ///
    /// # Errors
    /// When there is no such entry in such a tree, or it cannot be read.
    pub fn inclusion_proof(
        &self,
        journal: &JournalName,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, ReadError> {
        self.with_tree(journal, size.max(index.saturating_add(1)), |snapshot, row| {
            if index >= size {
                return Err(ReadError::BeyondEnd { journal: journal.clone(), size, asked: index });
            }
            Ok(proof::inclusion(&mut snapshot.tree(row), index, size)?)
        })
    }

    /// Consistency proof between the trees of `old` and `new` entries.
    ///
    /// # Errors
    /// When there are no such trees, or they cannot be read.
    pub fn consistency_proof(
        &self,
        journal: &JournalName,
        old: u64,
        new: u64,
    ) -> Result<Vec<Hash>, ReadError> {
        self.with_tree(journal, new.max(old), |snapshot, row| {
            if old > new {
                return Err(ReadError::BeyondEnd { journal: journal.clone(), size: new, asked: old });
            }
            Ok(proof::consistency(&mut snapshot.tree(row), old, new)?)
        })
    }

    /// A signed checkpoint over all that is recorded now.
    ///
    /// # Errors
    /// When there is no such journal, or the checkpoint cannot be stored.
    pub fn checkpoint(&self, journal: &JournalName) -> Result<String, ReadError> {
        let number = self.inner.require(journal)?;
        let (reply, answer) = sync_channel(1);
        self.inner.send(Request::Checkpoint(number, reply))?;
        answer.recv().map_err(|_| ReadError::Closed)?
    }

    /// A proof of entry `index` for use without the journal, under a checkpoint signed now.
    ///
    /// # Errors
    /// When there is no such entry, or it cannot be read or signed for.
    pub fn prove(&self, journal: &JournalName, index: u64) -> Result<TlogProof, ReadError> {
        self.checkpoint(journal)?;
        self.with_tree(journal, index.saturating_add(1), |snapshot, row| {
            crate::export::prove_in(snapshot, row, index)
        })
    }

    /// The key that the journal's checkpoints are verified with, in signed-note form.
    ///
    /// # Errors
    /// When there is no such journal.
    pub fn vkey(&self, journal: &JournalName) -> Result<&str, ReadError> {
        Ok(&self.inner.journals[self.inner.require(journal)?].vkey)
    }

    /// Limits the file to `pages` of 4,096 bytes. Beyond it appends are refused as on a full disk. A limit
    /// below the present size stops growth only.
    ///
    /// # Errors
    /// When the journal is closed.
    pub fn limit_pages(&self, pages: u32) -> Result<(), ReadError> {
        let (reply, answer) = sync_channel(1);
        self.inner.send(Request::LimitPages(pages, reply))?;
        Ok(answer.recv().map_err(|_| ReadError::Closed)??)
    }

    /// Signs a last checkpoint and closes the file, for all handles. Calls that wait are served first.
    ///
    /// # Errors
    /// When signing or closing fails; what was recorded is safe.
    pub fn close(&self) -> Result<(), StoreError> {
        self.inner.close()
    }

    /// Runs `read` on a moment of the file at which `journal` has at least `size` entries.
    fn with_tree<T>(
        &self,
        journal: &JournalName,
        size: u64,
        read: impl FnOnce(&mut Snapshot<'_>, &JournalRow) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let head = self.head(journal)?;
        if size > head.size {
            return Err(ReadError::BeyondEnd { journal: journal.clone(), size: head.size, asked: size });
        }
        self.inner.with_reader(|reader| {
            let mut snapshot = reader.snapshot()?;
            let row = snapshot.journal(journal)?;
            read(&mut snapshot, &row)
        })
    }
}

enum SendFailure {
    Full,
    Closed,
}

impl Inner {
    fn number(&self, journal: &JournalName) -> Option<usize> {
        self.journals.iter().position(|opened| opened.name == *journal)
    }

    fn require(&self, journal: &JournalName) -> Result<usize, ReadError> {
        self.number(journal).ok_or_else(|| ReadError::UnknownJournal(journal.clone()))
    }

    fn head(&self, number: usize) -> TreeHead {
        self.heads.read().unwrap_or_else(PoisonError::into_inner)[number]
    }

    fn sender(&self) -> Option<SyncSender<Request>> {
        self.requests.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn try_send(&self, request: Request) -> Result<(), SendFailure> {
        let requests = self.sender().ok_or(SendFailure::Closed)?;
        requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => SendFailure::Full,
            TrySendError::Disconnected(_) => SendFailure::Closed,
        })
    }

    fn send(&self, request: Request) -> Result<(), ReadError> {
        self.sender().and_then(|requests| requests.send(request).ok()).ok_or(ReadError::Closed)
    }

    /// Runs `read` with an idle connection, or a new one.
    fn with_reader<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = unpoisoned(&self.readers).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.dir)?,
        };
        let result = read(&mut reader);
        let mut readers = unpoisoned(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        result
    }

    fn close(&self) -> Result<(), StoreError> {
        let requests = self.requests.write().unwrap_or_else(PoisonError::into_inner).take();
        // Idle readers go first, so that the writer's connection is the last and folds the log into the file.
        unpoisoned(&self.readers).clear();
        let mut closed = Ok(());
        if let Some(requests) = requests {
            let (reply, answer) = sync_channel(1);
            if requests.send(Request::Close(reply)).is_ok() {
                closed = answer.recv().unwrap_or(Ok(()));
            }
        }
        if let Some(thread) = unpoisoned(&self.thread).take() {
            closed =
                thread.join().map_err(|_| StoreError::Io("the writer's thread died".to_owned())).and(closed);
        }
        unpoisoned(&self.lock).take();
        closed
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Whoever wants to know how closing went calls `close`.
        let _ = self.close();
    }
}

/// Entries of a journal, in order.
pub struct Entries {
    journal: Journal,
    name: JournalName,
    next: u64,
    end: u64,
    ready: std::vec::IntoIter<StoredEntry>,
}

impl Iterator for Entries {
    type Item = Result<StoredEntry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.ready.next() {
            return Some(Ok(entry));
        }
        if self.next >= self.end {
            return None;
        }
        let bundle_end = self.next - self.next % TILE_WIDTH as u64 + TILE_WIDTH as u64;
        let (from, to) = (self.next, bundle_end.min(self.end));
        let read =
            self.journal.with_tree(&self.name, to, |snapshot, row| Ok(snapshot.entries(row, from, to)?));
        match read {
            Ok(entries) => {
                self.next = to;
                self.ready = entries.into_iter();
                self.ready.next().map(Ok)
            }
            Err(error) => {
                self.end = self.next;
                Some(Err(error))
            }
        }
    }
}

fn take_lock(dir: &Path) -> Result<fs::File, OpenError> {
    let path = dir.join(LOCK);
    let file = fs::OpenOptions::new().create(true).append(true).open(path).map_err(StoreError::io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::InUse(dir.display().to_string())),
        Err(fs::TryLockError::Error(error)) => Err(StoreError::io(error).into()),
    }
}

/// Adds those of `names` that the file does not have yet, each with its key.
fn add_journals(
    db: &mut Connection,
    dir: &Path,
    origin: &str,
    names: &[JournalName],
) -> Result<(), OpenError> {
    let known: Vec<JournalName> = journal_rows(db)?.into_iter().map(|row| row.name).collect();
    let mut missing: Vec<&JournalName> = names.iter().filter(|name| !known.contains(name)).collect();
    missing.sort();
    missing.dedup();
    if known.len() + missing.len() > MAX_JOURNALS {
        return Err(OpenError::TooMany);
    }
    for name in missing {
        let origin = format!("{}/{name}", origin.trim_end_matches('/'));
        let key = keys::load_or_make(dir, name, &origin)?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        tx.execute(
            "INSERT INTO journal (name, origin, vkey, size, root, checkpoint) VALUES (?1, ?2, ?3, 0, ?4, '')",
            params![name.as_str(), origin, key.verifier().to_string(), empty_root().as_bytes()],
        )
        .map_err(StoreError::from)?;
        tx.commit().map_err(StoreError::from)?;
    }
    Ok(())
}

/// What the writer holds of each journal: its key and its right edge, checked against the stored root.
fn hold(snapshot: &mut Snapshot<'_>, dir: &Path, rows: &[JournalRow]) -> Result<Vec<Held>, OpenError> {
    let mut journals = Vec::with_capacity(rows.len());
    for row in rows {
        let key = keys::load(dir, &row.name, &row.vkey)?;
        let edge = snapshot.edge(row)?;
        let signed = check_signed(snapshot, row, &edge, &key)?;
        journals.push(Held {
            id: row.id,
            name: row.name.clone(),
            key,
            edge,
            checkpoint: row.checkpoint.clone(),
            signed,
        });
    }
    Ok(journals)
}

/// The size of the stored checkpoint. A journal shorter than what was signed for must not grow again: it
/// would become a second, different history under the same name.
fn check_signed(
    snapshot: &Snapshot<'_>,
    row: &JournalRow,
    edge: &Edge,
    key: &crate::note::SigningKey,
) -> Result<Option<u64>, OpenError> {
    if row.checkpoint.is_empty() {
        return Ok(None);
    }
    let damaged = |index, what| OpenError::Store(StoreError::damaged(&row.name, index, what));
    let checkpoint = crate::checkpoint::Checkpoint::open(&row.checkpoint, key.verifier())
        .map_err(|_| damaged(0, "the stored checkpoint is not one of this journal"))?;
    let size = checkpoint.head.size;
    if size > edge.size() {
        return Err(damaged(edge.size(), "the journal is shorter than its last checkpoint"));
    }
    let root = proof::root_at(&mut snapshot.tree(row), size)?;
    if root != checkpoint.head.root {
        return Err(damaged(0, "the journal does not lead to its last checkpoint"));
    }
    Ok(Some(size))
}

fn start(writer: Writer, waiting: Receiver<Request>) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name("journal".to_owned())
        .spawn(move || writer.run(&waiting))
        .map_err(|error| OpenError::Thread(error.to_string()))
}
