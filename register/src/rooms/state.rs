//! What is so in 第3章.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::fingers::{Comparison, Finger};
use super::keys::{Key, Keys, Loan};
use super::passage::{Direction, Means, Passages, Passed, Via};
use super::permit::Permits;
use super::tags::Tags;
use super::{
    Alarm, Controller, Door, DoorState, Escort, Fact, Lockdown, MemberNo, NewController, Outsider, TagNo,
};
use crate::{City, ControllerId, DoorId, Entry, EscortId, KeyId, PersonId, Receipt, RoomId, case};

/// The state of 第3章.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rooms {
    permits: Permits,
    passages: Passages,
    outsiders: BTreeMap<PersonId, Outsider>,
    escorts: BTreeMap<EscortId, Escort>,
    /// At each door the enrolments under each member number; the last is the one that may stand.
    fingers: BTreeMap<DoorId, BTreeMap<MemberNo, Vec<Finger>>>,
    comparisons: Vec<Comparison>,
    keys: Keys,
    tags: Tags,
    pub(super) controllers: BTreeMap<ControllerId, Controller>,
    pub(super) doors: BTreeMap<DoorId, Door>,
    pub(super) alarms: Vec<Alarm>,
    findings: Findings,
    lockdown: Option<Lockdown>,
}

impl Rooms {
    /// The permits that were granted.
    pub fn permits(&self) -> &Permits {
        &self.permits
    }

    /// Who passed, and who is inside.
    pub fn passages(&self) -> &Passages {
        &self.passages
    }

    /// Somebody from outside.
    pub fn outsider(&self, person: &PersonId) -> Option<&Outsider> {
        self.outsiders.get(person)
    }

    /// Everybody from outside who was ever in the list.
    pub fn outsiders(&self) -> impl Iterator<Item = (&PersonId, &Outsider)> {
        self.outsiders.iter()
    }

    /// An escort.
    pub fn escort(&self, id: &EscortId) -> Option<&Escort> {
        self.escorts.get(id)
    }

    /// Every escort, closed ones included.
    pub fn escorts(&self) -> impl Iterator<Item = (&EscortId, &Escort)> {
        self.escorts.iter()
    }

    /// The enrolment that stands under a number at a door.
    pub fn member(&self, door: &DoorId, member: MemberNo) -> Option<&Finger> {
        self.fingers.get(door)?.get(&member)?.last().filter(|finger| finger.removed.is_none())
    }

    /// The enrolment that stood under a number at a door at `at`.
    pub fn member_at(&self, door: &DoorId, member: MemberNo, at: Timestamp) -> Option<&Finger> {
        let fingers = self.fingers.get(door)?.get(&member)?;
        fingers.iter().rev().find(|finger| finger.stood(at))
    }

