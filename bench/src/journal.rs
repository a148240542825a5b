//! How fast the journal records and verifies, against what the same machine does without it.
//!
//! Appends: so many threads each record one entry at a time and wait until it is durable. The comparators
//! get the same entries (canonical, salted, hashed) through the same kind of sequencer, which takes whatever
//! waits into one commit: plain SQLite (WAL, synchronous=FULL, one row with entry and leaf hash), and a file of
//! zeros overwritten and synced. Rounds are interleaved: only ratios within a round mean anything.
//!
//! Verification: all of a journal from its file, against a bare SHA-256 loop over the same bytes in memory.

use std::error::Error;
use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use journal::{Draft, Hash, Journal, JournalName, Salt, leaf_hash, limits, seal};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

type Failure = Box<dyn Error + Send + Sync>;

/// What is measured, and how often.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Rounds; the table gives their median, least and greatest.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Milliseconds of each append run, after a fifth of that for warming up.
    #[arg(long, default_value_t = 2000)]
    millis: u64,
    /// Numbers of writing threads.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 1024])]
    writers: Vec<usize>,
    /// Entries of the journal that is verified.
    #[arg(long, default_value_t = 500_000)]
    entries: u64,
    /// Where files are written; a directory on the disk to be measured.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let base = args.dir.clone().unwrap_or_else(std::env::temp_dir);
    let dir = base.join(format!("sekisho-bench-{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    let measured = appends(args, &dir).and_then(|()| verification(args, &dir));
    fs::remove_dir_all(&dir)?;
    measured
}

/// A body like that of an operation: synthetic, about 300 bytes as an entry.
fn body(thread: usize, seq: u64) -> Map<String, Value> {
    let value = json!({
        "at": "2026-04-01T08:30:00.123456+09:00",
        "by": format!("P{:05}", thread % 2000),
        "card": format!("C{:05}", thread % 2000),
        "terminal": format!("T{:03}", seq % 37),
        "kind": "consult",
        "section": "shimin",
        "condition": "氏名カナ=サクラ　ハナコ",
        "reason": format!("R{:08}", seq.wrapping_mul(2_654_435_761) % 100_000_000),
        "touched": [format!("{:011}", seq.wrapping_mul(48_271) % 100_000_000_000)],
        "hits": seq % 5,
        "request": format!("{:016x}", seq.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
    });
    match value {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

/// Something that makes an entry durable before it returns.
trait Recorder: Sync {
    fn record(&self, body: Map<String, Value>) -> Result<(), Failure>;
}

struct Ours {
    journal: Journal,
    name: JournalName,
}

impl Recorder for Ours {
    fn record(&self, body: Map<String, Value>) -> Result<(), Failure> {
        self.journal.append(vec![Draft { journal: self.name.clone(), body }])?;
        Ok(())
    }
}

/// An entry on its way to a comparator.
struct Waiting {
    bytes: Vec<u8>,
    leaf: Hash,
    reply: SyncSender<bool>,
}

/// A comparator: the same encoding, hashing and queue, and a thread that commits all that waits at once.
struct Sequenced {
    queue: SyncSender<Waiting>,
}

impl Sequenced {
    fn start(mut commit: impl FnMut(&[Waiting]) -> Result<(), Failure> + Send + 'static) -> Self {
        let (queue, waiting): (_, Receiver<Waiting>) = sync_channel(limits::MAX_WAITING_CALLS);
        std::thread::spawn(move || {
            while let Ok(first) = waiting.recv() {
                let mut batch = vec![first];
                batch.extend(waiting.try_iter().take(limits::COMMIT_ENTRIES));
                let done = commit(&batch).is_ok();
                for entry in batch {
                    let _ = entry.reply.send(done);
                }
            }
        });
        Self { queue }
    }
}

impl Recorder for Sequenced {
    fn record(&self, body: Map<String, Value>) -> Result<(), Failure> {
        let mut salt = [0; limits::SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|e| e.to_string())?;
        let bytes = seal(body, Salt(salt))?;
        let leaf = leaf_hash(&bytes);
        let (reply, answer) = sync_channel(1);
        self.queue.send(Waiting { bytes, leaf, reply }).map_err(|_| "the comparator ended")?;
        if answer.recv()? { Ok(()) } else { Err("the comparator failed".into()) }
    }
}

const CONTENDERS: [&str; 3] = ["journal", "plain SQLite", "raw fdatasync"];

fn recorder(contender: usize, dir: &Path) -> Result<Box<dyn Recorder>, Failure> {
    Ok(match contender {
        0 => {
            let name = JournalName::new("operations")?;
            let journal = Journal::open(dir, "bench.invalid", std::slice::from_ref(&name))?;
            Box::new(Ours { journal, name })
        }
        1 => Box::new(plain_sqlite(dir)?),
        _ => Box::new(raw_file(dir)?),
    })
}

fn plain_sqlite(dir: &Path) -> Result<Sequenced, Failure> {
    let mut db = rusqlite::Connection::open(dir.join("plain.db"))?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch(
        "CREATE TABLE entry (idx INTEGER PRIMARY KEY, body TEXT NOT NULL, leaf BLOB NOT NULL) STRICT",
    )?;
    Ok(Sequenced::start(move |batch| {
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut insert = tx.prepare_cached("INSERT INTO entry (body, leaf) VALUES (?1, ?2)")?;
        for entry in batch {
            insert.execute(rusqlite::params![str::from_utf8(&entry.bytes)?, entry.leaf.as_bytes()])?;
        }
        drop(insert);
        tx.commit()?;
        Ok(())
    }))
}

/// Zeros that are overwritten, from the beginning again at the end: no file grows, no block is allocated.
const RAW_BYTES: u64 = 64 * 1024 * 1024;

fn raw_file(dir: &Path) -> Result<Sequenced, Failure> {
    let mut file = fs::File::create(dir.join("raw"))?;
    for _ in 0..RAW_BYTES >> 20 {
        file.write_all(&[0; 1 << 20])?;
    }
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    Ok(Sequenced::start(move |batch| {
        bytes.clear();
        for entry in batch {
            bytes.extend_from_slice(&entry.bytes);
            bytes.extend_from_slice(entry.leaf.as_bytes());
        }
        if file.stream_position()? + bytes.len() as u64 > RAW_BYTES {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        Ok(())
    }))
}

/// One run: entries per second, and the waiting times in microseconds at 50 and 99 per cent.
#[derive(Clone, Copy)]
struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
}

fn measure(recorder: &dyn Recorder, writers: usize, time: Duration) -> Result<Measured, Failure> {
    let (counting, ending) = (AtomicBool::new(false), AtomicBool::new(false));
    let (mut waits, elapsed) = std::thread::scope(|scope| -> Result<_, Failure> {
        let mut threads = Vec::with_capacity(writers);
        for thread in 0..writers {
            let (counting, ending) = (&counting, &ending);
            let builder = std::thread::Builder::new().stack_size(256 * 1024);
            threads.push(builder.spawn_scoped(scope, move || -> Result<Vec<u32>, Failure> {
                let mut waits = Vec::new();
                for seq in 0.. {
                    if ending.load(Ordering::Relaxed) {
                        break;
                    }
                    let counted = counting.load(Ordering::Relaxed);
                    let body = body(thread, seq);
                    let started = Instant::now();
                    recorder.record(body)?;
                    if counted {
                        waits.push(started.elapsed().as_micros() as u32);
                    }
                }
                Ok(waits)
            })?);
        }
        std::thread::sleep(time / 5);
        counting.store(true, Ordering::Relaxed);
        let started = Instant::now();
        std::thread::sleep(time);
        ending.store(true, Ordering::Relaxed);
        let elapsed = started.elapsed();
        let mut waits = Vec::new();
        for thread in threads {
            waits.extend(thread.join().map_err(|_| "a writer died")??);
        }
        Ok((waits, elapsed))
    })?;
    waits.sort_unstable();
    let at = |part: f64| f64::from(waits[((waits.len() - 1) as f64 * part) as usize]);
    if waits.is_empty() {
        return Err("nothing was recorded".into());
    }
    Ok(Measured { rate: waits.len() as f64 / elapsed.as_secs_f64(), p50: at(0.5), p99: at(0.99) })
}

fn appends(args: &Args, dir: &Path) -> Result<(), Failure> {
    let mut results = vec![vec![Vec::new(); CONTENDERS.len()]; args.writers.len()];
    for round in 0..args.rounds {
        for (number, &writers) in args.writers.iter().enumerate() {
            for turn in 0..CONTENDERS.len() {
                // Another one first in each round, so that none always meets the disk in the same mood.
                let contender = (round + turn) % CONTENDERS.len();
                let own = dir.join(format!("append-{round}-{writers}-{contender}"));
                fs::create_dir_all(&own)?;
                let recorder = recorder(contender, &own)?;
                let measured = measure(recorder.as_ref(), writers, Duration::from_millis(args.millis))?;
                drop(recorder);
                fs::remove_dir_all(&own)?;
                results[number][contender].push(measured);
                eprintln!(
                    "round {round}: {writers} writers, {}: {:.0}/s",
                    CONTENDERS[contender], measured.rate
                );
            }
        }
    }
    println!("durable appends, entries/s: median [min-max] of {} rounds; p50/p99 in µs", args.rounds);
    for (number, writers) in args.writers.iter().enumerate() {
        for (contender, name) in CONTENDERS.iter().enumerate() {
            let of = |value: fn(&Measured) -> f64| spread(results[number][contender].iter().map(value));
            println!(
                "{writers:>5} writers  {name:<14} {:>28}  {:>7.0}/{:.0}",
                of(|m| m.rate).rounded(),
                of(|m| m.p50).median,
                of(|m| m.p99).median
            );
        }
        for other in 1..CONTENDERS.len() {
            let pairs = results[number][0].iter().zip(&results[number][other]);
            let ratio = spread(pairs.map(|(ours, theirs)| ours.rate / theirs.rate));
            println!("{writers:>5} writers  journal / {:<14} {ratio}", CONTENDERS[other]);
        }
    }
    Ok(())
}

fn verification(args: &Args, dir: &Path) -> Result<(), Failure> {
    let own = dir.join("verify");
    let name = JournalName::new("operations")?;
    let journal = Journal::open(&own, "bench.invalid", std::slice::from_ref(&name))?;
    let mut done = 0;
    while done < args.entries {
        let to = args.entries.min(done + 8192);
        let draft = |seq| Draft { journal: name.clone(), body: body(seq as usize, seq) };
        journal.append((done..to).map(draft).collect())?;
        done = to;
    }
    let entries: Vec<Vec<u8>> =
        journal.read(&name, 0..done)?.map(|entry| entry.map(|e| e.bytes)).collect::<Result<_, _>>()?;
    journal.close()?;
    let bytes: usize = entries.iter().map(Vec::len).sum();
    let stream: Arc<[u8]> = entries.concat().into();
    let (mut ours, mut per_entry, mut one_stream) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..args.rounds {
        ours.push(timed(bytes, || Ok(assert_sound(&own)?))?);
        per_entry.push(timed(bytes, || {
            let sum = entries.iter().fold(0_u8, |sum, entry| sum ^ Sha256::digest(entry)[0]);
            std::hint::black_box(sum);
            Ok(())
        })?);
        one_stream.push(timed(bytes, || {
            std::hint::black_box(Sha256::digest(&stream));
            Ok(())
        })?);
        eprintln!("round {round}: verified at {:.0} MB/s", ours[round]);
    }
    let stored = fs::metadata(own.join("sekisho.db"))?.len();
    println!(
        "\nverification of {done} entries, {bytes} bytes, {stored} in the file; MB/s of entries: median [min-max]"
    );
    println!("verify                                {}", spread(ours.iter().copied()).rounded());
    println!("SHA-256 loop, one call per entry      {}", spread(per_entry.iter().copied()).rounded());
    println!("SHA-256 loop, one stream              {}", spread(one_stream.iter().copied()).rounded());
    let ratio = |other: &[f64]| spread(ours.iter().zip(other).map(|(ours, other)| ours / other));
    println!("verify / loop per entry               {}", ratio(&per_entry));
    println!("verify / loop over one stream         {}", ratio(&one_stream));
    let rate = bytes as f64 / done as f64;
    println!(
        "verify, entries/s                     {}",
        spread(ours.iter().map(|mb| mb * 1e6 / rate)).rounded()
    );
    Ok(())
}

fn assert_sound(dir: &Path) -> Result<(), String> {
    let report = journal::verify(dir, &[]).map_err(|e| e.to_string())?;
    if report.is_sound() { Ok(()) } else { Err(report.to_string()) }
}

/// Megabytes per second.
fn timed(bytes: usize, work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let started = Instant::now();
    work()?;
    Ok(bytes as f64 / 1e6 / started.elapsed().as_secs_f64())
}

/// Median, least and greatest.
struct Spread {
    median: f64,
    min: f64,
    max: f64,
    places: usize,
}

impl Spread {
    fn rounded(self) -> Self {
        Self { places: 0, ..self }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { median, min, max, places } = *self;
        f.pad(&format!("{median:.places$} [{min:.places$}-{max:.places$}]"))
    }
}

fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let last = sorted.len().saturating_sub(1);
    Spread { median: at(sorted.len() / 2), min: at(0), max: at(last), places: 2 }
}
