//! 第9条第2項: a person passes a door, in or out. What must be so for it, and what is kept of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{Entity, Question, Record};
use regulation::{Room, RoomLevel};
use serde::{Deserialize, Serialize};

use super::{Key, MemberNo, TagNo};
use crate::invalid::text;
use crate::{
    CaseId, City, ControllerId, DoorId, EscortId, Invalid, KeyId, Occasion, PersonId, Place, Receipt, RoomId,
    limits, question,
};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// 入室.
    In,
    /// 退室.
    Out,
}

impl Direction {
    /// 入室 or 退室.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::In => "入室",
            Self::Out => "退室",
        }
    }
}

/// By which means the door was passed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The fingerprint lock matched this member; none where another system's record does not say which. The
    /// fingerprint itself stays in the lock.
    Fingerprint(Option<MemberNo>),
    /// With this key; none where the record does not say with which.
    Key(Option<KeyId>),
    /// Attended by somebody who is enrolled (立会い).
    Escorted {
        /// By whom.
        by: PersonId,
        /// Under which escort; none where another system's record does not say.
        escort: Option<EscortId>,
    },
    /// Somebody of the section saw to it: rooms without an electric lock.
    Attended,
    /// Not said: in records of another system.
    Unstated,
}

impl Means {
    /// 指紋, 鍵, 立会い.
    pub fn japanese(&self) -> &'static str {
        match self {
            Self::Fingerprint(_) => "指紋",
            Self::Key(_) => "鍵",
            Self::Escorted { .. } => "立会い",
            Self::Attended => "受付",
            Self::Unstated => "（記載なし）",
        }
    }

    /// As the policies name it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fingerprint(_) => "fingerprint",
            Self::Key(_) => "key",
            Self::Escorted { .. } => "escort",
            Self::Attended => "attended",
            Self::Unstated => "none",
        }
    }

    /// The other person's number, where there is one: who attended.
    pub fn escort(&self) -> Option<&PersonId> {
        match self {
            Self::Escorted { by, .. } => Some(by),
            _ => None,
        }
    }
}

/// How a passage came to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A door controller asked, and the regulation answered.
    Door {
        /// Which.
        controller: ControllerId,
        /// Its number of the question.
        seq: u64,
    },
    /// A door controller decided by a signed snapshot of the permissions, while the server was away.
    Snapshot {
        /// Which.
        controller: ControllerId,
        /// Its number of the question.
        seq: u64,
        /// The snapshot's number.
        serial: u64,
    },
    /// Somebody wrote it down.
    Hand,
    /// From another system's records.
    Import {
        /// SHA-256 of the file, in hex.
        file: String,
        /// The line, from 1.
        line: usize,
    },
}

/// Somebody wants to pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Who passes, which is not always who writes it down.
    pub person: PersonId,
    /// Which room.
    pub room: RoomId,
    /// In or out.
    pub direction: Direction,
    /// By which means.
    pub means: Means,
    /// Through which door, where there are registered ones.
    pub door: Option<DoorId>,
    /// What for; empty at a door, where the permit says it.
    pub purpose: String,
    /// Who says so.
    pub via: Via,
}

/// A passage as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Who passed; [`PersonId::nobody`] where the record knows no number.
    pub person: PersonId,
    /// The name where there is no number; the number's holder otherwise has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Which room.
    pub room: RoomId,
    /// In or out.
    pub direction: Direction,
    /// When the door was passed, which may be before it was recorded.
    pub at: Timestamp,
    /// By which means.
    pub means: Means,
    /// 名札番号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagNo>,
    /// The permit in force at that moment (許可番号).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permit: Option<CaseId>,
    /// Through which door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<DoorId>,
    /// What for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// How it came to be recorded.
    pub via: Via,
}

/// A recorded passage, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// What was recorded.
    #[serde(flatten)]
    pub passed: Passed,
    /// Where it is recorded.
    pub receipt: Receipt,
    /// Who recorded it.
    pub by: PersonId,
    /// The door was not opened after all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmade: bool,
}

/// Somebody is in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inside {
    /// Since when.
    pub since: Timestamp,
    /// The passage that led in.
    pub receipt: Receipt,
    /// 名札番号.
    pub tag: Option<TagNo>,
    /// Who attends.
    pub escort: Option<PersonId>,
}

