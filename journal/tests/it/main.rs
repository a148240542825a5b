//! The journal from outside: everything here uses the public interface, real files and real processes.

mod common;
mod crash;
mod failures;
mod oracle;
mod parsers;
mod properties;
mod store;
mod verify;
