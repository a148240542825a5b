//! 第4章 アクセス管理: terminals, who may hold which card, the cards, signing in, and every operation.
//!
//! | article | module |
//! |---|---|
//! | 第14条 signing in, operations | [`Session`], [`Operation`] |
//! | 第16条第1号 passwords, lock-out | [`Attempts`] |
//! | 第16条第2号 who operates with which kind of card | [`Designation`] |
//! | 第16条第3号 a card's life, spare cards, the day of transfers | [`cards`], [`spare`], [`CardMove`] |
//! | 第17条 one card, one holder, one place | [`alarm`] |

pub mod alarm;
mod bulk;
pub mod cards;
mod decide;
mod designated;
mod duties;
mod ledgers;
mod operation;
mod question;
pub mod spare;
mod state;

use jiff::Timestamp;
use policy::{Question, Refusal};
use serde::{Deserialize, Serialize};

pub use alarm::CardAlarm;
pub use bulk::{CardMove, Follows};
pub use cards::{Card, CardState, Inspection, Loss, NewCard, Preparation};
pub use duties::DUTIES;
pub use ledgers::LEDGERS;
pub use operation::{HistoryScope, Operation, OperationKind, Output};
pub use spare::{LendSpare, SpareCount, SpareLoan, Spares};
pub use state::{Access, Attempts, Designation, PasswordDue, Session, Terminal};

use crate::fact::facts;
use crate::{
    CardId, CardKindId, Chapter, City, DesignationId, Duty, Entry, Invalid, JournalKind, Occasion, PersonId,
    Receipt, RoomId, SectionId, SessionId, TerminalId,
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
    /// 第16条第3号. A card is made, or made anew under its number; somebody else issues it.
    PrepareCard(NewCard),
    /// 第16条第3号. A card that was made is not issued after all.
    DiscardCard {
        /// Which.
        card: CardId,
        /// Why.
        reason: String,
    },
    /// 第16条第3号. A card that another person made is issued and entered in the ledger.
    IssueCard(CardId),
    /// 第16条第3号. Somebody sees that the card is there and whole.
    InspectCard {
        /// Which.
        card: CardId,
        /// What is to be said about it.
        remark: String,
    },
    /// 第16条第3号. A card is missed: it is out of use at once, whoever says so.
    ReportLostCard {
        /// Which.
        card: CardId,
        /// When, where, how.
        circumstances: String,
    },
    /// 第16条第3号. A lost card was found; it rests until it was looked at.
    ReportFoundCard {
        /// Which.
        card: CardId,
        /// When, where, in which state.
        circumstances: String,
    },
    /// 第16条第3号. A spare card is lent for the day; whoever acts confirms to whom.
    LendSpare(LendSpare),
    /// 第16条第3号. A spare card comes back; whoever acts confirms it.
    ReturnSpare {
        /// Which.
        card: CardId,
        /// What is to be said about it.
        remark: String,
    },
    /// 第16条第3号. The spare cards of a place are counted.
    CountSpares {
        /// Where they lie.
        place: String,
        /// Those that are there.
        present: Vec<CardId>,
    },
    /// 第17条. What had happened when a card was at two terminals.
    CloseCardAlarm {
        /// Which alarm.
        alarm: Receipt,
        /// What had happened, what was done.
        remark: String,
    },
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
    /// 第14条第2項: by which way of the profile it proves operators; none: the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator: Option<String>,
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
    /// 交代: somebody else signed in at the terminal.
    Shift,
    /// The card was used at another terminal.
    Elsewhere,
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
    /// A card was made.
    CardPrepared(NewCard),
    /// A card that was made is not issued.
    CardDiscarded {
        /// Which.
        card: CardId,
        /// Why.
        reason: String,
    },
    /// A card was issued, or issued anew.
    CardIssued(NewCard),
    /// The holder has the card: it opened a stay for the first time.
    CardReceived {
        /// Which.
        card: CardId,
    },
    /// A card was seen where it belongs.
    CardInspected {
        /// Which.
        card: CardId,
        /// What was to be said about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remark: String,
    },
    /// A card was reported lost.
    CardLost {
        /// Which.
        card: CardId,
        /// When, where, how.
        circumstances: String,
    },
    /// A lost card was found.
    CardFound {
        /// Which.
        card: CardId,
        /// When, where, in which state.
        circumstances: String,
    },
    /// A spare card was lent for the day.
    SpareCardLent(LendSpare),
    /// A spare card came back.
    SpareCardReturned {
        /// Which.
        card: CardId,
        /// What was to be said about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remark: String,
    },
    /// The spare cards of a place were counted.
    SpareCardsCounted {
        /// Where they lie.
        place: String,
        /// Neither there nor lent.
        missing: Vec<CardId>,
        /// There although lent.
        unreturned: Vec<CardId>,
    },
    /// A card signed in at a second terminal; the stay at the first has ended.
    CardAtTwoTerminals {
        /// Which.
        card: CardId,
        /// Who signed in with it.
        person: PersonId,
        /// Where the stay was that ended.
        earlier: TerminalId,
        /// Where it was used then.
        terminal: TerminalId,
    },
    /// It was written down why.
    CardAlarmClosed {
        /// Which alarm.
        alarm: Receipt,
        /// What had happened, what was done.
        remark: String,
    },
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
    CardPrepared => ["16(3)"],
    CardDiscarded => ["16(3)"],
    CardIssued => ["16(3)", "2(4)"],
    CardReceived => ["16(3)"],
    CardInspected => ["16(3)"],
    CardLost => ["16(3)"],
    CardFound => ["16(3)"],
    SpareCardLent => ["16(3)", "17"],
    SpareCardReturned => ["16(3)"],
    SpareCardsCounted => ["16(3)"],
    CardAtTwoTerminals => ["17"],
    CardAlarmClosed => ["17"],
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
            Self::LendSpare(lend) => lend.card.to_string(),
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
            | Self::CardAtTwoTerminals { .. }
            | Self::Operated(_) => JournalKind::Operations,
            _ => JournalKind::Register,
        }
    }
}

impl Chapter for Access {
    type Act = Act;
    type Fact = Fact;

    fn question(city: &City, act: &Act, on: &Occasion) -> Question {
        question::asked(city, act, on)
    }

    fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        decide::decide(city, act, on)
    }

    fn refused(city: &City, act: &Act, refusal: &Refusal, on: &Occasion) -> Vec<Fact> {
        match act {
            Act::SignIn(proof) => decide::failed_sign_in(city, proof, refusal, on),
            Act::SetPassword { person, old_proven: false } if *person == on.by => {
                decide::failed_change(city, refusal, on)
            }
            _ => Vec::new(),
        }
    }

    fn fold(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        self.take(fact, entry, receipt);
    }

    fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
        duties::owed(city, at)
    }
}
