//! 第16条第3号: a card's life, from its making to its end, as the ledger keeps it.
//!
//! Two people hand a card out: somebody of 情報統計課 prepares it, the アクセス管理責任者 issues it. A card that is
//! prepared anew under its number is renewed: its new certificate counts from the issue on.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Access, Fact};
use crate::invalid::text;
use crate::occasion::japan_day;
use crate::{CardId, CardKindId, City, Entry, Invalid, Occasion, PersonId, TerminalId, limits};

/// A card that was made, to be issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCard {
    /// カード番号.
    pub id: CardId,
    /// Its kind.
    pub kind: CardKindId,
    /// To whom; a spare card is bound to nobody.
    pub holder: Option<PersonId>,
    /// SHA-256 of the card's certificate, in hex: what tells this card from a copy of its number.
    pub certificate: String,
    /// The last moment of the certificate, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// 保管場所: where it lies while nobody uses it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kept: String,
}

/// A card in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its kind.
    pub kind: CardKindId,
    /// To whom it was issued; none for a spare card.
    pub holder: Option<PersonId>,
    /// SHA-256 of its certificate, in hex.
    pub certificate: String,
    /// The last moment of its certificate, where it is known.
    pub expires: Option<Timestamp>,
    /// 保管場所.
    pub kept: String,
    /// Where it stands.
    pub state: CardState,
    /// Why it stands there, when it is out of use.
    pub reason: String,
    /// Who prepared it, and when; none for cards of the time before.
    pub prepared: Option<(PersonId, Timestamp)>,
    /// Who issued it, and when.
    pub issued: (PersonId, Timestamp),
    /// Since when its holder is known to have it: the first sign-in after the issue.
    pub received: Option<Timestamp>,
    /// Since when the state is what it is.
    pub since: Timestamp,
    /// Last use at a sign-in: when and at which terminal.
    pub last_use: Option<(Timestamp, TerminalId)>,
    /// The last inspection.
    pub inspected: Option<Inspection>,
    /// The last report of its loss.
    pub lost: Option<Loss>,
}

/// Somebody saw the card, whole and in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Who looked, and when.
    pub by: (PersonId, Timestamp),
    /// What was to be said about it.
    pub remark: String,
}

/// A card was reported lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Who reported it, and when.
    pub by: (PersonId, Timestamp),
    /// When, where, how.
    pub circumstances: String,
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// 使用中.
    InUse,
    /// 一時停止: can be restored.
    Suspended,
    /// 紛失.
    Lost,
    /// 回収.
    Collected,
    /// 失効.
    Revoked,
}

/// A card that was made and not issued yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparation {
    /// The card.
    pub card: NewCard,
    /// Who made it, and when.
    pub by: (PersonId, Timestamp),
}

impl CardState {
    /// The card is in its holder's hands, as far as the ledger knows.
    pub fn is_held(self) -> bool {
        matches!(self, Self::InUse | Self::Suspended)
    }

    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::InUse => "使用中",
            Self::Suspended => "一時停止",
            Self::Lost => "紛失",
            Self::Collected => "回収済み",
            Self::Revoked => "失効",
        }
    }
}

impl Card {
    /// 予備カード: bound to nobody until it is lent.
    pub fn spare(&self) -> bool {
        self.holder.is_none()
    }

    /// The day on which it is to be inspected next.
    pub fn inspection_due(&self, months: u32) -> Option<Date> {
        let last = self.inspected.as_ref().map_or(self.issued.1, |inspection| inspection.by.1);
        japan_day(last).checked_add(jiff::Span::new().months(i64::from(months))).ok()
    }
}

impl City {
    /// Whose card it is at `at`: its holder's; a spare card is that of whom it was lent to, on that day.
    pub fn holder_of(&self, id: &CardId, at: Timestamp) -> Option<&PersonId> {
        let card = self.access.card(id)?;
        match &card.holder {
            Some(holder) => Some(holder),
            None => self.access.spares().lent(id, japan_day(at)).map(|loan| &loan.to),
        }
    }
}

