//! Killed at any moment, the journal keeps what it acknowledged and shows nothing half.
//!
//! The test runs itself again as a child that appends from several threads and prints a line for each
//! acknowledged call; the parent kills it with SIGKILL at a random moment, verifies, opens, and compares.
//! SEKISHO_CRASH_ROUNDS sets the number of kills.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use journal::{Draft, verify};
use serde_json::{Value, json};

use crate::common::{name, open};

const CHILD_DIR: &str = "SEKISHO_CRASH_CHILD_DIR";
const CHILD_RUN: &str = "SEKISHO_CRASH_CHILD_RUN";
const THREADS: u64 = 4;

/// A fresh directory after so many rounds, so that opening anew and growing old are both tried.
const ROUNDS_PER_DIR: u64 = 40;

fn rounds() -> u64 {
    std::env::var("SEKISHO_CRASH_ROUNDS").map_or(200, |rounds| rounds.parse().unwrap())
}

/// Entries of call number `seq` of `thread`: how many go to which journal.
fn parts(thread: u64, seq: u64) -> Vec<&'static str> {
    let some = (thread + seq) % 5;
    let journals = ["register", "operations"];
    (0..some + 2).map(|part| journals[((part + seq) % 2) as usize]).collect()
}

/// Not a test: what the killed process does. Ignored, and started by the test below.
#[test]
#[ignore = "the process that the crash test kills"]
fn child() {
    let (Ok(dir), Ok(run)) = (std::env::var(CHILD_DIR), std::env::var(CHILD_RUN)) else {
        return;
    };
    let journal = open(Path::new(&dir));
    let run: u64 = run.parse().unwrap();
    let calls = AtomicU64::new(0);
    println!();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (journal, calls) = (journal.clone(), &calls);
            scope.spawn(move || {
                for seq in 0.. {
                    let parts = parts(thread, seq);
                    let of = parts.len();
                    // Longer entries now and then, so that commits and bundles differ in size.
                    let filler = "あ".repeat(if seq % 17 == 3 { 4000 } else { (seq % 7) as usize });
                    let draft = |(part, to): (usize, &&str)| Draft {
                        journal: name(to),
                        body: json!({ "run": run, "thread": thread, "seq": seq, "part": part, "of": of, "filler": filler })
                            .as_object()
                            .unwrap()
                            .clone(),
                    };
                    let drafts = parts.iter().enumerate().map(draft).collect();
                    let receipts = journal.append(drafts).unwrap();
                    let indexes: Vec<String> = receipts.iter().map(|r| r.index.to_string()).collect();
                    let line = format!("ack {run} {thread} {seq} {} end\n", indexes.join(","));
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
}

/// Ends the child whatever becomes of the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A child that runs until it is killed `after` its first acknowledgement, or `after` its start. Returns the
/// acknowledgements that came whole through the pipe.
fn run_and_kill(dir: &Path, run: u64, after: Duration, from_first: bool) -> Vec<Ack> {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "crash::child", "--nocapture", "--test-threads=1"])
        .env(CHILD_DIR, dir)
        .env(CHILD_RUN, run.to_string())
        .env_remove("NEXTEST")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Killed(child);
    let output = child.0.stdout.take().unwrap();
    let (first, first_came) = channel();
    let reader = std::thread::spawn(move || {
        let mut acks = Vec::new();
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8(line.unwrap()).unwrap();
            if let Some(ack) = Ack::parse(&line) {
                acks.push(ack);
                let _ = first.send(());
            }
        }
        acks
    });
    if from_first {
        first_came.recv_timeout(Duration::from_secs(60)).unwrap();
    }
    std::thread::sleep(after);
    child.0.kill().unwrap();
    assert!(!child.0.wait().unwrap().success(), "the child ended by itself");
    reader.join().unwrap()
}

/// An acknowledged call.
#[derive(Debug)]
struct Ack {
    run: u64,
    thread: u64,
    seq: u64,
    indexes: Vec<u64>,
}

