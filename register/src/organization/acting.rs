//! 第4条第2項: the periods in which the deputy acts for the head.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PersonId;

/// A period in which the deputy acts for the head. A vacant head needs none: the deputy acts then by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActingPeriod {
    /// Why the head is prevented.
    pub reason: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when, not included.
    pub until: Timestamp,
    /// Who opened it.
    pub opened_by: PersonId,
}

impl ActingPeriod {
    /// The period runs at `at`.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}
