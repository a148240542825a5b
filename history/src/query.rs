//! What may be asked of the history, and the shape of the answers.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use register::terms::ResidentCode;

use crate::row::Row;
use crate::year;

/// Whose history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Who touched this resident: in the order of the years, and in a year of the journal.
    Resident(ResidentCode),
    /// What this operator did: in the order of time.
    Operator(String),
}

/// From a moment to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

impl Period {
    /// All that there is.
    pub const ALL: Self = Self { from: Timestamp::MIN, to: Timestamp::MAX };

    /// Whether a moment is in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The years of Japan that it touches, both included. None when it is empty.
    pub(crate) fn years(&self) -> Option<std::ops::RangeInclusive<i16>> {
        (self.from < self.to).then(|| year::of(self.from)..=year::of(self.to))
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As it happened.
    OldestFirst,
    /// As people look for it.
    NewestFirst,
}

/// A page of a subject's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Rows in this period.
    pub period: Period,
    /// In this order.
    pub order: Order,
    /// At most so many, and never more than [`crate::limits::PAGE_ROWS`].
    pub limit: usize,
    /// Only those after the row that this stands for.
    pub after: Option<Cursor>,
}

/// A place between two rows. In an address it is text: `{at}.{index}.{place}`, nanoseconds and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: i64,
    pub(crate) index: u64,
    pub(crate) seq: u32,
}

impl Cursor {
    /// The year in which it stands.
    pub(crate) fn year(self) -> i16 {
        Timestamp::from_nanosecond(self.at.into()).map_or(i16::MAX, year::of)
    }
}

/// The text is not that of a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the history")]
pub struct CursorFault;

impl CursorFault {
    /// For the person who followed the address.
    pub fn japanese(&self) -> String {
        "履歴の続きを示す値が正しくありません".to_owned()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at, self.index, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = CursorFault;

    fn from_str(text: &str) -> Result<Self, CursorFault> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(CursorFault);
        let (at, index, seq) = (next()?, next()?, next()?);
        let index = index.parse().map_err(|_| CursorFault)?;
        // The index keeps them as signed numbers.
        if parts.next().is_some() || i64::try_from(index).is_err() {
            return Err(CursorFault);
        }
        Ok(Self {
            at: at.parse().map_err(|_| CursorFault)?,
            index,
            seq: seq.parse().map_err(|_| CursorFault)?,
        })
    }
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In the order asked for.
    pub rows: Vec<Row>,
    /// Where the next page begins. None when this is the last.
    pub next: Option<Cursor>,
    /// How many entries of the journal of operations the answer stands on.
    pub as_of: u64,
}

/// A number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// So many.
    pub rows: u64,
    /// How many entries of the journal of operations the answer stands on.
    pub as_of: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back(at: i64, index in 0..i64::MAX as u64, seq: u32) {
            let cursor = Cursor { at, index, seq };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn any_text_is_answered(text in ".*|[0-9.-]{0,30}") {
            let _ = text.parse::<Cursor>();
        }
    }
}