impl Ack {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.strip_prefix("ack ")?.strip_suffix(" end")?.split(' ').collect();
        let [run, thread, seq, indexes] = fields[..] else { panic!("{line}") };
        let indexes = indexes.split(',').map(|index| index.parse().unwrap()).collect();
        Some(Self {
            run: run.parse().unwrap(),
            thread: thread.parse().unwrap(),
            seq: seq.parse().unwrap(),
            indexes,
        })
    }
}

/// Which call of which run, and its parts that are there: part, of how many.
type Parts = HashMap<(u64, u64, u64), Vec<(u64, u64)>>;

/// What the entries from `seen` on say of the calls they were part of.
fn read_parts(
    journal: &journal::Journal,
    seen: &mut [u64; 2],
) -> (Parts, HashMap<(&'static str, u64), Value>) {
    let mut parts = Parts::new();
    let mut bodies = HashMap::new();
    for (of, seen) in ["register", "operations"].into_iter().zip(seen) {
        for entry in journal.read(&name(of), *seen..u64::MAX).unwrap() {
            let entry = entry.unwrap();
            let body = Value::Object(entry.body().unwrap());
            let number = |key: &str| body[key].as_u64().unwrap();
            let call = (number("run"), number("thread"), number("seq"));
            parts.entry(call).or_default().push((number("part"), number("of")));
            bodies.insert((of, entry.index), body);
            *seen = entry.index + 1;
        }
    }
    (parts, bodies)
}

/// Returns how many calls were acknowledged.
fn round(dir: &Path, run: u64, seen: &mut [u64; 2], random: u64) -> usize {
    // One in eight is killed while it opens, the others while they append.
    let from_first = !random.is_multiple_of(8);
    let acks = run_and_kill(dir, run, Duration::from_micros((random >> 8) % 25_000), from_first);
    if !dir.join("sekisho.db").exists() {
        assert!(acks.is_empty());
        return 0;
    }
    // Killed within its very first opening, the file may have no tables yet; opening mends that.
    let verified = verify(dir, &[]);
    let journal = open(dir);
    match verified {
        Ok(report) => assert!(report.is_sound(), "run {run}: {report}"),
        Err(error) => assert!(*seen == [0, 0] && acks.is_empty(), "run {run}: {error}"),
    }
    let (parts, bodies) = read_parts(&journal, seen);
    for (call, mut there) in parts {
        there.sort_unstable();
        let of = there[0].1;
        let whole: Vec<(u64, u64)> = (0..of).map(|part| (part, of)).collect();
        assert_eq!(there, whole, "call {call:?} is there in part, or twice");
    }
    for ack in &acks {
        for (part, (of, index)) in self::parts(ack.thread, ack.seq).into_iter().zip(&ack.indexes).enumerate()
        {
            let body = bodies.get(&(of, *index)).unwrap_or_else(|| panic!("lost: {ack:?}, {of} {index}"));
            let expected =
                [("run", ack.run), ("thread", ack.thread), ("seq", ack.seq), ("part", part as u64)];
            for (key, value) in expected {
                assert_eq!(body[key], value, "{ack:?}, {of} {index}");
            }
        }
    }
    journal.close().unwrap();
    acks.len()
}

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_half() {
    let rounds = rounds();
    let mut acknowledged = 0;
    let mut dir = tempfile::tempdir().unwrap();
    let mut seen = [0, 0];
    for run in 0..rounds {
        if run % ROUNDS_PER_DIR == 0 {
            dir = tempfile::tempdir().unwrap();
            seen = [0, 0];
        }
        let mut random = [0; 8];
        getrandom::fill(&mut random).unwrap();
        acknowledged += round(dir.path(), run, &mut seen, u64::from_ne_bytes(random));
    }
    println!("{rounds} kills, {acknowledged} calls acknowledged, none lost, none half");
    assert!(acknowledged as u64 > rounds, "too little was acknowledged for the test to mean anything");
}
