//! 第3章 入退室管理: who passes which door, and the two ledgers of it.
//!
//! | article | module |
//! |---|---|
//! | 第9条第2項 passing a door, standing by, name tags | [`passage`], [`escort`], [`tags`], [`outsider`] |
//! | 第10条 permits, alarms | [`permit`], [`doors`] |
//! | 第11条 keys, fingerprint locks | [`keys`], [`fingers`], [`doors`] |
//! | 第12条 the ledgers held against each other | [`ledgers`](LEDGERS), [`findings`], [`import`] |
//! | 第13条 the head hears, inspects, directs | [`report`] |
//! | 第28条 the lockdown of Level 2 | [`Lockdown`] |
//!
//! A door never waits for a page: its controller asks, the regulation answers, the passage is recorded, and only
//! then the strike opens. While the server is away the controller decides by the permissions that it was told
//! last, and reports afterwards what it did. Leaving is never refused.

mod decide;
pub mod doors;
mod duties;
pub mod escort;
pub mod findings;
pub mod fingers;
pub mod import;
pub mod keys;
mod ledgers;
mod number;
pub mod outsider;
pub mod passage;
pub mod permit;
mod question;
pub mod report;
mod state;
pub mod tags;

use jiff::Timestamp;
use policy::Question;
use serde::{Deserialize, Serialize};

pub use doors::{
    Alarm, AlarmKind, BEFORE_THE_FIRST, Controller, Door, DoorEvent, DoorState, NewController, NewDoor,
    Presented, Report,
};
pub use duties::DUTIES;
pub use escort::{Escort, NewEscort};
pub use findings::{Answered, Finding, FindingKind, Line};
pub use fingers::{Comparison, Finger, NewFinger};
pub use import::{ImportRow, Imported, PassageFile};
pub use keys::{Count, Key, Lend, Loan, NewKey};
pub use ledgers::{LEDGERS, PASSAGE_COLUMNS, PassageFilter};
pub use number::{MemberNo, NumberError, TagNo};
pub use outsider::{Contract, NewOutsider, Outsider};
pub use passage::{Direction, Inside, Means, Pass, Passage, Passed, Via};
pub use permit::Permit;
pub use state::Rooms;
pub use tags::TagLoan;

use crate::fact::facts;
use crate::{
    Chapter, City, ControllerId, DoorId, Duty, Entry, EscortId, FindingId, Invalid, JournalKind, KeyId,
    Occasion, PersonId, Receipt,
};

