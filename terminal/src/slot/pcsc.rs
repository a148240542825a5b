//! The computer's readers, over PC/SC.

use std::thread;
use std::time::{Duration, Instant};

use card::piv::PivCard;
use card::piv::reader::{self, Reader, ReaderCard};
use card::{Card, Unreachable};

use super::Slot;
use crate::core::Readers;
use crate::limits::LOOK;

/// How often a card that is held is asked whether it is still there: one that was swapped for another between two
/// looks is no longer ours.
const ASK: Duration = Duration::from_secs(1);

/// All readers of this computer: one card among them is used, and held for this program alone.
#[derive(Default)]
pub struct PcscSlot {
    service: Option<reader::Readers>,
    known: Vec<Reader>,
    held: Option<Held>,
}

/// The card of the one reader that has one.
struct Held {
    reader: String,
    card: Result<PivCard<ReaderCard>, Unreachable>,
    asked: Instant,
}

impl PcscSlot {
    fn seen(&mut self) -> Result<Readers, Unreachable> {
        let service = match &self.service {
            Some(service) => service.clone(),
            None => self.service.insert(reader::Readers::connect()?).clone(),
        };
        self.known = service.changed(&self.known, LOOK)?;
        let with_card: Vec<&Reader> = self.known.iter().filter(|reader| reader.has_card()).collect();
        let [only] = with_card.as_slice() else {
            self.held = None;
            let (readers, cards) = (self.known.len(), with_card.len());
            return Ok(match (readers, cards) {
                (0, _) => Readers::NoReader,
                (_, 0) => Readers::Empty,
                _ => Readers::Several,
            });
        };
        let held = self.held.take().filter(|held| held.reader == only.name());
        let held = match held {
            Some(held) => held.asked_again(),
            None => None,
        };
        let held = held.unwrap_or_else(|| Held::take(&service, only));
        let seen = match &held.card {
            Ok(card) => Readers::of(card),
            Err(why) => Readers::Useless(why.clone()),
        };
        self.held = Some(held);
        Ok(seen)
    }
}

impl Held {
    fn take(service: &reader::Readers, at: &Reader) -> Self {
        let card = service.open(at).and_then(PivCard::open);
        Self { reader: at.name(), card, asked: Instant::now() }
    }

    /// The same, if the card is still the one that is held. One that another program had is tried again.
    fn asked_again(mut self) -> Option<Self> {
        if self.asked.elapsed() < ASK {
            return Some(self);
        }
        self.asked = Instant::now();
        match &mut self.card {
            Ok(card) => card.tries_left().is_ok().then_some(self),
            Err(Unreachable::Foreign | Unreachable::Blank) => Some(self),
            Err(_) => None,
        }
    }
}

impl Slot for PcscSlot {
    fn look(&mut self) -> Readers {
        match self.seen() {
            Ok(readers) => readers,
            Err(why) => {
                // The service is reached anew.
                (self.service, self.held) = (None, None);
                self.known.clear();
                thread::sleep(LOOK);
                if why == Unreachable::ServiceGone { Readers::NoService } else { Readers::Useless(why) }
            }
        }
    }

    fn card(&mut self) -> Option<&mut dyn Card> {
        self.held.as_mut()?.card.as_mut().ok().map(|card| -> &mut dyn Card { card })
    }
}
