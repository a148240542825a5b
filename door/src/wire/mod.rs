//! What a door controller and the server say to each other: JSON, signed by Ed25519 on both sides.
//!
//! Three requests, each a [`Sealed`] message posted as JSON and answered by one:
//!
//! | path | request | answer |
//! |---|---|---|
//! | `/door/v1/ask` | [`Ask`] | [`Answer`] |
//! | `/door/v1/upload` | [`Upload`] | [`Acknowledged`] |
//! | `/door/v1/sync` | [`Sync`], held for some seconds | [`Synced`] |
//!
//! Any other status than 200 means that the server is away for this request. Every answer repeats the nonce of
//! its request, so that an answer of yesterday is worth nothing today. A controller sends no [`Ask`] before its
//! first [`Upload`] (which may be empty) was acknowledged: only then its numbering is known to be the server's.

mod key;
mod message;
mod name;
mod record;
mod sealed;
mod snapshot;

pub use key::{KeyError, PublicKey, SecretKey};
pub use message::{
    Acknowledged, Answer, Ask, Direction, DoorNow, DoorState, Ground, Nonce, Presented, Sync, Synced, Upload,
};
pub use name::{Name, NameError};
pub use record::{AlarmKind, Decider, Digest, DigestError, Happened, Outcome, Record, Why};
pub use sealed::{Message, Sealed, WireError};
pub use snapshot::{DoorGrants, Grant, Snapshot, SnapshotError};