/// What people ask for. Permits and the report of 第13条 go in steps: they are cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 第10条第2項. Somebody from outside is entered in the list of those.
    EnterOutsider(NewOutsider),
    /// 第10条第2項. Somebody from outside is taken off it.
    EndOutsider {
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// 第9条第2項. A person passes the door of a room, in or out.
    Pass(Pass),
    /// 第9条第2項. Somebody who is enrolled finds it necessary that somebody else enters, and will attend.
    OpenEscort(NewEscort),
    /// The guest does not enter after all, or has left unrecorded.
    CloseEscort(EscortId),
    /// 第9条第2項. A name tag is handed out.
    IssueTag {
        /// Which.
        tag: TagNo,
        /// To whom.
        to: PersonId,
    },
    /// 第9条第2項. A name tag comes back.
    ReturnTag(TagNo),
    /// 第11条. A key of a room is entered in the ledger.
    RegisterKey(NewKey),
    /// 第11条. A key is out of use: lost, replaced.
    RetireKey {
        /// Which.
        key: KeyId,
        /// Why.
        reason: String,
    },
    /// 第11条. The key officer lends a key.
    LendKey(Lend),
    /// 第11条. A key comes back.
    ReturnKey {
        /// Which.
        key: KeyId,
        /// What is to be said about it.
        remark: String,
    },
    /// 第11条. The keys on the board are counted.
    CountKeys(Vec<KeyId>),
    /// 第11条. A finger is enrolled at a lock.
    EnrolFinger(NewFinger),
    /// 第11条. A finger is taken out of a lock.
    RemoveFinger {
        /// At which door.
        door: DoorId,
        /// Under which number.
        member: MemberNo,
        /// Why.
        reason: String,
    },
    /// 第11条. The lock's own list of members is held against the ledger.
    CompareMembers {
        /// Of which door.
        door: DoorId,
        /// The numbers in the lock.
        members: Vec<MemberNo>,
    },
    /// 第11条. A door controller is registered, with its doors.
    RegisterController(NewController),
    /// 第11条. A door controller is out of use.
    RetireController(ControllerId),
    /// What a door controller reports, in order.
    ReportDoor {
        /// Which controller.
        controller: ControllerId,
        /// Its records, without gaps.
        reports: Vec<Report>,
    },
    /// 第10条第2項. What was done about an alarm, in writing.
    CloseAlarm {
        /// Which.
        alarm: Receipt,
        /// What was done.
        remark: String,
    },
    /// 第28条. Nobody enters Level 2 any more.
    LockDown {
        /// Why.
        reason: String,
    },
    /// 第28条. The lockdown ends.
    LiftLockdown {
        /// Why.
        reason: String,
    },
    /// 第12条. Records of an existing door system.
    ImportPassages(PassageFile),
    /// 第12条. A finding is answered.
    AnswerFinding {
        /// Which.
        finding: FindingId,
        /// What had happened.
        answer: String,
    },
    /// 第12条. The answer does not do.
    SendBackAnswer {
        /// Which finding.
        finding: FindingId,
        /// What is missing.
        correction: String,
    },
    /// 第12条. The answer does.
    SettleFinding(FindingId),
    /// 第12条. The ledgers were held against each other up to a moment.
    ReconcileLedgers {
        /// Up to which.
        until: Timestamp,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Somebody from outside stands in the list.
    OutsiderEntered(NewOutsider),
    /// Somebody from outside stands there no longer.
    OutsiderEnded {
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// Somebody passed a door, or was let.
    Passed(Box<Passed>),
    /// Somebody will attend somebody else.
    EscortOpened(NewEscort),
    /// The escort is over.
    EscortClosed {
        /// Which.
        escort: EscortId,
    },
    /// A name tag was handed out.
    TagIssued {
        /// Which.
        tag: TagNo,
        /// To whom.
        to: PersonId,
    },
    /// A name tag came back.
    TagReturned {
        /// Which.
        tag: TagNo,
    },
    /// A key stands in the ledger.
    KeyRegistered(NewKey),
    /// A key is out of use.
    KeyRetired {
        /// Which.
        key: KeyId,
        /// Why.
        reason: String,
    },
    /// A key was lent.
    KeyLent(Lend),
    /// A key came back.
    KeyReturned {
        /// Which.
        key: KeyId,
        /// What was to be said about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remark: String,
    },
    /// The keys were counted.
    KeysCounted {
        /// Neither on the board nor lent.
        missing: Vec<KeyId>,
        /// On the board although lent.
        unreturned: Vec<KeyId>,
    },
    /// A finger was enrolled.
    FingerEnrolled(NewFinger),
    /// A finger was taken out.
    FingerRemoved {
        /// At which door.
        door: DoorId,
        /// Under which number.
        member: MemberNo,
        /// Why.
        reason: String,
    },
    /// A lock's list was held against the ledger.
    MembersCompared {
        /// Of which door.
        door: DoorId,
        /// In the lock, not in the ledger.
        unknown: Vec<MemberNo>,
        /// In the ledger, not in the lock.
        missing: Vec<MemberNo>,
    },
    /// A door controller was registered.
    ControllerRegistered(NewController),
    /// A door controller is out of use.
    ControllerRetired {
        /// Which.
        controller: ControllerId,
    },
    /// A door controller reported.
    DoorReported(Box<Report>),
    /// An alarm has its closing remark.
    AlarmClosed {
        /// Which.
        alarm: Receipt,
        /// What was done.
        remark: String,
    },
    /// Nobody enters Level 2.
    LockedDown {
        /// Why.
        reason: String,
    },
    /// Level 2 can be entered again.
    LockdownLifted {
        /// Why.
        reason: String,
    },
    /// Records of another system came in.
    PassagesImported(Box<Imported>),
    /// A finding was answered.
    FindingAnswered {
        /// As it was found.
        finding: Box<Finding>,
        /// What had happened.
        answer: String,
    },
    /// An answer was sent back.
    AnswerSentBack {
        /// As it was found.
        finding: Box<Finding>,
        /// What is missing.
        correction: String,
    },
    /// An answer was accepted.
    FindingSettled {
        /// As it was found.
        finding: Box<Finding>,
    },
    /// The ledgers were held against each other.
    LedgersReconciled {
        /// Up to when.
        until: Timestamp,
        /// What did not fit; as many as one entry holds.
        findings: Vec<Finding>,
    },
    /// What did not fit besides, found by the fact before.
    FindingsKept(Vec<Finding>),
}

facts!(Fact {
    OutsiderEntered => ["10-2"],
    OutsiderEnded => ["10-2"],
    Passed => ["9-2 L2", "12-1"],
    EscortOpened => ["9-2 L2"],
    EscortClosed => ["9-2 L2"],
    TagIssued => ["9-2 L2"],
    TagReturned => ["9-2 L2"],
    KeyRegistered => ["11", "12-2"],
    KeyRetired => ["11", "12-2"],
    KeyLent => ["11", "12-2"],
    KeyReturned => ["11", "12-2"],
    KeysCounted => ["11", "12-2"],
    FingerEnrolled => ["11"],
    FingerRemoved => ["11"],
    MembersCompared => ["11"],
    ControllerRegistered => ["11"],
    ControllerRetired => ["11"],
    DoorReported => ["10-2"],
    AlarmClosed => ["10-2"],
    LockedDown => ["28"],
    LockdownLifted => ["28"],
    PassagesImported => ["12-1"],
    FindingAnswered => ["12-1", "12-2"],
    AnswerSentBack => ["12-1", "12-2"],
    FindingSettled => ["12-1", "12-2"],
    LedgersReconciled => ["12-1", "12-2"],
    FindingsKept => ["12-1", "12-2"],
});

/// 第28条: nobody enters Level 2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lockdown {
    /// Since when.
    pub since: Timestamp,
    /// Who ordered it.
    pub by: PersonId,
    /// Why.
    pub reason: String,
}

impl Act {
    /// What about this act matters to whoever reads its refusal.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Pass(pass) => match &pass.door {
                Some(door) => format!("{} {} {door}", pass.direction.japanese(), pass.means.japanese()),
                None => format!("{} {}", pass.direction.japanese(), pass.means.japanese()),
            },
            Self::LendKey(lend) => lend.key.to_string(),
            _ => String::new(),
        }
    }
}

impl Fact {
    /// The journal that keeps this fact: what is to be reconciled is kept together.
    pub fn journal(&self) -> JournalKind {
        match self {
            Self::Passed(_)
            | Self::EscortOpened(_)
            | Self::EscortClosed { .. }
            | Self::TagIssued { .. }
            | Self::TagReturned { .. }
            | Self::KeyLent(_)
            | Self::KeyReturned { .. }
            | Self::KeysCounted { .. }
            | Self::DoorReported(_)
            | Self::PassagesImported(_) => JournalKind::Passages,
            _ => JournalKind::Register,
        }
    }
}

impl Chapter for Rooms {
    type Act = Act;
    type Fact = Fact;

    fn question(city: &City, act: &Act, on: &Occasion) -> Question {
        question::asked(city, act, on)
    }

    fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        decide::decide(city, act, on)
    }

    fn fold(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        self.take(fact, entry, receipt);
    }

    fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
        duties::owed(city, at)
    }
}
