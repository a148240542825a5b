//! 第3条第1項: whoever answers for everything reminds those who owe something. A reminder is a fact; how it reaches
//! people beside their own page of duties is for later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::occasion::japan_day;
use crate::{City, Duty, Entry, Invalid, Occasion, Owner, PersonId, Receipt};

use super::{Fact, Organization};

/// Somebody was reminded of a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// The duty's key.
    pub duty: String,
    /// What was to be done, as it read then.
    pub what: String,
    /// Who was to do it.
    pub owed_by: Owner,
}

/// The reminders of one duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminders {
    /// How many there were.
    pub count: u32,
    /// When the last one was given.
    pub last: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Where it is recorded.
    pub receipt: Receipt,
}

/// The reminders by the keys of their duties.
pub(super) type AllReminders = BTreeMap<String, Reminders>;

impl Organization {
    /// The reminders of a duty, if there were any.
    pub fn reminders(&self, duty: &Duty) -> Option<&Reminders> {
        self.reminders.get(&duty.key())
    }

    pub(super) fn remind(&mut self, reminded: &Reminded, entry: &Entry, receipt: &Receipt) {
        let before = self.reminders.get(&reminded.duty).map_or(0, |reminders| reminders.count);
        let now = Reminders {
            count: before.saturating_add(1),
            last: entry.at,
            by: entry.by.clone(),
            receipt: receipt.clone(),
        };
        self.reminders.insert(reminded.duty.clone(), now);
    }
}

/// A duty that is open is reminded of, once a day.
pub(super) fn decide(city: &City, key: &str, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    let unknown = || Invalid::Unknown { what: "duty", id: key.to_owned() };
    let duty = city.duties(on.at).into_iter().find(|duty| duty.key() == key).ok_or_else(unknown)?;
    match city.organization.reminders(&duty) {
        Some(reminders) if japan_day(reminders.last) == on.day() => {
            Err(Invalid::State { what: "duty", id: duty.what, state: "今日すでに催促したもの" })
        }
        _ => Ok(vec![Fact::Reminded(Reminded { duty: duty.key(), what: duty.what, owed_by: duty.owed_by })]),
    }
}
