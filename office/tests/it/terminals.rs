//! A terminal's link, and the stay that lives and dies with it and its card.
#![expect(clippy::panic, reason = "a test that cannot go on fails")]

use card::{Card as _, CardNumber, Challenge, Drawer, Pin, Presence, SoftCard};
use jiff::SignedDuration;
use office::clock::Clock as _;
use office::{Link, SignedIn, Token, Unlinked};
use register::access::{self, CardState, SignOutCause};
use register::{Fact, JournalKind, Receipt};
use terminal::wire::{Bytes, Gone, Said, Told};
use testbed::{Kit, PIN, TERMINAL, holder, id};

const EXPORTER: [u8; 32] = [5; 32];
const ORIGIN: &str = "http://127.0.0.1";

fn link(kit: &Kit) -> Link {
    let link = kit.office.link_terminal(&id(TERMINAL), EXPORTER).expect("in service");
    let hello = Said::Hello { program: "0.1.0".to_owned(), at: kit.clock.now() };
    let welcome = kit.office.terminal_said(&link, hello).expect("linked");
    assert_eq!(welcome, [Told::Welcome { at: kit.clock.now() }]);
    link
}

fn card(kit: &Kit, number: &str) -> SoftCard {
    let drawer = Drawer::open(&kit.folder.path().join("drawer")).expect("a drawer");
    let mut card = drawer.take(&CardNumber::try_from(number.to_owned()).expect("a number")).expect("a card");
    card.verify_pin(&Pin::new(PIN).expect("a PIN")).expect("the right PIN");
    card
}

/// What the card at the end of this link is to sign, as the terminal's program builds it.
fn challenge(kit: &Kit, link: &Link) -> Challenge {
    let told = kit.office.terminal_said(link, Said::CardIn).expect("linked");
    let [Told::Challenge { session, nonce }] = told.as_slice() else { panic!("{told:?}") };
    Challenge {
        origin: kit.office.origin().to_owned(),
        terminal: TERMINAL.to_owned(),
        session: session.clone(),
        nonce: nonce.0.as_slice().try_into().expect("32 bytes"),
        exporter: EXPORTER.to_vec(),
    }
}

fn answer(card: &mut SoftCard, challenge: &Challenge) -> Said {
    Said::Answer {
        session: challenge.session.clone(),
        certificate: Bytes(card.certificate().to_vec()),
        signature: Bytes(card.sign(challenge).expect("signed")),
    }
}

fn ticket(told: &[Told]) -> &str {
    let [Told::Browse { path }] = told else { panic!("{told:?}") };
    path.strip_prefix("/t/").expect("a ticket")
}

fn declined(told: &[Told]) -> &str {
    let [Told::Declined { japanese }] = told else { panic!("{told:?}") };
    japanese
}

fn ended(told: &[Told]) -> &str {
    let [Told::Ended { japanese }] = told else { panic!("{told:?}") };
    japanese
}

/// Card, page, password.
fn sign_in(kit: &Kit, link: &Link) -> (Token, SignedIn) {
    let challenge = challenge(kit, link);
    let said = answer(&mut card(kit, "card-1"), &challenge);
    let told = kit.office.terminal_said(link, said).expect("linked");
    let presented = kit.office.take_ticket(ticket(&told)).expect("a proven card");
    kit.office.sign_in(&presented.session, kit.password("card-1")).expect("signed in")
}

fn cause_of_the_last_end(kit: &Kit) -> SignOutCause {
    let told = |index| {
        let receipt = Receipt { journal: JournalKind::Operations.name().to_owned(), index };
        kit.office.told(&receipt).expect("readable")
    };
    let causes = (0..).map_while(told).filter_map(|told| match told.entry.fact {
        Fact::Access(access::Fact::SignedOut { cause, .. }) => Some(cause),
        _ => None,
    });
    causes.last().expect("a stay has ended")
}

#[test]
fn the_page_of_a_proven_card_opens_once_and_the_stay_ends_with_the_card() {
    let kit = Kit::new();
    let link = link(&kit);
    let first = challenge(&kit, &link);
    let told = kit.office.terminal_said(&link, answer(&mut card(&kit, "card-1"), &first)).expect("linked");
    let presented = kit.office.take_ticket(ticket(&told)).expect("a proven card");
    assert!(kit.office.take_ticket(ticket(&told)).is_none(), "a ticket is spent");
    let (token, stay) = kit.office.sign_in(&presented.session, kit.password("card-1")).expect("signed in");
    assert_eq!(kit.office.signed_in(token.as_str()), Some(stay));
    let out = Said::CardOut { why: Gone::TakenOut };
    assert_eq!(kit.office.terminal_said(&link, out).expect("linked"), []);
    assert_eq!(kit.office.signed_in(token.as_str()), None);
    assert_eq!(cause_of_the_last_end(&kit), SignOutCause::CardGone);
}

