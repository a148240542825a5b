//! Benchmarks, run by hand: `cargo run --release -p bench -- journal`. Figures stand in RESULTS.md.

mod cs;
mod door;
mod history;
mod journal;
mod office;
mod policy;
mod rooms;

use std::path::PathBuf;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Benchmarks of Sekisho; figures in RESULTS.md")]
enum Bench {
    /// Durable appends and verification of the journal.
    Journal(journal::Args),
    /// Decisions of the policies on one core.
    Policy,
    /// Searches of the residents' file.
    Cs {
        /// Where to build the file.
        dir: PathBuf,
        /// How many residents.
        #[arg(default_value_t = cs::RESIDENTS)]
        residents: usize,
    },
    /// Questions to the history's index.
    History {
        /// Where to build the index.
        dir: PathBuf,
        /// How many rows.
        #[arg(default_value_t = history::ROWS)]
        rows: u64,
    },
    /// Operations judged and recorded, by the office and over HTTP; the start; the memory.
    Office,
    /// Decisions at a door, the way from the finger to the strike, and losses while the server comes and goes.
    Door {
        /// Where to keep the controllers' records.
        dir: PathBuf,
        /// How many passages while the server comes and goes.
        #[arg(default_value_t = door::PASSAGES)]
        passages: usize,
    },
    /// Pages of the ledger of entries with many years in it.
    Rooms {
        /// How many passages.
        #[arg(default_value_t = rooms::PASSAGES)]
        passages: usize,
    },
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    match Bench::parse() {
        Bench::Journal(args) => journal::run(&args)?,
        Bench::Policy => policy::run(),
        Bench::Cs { dir, residents } => cs::run(residents, &dir),
        Bench::History { dir, rows } => history::run(rows, &dir),
        Bench::Office => office::run(),
        Bench::Rooms { passages } => rooms::run(passages),
        Bench::Door { dir, passages } => door::run(&dir, passages),
    }
    Ok(())
}
