//! What is so in 第2章: people, who holds which office since when, acting periods.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{ActingPeriod, Appointment, NewPerson};
use crate::{Entry, OfficeId, PersonId, SectionId};

/// The state of 第2章.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    founded: Option<Timestamp>,
    people: BTreeMap<PersonId, Person>,
    /// For each office its tenures in order of their first day.
    tenures: BTreeMap<OfficeId, Vec<Tenure>>,
    acting: Vec<ActingPeriod>,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 氏名.
    pub name: String,
    /// フリガナ.
    pub kana: String,
    /// 所属.
    pub section: SectionId,
}

/// Who holds an office, from a day until the next tenure begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenure {
    /// The holder; none while the office is vacant.
    pub person: Option<PersonId>,
    /// The first day.
    pub from: Date,
}

/// What a person is at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The person's section, if the person is known.
    pub section: Option<SectionId>,
    /// City-wide posts held ex officio, the head's included while the person acts for the head.
    pub posts: BTreeSet<String>,
    /// Sections whose セキュリティ責任者 (第6条第2項) the person is.
    pub officer_of: BTreeSet<String>,
    /// The head's post is held as acting deputy (第4条第2項).
    pub acting: bool,
}

impl Organization {
    /// The organization has been entered.
    pub fn founded(&self) -> bool {
        self.founded.is_some()
    }

    /// When the organization was entered.
    pub fn founded_at(&self) -> Option<Timestamp> {
        self.founded
    }

    /// Somebody of the staff.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// Everybody of the staff.
    pub fn people(&self) -> impl Iterator<Item = (&PersonId, &Person)> {
        self.people.iter()
    }

    /// The tenures of an office, oldest first.
    pub fn tenures(&self, office: &OfficeId) -> &[Tenure] {
        self.tenures.get(office).map_or(&[], Vec::as_slice)
    }

    /// The tenure of an office on `day`; none before the first.
    pub fn tenure(&self, office: &OfficeId, day: Date) -> Option<&Tenure> {
        self.tenures(office).iter().rev().find(|tenure| tenure.from <= day)
    }

    /// Who holds an office on `day`.
    pub fn holder(&self, office: &OfficeId, day: Date) -> Option<&PersonId> {
        self.tenure(office, day)?.person.as_ref()
    }

    /// All acting periods, oldest first.
    pub fn acting_periods(&self) -> &[ActingPeriod] {
        &self.acting
    }

    /// The acting period that runs at `at`.
    pub fn acting(&self, at: Timestamp) -> Option<&ActingPeriod> {
        self.acting.iter().rev().find(|period| period.covers(at))
    }

    /// The tenure that would stand in the way of a new one from `day` on: one that begins that day or later.
    pub(super) fn tenure_from(&self, office: &OfficeId, day: Date) -> Option<&Tenure> {
        self.tenures(office).iter().find(|tenure| tenure.from >= day)
    }

    pub(super) fn set_founded(&mut self, at: Timestamp) {
        self.founded.get_or_insert(at);
    }

    pub(super) fn enrol(&mut self, new: &NewPerson) {
        let person = Person { name: new.name.clone(), kana: new.kana.clone(), section: new.section.clone() };
        self.people.insert(new.id.clone(), person);
    }

    pub(super) fn appoint(&mut self, new: &Appointment) {
        let tenures = self.tenures.entry(new.office.clone()).or_default();
        tenures.retain(|tenure| tenure.from != new.from);
        tenures.push(Tenure { person: new.person.clone(), from: new.from });
        tenures.sort_by_key(|tenure| tenure.from);
    }

    pub(super) fn open_acting(&mut self, reason: &str, until: Timestamp, entry: &Entry) {
        self.acting.push(ActingPeriod {
            reason: reason.to_owned(),
            from: entry.at,
            until,
            opened_by: entry.by.clone(),
        });
    }

    pub(super) fn close_acting(&mut self, entry: &Entry) {
        if let Some(period) = self.acting.iter_mut().rev().find(|period| period.covers(entry.at)) {
            period.until = entry.at;
        }
    }
}
