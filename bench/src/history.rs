//! How long it takes to find who touched a resident, and what an operator did in a week.
//!
//! Seven years of synthetic operations of one city: the times rise evenly, residents and operators are drawn by
//! lot. Warm: the files are in the operating system's cache. Cold: before each question the pages of all files
//! are dropped from it (`dd iflag=nocache`, which advises the kernel so, and needs no privilege); what SQLite itself
//! keeps of the upper pages, at most 512 KiB a year, stays. The disk below may have a cache of its own.
//!
//! The questions are asked in rounds, and of each question the median of its rounds counts, so that what else
//! runs on the machine is not taken for the index's own time; the last column is the longest single answer.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use history::{HistoryIndex, Order, Outcome, Period, Query, Row, Subject};
use jiff::{Timestamp, ToSpan as _};
use register::access::{OperationKind, Output};
use register::terms::ResidentCode;

/// Rows when none are asked for.
pub(crate) const ROWS: u64 = 20_000_000;
const RESIDENTS: u64 = 340_000;
const OPERATORS: u64 = 150;
/// 2019-01-01 in Japan.
const BEGIN: i64 = 1_546_268_400;
/// Seven years, two of them leap years.
const SECONDS: u64 = (7 * 365 + 2) * 86_400;
const WEEK: u64 = 7 * 86_400;
/// Rows that are folded in at a time while the index is built.
const BATCH: u64 = 1_000_000;
const WARM_QUESTIONS: usize = 4_000;
const COLD_QUESTIONS: usize = 400;
const ROUNDS: usize = 5;

/// Builds an index of so many rows in a folder, asks, and prints the figures. The folder's `history` is left there.
pub(crate) fn run(rows: u64, dir: &Path) {
    let index = HistoryIndex::open(dir).expect("the folder takes an index");
    let begun = Instant::now();
    let mut from = index.applied_size().min(rows);
    let present = from;
    while from < rows {
        let to = (from + BATCH).min(rows);
        index.apply((from..to).map(|index| row(index, rows)), to).expect("rows are folded in");
        from = to;
    }
    let taken = begun.elapsed().as_secs_f64();
    let bytes: u64 = files(dir).iter().map(|path| path.metadata().map_or(0, |found| found.len())).sum();
    println!("history: {rows} rows, {RESIDENTS} residents, {OPERATORS} operators, 7 years");
    if present < rows {
        println!("built {:.0} rows/s in batches of {BATCH}", (rows - present) as f64 / taken);
    }
    println!("{:.2} GB, {:.1} bytes a row in both tables", bytes as f64 / 1e9, bytes as f64 / rows as f64);
    println!(
        "{:<44}{:>8}{:>8}{:>10}{:>10}{:>10}{:>12}",
        "question", "asked", "rows", "p50 ms", "p99 ms", "max ms", "single max"
    );
    for case in [Case::Resident, Case::OperatorWeek, Case::OperatorFirst] {
        case.measure(&index, WARM_QUESTIONS / 4, || {});
        case.print("warm", case.measure(&index, WARM_QUESTIONS, || {}));
        let paths = files(dir);
        sync();
        case.print(
            "cold",
            case.measure(&index, COLD_QUESTIONS, || paths.iter().for_each(|path| drop_cached(path))),
        );
    }
}

#[derive(Clone, Copy)]
enum Case {
    Resident,
    OperatorWeek,
    OperatorFirst,
}

impl Case {
    fn question(self, lot: u64) -> (Subject, Query) {
        let all = Query { period: Period::ALL, order: Order::NewestFirst, limit: 1_000, after: None };
        let operator = Subject::Operator(format!("op-{:03}", mixed(lot) % OPERATORS));
        match self {
            Self::Resident => (Subject::Resident(resident(mixed(lot) % RESIDENTS)), all),
            Self::OperatorWeek | Self::OperatorFirst => {
                let from = at(mixed(lot ^ 0xA5A5) % (SECONDS - WEEK));
                let period = Period { from, to: from + 168.hours() };
                let limit = if matches!(self, Self::OperatorFirst) { 50 } else { 1_000 };
                (operator, Query { period, limit, ..all })
            }
        }
    }

