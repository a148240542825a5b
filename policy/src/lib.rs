//! What the regulation answers to an act: permitted, or refused under which articles.

mod answer;
mod fault;
mod info;
mod load;
mod question;
mod regulator;
mod shape;
mod translate;

pub use answer::{Answer, Ground, Refusal};
pub use fault::{Fault, LoadError, Problem};
pub use info::{Effect, PolicyInfo};
pub use question::{Entity, Question, Record, Value};
pub use regulator::{Regulator, UNDECIDED};

/// What a policy may look at, in Cedar's schema language: part of every version of the policies.
pub const SCHEMA: &str = include_str!("schema.cedarschema");
