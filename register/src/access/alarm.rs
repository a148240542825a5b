//! 第17条: one card at two terminals. The ledger believes that a card is at one place; where it is not, somebody
//! has to find out why.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Access, Fact};
use crate::invalid::text;
use crate::{CardId, City, Entry, Invalid, PersonId, Receipt, TerminalId, limits};

/// A card was used at a second terminal while it was signed in at a first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAlarm {
    /// Where it is recorded: what tells it from the others.
    pub receipt: Receipt,
    /// When.
    pub at: Timestamp,
    /// Which card.
    pub card: CardId,
    /// Who signed in with it.
    pub person: PersonId,
    /// Where the stay was that it ended.
    pub earlier: TerminalId,
    /// Where it was used then.
    pub terminal: TerminalId,
    /// Who wrote down what had happened, when, and what.
    pub closed: Option<(PersonId, Timestamp, String)>,
}

impl Access {
    /// Cards at two terminals, oldest first.
    pub fn alarms(&self) -> &[CardAlarm] {
        &self.alarms
    }

    pub(super) fn take_alarm(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        match fact {
            Fact::CardAtTwoTerminals { card, person, earlier, terminal } => self.alarms.push(CardAlarm {
                receipt: receipt.clone(),
                at: entry.at,
                card: card.clone(),
                person: person.clone(),
                earlier: earlier.clone(),
                terminal: terminal.clone(),
                closed: None,
            }),
            Fact::CardAlarmClosed { alarm, remark } => {
                if let Some(found) = self.alarms.iter_mut().find(|found| found.receipt == *alarm) {
                    found.closed = Some((entry.by.clone(), entry.at, remark.clone()));
                }
            }
            _ => {}
        }
    }
}

pub(super) fn close(city: &City, alarm: Receipt, remark: String) -> Result<Fact, Invalid> {
    text("remark", &remark, limits::TEXT)?;
    match city.access.alarms().iter().find(|known| known.receipt == alarm) {
        None => Err(Invalid::Unknown { what: "alarm", id: alarm.to_string() }),
        Some(known) if known.closed.is_some() => {
            Err(Invalid::State { what: "alarm", id: alarm.to_string(), state: "処置済み" })
        }
        Some(_) => Ok(Fact::CardAlarmClosed { alarm, remark }),
    }
}
