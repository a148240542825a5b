//! A city at work: a PIV card in a reader, the terminal's program, the server, the page. The card's application and
//! the card service are not ours.

use std::time::Instant;

use card::piv::reader::Readers;
use card::piv::{Application, Certificates, Enrolment, ManagementKey, enrol};
use card::{Card as _, CardId, IssueRequest, KeyStorage, Pin, Slot};
use jiff::{SignedDuration, Timestamp};
use pki::{Order, TwoPeople};
use register::access::NewCard;
use sha2::{Digest as _, Sha256};
use testbed::{CLERK, Kit, TERMINAL, id};
use virtual_card::{Bench, Card, Slot as Place};

use crate::terminal::{Browser, Town, until};

const PIN: &str = "246810";
const CARD: &str = "card-7";

/// Makes an operator's card of the blank one in the first reader, and enters it in the ledger.
fn make(kit: &Kit, now: Timestamp) {
    let (from, last) = (now - SignedDuration::from_mins(1), now + SignedDuration::from_hours(24 * 300));
    let issue = |slot, public_key: &Vec<u8>| {
        kit.office.authority().issue(&IssueRequest {
            number: CARD.parse().unwrap(),
            kind: "business-clerk".parse().unwrap(),
            slot,
            storage: KeyStorage::Hardware,
            order: Order {
                public_key: public_key.clone(),
                request: None,
                from,
                until: last,
                at: now,
                by: TwoPeople::synthetic(),
                renews: None,
            },
        })
    };
    let enrolment = Enrolment {
        id: CardId::fresh().unwrap(),
        last_day: jiff::civil::date(2036, 12, 31),
        pin: Pin::new(PIN).unwrap(),
        management_key: ManagementKey::factory(),
    };
    let readers = Readers::connect().unwrap();
    let reader = until(|| readers.with_card(None).ok(), || "no card in the reader".to_owned());
    let blank = readers.open(&reader).unwrap();
    let made = enrol(
        Application::select(blank).unwrap(),
        &enrolment,
        |keys| {
            Ok::<_, card::AuthorityError>(Certificates {
                sign_in: issue(Slot::SignIn, &keys.sign_in)?,
                presence: issue(Slot::Presence, &keys.presence)?,
            })
        },
        |_| Ok(()),
    )
    .unwrap();
    kit.issue(NewCard {
        id: id(CARD),
        kind: id("business-clerk"),
        holder: Some(id(CLERK)),
        certificate: hex::encode(Sha256::digest(made.certificate())),
        expires: Some(last),
        kept: String::new(),
    });
}

#[track_caller]
fn ended(browser: &mut Browser, begun: Instant, what: &str) {
    until(|| (browser.get("/duties/mine").0 == 303).then_some(()), || format!("{what}: still signed in"));
    println!("{what}: the stay had ended after {:?}", begun.elapsed());
}

#[test]
fn a_clerk_signs_in_and_every_way_to_lose_the_card_ends_the_stay() {
    let Some(mut bench) = Bench::start_or_skip("a clerk with a card in a reader") else { return };
    bench.insert(Place::First, Card::blank().unwrap());
    let kit = Kit::new();
    #[expect(clippy::disallowed_methods, reason = "the program that is tested tells the real time")]
    let now = Timestamp::now();
    kit.clock.set(now - SignedDuration::from_mins(1));
    make(&kit, now);
    let password = kit.password("card-1").reveal().to_owned();
    let Kit { folder, office, .. } = kit;
    office.close();
    drop(office);

    let town = Town::new(folder.path());
    let server = town.serve("serve", folder.path(), &["--plain-http"]);
    let mut terminal = town.install(TERMINAL, &server, &folder.path().join("terminal"), "");
    terminal.set_pins("000000", PIN);
    terminal.start();
    let origin = server.origin.clone();
    let mut browser = Browser::new(&server);
    let sign_in = |terminal: &crate::terminal::Installed, browser: &mut Browser| {
        let begun = Instant::now();
        let url = terminal.browses(&origin);
        let (status, to) = browser.sign_in(&url, &origin, &password);
        assert!(status == 303 && !to.starts_with("/terminals"), "{status} {to}");
        println!("signed in {:?} after the card was put in", begun.elapsed());
        assert_eq!(browser.get("/duties/mine").0, 200);
        terminal.says("サインインしています");
    };

    // The blank card was made an operator's while it lay there: it is asked for a PIN, the first one is wrong.
    sign_in(&terminal, &mut browser);
    let begun = Instant::now();
    let card = bench.pull(Place::First).unwrap();
    ended(&mut browser, begun, "pulled");
    terminal.says("カードを差してください");

    bench.insert(Place::First, card);
    sign_in(&terminal, &mut browser);
    let begun = Instant::now();
    bench.insert(Place::Second, Card::blank().unwrap());
    ended(&mut browser, begun, "a second card");
    terminal.says("1枚だけ");
    bench.pull(Place::Second);
    let card = bench.pull(Place::First).unwrap();
    terminal.says("カードを差してください");

    bench.insert(Place::First, card);
    sign_in(&terminal, &mut browser);
    let begun = Instant::now();
    bench.stop();
    ended(&mut browser, begun, "the card service stopped");
    terminal.says("カードサービス");
    bench.restart();
    terminal.says("カードを差してください");

    // A card that nobody has made an operator's.
    bench.insert(Place::First, Card::blank().unwrap());
    terminal.says("交付前のカード");
    terminal.stop();
    assert_eq!(server.stop(), Some(0));
}
