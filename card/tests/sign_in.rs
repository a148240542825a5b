//! What a card proves at sign-in, and everything that it must not prove.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic, as the tests themselves may")]

use card::{
    Accept, Card, CardAuthority, CardError, CardNumber, Challenge, Drawer, IssueRequest, KeyStorage, Pin,
    PinError, Presence, ProvenCard, SignError, Slot, SoftCard, Verifier, fresh_nonce,
};
use jiff::{SignedDuration, Timestamp};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePublicKey;
use pki::{Order, TwoPeople};
use proptest::prelude::*;
use std::sync::LazyLock;
use tempfile::TempDir;

const PIN: &str = "246810";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn april() -> Timestamp {
    at("2026-04-01T00:00:00+09:00")
}

fn noon() -> Timestamp {
    at("2026-06-01T12:00:00+09:00")
}

fn a_year() -> (Timestamp, Timestamp) {
    (april(), at("2027-03-31T23:59:59+09:00"))
}

struct Town {
    folder: TempDir,
    authority: CardAuthority,
    drawer: Drawer,
}

fn town() -> Town {
    let folder = tempfile::tempdir().unwrap();
    let authority = CardAuthority::create(&folder.path().join("authority"), "試験市", april()).unwrap();
    let drawer = Drawer::open(&folder.path().join("drawer")).unwrap();
    Town { folder, authority, drawer }
}

impl Town {
    fn card(&self, number: &str) -> SoftCard {
        let pin = Pin::new(PIN).unwrap();
        self.drawer
            .make(&self.authority, number.parse().unwrap(), "search".parse().unwrap(), &pin, a_year())
            .unwrap()
    }

    fn verifier(&self) -> Verifier {
        self.authority.verifier(Accept::SoftwareToo).unwrap()
    }
}

fn challenge() -> Challenge {
    Challenge {
        origin: "https://cs.example.jp".into(),
        terminal: "CS-03".into(),
        session: "s-1".into(),
        nonce: fresh_nonce().unwrap(),
        exporter: vec![9; 32],
    }
}

fn open(mut card: SoftCard) -> SoftCard {
    card.verify_pin(&Pin::new(PIN).unwrap()).unwrap();
    card
}

#[test]
fn a_card_with_its_pin_proves_itself() {
    let town = town();
    let mut card = open(town.card("C-0001"));
    let challenge = challenge();
    let signature = card.sign(&challenge).unwrap();
    let proven = town.verifier().verify(card.certificate(), &challenge, &signature, noon()).unwrap();
    let ProvenCard { number, kind, serial, fingerprint, software, not_after } = proven;
    assert_eq!((number.as_str(), kind.as_str(), software), ("C-0001", "search", true));
    assert_eq!(not_after, a_year().1);
    assert_eq!((serial.len(), fingerprint.len()), (32, 64));
}

#[test]
fn no_pin_no_signature() {
    let town = town();
    let mut card = town.card("C-0001");
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
    // Pulled and put in again, it is shut again.
    let mut card = open(card);
    card.sign(&challenge()).unwrap();
    drop(card);
    let mut card = town.drawer.take(&"C-0001".parse().unwrap()).unwrap();
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
}

#[test]
fn a_wrong_pin_shuts_an_open_card() {
    let town = town();
    let mut card = open(town.card("C-0001"));
    card.verify_pin(&Pin::new("111111").unwrap()).unwrap_err();
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
}

#[test]
fn three_wrong_pins_block_the_card_even_for_the_right_one() {
    let town = town();
    let mut card = town.card("C-0001");
    let wrong = Pin::new("999999").unwrap();
    assert_eq!(card.verify_pin(&wrong), Err(PinError::Wrong { tries_left: 2 }));
    // The count lies with the card, not with who holds it.
    let mut again = town.drawer.take(card.number()).unwrap();
    assert_eq!(again.verify_pin(&wrong), Err(PinError::Wrong { tries_left: 1 }));
    assert_eq!(card.verify_pin(&wrong), Err(PinError::Blocked));
    let right = Pin::new(PIN).unwrap();
    assert_eq!(card.verify_pin(&right), Err(PinError::Blocked));
    let mut again = town.drawer.take(card.number()).unwrap();
    assert_eq!(again.verify_pin(&right), Err(PinError::Blocked));
    assert_eq!(again.sign(&challenge()), Err(SignError::PinNeeded));

    again.unblock().unwrap();
    assert_eq!(again.tries_left(), 3);
    assert_eq!(again.verify_pin(&right), Ok(()));
}

