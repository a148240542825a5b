//! What is known of one policy, for pages and tables.

use regulation::Citation;

/// Whether a policy opens or closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It brings an action into the scope of the regulation.
    Permit,
    /// It states one demand, without which the act is refused.
    Forbid,
}

/// One policy of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInfo {
    /// Such as `14-2.card`; unique in the set.
    pub id: String,
    /// Whether it opens or closes.
    pub effect: Effect,
    /// The place in the regulation; every forbid has one.
    pub citation: Option<Citation>,
    /// What is lacking when it refuses, in Japanese; empty for a permit.
    pub reason: String,
    /// What would help, in Japanese; empty for a permit.
    pub remedy: String,
    /// The actions that it speaks of, sorted.
    pub actions: Vec<String>,
    /// The file that it stands in.
    pub file: String,
    /// The line of that file, counted from 1.
    pub line: usize,
    /// Its text in Cedar's language.
    pub source: String,
}
