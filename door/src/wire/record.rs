//! What a controller writes down, each record chained to the one before.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::message::{Direction, Presented};
use super::name::Name;

/// A SHA-256, in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// A text that is no [`Digest`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: 64 hexadecimal digits are wanted")]
pub struct DigestError;

impl Digest {
    /// What stands in the first record, and in one that begins after a cut that left nothing to go on from.
    pub const NONE: Self = Self([0; 32]);

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        let mut bytes = [0; 32];
        // One spelling only: a record has one text.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(DigestError);
        }
        hex::decode_to_slice(text, &mut bytes).map_err(|_| DigestError)?;
        Ok(Self(bytes))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// One record of a controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its number: the first is 0, each following one higher.
    pub seq: u64,
    /// When it happened, by the controller's clock.
    pub at: Timestamp,
    /// The digest of the record before. Only a record of [`AlarmKind::RecordCut`] may stand without its
    /// predecessor: with [`Digest::NONE`], and with a higher number than the next.
    pub previous: Digest,
    /// What happened.
    pub what: Happened,
}

impl Record {
    /// The record's text: JSON in one line, without spaces, fields in the order of their declaration.
    ///
    /// # Errors
    /// Never for a record that was read from such a text; else when a value has no JSON.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The SHA-256 of [`Record::line`], without an end of line.
    ///
    /// # Errors
    /// As [`Record::line`].
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        Ok(Digest::of(self.line()?.as_bytes()))
    }
}

/// What happened at a controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Happened {
    /// The controller began to work.
    Started {
        /// The version of the program.
        version: String,
    },
    /// A snapshot is in force.
    SnapshotTaken {
        /// Its serial.
        serial: u64,
        /// Until when it opens doors.
        expires: Timestamp,
    },
    /// Somebody is at the door. Written before the server is asked: the `seq` of this record is the question's.
    Asked {
        /// The door.
        door: Name,
        /// In or out.
        direction: Direction,
        /// What was presented.
        presented: Presented,
    },
    /// A passage was decided. Written before the strike is released.
    Passage {
        /// The door.
        door: Name,
        /// In or out.
        direction: Direction,
        /// What was presented.
        presented: Presented,
        /// Who decided.
        by: Decider,
        /// The `seq` of the [`Happened::Asked`] before it.
        asked: Option<u64>,
        /// What was decided.
        outcome: Outcome,
    },
    /// The door opened.
    Opened {
        /// The door.
        door: Name,
        /// The `seq` of the passage for which it did; none when a key, the exit button or force opened it.
        granted: Option<u64>,
    },
    /// The door closed.
    Closed {
        /// The door.
        door: Name,
    },
    /// The strike fell back and nobody had opened.
    NotOpened {
        /// The door.
        door: Name,
        /// The `seq` of the passage.
        granted: u64,
    },
    /// Something is not as it has to be.
    Alarm {
        /// Where; none for the controller itself.
        door: Option<Name>,
        /// What.
        alarm: AlarmKind,
    },
    /// An alarm is over: power back, tampering over, channel up, closed after it was held or forced.
    Ended {
        /// Where; none for the controller itself.
        door: Option<Name>,
        /// What.
        alarm: AlarmKind,
    },
}

/// Who decided on a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decider {
    /// The server, in time.
    Server {
        /// Where in its journal the passage stands.
        receipt: Option<String>,
    },
    /// The controller by its snapshot, because the server did not answer.
    Snapshot {
        /// The snapshot's serial; 0 when it had none.
        serial: u64,
    },
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// The strike is released (for a key: the server knows of its loan).
    Granted,
    /// The door stays shut (for a key: an alarm).
    Refused {
        /// Why.
        why: Why,
    },
    /// A key was turned while the server was away: the cylinder opened, and nobody could compare it with a loan.
    Unjudged,
}

/// Why a door stayed shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The server refused; its journal says why.
    Server,
    /// The snapshot has no grant of this member at this door.
    NotPermitted,
    /// It has one, but not for this moment.
    NotNow,
    /// Entry is closed for everybody.
    Lockdown,
    /// The snapshot has expired.
    SnapshotExpired,
    /// There is no snapshot.
    NoSnapshot,
    /// There is no secure channel to the lock.
    ChannelLost,
    /// Too many questions about this door are open.
    Busy,
}

/// What is not as it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AlarmKind {
    /// Opened without a grant, an exit request or a key; or by a key without a loan.
    Forced,
    /// Open for too long.
    HeldOpen,
    /// The lock's case was opened.
    Tamper,
    /// The lock has no mains power.
    PowerLost,
    /// No secure channel to the lock.
    ChannelLost,
    /// The lock does not prove the key of its channel.
    WrongKey,
    /// The lock wants to speak in clear text.
    ClearText,
    /// The clock was moved.
    ClockStepped {
        /// By how much against the monotonic clock, in milliseconds; forward is positive.
        by_ms: i64,
    },
    /// The controller's record was cut or changed.
    RecordCut,
    /// A member number that nobody is enrolled under.
    UnknownMember {
        /// The number.
        member: u32,
    },
    /// The snapshot expired: only the physical key opens now.
    SnapshotExpired,
}
