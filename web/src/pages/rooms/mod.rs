//! 第3章 入退室管理: `/rooms` and everything below it.

mod board;
mod doors;
mod escorts;
mod findings;
mod fingers;
mod import;
mod keys;
mod labels;
mod lend;
mod live;
mod outsiders;
mod passages;
mod plan;
mod room;
mod tags;

use std::collections::BTreeSet;

use jiff::Timestamp;
use register::rooms::{Alarm, DoorState, Fact, NumberError};
use register::{City, Fact as AnyFact, PersonId, RoomId};
use regulation::Room;

use crate::ask::Ask;
use crate::pages::desk::{
    Reading, banner, barred_once, carry_out, choose, for_viewer, moment_cell, person_cell,
};
use crate::pages::oversees;
use crate::view::{Badge, Banner, Cell, Choice, Frame, Link, State, Tone};
use crate::words;

pub(crate) use board::{lift, lock_down, show};
pub(crate) use doors::{
    close_alarm, register as register_controller, retire as retire_controller, show as doors,
};
pub(crate) use escorts::{close as close_escort, open as open_escort, show as escorts};
pub(crate) use findings::{
    answer as answer_finding, one as finding, reconcile, sees as sees_finding, send_back, settle,
    show as findings,
};
pub(crate) use fingers::{compare, enrol, remove, show as fingers};
pub(crate) use import::{hand_in as import, show as import_form};
pub(crate) use keys::{
    count as count_keys, register as register_key, retire as retire_key, show as keys, take_back,
};
pub(crate) use labels::show as key_labels;
pub(crate) use lend::lend as lend_key;
pub(crate) use live::stream as live;
pub(crate) use outsiders::{end as end_outsider, enter as enter_outsider, show as outsiders};
pub(crate) use passages::{
    asked as passage_filter, download, record, sees as sees_passage, show as passages,
};
pub(crate) use room::show as room;
pub(crate) use tags::{issue as issue_tag, show as tags, take_back as take_tag};

/// Whose names somebody may see: everybody's, or of the people in these rooms.
pub(crate) struct Viewer {
    /// Holds a post of the regulation.
    pub(crate) all: bool,
    /// Rooms of the own section, or managed.
    rooms: BTreeSet<String>,
}

impl Viewer {
    pub(crate) fn of(city: &City, me: &PersonId, now: Timestamp) -> Self {
        let standing = city.standing(me, now);
        let own = |room: &&Room| {
            standing.section.as_ref().is_some_and(|section| section.as_str() == room.section)
                || standing.entry_manager_of.contains(&room.id)
        };
        let rooms = city.profile().rooms().iter().filter(own).map(|room| room.id.clone()).collect();
        Self { all: oversees(city, me, now), rooms }
    }

    /// May know who goes in and out there.
    pub(crate) fn knows(&self, room: &str) -> bool {
        self.all || self.rooms.contains(room)
    }
}

/// Why names are left out.
const WITHHELD: &str = "名前は、規程の職にある人と、室を受け持つ課所の職員に示します。";

/// The frame of a page of this chapter.
fn frame(ask: &Ask, title: &str, here: &str, under: &[&str]) -> Frame {
    Frame {
        trail: vec![Link::new("/rooms", "室と鍵"), Link::new("", title)],
        ..ask.frame(title, here, under)
    }
}

impl Reading<'_> {
    /// The number of a tag or of a lock's member, which has to be there.
    fn number<T: std::str::FromStr<Err = NumberError>>(&mut self, field: &str) -> Option<T> {
        self.read(field, |error: NumberError| error.japanese())
    }
}

