//! The doors: their controllers, what these report, and the alarms that want a word.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::passage::{Direction, Means, Pass, Passed, Via, passing};
use super::{MemberNo, Rooms};
use crate::{City, ControllerId, DoorId, Invalid, KeyId, PersonId, Receipt, RoomId, limits};

/// What stands for the digest of the record before the first.
pub const BEFORE_THE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A door controller to be registered, with its doors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewController {
    /// Its name.
    pub id: ControllerId,
    /// Its Ed25519 public key, 32 bytes in base64: what tells its reports from anybody else's.
    pub key: String,
    /// Its doors.
    pub doors: Vec<NewDoor>,
}

/// A door, and the room that it leads into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDoor {
    /// Its name.
    pub id: DoorId,
    /// The room.
    pub room: RoomId,
}

/// A door controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// Its public key.
    pub key: String,
    /// Since when.
    pub registered: Timestamp,
    /// Until when.
    pub retired: Option<Timestamp>,
    /// The number of the record that it is to report next, from 0.
    pub next: u64,
    /// SHA-256 of the last record reported, in hex; [`BEFORE_THE_FIRST`] before the first.
    pub last: String,
    /// What the server granted and the controller has not reported yet, by the number of the question.
    pub(super) granted: BTreeSet<u64>,
    /// The last releases of a strike: the number of the record of the passage, and that of its question.
    pub(super) released: BTreeMap<u64, u64>,
    /// The last questions that the controller answered with no by itself: a late yes is none any more.
    pub(super) refused: BTreeSet<u64>,
}

/// A door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The room that it leads into.
    pub room: RoomId,
    /// Its controller.
    pub controller: ControllerId,
    /// How it stands.
    pub state: DoorState,
    /// Since when.
    pub since: Timestamp,
}

/// How a door stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoorState {
    /// Nothing has been heard of it yet.
    Unknown,
    /// 施錠.
    Locked,
    /// 開.
    Open,
    /// 開いたまま, past the limit.
    HeldOpen,
    /// こじ開け: opened without a grant.
    Forced,
    /// The lock cannot be reached, or was tampered with.
    Fault,
}

impl DoorState {
    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Unknown => "連絡なし",
            Self::Locked => "施錠",
            Self::Open => "開",
            Self::HeldOpen => "開いたまま",
            Self::Forced => "許可なく開いた",
            Self::Fault => "故障・通信断",
        }
    }
}

/// What a controller raises the alarm for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// Opened without a grant, exit request or key.
    Forced,
    /// Open for too long.
    HeldOpen,
    /// The reader or its casing was tampered with.
    Tamper,
    /// The lock lost its mains.
    PowerLost,
    /// The lock does not answer.
    ChannelLost,
    /// The lock has another key than ours, or the maker's.
    WrongKey,
    /// Something on the bus spoke without encryption.
    ClearText,
    /// The controller's clock was set.
    ClockStepped,
    /// Part of the controller's own record is missing.
    RecordCut,
    /// The lock matched a member whom the ledger does not know.
    UnknownMember,
    /// The snapshot of the permissions ran out while the server was away.
    SnapshotExpired,
    /// What the door did is not what the regulation had answered.
    Disagreed,
}

impl AlarmKind {
    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Forced => "許可なく扉が開いた",
            Self::HeldOpen => "扉が開いたまま",
            Self::Tamper => "読取機が外された・こじられた",
            Self::PowerLost => "停電",
            Self::ChannelLost => "錠との通信が切れた",
            Self::WrongKey => "錠の暗号鍵が違う",
            Self::ClearText => "暗号化されていない通信",
            Self::ClockStepped => "時計がずれた",
            Self::RecordCut => "制御器の記録が欠けた",
            Self::UnknownMember => "登録簿にない指紋の番号",
            Self::SnapshotExpired => "許可の控えの期限切れ",
            Self::Disagreed => "制御器の判断が規程の答えと違う",
        }
    }

    /// Whether it lasts until the controller says that it is over; else it is a moment.
    pub fn lasts(self) -> bool {
        !matches!(self, Self::ClockStepped | Self::RecordCut | Self::UnknownMember | Self::Disagreed)
    }

    /// How a door stands while this lasts; none where it says nothing about the door.
    fn state(self) -> Option<DoorState> {
        match self {
            Self::Forced => Some(DoorState::Forced),
            Self::HeldOpen => Some(DoorState::HeldOpen),
            Self::Tamper | Self::PowerLost | Self::ChannelLost | Self::WrongKey | Self::ClearText => {
                Some(DoorState::Fault)
            }
            _ => None,
        }
    }
}

/// What was held before a door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presented {
    /// The lock matched the finger of a member.
    Finger(MemberNo),
    /// A key turned in the cylinder.
    Key,
}

/// One record of a controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which controller.
    pub controller: ControllerId,
    /// The record's number, from 0 without gaps.
    pub seq: u64,
    /// When, by the controller's clock.
    pub at: Timestamp,
    /// SHA-256 of the record before, in hex; [`BEFORE_THE_FIRST`] where there is none.
    pub previous: String,
    /// SHA-256 of this record, in hex.
    pub digest: String,
    /// What happened.
    pub what: DoorEvent,
}

