//! The snapshot in force, so that a question to it takes microseconds.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Moment;
use crate::limits::MAX_SNAPSHOT_AGE;
use crate::wire::{Name, Snapshot, Why};

/// A snapshot with its index.
#[derive(Debug)]
pub(super) struct Grants {
    pub(super) serial: u64,
    pub(super) expires: Timestamp,
    pub(super) lockdown: bool,
    /// When it expires by the monotonic clock: setting the other clock back prolongs nothing.
    deadline: Duration,
    by_door: HashMap<Name, HashMap<u32, Vec<(Timestamp, Timestamp)>>>,
    members: HashSet<u32>,
}

impl Grants {
    /// It is later than `floor`: no clock that shows less is believed.
    pub(super) fn new(snapshot: Snapshot, now: Moment, floor: Timestamp) -> Self {
        let present = now.wall.max(snapshot.issued).max(floor);
        let left = snapshot.expires.duration_since(present).max(SignedDuration::ZERO);
        let left = Duration::try_from(left).unwrap_or_default().min(MAX_SNAPSHOT_AGE);
        let mut members = HashSet::new();
        let mut by_door = HashMap::new();
        for door in snapshot.doors {
            let mut grants: HashMap<u32, Vec<_>> = HashMap::with_capacity(door.grants.len());
            for grant in door.grants {
                members.insert(grant.member);
                grants.entry(grant.member).or_default().push((grant.from, grant.until));
            }
            by_door.insert(door.door, grants);
        }
        Self {
            serial: snapshot.serial,
            expires: snapshot.expires,
            lockdown: snapshot.lockdown,
            deadline: now.steady + left,
            by_door,
            members,
        }
    }

    pub(super) fn expired(&self, now: Moment) -> bool {
        now.steady >= self.deadline || now.wall >= self.expires
    }

    /// Whether any door has a grant of this member.
    pub(super) fn knows(&self, member: u32) -> bool {
        self.members.contains(&member)
    }

    /// May this member enter by this door now?
    pub(super) fn judge(&self, door: &Name, member: u32, now: Moment) -> Result<(), Why> {
        if self.lockdown {
            return Err(Why::Lockdown);
        }
        if self.expired(now) {
            return Err(Why::SnapshotExpired);
        }
        let grants = self.by_door.get(door).and_then(|door| door.get(&member)).ok_or(Why::NotPermitted)?;
        let covers = |(from, until): &(Timestamp, Timestamp)| *from <= now.wall && now.wall < *until;
        if grants.iter().any(covers) { Ok(()) } else { Err(Why::NotNow) }
    }
}
