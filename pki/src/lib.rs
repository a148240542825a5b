//! The city's certificate authorities (認証局): one for operators' cards, one for terminals and the server that they
//! dial.
//!
//! [`Authority`] is the one mechanism of both: a key (in a file that is its owner's alone, or in a PKCS#11 token), a
//! certificate, and the file of what it issued. It issues by a [`Profile`]; the profiles of terminals and servers are
//! here, a card's is in the crate `card`. Whatever it signs, two people answer for ([`TwoPeople`]).
//!
//! Whoever checks a certificate needs none of that: an [`Anchor`] is an authority's certificate, and
//! [`TerminalVerifier`] tells the terminal by it. Whoever wants one makes a [`Request`]: the key never leaves the
//! machine that made it.

mod anchor;
mod authority;
mod certificate;
pub mod files;
mod issued;
mod key;
pub mod limits;
mod names;
pub mod oid;
mod people;
mod profile;
mod request;
mod revocation;
mod terminal;
mod text;
pub mod tlv;
#[cfg(feature = "pkcs11")]
mod token;

pub use anchor::{Anchor, der_of, to_pem};
pub use authority::{Authority, AuthorityError, Crl, Order, Role};
pub use certificate::{Certificate, CertificateError};
pub use files::FileError;
pub use issued::{Issued, Record, Revoked};
pub use key::{KeyError, KeyStore, NoToken, PinSource, TokenName};
pub use names::{CardKind, CardNumber, NameError, PersonNumber, Serial, TerminalNumber};
pub use people::{SamePerson, TwoPeople};
pub use profile::{Kind, Profile, server_names};
pub use request::{Request, RequestError, make_key};
pub use revocation::{Reason, Revocations};
pub use terminal::{ProvenTerminal, TerminalVerifier};
pub use text::japanese_date;
