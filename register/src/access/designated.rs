//! 第16条第2号, 第3号: whether a designation counts, and which cards have to come back.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Card, Designation};
use crate::duty::citation_of;
use crate::occasion::japan_day;
use crate::organization::{Left, Workplace};
use crate::{CardKindId, City, Duty, Fulfil, Owner, PersonId};

/// A card whose holder has gone is to be collected.
pub const COLLECT: &str = "16(3).collect";

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

    /// Since when a card should come back: its holder went to another section than the one that designated for
    /// it, or left the city, and was not designated anew.
    fn gone_with_card(&self, card: &Card, at: Timestamp) -> Option<Date> {
        let person = self.organization.person(&card.holder)?;
        let today = japan_day(at);
        if *person.workplace_on(today) == Workplace::Nowhere {
            return person.moves().rev().find(|moved| moved.from <= today).map(|moved| moved.from);
        }
        if !person.has_moved() || self.designated(&card.holder, &card.kind, at) {
            return None;
        }
        let left = self.designations_of(&card.holder, &card.kind);
        left.filter_map(|designation| self.designee_left(designation, at)).map(|left| left.day).max()
    }
}

/// 第16条第3号: the cards that should have come back.
pub(super) fn collections(city: &City, at: Timestamp) -> Vec<Duty> {
    let Some(citation) = citation_of(COLLECT) else { return Vec::new() };
    let held = city.access.cards().filter(|(_, card)| card.state.is_held());
    held.filter_map(|(id, card)| {
        let since = city.gone_with_card(card, at)?;
        let name = city.name_of(&card.holder);
        let now = match city.workplace_of(&card.holder, at) {
            gone if gone.is_empty() => "退職".to_owned(),
            workplace => format!("現在は{workplace}"),
        };
        Some(Duty {
            id: COLLECT,
            citation,
            subject: id.to_string(),
            what: format!("異動した{name}さん（{now}）から、カード {id} を回収してください"),
            owed_by: Owner::Post("access-manager".to_owned()),
            since: Some(since),
            due: None,
            fulfil: Fulfil::Collect(id.clone()),
        })
    })
    .collect()
}
