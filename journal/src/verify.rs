//! Is every entry still what it was? Everything is recomputed from the entries' bytes.
//!
//! Entries are hashed again; their hashes must give the stored tiles, the root at the end of each bundle and each row of the tail,
//! the stored size and root, the stored checkpoint and every checkpoint that the caller saved elsewhere. The
//! first entry at which something differs is named. Whoever holds the signing key and the disk can rewrite
//! all of these together; only a checkpoint saved elsewhere shows that, and then only between which sizes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::Rows;

use crate::checkpoint::Checkpoint;
use crate::entry::JournalName;
use crate::limits::{TILE_HEIGHT, TILE_WIDTH};
use crate::note::VerifierKey;
use crate::store::StoreError;
use crate::store::bundle::{Unpacker, split_lines};
use crate::store::reader::{JournalRow, Reader, Snapshot, split_hashes, sql};
use crate::tree::{Frontier, Hash, TreeHead, full_below, leaf_hash, leaf_hash_prefixed, perfect_root};

/// Bundles that go to a thread at once.
const CHUNK: usize = 16;

/// Chunks that wait for one thread.
const CHUNKS_AHEAD: usize = 2;

/// Below so many bundles threads cost more than they give.
const BUNDLES_FOR_THREADS: u64 = 64;

/// More threads than this wait for the one that reads.
const MAX_THREADS: usize = 8;

/// The first thing that is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The first bad entry; when `exact` is false, it or a later one.
    pub index: u64,
    /// Whether `index` is the entry itself.
    pub exact: bool,
    /// What is wrong.
    pub what: &'static str,
}

impl Fault {
    fn at(index: u64, what: &'static str) -> Self {
        Self { index, exact: true, what }
    }

    fn from(index: u64, what: &'static str) -> Self {
        Self { index, exact: false, what }
    }

    /// The same for the people who work with the program.
    pub fn japanese(&self) -> String {
        let place = if self.exact { "項" } else { "項以降" };
        format!("第{}{place}が記録時と異なります（{}）", self.index, self.what)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_later = if self.exact { "" } else { " or later" };
        write!(f, "first bad index {}{or_later}: {}", self.index, self.what)
    }
}

/// What became of one journal's verification. Prints as `N entries, root …, ok`, or names the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The journal.
    pub name: JournalName,
    /// Size and root, recomputed, or the first fault.
    pub outcome: Result<TreeHead, Fault>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(head) => write!(f, "{} entries, root {}, ok", head.size, head.root),
            Err(fault) => write!(f, "{fault}"),
        }
    }
}

/// The verdicts on all journals of a data directory. Prints one line for each, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// By name.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// Whether nothing is wrong anywhere.
    pub fn is_sound(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.outcome.is_ok())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for verdict in &self.verdicts {
            writeln!(f, "{}: {verdict}", verdict.name)?;
        }
        Ok(())
    }
}

/// Why nothing could be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A saved checkpoint is not one, or of no journal here.
    #[error("saved checkpoint {position}: {what}")]
    Saved {
        /// Which of the checkpoints given, from 0.
        position: usize,
        /// What is wrong with it.
        what: String,
    },
    /// Entries whose journal is not listed any more.
    #[error("there are entries of a journal that is not listed any more")]
    Orphans,
}

/// Verifies all journals in `dir`, also while a server has them open. `saved` are signed checkpoints kept
/// elsewhere, of any of its journals.
///
/// # Errors
/// When the file cannot be read at all, or a saved checkpoint is not of these journals. What is wrong with a
/// journal is in the report.
pub fn verify(dir: &Path, saved: &[&str]) -> Result<Report, VerifyError> {
    let mut reader = Reader::open(dir)?;
    let snapshot = reader.snapshot()?;
    let rows = snapshot.journals()?;
    expect_no_orphans(&snapshot)?;
    let mut verdicts = Vec::with_capacity(rows.len());
    let mut saved = sort_saved(&rows, saved)?;
    for row in rows {
        let promised = saved.remove(row.name.as_str()).unwrap_or_default();
        let outcome = verify_journal(&snapshot, &row, &promised)?;
        verdicts.push(Verdict { name: row.name, outcome });
    }
    Ok(Report { verdicts })
}