impl City {
    /// 第14条第2項: by what a terminal proves operators.
    pub fn authenticator_of(&self, terminal: &TerminalId) -> Option<&regulation::Authenticator> {
        let way = self.access.terminal(terminal).and_then(|terminal| terminal.authenticator.as_deref());
        self.profile().authenticator(way)
    }

    /// A card at this terminal proves its holder; a terminal that wants something else takes no card for it.
    pub(super) fn proves_by_card(&self, terminal: &TerminalId) -> bool {
        self.authenticator_of(terminal).is_some_and(regulation::Authenticator::supported)
    }
}

impl Access {
    pub(super) fn take_card(&mut self, fact: &Fact, entry: &Entry) {
        match fact {
            Fact::CardPrepared(new) => {
                let by = (entry.by.clone(), entry.at);
                self.prepared.insert(new.id.clone(), Preparation { card: new.clone(), by });
            }
            Fact::CardDiscarded { card, .. } => {
                self.prepared.remove(card);
            }
            Fact::CardIssued(new) => self.issue(new, entry),
            Fact::CardReceived { card } => {
                if let Some(card) = self.cards.get_mut(card) {
                    card.received = Some(entry.at);
                }
            }
            Fact::CardInspected { card, remark } => {
                if let Some(card) = self.cards.get_mut(card) {
                    let by = (entry.by.clone(), entry.at);
                    card.inspected = Some(Inspection { by, remark: remark.clone() });
                }
            }
            Fact::CardLost { card, circumstances } => {
                self.set_card(card, CardState::Lost, circumstances, entry);
                if let Some(card) = self.cards.get_mut(card) {
                    let by = (entry.by.clone(), entry.at);
                    card.lost = Some(Loss { by, circumstances: circumstances.clone() });
                }
            }
            Fact::CardFound { card, circumstances } => {
                self.set_card(card, CardState::Suspended, circumstances, entry);
            }
            Fact::CardStopped { card, state, reason } => self.set_card(card, *state, reason, entry),
            Fact::CardRestored { card } => self.set_card(card, CardState::InUse, "", entry),
            _ => {}
        }
    }

    fn issue(&mut self, new: &NewCard, entry: &Entry) {
        let prepared = self.prepared.remove(&new.id).map(|preparation| preparation.by);
        let before = self.cards.remove(&new.id);
        let card = Card {
            kind: new.kind.clone(),
            holder: new.holder.clone(),
            certificate: new.certificate.clone(),
            expires: new.expires,
            kept: new.kept.clone(),
            state: CardState::InUse,
            reason: String::new(),
            prepared,
            issued: (entry.by.clone(), entry.at),
            received: None,
            since: entry.at,
            last_use: before.as_ref().and_then(|card| card.last_use.clone()),
            inspected: before.as_ref().and_then(|card| card.inspected.clone()),
            lost: before.and_then(|card| card.lost),
        };
        self.cards.insert(new.id.clone(), card);
    }

    fn set_card(&mut self, id: &CardId, state: CardState, reason: &str, entry: &Entry) {
        if let Some(card) = self.cards.get_mut(id) {
            card.state = state;
            reason.clone_into(&mut card.reason);
            card.since = entry.at;
            if let (CardState::InUse, Some(holder)) = (state, &card.holder) {
                self.by_person.remove(holder);
            }
        }
        if state != CardState::InUse {
            // A card out of use ends the stay that it opened, at once.
            self.sessions.retain(|_, session| session.card != *id);
        }
    }
}

