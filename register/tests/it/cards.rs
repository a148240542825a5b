//! 第16条第3号, 第17条: a card's life, spare cards, one card at one place, passwords of one's own.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use register::access::{
    Act, CardState, LendSpare, NewCard, NewTerminal, Operation, OperationKind, Output, SignIn, SignOutCause,
};
use register::case::Particulars;
use register::organization::{self, Appointment};
use register::{Duty, Fact, Invalid, Owner, PersonId, Receipt, access, japan_day};

use regulation::Profile;

use crate::kit::{Given, Outcome, card, designation, id, profile, proof, spare};

const CHIEF: &str = "joho-tokei-kacho";
const OFFICER: &str = "shimin-kacho";

/// `clerk` is signed in with the password that was handed over.
pub(crate) fn handed_over() -> Given {
    let mut given = Given::equipped();
    given.lawful(CHIEF, Act::SetPassword { person: id("clerk"), old_proven: false });
    given.lawful("clerk", Act::SignIn(proof("s-1", "card-1")));
    given
}

/// `clerk` is signed in and has not read the rule that has come into force.
pub(crate) fn unread() -> Given {
    let mut given = Given::signed_in();
    let rule = Particulars::new().with("rule-place", "cards-and-passwords");
    given.takes(CHIEF, "k-1", "rule.draft", rule);
    given.takes(CHIEF, "k-1", "rule.lay-down", Particulars::new());
    given
}

/// A spare card lies in 市民課.
pub(crate) fn with_spare() -> Given {
    let mut given = Given::equipped();
    given.issue(spare("spare-1"));
    given
}

/// `clerk` signed in at a second terminal while signed in at the first.
pub(crate) fn at_two_terminals() -> (Given, Receipt) {
    let mut given = Given::signed_in();
    second_terminal(&mut given);
    given.sign_in_at("T-02", "s-2").expect("signed in");
    let alarm = given.city.access.alarms().last().expect("an alarm").receipt.clone();
    (given, alarm)
}

fn second_terminal(given: &mut Given) {
    let terminal = NewTerminal {
        id: id("T-02"),
        room: id("terminal-shimin"),
        section: id("shimin"),
        authenticator: None,
    };
    given.lawful(CHIEF, Act::RegisterTerminal(terminal));
}

fn lend(to: &str) -> Act {
    Act::LendSpare(LendSpare { card: id("spare-1"), to: id(to), purpose: "カードの修理中".to_owned() })
}

fn give_back() -> Act {
    Act::ReturnSpare { card: id("spare-1"), remark: String::new() }
}

fn consult() -> Act {
    Act::Operate(Operation {
        kind: OperationKind::Consult,
        condition: String::new(),
        reason: Some("届-1".to_owned()),
        touched: Vec::new(),
        hits: 0,
        output: Output::Screen,
        section: None,
        card: None,
        terminal: None,
    })
}

impl Given {
    /// `clerk` signs in at a terminal with the own card.
    fn sign_in_at(&mut self, terminal: &str, session: &str) -> Result<Vec<Fact>, Outcome> {
        match self.when_at(terminal, "clerk", Act::SignIn(proof(session, "card-1"))) {
            Outcome::Done(facts) => Ok(facts),
            other => Err(other),
        }
    }

    fn owed(&self, rule: &str) -> Vec<Duty> {
        self.city.duties(self.now).into_iter().filter(|duty| duty.id == rule).collect()
    }

    fn state_of(&self, card: &str) -> CardState {
        self.city.access.card(&id(card)).expect("in the ledger").state
    }
}

#[track_caller]
fn one(duties: &[Duty]) -> &Duty {
    let [duty] = duties else { panic!("{duties:?}") };
    duty
}

#[test]
fn two_people_hand_a_card_out() {
    let mut given = Given::equipped();
    assert!(matches!(given.when(CHIEF, Act::IssueCard(id("card-2"))), Outcome::Refused(_)));
    given.lawful(CHIEF, Act::PrepareCard(card("card-2", "clerk")));
    assert_eq!(given.when(CHIEF, Act::IssueCard(id("card-2"))).articles(), ["16(3)"]);
    // Somebody else makes it anew.
    given.lawful("technician", Act::PrepareCard(card("card-2", "clerk")));
    given.lawful(CHIEF, Act::IssueCard(id("card-2")));
    let issued = given.city.access.card(&id("card-2")).expect("issued");
    assert_eq!(issued.prepared.as_ref().map(|(by, _)| by.as_str()), Some("technician"));
    assert_eq!(issued.issued.0.as_str(), CHIEF);
    assert!(given.city.access.preparation(&id("card-2")).is_none());
}

