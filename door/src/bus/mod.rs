//! The doors' bus.

#[cfg(feature = "osdp")]
mod frames;
#[cfg(feature = "osdp")]
mod panel;
#[cfg(any(feature = "osdp", feature = "simulated"))]
pub(crate) mod port;

use std::time::Duration;

#[cfg(feature = "osdp")]
pub use panel::{Osdp, OsdpError};

use crate::wire::Name;

/// All that is ever said to a lock. There is no command that holds a door open, and none that asks for a
/// fingerprint: those stay in the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorCommand {
    /// Release the strike for this long.
    Strike {
        /// Rounded down to tenths of a second.
        time: Duration,
    },
    /// Let it fall back now.
    Relock,
}

/// What carries commands to the locks. What the locks say comes as [`Event`](crate::core::Event)s.
pub trait DoorBus: Send {
    /// Sends `command` to the lock of `door`, when there is a secure channel to it.
    fn command(&mut self, door: &Name, command: DoorCommand);
}
