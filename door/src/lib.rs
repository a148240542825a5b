//! The door controller (入退室管理): electric locks on an OSDP bus, decisions when the server is away, a chained
//! record of what happened, and the messages that go to the server and come back.
//!
//! Without features it holds what both sides share ([`wire`]) and what needs no hardware. With `osdp` it works on
//! a real bus (LibOSDP, which is C inside), with `simulated` it has locks for tests and the demo. It depends on
//! none of the other crates: what the regulation says about a passage, the server knows.

pub mod bus;
pub mod clock;
pub mod config;
pub mod core;
#[cfg(feature = "osdp")]
mod http;
pub mod limits;
#[cfg(feature = "osdp")]
mod link;
pub mod record;
#[cfg(feature = "osdp")]
mod run;
#[cfg(feature = "simulated")]
pub mod simulated;
pub mod wire;

#[cfg(feature = "osdp")]
pub use http::{Http, HttpError};
#[cfg(feature = "osdp")]
pub use link::{Away, Request, Server};
#[cfg(feature = "osdp")]
pub use run::{Events, Parts, RunError, Running, start, start_with};
