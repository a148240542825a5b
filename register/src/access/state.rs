//! What is so in 第4章: terminals, designations, cards, failed attempts, who is signed in.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Card, CardAlarm, Fact, Factor, NewDesignation, Preparation, Spares};
use crate::{
    CardId, CardKindId, DesignationId, Entry, PersonId, Receipt, RoomId, SectionId, SessionId, Settings,
    TerminalId,
};

/// The state of 第4章.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    terminals: BTreeMap<TerminalId, Terminal>,
    designations: BTreeMap<DesignationId, Designation>,
    /// Cards that were made and not issued yet.
    pub(super) prepared: BTreeMap<CardId, Preparation>,
    pub(super) cards: BTreeMap<CardId, Card>,
    spares: Spares,
    pub(super) alarms: Vec<CardAlarm>,
    passwords: BTreeMap<PersonId, Password>,
    pub(super) by_person: BTreeMap<PersonId, Attempts>,
    by_terminal: BTreeMap<TerminalId, Attempts>,
    /// Those that are open; an ended stay stands in the journal only.
    pub(super) sessions: BTreeMap<SessionId, Session>,
    operations: u64,
}

/// A CS terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    /// The room it stands in.
    pub room: RoomId,
    /// The section that uses it.
    pub section: SectionId,
    /// By which way of the profile it proves operators; none: the usual one.
    pub authenticator: Option<String>,
    /// It stands in the register now.
    pub in_service: bool,
    /// When it was entered.
    pub since: Timestamp,
}

/// Who may operate with which kind of card, by agreement of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Designation {
    /// The operator.
    pub person: PersonId,
    /// The kind of card.
    pub kind: CardKindId,
    /// The section that proposed.
    pub section: SectionId,
    /// Who proposed, and when.
    pub proposed: (PersonId, Timestamp),
    /// Who agreed, and when.
    pub agreed: Option<(PersonId, Timestamp)>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Password {
    version: u32,
    initial: bool,
    since: Timestamp,
}

/// Why a password has to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordDue {
    /// Somebody else handed it over.
    Initial,
    /// It is older than the rule in force lets one be.
    Old,
}

/// Failed attempts since the last success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// How many.
    pub failed: u32,
    /// Nobody gets in before this moment.
    pub locked_until: Option<Timestamp>,
}

impl Attempts {
    fn fail(&mut self, locked_until: Option<Timestamp>) {
        self.failed += 1;
        self.locked_until = locked_until.or(self.locked_until);
    }
}

/// A stay at a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub person: PersonId,
    /// With which card.
    pub card: CardId,
    /// At which terminal.
    pub terminal: TerminalId,
    /// Since when.
    pub since: Timestamp,
    /// The last operation, or the sign-in.
    pub last_use: Timestamp,
}

impl Session {
    /// Not left alone for longer than `idle`.
    pub fn open(&self, at: Timestamp, idle: SignedDuration) -> bool {
        at.duration_since(self.last_use) <= idle
    }
}

impl Access {
    /// A terminal, in service or retired.
    pub fn terminal(&self, id: &TerminalId) -> Option<&Terminal> {
        self.terminals.get(id)
    }

    /// The register of terminals.
    pub fn terminals(&self) -> impl Iterator<Item = (&TerminalId, &Terminal)> {
        self.terminals.iter()
    }

    /// A designation, proposed, agreed or ended.
    pub fn designation(&self, id: &DesignationId) -> Option<&Designation> {
        self.designations.get(id)
    }

    /// All designations.
    pub fn designations(&self) -> impl Iterator<Item = (&DesignationId, &Designation)> {
        self.designations.iter()
    }

    /// A card of the ledger.
    pub fn card(&self, id: &CardId) -> Option<&Card> {
        self.cards.get(id)
    }

    /// The ledger of cards.
    pub fn cards(&self) -> impl Iterator<Item = (&CardId, &Card)> {
        self.cards.iter()
    }

    /// A card that was made and not issued yet.
    pub fn preparation(&self, id: &CardId) -> Option<&Preparation> {
        self.prepared.get(id)
    }

    /// The cards that were made and not issued yet.
    pub fn preparations(&self) -> impl Iterator<Item = &Preparation> {
        self.prepared.values()
    }

    /// The uses and counts of spare cards.
    pub fn spares(&self) -> &Spares {
        &self.spares
    }

    /// Why a person's password has to be changed before anything else, if it has to.
    pub fn password_due(&self, person: &PersonId, settings: &Settings, at: Timestamp) -> Option<PasswordDue> {
        let password = self.passwords.get(person)?;
        if password.initial {
            return Some(PasswordDue::Initial);
        }
        let last = settings.password_max_age.map(|age| password.since.saturating_add(age));
        let past = last.is_some_and(|last| last.is_ok_and(|last| last < at));
        past.then_some(PasswordDue::Old)
    }

    /// Since when a person's password is what it is.
    pub fn password_since(&self, person: &PersonId) -> Option<Timestamp> {
        self.passwords.get(person).map(|password| password.since)
    }

    /// Everybody who has a password.
    pub fn with_passwords(&self) -> impl Iterator<Item = &PersonId> {
        self.passwords.keys()
    }

    /// The number under which a person's password is kept; none while there is none.
    pub fn password_version(&self, person: &PersonId) -> Option<u32> {
        self.passwords.get(person).map(|password| password.version)
    }