impl Passage {
    /// Whether it came of this question of a controller.
    fn of(&self, controller: &ControllerId, number: u64) -> bool {
        matches!(&self.passed.via,
            Via::Door { controller: c, seq } | Via::Snapshot { controller: c, seq, .. }
                if c == controller && *seq == number)
    }

    /// Whether it says where `person` is now. Another system's old records do not.
    fn tells_of(&self, room: &RoomId, person: &PersonId) -> bool {
        let same = self.passed.person == *person && self.passed.room == *room;
        let live = !self.unmade && !matches!(self.passed.via, Via::Import { .. });
        same && live && *person != PersonId::nobody()
    }
}

impl Inside {
    fn by(passage: &Passage) -> Self {
        Self {
            since: passage.passed.at,
            receipt: passage.receipt.clone(),
            tag: passage.passed.tag,
            escort: passage.passed.means.escort().cloned(),
        }
    }
}

/// The passages, and who is inside by them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passages {
    /// In the order in which they were recorded.
    all: Vec<Passage>,
    inside: BTreeMap<RoomId, BTreeMap<PersonId, Inside>>,
}

impl Passages {
    /// Every passage, in the order in which they were recorded.
    pub fn all(&self) -> &[Passage] {
        &self.all
    }

    /// Who is in a room, by the records.
    pub fn inside(&self, room: &RoomId) -> impl ExactSizeIterator<Item = (&PersonId, &Inside)> + use<'_> {
        static EMPTY: BTreeMap<PersonId, Inside> = BTreeMap::new();
        self.inside.get(room).unwrap_or(&EMPTY).iter()
    }

    /// Whether somebody is in a room, by the records.
    pub fn is_inside(&self, room: &RoomId, person: &PersonId) -> bool {
        self.inside.get(room).is_some_and(|people| people.contains_key(person))
    }

    /// What is recorded of a controller's question, if it is among the last; the person's own passage.
    pub fn of_question(&self, controller: &ControllerId, number: u64) -> Option<&Passage> {
        let mut last = self.all.iter().skip(self.all.len().saturating_sub(limits::UNMADE_WITHIN));
        last.find(|passage| passage.of(controller, number))
    }

    pub(super) fn take(&mut self, passed: &Passed, by: &PersonId, receipt: &Receipt) {
        let passage =
            Passage { passed: passed.clone(), receipt: receipt.clone(), by: by.clone(), unmade: false };
        if passage.tells_of(&passed.room, &passed.person) && !self.is_late(passed) {
            let people = self.inside.entry(passed.room.clone()).or_default();
            match passed.direction {
                Direction::In => drop(people.insert(passed.person.clone(), Inside::by(&passage))),
                Direction::Out => drop(people.remove(&passed.person)),
            }
        }
        self.all.push(passage);
    }

    /// The door was not opened: what the controller was granted under this number did not come to pass.
    pub(super) fn unmake(&mut self, controller: &ControllerId, number: u64) -> Vec<Passed> {
        let mut unmade = Vec::new();
        // A door says so within seconds: what is looked for is among the last.
        for passage in self.all.iter_mut().rev().take(limits::UNMADE_WITHIN) {
            if !passage.of(controller, number) || passage.unmade {
                continue;
            }
            passage.unmade = true;
            unmade.push(passage.passed.clone());
        }
        for passed in &unmade {
            self.stand_by_the_rest(&passed.room, &passed.person);
        }
        unmade
    }

    /// Somebody is where the last passage that counts led.
    fn stand_by_the_rest(&mut self, room: &RoomId, person: &PersonId) {
        let of = self.all.iter().filter(|passage| passage.tells_of(room, person));
        let last = of.max_by_key(|passage| passage.passed.at);
        let inside = last.filter(|passage| passage.passed.direction == Direction::In).map(Inside::by);
        let people = self.inside.entry(room.clone()).or_default();
        match inside {
            Some(inside) => drop(people.insert(person.clone(), inside)),
            None => drop(people.remove(person)),
        }
    }

    /// A door that had been alone tells only now of what was before something that is known already.
    fn is_late(&self, passed: &Passed) -> bool {
        let mut last = self.all.iter().rev().take(limits::UNMADE_WITHIN);
        matches!(passed.via, Via::Snapshot { .. })
            && last.any(|p| p.tells_of(&passed.room, &passed.person) && p.passed.at > passed.at)
    }
}

