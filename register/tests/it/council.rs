//! 第7条 and 第8条: the council, what it decides, and what follows from it.

use jiff::SignedDuration;
use register::case::{Case, Particulars, Value};
use register::organization::{self, Appointment};
use register::{Board, Duty, Invalid, Owner, board};

use crate::kit::{Given, Outcome, document, id, monday};

const HEAD: &str = "sogo-seisaku-bucho";
const SECRETARY: &str = "technician";

fn none() -> Particulars {
    Particulars::new()
}

fn important() -> Particulars {
    none().with("title", "外部接続の見直し").with("important", true)
}

/// A matter was proposed, and the meeting for it sits with all members.
fn sitting(matter: Particulars) -> Given {
    let mut given = Given::city();
    given.takes("shimin-kacho", "m-1", "matter.propose", matter);
    given.takes(HEAD, "c-1", "meeting.convene", none());
    given.takes(SECRETARY, "c-1", "meeting.notify", none());
    given.wait(SignedDuration::from_hours(1));
    given.takes(HEAD, "c-1", "meeting.open", none());
    given.takes(SECRETARY, "m-1", "matter.deliberate", none());
    given
}

/// The same, decided, with the meeting closed.
fn decided() -> Given {
    let mut given = sitting(none().with("title", "画面の施錠"));
    given.takes(HEAD, "m-1", "matter.resolve", none().with("outcome", "approved"));
    given.takes(HEAD, "c-1", "meeting.close", none());
    given
}

fn issue() -> Particulars {
    none().with("section", "shimin").with("due", "2026-10-30")
}

fn case<'a>(given: &'a Given, number: &str) -> &'a Case {
    given.city.cases.get(&id(number)).expect("a case")
}

fn owed<'a>(duties: &'a [Duty], rule: &str) -> Vec<&'a Duty> {
    duties.iter().filter(|duty| duty.id == rule).collect()
}

#[test]
fn a_matter_goes_from_the_proposal_to_an_answered_directive() {
    let mut given = decided();
    given.takes(SECRETARY, "c-1", "meeting.draft-minutes", none());
    given.takes(HEAD, "c-1", "meeting.confirm-minutes", none());
    assert!(case(&given, "c-1").closed() && case(&given, "m-1").closed());
    given.takes(HEAD, "d-1", "directive.issue", issue());
    given.takes("shimin-kacho", "d-1", "directive.receive", none());
    given.takes("shimin-kacho", "d-1", "directive.answer", none());
    given.takes(HEAD, "d-1", "directive.return", none().with("due", "2026-11-06"));
    assert_eq!(owed(&given.city.duties(given.now), "8.answer").len(), 1, "a returned answer is owed again");
    given.takes("shimin-kacho", "d-1", "directive.answer", none());
    given.takes(HEAD, "d-1", "directive.close", none());
    assert!(case(&given, "d-1").closed());
    assert_eq!(case(&given, "d-1").label(), "指示 令和8年度第1号");
    assert_eq!(given.city.cases.naming(&id("m-1")).len(), 2, "the meeting and the directive name the matter");
}

#[test]
fn only_the_head_convenes_and_the_acting_deputy_does_it_in_the_head_s_place() {
    let mut given = Given::city();
    given.takes("shimin-kacho", "m-1", "matter.propose", none());
    let refused = given.step("joho-tokei-jicho", "c-1", "meeting.convene", none());
    assert_eq!(refused.articles(), ["7-1"]);
    let until = monday() + SignedDuration::from_hours(24);
    let open = organization::Act::OpenActing { reason: "出張".to_owned(), head_unable: false, until };
    given.lawful(HEAD, open);
    given.takes("joho-tokei-jicho", "c-1", "meeting.convene", none());
    assert!(case(&given, "c-1").timeline().first().expect("a step").acting);
}

