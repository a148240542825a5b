//! 第4章 アクセス管理: terminals, who may hold which card, the cards, signing in, and every operation.

mod decide;
mod designated;
mod ledgers;
mod operation;
mod state;

use jiff::Timestamp;
use policy::{Entity, Question, Record, Refusal, Value};
use serde::{Deserialize, Serialize};

pub use designated::COLLECT;
pub use ledgers::LEDGERS;
pub use operation::{HistoryScope, Operation, OperationKind, Output};
pub use state::{Access, Attempts, Card, CardState, Designation, Session, Terminal};

use crate::fact::facts;
use crate::{
    CardId, CardKindId, Chapter, City, DesignationId, Duty, Entry, Invalid, JournalKind, Occasion, PersonId,
    Receipt, RoomId, SectionId, SessionId, TerminalId, question,
};

/// What people ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 第14条第1項. A terminal is entered in the register of terminals.
    RegisterTerminal(NewTerminal),
    /// 第14条第1項. A terminal leaves the register.
    RetireTerminal(TerminalId),
    /// 第16条第2号. The section's セキュリティ責任者 proposes an operator for a kind of card.
    ProposeDesignation(NewDesignation),
    /// 第16条第2号. The アクセス管理責任者 agrees.
    AgreeDesignation(DesignationId),
    /// 第16条第2号. The designation ends.
    EndDesignation(DesignationId),
    /// 第16条第3号. A card is issued to a designated operator and entered in the ledger.
    IssueCard(NewCard),
    /// 第16条第1号. A card is taken out of use.
    StopCard {
        /// Which.
        card: CardId,
        /// How it ends, or rests.
        state: CardState,
        /// Why.
        reason: String,
    },
    /// 第16条第1号. A suspended card is used again.
    RestoreCard(CardId),
    /// 第16条第1号. A password is set; the secret itself never comes here.
    SetPassword {
        /// Whose.
        person: PersonId,
        /// The old one was proven.
        old_proven: bool,
    },
    /// 第14条第2項. Card and password, at a terminal.
    SignIn(SignIn),
    /// The stay at the terminal ends.
    SignOut(SignOutCause),
    /// One use of the CS; the operation history (第14条第2項, 第18条) is the journal of these.
    Operate(Operation),
}

/// A terminal to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTerminal {
    /// 端末番号.
    pub id: TerminalId,
    /// The room it stands in.
    pub room: RoomId,
    /// The section that uses it.
    pub section: SectionId,
}

/// An operator proposed for a kind of card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDesignation {
    /// 指定番号.
    pub id: DesignationId,
    /// Who is to operate.
    pub person: PersonId,
    /// With which kind of card.
    pub kind: CardKindId,
    /// For which section.
    pub section: SectionId,
}

/// A card to be issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCard {
    /// カード番号.
    pub id: CardId,
    /// Its kind.
    pub kind: CardKindId,
    /// To whom.
    pub holder: PersonId,
    /// SHA-256 of the card's certificate, in hex: what tells this card from a copy of its number.
    pub certificate: String,
}

/// What a sign-in brings as proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The stay that begins if the sign-in is permitted.
    pub session: SessionId,
    /// The card that was presented.
    pub card: CardId,
    /// SHA-256 of the certificate it presented, in hex.
    pub certificate: String,
    /// Its key answered the challenge, after the PIN.
    pub card_proven: bool,
    /// The server checked the password. None: it has not come to that.
    pub password_proven: Option<bool>,
}

/// How a stay at a terminal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOutCause {
    /// The operator signed out.
    Asked,
    /// Nobody operated for too long.
    Idle,
    /// The card was taken out.
    CardGone,
    /// Another card lay there, or it did not prove to be the one.
    CardChanged,
    /// The terminal was no longer linked.
    LinkLost,
}

