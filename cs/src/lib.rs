//! The communication server's residents file: who is in it, found by name, by reading and by code.
//!
//! The file is a fold over the journal of residents: it can be thrown away and made again. What it keeps of a
//! name is the name as it was entered, code point for code point; search runs on a shadow of it.

mod file;
pub mod limits;
pub mod shadow;
pub mod synthetic;
pub mod table;

pub use file::{Count, Hits, ResidentsFile, StoreError};
