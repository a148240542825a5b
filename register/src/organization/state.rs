//! What is so in 第2章: people, who holds which office since when, transfers, acting periods.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::reminders::AllReminders;
use super::transfer::Transfer;
use super::{Acted, ActingPeriod, Appointment, Fact, Move, NewPerson, Person, Recorded, Workplace};
use crate::{Entry, OfficeId, PersonId, Receipt, SectionId, TransferId};

/// The state of 第2章.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    founded: Option<Timestamp>,
    people: BTreeMap<PersonId, Person>,
    /// For each office its tenures in order of their first day, those of a reversed list included.
    tenures: BTreeMap<OfficeId, Vec<Tenure>>,
    pub(super) transfers: BTreeMap<TransferId, Transfer>,
    pub(super) acting: Vec<ActingPeriod>,
    pub(super) acted: Vec<Acted>,
    pub(super) reminders: AllReminders,
}

/// Who holds an office, from a day until the next tenure begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenure {
    /// The holder; none while the office is vacant.
    pub person: Option<PersonId>,
    /// The first day.
    pub from: Date,
    /// By which transfer list, if by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<TransferId>,
    /// Where and when this was recorded.
    pub recorded: Recorded,
    /// When the list was reversed: the tenure does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed: Option<Timestamp>,
}