#[test]
fn many_readers_of_one_card_have_three_tries_together() {
    let town = town();
    let number = town.card("C-0001").number().clone();
    let wrong = Pin::new("999999").unwrap();
    let verdicts: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| town.drawer.take(&number).unwrap().verify_pin(&wrong).unwrap_err()))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let count = |verdict: PinError| verdicts.iter().filter(|&seen| *seen == verdict).count();
    let left = |tries_left| count(PinError::Wrong { tries_left });
    assert_eq!((left(2), left(1), count(PinError::Blocked)), (1, 1, 10));
}

#[test]
fn the_right_pin_gives_the_tries_back() {
    let town = town();
    let mut card = town.card("C-0001");
    let wrong = Pin::new("999999").unwrap();
    card.verify_pin(&wrong).unwrap_err();
    card.verify_pin(&wrong).unwrap_err();
    card.verify_pin(&Pin::new(PIN).unwrap()).unwrap();
    assert_eq!(card.verify_pin(&wrong), Err(PinError::Wrong { tries_left: 2 }));
}

#[test]
fn a_card_whose_tries_are_unreadable_is_blocked() {
    let town = town();
    for (n, broken) in ["", "9", "33", "x"].into_iter().enumerate() {
        let mut card = town.card(&format!("C-{n}"));
        let file = town.folder.path().join("drawer").join(format!("{}.tries", card.number()));
        std::fs::write(&file, broken).unwrap();
        assert_eq!(card.tries_left(), 0, "{broken:?}");
        assert_eq!(card.verify_pin(&Pin::new(PIN).unwrap()), Err(PinError::Blocked), "{broken:?}");
    }
}

#[test]
fn a_signature_counts_for_its_own_challenge_only() {
    let town = town();
    let mut card = open(town.card("C-0001"));
    let asked = challenge();
    let signature = card.sign(&asked).unwrap();
    let others = [
        ("origin", Challenge { origin: "https://cs.example.com".into(), ..asked.clone() }),
        ("terminal", Challenge { terminal: "CS-04".into(), ..asked.clone() }),
        ("session", Challenge { session: "s-2".into(), ..asked.clone() }),
        ("nonce", Challenge { nonce: fresh_nonce().unwrap(), ..asked.clone() }),
        ("exporter", Challenge { exporter: vec![8; 32], ..asked.clone() }),
        ("no exporter", Challenge { exporter: Vec::new(), ..asked.clone() }),
        ("moved border", Challenge { terminal: "CS-0".into(), session: "3s-1".into(), ..asked.clone() }),
    ];
    let verifier = town.verifier();
    assert!(verifier.verify(card.certificate(), &asked, &signature, noon()).is_ok());
    for (what, other) in others {
        let verdict = verifier.verify(card.certificate(), &other, &signature, noon());
        assert_eq!(verdict, Err(CardError::WrongSignature), "{what}");
    }
}

#[test]
fn a_signature_of_one_card_does_not_count_for_another() {
    let town = town();
    let mut mine = open(town.card("C-0001"));
    let theirs = town.card("C-0002");
    let challenge = challenge();
    let signature = mine.sign(&challenge).unwrap();
    let verdict = town.verifier().verify(theirs.certificate(), &challenge, &signature, noon());
    assert_eq!(verdict, Err(CardError::WrongSignature));
}

#[test]
fn a_cloned_certificate_with_another_key_proves_nothing() {
    let town = town();
    let card = town.card("C-0001");
    let challenge = challenge();
    let forged: Signature = SigningKey::generate().sign_prehash(&challenge.digest()).unwrap();
    let verdict = town.verifier().verify(card.certificate(), &challenge, forged.to_der().as_bytes(), noon());
    assert_eq!(verdict, Err(CardError::WrongSignature));
}

