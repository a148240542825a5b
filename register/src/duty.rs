//! A duty: what somebody owes, under which provision, since when.

use jiff::civil::Date;
use regulation::Citation;
use serde::Serialize;

/// Something owed and not yet done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The rule that makes it, such as `3-2.vacancy`.
    pub id: &'static str,
    /// The provision it comes from.
    pub citation: Citation,
    /// What is to be done, in Japanese.
    pub what: String,
    /// The office or section that owes it, in Japanese.
    pub owed_by: String,
    /// Since which day, if known.
    pub since: Option<Date>,
}
