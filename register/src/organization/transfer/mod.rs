//! 人事異動: a list of people who work elsewhere, or hold another office, from one day on.
//!
//! [`read`] makes rows of the city's file. [`preview`] says what they would bring, or every fault with its line.
//! [`Act::Transfer`](super::Act::Transfer) brings it about in one act: the facts of it stand together in the
//! journal, and each names the list, so that one later fact can reverse them all. They take effect by
//! themselves on the list's day.

mod handover;
mod plan;
mod preview;
mod rows;

use jiff::civil::Date;
use regulation::wareki;
use serde::{Deserialize, Serialize};

pub use handover::HandOver;
pub use preview::{Moving, PostHeld, Preview, Vacated, preview};
pub use rows::{TABLE, TransferFile, TransferRow, read};

use super::{Fact, Recorded, Tenure};
use crate::invalid::text;
use crate::{City, Invalid, OfficeId, PersonId, TransferId, limits};

/// A transfer list, as the register remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// 発令日: the day on which it takes effect.
    pub day: Date,
    /// How many people it moves.
    pub people: usize,
    /// Who entered it.
    pub by: PersonId,
    /// Where and when it was entered.
    pub recorded: Recorded,
    /// It no longer counts.
    pub reversed: Option<Reversal>,
}

/// A transfer list no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: PersonId,
    /// Where and when this was recorded.
    pub recorded: Recorded,
}

/// A transfer list was entered; its moves stand in the facts that follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Its number.
    pub list: TransferId,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// 発令日.
    pub day: Date,
    /// How many people it moves.
    pub people: usize,
}

impl Transfer {
    pub(super) fn entered(entered: &Entered, by: PersonId, recorded: Recorded) -> Self {
        let Entered { digest, day, people, .. } = entered.clone();
        Self { digest, day, people, by, recorded, reversed: None }
    }

    pub(super) fn reverse(&mut self, reason: &str, by: PersonId, recorded: Recorded) {
        self.reversed.get_or_insert(Reversal { reason: reason.to_owned(), by, recorded });
    }

    /// Whether it counts on `day`, for people.
    pub fn japanese_on(&self, day: Date) -> &'static str {
        match self.reversed {
            Some(_) => "取消済み",
            None if self.day <= day => "施行済み",
            None => "施行前",
        }
    }
}

/// The facts of a list, all or none. `confirmed` are the offices that may stand vacant by it.
pub(super) fn transfer(
    city: &City,
    list: TransferId,
    digest: String,
    rows: &[TransferRow],
    confirmed: &[OfficeId],
) -> Result<Vec<Fact>, Invalid> {
    text("digest", &digest, limits::IDENTIFIER)?;
    let same = |(id, known): &(&TransferId, &Transfer)| {
        **id == list || (known.digest == digest && known.reversed.is_none())
    };
    if let Some((earlier, _)) = city.organization.transfers().find(same) {
        return Err(Invalid::Exists { what: "transfer", id: earlier.to_string() });
    }
    let plan = plan::plan(city, rows).map_err(Invalid::List)?;
    let unconfirmed = plan.vacated.iter().filter(|office| !confirmed.contains(office));
    let unconfirmed: Vec<String> = unconfirmed.map(|office| city.office_name(office)).collect();
    if !unconfirmed.is_empty() {
        return Err(Invalid::Vacated { offices: unconfirmed });
    }
    Ok(plan.facts(&list, digest))
}

/// The list no longer counts: sections and offices are as they would be without it.
pub(super) fn reverse(city: &City, list: TransferId, reason: String) -> Result<Vec<Fact>, Invalid> {
    text("reason", &reason, limits::TEXT)?;
    let known = city.organization.transfer(&list);
    let Some(transfer) = known else {
        return Err(Invalid::Unknown { what: "transfer", id: list.to_string() });
    };
    if transfer.reversed.is_some() {
        return Err(Invalid::State { what: "transfer", id: list.to_string(), state: "取消済み" });
    }
    let later = built_on(city, &list, transfer);
    if !later.is_empty() {
        return Err(Invalid::BuiltOn { later });
    }
    Ok(vec![Fact::TransferReversed { list, reason }])
}

/// What was recorded after the list and would hang in the air without it, for people.
fn built_on(city: &City, list: &TransferId, transfer: &Transfer) -> Vec<String> {
    let organization = &city.organization;
    let after = |recorded: &Recorded| recorded.receipt.index > transfer.recorded.receipt.index;
    let mut later = Vec::new();
    for (id, person) in organization.people().filter(|(_, person)| person.moved_by(list)) {
        for moved in person.moves().filter(|moved| moved.list != *list && after(&moved.recorded)) {
            later.push(format!("{}（{id}）の{}付けの異動", person.name, wareki::print(moved.from)));
        }
    }
    let joined = |id: &PersonId| organization.person(id).is_some_and(|person| person.joined_by(list));
    for office in city.profile().offices() {
        let Ok(id) = office.id.parse::<OfficeId>() else { continue };
        let of_list = |tenure: &Tenure| tenure.list.as_ref() == Some(list);
        let touched = organization.tenures(&id).any(of_list);
        let others = organization.tenures(&id).filter(|tenure| !of_list(tenure) && after(&tenure.recorded));
        for tenure in others.filter(|tenure| touched || tenure.person.as_ref().is_some_and(joined)) {
            later.push(format!("{}の{}付けの発令", office.name, wareki::print(tenure.from)));
        }
    }
    later
}