    /// The person's password was handed over by somebody else and not changed since.
    pub fn password_initial(&self, person: &PersonId) -> bool {
        self.passwords.get(person).is_some_and(|password| password.initial)
    }

    /// Failed attempts of a person since the last success.
    pub fn attempts(&self, person: &PersonId) -> Attempts {
        self.by_person.get(person).cloned().unwrap_or_default()
    }

    /// Failed attempts at a terminal since the last success there.
    pub fn attempts_at(&self, terminal: &TerminalId) -> Attempts {
        self.by_terminal.get(terminal).cloned().unwrap_or_default()
    }

    /// Nobody gets in as this person, or at this terminal, for now.
    pub fn locked(&self, person: &PersonId, terminal: Option<&TerminalId>, at: Timestamp) -> bool {
        let locked = |attempts: Option<&Attempts>| {
            attempts.and_then(|attempts| attempts.locked_until).is_some_and(|until| at < until)
        };
        locked(self.by_person.get(person)) || locked(terminal.and_then(|id| self.by_terminal.get(id)))
    }

    /// A stay that has begun and not ended.
    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    /// Who is signed in.
    pub fn sessions(&self) -> impl Iterator<Item = (&SessionId, &Session)> {
        self.sessions.iter()
    }

    /// How many operations the history holds.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// The fold of 第4章; total.
    pub(super) fn take(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        match fact {
            Fact::TerminalRegistered(new) => {
                let terminal = Terminal {
                    room: new.room.clone(),
                    section: new.section.clone(),
                    authenticator: new.authenticator.clone(),
                    in_service: true,
                    since: entry.at,
                };
                self.terminals.insert(new.id.clone(), terminal);
            }
            Fact::TerminalRetired { terminal } => {
                if let Some(terminal) = self.terminals.get_mut(terminal) {
                    terminal.in_service = false;
                }
            }
            Fact::DesignationProposed(new) => self.propose(new, entry),
            Fact::DesignationAgreed { designation } => {
                if let Some(designation) = self.designations.get_mut(designation) {
                    designation.agreed = Some((entry.by.clone(), entry.at));
                }
            }
            Fact::DesignationEnded { designation } => {
                if let Some(designation) = self.designations.get_mut(designation) {
                    designation.ended = Some(entry.at);
                }
            }
            Fact::CardPrepared(_)
            | Fact::CardDiscarded { .. }
            | Fact::CardIssued(_)
            | Fact::CardReceived { .. }
            | Fact::CardInspected { .. }
            | Fact::CardLost { .. }
            | Fact::CardFound { .. }
            | Fact::CardStopped { .. }
            | Fact::CardRestored { .. } => self.take_card(fact, entry),
            Fact::SpareCardLent(_) | Fact::SpareCardsCounted { .. } => {
                self.spares.take(fact, entry, receipt);
            }
            Fact::SpareCardReturned { card, .. } => {
                self.spares.take(fact, entry, receipt);
                self.sessions.retain(|_, session| session.card != *card);
            }
            Fact::CardAtTwoTerminals { .. } | Fact::CardAlarmClosed { .. } => {
                self.take_alarm(fact, entry, receipt);
            }
            Fact::PasswordSet { person, version, initial } => {
                let password = Password { version: *version, initial: *initial, since: entry.at };
                self.passwords.insert(person.clone(), password);
                self.by_person.remove(person);
            }
            Fact::SignedIn { .. }
            | Fact::SignInFailed { .. }
            | Fact::SignedOut { .. }
            | Fact::Operated(_) => self.take_stay(fact, entry),
        }
    }

    fn propose(&mut self, new: &NewDesignation, entry: &Entry) {
        let designation = Designation {
            person: new.person.clone(),
            kind: new.kind.clone(),
            section: new.section.clone(),
            proposed: (entry.by.clone(), entry.at),
            agreed: None,
            ended: None,
        };
        self.designations.insert(new.id.clone(), designation);
    }

    fn take_stay(&mut self, fact: &Fact, entry: &Entry) {
        match fact {
            Fact::SignedIn { session, card, terminal } => {
                if let Some(card) = self.cards.get_mut(card) {
                    card.last_use = Some((entry.at, terminal.clone()));
                }
                self.by_person.remove(&entry.by);
                self.by_terminal.remove(terminal);
                let stay = Session {
                    person: entry.by.clone(),
                    card: card.clone(),
                    terminal: terminal.clone(),
                    since: entry.at,
                    last_use: entry.at,
                };
                // One stay for a terminal, and one for a card.
                self.sessions.retain(|_, old| old.terminal != stay.terminal && old.card != stay.card);
                self.sessions.insert(session.clone(), stay);
            }
            Fact::SignInFailed {
                holder,
                terminal,
                factor,
                holder_locked_until,
                terminal_locked_until,
                ..
            } => {
                // The card counts wrong PINs itself, and strangers without it must lock nobody out.
                if let (Factor::Password, Some(holder)) = (factor, holder) {
                    self.by_person.entry(holder.clone()).or_default().fail(*holder_locked_until);
                }
                self.by_terminal.entry(terminal.clone()).or_default().fail(*terminal_locked_until);
            }
            Fact::SignedOut { session, .. } => {
                self.sessions.remove(session);
            }
            Fact::Operated(_) => {
                self.operations += 1;
                if let Some(session) = entry.session.as_ref().and_then(|id| self.sessions.get_mut(id)) {
                    session.last_use = entry.at;
                }
            }
            _ => {}
        }
    }
}