#[test]
fn a_certificate_counts_from_its_first_to_its_last_second() {
    let town = town();
    let mut card = open(town.card("C-0001"));
    let challenge = challenge();
    let signature = card.sign(&challenge).unwrap();
    let verifier = town.verifier();
    let when = |time| verifier.verify(card.certificate(), &challenge, &signature, time).map(|_| ());
    let (from, until) = a_year();
    let second = SignedDuration::from_secs(1);
    assert_eq!(when(from), Ok(()));
    assert_eq!(when(until), Ok(()));
    assert_eq!(when(until + second), Err(CardError::Expired(until)));
    assert!(when(until + second).unwrap_err().japanese().contains("令和9年3月31日"));
    // Before the authority itself was made.
    assert_eq!(when(from - second), Err(CardError::AuthorityExpired));
}

#[test]
fn a_card_for_later_is_not_valid_yet() {
    let town = town();
    let later = (at("2026-07-01T00:00:00+09:00"), at("2027-06-30T00:00:00+09:00"));
    let pin = Pin::new(PIN).unwrap();
    let card = town
        .drawer
        .make(&town.authority, "C-9".parse().unwrap(), "search".parse().unwrap(), &pin, later)
        .unwrap();
    assert_eq!(town.verifier().read(card.certificate(), noon()), Err(CardError::NotYetValid(later.0)));
}

#[test]
fn a_card_of_another_authority_is_foreign_even_under_the_same_name() {
    let (here, there) = (town(), town());
    let mut card = open(there.card("C-0001"));
    let challenge = challenge();
    let signature = card.sign(&challenge).unwrap();
    let verdict = here.verifier().verify(card.certificate(), &challenge, &signature, noon());
    assert_eq!(verdict, Err(CardError::ForeignAuthority));
    // The authority's certificate is no card.
    let verdict = here.verifier().read(here.authority.certificate(), noon());
    assert_eq!(verdict, Err(CardError::Malformed("made for another purpose")));
}

#[test]
fn real_operation_refuses_software_and_takes_hardware() {
    let town = town();
    let verifier = town.authority.verifier(Accept::HardwareOnly).unwrap();
    let challenge = challenge();
    let mut soft = open(town.card("C-0001"));
    let signature = soft.sign(&challenge).unwrap();
    let verdict = verifier.verify(soft.certificate(), &challenge, &signature, noon());
    assert_eq!(verdict, Err(CardError::SoftwareRefused));

    let key = SigningKey::generate();
    let certificate = town.authority.issue(&request(&key, KeyStorage::Hardware, a_year())).unwrap();
    let signature: Signature = key.sign_prehash(&challenge.digest()).unwrap();
    let proven = verifier.verify(&certificate, &challenge, signature.to_der().as_bytes(), noon()).unwrap();
    assert!(!proven.software);
}

fn request(key: &SigningKey, storage: KeyStorage, (from, until): (Timestamp, Timestamp)) -> IssueRequest {
    IssueRequest {
        slot: Slot::SignIn,
        number: "C-0100".parse().unwrap(),
        kind: "update".parse().unwrap(),
        storage,
        order: Order {
            public_key: key.verifying_key().to_public_key_der().unwrap().into_vec(),
            request: None,
            from,
            until,
            at: april(),
            by: TwoPeople::synthetic(),
            renews: None,
        },
    }
}

