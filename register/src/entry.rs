//! One entry of the journal: a fact and the occasion it was recorded on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Fact, PersonId, Place, RequestId, SessionId};

/// What the journal keeps of one fact. Its JSON form is what people read in twenty years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The place of this fact in the order of all facts, over all journals, from 0. Folding needs one order, and
    /// a number that is missing shows that an entry is missing from some journal.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who acted.
    pub by: PersonId,
    /// The deputy acted for the head (職務代理, 第4条第2項).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acting: bool,
    /// Where.
    pub place: Place,
    /// Which submission.
    pub request: RequestId,
    /// During which stay at a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The version of the regulation that the act was judged under.
    pub regulation: String,
    /// The version of the policies that judged it.
    pub policy: String,
    /// What happened.
    pub fact: Fact,
}

/// Where in the journal an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Receipt {
    /// The journal's name.
    pub journal: String,
    /// The entry's index in it, from 0.
    pub index: u64,
}

impl std::fmt::Display for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.journal, self.index)
    }
}
