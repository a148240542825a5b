//! What the regulation answers to an act: permitted, or refused under which articles.

mod answer;
mod question;

pub use answer::{Answer, Ground, Refusal};
pub use question::{Entity, Question, Record, Value};
