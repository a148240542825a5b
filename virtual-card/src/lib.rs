//! Cards, readers and a card service for tests.
//!
//! The card is the PIV application of the Nitrokey (`piv-authenticator` on Trussed), so that it does not share the
//! misunderstandings of the driver that is tested with it. [`Card`] is one of them: it keeps its keys and tries in
//! two files, and loses everything else with its power. [`Card::power`] speaks to it directly. [`Bench`] puts cards
//! into the readers of a real `pcscd`, with Debian's virtual reader (`vsmartcard-vpcd`).
//!
//! What the published crates leave out, or what would make a test lie, is made good here: keys from real randomness
//! (the simulated platform's generator has a constant seed), a PIN that is forgotten with the power (the
//! application's own `deselect` does nothing), the application's identifier shortened as other programs do, an
//! answer to those who leave out Le.

mod application;
mod bench;
mod card;
mod platform;

pub use bench::{Bench, Missing, Slot, skip};
pub use card::{Card, Powered};
