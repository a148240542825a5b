//! The application: the one way in for every act, signing in, the CS's desk, and the clock's edge.
//!
//! [`Office::submit`] is the only way in, for pages, the programming interface, terminals, imports and the demo
//! alike. An act is judged by the regulation, decided by its chapter, and recorded; only then is it so.

mod catalogue;
pub mod clock;
pub mod credentials;
mod cs_desk;
mod declined;
mod documents;
mod doors;
mod files;
mod history_desk;
mod key_desk;
mod limits;
mod open;
mod passwords;
mod posts;
mod records;
mod registrar;
mod sign_in;
mod snapshot;
mod terminals;

pub use catalogue::catalogue;
pub use cs_desk::{Asked, Shown, View};
pub use declined::{Declined, Done};
pub use documents::{Document, DocumentError};
pub use doors::{DoorError, DoorLink, Silent};
pub use key_desk::Holder;
pub use open::{Config, Mode, Office, OpenError};
pub use posts::{NoAnswer, Proven, ProvenEntry};
pub use records::{RecordError, Told};
pub use sign_in::{Presented, SignedIn, Token};
pub use terminals::{Link, LinkedTerminal, Unlinked};
