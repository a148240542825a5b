//! A duty: what somebody owes, under which provision, since when, until when, and what ends it.

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::{Citation, Holders, Scope};
use serde::{Deserialize, Serialize};

use crate::occasion::japan_day;
use crate::{CardId, CaseId, City, DoorId, FindingId, OfficeId, PersonId, Receipt, SectionId};

/// Something owed and not yet done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The rule that makes it, such as `3-2.vacancy`.
    pub id: &'static str,
    /// The provision it comes from.
    pub citation: Citation,
    /// What tells it from the other duties of the rule: the id of the office, case or person it is about.
    pub subject: String,
    /// What is to be done, in Japanese.
    pub what: String,
    /// By whom.
    pub owed_by: Owner,
    /// Since which day, if known.
    pub since: Option<Date>,
    /// Until which day, if there is one.
    pub due: Option<Date>,
    /// The act that ends it.
    pub fulfil: Fulfil,
}

/// Who owes something: people come and go, what they hold stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Whoever holds a city-wide post (充て職).
    Post(String),
    /// Whoever holds an office.
    Office(OfficeId),
    /// Everybody of a section.
    Section(SectionId),
    /// One person.
    Person(PersonId),
}

/// The act that ends a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfil {
    /// A step of a case.
    Step {
        /// Which case.
        case: CaseId,
        /// Which step.
        step: String,
    },
    /// A case of this kind is opened.
    Open(&'static str),
    /// Somebody is appointed.
    Appoint(OfficeId),
    /// The head sees what was done in the head's place.
    SeeActs,
    /// A card is collected.
    Collect(CardId),
    /// Something is done about a card.
    Card(CardId),
    /// Cards are inspected.
    Inspect,
    /// The spare cards: taken back, counted.
    Spares,
    /// The own password is changed.
    Password,
    /// It is written down why a card was at two terminals.
    CardAlarm(Receipt),
    /// The keys, at their desk: taken back, counted.
    Keys,
    /// The list of a lock is held against the ledger.
    Members(DoorId),
    /// What was done about an alarm is written down.
    Alarm(Receipt),
    /// A finding is answered, or its answer checked.
    Finding(FindingId),
    /// The ledgers are reconciled.
    Reconcile,
    /// A line of the operation plan is ticked.
    Tick {
        /// The line.
        item: String,
        /// The day on which it fell due.
        day: Date,
    },
}

impl Duty {
    /// What tells this duty from every other, at any time.
    pub fn key(&self) -> String {
        format!("{}:{}", self.id, self.subject)
    }

    /// Its last day has passed.
    pub fn overdue(&self, today: Date) -> bool {
        self.due.is_some_and(|due| due < today)
    }

    /// Days since the last day, or none.
    pub fn days_over(&self, today: Date) -> i32 {
        self.due.and_then(|due| due.until(today).ok()).map_or(0, |span| span.get_days().max(0))
    }
}

/// The provision of a rule: what stands before the dot in `7-4但.report`.
pub(crate) fn citation_of(rule: &str) -> Option<Citation> {
    rule.rsplit_once('.').and_then(|(citation, _)| citation.parse().ok())
}

impl City {
    /// Whether `person` is among those who owe `duty` at `at`.
    pub fn owes(&self, person: &PersonId, duty: &Duty, at: Timestamp) -> bool {
        self.is(person, &duty.owed_by, at)
    }

    /// Whether `person` is among those that `owner` names at `at`.
    pub fn is(&self, person: &PersonId, owner: &Owner, at: Timestamp) -> bool {
        match owner {
            Owner::Post(post) => {
                self.standing(person, at).posts.contains(post) || self.shares(person, post, at)
            }
            Owner::Office(office) => self.organization.holder(office, japan_day(at)) == Some(person),
            Owner::Section(section) => self.standing(person, at).section.as_ref() == Some(section),
            Owner::Person(owner) => owner == person,
        }
    }

    /// Holds one of the offices of a post of which there are several: what such a post owes, all of them do.
    fn shares(&self, person: &PersonId, post: &str, at: Timestamp) -> bool {
        let post = self.profile().post(post).filter(|post| post.scope != Scope::City);
        let mut offices = post.into_iter().flat_map(|post| post.offices()).filter_map(|id| id.parse().ok());
        offices.any(|office| self.organization.holder(&office, japan_day(at)) == Some(person))
    }

    /// Who owes: the post or office, and who holds it at `at`.
    pub fn owner_name(&self, owner: &Owner, at: Timestamp) -> String {
        let held = |office: &str, name: &str| match office.parse().ok() {
            Some(id) => match self.organization.holder(&id, japan_day(at)) {
                Some(holder) => format!("{name}（{}）", self.name_of(holder)),
                None => format!("{name}（空席）"),
            },
            None => name.to_owned(),
        };
        match owner {
            Owner::Post(id) => match self.profile().post(id) {
                None => id.clone(),
                Some(post) => match &post.holders {
                    Holders::Section(section) => {
                        let section = section.parse().map(|id| self.section_name(&id));
                        format!("{}（{}）", post.name, section.unwrap_or_default())
                    }
                    Holders::Offices(offices) if offices.len() > 1 => {
                        format!("{}（{}人）", post.name, offices.len())
                    }
                    Holders::Offices(offices) => {
                        offices.first().map_or(post.name.clone(), |office| held(office, &post.name))
                    }
                },
            },
            Owner::Office(id) => {
                let name = self.profile().office(id.as_str()).map_or(id.as_str(), |o| o.name.as_str());
                held(id.as_str(), name)
            }
            Owner::Section(id) => self.section_name(id),
            Owner::Person(id) => self.name_of(id),
        }
    }
}