fn expect_no_orphans(snapshot: &Snapshot<'_>) -> Result<(), VerifyError> {
    for table in ["tail", "bundle", "tile"] {
        let sql =
            format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE journal NOT IN (SELECT id FROM journal))");
        let orphans: bool = snapshot.tx.query_row(&sql, [], |row| row.get(0)).map_err(StoreError::from)?;
        if orphans {
            return Err(VerifyError::Orphans);
        }
    }
    Ok(())
}

/// The saved checkpoints by name of their journal.
fn sort_saved<'r>(
    rows: &'r [JournalRow],
    saved: &[&str],
) -> Result<BTreeMap<String, Vec<String>>, VerifyError> {
    let mut sorted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (position, note) in saved.iter().enumerate() {
        let wrong = |what: String| VerifyError::Saved { position, what };
        let origin = Checkpoint::unverified_origin(note).map_err(|e| wrong(e.to_string()))?;
        let row: Option<&'r JournalRow> = rows.iter().find(|row| row.origin == origin);
        let row = row.ok_or_else(|| wrong(format!("there is no journal of origin `{origin}`")))?;
        sorted.entry(row.name.to_string()).or_default().push((*note).to_owned());
    }
    Ok(sorted)
}

/// A tree head that the journal must have had, because its key signed it.
#[derive(Clone, Copy)]
struct Promise {
    head: TreeHead,
    /// Kept elsewhere, so that who rewrote the file could not rewrite it.
    saved: bool,
}

/// What the stored checkpoint and those saved elsewhere promise, smallest size first.
fn promises(row: &JournalRow, saved: &[String]) -> Result<Vec<Promise>, Fault> {
    let key: VerifierKey = row.vkey.parse().map_err(|_| Fault::from(0, "the stored key is none"))?;
    if key.name() != row.origin {
        return Err(Fault::from(0, "the stored key is of another journal"));
    }
    let mut heads = Vec::new();
    if !row.checkpoint.is_empty() {
        let stored = Checkpoint::open(&row.checkpoint, &key)
            .map_err(|_| Fault::from(0, "the stored checkpoint is not signed by the journal's key"))?;
        heads.push(Promise { head: stored.head, saved: false });
    }
    for note in saved {
        let saved = Checkpoint::open(note, &key)
            .map_err(|_| Fault::from(0, "a saved checkpoint is not signed by the journal's key"))?;
        heads.push(Promise { head: saved.head, saved: true });
    }
    heads.sort_by_key(|promise| promise.head.size);
    Ok(heads)
}

