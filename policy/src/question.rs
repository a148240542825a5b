//! What is asked of the regulation before an act: who, what, on what, under which circumstances.

use std::collections::{BTreeMap, BTreeSet};

/// A value that a policy may look at. Cedar's types, less what no policy of ours needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Long(i64),
    /// A code or a name. Codes that policies compare with are ASCII.
    Text(String),
    /// A set of codes.
    Set(BTreeSet<String>),
    /// A record of values.
    Record(Record),
}

/// Named values.
pub type Record = BTreeMap<&'static str, Value>;

/// Somebody or something that a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The type's name in the schema, such as `Person`.
    pub kind: &'static str,
    /// What tells it from the others of its type, such as a staff number.
    pub id: String,
    /// What is known of it; every attribute that the schema requires.
    pub attributes: Record,
}

/// One question to the regulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The action's name in the schema, such as `operate`.
    pub action: &'static str,
    /// Who acts.
    pub principal: Entity,
    /// What is acted on.
    pub resource: Entity,
    /// The circumstances that the action's context in the schema wants.
    pub context: Record,
}

impl Entity {
    /// An entity without attributes.
    pub fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), attributes: Record::new() }
    }

    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name, value.into());
        self
    }
}

impl Question {
    /// A question without circumstances.
    pub fn new(action: &'static str, principal: Entity, resource: Entity) -> Self {
        Self { action, principal, resource, context: Record::new() }
    }

    /// The same with one more circumstance.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.context.insert(name, value.into());
        self
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Record> for Value {
    fn from(value: Record) -> Self {
        Self::Record(value)
    }
}

impl<S: Into<String>> FromIterator<S> for Value {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Self {
        Self::Set(values.into_iter().map(Into::into).collect())
    }
}
