//! The only place that reads the clock.

use std::time::Instant;

use jiff::Timestamp;

use crate::core::Moment;

/// What tells the time.
pub trait Clock: Send {
    /// The moment on both clocks.
    fn now(&self) -> Moment;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// Clocks of which the monotonic one begins now.
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the edge at which the clock is read")]
    fn now(&self) -> Moment {
        Moment { wall: Timestamp::now(), steady: self.began.elapsed() }
    }
}