fn verify_journal(
    snapshot: &Snapshot<'_>,
    row: &JournalRow,
    saved: &[String],
) -> Result<Result<TreeHead, Fault>, StoreError> {
    let promised = match promises(row, saved) {
        Ok(promised) => promised,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut walk = Walk::new(row, &promised);
    match walk_all(snapshot, &mut walk) {
        Ok(()) => Ok(Ok(walk.frontier.head())),
        Err(Stop::Fault(fault)) => Ok(Err(fault)),
        // A page that SQLite cannot make sense of is damage like any other, found where reading stopped.
        Err(Stop::Store(StoreError::Corrupt(_))) => {
            Ok(Err(Fault::from(walk.frontier.size(), "the file is damaged")))
        }
        Err(Stop::Store(error)) => Err(error),
    }
}

fn walk_all(snapshot: &Snapshot<'_>, walk: &mut Walk<'_>) -> Result<(), Stop> {
    walk.check_promises()?;
    walk_bundles(snapshot, walk)?;
    walk.expect_bundles_end()?;
    walk_tail(snapshot, walk)?;
    walk.expect_end()?;
    count_tiles(snapshot, walk.row)
}

/// Why a walk ended early.
enum Stop {
    Fault(Fault),
    Store(StoreError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The tree as far as it has been recomputed.
struct Walk<'p> {
    row: &'p JournalRow,
    frontier: Frontier,
    /// Heads still to be met, smallest first.
    promised: &'p [Promise],
    /// Size of the last promised head that was met, and of the last among those saved elsewhere.
    agreed: u64,
    agreed_saved: u64,
    /// Hashes of the tiles above the leaves' that are being filled.
    upper: Vec<Vec<Hash>>,
}

impl<'p> Walk<'p> {
    fn new(row: &'p JournalRow, promised: &'p [Promise]) -> Self {
        Self { row, frontier: Frontier::new(), promised, agreed: 0, agreed_saved: 0, upper: Vec::new() }
    }

    /// Adds a perfect subtree; gives the full tiles above the leaves' that it completes.
    fn push(&mut self, level: u32, hash: Hash) -> Vec<(u32, u64, Vec<Hash>)> {
        let index = self.frontier.size();
        let (upper, mut full) = (&mut self.upper, Vec::new());
        self.frontier.push_subtree(level, hash, |level, hash| {
            let tile_level = (level / TILE_HEIGHT) as usize;
            if tile_level == 0 || !level.is_multiple_of(TILE_HEIGHT) {
                return;
            }
            upper.resize_with(upper.len().max(tile_level), Vec::new);
            let tile = &mut upper[tile_level - 1];
            tile.push(hash);
            if tile.len() == TILE_WIDTH {
                let n = index >> (TILE_HEIGHT * (tile_level as u32 + 1));
                full.push((tile_level as u32, n, std::mem::take(tile)));
            }
        });
        full
    }

    /// Compares with the heads promised for the size reached.
    fn check_promises(&mut self) -> Result<(), Fault> {
        while let Some((&Promise { head, saved }, rest)) = self.promised.split_first() {
            if head.size > self.frontier.size() {
                return Ok(());
            }
            if head.size < self.frontier.size() || head.root != self.frontier.root() {
                return Err(Fault::from(self.agreed_saved, "the entries do not lead to a signed checkpoint"));
            }
            self.agreed = head.size;
            if saved {
                self.agreed_saved = head.size;
            }
            self.promised = rest;
        }
        Ok(())
    }

    fn expect_bundles_end(&self) -> Result<(), Fault> {
        let (reached, bundled) = (self.frontier.size(), full_below(self.row.head.size, 1) << TILE_HEIGHT);
        if reached < bundled {
            return Err(Fault::at(reached, "the bundle is missing"));
        }
        Ok(())
    }

    /// The journal ends where its row and its checkpoints say.
    fn expect_end(&mut self) -> Result<(), Fault> {
        let size = self.frontier.size();
        if size < self.row.head.size {
            return Err(Fault::at(size, "the entry is missing: the journal is cut"));
        }
        self.check_promises()?;
        if !self.promised.is_empty() {
            return Err(Fault::at(
                size,
                "the entry is missing: the journal is shorter than a signed checkpoint",
            ));
        }
        if self.frontier.root() != self.row.head.root {
            return Err(Fault::from(self.agreed, "the entries do not give the stored root"));
        }
        Ok(())
    }
}

/// A bundle as it is stored, with its level 0 tile.
struct Stored {
    n: u64,
    lines: Vec<u8>,
    tile: Option<Vec<u8>>,
    root: Option<Hash>,
    /// Whether a promised head lies inside it.
    promised: bool,
}

/// A bundle whose entries were hashed and agree with its tile.
struct Hashed {
    root: Hash,
    /// Kept when a promised head lies inside.
    leaves: Option<Vec<Hash>>,
    stored_root: Option<Hash>,
}

fn hash_bundle(unpacker: &mut Unpacker, stored: &Stored) -> Result<Hashed, Fault> {
    let first = stored.n << TILE_HEIGHT;
    let lines = unpacker.unpack(&stored.lines).map_err(|what| Fault::at(first, what))?;
    let leaves: Vec<Hash> = (0..lines.len().min(TILE_WIDTH))
        .map(|position| leaf_hash_prefixed(lines.prefixed(position)))
        .collect();
    let tile = stored.tile.as_deref().and_then(split_hashes);
    let tile = tile.ok_or_else(|| Fault::at(first, "the bundle's tile is missing or cut"))?;
    if let Some(position) = leaves.iter().zip(&tile).position(|(leaf, kept)| leaf != kept) {
        return Err(Fault::at(first + position as u64, "the entry has not the hash that was recorded"));
    }
    if !lines.is_full() || tile.len() != TILE_WIDTH {
        let common = leaves.len().min(tile.len()) as u64;
        return Err(Fault::at(first + common, "the bundle has not 256 entries"));
    }
    let root = perfect_root(&leaves);
    Ok(Hashed { root, leaves: stored.promised.then_some(leaves), stored_root: stored.root })
}

/// Takes hashed bundles in order.
fn take_bundle(snapshot: &Snapshot<'_>, walk: &mut Walk<'_>, hashed: Hashed) -> Result<(), Stop> {
    let first = walk.frontier.size();
    if let Some(leaves) = &hashed.leaves {
        // Leaf by leaf on a copy, so that heads inside the bundle can be compared.
        let mut slow = Walk { frontier: walk.frontier.clone(), upper: Vec::new(), ..*walk };
        for &leaf in leaves {
            slow.frontier.push(leaf, |_, _| {});
            slow.check_promises()?;
        }
        (walk.promised, walk.agreed, walk.agreed_saved) = (slow.promised, slow.agreed, slow.agreed_saved);
    }
    let full = walk.push(TILE_HEIGHT, hashed.root);
    for (level, n, hashes) in full {
        check_tile(snapshot, walk.row, level, n, &hashes)?;
    }
    if hashed.stored_root != Some(walk.frontier.root()) {
        return Err(Fault::from(first, "the bundle does not follow the one before it").into());
    }
    walk.check_promises()?;
    Ok(())
}

fn check_tile(
    snapshot: &Snapshot<'_>,
    row: &JournalRow,
    level: u32,
    n: u64,
    hashes: &[Hash],
) -> Result<(), Stop> {
    let mut statement =
        snapshot.tx.prepare_cached("SELECT hashes FROM tile WHERE journal = ?1 AND level = ?2 AND n = ?3")?;
    let mut rows = statement.query(rusqlite::params![row.id, level, sql(n)])?;
    let stored = match rows.next()? {
        Some(stored) => stored.get_ref(0)?.as_blob().ok().and_then(split_hashes).unwrap_or_default(),
        None => Vec::new(),
    };
    if stored == hashes {
        return Ok(());
    }
    let same = stored.iter().zip(hashes).take_while(|(a, b)| a == b).count() as u64;
    let index = ((n << TILE_HEIGHT) + same) << (TILE_HEIGHT * level);
    Err(Fault::from(index, "a tile is missing or has not the hashes of the entries").into())
}

/// Reads bundles and has them hashed, by threads where there are many; takes the results in order.
struct Pipeline<'s, 'w, 'p> {
    snapshot: &'s Snapshot<'s>,
    walk: &'w mut Walk<'p>,
    unpacker: Unpacker,
    hashers: Vec<Hasher>,
    chunk: Vec<Stored>,
    /// Chunks given to hashers and taken back, in turn.
    sent: usize,
    taken: usize,
}

/// A thread's ends: chunks go in, what became of each of their bundles comes out.
struct Hasher {
    chunks: SyncSender<Vec<Stored>>,
    results: Receiver<Vec<Result<Hashed, Fault>>>,
}

impl Hasher {
    fn start<'scope>(scope: &'scope thread::Scope<'scope, '_>) -> Result<Self, StoreError> {
        let (chunks, waiting) = sync_channel::<Vec<Stored>>(CHUNKS_AHEAD);
        let (done, results) = sync_channel(CHUNKS_AHEAD);
        let mut unpacker = Unpacker::new()?;
        scope.spawn(move || {
            for chunk in waiting {
                let hashed = chunk.iter().map(|stored| hash_bundle(&mut unpacker, stored)).collect();
                if done.send(hashed).is_err() {
                    return;
                }
            }
        });
        Ok(Self { chunks, results })
    }
}