#[test]
fn a_card_that_was_made_opens_nothing_before_it_is_issued() {
    let mut given = Given::equipped();
    given.lawful("technician", Act::PrepareCard(card("card-2", "clerk")));
    let early = given.would("clerk", Act::SignIn(proof("s-1", "card-2")));
    assert_eq!(early.articles(), ["16(3)", "17"]);
    given.lawful("technician", Act::DiscardCard { card: id("card-2"), reason: "番号の誤り".to_owned() });
    assert!(given.city.access.preparations().next().is_none());
    let again = given.when("technician", Act::DiscardCard { card: id("card-2"), reason: "誤り".to_owned() });
    assert!(matches!(again, Outcome::Invalid(Invalid::State { .. })), "{again:?}");
}

#[test]
fn the_first_sign_in_is_the_receipt() {
    let mut given = Given::equipped();
    let open = given.owed("16(3).receive");
    assert_eq!(one(&open).owed_by, Owner::Person(id("clerk")));
    let facts = given.lawful("clerk", Act::SignIn(proof("s-1", "card-1")));
    assert!(matches!(facts.last(), Some(Fact::Access(access::Fact::CardReceived { .. }))), "{facts:?}");
    assert_eq!(given.owed("16(3).receive"), []);
    given.lawful("clerk", Act::SignOut(SignOutCause::Asked));
    assert_eq!(given.lawful("clerk", Act::SignIn(proof("s-2", "card-1"))).len(), 1, "received once");
}

#[test]
fn a_card_is_inspected_every_six_months_by_somebody_else() {
    let mut given = Given::equipped();
    given.wait(SignedDuration::from_hours(24 * 140));
    assert_eq!(given.owed("16(3).inspect"), []);
    given.wait(SignedDuration::from_hours(24 * 20));
    let open = given.owed("16(3).inspect");
    assert_eq!(one(&open).what, "市民課のカード1枚を検査してください");
    assert_eq!(one(&open).due, Some(jiff::civil::date(2027, 4, 5)));
    let inspect = Act::InspectCard { card: id("card-1"), remark: String::new() };
    assert_eq!(given.when("clerk", inspect.clone()).articles(), ["16(3)"]);
    given.lawful(OFFICER, inspect);
    assert_eq!(given.owed("16(3).inspect"), []);
}

#[test]
fn anybody_reports_a_loss_and_the_card_is_dead_at_once() {
    let mut given = Given::signed_in();
    let report = Act::ReportLostCard {
        card: id("card-1"), circumstances: "帰宅時に見当たらない".to_owned()
    };
    given.lawful("novice", report.clone());
    assert!(given.city.access.session(&id("s-1")).is_none());
    assert_eq!(given.state_of("card-1"), CardState::Lost);
    assert!(
        given.would("clerk", Act::SignIn(proof("s-2", "card-1"))).articles().contains(&"16(3)".to_owned())
    );
    assert!(matches!(given.when("novice", report), Outcome::Invalid(_)));
    let open = given.owed("16(3).lost");
    assert_eq!(one(&open).owed_by, Owner::Post("access-manager".to_owned()));
    // Found, it rests until the アクセス管理責任者 has looked at it.
    let found = Act::ReportFoundCard { card: id("card-1"), circumstances: "机の引き出し".to_owned() };
    given.lawful("novice", found);
    assert_eq!((given.state_of("card-1"), given.owed("16(3).lost").len()), (CardState::Suspended, 0));
    assert_eq!(given.would("clerk", Act::RestoreCard(id("card-1"))).articles(), ["15"]);
    given.lawful(CHIEF, Act::RestoreCard(id("card-1")));
    given.lawful("clerk", Act::SignIn(proof("s-2", "card-1")));
}

#[test]
fn a_lost_card_is_revoked_and_not_collected() {
    let mut given = Given::equipped();
    let stop = |state| Act::StopCard { card: id("card-1"), state, reason: "届出".to_owned() };
    assert!(matches!(given.would(CHIEF, stop(CardState::Lost)), Outcome::Invalid(_)), "a loss is reported");
    given.lawful("clerk", Act::ReportLostCard { card: id("card-1"), circumstances: "不明".to_owned() });
    for state in [CardState::Collected, CardState::Suspended] {
        assert!(matches!(given.would(CHIEF, stop(state)), Outcome::Invalid(_)));
    }
    given.lawful(CHIEF, stop(CardState::Revoked));
    assert_eq!(given.owed("16(3).lost"), []);
}

