//! The CS terminal's program (第14条第2項): it sits between the operator's card and the office.
//!
//! It dials out by mutual TLS 1.3 with the terminal's own certificate, and says what is put into the reader. The
//! office asks for a signature; what the card signs is built *here*, of the origin, the terminal and the channel
//! binding that this program knows itself, so that nobody can have something else signed. Only then it opens the
//! browser, and it closes it as soon as the card or the office is gone.
//!
//! ```text
//! reader ─ slot ─┐                          ┌─ prompt (PIN)
//!                ├─ core: events → effects ─┼─ browser, status page
//! office ─ link ─┘                          └─ what is said to the office (wire)
//! ```

pub mod limits;
pub mod wire;

#[cfg(feature = "program")]
pub mod browser;
#[cfg(feature = "program")]
pub mod config;
pub mod core;
#[cfg(feature = "program")]
pub mod link;
#[cfg(feature = "program")]
pub mod prompt;
#[cfg(feature = "program")]
mod run;
#[cfg(feature = "program")]
pub mod slot;
pub mod status;

#[cfg(feature = "program")]
pub use run::{Parts, RunError, run};