impl Pipeline<'_, '_, '_> {
    fn push(&mut self, stored: Stored) -> Result<(), Stop> {
        self.chunk.push(stored);
        if self.hashers.is_empty() || self.chunk.len() == CHUNK {
            self.pass_on()?;
        }
        Ok(())
    }

    /// Gives the chunk to the next thread, after taking back what is due; or hashes it here.
    fn pass_on(&mut self) -> Result<(), Stop> {
        let chunk = std::mem::take(&mut self.chunk);
        if self.hashers.is_empty() {
            for stored in chunk {
                let hashed = hash_bundle(&mut self.unpacker, &stored)?;
                take_bundle(self.snapshot, self.walk, hashed)?;
            }
            return Ok(());
        }
        if self.sent - self.taken == self.hashers.len() * CHUNKS_AHEAD {
            self.take_one()?;
        }
        let hasher = &self.hashers[self.sent % self.hashers.len()];
        self.sent += 1;
        hasher.chunks.send(chunk).map_err(|_| thread_died().into())
    }

    fn take_one(&mut self) -> Result<(), Stop> {
        let hasher = &self.hashers[self.taken % self.hashers.len()];
        let results = hasher.results.recv().map_err(|_| thread_died())?;
        self.taken += 1;
        for hashed in results {
            take_bundle(self.snapshot, self.walk, hashed?)?;
        }
        Ok(())
    }

    /// Takes all that was given.
    fn finish(&mut self) -> Result<(), Stop> {
        if !self.chunk.is_empty() {
            self.pass_on()?;
        }
        while self.taken < self.sent {
            self.take_one()?;
        }
        Ok(())
    }
}