#[test]
fn a_certificate_is_renewed_under_the_card_s_number() {
    let mut given = Given::city();
    given.lawful(OFFICER, Act::ProposeDesignation(designation("d-1", "clerk")));
    given.lawful(CHIEF, Act::AgreeDesignation(id("d-1")));
    let expires: Timestamp = given.now + SignedDuration::from_hours(24 * 70);
    given.issue(NewCard { expires: Some(expires), ..card("card-1", "clerk") });
    assert_eq!(given.owed("16(3).renew"), []);
    given.wait(SignedDuration::from_hours(24 * 11));
    let open = given.owed("16(3).renew");
    assert_eq!(one(&open).due, Some(japan_day(expires)));
    let renewed = NewCard {
        certificate: "cd34".to_owned(),
        expires: Some(given.now + SignedDuration::from_hours(24 * 365)),
        ..card("card-1", "clerk")
    };
    given.lawful("technician", Act::PrepareCard(renewed));
    assert_eq!(
        given.city.access.card(&id("card-1")).expect("issued").certificate,
        "ab12",
        "until it is issued"
    );
    given.lawful(CHIEF, Act::IssueCard(id("card-1")));
    assert_eq!(given.city.access.card(&id("card-1")).expect("issued").certificate, "cd34");
    assert_eq!(given.owed("16(3).renew"), []);
    // Nobody takes a number over.
    let other = given.would("technician", Act::PrepareCard(card("card-1", "novice")));
    assert!(matches!(other, Outcome::Invalid(Invalid::Exists { .. })), "{other:?}");
    let past = NewCard { expires: Some(given.now), ..card("card-9", "clerk") };
    assert!(matches!(
        given.would("technician", Act::PrepareCard(past)),
        Outcome::Invalid(Invalid::Past { .. })
    ));
}

#[test]
fn a_spare_card_signs_in_whom_it_was_lent_to_on_that_day() {
    let mut given = with_spare();
    let by_spare = |session: &str| Act::SignIn(proof(session, "spare-1"));
    assert_eq!(given.would("clerk", by_spare("s-1")).articles(), ["16(3)", "17"]);
    assert_eq!(given.would("clerk", lend("clerk")).articles(), ["16(3)"], "nobody lends to oneself");
    assert_eq!(given.would(OFFICER, lend("novice")).articles(), ["16(2)"], "who is not designated");
    given.lawful(OFFICER, lend("clerk"));
    assert!(matches!(given.would(CHIEF, lend("clerk")), Outcome::Invalid(Invalid::State { .. })));
    assert_eq!(given.would("novice", by_spare("s-1")).articles(), ["17"]);
    given.lawful("clerk", by_spare("s-1"));
    given.lawful("clerk", consult());
    let own = given.owed("16(3).spare-return");
    assert_eq!(one(&own).owed_by, Owner::Person(id("clerk")));
    // Given back, it ends what it opened, and the cards of the place are counted.
    assert_eq!(given.would("clerk", give_back()).articles(), ["16(3)"]);
    given.lawful(OFFICER, give_back());
    assert!(given.city.access.session(&id("s-1")).is_none());
    assert_eq!(given.would("clerk", by_spare("s-2")).articles(), ["16(3)", "17"]);
    assert_eq!((given.owed("16(3).spare-return"), given.owed("16(3).spare-count").len()), (Vec::new(), 1));
    given.wait(SignedDuration::from_mins(1));
    let count = |present| Act::CountSpares { place: "市民課の金庫".to_owned(), present };
    given.lawful(OFFICER, count(vec![id("spare-1")]));
    assert_eq!(given.owed("16(3).spare-count"), []);
    given.lawful(OFFICER, count(Vec::new()));
    let last = given.city.access.spares().count_of("市民課の金庫").expect("counted");
    assert_eq!(last.missing, [id("spare-1")]);
    assert!(matches!(given.when(OFFICER, count(vec![id("card-1")])), Outcome::Invalid(_)));
}

#[test]
fn a_spare_card_that_stays_out_over_night_opens_nothing_and_is_owed() {
    let mut given = with_spare();
    given.lawful(OFFICER, lend("clerk"));
    given.lawful("clerk", Act::SignIn(proof("s-1", "spare-1")));
    given.wait(SignedDuration::from_hours(24));
    assert_eq!(given.owed("16(3).spare-overdue").len(), 1);
    assert_eq!(given.would("clerk", consult()).articles(), ["14-1", "16(3)", "17"]);
    assert_eq!(given.would("clerk", Act::SignIn(proof("s-2", "spare-1"))).articles(), ["16(3)", "17"]);
    given.lawful(OFFICER, give_back());
    assert_eq!(given.owed("16(3).spare-overdue"), []);
}