/// The banner of what was just done. Where it brought to light that a ledger does not agree, it says so.
fn told(ask: &Ask) -> Option<Banner> {
    let banner = banner(ask)?;
    let receipt = words::read_receipt(&ask.query.some("done")?)?;
    let told = ask.app.office().told(&receipt).ok()??;
    let list = |ids: Vec<String>, says: &str| (!ids.is_empty()).then(|| format!("{}{says}", ids.join("、")));
    let lines = match &told.entry.fact {
        AnyFact::Rooms(Fact::KeysCounted { missing, unreturned }) => [
            list(missing.iter().map(ToString::to_string).collect(), "が、保管場所にも貸出しにもありません。"),
            list(
                unreturned.iter().map(ToString::to_string).collect(),
                "が、貸出中のはずなのに保管場所にあります。",
            ),
        ],
        AnyFact::Rooms(Fact::MembersCompared { unknown, missing, .. }) => [
            list(unknown.iter().map(ToString::to_string).collect(), "番が、錠にあって登録簿にありません。"),
            list(missing.iter().map(ToString::to_string).collect(), "番が、登録簿にあって錠にありません。"),
        ],
        _ => [None, None],
    };
    let mut lines = lines.into_iter().flatten().peekable();
    if lines.peek().is_none() {
        return Some(banner);
    }
    let banner = Banner { tone: Tone::Care, ..banner }.link("/rooms/findings", "照合の不一致を見る");
    Some(lines.fold(banner, Banner::line))
}

/// How an alarm stands. What happens in a moment does not go on.
fn alarm_badge(alarm: &Alarm) -> Badge {
    match (&alarm.closed, alarm.ended) {
        (Some(_), _) => Badge::new(State::Good, "処置済み"),
        (None, Some(_)) => Badge::new(State::Owed, "収まった・記録待ち"),
        (None, None) if alarm.kind.lasts() => Badge::new(State::Late, "続いている"),
        (None, None) => Badge::new(State::Late, "記録待ち"),
    }
}

/// The rooms, Level 2 first.
fn in_order(city: &City) -> Vec<&Room> {
    let mut rooms: Vec<&Room> = city.profile().rooms().iter().collect();
    rooms.sort_by_key(|room| std::cmp::Reverse(room.level));
    rooms
}

fn room_choices(city: &City) -> Vec<Choice> {
    in_order(city).into_iter().map(|room| Choice::new(&*room.id, &*room.name)).collect()
}

/// The rooms that keys and escorts are about: above Level 1, or the highest that there are.
fn guarded_choices(city: &City) -> Vec<Choice> {
    let guarded = in_order(city).into_iter().filter(|room| room.level >= 2).count();
    room_choices(city).into_iter().take(guarded.max(1)).collect()
}

/// The doors in use.
fn door_choices(city: &City) -> Vec<Choice> {
    let doors = city.rooms.doors().filter(|(id, _)| city.rooms.door_in_use(id));
    doors
        .map(|(id, door)| Choice::new(id.as_str(), format!("{}（{id}）", city.room_name(&door.room))))
        .collect()
}

/// Who comes to these desks, as far as the viewer may know: whoever has a permit in force for a room that the
/// viewer looks after, and people from outside.
fn callers(city: &City, viewer: &Viewer, now: Timestamp) -> Vec<Choice> {
    let permits = city.rooms.permits().granted().filter(|permit| viewer.knows(permit.room.as_str()));
    let permitted = permits.filter(|permit| city.in_force(permit, now)).map(|permit| &permit.person);
    let knows = viewer.all || !viewer.rooms.is_empty();
    let outside =
        city.rooms.outsiders().filter(|(_, outsider)| knows && outsider.with_us(now)).map(|(id, _)| id);
    let people: BTreeSet<&PersonId> = permitted.chain(outside).collect();
    people.into_iter().map(|person| Choice::new(person.as_str(), named(city, person, now))).collect()
}

/// Name and where from: section or company.
fn named(city: &City, person: &PersonId, now: Timestamp) -> String {
    match city.organisation_of(person, now) {
        none if none.is_empty() => city.name_of(person),
        organisation => format!("{}（{organisation}）", city.name_of(person)),
    }
}

fn room_link(city: &City, room: &RoomId) -> Cell {
    Cell::link(format!("/rooms/{room}"), city.room_name(room))
}

/// How a door stands. Red is what somebody has to look at now.
fn door_badge(state: DoorState) -> Badge {
    let kind = match state {
        DoorState::Locked => State::Good,
        DoorState::Open => State::Owed,
        DoorState::Unknown => State::Unmet,
        DoorState::HeldOpen | DoorState::Forced | DoorState::Fault => State::Late,
    };
    Badge::new(kind, state.japanese())
}
