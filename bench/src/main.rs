//! Benchmarks, run by hand: `cargo run --release -p bench -- journal`.

mod journal;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Benchmarks of Sekisho; figures in RESULTS.md")]
enum Bench {
    /// Durable appends and verification of the journal.
    Journal(journal::Args),
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    match Bench::parse() {
        Bench::Journal(args) => journal::run(&args),
    }
}
