//! A ledger (管理簿): one definition gives its page, its CSV and its prints.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{City, access, assets, city, organization, rooms, rules};

/// A record that the regulation wants kept.
#[derive(Debug)]
pub struct LedgerDef {
    /// Its name in addresses and demands: `operator-cards`.
    pub id: &'static str,
    /// Its name in Japanese.
    pub name: &'static str,
    /// The provision that wants it, as short id.
    pub citation: &'static str,
    /// The post that keeps it.
    pub keeper: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Where its rows come from.
    pub rows: Rows,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Its name for programs.
    pub id: &'static str,
    /// Its heading.
    pub name: &'static str,
}

/// Where the rows of a ledger come from.
#[derive(Clone, Copy, Debug)]
pub enum Rows {
    /// From the state.
    OfCity(fn(&City, Timestamp) -> Vec<Row>),
    /// From the operation history's index, which is not held in memory.
    OfHistory,
    /// From the passages, of which there are too many to make rows of all for one page.
    OfPassages,
}

/// One row, a cell for each column.
pub type Row = Vec<Cell>;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number to tell things apart, never to reckon with.
    Code(String),
    /// A count.
    Number(i64),
    /// A day.
    Day(Date),
    /// A moment.
    Moment(Timestamp),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<Date> for Cell {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Moment(at)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

impl Cell {
    /// An identifier.
    pub fn code(code: impl ToString) -> Self {
        Self::Code(code.to_string())
    }
}

/// Every ledger, in the order of the regulation.
pub fn ledgers() -> impl Iterator<Item = &'static LedgerDef> {
    [organization::LEDGERS, rooms::LEDGERS, access::LEDGERS, assets::LEDGERS, rules::LEDGERS, city::LEDGERS]
        .into_iter()
        .flatten()
}

/// The ledger of that name.
pub fn ledger(id: &str) -> Option<&'static LedgerDef> {
    ledgers().find(|ledger| ledger.id == id)
}

/// `columns![("card", "カード番号"), …]`
macro_rules! columns {
    ($(($id:literal, $name:literal)),* $(,)?) => {
        &[$($crate::Column { id: $id, name: $name }),*]
    };
}
pub(crate) use columns;
