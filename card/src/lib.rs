//! The operator's card (操作者用ICカード): what it proves at sign-in, who issues it, and how the proof is checked.
//!
//! A card holds two P-256 keys, each with a certificate of the city's card authority. With the key of slot 9A,
//! which the PIN opens, it signs a [`Challenge`] at sign-in, which names the place, the terminal, the session and a
//! nonce, so that a signature made for one of them is worth nothing for another. With the key of slot 9E, which
//! is never shut, it signs a [`Presence`]: the card is still in the reader. [`Verifier`] checks the signature, the
//! certificate and the authority. [`Card`] is what every driver answers to.
//!
//! With the feature `piv`, [`piv`] speaks to PIV cards (NIST SP 800-73) and makes operators' cards of blank ones;
//! with `pcsc` it finds them in real readers. [`escrow`] keeps what opens a card beside its operator's PIN.
//! With `pkcs11`, [`pkcs11`] reaches cards through a maker's module.
//!
//! [`SoftCard`] does all that in a file. It is for demonstrations and tests: its certificate says so, and a
//! verifier made with [`Accept::HardwareOnly`] refuses it.

mod authority;
mod card;
mod challenge;
mod drawer;
#[cfg(feature = "piv")]
pub mod escrow;
pub mod limits;
mod pin;
#[cfg(feature = "piv")]
pub mod piv;
#[cfg(feature = "pkcs11")]
pub mod pkcs11;
mod soft;
mod verifier;

use pki::files;
#[cfg(feature = "piv")]
use pki::tlv;

pub use authority::{AuthorityError, CardAuthority, IssueRequest, KeyStorage};
pub use card::{Card, CardId, NoCardId, PinError, SignError, Slot, Unreachable};
pub use challenge::{Challenge, Presence, fresh_nonce};
pub use drawer::Drawer;
pub use pin::{Pin, PinFault};
pub use pki::{CardKind, CardNumber, FileError, NameError};
pub use soft::{SoftCard, SoftCardError};
pub use verifier::{Accept, CardError, ProvenCard, Verifier};
