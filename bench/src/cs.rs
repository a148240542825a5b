//! How long a search of the residents file takes, and how fast the file is made.
//!
//! The searches are made in rounds, and of each the median of its rounds counts, so that what else runs on the
//! machine is not taken for the file's own time; the last column is the longest single answer.

use std::path::Path;
use std::time::{Duration, Instant};

use cs::{ResidentsFile, synthetic};
use jiff::civil::date;
use register::terms::Resident;

/// Residents of a city of this size.
pub(crate) const RESIDENTS: usize = 340_000;
const QUESTIONS: usize = 4_000;
const ROUNDS: usize = 5;
const BATCH: usize = 65_536;

/// Makes a file of so many synthetic residents in a folder, searches it, and prints the figures.
pub(crate) fn run(residents: usize, dir: &Path) {
    let begun = Instant::now();
    let all: Vec<Resident> = synthetic::residents(2002, date(2026, 4, 1)).take(residents).collect();
    println!("cs: {residents} synthetic residents, made in {:.2} s", begun.elapsed().as_secs_f64());
    let file = ResidentsFile::open(dir).expect("the folder takes a file");
    let begun = Instant::now();
    let applied = file.applied_size().expect("a size") as usize;
    for (batch, some) in all.chunks(BATCH).enumerate() {
        let from = batch * BATCH;
        let entries = some.iter().cloned().zip(from as u64..).map(|(resident, index)| (index, resident));
        file.apply(entries, (from + some.len()) as u64).expect("residents are folded in");
    }
    if applied == 0 {
        println!("folded in {:.2} s", begun.elapsed().as_secs_f64());
    }
    println!(
        "{:<24}{:>8}{:>12}{:>10}{:>10}{:>10}{:>12}",
        "search", "asked", "mean hits", "p50 ms", "p99 ms", "max ms", "single max"
    );
    let surname = |r: &Resident| r.information.name.split(['　', ' ']).next().unwrap_or_default().to_owned();
    let first_kana = |r: &Resident, many: usize| r.information.kana.chars().take(many).collect::<String>();
    let hits = |found: Result<cs::Hits, _>| found.map_or(0, |hits: cs::Hits| hits.count.number());
    let ask = |name: &str, question: &dyn Fn(&Resident) -> u32| measure(name, &all, question);
    ask("whole name", &|r| hits(file.search_name(&r.information.name)));
    ask("surname", &|r| hits(file.search_name(&surname(r))));
    ask("first kanji", &|r| hits(file.search_name(&r.information.name.chars().take(1).collect::<String>())));
    ask("whole reading", &|r| hits(file.search_kana(&r.information.kana)));
    ask("first three kana", &|r| hits(file.search_kana(&first_kana(r, 3))));
    ask("first kana", &|r| hits(file.search_kana(&first_kana(r, 1))));
    ask("code", &|r| hits(file.search_code(r.code())));
    ask("consult", &|r| u32::from(file.consult(r.code()).is_ok_and(|found| found.is_some())));
    ask("household", &|r| {
        let members = r.household.as_ref().map(|household| file.household(household));
        members.and_then(Result::ok).map_or(0, |members| members.len() as u32)
    });
}

fn measure(name: &str, all: &[Resident], question: &dyn Fn(&Resident) -> u32) {
    let mut times = vec![Vec::new(); QUESTIONS];
    let mut hits = 0;
    for round in 0..ROUNDS {
        for (lot, times) in times.iter_mut().enumerate() {
            // A step that shares no factor with the number of residents visits them far apart.
            let resident = &all[lot * 7_919 % all.len()];
            let begun = Instant::now();
            let found = question(resident);
            times.push(begun.elapsed());
            assert!(found > 0, "`{name}` does not find whom it looks for");
            hits += if round == 0 { u64::from(found) } else { 0 };
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    let single: Duration = times.iter().map(|times| times[ROUNDS - 1]).max().unwrap_or_default();
    let mut medians: Vec<Duration> = times.iter().map(|times| times[ROUNDS / 2]).collect();
    medians.sort_unstable();
    let at = |share: usize| medians[(QUESTIONS * share / 100).min(QUESTIONS - 1)].as_secs_f64() * 1e3;
    let mean = hits as f64 / QUESTIONS as f64;
    let single = single.as_secs_f64() * 1e3;
    println!(
        "{name:<24}{QUESTIONS:>8}{mean:>12.1}{:>10.3}{:>10.3}{:>10.3}{single:>12.3}",
        at(50),
        at(99),
        at(100)
    );
}
