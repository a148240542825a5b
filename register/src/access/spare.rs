//! 第16条第3号: spare cards (予備カード). Each use has a name, a day, a purpose, and a second person who saw it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cards::{in_state, known};
use super::{CardState, Fact};
use crate::invalid::text;
use crate::occasion::japan_day;
use crate::{CardId, City, Entry, Invalid, PersonId, Receipt, limits};

/// A spare card to be lent for the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LendSpare {
    /// Which.
    pub card: CardId,
    /// To whom.
    pub to: PersonId,
    /// What for.
    pub purpose: String,
}

/// One use of a spare card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpareLoan {
    /// Which.
    pub card: CardId,
    /// To whom.
    pub to: PersonId,
    /// What for.
    pub purpose: String,
    /// When, and who confirmed that it was handed to this person.
    pub lent: (Timestamp, PersonId),
    /// When it came back, and who confirmed that.
    pub returned: Option<(Timestamp, PersonId)>,
    /// What was to be said about the return.
    pub remark: String,
    /// Where it is recorded.
    pub receipt: Receipt,
}

/// The spare cards of one place were counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpareCount {
    /// Where they lie.
    pub place: String,
    /// When, and by whom.
    pub at: (Timestamp, PersonId),
    /// Neither there nor lent.
    pub missing: Vec<CardId>,
    /// There, although the ledger has them lent.
    pub unreturned: Vec<CardId>,
    /// Where it is recorded.
    pub receipt: Receipt,
}

/// 予備カード使用簿.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spares {
    loans: Vec<SpareLoan>,
    /// The last count of each place.
    counts: BTreeMap<String, SpareCount>,
}

impl SpareLoan {
    /// The day that it was lent for.
    pub fn day(&self) -> Date {
        japan_day(self.lent.0)
    }
}

impl Spares {
    /// Every use, oldest first.
    pub fn loans(&self) -> &[SpareLoan] {
        &self.loans
    }

    /// The use that a card is out for, whether its day has passed or not.
    pub fn out(&self, card: &CardId) -> Option<&SpareLoan> {
        self.loans.iter().rev().find(|loan| loan.card == *card).filter(|loan| loan.returned.is_none())
    }

    /// The use that a card is out for on this day.
    pub fn lent(&self, card: &CardId, day: Date) -> Option<&SpareLoan> {
        self.out(card).filter(|loan| loan.day() == day)
    }

    /// The last count of each place.
    pub fn counts(&self) -> impl Iterator<Item = &SpareCount> {
        self.counts.values()
    }

    /// The last count of a place.
    pub fn count_of(&self, place: &str) -> Option<&SpareCount> {
        self.counts.get(place)
    }

    pub(super) fn take(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        match fact {
            Fact::SpareCardLent(lend) => self.loans.push(SpareLoan {
                card: lend.card.clone(),
                to: lend.to.clone(),
                purpose: lend.purpose.clone(),
                lent: (entry.at, entry.by.clone()),
                returned: None,
                remark: String::new(),
                receipt: receipt.clone(),
            }),
            Fact::SpareCardReturned { card, remark } => {
                let open = self.loans.iter_mut().rev().find(|loan| loan.card == *card);
                if let Some(loan) = open.filter(|loan| loan.returned.is_none()) {
                    loan.returned = Some((entry.at, entry.by.clone()));
                    remark.clone_into(&mut loan.remark);
                }
            }
            Fact::SpareCardsCounted { place, missing, unreturned } => {
                let count = SpareCount {
                    place: place.clone(),
                    at: (entry.at, entry.by.clone()),
                    missing: missing.clone(),
                    unreturned: unreturned.clone(),
                    receipt: receipt.clone(),
                };
                self.counts.insert(place.clone(), count);
            }
            _ => {}
        }
    }
}

impl City {
    /// The spare cards that are to lie at a place.
    pub fn spares_at<'a>(&'a self, place: &'a str) -> impl Iterator<Item = &'a CardId> {
        let spares = self.access.cards().filter(|(_, card)| card.spare() && card.state.is_held());
        spares.filter(move |(_, card)| card.kept == place).map(|(id, _)| id)
    }
}

pub(super) fn lend(city: &City, lend: LendSpare) -> Result<Fact, Invalid> {
    let card = known(city, &lend.card)?;
    let state = |state| Invalid::State { what: "card", id: lend.card.to_string(), state };
    if !card.spare() {
        return Err(state("特定の操作者のカード"));
    }
    if card.state != CardState::InUse {
        return Err(in_state(&lend.card, card.state));
    }
    if city.access.spares().out(&lend.card).is_some() {
        return Err(state("貸出中"));
    }
    super::decide::known_person(city, &lend.to)?;
    text("purpose", &lend.purpose, limits::TEXT)?;
    Ok(Fact::SpareCardLent(lend))
}

pub(super) fn give_back(city: &City, card: CardId, remark: String) -> Result<Fact, Invalid> {
    known(city, &card)?;
    if city.access.spares().out(&card).is_none() {
        return Err(Invalid::State {
            what: "card", id: card.to_string(), state: "貸し出されていない"
        });
    }
    if !remark.is_empty() {
        text("remark", &remark, limits::TEXT)?;
    }
    Ok(Fact::SpareCardReturned { card, remark })
}

pub(super) fn count(city: &City, place: String, present: &[CardId]) -> Result<Fact, Invalid> {
    let here: Vec<&CardId> = city.spares_at(&place).collect();
    if here.is_empty() {
        return Err(Invalid::Unknown { what: "kept", id: place });
    }
    if let Some(stray) = present.iter().find(|card| !here.contains(card)) {
        return Err(Invalid::Unknown { what: "card", id: stray.to_string() });
    }
    let (mut missing, mut unreturned) = (Vec::new(), Vec::new());
    for card in here {
        match (present.contains(card), city.access.spares().out(card).is_some()) {
            (false, false) => missing.push(card.clone()),
            (true, true) => unreturned.push(card.clone()),
            _ => {}
        }
    }
    Ok(Fact::SpareCardsCounted { place, missing, unreturned })
}