    /// The enrolments that stand at a door.
    pub fn members(&self, door: &DoorId) -> impl Iterator<Item = (MemberNo, &Finger)> + use<'_> {
        let of_door = self.fingers.get(door).into_iter().flatten();
        of_door
            .filter_map(|(member, fingers)| Some((*member, fingers.last()?)))
            .filter(|(_, finger)| finger.removed.is_none())
    }

    /// Every enrolment, removed ones included.
    pub fn fingers(&self) -> impl Iterator<Item = (&DoorId, MemberNo, &Finger)> {
        let each = |(door, members)| (door, members);
        self.fingers.iter().map(each).flat_map(
            |(door, members): (&DoorId, &BTreeMap<MemberNo, Vec<Finger>>)| {
                members
                    .iter()
                    .flat_map(move |(member, fingers)| fingers.iter().map(move |f| (door, *member, f)))
            },
        )
    }

    /// The locks' lists that were held against the ledger, oldest first.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// 鍵の管理簿.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// A key, in use or not.
    pub fn key(&self, key: &KeyId) -> Option<&Key> {
        self.keys.keys.get(key)
    }

    /// The keys that are out, in the order in which they were lent.
    pub fn loans_out(&self) -> impl Iterator<Item = &Loan> {
        self.keys.loans().iter().filter(|loan| loan.returned.is_none())
    }

    /// 名札管理簿.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// The tag that somebody wears.
    pub fn tag_of(&self, person: &PersonId) -> Option<TagNo> {
        self.tags.of(person)
    }

    /// A controller, in use or not.
    pub fn controller(&self, id: &ControllerId) -> Option<&Controller> {
        self.controllers.get(id)
    }

    /// Every controller.
    pub fn controllers(&self) -> impl Iterator<Item = (&ControllerId, &Controller)> {
        self.controllers.iter()
    }

    /// A door, in use or not.
    pub fn door(&self, id: &DoorId) -> Option<&Door> {
        self.doors.get(id)
    }

    /// Every door.
    pub fn doors(&self) -> impl Iterator<Item = (&DoorId, &Door)> {
        self.doors.iter()
    }

    /// A door of a controller that is in use.
    pub fn door_in_use(&self, id: &DoorId) -> bool {
        let controller = self.doors.get(id).and_then(|door| self.controllers.get(&door.controller));
        controller.is_some_and(|controller| controller.retired.is_none())
    }

    /// Every alarm, oldest first.
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// The findings that are kept.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// 第28条: Level 2 is locked down, since when and why.
    pub fn lockdown(&self) -> Option<&Lockdown> {
        self.lockdown.as_ref()
    }

    /// Nobody may enter the room.
    pub fn locked_down(&self, city: &City, room: &RoomId) -> bool {
        self.lockdown.is_some() && city.profile().room(room.as_str()).is_some_and(|room| room.level >= 2)
    }

    /// A step of a permit.
    pub(crate) fn fold_case(&mut self, fact: &case::Fact, entry: &Entry) {
        if fact.kind == "permit" {
            self.permits.take(fact, entry);
        }
    }

    pub(super) fn take(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        let stamp = || (entry.at, entry.by.clone());
        match fact {
            Fact::OutsiderEntered(new) => {
                let outsider = Outsider {
                    name: new.name.clone(),
                    organisation: new.organisation.clone(),
                    contract: new.contract.clone(),
                    entered: stamp(),
                    ended: None,
                };
                self.outsiders.insert(new.id.clone(), outsider);
            }
            Fact::OutsiderEnded { person, reason } => {
                if let Some(outsider) = self.outsiders.get_mut(person) {
                    outsider.ended = Some((entry.at, reason.clone()));
                }
            }
            Fact::EscortOpened(new) => {
                let escort = Escort {
                    by: entry.by.clone(),
                    guest: new.guest.clone(),
                    room: new.room.clone(),
                    purpose: new.purpose.clone(),
                    necessity: new.necessity.clone(),
                    opened: entry.at,
                    entered: false,
                    closed: None,
                };
                self.escorts.insert(new.id.clone(), escort);
            }
            Fact::EscortClosed { escort } => self.close_escort(escort, entry.at),
            Fact::Passed(passed) => self.pass(passed, entry, receipt),
            Fact::PassagesImported(imported) => {
                for finding in &imported.findings {
                    self.findings.keep(finding);
                }
            }
            _ => self.take_desk(fact, entry, receipt),
        }
    }

    /// What is done at the desks: keys, tags, locks, findings.
    fn take_desk(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        let stamp = || (entry.at, entry.by.clone());
        match fact {
            Fact::TagIssued { tag, to } => self.tags.issue(*tag, to, stamp(), receipt),
            Fact::TagReturned { tag } => self.tags.give_back(*tag, stamp()),
            Fact::KeyRegistered(new) => {
                let key = Key {
                    room: new.room.clone(),
                    name: new.name.clone(),
                    registered: entry.at,
                    retired: None,
                };
                self.keys.keys.insert(new.id.clone(), key);
            }
            Fact::KeyRetired { key, reason } => {
                if let Some(key) = self.keys.keys.get_mut(key) {
                    key.retired = Some((entry.at, reason.clone()));
                }
            }
            Fact::KeyLent(lend) => self.keys.loans.push(Loan {
                key: lend.key.clone(),
                to: lend.to.clone(),
                purpose: lend.purpose.clone(),
                due: lend.due,
                card: lend.card.clone(),
                lent: stamp(),
                returned: None,
                remark: String::new(),
                receipt: receipt.clone(),
            }),
            Fact::KeyReturned { key, remark } => self.keys.give_back(key, remark, stamp()),
            Fact::KeysCounted { missing, unreturned } => self.keys.counts.push(super::keys::Count {
                at: stamp(),
                missing: missing.clone(),
                unreturned: unreturned.clone(),
                receipt: receipt.clone(),
            }),
            _ => self.take_lock(fact, entry, receipt),
        }
    }

    /// What is done about locks and doors.
    fn take_lock(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        let stamp = || (entry.at, entry.by.clone());
        match fact {
            Fact::FingerEnrolled(new) => {
                let finger = Finger {
                    person: new.person.clone(),
                    authority: new.authority.clone(),
                    enrolled: stamp(),
                    removed: None,
                };
                let members = self.fingers.entry(new.door.clone()).or_default();
                members.entry(new.member).or_default().push(finger);
            }
            Fact::FingerRemoved { door, member, reason } => {
                let fingers = self.fingers.get_mut(door).and_then(|members| members.get_mut(member));
                if let Some(finger) = fingers.and_then(|fingers| fingers.last_mut()) {
                    finger.removed = Some((entry.at, entry.by.clone(), reason.clone()));
                }
            }
            Fact::MembersCompared { door, unknown, missing } => self.comparisons.push(Comparison {
                door: door.clone(),
                at: stamp(),
                unknown: unknown.clone(),
                missing: missing.clone(),
                receipt: receipt.clone(),
            }),
            Fact::ControllerRegistered(new) => self.register(new, entry.at),
            Fact::ControllerRetired { controller } => {
                if let Some(controller) = self.controllers.get_mut(controller) {
                    controller.retired = Some(entry.at);
                }
            }
            Fact::DoorReported(report) => self.report(report, receipt),
            Fact::AlarmClosed { alarm, remark } => {
                if let Some(alarm) = self.alarms.iter_mut().find(|known| known.receipt == *alarm) {
                    alarm.closed = Some((entry.at, entry.by.clone(), remark.clone()));
                }
            }
            Fact::LockedDown { reason } => {
                self.lockdown =
                    Some(Lockdown { since: entry.at, by: entry.by.clone(), reason: reason.clone() });
            }
            Fact::LockdownLifted { .. } => self.lockdown = None,
            _ => self.take_finding(fact, entry),
        }
    }

    fn take_finding(&mut self, fact: &Fact, entry: &Entry) {
        let by = || (entry.at, entry.by.clone());
        match fact {
            Fact::FindingAnswered { finding, answer } => {
                let kept = self.findings.keep(finding);
                kept.answer = Some((entry.at, entry.by.clone(), answer.clone()));
            }
            Fact::AnswerSentBack { finding, correction } => {
                let kept = self.findings.keep(finding);
                kept.answer = None;
                kept.returned = Some((entry.at, entry.by.clone(), correction.clone()));
            }
            Fact::FindingSettled { finding } => self.findings.keep(finding).accepted = Some(by()),
            Fact::FindingsKept(findings) => {
                for finding in findings {
                    self.findings.keep(finding);
                }
            }
            Fact::LedgersReconciled { until, findings } => {
                for finding in findings {
                    self.findings.keep(finding);
                }
                self.findings.until = Some(*until);
                self.findings.noted = Some(by());
            }
            _ => {}
        }
    }

    fn register(&mut self, new: &NewController, at: Timestamp) {
        let controller = Controller {
            key: new.key.clone(),
            registered: at,
            retired: None,
            next: 0,
            last: super::doors::BEFORE_THE_FIRST.to_owned(),
            granted: BTreeSet::new(),
            released: BTreeMap::new(),
            refused: BTreeSet::new(),
        };
        self.controllers.insert(new.id.clone(), controller);
        for door in &new.doors {
            let (room, controller) = (door.room.clone(), new.id.clone());
            self.doors
                .insert(door.id.clone(), Door { room, controller, state: DoorState::Unknown, since: at });
        }
    }

    fn pass(&mut self, passed: &Passed, entry: &Entry, receipt: &Receipt) {
        self.passages.take(passed, &entry.by, receipt);
        if passed.direction == Direction::In
            && let Some(permit) = &passed.permit
        {
            self.permits.use_up(permit, Some(passed.at));
        }
        if let Via::Door { controller, seq } = &passed.via
            && let Some(controller) = self.controllers.get_mut(controller)
        {
            controller.granted.insert(*seq);
        }
        if let Means::Escorted { escort: Some(id), .. } = &passed.means {
            match passed.direction {
                Direction::Out => self.close_escort(&id.clone(), passed.at),
                Direction::In => {
                    if let Some(escort) = self.escorts.get_mut(id) {
                        escort.entered = true;
                    }
                }
            }
        }
    }

    fn close_escort(&mut self, id: &EscortId, at: Timestamp) {
        if let Some(escort) = self.escorts.get_mut(id) {
            escort.closed.get_or_insert(at);
        }
    }

    /// What the controller was granted under this number did not come to pass.
    pub(super) fn unmake(&mut self, controller: &ControllerId, number: u64) {
        for passed in self.passages.unmake(controller, number) {
            if passed.direction == Direction::In
                && let Some(permit) = &passed.permit
            {
                self.permits.use_up(permit, None);
            }
            if let Means::Escorted { escort: Some(id), .. } = &passed.means
                && let Some(escort) = self.escorts.get_mut(id)
            {
                match passed.direction {
                    Direction::In => escort.entered = false,
                    // Unless somebody ended it besides.
                    Direction::Out => escort.closed = escort.closed.filter(|closed| *closed != passed.at),
                }
            }
        }
    }
}