pub(super) fn prepare(city: &City, new: NewCard, on: &Occasion) -> Result<Fact, Invalid> {
    if let Some(known) = city.access.card(&new.id) {
        let renewal = known.state.is_held() && known.holder == new.holder && known.kind == new.kind;
        if !renewal {
            return Err(Invalid::Exists { what: "card", id: new.id.to_string() });
        }
    }
    if let Some(holder) = &new.holder {
        super::decide::known_person(city, holder)?;
    }
    if city.profile().card_kind(new.kind.as_str()).is_none() {
        return Err(Invalid::Unknown { what: "kind", id: new.kind.to_string() });
    }
    text("certificate", &new.certificate, limits::IDENTIFIER)?;
    if new.holder.is_none() || !new.kept.is_empty() {
        text("kept", &new.kept, limits::NAME)?;
    }
    if new.expires.is_some_and(|expires| expires <= on.at) {
        return Err(Invalid::Past { what: "expires" });
    }
    Ok(Fact::CardPrepared(new))
}

pub(super) fn discard(city: &City, card: CardId, reason: String) -> Result<Fact, Invalid> {
    text("reason", &reason, limits::TEXT)?;
    match city.access.preparation(&card) {
        Some(_) => Ok(Fact::CardDiscarded { card, reason }),
        None => Err(unprepared(&card)),
    }
}

pub(super) fn issue(city: &City, card: &CardId) -> Result<Fact, Invalid> {
    let preparation = city.access.preparation(card).ok_or_else(|| unprepared(card))?;
    match city.access.card(card) {
        Some(known) if !known.state.is_held() => Err(in_state(card, known.state)),
        _ => Ok(Fact::CardIssued(preparation.card.clone())),
    }
}

pub(super) fn inspect(city: &City, card: CardId, remark: String) -> Result<Fact, Invalid> {
    let known = known(city, &card)?;
    if !known.state.is_held() {
        return Err(in_state(&card, known.state));
    }
    if !remark.is_empty() {
        text("remark", &remark, limits::TEXT)?;
    }
    Ok(Fact::CardInspected { card, remark })
}

pub(super) fn lose(city: &City, card: CardId, circumstances: String) -> Result<Fact, Invalid> {
    text("circumstances", &circumstances, limits::TEXT)?;
    let known = known(city, &card)?;
    if !known.state.is_held() {
        return Err(in_state(&card, known.state));
    }
    Ok(Fact::CardLost { card, circumstances })
}

pub(super) fn find(city: &City, card: CardId, circumstances: String) -> Result<Fact, Invalid> {
    text("circumstances", &circumstances, limits::TEXT)?;
    let known = known(city, &card)?;
    if known.state != CardState::Lost {
        return Err(in_state(&card, known.state));
    }
    Ok(Fact::CardFound { card, circumstances })
}

/// A loss is reported ([`lose`]), so that it is told from a card that somebody took out of use.
pub(super) fn stop(city: &City, card: CardId, to: CardState, reason: String) -> Result<Fact, Invalid> {
    text("reason", &reason, limits::TEXT)?;
    let known = known(city, &card)?;
    if matches!(to, CardState::InUse | CardState::Lost) {
        return Err(Invalid::Malformed {
            what: "card-state", wants: "一時停止・回収・失効のどれか"
        });
    }
    let ended = matches!(known.state, CardState::Collected | CardState::Revoked);
    // A lost card that comes back is reported found, and looked at, before it counts as collected.
    let gone = known.state == CardState::Lost && to != CardState::Revoked;
    if ended || gone || known.state == to {
        return Err(in_state(&card, known.state));
    }
    Ok(Fact::CardStopped { card, state: to, reason })
}

pub(super) fn restore(city: &City, card: CardId) -> Result<Fact, Invalid> {
    let known = known(city, &card)?;
    if known.state != CardState::Suspended {
        return Err(in_state(&card, known.state));
    }
    Ok(Fact::CardRestored { card })
}

pub(super) fn known<'a>(city: &'a City, card: &CardId) -> Result<&'a Card, Invalid> {
    city.access.card(card).ok_or_else(|| Invalid::Unknown { what: "card", id: card.to_string() })
}

pub(super) fn in_state(card: &CardId, state: CardState) -> Invalid {
    Invalid::State { what: "card", id: card.to_string(), state: state.japanese() }
}

fn unprepared(card: &CardId) -> Invalid {
    Invalid::State { what: "card", id: card.to_string(), state: "準備されていない" }
}
