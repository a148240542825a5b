//! PIV cards (NIST SP 800-73-4 and -5): what a blank card becomes, and what an operator's card does.
//!
//! [`Application`] is the card's PIV application as anybody finds it, behind a [`Transport`] that carries commands
//! to it. With the management key it becomes an [`Administration`], which makes keys and writes certificates;
//! [`enrol`] makes a whole operator's card of a blank one. [`PivCard`] is that card in an operator's hands.
//!
//! Beyond the standard stand three commands that all cards we know of share with the YubiKey: SET MANAGEMENT KEY
//! (FF), RESET (FB) and GET METADATA (F7). The last one may be missing.

mod apdu;
mod application;
mod card;
mod enrol;
mod management;
mod object;
mod pad;
mod puk;

#[cfg(feature = "pcsc")]
pub mod reader;

pub use application::{Administration, Application, WipeError};
pub use card::PivCard;
pub use enrol::{Certificates, EnrolError, Enrolment, PublicKeys, Secrets, enrol};
pub use management::{Algorithm, ManagementError, ManagementKey};
pub use puk::{Puk, PukError, PukFault};

use crate::Unreachable;

/// Carries a command to a card and its answer back.
pub trait Transport: Send {
    /// Sends one command, up to 261 bytes, and gives the card's answer with its two status bytes.
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable>;

    /// Whether the reader has keys of its own on which a PIN can be typed.
    fn has_pin_pad(&self) -> bool {
        false
    }

    /// Lets the reader ask for the PIN and send it to the card: `structure` is a PIN_VERIFY_STRUCTURE (PC/SC part
    /// 10). Gives the two status bytes.
    fn verify_on_pad(&mut self, structure: &[u8]) -> Result<Vec<u8>, Unreachable> {
        let _ = structure;
        Err(Unreachable::Faulty("the reader has no PIN pad".to_owned()))
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable> {
        (**self).transmit(apdu)
    }

    fn has_pin_pad(&self) -> bool {
        (**self).has_pin_pad()
    }

    fn verify_on_pad(&mut self, structure: &[u8]) -> Result<Vec<u8>, Unreachable> {
        (**self).verify_on_pad(structure)
    }
}
