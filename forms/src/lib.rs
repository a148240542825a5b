//! The forms in which the city takes its records along, and in which it hands them in.

pub mod csv;
mod fault;
pub mod limits;
mod table;

pub use fault::{Fault, Faults};
pub use table::{Column, Row, Sheet, Table};
