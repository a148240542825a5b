//! The card in a reader, behind a real `pcscd`: pulled, swapped, unplugged, gone.

use std::time::{Duration, Instant};

use card::piv::PivCard;
use card::piv::reader::{Content, FindError, Reader, ReaderCard, Readers};
use card::{Card as _, PinError, SignError, Unreachable};
use virtual_card::{Bench, Card, Slot};

use crate::kit::{Direct, Town, challenge, noon, pin, presence};

/// A card is seen, and seen to be gone, in this time.
const SOON: Duration = Duration::from_secs(5);

fn enrolled(town: &Town, number: &str) -> Card {
    let mut card = Card::blank().unwrap();
    drop(town.enrol(Direct(card.power()), number));
    card
}

/// Waits until the readers are so.
pub(crate) fn until(readers: &Readers, wanted: impl Fn(&[Reader]) -> bool) -> Vec<Reader> {
    let began = Instant::now();
    let mut now = readers.list().unwrap();
    while !wanted(&now) {
        assert!(began.elapsed() < SOON, "the readers stay {now:?}");
        now = readers.changed(&now, SOON).unwrap();
    }
    now
}

fn cards(count: usize) -> impl Fn(&[Reader]) -> bool {
    move |readers| readers.iter().filter(|reader| reader.has_card()).count() == count
}

fn open(readers: &Readers, slot: Slot) -> PivCard<ReaderCard> {
    let reader = readers.with_card(Some(slot.reader())).unwrap();
    PivCard::open(readers.open(&reader).unwrap()).unwrap()
}

#[test]
fn a_card_is_enrolled_in_a_reader_signs_in_and_is_pulled() {
    let Some(mut bench) = Bench::start_or_skip("a_card_is_enrolled_in_a_reader") else { return };
    let (town, readers) = (Town::new(), Readers::connect().unwrap());
    assert_eq!(readers.with_card(None), Err(FindError::NoCard));
    assert!(FindError::NoCard.japanese().contains("リーダーに差して"));

    bench.insert(Slot::First, Card::blank().unwrap());
    until(&readers, cards(1));
    let reader = readers.with_card(None).unwrap();
    assert_eq!(reader.name(), Slot::First.reader());
    let blank = PivCard::open(readers.open(&reader).unwrap());
    assert_eq!(blank.map(|_| ()), Err(Unreachable::Blank));
    drop(town.enrol(readers.open(&reader).unwrap(), "C-0001"));

    let began = Instant::now();
    let mut card = open(&readers, Slot::First);
    card.verify_pin(&pin("246810")).unwrap();
    town.sign_in(&mut card, noon()).unwrap();
    let took = began.elapsed();
    assert!(took < Duration::from_millis(1500), "a sign-in took {took:?}");

    let known = readers.list().unwrap();
    let watch = std::thread::spawn({
        let readers = readers.clone();
        move || (readers.changed(&known, SOON), Instant::now())
    });
    std::thread::sleep(Duration::from_millis(300));
    let pulled = Instant::now();
    bench.pull(Slot::First);
    let (now, seen) = watch.join().unwrap();
    assert!(cards(0)(&now.unwrap()));
    let took = seen.duration_since(pulled);
    assert!(took < Duration::from_secs(1), "the removal was seen after {took:?}");
    assert_eq!(card.sign(&challenge()), Err(SignError::Unreachable(Unreachable::Removed)));
    assert!(Unreachable::Removed.japanese().contains("差し直して"));
}

#[test]
fn a_handle_that_is_dropped_leaves_the_card_shut() {
    let Some(mut bench) = Bench::start_or_skip("a_handle_that_is_dropped") else { return };
    let (town, readers) = (Town::new(), Readers::connect().unwrap());
    bench.insert(Slot::First, enrolled(&town, "C-0001"));
    until(&readers, cards(1));
    let mut card = open(&readers, Slot::First);
    card.verify_pin(&pin("246810")).unwrap();
    // Nobody else reaches a card that is in use.
    let reader = readers.with_card(None).unwrap();
    assert_eq!(reader.content(), Content::CardInUse);
    assert_eq!(readers.open(&reader).map(|_| ()), Err(Unreachable::Busy));
    assert!(Unreachable::Busy.japanese().contains("ほかのプログラム"));
    drop(card);
    let mut card = open(&readers, Slot::First);
    assert_eq!(card.sign(&challenge()), Err(SignError::PinNeeded));
}

