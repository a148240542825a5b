//! The card without a reader: what it does with each command, good and bad.

use std::sync::atomic::{AtomicU32, Ordering};

use card::escrow::EscrowError;
use card::piv::{Algorithm, Application, ManagementError, ManagementKey, PivCard, Puk, PukError, Transport};
use card::{Card as _, CardError, Challenge, PinError, SignError, Slot, Unreachable};
use virtual_card::Card;

use crate::kit::{Direct, PASSPHRASE, Town, at, challenge, noon, number, pin};

#[test]
fn a_blank_card_becomes_an_operators() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    // Handed over shut.
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
    assert_eq!(card.tries_left(), Ok(Some(3)));
    card.verify_pin(&pin("246810")).unwrap();
    let proven = town.sign_in(&mut card, noon()).unwrap();
    assert_eq!((proven.number.as_str(), proven.kind.as_str(), proven.software), ("C-0001", "search", false));
    assert_eq!(town.presence(&mut card).unwrap().number.as_str(), "C-0001");
    assert_eq!(town.escrow.cards().unwrap(), [(number("C-0001"), card.id())]);
}

#[test]
fn presence_needs_no_pin_and_a_signature_is_of_one_challenge_only() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    town.presence(&mut card).unwrap();
    card.verify_pin(&pin("246810")).unwrap();
    let (asked, other) = (challenge(), Challenge { terminal: "CS-04".into(), ..challenge() });
    assert_ne!(card.sign(&asked), card.sign(&other));
}

#[test]
fn with_its_power_a_card_loses_the_verified_pin_and_nothing_else() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    let (id, certificate) = (card.id(), card.certificate().to_vec());
    card.verify_pin(&pin("246810")).unwrap();
    card.sign(&challenge()).unwrap();
    drop(card);
    let mut card = PivCard::open(Direct(blank.power())).unwrap();
    assert_eq!((card.id(), card.certificate()), (id, certificate.as_slice()));
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
}

#[test]
fn three_wrong_pins_block_and_the_puk_from_the_escrow_unblocks() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    let wrong = pin("111111");
    assert_eq!(card.verify_pin(&wrong), Err(PinError::Wrong { tries_left: 2 }));
    drop(card);
    // Pulled and put in again, the card still counts.
    let mut card = PivCard::open(Direct(blank.power())).unwrap();
    assert_eq!(card.verify_pin(&wrong), Err(PinError::Wrong { tries_left: 1 }));
    assert_eq!(card.verify_pin(&wrong), Err(PinError::Blocked));
    assert_eq!(card.verify_pin(&pin("246810")), Err(PinError::Blocked));
    assert_eq!(card.tries_left(), Ok(Some(0)));
    assert!(PinError::Blocked.japanese().contains("解除を申し出"));

    let id = card.id();
    let guess = card.application().unblock(&Puk::factory(), &pin("135790"));
    assert!(matches!(guess, Err(PukError::Wrong { tries_left: Some(1..) })), "{guess:?}");
    let secrets = town.escrow.take(&number("C-0001"), id, PASSPHRASE).unwrap();
    card.application().unblock(&secrets.puk, &pin("135790")).unwrap();
    assert_eq!(card.verify_pin(&pin("246810")), Err(PinError::Wrong { tries_left: 2 }));
    card.verify_pin(&pin("135790")).unwrap();
    town.sign_in(&mut card, noon()).unwrap();
}

#[test]
fn wrong_puks_end_in_a_card_that_can_only_be_wiped() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    let mut verdict = Ok(());
    for _ in 0..8 {
        verdict = card.application().unblock(&Puk::factory(), &pin("135790"));
    }
    assert_eq!(verdict, Err(PukError::Blocked));
    assert!(PukError::Blocked.japanese().contains("発行し直して"));
    card.application().wipe().unwrap();
}

#[test]
fn the_operator_changes_the_pin_with_the_old_one_only() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    let refused = card.application().change_pin(&pin("111111"), &pin("97531000"));
    assert_eq!(refused, Err(PinError::Wrong { tries_left: 2 }));
    card.application().change_pin(&pin("246810"), &pin("97531000")).unwrap();
    assert_eq!(card.verify_pin(&pin("246810")), Err(PinError::Wrong { tries_left: 2 }));
    card.verify_pin(&pin("97531000")).unwrap();
}