#[test]
fn an_important_matter_is_not_resolved_without_the_opinion_of_the_outside_council() {
    let mut given = sitting(important());
    let resolve = none().with("outcome", "approved");
    assert_eq!(given.step(HEAD, "m-1", "matter.resolve", resolve.clone()).articles(), ["7-4"]);
    given.takes(SECRETARY, "m-1", "matter.hear-opinion", none());
    given.takes(HEAD, "m-1", "matter.resolve", resolve);
    assert!(case(&given, "m-1").closed(), "nothing has to be reported");
}

#[test]
fn an_emergency_is_decided_first_and_reported_afterwards_while_the_clock_runs() {
    let mut given = sitting(important());
    assert_eq!(given.step(SECRETARY, "m-1", "matter.declare-emergency", none()).articles(), ["7-4但"]);
    given.takes(HEAD, "m-1", "matter.declare-emergency", none());
    given.takes(HEAD, "m-1", "matter.resolve", none().with("outcome", "approved"));
    assert!(!case(&given, "m-1").closed());
    given.takes(HEAD, "c-1", "meeting.close", none());
    given.takes(SECRETARY, "c-1", "meeting.draft-minutes", none());
    given.takes(HEAD, "c-1", "meeting.confirm-minutes", none());
    let duties = given.city.duties(given.now);
    let [report] = owed(&duties, "7-4但.report")[..] else { panic!("{duties:?}") };
    assert_eq!(report.owed_by, Owner::Post("head".to_owned()));
    assert_eq!(report.due, Some(jiff::civil::date(2026, 11, 4)), "30 days after the resolution");
    given.wait(SignedDuration::from_hours(24 * 40));
    let board = Board::of(&given.city, given.now);
    assert_eq!(board.duties.first().expect("a duty").id, "7-4但.report", "what is overdue comes first");
    assert_eq!(board.count(board::Light::Overdue), 1);
    given.takes(SECRETARY, "m-1", "matter.report-afterwards", none());
    assert!(case(&given, "m-1").closed());
    assert!(owed(&given.city.duties(given.now), "7-4但.report").is_empty());
}

#[test]
fn the_council_sits_only_with_its_quorum() {
    let mut given = Given::city();
    given.takes("shimin-kacho", "m-1", "matter.propose", none());
    given.takes(HEAD, "c-1", "meeting.convene", none());
    let early = given.step(HEAD, "c-1", "meeting.open", none());
    assert!(matches!(early, Outcome::Invalid(Invalid::TooEarly { .. })), "{early:?}");
    given.takes(SECRETARY, "c-1", "meeting.notify", none());
    let two = |offices: [&str; 2]| none().with("present", offices.map(str::to_owned).to_vec());
    let few = given.step(HEAD, "c-1", "meeting.open", two(["kanzai-kacho", "shimin-kacho"]));
    assert_eq!(few.articles(), ["7-2"]);
    let twice = given.step(HEAD, "c-1", "meeting.open", two(["kanzai-kacho", "kanzai-kacho"]));
    assert_eq!(twice.articles(), ["7-2"], "nobody counts twice");
}

#[test]
fn a_council_without_members_cannot_be_convened() {
    let mut given = Given::city();
    given.takes("shimin-kacho", "m-1", "matter.propose", none());
    let offices: Vec<String> = crate::kit::profile().council().members.clone();
    for office in offices {
        let vacant = Appointment { office: id(&office), person: None, from: jiff::civil::date(2026, 10, 5) };
        given.lawful(SECRETARY, organization::Act::Appoint(vacant));
    }
    let outcome = given.step(HEAD, "c-1", "meeting.convene", none());
    assert!(matches!(outcome, Outcome::Invalid(Invalid::State { what: "council", .. })), "{outcome:?}");
}

