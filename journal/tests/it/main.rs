//! The journal from outside: everything here uses the public interface, real files and real processes.

mod common;
mod store;