fn thread_died() -> StoreError {
    StoreError::Io("a verifying thread died".to_owned())
}

fn walk_bundles(snapshot: &Snapshot<'_>, walk: &mut Walk<'_>) -> Result<(), Stop> {
    let row = walk.row;
    thread::scope(|scope| {
        let mut hashers = Vec::new();
        if full_below(row.head.size, 1) >= BUNDLES_FOR_THREADS {
            let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
            for _ in 0..threads {
                hashers.push(Hasher::start(scope)?);
            }
        }
        let promised = walk.promised;
        let unpacker = Unpacker::new()?;
        let mut pipeline =
            Pipeline { snapshot, walk, unpacker, hashers, chunk: Vec::new(), sent: 0, taken: 0 };
        let mut statement = snapshot.tx.prepare(
            "SELECT b.n, b.lines, b.root, t.hashes FROM bundle b
             LEFT JOIN tile t ON t.journal = b.journal AND t.level = 0 AND t.n = b.n
             WHERE b.journal = ?1 ORDER BY b.n",
        )?;
        let mut rows = statement.query([row.id])?;
        for n in 0.. {
            match next_bundle(&mut rows, row, n, promised) {
                Ok(Some(stored)) => pipeline.push(stored)?,
                Ok(None) => break,
                // What was read before the gap comes before it in the journal.
                Err(stop) => return pipeline.finish().and(Err(stop)),
            }
        }
        pipeline.finish()
    })
}