#[test]
fn a_ticket_holds_for_half_a_minute() {
    let kit = Kit::new();
    let link = link(&kit);
    let challenge = challenge(&kit, &link);
    let told =
        kit.office.terminal_said(&link, answer(&mut card(&kit, "card-1"), &challenge)).expect("linked");
    kit.wait(SignedDuration::from_secs(31));
    assert!(kit.office.take_ticket(ticket(&told)).is_none());
}

#[test]
fn what_was_signed_for_another_connection_terminal_or_site_is_worth_nothing() {
    let kit = Kit::new();
    let others: [fn(&mut Challenge); 4] = [
        |challenge| challenge.exporter = vec![6; 32],
        |challenge| challenge.exporter = Vec::new(),
        |challenge| challenge.terminal = "T-other".to_owned(),
        |challenge| challenge.origin = format!("{ORIGIN}.evil.example"),
    ];
    for change in others {
        let link = link(&kit);
        let mut challenge = challenge(&kit, &link);
        change(&mut challenge);
        let said = answer(&mut card(&kit, "card-1"), &challenge);
        let told = kit.office.terminal_said(&link, said).expect("linked");
        assert!(declined(&told).contains("署名を確かめられません"), "{told:?}");
    }
}

#[test]
fn an_answer_counts_once_and_only_for_what_was_asked() {
    let kit = Kit::new();
    let first = link(&kit);
    let challenge = challenge(&kit, &first);
    let said = answer(&mut card(&kit, "card-1"), &challenge);
    kit.office.terminal_said(&first, said.clone()).expect("linked");
    assert_eq!(kit.office.terminal_said(&first, said.clone()), Err(Unlinked::OutOfTurn));
    let second = link(&kit);
    assert_eq!(kit.office.terminal_said(&second, said), Err(Unlinked::OutOfTurn));
}

#[test]
fn a_card_that_goes_before_the_password_begins_no_stay() {
    let kit = Kit::new();
    let link = link(&kit);
    let challenge = challenge(&kit, &link);
    let told =
        kit.office.terminal_said(&link, answer(&mut card(&kit, "card-1"), &challenge)).expect("linked");
    let presented = kit.office.take_ticket(ticket(&told)).expect("a proven card");
    kit.office.terminal_said(&link, Said::CardOut { why: Gone::TakenOut }).expect("linked");
    kit.office.sign_in(&presented.session, kit.password("card-1")).expect_err("the card is gone");
}

#[test]
fn a_lost_silent_or_doubled_link_ends_the_stay() {
    let kit = Kit::new();
    let first = link(&kit);
    let (token, _) = sign_in(&kit, &first);
    let second = link(&kit);
    assert_eq!(kit.office.signed_in(token.as_str()), None, "the older connection's stay");
    assert_eq!(kit.office.terminal_said(&first, Said::Beat), Err(Unlinked::Superseded));
    kit.office.unlink_terminal(&first);
    assert!(kit.office.linked_terminal(&id(TERMINAL)).is_some(), "the newer one stays");

    let (token, _) = sign_in(&kit, &second);
    kit.wait(SignedDuration::from_secs(5));
    assert_eq!(kit.office.terminal_said(&second, Said::Beat), Ok(vec![Told::Beat]));
    kit.wait(SignedDuration::from_secs(7));
    assert_eq!(kit.office.look_at_terminal(&second), Err(Unlinked::Silent));
    kit.office.unlink_terminal(&second);
    assert_eq!(kit.office.signed_in(token.as_str()), None);
    assert_eq!(cause_of_the_last_end(&kit), SignOutCause::LinkLost);
    assert!(kit.office.linked_terminal(&id(TERMINAL)).is_none());
}

#[test]
fn what_ends_a_stay_elsewhere_is_told_to_the_terminal() {
    let kit = Kit::new();
    let link = link(&kit);
    let (token, _) = sign_in(&kit, &link);
    kit.office.sign_out(token.as_str(), SignOutCause::Asked).expect("signed out");
    assert!(ended(&kit.office.look_at_terminal(&link).expect("linked")).contains("サインアウト"));
    assert_eq!(kit.office.look_at_terminal(&link), Ok(Vec::new()));

    sign_in(&kit, &link);
    let stop =
        access::Act::StopCard {
            card: id("card-1"), state: CardState::Suspended, reason: "確認".to_owned()
        };
    kit.act(&holder("joho-tokei-kacho"), stop).expect("stopped");
    assert!(ended(&kit.office.look_at_terminal(&link).expect("linked")).contains("止められました"));
}

