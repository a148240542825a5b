//! 関所 (sekisho): the program. One binary, one subcommand for each thing that a city does with it.

mod authorities;
mod cards;
mod cli;
mod columns;
mod demo;
mod door;
mod failure;
mod histories;
mod journals;
mod limits;
mod links;
mod offices;
mod output;
mod posts;
mod progress;
mod regulations;
mod rooms;
mod serve;
mod terminals;
mod tls;

use std::process::ExitCode;

use failure::Failure;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let command = match cli::read(std::env::args_os()) {
        Ok(command) => command,
        Err(answer) => return answer.say(),
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.say(),
    }
}

fn run(command: cli::Command) -> Result<(), Failure> {
    match command {
        cli::Command::Demo(args) => {
            log("warn");
            demo::run(args)
        }
        cli::Command::Serve(args) => {
            log("info");
            serve::run(args)
        }
        cli::Command::Posts(command) => posts::run(command),
        cli::Command::Rooms(command) => rooms::run(command),
        cli::Command::History(command) => histories::run(command),
        cli::Command::Regulation(command) => regulations::run(command),
        cli::Command::Journal(command) => journals::run(command),
        cli::Command::Door(command) => door::run(command),
        cli::Command::Pki(command) => authorities::run(command),
        cli::Command::Terminal(command) => terminals::run(command),
        cli::Command::Card(command) => cards::run(command),
    }
}

/// The log goes to stderr; `RUST_LOG` says how much of it.
fn log(usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