/// What happened at a door or its controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoorEvent {
    /// Somebody was let through, or not.
    Decided {
        /// Which door.
        door: DoorId,
        /// In or out.
        direction: Direction,
        /// What was presented.
        presented: Presented,
        /// The number of the question to the server.
        asked: u64,
        /// By which snapshot; none if the server answered.
        snapshot: Option<u64>,
        /// Whether the strike was to open.
        granted: bool,
    },
    /// The door opened.
    Opened(DoorId),
    /// The door closed.
    Closed(DoorId),
    /// The strike fell back and nobody had opened the door.
    NotOpened {
        /// Which door.
        door: DoorId,
        /// The number of the record of the passage for which it had been released.
        granted: u64,
    },
    /// Something that wants a word.
    Alarm {
        /// Which door; none if it concerns the controller.
        door: Option<DoorId>,
        /// What.
        kind: AlarmKind,
        /// What else there is to say, such as by how much the clock was set.
        detail: String,
    },
    /// It is over.
    Ended {
        /// Which door.
        door: Option<DoorId>,
        /// What.
        kind: AlarmKind,
    },
    /// The controller's own affairs: started, took a snapshot.
    Noted(String),
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Which controller.
    pub controller: ControllerId,
    /// Which door, if one.
    pub door: Option<DoorId>,
    /// What.
    pub kind: AlarmKind,
    /// What else there is to say.
    pub detail: String,
    /// When, by the controller's clock.
    pub at: Timestamp,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// The closing remark: when, by whom, what.
    pub closed: Option<(Timestamp, PersonId, String)>,
    /// Where it is recorded; what it is named by.
    pub receipt: Receipt,
}

impl Controller {
    /// A strike was released by the record `passage`, upon the question `asked`.
    fn release(&mut self, passage: u64, asked: u64) {
        self.released.insert(passage, asked);
        // A door says within seconds that it was not opened.
        while self.released.len() > limits::DECIDED {
            self.released.pop_first();
        }
    }

    /// The door stayed shut upon the question `asked`.
    fn refuse(&mut self, asked: u64) {
        self.refused.insert(asked);
        while self.refused.len() > limits::DECIDED {
            self.refused.pop_first();
        }
    }

    /// Whether the controller has said that the door stayed shut upon this question.
    pub(super) fn has_refused(&self, asked: u64) -> bool {
        self.refused.contains(&asked)
    }
}

impl City {
    /// The room that a door leads into, whether the door is still in use or not.
    pub fn room_of(&self, door: &DoorId) -> Option<&RoomId> {
        self.rooms.door(door).map(|door| &door.room)
    }

    /// Whose passage it would be at `at`: the member's, or the borrower's of the room's key. Nobody's if unknown.
    pub fn presenter(&self, door: &DoorId, presented: &Presented, at: Timestamp) -> (PersonId, Means) {
        match presented {
            Presented::Finger(member) => {
                let person = self.rooms.member_at(door, *member, at).map(|finger| finger.person.clone());
                (person.unwrap_or_else(PersonId::nobody), Means::Fingerprint(Some(*member)))
            }
            Presented::Key => {
                let room = self.room_of(door);
                let of_room = |key: &KeyId| self.rooms.key(key).map(|key| &key.room) == room;
                let loans = self.rooms.keys().loans().iter().rev();
                let loan = loans.filter(|loan| loan.covers(at)).find(|loan| of_room(&loan.key));
                match loan {
                    Some(loan) => (loan.to.clone(), Means::Key(Some(loan.key.clone()))),
                    None => (PersonId::nobody(), Means::Key(None)),
                }
            }
        }
    }
}

pub(super) fn check_new(city: &City, new: &NewController) -> Result<(), Invalid> {
    let exists = |what, id: &str| Err(Invalid::Exists { what, id: id.to_owned() });
    if city.rooms.controller(&new.id).is_some() {
        return exists("controller", new.id.as_str());
    }
    // A key that two controllers share proves neither.
    if city.rooms.controllers().any(|(_, controller)| controller.key == new.key) {
        return exists("controller-key", &new.key);
    }
    let key = data_encoding(&new.key);
    if !key {
        return Err(Invalid::Malformed {
            what: "controller-key", wants: "制御器の公開鍵（Base64で44字）"
        });
    }
    if new.doors.is_empty() {
        return Err(Invalid::Missing { what: "door" });
    }
    let mut named = BTreeSet::new();
    for door in &new.doors {
        if !named.insert(&door.id) || city.rooms.door_in_use(&door.id) {
            return exists("door", door.id.as_str());
        }
        if city.profile().room(door.room.as_str()).is_none() {
            return Err(Invalid::Unknown { what: "room", id: door.room.to_string() });
        }
    }
    Ok(())
}