#[test]
fn a_stay_left_alone_ends_at_the_terminal_too() {
    let kit = Kit::new();
    let link = link(&kit);
    sign_in(&kit, &link);
    for _ in 0..130 {
        kit.wait(SignedDuration::from_secs(5));
        kit.office.terminal_said(&link, Said::Beat).expect("linked");
    }
    assert!(ended(&kit.office.look_at_terminal(&link).expect("linked")).contains("操作のない時間"));
}

/// The nonce of the proof that the terminal's card is asked for now.
fn asked(kit: &Kit, link: &Link) -> [u8; 32] {
    let told = kit.office.look_at_terminal(link).expect("linked");
    let [Told::Prove { nonce }] = told.as_slice() else { panic!("{told:?}") };
    nonce.0.as_slice().try_into().expect("32 bytes")
}

fn proof(card: &mut SoftCard, stay: &SignedIn, nonce: [u8; 32]) -> Said {
    let presence = Presence {
        origin: ORIGIN.to_owned(),
        place: TERMINAL.to_owned(),
        session: stay.session.to_string(),
        nonce,
        exporter: EXPORTER.to_vec(),
    };
    let certificate = card.presence_certificate().expect("a certificate of 9E").to_vec();
    let signature = card.prove_presence(&presence).expect("signed");
    Said::Proof { certificate: Bytes(certificate), signature: Bytes(signature) }
}

#[test]
fn the_card_proves_each_minute_that_it_is_still_there() {
    let kit = Kit::new();
    let link = link(&kit);
    let (token, stay) = sign_in(&kit, &link);
    for _ in 0..3 {
        let said = proof(&mut card(&kit, "card-1"), &stay, asked(&kit, &link));
        assert_eq!(kit.office.terminal_said(&link, said), Ok(Vec::new()));
        assert_eq!(kit.office.look_at_terminal(&link), Ok(Vec::new()));
        for _ in 0..12 {
            kit.wait(SignedDuration::from_secs(5));
            kit.office.terminal_said(&link, Said::Beat).expect("linked");
        }
    }
    assert!(kit.office.signed_in(token.as_str()).is_some());
    asked(&kit, &link);
    for _ in 0..3 {
        kit.wait(SignedDuration::from_secs(5));
        kit.office.terminal_said(&link, Said::Beat).expect("linked");
    }
    assert!(ended(&kit.office.look_at_terminal(&link).expect("linked")).contains("確かめられません"));
    assert_eq!(kit.office.signed_in(token.as_str()), None);
    assert_eq!(cause_of_the_last_end(&kit), SignOutCause::CardChanged);
}

#[test]
fn another_card_and_an_old_proof_end_the_stay() {
    let mut kit = Kit::new();
    kit.equip("newcomer", "business-clerk", "card-2");
    let link = link(&kit);
    let (token, stay) = sign_in(&kit, &link);
    let said = proof(&mut card(&kit, "card-2"), &stay, asked(&kit, &link));
    let told = kit.office.terminal_said(&link, said).expect("linked");
    assert!(ended(&told).contains("サインインしたカードではありません"));
    assert_eq!(kit.office.signed_in(token.as_str()), None);

    let (token, stay) = sign_in(&kit, &link);
    asked(&kit, &link);
    let old = proof(&mut card(&kit, "card-1"), &stay, [0; 32]);
    ended(&kit.office.terminal_said(&link, old).expect("linked"));
    assert_eq!(kit.office.signed_in(token.as_str()), None);
}

#[test]
fn a_terminal_out_of_the_register_has_no_link() {
    let kit = Kit::new();
    assert_eq!(kit.office.link_terminal(&id("T-none"), EXPORTER).err(), Some(Unlinked::NotInService));
    let link = link(&kit);
    kit.act(&holder("joho-tokei-kacho"), access::Act::RetireTerminal(id(TERMINAL))).expect("retired");
    assert_eq!(kit.office.look_at_terminal(&link), Err(Unlinked::NotInService));
}

#[test]
fn a_wrong_pin_is_recorded_and_a_stranger_card_is_told_why() {
    let kit = Kit::new();
    let link = link(&kit);
    let challenge = challenge(&kit, &link);
    let mut own = card(&kit, "card-1");
    let wrong = Said::PinWrong { certificate: Bytes(own.certificate().to_vec()), tries_left: 2 };
    kit.office.terminal_said(&link, wrong).expect("linked");
    assert_eq!(kit.office.city().access.attempts_at(&id(TERMINAL)).failed, 1);
    let stranger = Said::Answer {
        session: challenge.session.clone(),
        certificate: Bytes(b"no certificate".to_vec()),
        signature: Bytes(own.sign(&challenge).expect("signed")),
    };
    let told = kit.office.terminal_said(&link, stranger).expect("linked");
    assert!(declined(&told).contains("操作者用カードとして読めません"));
}
