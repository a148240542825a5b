//! The same card behind OpenSC's PKCS#11 module.

use std::path::Path;

use card::piv::reader::Readers;
use card::pkcs11::{Layout, Module};
use card::{Card as _, PinError, SignError};
use virtual_card::{Bench, Card, Slot};

use crate::kit::{Direct, Town, challenge, noon, pin, presence};

const OPENSC: &str = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";

#[test]
fn a_card_behind_a_makers_module_signs_in_and_proves_its_presence() {
    let Some(mut bench) = Bench::start_or_skip("a_card_behind_a_makers_module") else { return };
    if !Path::new(OPENSC).exists() {
        return virtual_card::skip("a_card_behind_a_makers_module", "opensc-pkcs11 is not installed");
    }
    let town = Town::new();
    let mut card = Card::blank().unwrap();
    drop(town.enrol(Direct(card.power()), "C-0001"));
    bench.insert(Slot::First, card);
    crate::reader::until(&Readers::connect().unwrap(), |now| now.iter().any(|reader| reader.has_card()));

    let module = Module::load(Path::new(OPENSC), Layout::opensc_piv()).unwrap();
    let slots = module.cards().unwrap();
    let mut card = module.open(slots[0]).unwrap();
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
    assert_eq!(card.verify_pin(&pin("111111")), Err(PinError::WrongUncounted));
    assert_eq!(card.verify_pin(&pin("111111")), Err(PinError::Wrong { tries_left: 1 }));
    card.verify_pin(&pin("246810")).unwrap();
    let asked = challenge();
    let signature = card.sign(&asked).unwrap();
    let proven = town.verifier().verify(card.certificate(), &asked, &signature, noon()).unwrap();
    assert_eq!(proven.number.as_str(), "C-0001");

    let presence = presence();
    let signature = card.prove_presence(&presence).unwrap();
    let certificate = card.presence_certificate().unwrap();
    assert_eq!(
        town.verifier().verify_presence(certificate, &presence, &signature, noon()).unwrap().number.as_str(),
        "C-0001"
    );
}