#[test]
fn one_card_at_two_terminals_ends_the_older_stay_and_is_an_alarm() {
    let (mut given, alarm) = at_two_terminals();
    let stays: Vec<_> = given.city.access.sessions().map(|(_, stay)| stay.terminal.to_string()).collect();
    assert_eq!(stays, ["T-02"]);
    assert_eq!(one(&given.owed("17.two-terminals")).owed_by, Owner::Post("access-manager".to_owned()));
    let close = Act::CloseCardAlarm { alarm, remark: "本人が席を移った".to_owned() };
    assert_eq!(given.would("clerk", close.clone()).articles(), ["17"]);
    given.lawful(CHIEF, close.clone());
    assert_eq!(given.owed("17.two-terminals"), []);
    assert!(matches!(given.when(CHIEF, close), Outcome::Invalid(Invalid::State { .. })));
}

#[test]
fn an_idle_stay_elsewhere_is_no_alarm() {
    let mut given = Given::signed_in();
    second_terminal(&mut given);
    given.wait(SignedDuration::from_hours(1));
    let facts = given.sign_in_at("T-02", "s-2").expect("signed in");
    let idle = Fact::Access(access::Fact::SignedOut { session: id("s-1"), cause: SignOutCause::Idle });
    assert_eq!((facts.first(), facts.len()), (Some(&idle), 2));
    assert_eq!(given.city.access.alarms(), []);
}

#[test]
fn a_shift_change_records_who_left_and_who_came() {
    let mut given = Given::signed_in();
    given.lawful(OFFICER, Act::ProposeDesignation(designation("d-2", "novice")));
    given.lawful(CHIEF, Act::AgreeDesignation(id("d-2")));
    given.issue(card("card-2", "novice"));
    let facts = given.lawful("novice", Act::SignIn(proof("s-2", "card-2")));
    let left = Fact::Access(access::Fact::SignedOut { session: id("s-1"), cause: SignOutCause::Shift });
    assert_eq!(facts.first(), Some(&left));
    assert!(matches!(facts.get(1), Some(Fact::Access(access::Fact::SignedIn { .. }))));
    let stays: Vec<_> = given.city.access.sessions().map(|(_, stay)| stay.person.to_string()).collect();
    assert_eq!(stays, ["novice"]);
}

#[test]
fn a_password_that_was_handed_over_opens_nothing_of_the_cs() {
    let mut given = handed_over();
    assert_eq!(given.would("clerk", consult()).articles(), ["16(1)"]);
    assert_eq!(given.owed("16(1).own-password").len(), 1);
    given.lawful("clerk", Act::SetPassword { person: id("clerk"), old_proven: true });
    given.lawful("clerk", consult());
    assert_eq!(given.owed("16(1).own-password"), []);
}

#[test]
fn a_password_ages_when_the_rule_says_so() {
    let mut given = Given::equipped();
    given.wait(SignedDuration::from_hours(24 * 200));
    given.lawful("clerk", Act::SignIn(proof("s-1", "card-1")));
    given.lawful("clerk", consult());
    let said = Particulars::new().with("rule-place", "cards-and-passwords").with(
        "values",
        vec!["password-max-age-days=90".to_owned(), "acknowledgement-gates-cs=false".to_owned()],
    );
    given.takes(CHIEF, "k-1", "rule.draft", said);
    given.takes(CHIEF, "k-1", "rule.lay-down", Particulars::new());
    assert_eq!(given.would("clerk", consult()).articles(), ["16(1)"]);
    given.lawful("clerk", Act::SetPassword { person: id("clerk"), old_proven: true });
    given.lawful("clerk", consult());
}

#[test]
fn who_has_not_read_the_rule_in_force_opens_nothing_of_the_cs() {
    let mut given = unread();
    assert_eq!(given.would("clerk", consult()).articles(), ["17"]);
    given.takes("clerk", "k-1", "rule.acknowledge", Particulars::new());
    given.lawful("clerk", consult());
}

