//! The program's core: what happens, and what is to be done then.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use card::{Pin, PinError, SignError, Unreachable};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use terminal::core::{Core, Effect, Entry, Event, Readers, Settings, Unsigned};
use terminal::status::Status;
use terminal::wire::{Bytes, Gone, Said, Told};

const EXPORTER: [u8; 32] = [5; 32];

fn now() -> Timestamp {
    "2026-11-24T09:00:00+09:00".parse().unwrap()
}

fn one(id: &str) -> Event {
    card(id, false)
}

fn card(id: &str, pin_pad: bool) -> Event {
    let (certificate, presence) = (vec![1, 2], Some(vec![3]));
    Event::Readers(Readers::Card { id: id.to_owned(), certificate, presence, pin_pad })
}

fn challenge() -> Event {
    Event::Told(Told::Challenge { session: "s-1".to_owned(), nonce: Bytes(vec![9; 32]) })
}

fn welcome() -> Event {
    Event::Told(Told::Welcome { at: now() })
}

fn browse(path: &str) -> Event {
    Event::Told(Told::Browse { path: path.to_owned() })
}

struct Played {
    core: Core,
}

impl Played {
    fn new() -> Self {
        let settings = Settings { origin: "https://city.example".to_owned(), terminal: "T-1".to_owned() };
        Self { core: Core::new(settings) }
    }

    /// What is done, in words.
    fn take(&mut self, event: Event) -> Vec<String> {
        self.core.take(event, now()).iter().map(word).collect()
    }

    fn linked() -> Self {
        let mut played = Self::new();
        assert_eq!(played.take(Event::Linked { exporter: EXPORTER }), ["say hello"]);
        assert!(played.take(welcome()).is_empty());
        played
    }

    /// A clerk has signed in and works.
    fn open() -> Self {
        let mut played = Self::linked();
        assert_eq!(played.take(one("a")), ["say card-in"]);
        assert_eq!(played.take(challenge()), ["ask"]);
        assert_eq!(played.take(pin()), ["sign"]);
        assert_eq!(played.take(Event::Signed(Ok(vec![7]))), ["say answer"]);
        assert_eq!(played.take(browse("/t/abc")), ["browse https://city.example/t/abc"]);
        assert_eq!(played.core.status(), Status::Open);
        played
    }
}

fn pin() -> Event {
    Event::Pin(Some(Pin::new("123456").unwrap()))
}

fn word(effect: &Effect) -> String {
    match effect {
        Effect::Say(said) => {
            let value = serde_json::to_value(said).unwrap();
            let why = value["why"].as_str().map(|why| format!(" {why}")).unwrap_or_default();
            format!("say {}{why}", value["said"].as_str().unwrap())
        }
        Effect::AskPin { wrong: None } => "ask".to_owned(),
        Effect::AskPin { wrong: Some(_) } => "ask again".to_owned(),
        Effect::ClosePrompt => "close prompt".to_owned(),
        Effect::Sign { by: Entry::Typed(_), .. } => "sign".to_owned(),
        Effect::Sign { by: Entry::Pad, .. } => "sign by pad".to_owned(),
        Effect::Prove(_) => "prove".to_owned(),
        Effect::Browse(url) => format!("browse {url}"),
        Effect::CloseBrowser => "close browser".to_owned(),
    }
}

#[test]
fn a_clerk_signs_in_and_takes_the_card_out() {
    let mut played = Played::open();
    assert_eq!(played.take(Event::Readers(Readers::Empty)), ["close browser", "say card-out taken-out"]);
    assert_eq!(played.core.status(), Status::Ready { clock_off: false });
    assert_eq!(played.take(one("a")), ["say card-in"]);
}