/// The next stored bundle, which must be number `n`.
fn next_bundle(
    rows: &mut Rows<'_>,
    journal: &JournalRow,
    n: u64,
    promised: &[Promise],
) -> Result<Option<Stored>, Stop> {
    let Some(row) = rows.next()? else { return Ok(None) };
    let first = n << TILE_HEIGHT;
    if n >= full_below(journal.head.size, 1) {
        return Err(Fault::at(journal.head.size, "there are entries beyond the recorded end").into());
    }
    if row.get::<_, i64>(0)? != sql(n) {
        return Err(Fault::at(first, "the bundle is missing").into());
    }
    let inside = promised.partition_point(|promise| promise.head.size <= first);
    let last = first + TILE_WIDTH as u64;
    Ok(Some(Stored {
        n,
        lines: row.get(1)?,
        root: row.get_ref(2)?.as_blob().ok().and_then(Hash::from_slice),
        tile: row.get(3)?,
        promised: promised.get(inside).is_some_and(|promise| promise.head.size < last),
    }))
}

fn walk_tail(snapshot: &Snapshot<'_>, walk: &mut Walk<'_>) -> Result<(), Stop> {
    let row = walk.row;
    let mut statement =
        snapshot.tx.prepare("SELECT idx, lines, leaves, root FROM tail WHERE journal = ?1 ORDER BY idx")?;
    let mut rows = statement.query([row.id])?;
    while let Some(stored) = rows.next()? {
        let expected = walk.frontier.size();
        let index: i64 = stored.get(0)?;
        if expected >= row.head.size {
            return Err(Fault::at(expected, "there are entries beyond the recorded end").into());
        }
        if index != sql(expected) {
            let again = index < sql(expected);
            let what = if again { "an entry stands in the tail again" } else { "the entry is missing" };
            return Err(Fault::at(expected.min(index.unsigned_abs()), what).into());
        }
        let leaves = stored.get_ref(2)?.as_blob().ok().and_then(split_hashes).unwrap_or_default();
        take_tail_row(walk, stored.get_ref(1)?.as_bytes().unwrap_or_default(), &leaves)?;
        if stored.get_ref(3)?.as_blob().ok() != Some(walk.frontier.root().as_bytes()) {
            let what = "the entries do not follow those before them";
            return Err(Fault { index: expected, exact: leaves.len() == 1, what }.into());
        }
    }
    Ok(())
}

/// Entries that stand in one row of the tail, beside their leaves.
fn take_tail_row(walk: &mut Walk<'_>, lines: &[u8], leaves: &[Hash]) -> Result<(), Fault> {
    let first = walk.frontier.size();
    let lines = split_lines(lines).ok_or(Fault::at(first, "the row's last line has no end"))?;
    let mut leaves = leaves.iter();
    for line in lines {
        let index = walk.frontier.size();
        if index >= walk.row.head.size {
            return Err(Fault::at(index, "there are entries beyond the recorded end"));
        }
        let leaf = leaf_hash(line);
        if leaves.next() != Some(&leaf) {
            return Err(Fault::at(index, "the entry has not the hash that was recorded"));
        }
        let full = walk.push(0, leaf);
        debug_assert!(full.is_empty());
        walk.check_promises()?;
    }
    if leaves.next().is_some() {
        return Err(Fault::at(walk.frontier.size(), "the entry is missing"));
    }
    Ok(())
}

/// All tiles that must be there were found; are there more?
fn count_tiles(snapshot: &Snapshot<'_>, row: &JournalRow) -> Result<(), Stop> {
    let mut statement =
        snapshot.tx.prepare("SELECT level, count(*) FROM tile WHERE journal = ?1 GROUP BY level")?;
    let mut rows = statement.query([row.id])?;
    while let Some(counted) = rows.next()? {
        let (level, count): (i64, i64) = (counted.get(0)?, counted.get(1)?);
        let expected =
            u32::try_from(level).map_or(0, |level| full_below(row.head.size, level.saturating_add(1)));
        if count != sql(expected) {
            return Err(Fault::at(row.head.size, "there are tiles beyond the recorded end").into());
        }
    }
    Ok(())
}
