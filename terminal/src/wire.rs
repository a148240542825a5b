//! What a terminal's program and the office say to each other, over one TLS 1.3 connection.
//!
//! Each message is JSON behind its length (u32, big-endian). The terminal is who its certificate says; nothing
//! in a message names it. The signatures bind the connection by its exporter (RFC 9266), so a message that was
//! recorded on one connection is worth nothing on another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::MAX_MESSAGE;

/// The protocol in the TLS handshake (ALPN). A change that the other side would not understand is another name.
pub const PROTOCOL: &[u8] = b"sekisho-terminal/1";
/// The exporter's label of RFC 9266; no context.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";
/// The exporter's length in bytes.
pub const EXPORTER_LENGTH: usize = 32;

/// Bytes, as base64 in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// What the terminal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Said {
    /// First of all.
    Hello {
        /// The program's version.
        program: String,
        /// The terminal's clock.
        at: Timestamp,
    },
    /// A card is in the reader.
    CardIn,
    /// It is not any more, or can no longer be reached.
    CardOut {
        /// Why.
        why: Gone,
    },
    /// The card signed.
    Answer {
        /// The stay that the challenge named.
        session: String,
        /// The certificate of slot 9A, DER.
        certificate: Bytes,
        /// DER `ECDSA-Sig-Value`.
        signature: Bytes,
    },
    /// A wrong PIN was given; the card counts them itself.
    PinWrong {
        /// The certificate of slot 9A, DER.
        certificate: Bytes,
        /// How many tries are left; 0 is a blocked card.
        tries_left: u8,
    },
    /// The card proves that it is still there (slot 9E).
    Proof {
        /// The certificate of slot 9E, DER.
        certificate: Bytes,
        /// DER `ECDSA-Sig-Value`.
        signature: Bytes,
    },
    /// The terminal is there.
    Beat,
}

/// Why a card is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gone {
    /// It was taken out.
    TakenOut,
    /// Another lies in the reader.
    Swapped,
    /// There is more than one.
    Several,
    /// There is no reader any more.
    NoReader,
    /// The service of the readers has ended.
    NoService,
    /// It does not answer.
    Silent,
}

/// What the office says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Told {
    /// The terminal is known.
    Welcome {
        /// The office's clock.
        at: Timestamp,
    },
    /// What the card is to sign with slot 9A, after the PIN; origin, terminal and exporter the program adds itself.
    Challenge {
        /// The stay that would begin.
        session: String,
        /// 32 bytes.
        nonce: Bytes,
    },
    /// The card is proven: this page may be opened once, and soon.
    Browse {
        /// Below the origin, beginning with `/`.
        path: String,
    },
    /// What the card is to sign with slot 9E.
    Prove {
        /// 32 bytes.
        nonce: Bytes,
    },
    /// It did not come to a stay.
    Declined {
        /// For the clerk.
        japanese: String,
    },
    /// The stay has ended: the browser is to be closed.
    Ended {
        /// For the clerk.
        japanese: String,
    },
    /// The office is there.
    Beat,
}

/// Bytes that are no message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Longer than any message.
    #[error("a message of {0} bytes; {MAX_MESSAGE} is the most")]
    TooLong(usize),
    /// Not a message of this protocol.
    #[error("not a message: {0}")]
    Form(#[from] serde_json::Error),
}

/// The bytes of a message, its length before it.
///
/// # Errors
/// When it is longer than any may be.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let json = serde_json::to_vec(message)?;
    let length = u32::try_from(json.len()).ok().filter(|length| *length as usize <= MAX_MESSAGE);
    let length = length.ok_or(WireError::TooLong(json.len()))?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(json);
    Ok(bytes)
}

/// Puts messages together from bytes that come in any portions.
#[derive(Debug, Default)]
pub struct Messages {
    bytes: Vec<u8>,
}

impl Messages {
    /// Takes what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    ///
    /// # Errors
    /// When what came is no message. Nothing that comes after it can be read either.
    pub fn take<T: DeserializeOwned>(&mut self) -> Result<Option<T>, WireError> {
        let Some((length, rest)) = self.bytes.split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > MAX_MESSAGE {
            return Err(WireError::TooLong(length));
        }
        let Some(json) = rest.get(..length) else { return Ok(None) };
        let message = serde_json::from_slice(json)?;
        self.bytes.drain(..4 + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn samples() -> Vec<Said> {
        let bytes = |length| Bytes(vec![7; length]);
        vec![
            Said::Hello { program: "0.1.0".into(), at: Timestamp::UNIX_EPOCH },
            Said::CardIn,
            Said::CardOut { why: Gone::Swapped },
            Said::Answer { session: "s-1".into(), certificate: bytes(500), signature: bytes(70) },
            Said::PinWrong { certificate: bytes(500), tries_left: 2 },
            Said::Proof { certificate: bytes(500), signature: bytes(70) },
            Said::Beat,
        ]
    }

    #[test]
    fn the_words_are_fixed() {
        let json = |said: &Said| serde_json::to_string(said).unwrap();
        assert_eq!(json(&Said::Beat), r#"{"said":"beat"}"#);
        assert_eq!(json(&Said::CardOut { why: Gone::TakenOut }), r#"{"said":"card-out","why":"taken-out"}"#);
        let told = Told::Prove { nonce: Bytes(vec![1, 2]) };
        assert_eq!(serde_json::to_string(&told).unwrap(), r#"{"told":"prove","nonce":"AQI="}"#);
    }

    #[test]
    fn a_message_too_long_is_known_by_its_length() {
        let mut messages = Messages::default();
        messages.push(&u32::MAX.to_be_bytes());
        assert!(matches!(messages.take::<Said>(), Err(WireError::TooLong(_))));
        let long = Said::Hello { program: "x".repeat(MAX_MESSAGE), at: Timestamp::UNIX_EPOCH };
        assert!(matches!(encode(&long), Err(WireError::TooLong(_))));
    }

    proptest! {
        #[test]
        fn messages_are_put_together_from_any_portions(cuts in prop::collection::vec(1usize..200, 1..60)) {
            let sent = samples();
            let bytes: Vec<u8> = sent.iter().flat_map(|said| encode(said).unwrap()).collect();
            let (mut messages, mut came, mut at) = (Messages::default(), Vec::new(), 0);
            let mut cuts = cuts.iter().cycle();
            while at < bytes.len() {
                let end = (at + cuts.next().unwrap()).min(bytes.len());
                messages.push(&bytes[at..end]);
                at = end;
                while let Some(said) = messages.take::<Said>().unwrap() {
                    came.push(said);
                }
            }
            prop_assert_eq!(came, sent);
        }

        #[test]
        fn any_bytes_can_be_looked_at(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut messages = Messages::default();
            messages.push(&bytes);
            while let Ok(Some(_)) = messages.take::<Told>() {}
        }
    }
}