#[test]
fn what_is_signed_is_built_of_what_the_program_knows_itself() {
    let mut played = Played::linked();
    played.take(one("a"));
    played.take(challenge());
    let effects = played.core.take(pin(), now());
    let [Effect::Sign { challenge, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((&*challenge.origin, &*challenge.terminal), ("https://city.example", "T-1"));
    assert_eq!((challenge.exporter.as_slice(), challenge.nonce), (EXPORTER.as_slice(), [9; 32]));
}

#[test]
fn a_card_that_lay_there_first_is_told_when_the_office_is_there() {
    let mut played = Played::new();
    assert!(played.take(one("a")).is_empty());
    assert!(matches!(played.core.status(), Status::NotLinked(_)));
    assert_eq!(played.take(Event::Linked { exporter: EXPORTER }), ["say hello"]);
    assert_eq!(played.take(welcome()), ["say card-in"]);
}

#[test]
fn a_wrong_pin_is_asked_again_and_a_blocked_card_is_not() {
    let mut played = Played::linked();
    played.take(one("a"));
    played.take(challenge());
    played.take(pin());
    let wrong = Unsigned::Pin(PinError::Wrong { tries_left: 1 });
    assert_eq!(played.take(Event::Signed(Err(wrong))), ["say pin-wrong", "ask again"]);
    played.take(pin());
    assert_eq!(played.take(Event::Signed(Err(Unsigned::Pin(PinError::Blocked)))), ["say pin-wrong"]);
    assert_eq!(played.core.status(), Status::Over(PinError::Blocked.japanese()));
    assert!(played.take(pin()).is_empty());
}

#[test]
fn a_card_pulled_at_the_prompt_closes_it_and_a_pin_that_comes_late_goes_nowhere() {
    let mut played = Played::linked();
    played.take(one("a"));
    played.take(challenge());
    assert_eq!(played.take(Event::Readers(Readers::Empty)), ["close prompt", "say card-out taken-out"]);
    assert!(played.take(pin()).is_empty());
    assert!(played.take(Event::Signed(Ok(vec![1]))).is_empty());
}

#[test]
fn whoever_cancels_takes_the_card_out_first() {
    let mut played = Played::linked();
    played.take(one("a"));
    played.take(challenge());
    assert!(played.take(Event::Pin(None)).is_empty());
    assert!(matches!(played.core.status(), Status::Over(_)));
    assert!(played.take(challenge()).is_empty());
    played.take(Event::Readers(Readers::Empty));
    assert_eq!(played.take(one("a")), ["say card-in"]);
}

#[test]
fn another_card_between_two_looks_ends_the_stay() {
    let mut played = Played::open();
    assert_eq!(played.take(one("b")), ["close browser", "say card-out swapped", "say card-in"]);
}

#[test]
fn a_second_card_ends_the_stay_and_the_one_that_is_left_opens_nothing() {
    let mut played = Played::open();
    assert_eq!(played.take(Event::Readers(Readers::Several)), ["close browser", "say card-out several"]);
    assert!(matches!(played.core.status(), Status::Care(_)));
    assert!(played.take(one("b")).is_empty());
    played.take(Event::Readers(Readers::Empty));
    assert_eq!(played.take(one("b")), ["say card-in"]);
}

#[test]
fn reader_and_service_that_go_end_the_stay() {
    for (readers, why) in [
        (Readers::NoReader, "no-reader"),
        (Readers::NoService, "no-service"),
        (Readers::Useless(Unreachable::Busy), "silent"),
    ] {
        let mut played = Played::open();
        let done = played.take(Event::Readers(readers));
        assert_eq!(done, ["close browser".to_owned(), format!("say card-out {why}")]);
        assert!(matches!(played.core.status(), Status::Care(_)));
    }
}

#[test]
fn a_lost_link_closes_the_page_and_the_card_signs_in_anew() {
    let mut played = Played::open();
    assert_eq!(played.take(Event::Unlinked("切れた。".to_owned())), ["close browser"]);
    assert!(matches!(played.core.status(), Status::NotLinked(_)));
    // What the old connection's office said is worth nothing.
    assert!(played.take(browse("/t/abc")).is_empty());
    played.take(Event::Linked { exporter: [6; 32] });
    assert_eq!(played.take(welcome()), ["say card-in"]);
}

#[test]
fn the_office_ends_a_stay_and_says_why() {
    let mut played = Played::open();
    let ended = Told::Ended { japanese: "サインアウトしました。".to_owned() };
    assert_eq!(played.take(Event::Told(ended)), ["close browser"]);
    assert_eq!(played.core.status(), Status::Over("サインアウトしました。".to_owned()));
    // It stays so until the card is out.
    assert!(played.take(challenge()).is_empty());
    played.take(Event::Readers(Readers::Empty));
    assert_eq!(played.core.status(), Status::Ready { clock_off: false });
}

#[test]
fn only_pages_of_the_office_are_opened_and_only_after_an_answer() {
    for path in ["//evil.example/", "https://evil.example/", "evil", ""] {
        let mut played = Played::linked();
        played.take(one("a"));
        assert!(played.take(browse("/t/abc")).is_empty());
        played.take(challenge());
        played.take(pin());
        played.take(Event::Signed(Ok(vec![7])));
        assert!(played.take(browse(path)).is_empty(), "{path}");
    }
}

#[test]
fn the_card_proves_that_it_is_there() {
    let mut played = Played::open();
    let prove = || Event::Told(Told::Prove { nonce: Bytes(vec![4; 32]) });
    let effects = played.core.take(prove(), now());
    let [Effect::Prove(presence)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((&*presence.place, &*presence.session), ("T-1", "s-1"));
    assert_eq!(presence.exporter, EXPORTER);
    assert_eq!(played.take(Event::Proved(Ok(vec![7]))), ["say proof"]);
    played.take(prove());
    let gone = SignError::Unreachable(Unreachable::Removed);
    assert_eq!(played.take(Event::Proved(Err(gone))), ["close browser", "say card-out silent"]);
    // Without a stay there is nothing to prove.
    assert!(Played::linked().take(prove()).is_empty());
}

#[test]
fn a_nonce_of_another_length_is_answered_by_nobody() {
    let mut played = Played::linked();
    played.take(one("a"));
    let short = Told::Challenge { session: "s-1".to_owned(), nonce: Bytes(vec![9; 31]) };
    assert!(played.take(Event::Told(short)).is_empty());
}

#[test]
fn with_keys_on_the_reader_no_prompt_is_opened() {
    let mut played = Played::linked();
    played.take(card("a", true));
    assert_eq!(played.take(challenge()), ["sign by pad"]);
    assert_eq!(played.core.status(), Status::Pad);
    assert_eq!(played.take(Event::Signed(Ok(vec![7]))), ["say answer"]);
}

#[test]
fn a_clock_a_day_off_is_told() {
    let mut played = Played::new();
    played.take(Event::Linked { exporter: EXPORTER });
    played.take(Event::Told(Told::Welcome { at: now() - SignedDuration::from_hours(24) }));
    assert_eq!(played.core.status(), Status::Ready { clock_off: true });
}

fn any_event() -> impl Strategy<Value = u8> {
    0u8..22
}

fn event(number: u8) -> Event {
    let said = |text: &str| text.to_owned();
    match number {
        0 | 1 => one("a"),
        2 => one("b"),
        3 => Event::Readers(Readers::Empty),
        4 => Event::Readers(Readers::Several),
        5 => Event::Readers(Readers::NoReader),
        6 => Event::Readers(Readers::NoService),
        7 => Event::Readers(Readers::Useless(Unreachable::Blank)),
        8 | 9 => Event::Linked { exporter: EXPORTER },
        10 => Event::Unlinked(said("切れた。")),
        11 | 12 => welcome(),
        13 => challenge(),
        14 => browse("/t/x"),
        15 => Event::Told(Told::Prove { nonce: Bytes(vec![4; 32]) }),
        16 => Event::Told(Told::Ended { japanese: said("終") }),
        17 => pin(),
        18 => Event::Pin(None),
        19 => Event::Signed(Ok(vec![7])),
        20 => Event::Signed(Err(Unsigned::Pin(PinError::Wrong { tries_left: 1 }))),
        _ => Event::Proved(Ok(vec![7])),
    }
}

proptest! {
    /// Whatever happens in whatever order: a page is open only while one card lies there and the office is
    /// linked, and whatever ends that closes the page.
    #[test]
    fn a_page_is_open_only_with_a_card_and_the_office(events in prop::collection::vec(any_event(), 0..120)) {
        let mut played = Played::new();
        let (mut open, mut card, mut linked) = (false, false, false);
        for number in events {
            let event = event(number);
            match &event {
                Event::Readers(readers) => card = matches!(readers, Readers::Card { .. }),
                Event::Linked { .. } => linked = true,
                Event::Unlinked(_) => linked = false,
                _ => {}
            }
            for effect in played.core.take(event, now()) {
                match effect {
                    Effect::Browse(_) => open = true,
                    Effect::CloseBrowser => open = false,
                    Effect::Say(Said::CardOut { why: Gone::TakenOut }) => prop_assert!(!card),
                    _ => {}
                }
            }
            prop_assert!(!open || (card && linked));
            prop_assert_eq!(open, played.core.status() == Status::Open);
        }
    }
}
