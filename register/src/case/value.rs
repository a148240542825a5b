//! What the fields of a step say, as the journal keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The fields of a step by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Particulars(BTreeMap<String, Value>);

/// What one field says. Days (`2026-04-01`) and moments (RFC 3339) are kept as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A count.
    Count(i64),
    /// A text, a day, a moment, or the id of something.
    Text(String),
    /// Several texts or ids.
    Many(Vec<String>),
    /// A document, bound by the hash of its content.
    Document(Document),
}

/// A document: what tells its content from any other, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The name of the file that was handed in.
    pub name: String,
    /// SHA-256 of the content, 64 hex digits.
    pub sha256: String,
    /// The content's length.
    pub bytes: u64,
}

impl Particulars {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no field says anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with one field more.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(field.into(), value.into());
        self
    }

    /// What a field says.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// The text of a field; empty where there is none.
    pub fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Value::text).unwrap_or_default()
    }

    /// The texts of a field that may have several.
    pub fn many(&self, field: &str) -> &[String] {
        match self.get(field) {
            Some(Value::Many(many)) => many,
            _ => &[],
        }
    }

    /// The day that a field names.
    pub fn day(&self, field: &str) -> Option<Date> {
        self.text(field).parse().ok()
    }

    /// The moment that a field names.
    pub fn moment(&self, field: &str) -> Option<Timestamp> {
        self.text(field).parse().ok()
    }

    /// Whether a field says yes.
    pub fn flag(&self, field: &str) -> bool {
        self.get(field) == Some(&Value::Flag(true))
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(field, value)| (field.as_str(), value))
    }
}

impl<F: Into<String>> Extend<(F, Value)> for Particulars {
    fn extend<I: IntoIterator<Item = (F, Value)>>(&mut self, more: I) {
        self.0.extend(more.into_iter().map(|(field, value)| (field.into(), value)));
    }
}

impl<F: Into<String>> FromIterator<(F, Value)> for Particulars {
    fn from_iter<I: IntoIterator<Item = (F, Value)>>(fields: I) -> Self {
        let mut particulars = Self::default();
        particulars.extend(fields);
        particulars
    }
}

impl Value {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Value {
    fn from(many: Vec<String>) -> Self {
        Self::Many(many)
    }
}

impl From<Date> for Value {
    fn from(day: Date) -> Self {
        Self::Text(day.to_string())
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Self {
        Self::Document(document)
    }
}
