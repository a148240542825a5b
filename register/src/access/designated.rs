//! 第16条第2号, 第3号: whether a designation counts, and which cards have to come back.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Card, Designation};
use crate::occasion::japan_day;
use crate::organization::{Left, Workplace};
use crate::{CardKindId, City, PersonId};

impl City {
    /// A designation for this kind of card, agreed by both sides, counts at `at`.
    pub fn designated(&self, person: &PersonId, kind: &CardKindId, at: Timestamp) -> bool {
        self.designations_of(person, kind)
            .any(|designation| designation.agreed.is_some() && self.designation_stands(designation, at))
    }

    /// It is neither ended nor overtaken: the operator has not gone to another section since.
    pub fn designation_stands(&self, designation: &Designation, at: Timestamp) -> bool {
        designation.ended.is_none() && self.designee_left(designation, at).is_none()
    }

    /// The operator went to another section after having been proposed.
    pub(crate) fn designee_left(&self, designation: &Designation, at: Timestamp) -> Option<Left> {
        let person = self.organization.person(&designation.person)?;
        person.left(&designation.section, designation.proposed.1, at)
    }

    fn designations_of(&self, person: &PersonId, kind: &CardKindId) -> impl Iterator<Item = &Designation> {
        let designations = self.access.designations().map(|(_, designation)| designation);
        designations.filter(move |designation| designation.person == *person && designation.kind == *kind)
    }

    /// Who agreed to the designation that a card was issued by, and when.
    pub fn approval_of(&self, card: &Card) -> Option<(PersonId, Timestamp)> {
        let of = self.designations_of(card.holder.as_ref()?, &card.kind);
        of.filter_map(|designation| designation.agreed.clone()).filter(|(_, at)| *at <= card.issued.1).last()
    }

    /// The offices that a person holds at `at`, for people.
    pub fn offices_held(&self, person: &PersonId, at: Timestamp) -> String {
        let offices = self.organization.held_by(person, japan_day(at));
        offices.map(|office| self.office_name(office)).collect::<Vec<_>>().join("、")
    }

    /// Since when a card should come back: its holder went to another section than the one that designated for
    /// it, or left the city, and was not designated anew.
    pub fn gone_with_card(&self, card: &Card, at: Timestamp) -> Option<Date> {
        let holder = card.holder.as_ref()?;
        let person = self.organization.person(holder)?;
        let today = japan_day(at);
        if *person.workplace_on(today) == Workplace::Nowhere {
            return person.moves().rev().find(|moved| moved.from <= today).map(|moved| moved.from);
        }
        if !person.has_moved() || self.designated(holder, &card.kind, at) {
            return None;
        }
        let left = self.designations_of(holder, &card.kind);
        left.filter_map(|designation| self.designee_left(designation, at)).map(|left| left.day).max()
    }
}