    fn measure(self, index: &HistoryIndex, questions: usize, mut before: impl FnMut()) -> Taken {
        let mut taken = Taken { times: vec![Vec::new(); questions], rows: 0 };
        for round in 0..ROUNDS {
            for (lot, times) in taken.times.iter_mut().enumerate() {
                let (subject, query) = self.question(lot as u64);
                before();
                let begun = Instant::now();
                let page = index.page(&subject, &query).expect("an answer");
                times.push(begun.elapsed());
                taken.rows += if round == 0 { page.rows.len() } else { 0 };
            }
        }
        taken
    }

    fn print(self, how: &str, mut taken: Taken) {
        let name = match self {
            Self::Resident => "a resident, seven years",
            Self::OperatorWeek => "an operator, a week, all",
            Self::OperatorFirst => "an operator, a week, first 50",
        };
        taken.times.iter_mut().for_each(|times| times.sort_unstable());
        let single = taken.times.iter().map(|times| times[ROUNDS - 1]).max().unwrap_or_default();
        let mut medians: Vec<Duration> = taken.times.iter().map(|times| times[ROUNDS / 2]).collect();
        medians.sort_unstable();
        let asked = medians.len();
        let at = |share: usize| medians[(asked * share / 100).min(asked - 1)].as_secs_f64() * 1e3;
        println!(
            "{:<44}{asked:>8}{:>8.1}{:>10.3}{:>10.3}{:>10.3}{:>12.3}",
            format!("{name}, {how}"),
            taken.rows as f64 / asked as f64,
            at(50),
            at(99),
            at(100),
            single.as_secs_f64() * 1e3,
        );
    }
}

struct Taken {
    /// Of each question, one time a round.
    times: Vec<Vec<Duration>>,
    rows: usize,
}

fn row(index: u64, rows: u64) -> Row {
    let lot = mixed(index);
    let operator = lot % OPERATORS;
    let seconds = (u128::from(index) * u128::from(SECONDS) / u128::from(rows)) as u64;
    let kind = [
        OperationKind::SearchName,
        OperationKind::SearchCode,
        OperationKind::Consult,
        OperationKind::PrintForm,
    ][(lot >> 20) as usize % 4];
    Row {
        index,
        at: at(seconds),
        operator: format!("op-{operator:03}"),
        card: Some(format!("card-{operator:03}")),
        terminal: Some(format!("terminal-{:02}", (lot >> 32) % 40)),
        section: Some(format!("section-{:02}", operator % 14)),
        kind,
        resident: Some(resident((lot >> 8) % RESIDENTS)),
        hits: 1 + (lot >> 40) % 5,
        output: Output::Screen,
        reason: (lot >> 50).is_multiple_of(2).then(|| format!("届-{:06}", (lot >> 30) % 1_000_000)),
        condition: if kind == OperationKind::SearchName {
            "佐藤　花子".to_owned()
        } else {
            String::new()
        },
        outcome: Outcome::Done,
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_second(BEGIN + seconds as i64).expect("a second of these years")
}

fn resident(number: u64) -> ResidentCode {
    // Codes are spread over their range as real ones are.
    ResidentCode::of_body(mixed(number) % 10_000_000_000).expect("ten digits")
}

/// SplitMix64's mixing: numbers in a row become lots.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir.join("history")).expect("the index's folder");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "db")).collect()
}

/// Pages that are not on disk yet cannot be dropped.
fn sync() {
    let done = Command::new("sync").status().expect("sync runs");
    assert!(done.success(), "sync failed");
}

fn drop_cached(path: &Path) {
    let mut input = std::ffi::OsString::from("if=");
    input.push(path);
    let status =
        Command::new("dd").arg(input).args(["iflag=nocache", "count=0"]).stderr(Stdio::null()).status();
    assert!(status.expect("dd runs").success(), "dd failed");
}
