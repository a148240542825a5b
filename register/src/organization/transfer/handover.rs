//! What somebody who goes has in hand, and has to hand over.

use jiff::Timestamp;

use crate::access::CardState;
use crate::organization::Workplace;
use crate::{CardId, CardKindId, City, DesignationId, Duty, PersonId, SectionId, SessionId, TerminalId};

/// One thing to be handed over, or that ends with the move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// 操作者用ICカード, to be collected (第16条第3号).
    Card {
        /// Which.
        card: CardId,
        /// Of which kind.
        kind: CardKindId,
        /// Where it stands.
        state: CardState,
    },
    /// 操作者の指定, which ends with the move (第16条第2号).
    Designation {
        /// Which.
        designation: DesignationId,
        /// For which kind of card.
        kind: CardKindId,
        /// By which section.
        section: SectionId,
    },
    /// 本人確認情報の取扱者の指定, which ends with the move (第20条).
    Handler {
        /// In which section.
        section: SectionId,
    },
    /// サインイン中.
    Stay {
        /// Which.
        session: SessionId,
        /// At which terminal.
        terminal: TerminalId,
    },
    /// Something owed and not yet done.
    Duty(Duty),
    /// 職務代理の期間, which runs on.
    Acting {
        /// Until when.
        until: Timestamp,
    },
}

impl HandOver {
    /// For people.
    pub fn japanese(&self, city: &City) -> String {
        match self {
            Self::Card { card, kind, state } => {
                format!("操作者用ICカード {card}（{}・{}）", city.card_kind_name(kind), state.japanese())
            }
            Self::Designation { kind, section, .. } => {
                let (kind, section) = (city.card_kind_name(kind), city.section_name(section));
                format!("操作者の指定（{kind}・{section}）")
            }
            Self::Handler { section } => {
                format!("本人確認情報の取扱者の指定（{}）", city.section_name(section))
            }
            Self::Stay { terminal, .. } => format!("端末 {terminal} でのサインイン"),
            Self::Duty(duty) => format!("{} {}", duty.citation.japanese(), duty.what),
            Self::Acting { .. } => "職務代理の期間".to_owned(),
        }
    }
}

/// What `person` has in hand at `at` and does not take along to `to`. A chapter that entrusts people with more
/// (keys, rooms) adds its part here.
pub(super) fn of(
    city: &City,
    person: &PersonId,
    to: &Workplace,
    at: Timestamp,
    open: &[Duty],
) -> Vec<HandOver> {
    let mut items = cards(city, person);
    items.extend(entrusted(city, person, to, at));
    items.extend(duties(city, person, at, open));
    items
}

fn cards(city: &City, person: &PersonId) -> Vec<HandOver> {
    let held =
        city.access.cards().filter(|(_, card)| card.holder.as_ref() == Some(person) && card.state.is_held());
    held.map(|(id, card)| HandOver::Card { card: id.clone(), kind: card.kind.clone(), state: card.state })
        .collect()
}

fn entrusted(city: &City, person: &PersonId, to: &Workplace, at: Timestamp) -> Vec<HandOver> {
    let mut items = Vec::new();
    for (id, designation) in city.access.designations() {
        let ends = to.section() != Some(&designation.section);
        if designation.person == *person && ends && city.designation_stands(designation, at) {
            items.push(HandOver::Designation {
                designation: id.clone(),
                kind: designation.kind.clone(),
                section: designation.section.clone(),
            });
        }
    }
    let handler = city.handler(person, at).filter(|handler| to.section() != Some(&handler.section));
    items.extend(handler.map(|handler| HandOver::Handler { section: handler.section.clone() }));
    let stays = city.access.sessions().filter(|(_, stay)| stay.person == *person);
    items.extend(
        stays.map(|(id, stay)| HandOver::Stay { session: id.clone(), terminal: stay.terminal.clone() }),
    );
    items
}

fn duties(city: &City, person: &PersonId, at: Timestamp, open: &[Duty]) -> Vec<HandOver> {
    let owed = open.iter().filter(|duty| city.owes(person, duty, at)).cloned().map(HandOver::Duty);
    let leads = city.standing(person, at).posts.iter().any(|post| post == "head" || post == "deputy");
    let acting = city.organization.acting(at).filter(|_| leads);
    owed.chain(acting.map(|period| HandOver::Acting { until: period.until })).collect()
}
