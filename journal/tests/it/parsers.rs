//! Bytes from outside: whatever they are, parsers answer, and what they accept prints as it was.

use std::fmt::Display;
use std::str::FromStr;

use journal::{
    Checkpoint, Hash, JournalName, SignedNote, SigningKey, TilePath, TlogProof, TreeHead, VerifierKey,
    canonical, encode_bundle, parse_bundle, seal, unseal,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON value that has a canonical form.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53)..=1 << 53).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..6).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

/// Texts with all that JSON escapes, and code points whose order differs between UTF-8 and UTF-16.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            any::<char>(),
            prop::sample::select(vec!['"', '\\', '\n', '\u{0}', '\u{7f}', '\u{ffff}', '\u{10000}', '葛'])
        ],
        0..8,
    )
    .prop_map(|chars| chars.into_iter().collect())
}

fn body() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(text(), value(), 0..6).prop_map(|m| m.into_iter().collect())
}

/// A valid text with a few of its characters replaced, taken away or doubled.
fn damaged(valid: String) -> impl Strategy<Value = String> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..3, any::<char>()), 0..4).prop_map(move |edits| {
        let mut chars: Vec<char> = valid.chars().collect();
        for (at, what, with) in edits {
            let at = at.index(chars.len());
            match what {
                0 => chars[at] = with,
                1 if chars.len() > 1 => drop(chars.remove(at)),
                _ => chars.insert(at, chars[at]),
            }
        }
        chars.into_iter().collect()
    })
}

fn prints_as_it_was<T: FromStr + Display>(text: &str) {
    if let Ok(parsed) = text.parse::<T>() {
        assert_eq!(parsed.to_string(), text);
    }
}

fn signed() -> (SigningKey, String) {
    let key = SigningKey::generate("sekisho.invalid/000000/register").unwrap();
    let head = TreeHead { size: 1234, root: Hash([7; 32]) };
    let note = Checkpoint { origin: key.verifier().name().to_owned(), head }.sign(&key).unwrap().to_string();
    (key, note)
}

fn parse_all(text: &str) {
    prints_as_it_was::<TilePath>(text);
    prints_as_it_was::<JournalName>(text);
    let _ = text.parse::<Checkpoint>();
    let _ = text.parse::<TlogProof>();
    let _ = text.parse::<VerifierKey>();
    let _ = text.parse::<SignedNote>();
    let _ = text.parse::<Hash>();
    let _ = SigningKey::from_secret_text(text);
    let _ = canonical::parse(text.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_json_is_read_back_and_is_json(body in body()) {
        let bytes = canonical::encode(&body).unwrap();
        prop_assert_eq!(&canonical::parse(&bytes).unwrap(), &body);
        prop_assert_eq!(&serde_json::from_slice::<Map<String, Value>>(&bytes).unwrap(), &body);
        prop_assert!(!bytes.contains(&b'\n'));
    }

    #[test]
    fn entries_are_read_back(body in body(), salt in any::<[u8; 16]>()) {
        prop_assume!(!body.contains_key("salt"));
        let salt = journal::Salt(salt);
        let bytes = seal(body.clone(), salt).unwrap();
        prop_assert_eq!(unseal(&bytes), Ok((body, salt)));
    }

    #[test]
    fn canonical_json_accepts_only_what_it_writes(
        text in body().prop_flat_map(|b| damaged(String::from_utf8(canonical::encode(&b).unwrap()).unwrap())),
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        for bytes in [text.into_bytes(), bytes] {
            if let Ok(object) = canonical::parse(&bytes) {
                prop_assert_eq!(canonical::encode(&object).unwrap(), bytes.clone());
            }
            let _ = unseal(&bytes);
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        parse_all(&text);
    }

    #[test]
    fn damaged_notes_are_answered_and_not_believed(text in Just(()).prop_flat_map(|()| damaged(signed().1))) {
        parse_all(&text);
        // Signed by a key that is gone: whatever the damage did, nothing verifies under another key.
        let (key, _) = signed();
        prop_assert!(Checkpoint::open(&text, key.verifier()).is_err());
    }

    #[test]
    fn a_changed_checkpoint_is_not_believed(
        (key, note, changed) in Just(()).prop_flat_map(|()| {
            let (key, note) = signed();
            let vkey = key.verifier().to_string();
            (Just(vkey), Just(note.clone()), damaged(note))
        })
    ) {
        let key: VerifierKey = key.parse().unwrap();
        let checkpoint = Checkpoint::open(&note, &key).unwrap();
        if let Ok(opened) = Checkpoint::open(&changed, &key) {
            prop_assert_eq!(opened, checkpoint);
        }
        prints_as_it_was::<SignedNote>(&note);
    }

    #[test]
    fn damaged_keys_and_proofs_are_answered(
        key in Just(()).prop_flat_map(|()| damaged(signed().0.verifier().to_string())),
        proof in prop::collection::vec(any::<[u8; 32]>(), 0..5).prop_flat_map(|hashes| {
            let hashes = hashes.into_iter().map(Hash).collect();
            damaged(TlogProof { index: 9, hashes, checkpoint: signed().1 }.to_string())
        }),
    ) {
        prints_as_it_was::<VerifierKey>(&key);
        parse_all(&key);
        parse_all(&proof);
    }

    #[test]
    fn tile_paths_are_read_back(n in 0_u64..1 << 48, level in 0_u8..64, width in 1_usize..=256, entries in any::<bool>()) {
        let kind = if entries { journal::TileKind::Entries } else { journal::TileKind::Hashes { level } };
        let path = TilePath::new(kind, n, width).unwrap();
        prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
    }

    #[test]
    fn damaged_tile_paths_are_answered(text in "tile/(0|1|63|entries)/(x[0-9]{3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?".prop_flat_map(damaged)) {
        prints_as_it_was::<TilePath>(&text);
    }

    #[test]
    fn bundles_are_read_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..=256)) {
        let bytes = encode_bundle(&entries).unwrap();
        prop_assert_eq!(parse_bundle(&bytes).unwrap(), entries);
    }

    #[test]
    fn any_bytes_as_a_bundle_are_answered(bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..600)) {
        if let Ok(entries) = parse_bundle(&bytes) {
            prop_assert_eq!(encode_bundle(&entries).unwrap(), bytes);
        }
    }
}