/// 32 bytes in base64, with padding.
fn data_encoding(key: &str) -> bool {
    key.len() == 44
        && key.ends_with('=')
        && key.bytes().take(43).all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// The reports follow on what is known of the controller, one after the other.
pub(super) fn check_reports(city: &City, id: &ControllerId, reports: &[Report]) -> Result<(), Invalid> {
    let Some(controller) = city.rooms.controller(id).filter(|known| known.retired.is_none()) else {
        return Err(Invalid::Unknown { what: "controller", id: id.to_string() });
    };
    let (mut next, mut last) = (controller.next, &controller.last);
    for report in reports {
        let follows = report.seq == next && report.previous == *last;
        if report.controller != *id || !(follows || goes_on_after_a_cut(report, next)) {
            let state = "続きの合わない記録を送ってきた制御器";
            return Err(Invalid::State { what: "controller", id: id.to_string(), state });
        }
        (next, last) = (report.seq + 1, &report.digest);
    }
    Ok(())
}

/// The controller lost part of its record, says so, and goes on with a number that was never given.
fn goes_on_after_a_cut(report: &Report, next: u64) -> bool {
    let cut = matches!(report.what, DoorEvent::Alarm { kind: AlarmKind::RecordCut, .. });
    cut && report.seq >= next && report.previous == BEFORE_THE_FIRST
}

/// The passages that follow from a report: those that the door granted by its snapshot. What the server had
/// granted stands already; what it had granted and the door refused is taken back, with an alarm, by the fold.
pub(super) fn passages(city: &City, report: &Report) -> Vec<Passed> {
    let DoorEvent::Decided { door, direction, presented, asked, snapshot: Some(serial), granted: true } =
        &report.what
    else {
        return Vec::new();
    };
    let granted = city.rooms.controller(&report.controller).is_some_and(|c| c.granted.contains(asked));
    let recorded = granted || city.rooms.passages().of_question(&report.controller, *asked).is_some();
    let Some(room) = city.room_of(door).filter(|_| !recorded) else { return Vec::new() };
    let (person, means) = city.presenter(door, presented, report.at);
    let pass = Pass {
        person,
        room: room.clone(),
        direction: *direction,
        means,
        door: Some(door.clone()),
        purpose: String::new(),
        via: Via::Snapshot { controller: report.controller.clone(), seq: *asked, serial: *serial },
    };
    passing(city, &pass, report.at)
}

impl Rooms {
    pub(super) fn report(&mut self, report: &Report, receipt: &Receipt) {
        let (mut disagreed, mut unused) = (None, None);
        if let Some(controller) = self.controllers.get_mut(&report.controller) {
            controller.next = report.seq + 1;
            report.digest.clone_into(&mut controller.last);
            match &report.what {
                DoorEvent::Decided { asked, granted: true, .. } => {
                    controller.granted.remove(asked);
                    controller.release(report.seq, *asked);
                }
                DoorEvent::Decided { asked, door, .. } => {
                    controller.refuse(*asked);
                    if controller.granted.remove(asked) {
                        (disagreed, unused) = (Some(door.clone()), Some(*asked));
                    }
                }
                DoorEvent::NotOpened { granted, .. } => unused = controller.released.remove(granted),
                _ => {}
            }
        }
        if let Some(asked) = unused {
            self.unmake(&report.controller, asked);
        }
        if let Some(door) = disagreed {
            self.raise(report, Some(door), AlarmKind::Disagreed, "", receipt);
        }
        match &report.what {
            DoorEvent::Opened(door) => self.stands(door, DoorState::Open, report.at),
            DoorEvent::Closed(door) => self.stands(door, DoorState::Locked, report.at),
            DoorEvent::NotOpened { door, .. } => self.stands(door, DoorState::Locked, report.at),
            DoorEvent::Alarm { door, kind, detail } => {
                self.raise(report, door.clone(), *kind, detail, receipt);
            }
            DoorEvent::Ended { door, kind } => self.end_alarm(report, door.as_ref(), *kind),
            DoorEvent::Decided { .. } | DoorEvent::Noted(_) => {}
        }
    }

    fn stands(&mut self, door: &DoorId, state: DoorState, at: Timestamp) {
        if let Some(door) = self.doors.get_mut(door) {
            (door.state, door.since) = (state, at);
        }
    }

    fn raise(
        &mut self,
        report: &Report,
        door: Option<DoorId>,
        kind: AlarmKind,
        detail: &str,
        receipt: &Receipt,
    ) {
        if let (Some(door), Some(state)) = (&door, kind.state()) {
            self.stands(door, state, report.at);
        }
        self.alarms.push(Alarm {
            controller: report.controller.clone(),
            door,
            kind,
            detail: detail.to_owned(),
            at: report.at,
            ended: (!kind.lasts()).then_some(report.at),
            closed: None,
            receipt: receipt.clone(),
        });
    }

    fn end_alarm(&mut self, report: &Report, door: Option<&DoorId>, kind: AlarmKind) {
        let open = self.alarms.iter_mut().rev().find(|alarm| {
            alarm.controller == report.controller
                && alarm.door.as_ref() == door
                && alarm.kind == kind
                && alarm.ended.is_none()
        });
        if let Some(alarm) = open {
            alarm.ended = Some(report.at);
        }
        if let (Some(door), Some(_)) = (door, kind.state()) {
            self.stands(door, DoorState::Locked, report.at);
        }
    }
}
