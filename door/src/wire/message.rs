//! The requests and their answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::key::KeyError;
use super::name::Name;
use super::record::Record;
use super::sealed::Message;
use super::snapshot::Snapshot;

/// A number used once: 16 random bytes in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// A fresh one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn fresh() -> Result<Self, KeyError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| KeyError::Entropy)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Nonce {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl From<Nonce> for String {
    fn from(nonce: Nonce) -> Self {
        hex::encode(nonce.0)
    }
}

/// Into the room or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Into the room.
    In,
    /// Out of it. Never refused.
    Out,
}

/// What was presented at the door (第9条第2項第2号: key or fingerprint).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Presented {
    /// A finger, which the lock itself compared: its member number.
    Finger {
        /// The number under which the lock knows the finger.
        member: u32,
    },
    /// The key was turned in the cylinder. Whose key it is, the server knows from the loan.
    Key,
}

/// May this door be opened? Idempotent by `(controller, seq)`: the same request gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Who asks.
    pub controller: Name,
    /// To be repeated in the answer. Sent anew with the same `seq`, a request has another nonce.
    pub nonce: Nonce,
    /// The sequence number of the record [`Happened::Asked`](super::Happened::Asked) of this request.
    pub seq: u64,
    /// When the finger was matched or the key turned, by the controller's clock.
    pub at: Timestamp,
    /// Which door.
    pub door: Name,
    /// In or out.
    pub direction: Direction,
    /// What was presented.
    pub presented: Presented,
}

/// What the server says to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The nonce of the request.
    pub nonce: Nonce,
    /// The `seq` of the request.
    pub seq: u64,
    /// Whether the door may be opened. The passage is in the server's journal already.
    pub open: bool,
    /// Where in the journal it stands.
    pub receipt: Option<String>,
    /// Why not: every article that stands against it.
    pub because: Vec<Ground>,
    /// Whether nobody is enrolled under this member number: the controller raises an alarm, on exit as well.
    #[serde(default)]
    pub unknown: bool,
}

/// An article that stands against a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The citation.
    pub article: String,
    /// What is lacking, for people.
    pub reason: String,
    /// What would help, for people.
    pub remedy: String,
}

/// Records of the controller, in their order. An empty one asks for `next` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Whose they are.
    pub controller: Name,
    /// To be repeated in the answer.
    pub nonce: Nonce,
    /// The records, without a gap. Those below the server's `next` are ignored by it.
    pub records: Vec<Record>,
}

/// What the server says to an [`Upload`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// The nonce of the request.
    pub nonce: Nonce,
    /// The sequence number that the server expects now: every record below it is in its journal. 0 at first.
    pub next: u64,
}

/// Is there a newer snapshot? The server answers at once when there is, else holds the request until there is,
/// for some seconds at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    /// Who asks.
    pub controller: Name,
    /// To be repeated in the answer.
    pub nonce: Nonce,
    /// When, by the controller's clock.
    pub at: Timestamp,
    /// The serial of the snapshot that it has; 0 when it has none.
    pub have: u64,
    /// How its doors stand now.
    pub doors: Vec<DoorNow>,
}

/// How a door stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorNow {
    /// The door.
    pub door: Name,
    /// Its state.
    pub state: DoorState,
}

/// The states of a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoorState {
    /// Closed and locked.
    Locked,
    /// Closed, the strike is released for some seconds.
    Unlocked,
    /// Open after a grant.
    Open,
    /// Open for too long.
    HeldOpen,
    /// Opened without a grant, an exit request or a key.
    Forced,
    /// The lock tells of tampering or lost power.
    Fault,
    /// No secure channel to the lock.
    Offline,
}

/// What the server says to a [`Sync`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synced {
    /// The nonce of the request.
    pub nonce: Nonce,
    /// The newest snapshot, when it is another than the one that the controller has.
    pub snapshot: Option<Snapshot>,
}

impl Message for Ask {
    const KIND: &'static str = "ask";
}
impl Message for Answer {
    const KIND: &'static str = "answer";
}
impl Message for Upload {
    const KIND: &'static str = "upload";
}
impl Message for Acknowledged {
    const KIND: &'static str = "acknowledged";
}
impl Message for Sync {
    const KIND: &'static str = "sync";
}
impl Message for Synced {
    const KIND: &'static str = "synced";
}
