//! 名札 (第9条第2項): issued and taken back by number.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::TagNo;
use crate::{PersonId, Receipt};

/// A tag in somebody's hands, or that was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagLoan {
    /// 名札番号.
    pub tag: TagNo,
    /// Whose.
    pub to: PersonId,
    /// When, and who handed it out.
    pub issued: (Timestamp, PersonId),
    /// When it came back, and who checked.
    pub returned: Option<(Timestamp, PersonId)>,
    /// Where it is recorded.
    pub receipt: Receipt,
}

/// 名札管理簿.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    loans: Vec<TagLoan>,
    /// Who wears which.
    worn: BTreeMap<PersonId, TagNo>,
}

impl Tags {
    /// Every issue, oldest first.
    pub fn loans(&self) -> &[TagLoan] {
        &self.loans
    }

    /// Who wears which tag.
    pub fn worn(&self) -> impl Iterator<Item = (&PersonId, TagNo)> {
        self.worn.iter().map(|(person, tag)| (person, *tag))
    }

    pub(super) fn of(&self, person: &PersonId) -> Option<TagNo> {
        self.worn.get(person).copied()
    }

    pub(super) fn wearer(&self, tag: TagNo) -> Option<&PersonId> {
        self.worn.iter().find(|(_, worn)| **worn == tag).map(|(person, _)| person)
    }

    pub(super) fn issue(
        &mut self,
        tag: TagNo,
        to: &PersonId,
        issued: (Timestamp, PersonId),
        receipt: &Receipt,
    ) {
        self.worn.insert(to.clone(), tag);
        self.loans.push(TagLoan { tag, to: to.clone(), issued, returned: None, receipt: receipt.clone() });
    }

    pub(super) fn give_back(&mut self, tag: TagNo, returned: (Timestamp, PersonId)) {
        self.worn.retain(|_, worn| *worn != tag);
        let loan = self.loans.iter_mut().rev().find(|loan| loan.tag == tag && loan.returned.is_none());
        if let Some(loan) = loan {
            loan.returned = Some(returned);
        }
    }
}
