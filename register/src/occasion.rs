//! The occasion of an act: who, where, when.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{ControllerId, PersonId, RequestId, SessionId, TerminalId};

/// Under which circumstances somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Who acts.
    pub by: PersonId,
    /// Where.
    pub place: Place,
    /// When; the clock is read at the edge, once for each act.
    pub at: Timestamp,
    /// Which submission this is.
    pub request: RequestId,
    /// During which stay at a terminal, if any.
    pub session: Option<SessionId>,
}

/// Where an act takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The server's own console.
    Console,
    /// A CS terminal.
    Terminal(TerminalId),
    /// A door controller.
    Door(ControllerId),
}

impl Occasion {
    /// The terminal at which the act takes place, if it does so at one.
    pub fn terminal(&self) -> Option<&TerminalId> {
        match &self.place {
            Place::Terminal(id) => Some(id),
            Place::Console | Place::Door(_) => None,
        }
    }

    /// The day in Japan.
    pub fn day(&self) -> Date {
        japan_day(self.at)
    }
}

/// The moment at which a day begins in Japan.
pub fn japan_midnight(day: Date) -> Timestamp {
    let midnight = jiff::tz::offset(9).to_timestamp(day.at(0, 0, 0, 0));
    midnight.unwrap_or(if day.year() > 0 { Timestamp::MAX } else { Timestamp::MIN })
}

/// The day in Japan at `at`. Japan keeps UTC+9 all year.
pub fn japan_day(at: Timestamp) -> Date {
    jiff::tz::offset(9).to_datetime(at).date()
}
