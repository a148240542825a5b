//! One door: what is known of it, and its state.

use std::time::Duration;

use crate::wire::{AlarmKind, Direction, DoorState, Name, Presented};

/// What a door is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorSettings {
    /// Its name.
    pub door: Name,
    /// For how long a grant releases the strike.
    pub strike: Duration,
    /// How long it may stand open.
    pub held: Duration,
}

/// The strike is released for somebody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Released {
    /// The `seq` of the passage.
    pub(super) granted: u64,
    pub(super) direction: Direction,
    /// When it falls back, by the monotonic clock.
    pub(super) until: Duration,
}

/// A question that waits for the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) seq: u64,
    pub(super) direction: Direction,
    pub(super) presented: Presented,
    pub(super) deadline: Duration,
}

#[derive(Debug)]
pub(super) struct Door {
    pub(super) settings: DoorSettings,
    /// Whether there is a secure channel.
    pub(super) channel: bool,
    pub(super) released: Option<Released>,
    /// Whether the contact says open; none as long as it has said nothing.
    pub(super) contact: Option<bool>,
    /// Since when it is open.
    pub(super) open_since: Option<Duration>,
    /// Until when it may be opened from inside or by key without a grant.
    pub(super) free_until: Option<Duration>,
    pub(super) key_turned: bool,
    pub(super) pending: Vec<Pending>,
    pub(super) alarms: Vec<AlarmKind>,
}

impl Door {
    pub(super) fn new(settings: DoorSettings) -> Self {
        Self {
            settings,
            channel: false,
            released: None,
            contact: None,
            open_since: None,
            free_until: None,
            key_turned: false,
            pending: Vec::new(),
            alarms: Vec::new(),
        }
    }

    pub(super) fn state(&self) -> DoorState {
        let alarm = |alarm| self.alarms.contains(&alarm);
        if !self.channel {
            DoorState::Offline
        } else if alarm(AlarmKind::Forced) {
            DoorState::Forced
        } else if alarm(AlarmKind::HeldOpen) {
            DoorState::HeldOpen
        } else if alarm(AlarmKind::Tamper) || alarm(AlarmKind::PowerLost) {
            DoorState::Fault
        } else if self.open_since.is_some() {
            DoorState::Open
        } else if self.released.is_some() {
            DoorState::Unlocked
        } else {
            DoorState::Locked
        }
    }

    /// Whether another entry has to wait: the door serves one match at a time.
    pub(super) fn busy(&self) -> bool {
        let entry = |pending: &Pending| {
            pending.direction == Direction::In && matches!(pending.presented, Presented::Finger { .. })
        };
        self.released.is_some() || self.contact == Some(true) || self.pending.iter().any(entry)
    }
}
