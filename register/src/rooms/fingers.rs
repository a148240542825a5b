//! 第11条: the fingerprint locks. The lock knows fingers; the register knows whose member number it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::MemberNo;
use crate::invalid::text;
use crate::{City, DoorId, Invalid, PersonId, Receipt, limits};

/// Somebody's finger is enrolled at a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFinger {
    /// At which door.
    pub door: DoorId,
    /// The number under which the lock knows the finger.
    pub member: MemberNo,
    /// Whose.
    pub person: PersonId,
    /// On what authority, such as the number of the permit.
    pub authority: String,
}

/// An enrolment, one line of the ledger. No template ever comes here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finger {
    /// Whose.
    pub person: PersonId,
    /// On what authority.
    pub authority: String,
    /// When, and by whom.
    pub enrolled: (Timestamp, PersonId),
    /// When it was taken out of the lock, by whom, why.
    pub removed: Option<(Timestamp, PersonId, String)>,
}

impl Finger {
    /// It stood at `at`.
    pub fn stood(&self, at: Timestamp) -> bool {
        self.enrolled.0 <= at && self.removed.as_ref().is_none_or(|(end, ..)| at < *end)
    }
}

/// The lock's own list was held against the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// At which door.
    pub door: DoorId,
    /// When, and by whom.
    pub at: (Timestamp, PersonId),
    /// In the lock, not in the ledger.
    pub unknown: Vec<MemberNo>,
    /// In the ledger, not in the lock.
    pub missing: Vec<MemberNo>,
    /// Where it is recorded.
    pub receipt: Receipt,
}

pub(super) fn check(city: &City, new: &NewFinger) -> Result<(), Invalid> {
    if city.room_of(&new.door).is_none() {
        return Err(Invalid::Unknown { what: "door", id: new.door.to_string() });
    }
    if city.rooms.member(&new.door, new.member).is_some() {
        return Err(Invalid::Exists { what: "member", id: new.member.to_string() });
    }
    // A visitor is never enrolled: only who works here, or under a contract.
    let outsider = city.rooms.outsider(&new.person);
    if outsider.is_some_and(|outsider| outsider.contract.is_none()) {
        return Err(Invalid::State { what: "person", id: new.person.to_string(), state: "来訪者" });
    }
    if !city.knows(&new.person) {
        return Err(Invalid::Unknown { what: "person", id: new.person.to_string() });
    }
    text("authority", &new.authority, limits::TEXT)
}

/// What the lock has and the ledger lacks, and the other way round.
pub(super) fn compare(city: &City, door: &DoorId, list: &[MemberNo]) -> (Vec<MemberNo>, Vec<MemberNo>) {
    let ours: Vec<MemberNo> = city.rooms.members(door).map(|(member, _)| member).collect();
    let unknown = list.iter().copied().filter(|member| !ours.contains(member)).collect();
    let missing = ours.iter().copied().filter(|member| !list.contains(member)).collect();
    (unknown, missing)
}
