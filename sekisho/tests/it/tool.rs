//! Running the program, and what it left behind.

use std::path::Path;
use std::process::{Command, Output};

/// The program, built for these tests.
pub(crate) const SEKISHO: &str = env!("CARGO_BIN_EXE_sekisho");

/// What a run ended with.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().expect("nobody kills it"),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// It ended well, and said nothing on stderr.
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// It ended with this code, and these words are on stderr.
    #[track_caller]
    pub(crate) fn with(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
        self
    }
}

/// Runs the program. Words are separated by spaces.
pub(crate) fn sekisho(line: &str) -> Ended {
    let mut command = Command::new(SEKISHO);
    command.args(line.split(' ')).env_remove("SEKISHO_DATA").env_remove("RUST_LOG");
    Ended::of(&command.output().unwrap())
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
