//! What is wrong with a profile, where, and what to do.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// One fault of a profile's files. For people, hence in Japanese.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The file, relative to the profile's folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub what_to_do: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, what_to_do } = self;
        write!(f, "{file}:{line}:{column}: {what}\n    → {what_to_do}")
    }
}

/// A profile that cannot be used: every fault of it, in the order of file and line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ProfileError {
    faults: Vec<Fault>,
}

impl ProfileError {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self { faults }
    }

    /// The faults; at least one.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "{fault}")?;
        }
        write!(f, "規程の設定に誤りが{}件あります", self.faults.len())
    }
}
