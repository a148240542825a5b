//! Cards behind a maker's PKCS#11 module, for those that do not speak PIV, or whose maker allows nothing else.
//!
//! The module says which object is which key by `CKA_ID`; [`Layout`] names the two. Everything else is the same
//! card: the module is given the digest of a structure that was built here.
//!
//! A module need not come back when its card is pulled: OpenSC 0.23 waits for itself for ever. Whoever has to notice
//! a removal watches the readers over PC/SC and asks the module nothing once the card is gone.

use crate::limits::MAX_CERTIFICATE;
use crate::{Card, CardId, Challenge, Pin, PinError, Presence, SignError, Unreachable};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use p256::ecdsa::Signature;
use std::path::Path;

/// Which of a token's objects are the card's two keys, by `CKA_ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Key and certificate that sign in.
    pub sign_in: Vec<u8>,
    /// Key and certificate that prove presence, where the card has them.
    pub presence: Option<Vec<u8>>,
}

impl Layout {
    /// As OpenSC names a PIV card's slots 9A and 9E.
    pub fn opensc_piv() -> Self {
        Self { sign_in: vec![0x01], presence: Some(vec![0x04]) }
    }
}

/// A maker's module.
pub struct Module {
    library: Pkcs11,
    layout: Layout,
}

impl Module {
    /// Loads the module in `file`, for example `/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so`. It is code that runs in
    /// this process: whoever names it trusts it.
    pub fn load(file: &Path, layout: Layout) -> Result<Self, Unreachable> {
        let library = Pkcs11::new(file).map_err(unreachable)?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // Somebody else in this process uses the same module.
            Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, Function::Initialize)) | Ok(()) => {}
            Err(error) => return Err(unreachable(error)),
        }
        Ok(Self { library, layout })
    }

    /// The cards that the module sees, each in its reader.
    pub fn cards(&self) -> Result<Vec<Slot>, Unreachable> {
        self.library.get_slots_with_initialized_token().map_err(unreachable)
    }

    /// Reads the card in `slot`.
    pub fn open(&self, slot: Slot) -> Result<TokenCard, Unreachable> {
        let session = self.library.open_ro_session(slot).map_err(unreachable)?;
        let sign_in = certificate(&session, &self.layout.sign_in)?.ok_or(Unreachable::Blank)?;
        let presence_certificate = match &self.layout.presence {
            Some(id) => certificate(&session, id)?,
            None => None,
        };
        Ok(TokenCard {
            library: self.library.clone(),
            layout: self.layout.clone(),
            slot,
            session,
            certificate: sign_in,
            presence_certificate,
        })
    }
}

/// A card behind a module. Dropping it signs its user out.
pub struct TokenCard {
    library: Pkcs11,
    layout: Layout,
    slot: Slot,
    session: Session,
    certificate: Vec<u8>,
    presence_certificate: Option<Vec<u8>>,
}

impl TokenCard {
    /// Tries that are left, as far as PKCS#11 tells: one, or none. How few "few" are, it does not.
    fn tries(&self) -> Result<Option<u8>, Unreachable> {
        let info = self.library.get_token_info(self.slot).map_err(unreachable)?;
        Ok(match () {
            () if info.user_pin_locked() => Some(0),
            () if info.user_pin_final_try() => Some(1),
            () => None,
        })
    }

    fn sign_with(&mut self, id: &[u8], digest: &[u8; 32]) -> Result<Vec<u8>, SignError> {
        let like = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.to_vec())];
        // A module shows private keys to those who gave the PIN, or to all; either is in order.
        let Some(key) = one(&self.session, &like)? else {
            return Err(SignError::PinNeeded);
        };
        let both = match self.session.sign(&Mechanism::Ecdsa, key, digest) {
            Err(Error::Pkcs11(RvError::UserNotLoggedIn, _)) => return Err(SignError::PinNeeded),
            signed => signed.map_err(unreachable)?,
        };
        // The token gives both numbers side by side, X.509 has them in DER.
        let odd = |_| Unreachable::Faulty("the token gave no signature of P-256".to_owned());
        let signature = Signature::from_slice(&both).map_err(odd)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

impl Card for TokenCard {
    fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    fn presence_certificate(&self) -> Option<&[u8]> {
        self.presence_certificate.as_deref()
    }

    /// PKCS#11 has no identity that all makers fill in: it is the certificate's.
    fn id(&self) -> CardId {
        CardId::of_certificate(&self.certificate)
    }

    fn tries_left(&mut self) -> Result<Option<u8>, Unreachable> {
        self.tries()
    }

    fn verify_pin(&mut self, pin: &Pin) -> Result<(), PinError> {
        let odd = |_| PinError::NotTaken;
        let typed = AuthPin::new(String::from_utf8(pin.digits().to_vec()).map_err(odd)?.into());
        // The PIN is to be verified now, whoever was signed in before.
        let _ = self.session.logout();
        match self.session.login(UserType::User, Some(&typed)) {
            Ok(()) => Ok(()),
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(PinError::Blocked),
            Err(Error::Pkcs11(RvError::PinIncorrect, _)) => match self.tries()? {
                Some(0) => Err(PinError::Blocked),
                Some(tries_left) => Err(PinError::Wrong { tries_left }),
                None => Err(PinError::WrongUncounted),
            },
            Err(error) => Err(unreachable(error).into()),
        }
    }

    fn sign(&mut self, challenge: &Challenge) -> Result<Vec<u8>, SignError> {
        let id = self.layout.sign_in.clone();
        self.sign_with(&id, &challenge.digest())
    }

    fn prove_presence(&mut self, presence: &Presence) -> Result<Vec<u8>, SignError> {
        let id = self.layout.presence.clone().filter(|_| self.presence_certificate.is_some());
        self.sign_with(&id.ok_or(SignError::NoPresenceKey)?, &presence.digest())
    }
}

/// The certificate whose object has this `CKA_ID`, DER.
fn certificate(session: &Session, id: &[u8]) -> Result<Option<Vec<u8>>, Unreachable> {
    let like = [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::Id(id.to_vec())];
    let Some(object) = one(session, &like)? else {
        return Ok(None);
    };
    let values = session.get_attributes(object, &[AttributeType::Value]).map_err(unreachable)?;
    let der = values.into_iter().find_map(|value| match value {
        Attribute::Value(der) => Some(der),
        _ => None,
    });
    Ok(der.filter(|der| !der.is_empty() && der.len() <= MAX_CERTIFICATE))
}

/// The one object that is like this.
fn one(session: &Session, like: &[Attribute]) -> Result<Option<ObjectHandle>, Unreachable> {
    match session.find_objects(like).map_err(unreachable)?.as_slice() {
        [object] => Ok(Some(*object)),
        _ => Ok(None),
    }
}

fn unreachable(error: Error) -> Unreachable {
    match error {
        Error::Pkcs11(
            RvError::TokenNotPresent
            | RvError::DeviceRemoved
            | RvError::SessionHandleInvalid
            | RvError::SessionClosed,
            _,
        ) => Unreachable::Removed,
        Error::Pkcs11(RvError::SlotIdInvalid, _) => Unreachable::ReaderGone,
        Error::Pkcs11(RvError::TokenNotRecognized, _) => Unreachable::Foreign,
        other => Unreachable::Faulty(other.to_string()),
    }
}