/// Which proof failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// The card, or its PIN.
    Card,
    /// The password.
    Password,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A terminal was entered in the register.
    TerminalRegistered(NewTerminal),
    /// A terminal left the register.
    TerminalRetired {
        /// Which.
        terminal: TerminalId,
    },
    /// An operator was proposed.
    DesignationProposed(NewDesignation),
    /// The proposal was agreed to: the designation is in force.
    DesignationAgreed {
        /// Which.
        designation: DesignationId,
    },
    /// The designation ended.
    DesignationEnded {
        /// Which.
        designation: DesignationId,
    },
    /// A card was issued.
    CardIssued(NewCard),
    /// A card was taken out of use.
    CardStopped {
        /// Which.
        card: CardId,
        /// How.
        state: CardState,
        /// Why.
        reason: String,
    },
    /// A suspended card is in use again.
    CardRestored {
        /// Which.
        card: CardId,
    },
    /// A password was set.
    PasswordSet {
        /// Whose.
        person: PersonId,
        /// Counted up from 1; the secret is kept elsewhere under this number.
        version: u32,
        /// Somebody else handed it over: to be changed at the first sign-in.
        initial: bool,
    },
    /// Somebody signed in.
    SignedIn {
        /// The stay that began.
        session: SessionId,
        /// With which card.
        card: CardId,
        /// At which terminal.
        terminal: TerminalId,
    },
    /// A proof failed at sign-in.
    SignInFailed {
        /// The card that was presented.
        card: CardId,
        /// Its holder, if the ledger knows one.
        holder: Option<PersonId>,
        /// At which terminal.
        terminal: TerminalId,
        /// Which proof.
        factor: Factor,
        /// Nobody signs in as the holder before this moment: too many failures.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder_locked_until: Option<Timestamp>,
        /// Nobody signs in at the terminal before this moment: too many failures.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terminal_locked_until: Option<Timestamp>,
    },
    /// The stay ended.
    SignedOut {
        /// Which.
        session: SessionId,
        /// How.
        cause: SignOutCause,
    },
    /// One use of the CS.
    Operated(Operation),
}

facts!(Fact {
    TerminalRegistered => ["2(3)", "14"],
    TerminalRetired => ["2(3)", "14"],
    DesignationProposed => ["16(2)"],
    DesignationAgreed => ["16(2)"],
    DesignationEnded => ["16(2)"],
    CardIssued => ["16(3)", "2(4)"],
    CardStopped => ["16(1)", "16(3)"],
    CardRestored => ["16(1)", "16(3)"],
    PasswordSet => ["16(1)"],
    SignedIn => ["14-2"],
    SignInFailed => ["14-2"],
    SignedOut => ["14-2"],
    Operated => ["14-2", "18"],
});

impl Act {
    /// What about this act matters to whoever reads its refusal: the card of a sign-in, what was looked for.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::SignIn(proof) => proof.card.to_string(),
            Self::Operate(operation) => {
                format!("{} {}", operation.kind.japanese(), operation.condition).trim_end().to_owned()
            }
            _ => String::new(),
        }
    }

    /// The operation that this act is, with the section, card and terminal that it would have been made with.
    pub(crate) fn operation(&self, city: &City, on: &Occasion) -> Option<Operation> {
        match self {
            Self::Operate(operation) => Some(decide::situate(city, operation.clone(), on)),
            _ => None,
        }
    }
}

impl Fact {
    /// The journal that keeps this fact.
    pub fn journal(&self) -> JournalKind {
        match self {
            Self::SignedIn { .. }
            | Self::SignInFailed { .. }
            | Self::SignedOut { .. }
            | Self::Operated(_) => JournalKind::Operations,
            _ => JournalKind::Register,
        }
    }
}

impl Chapter for Access {
    type Act = Act;
    type Fact = Fact;

    fn question(city: &City, act: &Act, on: &Occasion) -> Question {
        let about = |action, resource| Question::new(action, question::person(city, &on.by, on), resource);
        match act {
            Act::RegisterTerminal(new) => {
                about("keepTerminals", terminal_entity(city, &new.id).with("section", new.section.as_str()))
            }
            Act::RetireTerminal(id) => about("keepTerminals", terminal_entity(city, id)),
            Act::ProposeDesignation(new) => about("proposeDesignation", question::section(&new.section)),
            Act::AgreeDesignation(id) => about("agreeDesignation", designated_section(city, id)),
            Act::EndDesignation(id) => about("endDesignation", designated_section(city, id)),
            Act::IssueCard(new) => about("issueCard", card_entity(city, &new.id, Some(&new.holder), on))
                .with("designated", city.designated(&new.holder, &new.kind, on.at)),
            Act::StopCard { card, .. } => about("stopCard", card_entity(city, card, None, on))
                .with("holder", city.access.card(card).is_some_and(|card| card.holder == on.by)),
            Act::RestoreCard(card) => about("restoreCard", card_entity(city, card, None, on)),
            Act::SetPassword { person, old_proven } => {
                about("setPassword", question::person(city, person, on))
                    .with("own", *person == on.by)
                    .with("oldProven", *old_proven)
                    .with("first", city.access.password_version(person).is_none())
            }
            Act::SignIn(proof) => {
                let mut asked = about("signIn", place_entity(city, on));
                asked.context = sign_in_proof(city, proof, on);
                asked
            }
            Act::SignOut(_) => about("signOut", place_entity(city, on)),
            Act::Operate(operation) => operation_question(city, operation, on),
        }
    }

    fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        decide::decide(city, act, on)
    }

    fn refused(city: &City, act: &Act, refusal: &Refusal, on: &Occasion) -> Vec<Fact> {
        match act {
            Act::SignIn(proof) => decide::failed_sign_in(city, proof, refusal, on),
            _ => Vec::new(),
        }
    }

    fn fold(&mut self, fact: &Fact, entry: &Entry, _receipt: &Receipt) {
        self.take(fact, entry);
    }

    fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
        designated::collections(city, at)
    }
}

fn terminal_entity(city: &City, id: &TerminalId) -> Entity {
    let section = city.access.terminal(id).map_or("", |terminal| terminal.section.as_str());
    Entity::new("Terminal", id.as_str()).with("section", section)
}

/// The terminal at which the act takes place; the console is none.
fn place_entity(city: &City, on: &Occasion) -> Entity {
    match on.terminal() {
        Some(id) => terminal_entity(city, id),
        None => Entity::new("Terminal", "console").with("section", ""),
    }
}

fn designated_section(city: &City, id: &DesignationId) -> Entity {
    match city.access.designation(id) {
        Some(designation) => question::section(&designation.section),
        None => Entity::new("Section", "unknown").with("code", ""),
    }
}

/// A card belongs to the section of its holder, the one to be included.
fn card_entity(city: &City, id: &CardId, holder: Option<&PersonId>, on: &Occasion) -> Entity {
    let holder = holder.or(city.access.card(id).map(|card| &card.holder));
    let section = holder.and_then(|holder| city.section_of(holder, on.at));
    Entity::new("Card", id.as_str()).with("section", section.map_or("", SectionId::as_str))
}

/// The schema's `Proof` at a sign-in.
fn sign_in_proof(city: &City, proof: &SignIn, on: &Occasion) -> Record {
    let card = city.access.card(&proof.card);
    let known = card.filter(|card| card.certificate == proof.certificate);
    let mut record = proof_record(city, on, proof.card_proven, proof.password_proven.unwrap_or(false), known);
    if proof.password_proven.is_none() {
        // The card's step: it is judged without the password, and `decide` lets nobody in by it.
        record.insert("passwordDemanded", false.into());
    }
    record
}

fn proof_record(
    city: &City,
    on: &Occasion,
    card_proven: bool,
    password_proven: bool,
    card: Option<&Card>,
) -> Record {
    let terminal = on.terminal();
    let in_service = terminal.and_then(|id| city.access.terminal(id)).is_some_and(|found| found.in_service);
    let holder = card.is_some_and(|card| card.holder == on.by);
    let locked = city.access.locked(&on.by, terminal, on.at);
    Record::from([
        ("cardProven", card_proven.into()),
        ("passwordProven", password_proven.into()),
        ("passwordDemanded", city.settings(on.at).password_at_server.into()),
        ("terminalInService", in_service.into()),
        ("cardInLedger", card.is_some().into()),
        ("cardInUse", card.is_some_and(|card| card.state == CardState::InUse).into()),
        ("holder", holder.into()),
        ("locked", locked.into()),
    ])
}

fn operation_question(city: &City, operation: &Operation, on: &Occasion) -> Question {
    let action = if operation.kind.history().is_some() { "viewHistory" } else { "operate" };
    let asked = Question::new(action, question::person(city, &on.by, on), place_entity(city, on));
    let work = work_record(city, operation, on);
    match operation.kind.history() {
        None => Question { context: work, ..asked },
        Some(scope) => asked.with("work", work).with("scope", scope.code()).with(
            "purposeGiven",
            operation.reason.as_ref().is_some_and(|purpose| !purpose.trim().is_empty()),
        ),
    }
}

/// The schema's `Work`: the stay at the terminal, and what the operator was entrusted with.
fn work_record(city: &City, operation: &Operation, on: &Occasion) -> Record {
    let session = on.session.as_ref().and_then(|id| city.access.session(id));
    let session =
        session.filter(|session| session.person == on.by && Some(&session.terminal) == on.terminal());
    let card = session.and_then(|session| city.access.card(&session.card));
    let kind = card.and_then(|card| city.profile().card_kind(card.kind.as_str()));
    let open = session.is_some_and(|session| session.open(on.at, city.settings(on.at).idle));
    let designated = card.is_some_and(|card| city.designated(&on.by, &card.kind, on.at));
    let proof = proof_record(city, on, session.is_some(), session.is_some(), card);
    Record::from([
        ("proof", proof.into()),
        ("sessionOpen", open.into()),
        ("operation", operation.kind.code().into()),
        (
            "cardOperations",
            kind.into_iter().flat_map(|kind| kind.operations.iter().cloned()).collect::<Value>(),
        ),
        ("designated", designated.into()),
        ("handler", city.handles(&on.by, on.at).into()),
    ])
}
