//! The operator's card (操作者用ICカード): what it proves at sign-in, who issues it, and how the proof is checked.
//!
//! A card holds a P-256 key in slot 9A and a certificate of the city's card authority. At sign-in it signs a
//! [`Challenge`], which names the place, the terminal, the session and a nonce, so that a signature made for one
//! of them is worth nothing for another. [`Verifier`] checks the signature, the certificate and the authority.
//!
//! [`SoftCard`] does all that in a file. It is for demonstrations and tests: its certificate says so, and a
//! verifier made with [`Accept::HardwareOnly`] refuses it.

mod authority;
mod card;
mod challenge;
mod drawer;
pub mod limits;
mod oid;
mod pin;
mod soft;
mod verifier;

use pki::files;

pub use authority::{AuthorityError, CardAuthority, IssueRequest, KeyStorage};
pub use card::{Card, PinError, SignError};
pub use challenge::{Challenge, fresh_nonce};
pub use drawer::Drawer;
pub use pin::{Pin, PinFault};
pub use pki::{CardKind, CardNumber, FileError, NameError};
pub use soft::{SoftCard, SoftCardError};
pub use verifier::{Accept, CardError, ProvenCard, Verifier};
