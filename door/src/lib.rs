//! The door controller (入退室管理): electric locks on an OSDP bus, decisions when the server is away, a chained
//! record of what happened, and the messages that go to the server and come back.
//!
//! Without features it holds what both sides share ([`wire`]) and what needs no hardware. It depends on none
//! of the other crates: what the regulation says about a passage, the server knows.

pub mod core;
pub mod limits;
pub mod record;
pub mod wire;
