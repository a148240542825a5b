//! 関所 (sekisho): the program. One binary, one subcommand for each thing that a city does with it.

mod cli;
mod failure;
mod journals;
mod limits;
mod output;
mod regulations;

use std::process::ExitCode;

use failure::Failure;

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
        cli::Command::Regulation(command) => regulations::run(command),
        cli::Command::Journal(command) => journals::run(command),
    }
}