/// What a person is at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The person's section, if it is one of the profile.
    pub section: Option<SectionId>,
    /// City-wide posts held ex officio, the head's included while the person acts for the head.
    pub posts: BTreeSet<String>,
    /// Sections whose セキュリティ責任者 (第6条第2項) the person is.
    pub officer_of: BTreeSet<String>,
    /// Rooms whose 入退室管理者 (第10条第1項) the person is.
    pub entry_manager_of: BTreeSet<String>,
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

    /// Somebody of the staff, or who was.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// Everybody of the staff, and who was.
    pub fn people(&self) -> impl Iterator<Item = (&PersonId, &Person)> {
        self.people.iter()
    }

    /// The tenures of an office that count, oldest first.
    pub fn tenures(&self, office: &OfficeId) -> impl DoubleEndedIterator<Item = &Tenure> {
        self.every_tenure(office).iter().filter(|tenure| tenure.reversed.is_none())
    }

    /// The tenures of an office, oldest first, with those that a reversed list had brought.
    pub fn every_tenure(&self, office: &OfficeId) -> &[Tenure] {
        self.tenures.get(office).map_or(&[], Vec::as_slice)
    }

    /// The tenure of an office on `day`; none before the first.
    pub fn tenure(&self, office: &OfficeId, day: Date) -> Option<&Tenure> {
        self.tenures(office).rev().find(|tenure| tenure.from <= day)
    }

    /// Who holds an office on `day`.
    pub fn holder(&self, office: &OfficeId, day: Date) -> Option<&PersonId> {
        self.tenure(office, day)?.person.as_ref()
    }

    /// The offices that somebody holds on `day`.
    pub fn held_by<'a>(&'a self, person: &'a PersonId, day: Date) -> impl Iterator<Item = &'a OfficeId> {
        self.tenures.keys().filter(move |office| self.holder(office, day) == Some(person))
    }

    /// A transfer list.
    pub fn transfer(&self, id: &TransferId) -> Option<&Transfer> {
        self.transfers.get(id)
    }

    /// All transfer lists, reversed ones included.
    pub fn transfers(&self) -> impl Iterator<Item = (&TransferId, &Transfer)> {
        self.transfers.iter()
    }

    /// All acting periods, oldest first.
    pub fn acting_periods(&self) -> &[ActingPeriod] {
        &self.acting
    }

    /// The acting period that runs at `at`.
    pub fn acting(&self, at: Timestamp) -> Option<&ActingPeriod> {
        self.acting.iter().rev().find(|period| period.covers(at))
    }

    /// What was done for the head by the deputy, oldest first.
    pub fn acted(&self) -> &[Acted] {
        &self.acted
    }

    /// The tenure that stands in the way of a new one from `day` on: one that begins that day or later, unless
    /// history is entered before the first, or somebody follows on the first day of a vacancy.
    pub(super) fn in_the_way(&self, office: &OfficeId, day: Date) -> Option<&Tenure> {
        if self.tenures(office).next().is_none_or(|first| day < first.from) {
            return None;
        }
        self.tenures(office)
            .find(|tenure| tenure.from > day || (tenure.from == day && tenure.person.is_some()))
    }

    pub(super) fn take(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        let recorded = || Recorded { receipt: receipt.clone(), at: entry.at };
        match fact {
            Fact::Founded => {
                self.founded.get_or_insert(entry.at);
            }
            Fact::PersonEnrolled(new) => self.enrol(new),
            Fact::Appointed(appointment) => self.appoint(appointment, None, recorded()),
            Fact::TransferEntered(entered) => {
                let transfer = Transfer::entered(entered, entry.by.clone(), recorded());
                self.transfers.insert(entered.list.clone(), transfer);
            }
            Fact::PersonJoined { list, id, name, kana, to, from } => {
                let joined = Person::working(name, kana, Workplace::Nowhere);
                self.people.entry(id.clone()).or_insert(joined);
                self.relocate(list, id, to, *from, recorded());
            }
            Fact::PersonMoved { list, person, to, from } => {
                self.relocate(list, person, to, *from, recorded());
            }
            Fact::OfficeTransferred { list, appointment } => {
                self.appoint(appointment, Some(list.clone()), recorded());
            }
            Fact::TransferReversed { list, reason } => {
                self.reverse(list, reason, entry.by.clone(), recorded());
            }
            Fact::Reminded(reminded) => self.remind(reminded, entry, receipt),
            Fact::ActingOpened { .. } | Fact::ActingClosed | Fact::ActsSeen { .. } => {
                self.take_acting(fact, entry);
            }
        }
    }

    pub(super) fn enrol(&mut self, new: &NewPerson) {
        let person = Person::working(&new.name, &new.kana, Workplace::Section(new.section.clone()));
        self.people.insert(new.id.clone(), person);
    }

    /// What a founding will bring, so that its next appointment is checked against it.
    pub(super) fn expect(&mut self, new: &Appointment) {
        let receipt = Receipt { journal: String::new(), index: 0 };
        self.appoint(new, None, Recorded { receipt, at: Timestamp::UNIX_EPOCH });
    }

    fn appoint(&mut self, new: &Appointment, list: Option<TransferId>, recorded: Recorded) {
        let tenures = self.tenures.entry(new.office.clone()).or_default();
        tenures.push(Tenure { person: new.person.clone(), from: new.from, list, recorded, reversed: None });
        // Stable: of two that begin on one day, the one recorded later counts.
        tenures.sort_by_key(|tenure| tenure.from);
    }

    fn relocate(
        &mut self,
        list: &TransferId,
        person: &PersonId,
        to: &Workplace,
        from: Date,
        recorded: Recorded,
    ) {
        if let Some(person) = self.people.get_mut(person) {
            let moved = Move { to: to.clone(), from, list: list.clone(), recorded, reversed: None };
            person.moves.push(moved);
            person.moves.sort_by_key(|moved| moved.from);
        }
    }

    fn reverse(&mut self, list: &TransferId, reason: &str, by: PersonId, recorded: Recorded) {
        let at = recorded.at;
        if let Some(transfer) = self.transfers.get_mut(list) {
            transfer.reverse(reason, by, recorded);
        }
        for tenure in self.tenures.values_mut().flatten().filter(|tenure| tenure.list.as_ref() == Some(list))
        {
            tenure.reversed = Some(at);
        }
        let moves = self.people.values_mut().flat_map(|person| &mut person.moves);
        for moved in moves.filter(|moved| moved.list == *list) {
            moved.reversed = Some(at);
        }
    }
}