#[test]
fn the_management_keys_algorithm_is_read_from_the_card() {
    let mut blank = Card::blank().unwrap();
    let mut application = Application::select(Direct(blank.power())).unwrap();
    assert_eq!(application.management_algorithm(), Ok(Algorithm::TripleDes));
    let key = ManagementKey::fresh(Algorithm::Aes256).unwrap();
    let mut administration = application.administer(&ManagementKey::factory()).unwrap();
    administration.set_key(Algorithm::Aes256, &key).unwrap();
    drop(application);

    let mut application = Application::select(Direct(blank.power())).unwrap();
    assert_eq!(application.management_algorithm(), Ok(Algorithm::Aes256));
    for other in [ManagementKey::factory(), ManagementKey::fresh(Algorithm::Aes256).unwrap()] {
        let refused = application.administer(&other).map(|_| ());
        assert_eq!(refused, Err(ManagementError::WrongKey));
    }
    application.administer(&key).unwrap().make_key(Slot::SignIn).unwrap();
}

#[test]
fn nobody_administers_a_card_without_its_key() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    drop(town.enrol(Direct(blank.power()), "C-0001"));
    let Err(again) = town.try_enrol(Direct(blank.power()), "C-0002") else {
        panic!("an enrolled card was enrolled again");
    };
    assert!(again.japanese().contains("既に発行されたカード") && again.japanese().contains("消去"));
}

#[test]
fn a_wiped_card_is_blank_and_can_be_enrolled_anew() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    let (id, before) = (card.id(), card.certificate().to_vec());
    card.application().wipe().unwrap();
    drop(card);
    assert_eq!(PivCard::open(Direct(blank.power())).map(|_| ()), Err(Unreachable::Blank));
    let card = town.enrol(Direct(blank.power()), "C-0001");
    assert!(card.id() != id && card.certificate() != before);
    assert_eq!(town.escrow.cards().unwrap().len(), 2);
}

/// A card that is pulled after so many commands.
struct Pulled<'a> {
    card: Direct<'a>,
    left: &'a AtomicU32,
}

impl Transport for Pulled<'_> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable> {
        if self.left.load(Ordering::Relaxed) == 0 {
            return Err(Unreachable::Removed);
        }
        self.left.fetch_sub(1, Ordering::Relaxed);
        self.card.transmit(apdu)
    }
}

#[test]
fn a_card_that_is_pulled_half_way_is_wiped_and_enrolled_anew() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    let mut pulled = 0;
    for commands in (0..).step_by(4) {
        let left = AtomicU32::new(commands);
        let outcome = town.try_enrol(Pulled { card: Direct(blank.power()), left: &left }, "C-0001");
        if outcome.is_ok() {
            break;
        }
        drop(outcome);
        pulled += 1;
        Application::select(Direct(blank.power())).unwrap().wipe().unwrap();
    }
    assert!(pulled > 4, "pulled {pulled} times only");
    let mut card = PivCard::open(Direct(blank.power())).unwrap();
    card.verify_pin(&pin("246810")).unwrap();
    town.sign_in(&mut card, noon()).unwrap();
}

#[test]
fn a_card_gets_no_secret_that_is_not_in_the_escrow() {
    let mut blank = Card::blank().unwrap();
    let (town, elsewhere) = (Town::new(), tempfile::tempdir().unwrap());
    let enrolment = card::piv::Enrolment {
        id: card::CardId::fresh().unwrap(),
        last_day: jiff::civil::date(2027, 3, 31),
        pin: pin("246810"),
        management_key: ManagementKey::factory(),
    };
    let refused = card::piv::enrol(
        Application::select(Direct(blank.power())).unwrap(),
        &enrolment,
        |keys| town.certify("C-0001", keys),
        |_| card::escrow::Escrow::open(elsewhere.path()).map(drop),
    )
    .map(drop);
    assert!(matches!(refused, Err(card::piv::EnrolError::Escrow(EscrowError::File(_)))));
    let mut application = Application::select(Direct(blank.power())).unwrap();
    application.administer(&ManagementKey::factory()).unwrap();
    application.change_puk(&Puk::factory(), &Puk::factory()).unwrap();
    application.verify_pin(&pin("123456")).unwrap();
}

