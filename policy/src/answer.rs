//! What the regulation answers: permitted, or refused under which articles.

use regulation::Citation;
use serde::{Deserialize, Serialize};

/// The answer to a [`Question`](crate::Question).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No article stands against the act.
    Permitted,
    /// At least one article does.
    Refused(Refusal),
}

/// An unlawful act: every article that stands against it, in the order of the regulation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Refusal {
    /// Never empty.
    pub grounds: Vec<Ground>,
}

/// One article against an act.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ground {
    /// The policy that forbids, such as `9-2.prior-permission`.
    pub policy: String,
    /// The place in the regulation. None when the rules could not be evaluated: what cannot be judged is
    /// refused without an article of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citation: Option<Citation>,
    /// Why, in Japanese, for the person who acts.
    pub reason: String,
    /// What would help, in Japanese.
    pub remedy: String,
}

impl Refusal {
    /// The articles, in the order of the regulation, each once.
    pub fn citations(&self) -> Vec<Citation> {
        let mut citations: Vec<Citation> = self.grounds.iter().filter_map(|g| g.citation).collect();
        citations.dedup();
        citations
    }
}
