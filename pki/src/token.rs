//! A key in a PKCS#11 token: made there, never read out, used through the token's own library.

use crate::{KeyError, TokenName};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use p256::ecdsa::Signature;
use rcgen::{PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey};
use sha2::{Digest, Sha256};
use std::sync::Mutex;

/// `prime256v1` as an OBJECT IDENTIFIER, DER: what PKCS#11 calls `CKA_EC_PARAMS`.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// A key pair in a token whose PIN was given.
pub(crate) struct TokenKey {
    /// One session, one signature at a time: a session holds the state of what it signs.
    session: Mutex<Session>,
    private: ObjectHandle,
    /// The point, uncompressed: 65 bytes.
    point: Vec<u8>,
}

impl TokenKey {
    /// Makes the pair `label` in the token. A pair of that label that is there already is an error.
    pub(crate) fn create(name: &TokenName, label: &str, pin: &str) -> Result<Self, KeyError> {
        let session = open(name, pin)?;
        if find(&session, label, ObjectClass::PRIVATE_KEY).map_err(|e| failed(name, &e))?.is_some() {
            return Err(failed(name, &format!("「{label}」という鍵が既にあります")));
        }
        let text = label.as_bytes().to_vec();
        let public = [
            Attribute::Token(true),
            Attribute::Label(text.clone()),
            Attribute::Id(text.clone()),
            Attribute::EcParams(P256.to_vec()),
            Attribute::Verify(true),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Label(text.clone()),
            Attribute::Id(text),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        let made = session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private);
        made.map_err(|error| failed(name, &error))?;
        Self::found(session, name, label)
    }

    /// The pair `label` in the token.
    pub(crate) fn open(name: &TokenName, label: &str, pin: &str) -> Result<Self, KeyError> {
        Self::found(open(name, pin)?, name, label)
    }

    fn found(session: Session, name: &TokenName, label: &str) -> Result<Self, KeyError> {
        let one = |class| {
            find(&session, label, class)
                .map_err(|error| failed(name, &error))?
                .ok_or_else(|| failed(name, &format!("「{label}」という鍵がないか、いくつもあります")))
        };
        let (private, public) = (one(ObjectClass::PRIVATE_KEY)?, one(ObjectClass::PUBLIC_KEY)?);
        let attributes = session.get_attributes(public, &[AttributeType::EcPoint]);
        let point =
            attributes.map_err(|error| failed(name, &error))?.into_iter().find_map(
                |attribute| match attribute {
                    Attribute::EcPoint(point) => plain_point(&point),
                    _ => None,
                },
            );
        let point = point.ok_or_else(|| failed(name, &"鍵が P-256 ではありません"))?;
        Ok(Self { session: Mutex::new(session), private, point })
    }
}

/// A session in which the token's user is signed in.
fn open(name: &TokenName, pin: &str) -> Result<Session, KeyError> {
    let tell = |error: Error| failed(name, &error);
    let library = Pkcs11::new(&name.module).map_err(tell)?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // The other authority's key is in a token of the same library.
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, Function::Initialize)) | Ok(()) => {}
        Err(error) => return Err(tell(error)),
    }
    let slot = slot_of(&library, name)?;
    let session = library.open_rw_session(slot).map_err(tell)?;
    match session.login(UserType::User, Some(&AuthPin::new(pin.into()))) {
        Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, Function::Login)) | Ok(()) => Ok(session),
        Err(error) => Err(tell(error)),
    }
}

fn slot_of(library: &Pkcs11, name: &TokenName) -> Result<Slot, KeyError> {
    let slots = library.get_slots_with_initialized_token().map_err(|error| failed(name, &error))?;
    let ours = |slot: &Slot| library.get_token_info(*slot).is_ok_and(|info| info.label() == name.token);
    let mut found = slots.into_iter().filter(ours);
    match (found.next(), found.next()) {
        (Some(slot), None) => Ok(slot),
        (None, _) => Err(failed(name, &"この名のトークンが見つかりません")),
        (Some(_), Some(_)) => Err(failed(name, &"同じ名のトークンがいくつもあります")),
    }
}

/// The one object of this class and label.
fn find(session: &Session, label: &str, class: ObjectClass) -> Result<Option<ObjectHandle>, Error> {
    let like = [
        Attribute::Class(class),
        Attribute::KeyType(KeyType::EC),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    let found = session.find_objects(&like)?;
    Ok(match found.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

/// Tokens give the point in an OCTET STRING, as the standard says, or bare.
fn plain_point(given: &[u8]) -> Option<Vec<u8>> {
    let point = match given {
        [0x04, 65, point @ ..] if point.len() == 65 => point,
        point => point,
    };
    p256::PublicKey::from_sec1_bytes(point).is_ok_and(|_| point.len() == 65).then(|| point.to_vec())
}

fn failed(name: &TokenName, why: &dyn std::fmt::Display) -> KeyError {
    KeyError::Token { token: name.token.clone(), why: why.to_string() }
}

impl PublicKeyData for TokenKey {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for TokenKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let digest = Sha256::digest(message);
        let session = self.session.lock().map_err(|_| rcgen::Error::RemoteKeyError)?;
        let signed = session.sign(&Mechanism::Ecdsa, self.private, &digest);
        // The token gives both numbers side by side, X.509 has them in DER.
        let signature = signed.ok().and_then(|both| Signature::from_slice(&both).ok());
        Ok(signature.ok_or(rcgen::Error::RemoteKeyError)?.to_der().as_bytes().to_vec())
    }
}
