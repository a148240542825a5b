//! 第4条第2項: the periods in which the deputy acts for the head, and what the head sees of it afterwards.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Organization};
use crate::invalid::text;
use crate::{City, Entry, Invalid, Occasion, PersonId, Receipt, RequestId, limits};

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

/// An act that the deputy did for the head (職務代理), for the head to see afterwards (後閲).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// Where the first of its facts stands.
    pub receipt: Receipt,
    /// When.
    pub at: Timestamp,
    /// Who acted.
    pub by: PersonId,
    /// What, as the fact's name.
    pub what: String,
    /// The submission, which may have brought several facts.
    request: RequestId,
    /// Who saw it, and when.
    pub seen: Option<(PersonId, Timestamp)>,
}

impl Organization {
    /// What the head has not seen yet of what was done in the head's place, oldest first.
    pub fn unseen(&self) -> impl Iterator<Item = &Acted> {
        self.acted.iter().filter(|acted| acted.seen.is_none())
    }

    /// Every chapter's acts come here: the deputy may do any of the head's.
    pub(crate) fn remember_acting(&mut self, entry: &Entry, receipt: &Receipt) {
        if self.acted.last().is_some_and(|last| last.request == entry.request) {
            return;
        }
        self.acted.push(Acted {
            receipt: receipt.clone(),
            at: entry.at,
            by: entry.by.clone(),
            what: entry.fact.name().to_owned(),
            request: entry.request.clone(),
            seen: None,
        });
    }

    pub(super) fn take_acting(&mut self, fact: &Fact, entry: &Entry) {
        match fact {
            Fact::ActingOpened { reason, until } => self.acting.push(ActingPeriod {
                reason: reason.clone(),
                from: entry.at,
                until: *until,
                opened_by: entry.by.clone(),
            }),
            Fact::ActingClosed => {
                let open = self.acting.iter_mut().rev().find(|period| period.covers(entry.at));
                if let Some(period) = open {
                    period.until = entry.at;
                }
            }
            Fact::ActsSeen { receipts } => {
                let unseen = self.acted.iter_mut().filter(|acted| acted.seen.is_none());
                for acted in unseen.filter(|acted| receipts.contains(&acted.receipt)) {
                    acted.seen = Some((entry.by.clone(), entry.at));
                }
            }
            _ => {}
        }
    }
}

pub(super) fn open(
    city: &City,
    reason: String,
    until: Timestamp,
    on: &Occasion,
) -> Result<Vec<Fact>, Invalid> {
    text("reason", &reason, limits::TEXT)?;
    let longest = city.settings(on.at).acting_max;
    if until <= on.at {
        return Err(Invalid::Period);
    }
    if until.duration_since(on.at) > longest {
        return Err(Invalid::TooLong { days: longest.as_hours() / 24 });
    }
    match city.organization.acting(on.at) {
        Some(_) => Err(acting_is("既に開始済み")),
        None => Ok(vec![Fact::ActingOpened { reason, until }]),
    }
}

pub(super) fn close(city: &City, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
    match city.organization.acting(on.at) {
        Some(_) => Ok(vec![Fact::ActingClosed]),
        None => Err(acting_is("開始していない状態")),
    }
}

pub(super) fn see(city: &City, receipts: Vec<Receipt>) -> Result<Vec<Fact>, Invalid> {
    if receipts.is_empty() {
        return Err(Invalid::Unknown { what: "receipt", id: String::new() });
    }
    if receipts.len() > limits::SEEN {
        return Err(Invalid::TooMany { what: "receipt", most: limits::SEEN });
    }
    for receipt in &receipts {
        let id = receipt.to_string();
        match city.organization.acted.iter().find(|acted| acted.receipt == *receipt) {
            None => return Err(Invalid::Unknown { what: "receipt", id }),
            Some(acted) if acted.seen.is_some() => {
                return Err(Invalid::State { what: "receipt", id, state: "後閲済み" });
            }
            Some(_) => {}
        }
    }
    Ok(vec![Fact::ActsSeen { receipts }])
}

fn acting_is(state: &'static str) -> Invalid {
    Invalid::State { what: "acting", id: "第4条第2項".to_owned(), state }
}

impl City {
    /// The person holds the head's office, and is not the deputy who acts.
    pub fn head_in_person(&self, person: &PersonId, at: Timestamp) -> bool {
        self.head(at) == Some(person)
    }
}