#[test]
fn the_access_manager_s_own_card_is_explained_by_the_head() {
    let (mut given, alarm) = at_two_terminals();
    let office = |office: &str, person: &str| {
        let from = jiff::civil::date(2026, 10, 5);
        organization::Act::Appoint(Appointment { office: id(office), person: Some(id(person)), from })
    };
    given.lawful("technician", office(CHIEF, "clerk"));
    assert_eq!(one(&given.owed("17.two-terminals")).owed_by, Owner::Post("head".to_owned()));
    let close = Act::CloseCardAlarm { alarm, remark: "本人が席を移った".to_owned() };
    assert_eq!(given.would("clerk", close.clone()).articles(), ["17"]);
    given.lawful("sogo-seisaku-bucho", close);
}

#[test]
fn a_card_that_proved_nothing_learns_nothing() {
    let mut given = Given::equipped();
    let wrong = SignIn { password_proven: Some(false), ..proof("s-1", "card-1") };
    for _ in 0..5 {
        given.when("clerk", Act::SignIn(wrong.clone()));
    }
    let unproven = |card: &str, certificate: &str| SignIn {
        card_proven: false,
        password_proven: None,
        certificate: certificate.to_owned(),
        ..proof("s-1", card)
    };
    let told = |by: &str, sign_in: SignIn| given.would(by, Act::SignIn(sign_in));
    // A card in the ledger whose holder is locked out, a copy of its number, a number that nobody has.
    let known = told("clerk", unproven("card-1", "ab12"));
    assert_eq!(known.articles(), ["14-2"]);
    assert_eq!(told("clerk", unproven("card-1", "ffff")), known);
    assert_eq!(told("nobody", unproven("card-99", "")), known);
}

/// A regulation by which terminals may also prove operators by the veins of their palms.
fn with_palm_veins() -> Given {
    let mut files = regulation::embedded("tokorozawa-2002").expect("the profile comes with the program");
    let cards = files.get_mut("cards.toml").expect("the cards");
    cards.push_str(
        "\n[[authenticators]]\nid = \"palm-vein\"\nname = \"照合情報認証\"\n\
         proves = [\"palm-vein\", \"matching-id\", \"operator-id\"]\ncolumns = [\"照合ID\", \"操作者ID\"]\n",
    );
    Given::of(Arc::new(Profile::load(&files).expect("in order"))).founded()
}

#[test]
fn a_terminal_that_wants_something_else_than_a_card_takes_none() {
    let mut given = with_palm_veins();
    given.lawful(OFFICER, Act::ProposeDesignation(designation("d-1", "clerk")));
    given.lawful(CHIEF, Act::AgreeDesignation(id("d-1")));
    given.issue(card("card-1", "clerk"));
    let terminal = |way: &str| NewTerminal {
        id: id("T-03"),
        room: id("terminal-shimin"),
        section: id("shimin"),
        authenticator: Some(way.to_owned()),
    };
    let unknown = given.would(CHIEF, Act::RegisterTerminal(terminal("iris")));
    assert!(matches!(unknown, Outcome::Invalid(Invalid::Unknown { what: "authenticator", .. })));
    given.lawful(CHIEF, Act::RegisterTerminal(terminal("palm-vein")));
    let tried = given.when_at("T-03", "clerk", Act::SignIn(proof("s-1", "card-1")));
    assert_eq!(tried.articles(), ["14-2"]);
    given.lawful("clerk", Act::SignIn(proof("s-2", "card-1")));
}

#[test]
fn records_of_the_time_before_spare_cards_are_read() {
    let old = r#"{"card_issued":{"id":"c-1","kind":"business-clerk","holder":"p-1","certificate":"ab"}}"#;
    let read: access::Fact = serde_json::from_str(old).expect("read");
    let access::Fact::CardIssued(new) = read else { panic!("issued") };
    assert_eq!((new.holder, new.expires, new.kept.as_str()), (Some(id::<PersonId>("p-1")), None, ""));
}

#[test]
fn the_ledger_of_cards_has_the_columns_that_cities_keep() {
    let mut given = with_spare();
    given.lawful(OFFICER, lend("clerk"));
    given.lawful(OFFICER, Act::InspectCard { card: id("card-1"), remark: String::new() });
    given.lawful("clerk", Act::SignIn(SignIn { password_proven: Some(true), ..proof("s-1", "card-1") }));
    for name in ["operator-cards", "spare-cards"] {
        let ledger = register::ledger(name).expect("a ledger");
        let register::Rows::OfCity(rows) = ledger.rows else { panic!("of the city") };
        assert!(profile().post(ledger.keeper).is_some());
        for row in rows(&given.city, given.now) {
            assert_eq!(row.len(), ledger.columns.len(), "{name}");
        }
    }
}
