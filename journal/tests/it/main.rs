//! The journal from outside: everything here uses the public interface, real files and real processes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod crash;
mod failures;
mod oracle;
mod parsers;
mod properties;
mod store;
mod verify;