#[test]
fn a_pin_that_is_wrong_three_times_stays_counted_when_the_card_is_pulled() {
    let Some(mut bench) = Bench::start_or_skip("a_pin_that_is_wrong_three_times") else { return };
    let (town, readers) = (Town::new(), Readers::connect().unwrap());
    bench.insert(Slot::First, enrolled(&town, "C-0001"));
    for verdict in [PinError::Wrong { tries_left: 2 }, PinError::Wrong { tries_left: 1 }, PinError::Blocked] {
        until(&readers, cards(1));
        let mut card = open(&readers, Slot::First);
        assert_eq!(card.verify_pin(&pin("111111")), Err(verdict));
        drop(card);
        let card = bench.pull(Slot::First).unwrap();
        until(&readers, cards(0));
        bench.insert(Slot::First, card);
    }
    until(&readers, cards(1));
    assert_eq!(open(&readers, Slot::First).verify_pin(&pin("246810")), Err(PinError::Blocked));
}

#[test]
fn a_card_that_is_swapped_is_another_card() {
    let Some(mut bench) = Bench::start_or_skip("a_card_that_is_swapped") else { return };
    let (town, readers) = (Town::new(), Readers::connect().unwrap());
    bench.insert(Slot::First, enrolled(&town, "C-0001"));
    until(&readers, cards(1));
    let mut first = open(&readers, Slot::First);
    first.verify_pin(&pin("246810")).unwrap();

    let other = enrolled(&town, "C-0002");
    bench.pull(Slot::First);
    bench.insert(Slot::First, other);
    until(&readers, cards(1));
    // Whoever did not look meanwhile finds out by the proof of presence at the latest.
    let gone = Err(SignError::Unreachable(Unreachable::Removed));
    assert_eq!(first.prove_presence(&presence()), gone);
    assert_eq!(first.sign(&challenge()), gone);
    let id = first.id();
    drop(first);
    let mut second = open(&readers, Slot::First);
    assert_ne!(second.id(), id);
    assert_eq!(town.presence(&mut second).unwrap().number.as_str(), "C-0002");
    assert_eq!(second.sign(&challenge()), Err(SignError::PinNeeded));
}

#[test]
fn with_cards_in_two_readers_somebody_has_to_say_which() {
    let Some(mut bench) = Bench::start_or_skip("with_cards_in_two_readers") else { return };
    let (town, readers) = (Town::new(), Readers::connect().unwrap());
    bench.insert(Slot::First, enrolled(&town, "C-0001"));
    bench.insert(Slot::Second, enrolled(&town, "C-0002"));
    until(&readers, cards(2));
    let several = readers.with_card(None).unwrap_err();
    assert!(matches!(&several, FindError::SeveralCards(names) if names.len() == 2));
    assert!(
        several.japanese().contains("ほかを抜いて") && several.japanese().contains(Slot::Second.reader())
    );
    let (mut first, mut second) = (open(&readers, Slot::First), open(&readers, Slot::Second));
    assert_eq!(town.presence(&mut first).unwrap().number.as_str(), "C-0001");
    assert_eq!(town.presence(&mut second).unwrap().number.as_str(), "C-0002");
    let unknown = readers.with_card(Some("Virtual PCD 00 07")).unwrap_err();
    assert!(unknown.japanese().contains("Virtual PCD 00 07"));
}

#[test]
fn a_reader_that_is_unplugged_and_a_service_that_is_gone_are_named() {
    let Some(mut bench) = Bench::start_or_skip("a_reader_that_is_unplugged") else { return };
    let (town, readers) = (Town::new(), Readers::connect().unwrap());
    bench.insert(Slot::First, enrolled(&town, "C-0001"));
    until(&readers, cards(1));
    let mut card = open(&readers, Slot::First);
    let known = readers.list().unwrap();
    let watch = std::thread::spawn({
        let (readers, known) = (readers.clone(), known.clone());
        move || readers.changed(&known, SOON)
    });
    std::thread::sleep(Duration::from_millis(300));
    bench.stop();
    assert_eq!(watch.join().unwrap(), Err(Unreachable::ServiceGone));
    let gone = card.sign(&challenge());
    assert_eq!(gone, Err(SignError::Unreachable(Unreachable::ServiceGone)));
    assert_eq!(Readers::connect().map(|_| ()), Err(Unreachable::ServiceGone));
    assert!(Unreachable::ServiceGone.japanese().contains("システム管理者に起動を依頼"));

    bench.unplug();
    let readers = Readers::connect().unwrap();
    assert_eq!(readers.with_card(None), Err(FindError::NoReader));
    assert!(FindError::NoReader.japanese().contains("リーダーを接続して"));
    assert_eq!(readers.open(&known[0]).map(|_| ()), Err(Unreachable::ReaderGone));
    assert!(Unreachable::ReaderGone.japanese().contains("接続し直して"));

    bench.plug();
    bench.insert(Slot::First, enrolled(&town, "C-0001"));
    let readers = Readers::connect().unwrap();
    until(&readers, cards(1));
    town.presence(&mut open(&readers, Slot::First)).unwrap();
}
