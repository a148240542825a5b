//! The drivers of `card`, held against a PIV application that we did not write.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic, as the tests themselves may")]

mod kit;

mod direct;
mod module;
mod reader;
