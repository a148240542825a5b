//! An operator's PIV card in a reader.

use super::{Application, Transport};
use crate::{Card, CardId, Challenge, Pin, PinError, Presence, SignError, Slot, Unreachable};

/// An enrolled PIV card.
pub struct PivCard<T> {
    application: Application<T>,
    id: CardId,
    certificate: Vec<u8>,
    presence_certificate: Option<Vec<u8>>,
}

impl<T: Transport> PivCard<T> {
    /// Reads the card behind `transport`.
    pub fn open(transport: T) -> Result<Self, Unreachable> {
        Self::of(Application::select(transport)?)
    }

    /// Reads the card whose application is selected.
    pub fn of(mut application: Application<T>) -> Result<Self, Unreachable> {
        let id = application.id()?.ok_or(Unreachable::Blank)?;
        let certificate = application.certificate(Slot::SignIn)?.ok_or(Unreachable::Blank)?;
        let presence_certificate = application.certificate(Slot::Presence)?;
        Ok(Self { application, id, certificate, presence_certificate })
    }

    /// The card's application: to change the PIN, to unblock, to administer.
    pub fn application(&mut self) -> &mut Application<T> {
        &mut self.application
    }
}

impl<T: Transport> Card for PivCard<T> {
    fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    fn presence_certificate(&self) -> Option<&[u8]> {
        self.presence_certificate.as_deref()
    }

    fn id(&self) -> CardId {
        self.id
    }

    fn tries_left(&mut self) -> Result<Option<u8>, Unreachable> {
        self.application.tries_left()
    }

    fn verify_pin(&mut self, pin: &Pin) -> Result<(), PinError> {
        self.application.verify_pin(pin)
    }

    fn has_pin_pad(&self) -> bool {
        self.application.has_pin_pad()
    }

    fn verify_pin_on_pad(&mut self) -> Result<(), PinError> {
        self.application.verify_pin_on_pad()
    }

    fn sign(&mut self, challenge: &Challenge) -> Result<Vec<u8>, SignError> {
        self.application.sign(Slot::SignIn, &challenge.digest())
    }

    fn prove_presence(&mut self, presence: &Presence) -> Result<Vec<u8>, SignError> {
        if self.presence_certificate.is_none() {
            return Err(SignError::NoPresenceKey);
        }
        self.application.sign(Slot::Presence, &presence.digest())
    }
}
