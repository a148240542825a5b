//! 立会い (第9条第2項): somebody without an enrolled finger and without a key enters Level 2 only with somebody of
//! the section who is enrolled there.

use jiff::Timestamp;
use policy::{Question, Record};
use serde::{Deserialize, Serialize};

use super::passage::room_entity;
use crate::invalid::text;
use crate::{City, EscortId, Invalid, Occasion, PersonId, RoomId, limits, question};

/// Somebody finds it necessary that somebody else enters, and will attend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEscort {
    /// 立会番号.
    pub id: EscortId,
    /// Who is to enter.
    pub guest: PersonId,
    /// Which room.
    pub room: RoomId,
    /// What for.
    pub purpose: String,
    /// Why it is necessary.
    pub necessity: String,
}

/// An escort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escort {
    /// Who attends.
    pub by: PersonId,
    /// Who enters.
    pub guest: PersonId,
    /// Which room.
    pub room: RoomId,
    /// What for.
    pub purpose: String,
    /// Why it was found necessary.
    pub necessity: String,
    /// Since when.
    pub opened: Timestamp,
    /// The guest has entered.
    pub entered: bool,
    /// When the guest had left, or it was given up.
    pub closed: Option<Timestamp>,
}

impl Escort {
    /// It is under way.
    pub fn open(&self) -> bool {
        self.closed.is_none()
    }
}

/// The schema's `Attendance`.
pub(super) fn asked(city: &City, new: &NewEscort, on: &Occasion) -> Question {
    let elsewhere = city.rooms.escorts().any(|(_, e)| e.open() && e.by == on.by && e.room != new.room);
    let demanded = city.settings(on.at).escort_needs_permission;
    let context = Record::from([
        ("enrolled", city.enrolled(&on.by, &new.room).into()),
        ("elsewhere", elsewhere.into()),
        ("necessityGiven", (!new.necessity.trim().is_empty()).into()),
        ("guestPermitDemanded", demanded.into()),
        ("guestPermitted", city.permit(&new.guest, &new.room, on.at).is_some().into()),
        ("guestTagged", city.rooms.tag_of(&new.guest).is_some().into()),
        ("lockedDown", city.rooms.locked_down(city, &new.room).into()),
    ]);
    let principal = question::person(city, &on.by, on);
    Question { context, ..Question::new("openEscort", principal, room_entity(city, &new.room)) }
}

pub(super) fn check(city: &City, new: &NewEscort, on: &Occasion) -> Result<(), Invalid> {
    if city.rooms.escort(&new.id).is_some() {
        return Err(Invalid::Exists { what: "escort", id: new.id.to_string() });
    }
    if city.profile().room(new.room.as_str()).is_none() {
        return Err(Invalid::Unknown { what: "room", id: new.room.to_string() });
    }
    if !city.knows(&new.guest) {
        return Err(Invalid::Unknown { what: "guest", id: new.guest.to_string() });
    }
    let state = |state| Err(Invalid::State { what: "guest", id: new.guest.to_string(), state });
    if new.guest == on.by {
        return state("立ち会う本人");
    }
    if city.rooms.escorts().any(|(_, escort)| escort.open() && escort.guest == new.guest) {
        return state("立会いを受けている者");
    }
    if city.enrolled(&new.guest, &new.room) {
        return state("指紋を登録している者");
    }
    text("purpose", &new.purpose, limits::TEXT)?;
    text("necessity", &new.necessity, limits::TEXT)
}
