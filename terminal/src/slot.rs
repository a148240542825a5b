//! Where cards are put in.

#[cfg(feature = "pcsc")]
mod pcsc;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;

use card::{Card, CardNumber, Drawer, Presence, SoftCard, Unreachable};

#[cfg(feature = "pcsc")]
pub use pcsc::PcscSlot;

use crate::core::{Entry, Event, Readers, Unsigned};
use crate::limits::LOOK;

/// The readers of this terminal.
pub trait Slot: Send {
    /// What lies there now. Waits for a change, at most about [`LOOK`].
    fn look(&mut self) -> Readers;

    /// The card of the last look, held for this program alone.
    fn card(&mut self) -> Option<&mut dyn Card>;
}

/// What a card is asked to do.
pub(crate) enum Order {
    Sign { by: Entry, challenge: card::Challenge },
    Prove(Presence),
}

/// Looks at the readers and carries out orders, until nobody gives any more.
pub(crate) fn work(slot: &mut dyn Slot, orders: &Receiver<Order>, tell: impl Fn(Event)) {
    let mut known = Readers::Empty;
    loop {
        match orders.try_recv() {
            Ok(order) => tell(carry_out(slot.card(), order)),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return,
        }
        let seen = slot.look();
        if seen != known {
            known = seen.clone();
            tell(Event::Readers(seen));
        }
    }
}

fn carry_out(card: Option<&mut dyn Card>, order: Order) -> Event {
    match (order, card) {
        (Order::Sign { by, challenge }, Some(card)) => Event::Signed(sign(card, &by, &challenge)),
        (Order::Sign { .. }, None) => Event::Signed(Err(Unsigned::Sign(Unreachable::Removed.into()))),
        (Order::Prove(presence), Some(card)) => Event::Proved(card.prove_presence(&presence)),
        (Order::Prove(_), None) => Event::Proved(Err(Unreachable::Removed.into())),
    }
}

fn sign(card: &mut dyn Card, by: &Entry, challenge: &card::Challenge) -> Result<Vec<u8>, Unsigned> {
    match by {
        Entry::Typed(pin) => card.verify_pin(pin)?,
        Entry::Pad => card.verify_pin_on_pad()?,
    }
    Ok(card.sign(challenge)?)
}

/// A reader that is a file: the number in it is the card of the drawer that lies there. For tests and exercises;
/// an office at work takes no such card.
pub struct SoftSlot {
    drawer: Drawer,
    file: PathBuf,
    card: Option<SoftCard>,
}

impl SoftSlot {
    /// The reader `file`, with the cards of `drawer`. A file that is not there is an empty reader.
    pub fn new(drawer: Drawer, file: PathBuf) -> Self {
        Self { drawer, file, card: None }
    }
}

impl Slot for SoftSlot {
    fn look(&mut self) -> Readers {
        thread::sleep(LOOK);
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        let Ok(number) = text.trim().parse::<CardNumber>() else {
            self.card = None;
            return Readers::Empty;
        };
        if self.card.as_ref().is_none_or(|card| *card.number() != number) {
            match self.drawer.take(&number) {
                Ok(card) => self.card = Some(card),
                Err(error) => return Readers::Useless(Unreachable::Faulty(error.to_string())),
            }
        }
        self.card.as_ref().map_or(Readers::Empty, |card| Readers::of(card))
    }

    fn card(&mut self) -> Option<&mut dyn Card> {
        self.card.as_mut().map(|card| -> &mut dyn Card { card })
    }
}

impl Readers {
    /// One card, and it is this.
    pub fn of(card: &dyn Card) -> Self {
        Self::Card {
            id: card.id().to_string(),
            certificate: card.certificate().to_vec(),
            presence: card.presence_certificate().map(<[u8]>::to_vec),
            pin_pad: card.has_pin_pad(),
        }
    }
}
