//! 第14条第2項: card and password.

use jiff::SignedDuration;
use office::Declined;
use office::clock::Clock as _;
use office::credentials::Password;
use register::access::{self, CardState, SignOutCause};

use testbed::{Kit, articles, holder, id};

#[test]
fn card_and_password_open_a_stay_at_the_terminal() {
    let kit = Kit::new();
    let (token, stay) = kit.sign_in("card-1");
    assert_eq!(kit.office.signed_in(token.as_str()), Some(stay));
    kit.office.sign_out(token.as_str(), SignOutCause::Asked).expect("signed out");
    assert_eq!(kit.office.signed_in(token.as_str()), None);
}

#[test]
fn a_wrong_password_is_refused_and_counted_until_nobody_gets_in_for_a_while() {
    let kit = Kit::new();
    let presented = kit.present("card-1").expect("proven");
    for _ in 0..5 {
        let declined = kit.office.sign_in(&presented.session, &Password::from("not it")).expect_err("wrong");
        assert_eq!(articles(&declined), ["14-2"]);
    }
    let declined = kit.office.sign_in(&presented.session, kit.password("card-1")).expect_err("locked out");
    assert!(articles(&declined).contains(&"16(1)".to_owned()), "{declined:?}");
    kit.clock.set(kit.clock.now() + SignedDuration::from_mins(16));
    kit.sign_in("card-1");
}

#[test]
fn ten_wrong_passwords_suspend_the_card_until_it_is_restored() {
    let kit = Kit::new();
    for _ in 0..10 {
        kit.clock.set(kit.clock.now() + SignedDuration::from_mins(16));
        let presented = kit.present("card-1").expect("proven");
        kit.office.sign_in(&presented.session, &Password::from("not it")).expect_err("wrong");
    }
    let card = kit.office.city().access.card(&id("card-1")).cloned().expect("in the ledger");
    assert_eq!(card.state, CardState::Suspended);
    kit.clock.set(kit.clock.now() + SignedDuration::from_mins(16));
    let declined = kit.present("card-1").expect_err("suspended");
    assert!(articles(&declined).contains(&"16(3)".to_owned()), "{declined:?}");
    kit.act(&holder("joho-tokei-kacho"), access::Act::RestoreCard(id("card-1"))).expect("restored");
    kit.sign_in("card-1");
}

#[test]
fn a_challenge_is_answered_once() {
    let kit = Kit::new();
    let presented = kit.present("card-1").expect("proven");
    let again = kit.office.present(&presented.session, b"certificate", b"signature");
    assert!(matches!(again, Err((Declined::Unreadable { field: "card", .. }, _))));
}

#[test]
fn a_card_reported_lost_opens_nothing_and_ends_the_stay_it_opened() {
    let kit = Kit::new();
    let (token, _) = kit.sign_in("card-1");
    let lost =
        access::Act::ReportLostCard { card: id("card-1"), circumstances: "紛失の届出".to_owned() };
    kit.act(&holder("joho-tokei-kacho"), lost).expect("stopped");
    assert_eq!(kit.office.signed_in(token.as_str()), None, "the stay ends at once");
    let declined = kit.present("card-1").expect_err("lost");
    assert!(articles(&declined).contains(&"16(3)".to_owned()), "{declined:?}");
}

#[test]
fn a_stay_left_alone_ends() {
    let kit = Kit::new();
    let (token, _) = kit.sign_in("card-1");
    kit.clock.set(kit.clock.now() + SignedDuration::from_mins(11));
    assert_eq!(kit.office.signed_in(token.as_str()), None);
    assert!(kit.office.was_signed_in(token.as_str()).is_some(), "who it was is still known");
}

#[test]
fn a_software_card_is_refused_by_a_city_at_work() {
    let kit = Kit::new();
    let folder = kit.folder.path().join("at-work");
    let config = office::Config {
        data: folder,
        profile: testbed::profile(),
        mode: office::Mode::Serve,
        origin: "https://sekisho.example".to_owned(),
        clock: kit.clock.clone(),
        hashing: office::credentials::HashingCost::default(),
    };
    let office = office::Office::open(config).expect("opens");
    let drawer = card::Drawer::open(&kit.folder.path().join("at-work-drawer")).expect("a drawer");
    let now = kit.clock.now();
    let pin = card::Pin::new("123456").expect("a PIN");
    let number = "card-9".to_owned().try_into().expect("a number");
    let kind = "business-clerk".to_owned().try_into().expect("a kind");
    let hour = SignedDuration::from_hours(1);
    let mut soft = drawer.make(office.authority(), number, kind, &pin, (now, now + hour)).expect("made");
    let challenge = office.challenge(&id(testbed::TERMINAL)).expect("a challenge");
    use card::Card as _;
    soft.verify_pin(&pin).expect("the PIN");
    let signature = soft.sign(&challenge).expect("signed");
    let (declined, hint) =
        office.present(&id(&challenge.session), soft.certificate(), &signature).expect_err("refused");
    assert!(articles(&declined).contains(&"14-2".to_owned()));
    assert!(hint.is_some_and(|hint| !hint.is_empty()), "the clerk is told what to do");
}
