//! 第16条第1号・第3号: `/cards` and everything below it: the cards of operators, from their making to their end.

mod bulk;
mod inspection;
mod labels;
mod list;
mod one;
mod passwords;
mod spares;

use jiff::Timestamp;
use register::access::{Act, Card, CardState, NewCard};
use register::{CardId, City, Invalid, PersonId};

use crate::ask::Ask;
use crate::pages::desk::judge;
use crate::pages::oversees;
use crate::typed::Problems;
use crate::view::{Badge, Cell, Frame, Link, State};

pub(crate) use bulk::{collect, show as transfers};
pub(crate) use inspection::{inspect, show as inspection};
pub(crate) use labels::show as labels;
pub(crate) use list::{close_alarm, prepare, report_lost, show};
pub(crate) use one::{discard, found as report_found, issue, restore, show as one, stop};
pub(crate) use passwords::hand_over;
pub(crate) use spares::{count as count_spares, give_back as take_spare, lend as lend_spare, show as spares};

/// The frame of a page below `/cards`.
fn frame(ask: &Ask, title: &str, here: &str, under: &[&str]) -> Frame {
    Frame {
        trail: vec![Link::new("/cards", "操作者用ICカード"), Link::new("", title)],
        ..ask.frame(title, here, under)
    }
}

/// Whose cards somebody sees: everybody's, for who prepares them and who holds a post of the regulation.
struct Viewer {
    me: PersonId,
    /// Holds a post, or prepares cards.
    all: bool,
    /// Prepares cards: somebody of the アクセス管理責任者's section.
    desk: bool,
}

impl Viewer {
    fn of(ask: &Ask) -> Option<Self> {
        let me = ask.person()?.clone();
        let desk = judge(ask, &Act::PrepareCard(example()).into()).is_none();
        let office = ask.app.office();
        let all = desk || oversees(&office.city(), &me, office.now());
        Some(Self { me, all, desk })
    }

    fn sees(&self, city: &City, card: &CardId, now: Timestamp) -> bool {
        self.all || city.holder_of(card, now) == Some(&self.me)
    }
}

/// A card that asks what the regulation would say of preparing one.
fn example() -> NewCard {
    NewCard {
        id: CardId::try_from("K-0".to_owned()).expect("an identifier"),
        kind: "none".parse().expect("an identifier"),
        holder: None,
        certificate: String::new(),
        expires: None,
        kept: String::new(),
    }
}

/// Whose card it is, for a cell; a spare card is nobody's until it is lent.
fn holder_cell(city: &City, id: &CardId, card: &Card, now: Timestamp) -> Cell {
    match (&card.holder, city.holder_of(id, now)) {
        (Some(holder), _) => Cell::Sub(city.name_of(holder), city.workplace_of(holder, now)),
        (None, Some(borrower)) => {
            Cell::Sub("予備カード".to_owned(), format!("きょうは{}", city.name_of(borrower)))
        }
        (None, None) => Cell::Sub("予備カード".to_owned(), card.kept.clone()),
    }
}

/// The fault of a number that is in no ledger, at its field.
fn unknown(ask: &Ask, card: &CardId, field: &str) -> Option<Problems> {
    let known = ask.app.office().city().access.card(card).is_some();
    let invalid = Invalid::Unknown { what: "card", id: card.to_string() };
    (!known).then(|| Problems::one(field, invalid.japanese()))
}

fn state_badge(state: CardState) -> Badge {
    let kind = match state {
        CardState::InUse => State::Good,
        CardState::Suspended => State::Owed,
        CardState::Lost => State::Refused,
        CardState::Collected | CardState::Revoked => State::Plain,
    };
    Badge::new(kind, state.japanese())
}
