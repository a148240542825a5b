//! A message and the signature over it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::key::{PublicKey, SecretKey};
use super::name::Name;
use crate::limits::MAX_BODY;

/// What stands before everything that is signed, so that a signature serves for nothing else.
const TAG: &[u8] = b"sekisho-door-v1\n";

/// A message that can be sealed.
pub trait Message: Serialize + DeserializeOwned {
    /// Its kind, which is signed with it: no message can be taken for one of another kind.
    const KIND: &'static str;
}

/// A message as it travels: its text and a signature over `"sekisho-door-v1\n" kind "\n" body`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The kind of message.
    pub kind: String,
    /// The message in JSON. Signed as it stands: nothing is written anew before it is checked.
    pub body: String,
    /// The Ed25519 signature, 64 bytes in base64.
    pub signature: String,
}

/// Why a sealed message is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Another kind of message was awaited.
    #[error("a message of kind `{found}` where `{wanted}` was awaited")]
    Kind {
        /// The kind that came.
        found: String,
        /// The kind that was awaited.
        wanted: &'static str,
    },
    /// Signed by somebody else, or changed on the way.
    #[error("the signature does not hold")]
    Signature,
    /// Larger than any message.
    #[error("a message of {0} bytes is too large")]
    TooLarge(usize),
    /// Not the JSON of such a message.
    #[error("not such a message: {0}")]
    Json(#[from] serde_json::Error),
}

impl Sealed {
    /// Seals `message`.
    ///
    /// # Errors
    /// When it cannot be written as JSON, or is too large.
    pub fn seal<T: Message>(message: &T, key: &SecretKey) -> Result<Self, WireError> {
        let body = serde_json::to_string(message)?;
        if body.len() > MAX_BODY {
            return Err(WireError::TooLarge(body.len()));
        }
        let signature = STANDARD.encode(key.sign(&signed(T::KIND, &body)));
        Ok(Self { kind: T::KIND.to_owned(), body, signature })
    }

    /// The message, when `key` signed it and it is one of kind `T`.
    ///
    /// # Errors
    /// When kind, size, signature or JSON are not right, in this order.
    pub fn open<T: Message>(&self, key: &PublicKey) -> Result<T, WireError> {
        if self.kind != T::KIND {
            let found = self.kind.chars().take(32).collect();
            return Err(WireError::Kind { found, wanted: T::KIND });
        }
        if self.body.len() > MAX_BODY {
            return Err(WireError::TooLarge(self.body.len()));
        }
        let signature = STANDARD.decode(&self.signature).map_err(|_| WireError::Signature)?;
        let signature = signature.as_slice().try_into().map_err(|_| WireError::Signature)?;
        if !key.holds(&signed(&self.kind, &self.body), signature) {
            return Err(WireError::Signature);
        }
        Ok(serde_json::from_str(&self.body)?)
    }

    /// Who says to have sent this: only to find the key by which [`Sealed::open`] then checks it.
    ///
    /// # Errors
    /// When the body is no JSON object with a `controller`.
    pub fn controller_unchecked(&self) -> Result<Name, WireError> {
        #[derive(Deserialize)]
        struct Sender {
            controller: Name,
        }
        if self.body.len() > MAX_BODY {
            return Err(WireError::TooLarge(self.body.len()));
        }
        Ok(serde_json::from_str::<Sender>(&self.body)?.controller)
    }
}

fn signed(kind: &str, body: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(TAG.len() + kind.len() + 1 + body.len());
    bytes.extend_from_slice(TAG);
    bytes.extend_from_slice(kind.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(body.as_bytes());
    bytes
}