impl City {
    /// The room of that code, and what its level wants; none of a room that the profile does not know.
    pub fn room(&self, room: &RoomId) -> Option<(&Room, &RoomLevel)> {
        let room = self.profile().room(room.as_str())?;
        let level = self.profile().room_levels().iter().find(|level| level.level == room.level)?;
        Some((room, level))
    }

    /// Whom `person` attends on the way in or out of a room: the guests of the open escorts there.
    pub(super) fn guests<'a>(
        &'a self,
        person: &'a PersonId,
        room: &'a RoomId,
        direction: Direction,
    ) -> impl Iterator<Item = (&'a EscortId, &'a super::Escort)> {
        let of = self.rooms.escorts().filter(move |(_, e)| e.by == *person && e.room == *room && e.open());
        of.filter(move |(_, escort)| {
            let inside = self.rooms.passages().is_inside(room, &escort.guest);
            inside == (direction == Direction::Out)
        })
    }

    /// Whether the finger of `person` is enrolled at some lock of the room.
    pub fn enrolled(&self, person: &PersonId, room: &RoomId) -> bool {
        self.rooms.fingers().any(|(door, _, finger)| {
            finger.person == *person && finger.removed.is_none() && self.room_of(door) == Some(room)
        })
    }

    /// Whether `person` has a key of the room in hand, one that is in use.
    pub(super) fn holds_key(&self, person: &PersonId, room: &RoomId) -> bool {
        let opens = |key: &Key| key.room == *room && key.retired.is_none();
        self.rooms.loans_out().any(|loan| loan.to == *person && self.rooms.key(&loan.key).is_some_and(opens))
    }
}

/// The room as the policies see it.
pub(super) fn room_entity(city: &City, id: &RoomId) -> Entity {
    let room = city.profile().room(id.as_str());
    Entity::new("Room", id.as_str())
        .with("code", id.as_str())
        .with("level", room.map_or(0, |room| i64::from(room.level)))
        .with("section", room.map_or("", |room| room.section.as_str()))
}

/// The schema's `Passage`: what must be so for passing a door.
pub(super) fn asked(city: &City, pass: &Pass, on: &Occasion) -> Question {
    let entering = pass.direction == Direction::In;
    let level = city.room(&pass.room).map(|(_, level)| level);
    let guests: Vec<_> = city.guests(&pass.person, &pass.room, pass.direction).map(|(_, e)| e).collect();
    let demands_permit = level.is_none_or(|level| level.prior_permission);
    let permitted = |person: &PersonId| city.permit(person, &pass.room, on.at).is_some();
    let guests_permitted =
        !city.settings(on.at).escort_needs_permission || guests.iter().all(|escort| permitted(&escort.guest));
    let tagged = |person: &PersonId| city.rooms.tag_of(person).is_some();
    let capacity = city.room(&pass.room).and_then(|(room, _)| room.capacity);
    let there = city.rooms.passages().inside(&pass.room).len() + 1 + guests.len();
    let recorder = match &pass.via {
        Via::Hand => on.by == pass.person || may_record(city, &on.by, &pass.room, on.at),
        // What a door saw, only a door says.
        Via::Door { controller, .. } | Via::Snapshot { controller, .. } => {
            on.place == Place::Door(controller.clone())
        }
        Via::Import { .. } => false,
    };
    let context = Record::from([
        ("entering", entering.into()),
        ("permitDemanded", demands_permit.into()),
        ("permitted", permitted(&pass.person).into()),
        ("guestsPermitted", guests_permitted.into()),
        ("attending", (!guests.is_empty()).into()),
        ("means", pass.means.code().into()),
        ("meansDemanded", level.map_or_else(Vec::new, |level| level.means.clone()).into_iter().collect()),
        ("enrolled", city.enrolled(&pass.person, &pass.room).into()),
        ("keyLent", city.holds_key(&pass.person, &pass.room).into()),
        ("tagDemanded", level.is_none_or(|level| level.tag).into()),
        ("tagged", (tagged(&pass.person) && guests.iter().all(|e| tagged(&e.guest))).into()),
        ("full", capacity.is_some_and(|most| there > usize::from(most)).into()),
        ("lockedDown", city.rooms.locked_down(city, &pass.room).into()),
        ("recorder", recorder.into()),
    ]);
    let principal = question::person(city, &pass.person, on);
    Question { context, ..Question::new("pass", principal, room_entity(city, &pass.room)) }
}

