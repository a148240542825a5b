//! The permissions that a controller keeps for the time when the server is away.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::name::Name;
use crate::limits::{MAX_DOORS, MAX_GRANTS, MAX_SNAPSHOT_AGE};

/// Who may enter where until when, as the server knew it at `issued`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// For whom it is.
    pub controller: Name,
    /// Rises with each snapshot of this controller.
    pub serial: u64,
    /// When it was made.
    pub issued: Timestamp,
    /// From when on it opens nothing: at most 24 h after `issued`.
    pub expires: Timestamp,
    /// Whether entry is closed for everybody (第28条).
    pub lockdown: bool,
    /// The controller's doors.
    pub doors: Vec<DoorGrants>,
}

/// Who may pass one door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorGrants {
    /// The door.
    pub door: Name,
    /// The room behind it.
    pub room: Name,
    /// Who may enter.
    pub grants: Vec<Grant>,
}

/// A member number of the lock and the time in which it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The number under which the lock knows the finger.
    pub member: u32,
    /// Whose it is: the server's id of the person.
    pub person: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub until: Timestamp,
}

/// Why a snapshot is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is for another controller.
    #[error("the snapshot is for `{0}`")]
    Controller(Name),
    /// It is valid for longer than a day, or ends before it begins.
    #[error("the snapshot is not valid for at most 24 hours")]
    Validity,
    /// More doors or grants than any controller has.
    #[error("the snapshot is too large")]
    TooLarge,
    /// A door stands in it twice.
    #[error("door `{0}` stands twice in the snapshot")]
    DoorTwice(Name),
}

impl Snapshot {
    /// Checks what can be checked without a clock: the controller it is for, its validity, its size.
    ///
    /// # Errors
    /// When one of them is not right: the snapshot is then not taken.
    pub fn check(&self, controller: &Name) -> Result<(), SnapshotError> {
        if &self.controller != controller {
            return Err(SnapshotError::Controller(self.controller.clone()));
        }
        let valid = self.expires.duration_since(self.issued);
        let longest = SignedDuration::try_from(MAX_SNAPSHOT_AGE).map_err(|_| SnapshotError::Validity)?;
        if valid <= SignedDuration::ZERO || valid > longest {
            return Err(SnapshotError::Validity);
        }
        let grants: usize = self.doors.iter().map(|door| door.grants.len()).sum();
        if self.doors.len() > MAX_DOORS || grants > MAX_GRANTS {
            return Err(SnapshotError::TooLarge);
        }
        for (position, door) in self.doors.iter().enumerate() {
            if self.doors[..position].iter().any(|other| other.door == door.door) {
                return Err(SnapshotError::DoorTwice(door.door.clone()));
            }
        }
        Ok(())
    }
}