#[test]
fn a_directive_needs_a_resolution_and_is_answered_by_its_addressee() {
    let mut given = sitting(none());
    let early = given.step(HEAD, "d-1", "directive.issue", issue());
    assert_eq!(early.articles(), ["8"], "deliberated is not resolved");
    given.takes(HEAD, "m-1", "matter.resolve", none().with("outcome", "rejected"));
    assert_eq!(
        given.step(HEAD, "d-1", "directive.issue", issue()).articles(),
        ["8"],
        "rejected is not either"
    );
    let mut given = decided();
    given.takes(HEAD, "d-1", "directive.issue", issue());
    assert_eq!(given.step("kanzai-kacho", "d-1", "directive.receive", none()).articles(), ["8"]);
    let answer = given.step("shimin-kacho", "d-1", "directive.answer", none());
    assert!(matches!(answer, Outcome::Invalid(Invalid::TooEarly { .. })), "{answer:?}");
}

#[test]
fn a_request_to_a_body_outside_is_noted_by_the_secretariat() {
    let mut given = decided();
    given.takes(HEAD, "r-1", "request.issue", none().with("body", "教育委員会").with("due", "2026-10-30"));
    assert_eq!(given.step("shimin-kacho", "r-1", "request.receive", none()).articles(), ["8"]);
    given.takes(SECRETARY, "r-1", "request.receive", none());
    given.takes(SECRETARY, "r-1", "request.answer", none());
    given.takes(HEAD, "r-1", "request.close", none());
}

#[test]
fn minutes_that_are_sent_back_are_owed_again() {
    let mut given = decided();
    given.takes(SECRETARY, "c-1", "meeting.draft-minutes", none());
    given.takes(HEAD, "c-1", "meeting.return-minutes", none());
    assert_eq!(owed(&given.city.duties(given.now), "7-6.minutes").len(), 1);
    let again = none().with("minutes", "直した議事録").with("minutes-document", document());
    given.takes(SECRETARY, "c-1", "meeting.draft-minutes", again);
    given.takes(HEAD, "c-1", "meeting.confirm-minutes", none());
}

#[test]
fn who_steps_aside_is_noted_and_has_to_have_been_there() {
    let mut given = sitting(none());
    let recused = |office: &str| none().with("recused", vec![office.to_owned()]);
    given.takes(SECRETARY, "m-1", "matter.deliberate", recused("kanzai-kacho"));
    assert_eq!(case(&given, "m-1").many("recused"), ["kanzai-kacho"]);
    let absent = given.step(SECRETARY, "m-1", "matter.deliberate", recused("sogo-seisaku-bucho"));
    assert!(matches!(absent, Outcome::Invalid(Invalid::Unknown { what: "recused", .. })), "{absent:?}");
}

#[test]
fn fields_are_checked_and_named() {
    let mut given = Given::city();
    let wrong = [
        (none().with("title", ""), "title"),
        (none().with("matter-kind", "七"), "matter-kind"),
        (none().with("important", "はい"), "important"),
        (none().with("mood", "よい"), "field"),
        (none().with("explanation", "あ".repeat(20_001)), "explanation"),
        (none().with("document", Value::from("手元の紙")), "document"),
    ];
    for (particulars, field) in wrong {
        match given.step("shimin-kacho", "m-1", "matter.propose", particulars) {
            Outcome::Invalid(invalid) => {
                assert_eq!(invalid.field(), field);
                assert!(!invalid.japanese().contains("入力「"), "{}", invalid.japanese());
            }
            other => panic!("{field}: {other:?}"),
        }
    }
    given.takes("shimin-kacho", "m-1", "matter.propose", none());
    let again = given.step("shimin-kacho", "m-1", "matter.propose", none());
    assert!(matches!(again, Outcome::Invalid(Invalid::Exists { .. })), "{again:?}");
}

#[test]
fn the_ledgers_are_filled_from_the_definitions() {
    let mut given = decided();
    given.takes(HEAD, "d-1", "directive.issue", issue());
    for (ledger, rows) in [("minutes", 1), ("matters", 1), ("directives", 1)] {
        let def = register::ledger(ledger).expect("a ledger");
        let register::Rows::OfCity(of) = def.rows else { panic!("{ledger}") };
        let filled = of(&given.city, given.now);
        assert_eq!(filled.len(), rows, "{ledger}");
        assert!(filled.iter().all(|row| row.len() == def.columns.len()), "{ledger}");
    }
}