/// Who may write a passage of somebody else down: the room's section, and the section that runs Level 2.
fn may_record(city: &City, person: &PersonId, room: &RoomId, at: Timestamp) -> bool {
    let own = city.section_of(person, at);
    let of_room = city.profile().room(room.as_str()).map(|room| room.section.as_str());
    own.is_some_and(|own| Some(own.as_str()) == of_room)
        || city.standing(person, at).entry_manager_of.contains(room.as_str())
}

/// The passage of whoever passes, and of the guests who pass along.
pub(super) fn decide(city: &City, pass: Pass, on: &Occasion) -> Result<Vec<Passed>, Invalid> {
    if city.room(&pass.room).is_none() {
        return Err(Invalid::Unknown { what: "room", id: pass.room.to_string() });
    }
    if !pass.purpose.is_empty() {
        text("purpose", &pass.purpose, limits::TEXT)?;
    }
    match &pass.via {
        Via::Hand => by_hand(city, &pass)?,
        Via::Door { controller, seq } => asked_in_time(city, controller, *seq)?,
        _ => {}
    }
    Ok(passing(city, &pass, on.at))
}

/// A controller that heard nothing in time has decided alone, and may report before its question is judged.
fn asked_in_time(city: &City, controller: &ControllerId, seq: u64) -> Result<(), Invalid> {
    let id = || format!("{controller}/{seq}");
    if city.rooms.passages().of_question(controller, seq).is_some() {
        return Err(Invalid::Exists { what: "passage", id: id() });
    }
    if city.rooms.controller(controller).is_some_and(|known| known.has_refused(seq)) {
        let state = "扉の制御器がもう断った通行";
        return Err(Invalid::State { what: "passage", id: id(), state });
    }
    Ok(())
}

/// What is written down by hand must fit what is known; a door's word is taken as it comes.
fn by_hand(city: &City, pass: &Pass) -> Result<(), Invalid> {
    if !city.knows(&pass.person) {
        return Err(Invalid::Unknown { what: "person", id: pass.person.to_string() });
    }
    if matches!(pass.means, Means::Fingerprint(_) | Means::Escorted { .. }) {
        let why = "うち、指紋と立会いは、扉の制御器の記録だけから付きます".to_owned();
        return Err(Invalid::Unsound { what: "means", why });
    }
    let inside = city.rooms.passages().is_inside(&pass.room, &pass.person);
    let state = match pass.direction {
        Direction::In if inside => "入室中",
        Direction::Out if !inside => "室の中にいない者",
        _ => return Ok(()),
    };
    Err(Invalid::State { what: "person", id: pass.person.to_string(), state })
}

/// The passages that `pass` comes to at `at`: the person's own, and those of the guests.
pub(super) fn passing(city: &City, pass: &Pass, at: Timestamp) -> Vec<Passed> {
    let own = Passed {
        person: pass.person.clone(),
        name: String::new(),
        room: pass.room.clone(),
        direction: pass.direction,
        at,
        means: pass.means.clone(),
        tag: city.rooms.tag_of(&pass.person),
        permit: city.permit(&pass.person, &pass.room, at).map(|permit| permit.case.clone()),
        door: pass.door.clone(),
        purpose: pass.purpose.clone(),
        via: pass.via.clone(),
    };
    let guests = city.guests(&pass.person, &pass.room, pass.direction).map(|(id, escort)| Passed {
        person: escort.guest.clone(),
        means: Means::Escorted { by: pass.person.clone(), escort: Some(id.clone()) },
        tag: city.rooms.tag_of(&escort.guest),
        permit: city.permit(&escort.guest, &pass.room, at).map(|permit| permit.case.clone()),
        purpose: escort.purpose.clone(),
        ..own.clone()
    });
    let guests: Vec<_> = guests.collect();
    std::iter::once(own).chain(guests).collect()
}