#[test]
fn the_authority_does_not_issue_for_too_long_nor_beyond_itself_nor_for_odd_keys() {
    let town = town();
    let key = SigningKey::generate();
    let issue = |from: &str, until: &str| {
        let request = request(&key, KeyStorage::Hardware, (at(from), at(until)));
        town.authority.issue(&request).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(issue("2026-04-01T00:00:00Z", "2028-04-01T00:00:00Z"), Ok(()));
    assert!(issue("2026-04-01T00:00:00Z", "2028-04-02T00:00:01Z").unwrap_err().contains("731 days"));
    assert!(issue("2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z").unwrap_err().contains("731 days"));
    assert!(issue("2026-04-02T00:00:00Z", "2026-04-01T00:00:00Z").unwrap_err().contains("731 days"));
    assert!(issue("2025-04-02T00:00:00Z", "2026-05-01T00:00:00Z").unwrap_err().contains("own validity"));
    assert!(issue("2035-04-02T00:00:00Z", "2036-05-01T00:00:00Z").unwrap_err().contains("own validity"));

    let mut odd = request(&key, KeyStorage::Hardware, a_year());
    odd.order.public_key[40] ^= 1; // off the curve
    assert!(matches!(town.authority.issue(&odd), Err(card::AuthorityError::PublicKey)));
}

#[test]
fn a_card_is_renewed_as_what_it_is() {
    let town = town();
    let first = request(&SigningKey::generate(), KeyStorage::Hardware, a_year());
    town.authority.issue(&first).unwrap();
    let records = town.authority.authority().records().unwrap();
    let later = at("2027-03-01T00:00:00+09:00");
    let order = Order {
        from: later,
        until: at("2029-02-28T00:00:00+09:00"),
        at: later,
        renews: Some(records[0].issued.serial.clone()),
        ..first.order.clone()
    };
    let renewed = town.authority.renew(order).unwrap();
    let verifier = town.authority.verifier(Accept::HardwareOnly).unwrap();
    let card = verifier.read(&renewed, later).unwrap();
    assert_eq!((card.number.as_str(), card.kind.as_str(), card.software), ("C-0100", "update", false));
    assert_ne!(card.serial, records[0].issued.serial.as_str());
    // Without naming what it takes the place of, a second certificate is refused.
    let second = town.authority.issue(&request(&SigningKey::generate(), KeyStorage::Hardware, a_year()));
    assert!(matches!(second, Err(card::AuthorityError::ClockBehind(_))));
    let mut second = request(&SigningKey::generate(), KeyStorage::Hardware, a_year());
    second.order.at = later;
    assert!(matches!(town.authority.issue(&second), Err(card::AuthorityError::InForce(_))));
}

#[test]
fn an_authority_is_reopened_and_never_overwritten() {
    let town = town();
    let folder = town.folder.path().join("authority");
    assert!(CardAuthority::exists(&folder));
    assert!(CardAuthority::create(&folder, "試験市", april()).is_err());
    let again = CardAuthority::load(&folder).unwrap();
    assert_eq!(again.certificate(), town.authority.certificate());
    // What the reopened one issues, the verifier of the first one takes.
    let pin = Pin::new(PIN).unwrap();
    let card =
        town.drawer.make(&again, "C-7".parse().unwrap(), "search".parse().unwrap(), &pin, a_year()).unwrap();
    assert!(town.verifier().read(card.certificate(), noon()).is_ok());
    // Two authorities' files do not mix.
    let other = self::town();
    let foreign = other.folder.path().join("authority");
    std::fs::copy(foreign.join("card-authority.crt"), folder.join("card-authority.crt")).unwrap();
    assert!(matches!(CardAuthority::load(&folder), Err(card::AuthorityError::Damaged(_))));
}

#[test]
fn a_card_number_is_given_once_and_the_drawer_lists_it() {
    let town = town();
    town.card("C-0002");
    town.card("C-0001");
    let pin = Pin::new(PIN).unwrap();
    let twice = town.drawer.make(
        &town.authority,
        "C-0001".parse().unwrap(),
        "search".parse().unwrap(),
        &pin,
        a_year(),
    );
    assert!(twice.is_err());
    let numbers: Vec<CardNumber> = ["C-0001", "C-0002"].map(|n| n.parse().unwrap()).into();
    assert_eq!(town.drawer.numbers().unwrap(), numbers);
}

#[cfg(unix)]
#[test]
fn keys_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let town = town();
    let card = town.card("C-0001");
    let authority = town.folder.path().join("authority");
    let key = authority.join("card-authority.key");
    let soft = town.folder.path().join("drawer/C-0001.softcard.json");
    for file in [&key, &soft] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    assert!(CardAuthority::load(&authority).err().unwrap().japanese().contains("600"));
    assert!(town.drawer.take(card.number()).unwrap_err().japanese().contains("600"));
}

#[test]
fn the_pin_is_not_in_the_cards_file() {
    let town = town();
    town.card("C-0001");
    let text = std::fs::read_to_string(town.folder.path().join("drawer/C-0001.softcard.json")).unwrap();
    assert!(text.contains("ソフトウェアカード") && !text.contains(PIN));
}

#[test]
fn every_refusal_tells_the_clerk_what_to_do() {
    let all = [
        CardError::Malformed("x"),
        CardError::ForeignAuthority,
        CardError::AuthorityExpired,
        CardError::NotYetValid(noon()),
        CardError::Expired(noon()),
        CardError::SoftwareRefused,
        CardError::WrongSignature,
    ];
    let texts: std::collections::BTreeSet<String> = all.iter().map(CardError::japanese).collect();
    assert_eq!(texts.len(), all.len());
    assert!(texts.iter().all(|text| text.ends_with("ください。")));
}