#[test]
fn a_copied_certificate_is_worth_nothing_without_its_key() {
    let town = Town::new();
    let (mut first, mut second) = (Card::blank().unwrap(), Card::blank().unwrap());
    let original = town.enrol(Direct(first.power()), "C-0001");
    let copied = original.certificate().to_vec();
    let mut copy = town.enrol(Direct(second.power()), "C-0002");
    assert_ne!(original.id(), copy.id());
    let secrets = town.escrow.take(&number("C-0002"), copy.id(), PASSPHRASE).unwrap();
    let mut administration = copy.application().administer(&secrets.management_key).unwrap();
    administration.write_certificate(Slot::SignIn, &copied).unwrap();
    drop(copy);

    let mut copy = PivCard::open(Direct(second.power())).unwrap();
    assert_eq!(copy.certificate(), copied);
    copy.verify_pin(&pin("246810")).unwrap();
    let refused = town.sign_in(&mut copy, noon()).unwrap_err();
    assert_eq!(refused, CardError::WrongSignature);
    assert!(refused.japanese().contains("アクセス管理責任者に連絡"));
}

#[test]
fn another_citys_card_and_an_old_one_are_told_apart() {
    let (town, other, mut blank) = (Town::new(), Town::new(), Card::blank().unwrap());
    let mut card = town.enrol(Direct(blank.power()), "C-0001");
    card.verify_pin(&pin("246810")).unwrap();
    let foreign = other.sign_in(&mut card, noon()).unwrap_err();
    assert_eq!(foreign, CardError::ForeignAuthority);
    assert!(foreign.japanese().contains("本市の操作者用カードを差して"));
    let expired = town.sign_in(&mut card, at("2027-04-01T00:00:00+09:00")).unwrap_err();
    assert!(matches!(expired, CardError::Expired(_)));
    assert!(expired.japanese().contains("更新を申請"));
    let early = town.sign_in(&mut card, at("2026-03-31T00:00:00+09:00")).unwrap_err();
    assert_eq!(early, CardError::AuthorityExpired);
}

/// A reader with keys, on which somebody types.
struct Pad<'a> {
    card: Direct<'a>,
    typed: Option<&'static str>,
}

impl Transport for Pad<'_> {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Unreachable> {
        self.card.transmit(apdu)
    }

    fn has_pin_pad(&self) -> bool {
        true
    }

    fn verify_on_pad(&mut self, structure: &[u8]) -> Result<Vec<u8>, Unreachable> {
        let Some(typed) = self.typed else {
            return Ok(vec![0x64, 0x01]);
        };
        // The command follows 19 bytes of how to ask; the PIN comes over its padding.
        let mut command = structure[19..].to_vec();
        command[5..5 + typed.len()].copy_from_slice(typed.as_bytes());
        self.card.transmit(&command)
    }
}

#[test]
fn a_pin_that_is_typed_on_the_reader_opens_the_card() {
    let (town, mut blank) = (Town::new(), Card::blank().unwrap());
    drop(town.enrol(Direct(blank.power()), "C-0001"));
    let mut verdict = |typed| {
        let mut card = PivCard::open(Pad { card: Direct(blank.power()), typed }).unwrap();
        assert!(card.has_pin_pad());
        let verdict = card.verify_pin_on_pad();
        assert_eq!(verdict.is_ok(), card.sign(&challenge()).is_ok());
        verdict
    };
    assert_eq!(verdict(Some("111111")), Err(PinError::Wrong { tries_left: 2 }));
    assert_eq!(verdict(None), Err(PinError::Cancelled));
    assert_eq!(verdict(Some("246810")), Ok(()));
    let mut without = PivCard::open(Direct(blank.power())).unwrap();
    assert_eq!(without.verify_pin_on_pad(), Err(PinError::NoPinPad));
}

#[test]
fn a_card_of_another_kind_is_named_as_such() {
    struct Other;
    impl Transport for Other {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, Unreachable> {
            Ok(vec![0x6a, 0x82])
        }
    }
    assert_eq!(PivCard::open(Other).map(|_| ()), Err(Unreachable::Foreign));
    assert!(Unreachable::Foreign.japanese().contains("交付された操作者用カードを差して"));
}
