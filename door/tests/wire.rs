//! What travels between a controller and the server: round trips, and what is refused.

use door::wire::{
    Acknowledged, AlarmKind, Answer, Ask, Decider, Digest, Direction, DoorGrants, Happened, Name, Nonce,
    Outcome, Presented, PublicKey, Record, Sealed, SecretKey, Snapshot, SnapshotError, Upload, WireError,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a moment")
}

fn ask() -> Ask {
    Ask {
        controller: name("north"),
        nonce: Nonce::fresh().expect("random bytes"),
        seq: 12,
        at: at(0),
        door: name("cs-room"),
        direction: Direction::In,
        presented: Presented::Finger { member: 17 },
    }
}

#[test]
fn what_was_sealed_is_opened() {
    let sealed = Sealed::seal(&ask(), &key()).unwrap();
    let text = serde_json::to_string(&sealed).unwrap();
    let sealed: Sealed = serde_json::from_str(&text).unwrap();
    assert_eq!(sealed.controller_unchecked().unwrap(), name("north"));
    assert_eq!(sealed.open::<Ask>(&key().public()).unwrap().seq, 12);
}

#[test]
fn another_key_another_kind_and_another_body_are_refused() {
    let sealed = Sealed::seal(&ask(), &key()).unwrap();
    let other = SecretKey::from_seed(&[8; 32]).public();
    assert!(matches!(sealed.open::<Ask>(&other), Err(WireError::Signature)));
    assert!(matches!(sealed.open::<Answer>(&key().public()), Err(WireError::Kind { .. })));
    let renamed = Sealed { kind: "answer".to_owned(), ..sealed.clone() };
    assert!(matches!(renamed.open::<Answer>(&key().public()), Err(WireError::Signature)));
    let changed = Sealed { body: sealed.body.replace("\"in\"", "\"out\""), ..sealed };
    assert!(matches!(changed.open::<Ask>(&key().public()), Err(WireError::Signature)));
}

#[test]
fn keys_have_one_text_and_weak_ones_are_refused() {
    let public = key().public();
    assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
    let secret = SecretKey::from_base64(&key().to_base64()).unwrap();
    assert_eq!(secret.public(), public);
    let mut identity = [0; 32];
    identity[0] = 1;
    assert!(PublicKey::from_bytes(&identity).is_err());
    assert!("".parse::<PublicKey>().is_err());
    assert!(!format!("{:?}", key()).contains(key().to_base64().as_str()));
}

#[test]
fn the_text_of_a_record_is_fixed() {
    // Digests of records that are stored depend on it: a change here needs a new kind of record.
    let record = Record {
        seq: 3,
        at: at(0),
        previous: Digest::NONE,
        what: Happened::Passage {
            door: name("cs-room"),
            direction: Direction::In,
            presented: Presented::Finger { member: 17 },
            by: Decider::Snapshot { serial: 9 },
            asked: Some(2),
            outcome: Outcome::Granted,
        },
    };
    let line = record.line().unwrap();
    assert_eq!(
        line,
        concat!(
            r#"{"seq":3,"at":"2026-09-21T14:13:20Z","#,
            r#""previous":"0000000000000000000000000000000000000000000000000000000000000000","#,
            r#""what":{"passage":{"door":"cs-room","direction":"in","presented":{"finger":{"member":17}},"#,
            r#""by":{"snapshot":{"serial":9}},"asked":2,"outcome":"granted"}}}"#
        )
    );
    assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    assert_eq!(record.digest().unwrap(), Digest::of(line.as_bytes()));
}

fn snapshot() -> Snapshot {
    Snapshot {
        controller: name("north"),
        serial: 1,
        issued: at(0),
        expires: at(24 * 60 * 60),
        lockdown: false,
        doors: vec![DoorGrants { door: name("cs-room"), room: name("cs-room"), grants: Vec::new() }],
    }
}

#[test]
fn a_snapshot_is_for_one_controller_and_for_a_day() {
    assert_eq!(snapshot().check(&name("north")), Ok(()));
    assert!(matches!(snapshot().check(&name("south")), Err(SnapshotError::Controller(_))));
    let mut long = snapshot();
    long.expires += SignedDuration::from_secs(1);
    assert_eq!(long.check(&name("north")), Err(SnapshotError::Validity));
    let mut backwards = snapshot();
    backwards.expires = backwards.issued;
    assert_eq!(backwards.check(&name("north")), Err(SnapshotError::Validity));
    let mut twice = snapshot();
    twice.doors.push(twice.doors[0].clone());
    assert!(matches!(twice.check(&name("north")), Err(SnapshotError::DoorTwice(_))));
}

#[test]
fn an_old_answer_without_the_newer_field_is_read() {
    let text =
        r#"{"nonce":"000102030405060708090a0b0c0d0e0f","seq":1,"open":true,"receipt":null,"because":[]}"#;
    assert!(!serde_json::from_str::<Answer>(text).unwrap().unknown);
}

proptest! {
    #[test]
    fn names_are_checked(text in ".{0,80}") {
        let good = !text.is_empty() && text.len() <= 64
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c));
        prop_assert_eq!(Name::new(&text).is_ok(), good);
        let json = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(serde_json::from_str::<Name>(&json).is_ok(), good);
    }

    #[test]
    fn arbitrary_bytes_are_no_message(kind in ".{0,12}", body in ".{0,200}", signature in ".{0,100}") {
        let sealed = Sealed { kind, body, signature };
        prop_assert!(sealed.open::<Ask>(&key().public()).is_err());
        prop_assert!(sealed.open::<Acknowledged>(&key().public()).is_err());
        let _ = sealed.controller_unchecked();
    }

    #[test]
    fn one_changed_byte_breaks_the_seal(position in 0usize..10_000, by in 1u8..128) {
        let upload = Upload {
            controller: name("north"),
            nonce: Nonce::fresh().unwrap(),
            records: vec![Record {
                seq: 0,
                at: at(1),
                previous: Digest::NONE,
                what: Happened::Alarm { door: None, alarm: AlarmKind::ClockStepped { by_ms: -1 } },
            }],
        };
        let sealed = Sealed::seal(&upload, &key()).unwrap();
        let mut bytes = sealed.body.clone().into_bytes();
        let position = position % bytes.len();
        bytes[position] = (bytes[position] + by) % 128;
        let changed = Sealed { body: String::from_utf8(bytes).unwrap(), ..sealed };
        prop_assert!(matches!(changed.open::<Upload>(&key().public()), Err(WireError::Signature)));
    }
}