static CERTIFIED: LazyLock<(Verifier, Vec<u8>, Challenge, Vec<u8>)> = LazyLock::new(|| {
    let town = town();
    let mut card = open(town.card("C-0001"));
    let challenge = challenge();
    let signature = card.sign(&challenge).unwrap();
    (town.verifier(), card.certificate().to_vec(), challenge, signature)
});

#[test]
fn every_flipped_bit_of_a_certificate_is_noticed() {
    let (verifier, real, _, _) = &*CERTIFIED;
    assert!(verifier.read(real, noon()).is_ok());
    for bit in 0..real.len() * 8 {
        let mut changed = real.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(verifier.read(&changed, noon()).is_err(), "byte {}, bit {}", bit / 8, bit % 8);
    }
}

proptest! {
    #[test]
    fn rubbish_is_refused_without_a_panic(
        certificate in prop::collection::vec(any::<u8>(), 0..600),
        signature in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let (verifier, real, challenge, _) = &*CERTIFIED;
        prop_assert!(verifier.verify(&certificate, challenge, &signature, noon()).is_err());
        prop_assert!(verifier.verify(real, challenge, &signature, noon()).is_err());
        prop_assert!(Verifier::new(&certificate, Accept::SoftwareToo).is_err());
    }

    #[test]
    fn any_changed_byte_of_a_certificate_is_noticed(
        place in any::<prop::sample::Index>(),
        flip in 1u8..,
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (verifier, real, challenge, signature) = &*CERTIFIED;
        let mut changed = real.clone();
        changed[place.index(real.len())] ^= flip;
        if let Some(cut) = cut {
            changed.truncate(cut.index(real.len()));
        }
        prop_assert!(verifier.verify(&changed, challenge, signature, noon()).is_err());
        prop_assert!(verifier.read(&changed, noon()).is_err());
    }

    #[test]
    fn a_byte_after_the_certificate_or_the_signature_is_noticed(extra in any::<u8>()) {
        let (verifier, real, challenge, signature) = &*CERTIFIED;
        let longer = [real.as_slice(), &[extra]].concat();
        prop_assert!(verifier.verify(&longer, challenge, signature, noon()).is_err());
        let longer = [signature.as_slice(), &[extra]].concat();
        prop_assert!(verifier.verify(real, challenge, &longer, noon()).is_err());
    }
}

fn presence() -> Presence {
    Presence {
        origin: "https://cs.example.jp".into(),
        place: "CS-03".into(),
        session: "s-1".into(),
        nonce: fresh_nonce().unwrap(),
        exporter: vec![9; 32],
    }
}

#[test]
fn a_card_shows_without_its_pin_that_it_is_there() {
    let town = town();
    let mut card = town.card("C-0001");
    let presence = presence();
    let signature = card.prove_presence(&presence).unwrap();
    let certificate = card.presence_certificate().unwrap();
    let proven = town.verifier().verify_presence(certificate, &presence, &signature, noon()).unwrap();
    assert_eq!(proven.number.as_str(), "C-0001");

    let elsewhere = Presence { place: "CS-04".into(), ..presence.clone() };
    let refused = town.verifier().verify_presence(certificate, &elsewhere, &signature, noon());
    assert_eq!(refused, Err(CardError::WrongSignature));
}

#[test]
fn what_needs_no_pin_signs_nobody_in_and_the_other_way_round() {
    let town = town();
    let mut card = open(town.card("C-0001"));
    let (challenge, presence) = (challenge(), presence());
    let (signed, shown) = (card.sign(&challenge).unwrap(), card.prove_presence(&presence).unwrap());
    let other = Err(CardError::Malformed("made for another purpose"));
    let by_presence = card.presence_certificate().unwrap();
    assert_eq!(town.verifier().verify(by_presence, &challenge, &shown, noon()), other);
    assert_eq!(town.verifier().read(by_presence, noon()), other);
    assert_eq!(town.verifier().verify_presence(card.certificate(), &presence, &signed, noon()), other);
}
