//! The operation history, indexed: who looked at this resident, and what did this operator do (第14条第2項).
//!
//! The index is a fold over the journal of operations: it can be thrown away and made again, and every answer says
//! how many entries of the journal it stands on. [`Row`] is one resident touched by one operation.

mod body;
mod index;
pub mod limits;
mod query;
mod row;
pub mod table;
mod words;
mod year;

pub use index::{HistoryIndex, Rows, StoreError};
pub use query::{Counted, Cursor, CursorFault, Order, Page, Period, Query, Subject};
pub use row::{Outcome, Row};
