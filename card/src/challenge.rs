//! What a card signs: structures that tie a signature to one place, terminal, session and moment.

use sha2::{Digest, Sha256};

/// Says what is signed and in which layout. The key of slot 9A signs nothing else.
const LOGIN: &[u8] = b"sekisho-card-login-v1\0";
/// The same for the key of slot 9E, so that a proof of presence can never pass for a sign-in.
const PRESENCE: &[u8] = b"sekisho-card-presence-v1\0";

/// What one sign-in asks the card to sign. Used once; how long it may be answered is the office's to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Origin of the service, for example `https://sekisho.example.jp`.
    pub origin: String,
    /// Ledger number of the terminal.
    pub terminal: String,
    /// Id of the session that waits for the card.
    pub session: String,
    /// 32 random bytes, see [`fresh_nonce`].
    pub nonce: [u8; 32],
    /// RFC 9266 channel binding of the terminal's connection; empty where the terminal has no program yet.
    pub exporter: Vec<u8>,
}

impl Challenge {
    /// The signed bytes: the tag, then each field after its length (u32, big-endian), so that no two challenges
    /// have the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let Self { origin, terminal, session, nonce, exporter } = self;
        encode(LOGIN, [origin.as_bytes(), terminal.as_bytes(), session.as_bytes(), nonce, exporter])
    }

    /// SHA-256 of [`Challenge::encode`]: what slot 9A is given.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }
}

/// What a card signs to show that it is still in the reader, or at the door: no PIN, so it proves the card and
/// not its holder. Used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Origin of the service, for example `https://sekisho.example.jp`.
    pub origin: String,
    /// Ledger number of the terminal, or the id of the door or desk.
    pub place: String,
    /// Id of the session that the card opened; empty where there is none.
    pub session: String,
    /// 32 random bytes, see [`fresh_nonce`].
    pub nonce: [u8; 32],
    /// RFC 9266 channel binding of the connection that carries the answer; empty where there is none.
    pub exporter: Vec<u8>,
}

impl Presence {
    /// The signed bytes, laid out as those of [`Challenge::encode`] behind a tag of their own.
    pub fn encode(&self) -> Vec<u8> {
        let Self { origin, place, session, nonce, exporter } = self;
        encode(PRESENCE, [origin.as_bytes(), place.as_bytes(), session.as_bytes(), nonce, exporter])
    }

    /// SHA-256 of [`Presence::encode`]: what slot 9E is given.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }
}

fn encode(tag: &[u8], fields: [&[u8]; 5]) -> Vec<u8> {
    let mut bytes = tag.to_vec();
    for field in fields {
        let length = u32::try_from(field.len()).expect("a field of a challenge is shorter than 4 GiB");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

/// A nonce from the operating system's generator.
pub fn fresh_nonce() -> Result<[u8; 32], getrandom::Error> {
    let mut nonce = [0; 32];
    getrandom::fill(&mut nonce)?;
    Ok(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_challenge() -> impl Strategy<Value = Challenge> {
        let field = "[a-c\u{0}]{0,4}";
        let exporter = prop::collection::vec(0u8..3, 0..4);
        (field, field, field, prop::sample::select(vec![[0u8; 32], [1; 32]]), exporter).prop_map(
            |(origin, terminal, session, nonce, exporter)| Challenge {
                origin,
                terminal,
                session,
                nonce,
                exporter,
            },
        )
    }

    /// Reads the layout back; what can be read back in one way only is unambiguous.
    fn decode(bytes: &[u8]) -> Option<Challenge> {
        let mut rest = bytes.strip_prefix(LOGIN)?;
        let mut take = || {
            let (length, tail) = rest.split_at_checked(4)?;
            let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
            let (field, tail) = tail.split_at_checked(length)?;
            rest = tail;
            Some(field.to_vec())
        };
        let challenge = Challenge {
            origin: String::from_utf8(take()?).ok()?,
            terminal: String::from_utf8(take()?).ok()?,
            session: String::from_utf8(take()?).ok()?,
            nonce: take()?.try_into().ok()?,
            exporter: take()?,
        };
        rest.is_empty().then_some(challenge)
    }

    proptest! {
        #[test]
        fn the_encoding_reads_back(challenge in any_challenge()) {
            prop_assert_eq!(decode(&challenge.encode()), Some(challenge));
        }

        #[test]
        fn different_challenges_have_different_bytes(a in any_challenge(), b in any_challenge()) {
            prop_assert_eq!(a == b, a.encode() == b.encode());
            prop_assert_eq!(a == b, a.digest() == b.digest());
        }
    }

    #[test]
    fn a_proof_of_presence_is_no_sign_in() {
        let presence = Presence {
            origin: "o".into(),
            place: "t".into(),
            session: "s".into(),
            nonce: [7; 32],
            exporter: vec![9],
        };
        let Presence { origin, place, session, nonce, exporter } = presence.clone();
        let challenge = Challenge { origin, terminal: place, session, nonce, exporter };
        assert_ne!(presence.digest(), challenge.digest());
        assert_eq!(presence.encode()[PRESENCE.len()..], challenge.encode()[LOGIN.len()..]);
        assert_eq!(decode(&presence.encode()), None);
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let challenge = Challenge {
            origin: "o".into(),
            terminal: "tt".into(),
            session: String::new(),
            nonce: [7; 32],
            exporter: Vec::new(),
        };
        let mut expected = b"sekisho-card-login-v1\0".to_vec();
        expected.extend(b"\0\0\0\x01o\0\0\0\x02tt\0\0\0\0\0\0\0\x20");
        expected.extend([7; 32]);
        expected.extend([0; 4]);
        assert_eq!(challenge.encode(), expected);
    }
}
