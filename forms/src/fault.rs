//! What is wrong with a file, by line and column, so that whoever made it finds the place.

use std::fmt;

use crate::limits;

/// One fault of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, from 1, as an editor counts it. A cell may hold several.
    pub line: usize,
    /// The column's heading, where the fault is in one cell.
    pub column: Option<&'static str>,
    /// What is wrong, for people.
    pub text: String,
}

impl Fault {
    /// With its place, for people: `5行目「新所属」: …`.
    pub fn japanese(&self) -> String {
        match self.column {
            Some(column) => format!("{}行目「{column}」: {}", self.line, self.text),
            None => format!("{}行目: {}", self.line, self.text),
        }
    }
}

/// All faults of a file, the first of them one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    told: Vec<Fault>,
    more: usize,
}

impl Faults {
    /// One more.
    pub fn note(&mut self, line: usize, column: Option<&'static str>, text: impl Into<String>) {
        if self.told.len() < limits::FAULTS {
            self.told.push(Fault { line, column, text: text.into() });
        } else {
            self.more += 1;
        }
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.told.len() + self.more
    }

    /// Those that are told one by one, in the order of their lines.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.told.iter()
    }

    /// One line for each, for people, and how many more there are.
    pub fn japanese(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.told.iter().map(Fault::japanese).collect();
        if self.more > 0 {
            lines.push(format!("ほかに{}件あります", self.more));
        }
        lines
    }

    /// In the order of the lines.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.told.sort_by_key(|fault| fault.line);
        self
    }

    /// `value` when there is none.
    ///
    /// # Errors
    /// The faults, when there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self.sorted()) }
    }
}

/// For logs: how many, and where the first is.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.told.first() {
            Some(first) => write!(f, "{} faults, the first in line {}", self.count(), first.line),
            None => f.write_str("no faults"),
        }
    }
}

impl std::error::Error for Faults {}

/// What was written, short enough to be repeated.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(limits::QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
