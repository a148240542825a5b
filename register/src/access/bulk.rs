//! 第16条第3号: what the transfers of a day mean for cards. On 1 April a third of all operators change.

use jiff::civil::Date;

use super::CardState;
use crate::occasion::japan_midnight;
use crate::organization::{Person, Workplace};
use crate::{CardId, City, PersonId, limits};

/// Somebody moves on the day, and what follows for the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardMove {
    /// Who.
    pub person: PersonId,
    /// Where from; empty for somebody new.
    pub from: String,
    /// Where to; empty for somebody who leaves.
    pub to: String,
    /// The card; none for somebody who has none yet.
    pub card: Option<CardId>,
    /// What follows.
    pub follows: Follows,
    /// The card has come back already.
    pub back: bool,
}

/// What a move means for a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Follows {
    /// 回収: the holder leaves, or goes to a section that the regulation does not touch.
    Collect,
    /// 回収と再交付: the holder goes to another section of the regulation, and may be designated anew there.
    Reissue,
    /// 新しい交付: somebody without a card comes to a section that uses Juki-Net.
    Issue,
    /// 継続: the section stays the same.
    Keep,
}

impl Follows {
    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Collect => "回収",
            Self::Reissue => "回収と再交付",
            Self::Issue => "新しい交付",
            Self::Keep => "継続",
        }
    }

    /// The card that the person has is to come back.
    pub fn collects(self) -> bool {
        matches!(self, Self::Collect | Self::Reissue)
    }
}

impl City {
    /// What the transfers of `day` mean for cards: what is to come back first.
    pub fn card_moves(&self, day: Date) -> Vec<CardMove> {
        let moving = self.organization.people().filter(|(_, person)| moves_on(person, day));
        let mut all: Vec<CardMove> = moving.flat_map(|(id, person)| self.moved(id, person, day)).collect();
        all.sort_by(|a, b| (a.follows, &a.from, &a.person).cmp(&(b.follows, &b.from, &b.person)));
        all
    }

    fn moved(&self, id: &PersonId, person: &Person, day: Date) -> Vec<CardMove> {
        let before = day.yesterday().map_or(&Workplace::Nowhere, |eve| person.workplace_on(eve));
        let after = person.workplace_on(day);
        let of = |card: Option<&CardId>, follows, back| CardMove {
            person: id.clone(),
            from: self.workplace_name(before),
            to: self.workplace_name(after),
            card: card.cloned(),
            follows,
            back,
        };
        let follows = match (before == after, after.section().is_some()) {
            (true, _) => Follows::Keep,
            (false, true) => Follows::Reissue,
            (false, false) => Follows::Collect,
        };
        let theirs = self.access.cards().filter(|(_, card)| card.holder.as_ref() == Some(id));
        let each = theirs.filter_map(|(number, card)| {
            let back = card.state == CardState::Collected && card.since >= lately(day);
            (card.state.is_held() || back).then(|| of(Some(number), follows, back))
        });
        let moves: Vec<CardMove> = each.collect();
        if moves.is_empty() && before != after && self.uses_juki_net(after) {
            return vec![of(None, Follows::Issue, false)];
        }
        moves
    }

    fn uses_juki_net(&self, workplace: &Workplace) -> bool {
        let section = workplace.section().and_then(|section| self.profile().section(section.as_str()));
        section.is_some_and(|section| section.uses_juki_net)
    }
}

/// Cards come back some days before the move as well.
fn lately(day: Date) -> jiff::Timestamp {
    let first = day.checked_sub(jiff::Span::new().days(limits::COLLECTED_AHEAD)).unwrap_or(day);
    japan_midnight(first)
}

fn moves_on(person: &Person, day: Date) -> bool {
    person.moves().any(|moved| moved.from == day)
}
