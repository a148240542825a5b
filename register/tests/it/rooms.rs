//! 第3章 入退室管理.

use std::sync::Arc;

use jiff::SignedDuration;
use register::case::Particulars;
use register::rooms::{
    self, Act, AlarmKind, Direction, DoorEvent, FindingKind, Lend, Means, NewEscort, Pass, Presented, Report,
    Via, import,
};
use register::{City, Fact, FindingId, Invalid, Owner, Receipt};
use regulation::Profile;

use crate::kit::{Given, Outcome, contractor, controller, finger, id, pass, pass_asked, tag, visitor};

fn by_finger(member: u32) -> Means {
    Means::Fingerprint(Some(member.try_into().expect("a number")))
}

/// CS室 with an alarm that nobody has dealt with.
pub(crate) fn alarmed() -> (Given, Receipt) {
    let mut given = Given::guarded();
    given.reports(&[DoorEvent::Alarm {
        door: Some(id("cs-door")),
        kind: AlarmKind::Forced,
        detail: String::new(),
    }]);
    let alarm = given.city.rooms.alarms().last().expect("an alarm").receipt.clone();
    (given, alarm)
}

/// The keys were counted, and one was missing.
pub(crate) fn uncounted() -> (Given, FindingId) {
    let mut given = Given::guarded();
    given.lawful("kanzai-kacho", Act::CountKeys(Vec::new()));
    let found = given.only_finding();
    (given, found)
}

impl Given {
    /// The controller C-1 reports, going on from what it reported before.
    fn reports(&mut self, events: &[DoorEvent]) -> Vec<Fact> {
        let reports = self.following(events);
        self.lawful("machine", Act::ReportDoor { controller: id("C-1"), reports })
    }

    /// What C-1 would report.
    pub(crate) fn following(&self, events: &[DoorEvent]) -> Vec<Report> {
        let known = self.city.rooms.controller(&id("C-1")).expect("registered");
        let (mut seq, mut previous) = (known.next, known.last.clone());
        let each = events.iter().map(|what| {
            let digest = format!("digest-{seq}");
            let report = Report {
                controller: id("C-1"),
                seq,
                at: self.now,
                previous: std::mem::replace(&mut previous, digest.clone()),
                digest,
                what: what.clone(),
            };
            seq += 1;
            report
        });
        each.collect()
    }

    fn inside(&self) -> Vec<String> {
        let inside = self.city.rooms.passages().inside(&id("cs-room"));
        inside.map(|(person, _)| person.to_string()).collect()
    }

    fn findings(&self) -> Vec<FindingKind> {
        let open = self.city.findings(self.now).into_iter().filter(|found| found.accepted.is_none());
        open.map(|found| found.finding.kind).collect()
    }

    pub(crate) fn only_finding(&self) -> FindingId {
        match self.city.findings(self.now).as_slice() {
            [one] => one.finding.id.clone(),
            others => panic!("{others:?}"),
        }
    }

    fn lends(&mut self, to: &str) {
        let lend = Lend {
            key: id("K-1"),
            to: id(to),
            purpose: "点検".to_owned(),
            due: self.now + SignedDuration::from_hours(4),
            card: None,
            proven: true,
        };
        self.lawful("kanzai-kacho", Act::LendKey(lend));
    }

    fn owes(&self, rule: &str) -> bool {
        self.city.duties(self.now).iter().any(|duty| duty.id == rule)
    }
}

#[track_caller]
fn refused(outcome: &Outcome, articles: &[&str]) {
    assert_eq!(outcome.articles(), articles, "{outcome:?}");
}

fn entering(given: &Given, person: &str, member: u32) -> Outcome {
    given.would(person, pass(person, Direction::In, by_finger(member)))
}

fn escort(number: &str, guest: &str) -> NewEscort {
    NewEscort {
        id: id(number),
        guest: id(guest),
        room: id("cs-room"),
        purpose: "保守".to_owned(),
        necessity: "故障した".to_owned(),
    }
}

#[test]
fn a_permitted_member_with_a_tag_enters_and_leaves_and_both_are_recorded() {
    let mut given = Given::guarded();
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    assert_eq!(given.inside(), ["technician"]);
    given.lawful("technician", pass("technician", Direction::Out, by_finger(17)));
    assert!(given.inside().is_empty());
    let passages = given.city.rooms.passages().all();
    assert_eq!(passages.len(), 2);
    assert_eq!(passages[0].passed.tag, Some(tag(1)));
    assert_eq!(passages[0].passed.permit, Some(id("pm-technician")));
}

#[test]
fn nobody_enters_level_two_without_permit_means_and_tag() {
    let given = Given::guarded();
    refused(&entering(&given, "clerk", 99), &["9-2"]);
    let mut tagless = given.clone();
    tagless.lawful("technician", Act::ReturnTag(tag(1)));
    refused(&entering(&tagless, "technician", 17), &["9-2"]);
    let mut suspended = given.clone();
    suspended.takes("joho-tokei-kacho", "pm-technician", "permit.suspend", Particulars::new());
    refused(&entering(&suspended, "technician", 17), &["9-2"]);
    suspended.takes("joho-tokei-kacho", "pm-technician", "permit.resume", Particulars::new());
    assert!(matches!(entering(&suspended, "technician", 17), Outcome::Done(_)));
    let attended = given.would("technician", pass("technician", Direction::In, Means::Attended));
    refused(&attended, &["9-2"]);
}

#[test]
fn leaving_is_never_refused() {
    let mut given = Given::guarded();
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    given.lawful("technician", Act::ReturnTag(tag(1)));
    given.takes("joho-tokei-kacho", "pm-technician", "permit.withdraw", Particulars::new());
    given.lawful("sogo-seisaku-bucho", Act::LockDown { reason: "侵入".to_owned() });
    refused(&entering(&given, "joho-tokei-kacho", 18), &["28"]);
    given.lawful("technician", pass("technician", Direction::Out, by_finger(17)));
    given.lawful("nobody", pass("nobody", Direction::Out, by_finger(404)));
}

#[test]
fn a_permit_ends_with_its_period_with_the_contract_and_with_a_move() {
    let mut given = Given::guarded();
    given.permit("pm-x", "x-1", "standing");
    let permit =
        |given: &Given, person: &str| given.city.permit(&id(person), &id("cs-room"), given.now).is_some();
    assert!(permit(&given, "x-1"));
    let end = Act::EndOutsider { person: id("x-1"), reason: "契約の終了".to_owned() };
    given.lawful("technician", end);
    assert!(!permit(&given, "x-1"));
    assert!(permit(&given, "technician"));
    given.wait(SignedDuration::from_hours(24 * 31));
    assert!(!permit(&given, "technician"));
}

#[test]
fn a_contractors_person_has_no_permit_beyond_the_contract_and_a_visitor_only_for_once() {
    let mut given = Given::guarded();
    given.lawful("technician", Act::EnterOutsider(contractor("x-2", "2026-10-20")));
    let apply = |person: &str, term: &str, until: &str| {
        let until: jiff::civil::Date = until.parse().expect("a day");
        let said = Particulars::new().with("person", person).with("term", term).with("until", until);
        given.clone().step("technician", "pm-9", "permit.apply", said)
    };
    assert!(matches!(apply("x-2", "standing", "2026-10-20"), Outcome::Done(_)));
    assert!(matches!(
        apply("x-2", "standing", "2026-10-21"),
        Outcome::Invalid(Invalid::Unsound { what: "until", .. })
    ));
    assert!(matches!(
        apply("v-1", "standing", "2026-10-20"),
        Outcome::Invalid(Invalid::Unsound { what: "term", .. })
    ));
    assert!(matches!(apply("v-1", "once", "2026-10-20"), Outcome::Done(_)));
    assert!(matches!(
        apply("technician", "standing", "2027-12-31"),
        Outcome::Invalid(Invalid::TooLong { .. })
    ));
    assert!(matches!(apply("technician", "standing", "2026-10-01"), Outcome::Invalid(Invalid::Period)));
}

#[test]
fn a_permit_for_once_is_used_up_by_the_entry_but_not_if_the_door_was_not_opened() {
    let mut given = Given::guarded();
    given.takes("joho-tokei-kacho", "pm-technician", "permit.withdraw", Particulars::new());
    given.permit("pm-2", "technician", "once");
    given.lawful("technician", pass_asked(7, "technician", Direction::In, by_finger(17)));
    given.wait(SignedDuration::from_secs(10));
    refused(&entering(&given, "technician", 17), &["9-2"]);
    // The record of the passage, number 0, is named, and not that of the question.
    given.reports(&[
        decided(Direction::In, 7, true, None),
        DoorEvent::NotOpened { door: id("cs-door"), granted: 0 },
    ]);
    assert!(given.inside().is_empty());
    assert!(matches!(entering(&given, "technician", 17), Outcome::Done(_)));
}

#[test]
fn whoever_is_not_enrolled_enters_only_attended_and_both_leave_together() {
    let mut given = Given::guarded();
    refused(&given.would("technician", Act::OpenEscort(escort("e-1", "x-1"))), &["9-2"]);
    given.permit("pm-x", "x-1", "once");
    given.lawful("technician", Act::IssueTag { tag: tag(3), to: id("x-1") });
    refused(&given.would("clerk", Act::OpenEscort(escort("e-1", "x-1"))), &["9-2"]);
    given.lawful("technician", Act::OpenEscort(escort("e-1", "x-1")));
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    assert_eq!(given.inside(), ["technician", "x-1"]);
    let guest = &given.city.rooms.passages().all()[1].passed;
    assert_eq!(guest.means, Means::Escorted { by: id("technician"), escort: Some(id("e-1")) });
    given.lawful("technician", pass("technician", Direction::Out, by_finger(17)));
    assert!(given.inside().is_empty());
    assert!(given.city.rooms.escort(&id("e-1")).is_some_and(|escort| !escort.open()));
}

#[test]
fn whoever_attends_is_enrolled_when_the_guest_enters_and_not_only_when_the_escort_begins() {
    let mut given = Given::guarded();
    given.permit("pm-x", "x-1", "once");
    given.lawful("technician", Act::IssueTag { tag: tag(3), to: id("x-1") });
    given.lends("technician");
    given.lawful("technician", Act::OpenEscort(escort("e-1", "x-1")));
    let member = 17.try_into().expect("a number");
    let reason = "異動".to_owned();
    given.lawful("joho-tokei-kacho", Act::RemoveFinger { door: id("cs-door"), member, reason });
    let by_key = pass("technician", Direction::In, Means::Key(Some(id("K-1"))));
    refused(&given.would("technician", by_key.clone()), &["9-2"]);
    given.lawful("technician", Act::CloseEscort(id("e-1")));
    given.lawful("technician", by_key);
    assert_eq!(given.inside(), ["technician"]);
}

#[test]
fn an_escort_that_was_ended_stays_ended_when_the_door_was_not_opened() {
    let mut given = Given::guarded();
    given.permit("pm-x", "x-1", "once");
    given.lawful("technician", Act::IssueTag { tag: tag(3), to: id("x-1") });
    given.lawful("technician", Act::OpenEscort(escort("e-1", "x-1")));
    given.lawful("technician", pass_asked(7, "technician", Direction::In, by_finger(17)));
    given.lawful("technician", Act::CloseEscort(id("e-1")));
    given.reports(&[
        decided(Direction::In, 7, true, None),
        DoorEvent::NotOpened { door: id("cs-door"), granted: 0 },
    ]);
    assert!(given.inside().is_empty());
    assert!(given.city.rooms.escort(&id("e-1")).is_some_and(|escort| !escort.open() && !escort.entered));
}

#[test]
fn an_escort_attends_in_one_room_and_gives_a_reason() {
    let mut given = Given::guarded();
    for (number, guest) in [(3, "x-1"), (4, "v-1")] {
        given.permit(&format!("pm-{guest}"), guest, "once");
        given.lawful("technician", Act::IssueTag { tag: tag(number), to: id(guest) });
    }
    let reasonless = NewEscort { necessity: String::new(), ..escort("e-1", "x-1") };
    refused(&given.would("technician", Act::OpenEscort(reasonless)), &["9-2"]);
    given.lawful("technician", Act::OpenEscort(escort("e-1", "x-1")));
    let elsewhere = NewEscort { room: id("data-store"), ..escort("e-2", "v-1") };
    refused(&given.would("technician", Act::OpenEscort(elsewhere)), &["9-2"]);
    given.lawful("technician", Act::OpenEscort(escort("e-2", "v-1")));
    // A guest's permit that has gone meanwhile keeps all of them out.
    given.takes("joho-tokei-kacho", "pm-v-1", "permit.withdraw", Particulars::new());
    refused(&entering(&given, "technician", 17), &["9-2"]);
}

#[test]
fn only_the_key_officers_section_lends_and_only_to_who_proves_and_may_enter() {
    let given = Given::guarded();
    let lend = |to: &str, proven| {
        let due = given.now + SignedDuration::from_hours(1);
        Act::LendKey(Lend {
            key: id("K-1"), to: id(to), purpose: "点検".to_owned(), due, card: None, proven
        })
    };
    refused(&given.would("joho-tokei-kacho", lend("technician", true)), &["11"]);
    refused(&given.would("kanzai-kacho", lend("technician", false)), &["11"]);
    refused(&given.would("kanzai-kacho", lend("clerk", true)), &["9-2"]);
    assert!(matches!(given.would("kanzai-kacho", lend("technician", true)), Outcome::Done(_)));
}

#[test]
fn a_key_lent_opens_for_its_borrower_and_is_owed_back() {
    let mut given = Given::guarded();
    given.takes("joho-tokei-kacho", "pm-technician", "permit.review", Particulars::new());
    let key = || Means::Key(Some(id("K-1")));
    refused(&given.would("technician", pass("technician", Direction::In, key())), &["9-2"]);
    given.lends("technician");
    let again = given.would("kanzai-kacho", Act::ReturnKey { key: id("K-2"), remark: String::new() });
    assert!(matches!(again, Outcome::Invalid(Invalid::Unknown { what: "key", .. })));
    assert_eq!(given.city.presenter(&id("cs-door"), &Presented::Key, given.now), (id("technician"), key()));
    given.lawful("technician", pass("technician", Direction::In, key()));
    assert!(!given.owes("11.overdue"));
    given.wait(SignedDuration::from_hours(5));
    assert!(given.owes("11.overdue"));
    given.lawful("kanzai-kacho", Act::ReturnKey { key: id("K-1"), remark: String::new() });
    assert!(!given.owes("11.overdue"));
    let twice = given.would("kanzai-kacho", Act::ReturnKey { key: id("K-1"), remark: String::new() });
    assert!(matches!(twice, Outcome::Invalid(Invalid::State { what: "key", .. })));
}

#[test]
fn a_key_given_up_for_lost_opens_nothing_is_owed_no_more_and_may_come_back() {
    let mut given = Given::guarded();
    given.lends("technician");
    given.lawful("kanzai-kacho", Act::RetireKey { key: id("K-1"), reason: "紛失".to_owned() });
    let by_key = pass("technician", Direction::In, Means::Key(Some(id("K-1"))));
    refused(&given.would("technician", by_key), &["9-2"]);
    given.wait(SignedDuration::from_hours(5));
    assert!(!given.owes("11.overdue"));
    given.lawful("kanzai-kacho", Act::ReturnKey { key: id("K-1"), remark: "見つかった".to_owned() });
    assert_eq!(given.city.rooms.loans_out().count(), 0);
}

#[test]
fn the_ledgers_disagree_where_a_key_was_lent_and_nobody_entered() {
    let mut given = Given::guarded();
    given.lends("technician");
    given.wait(SignedDuration::from_hours(1));
    given.lawful("kanzai-kacho", Act::ReturnKey { key: id("K-1"), remark: String::new() });
    assert_eq!(given.findings(), [FindingKind::LoanWithoutEntry]);
}

#[test]
fn whoever_does_not_leave_by_midnight_is_a_finding_that_stays_one() {
    let mut given = Given::guarded();
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    given.wait(SignedDuration::from_hours(10));
    assert!(given.findings().is_empty());
    given.wait(SignedDuration::from_hours(10));
    assert_eq!(given.findings(), [FindingKind::InsideOvernight]);
    given.lawful("technician", pass("technician", Direction::Out, by_finger(17)));
    assert_eq!(given.findings(), [FindingKind::InsideOvernight]);
}

#[test]
fn a_guests_tag_is_to_come_back_on_the_day() {
    let mut given = Given::guarded();
    given.lawful("technician", Act::IssueTag { tag: tag(9), to: id("v-1") });
    given.wait(SignedDuration::from_hours(20));
    assert_eq!(given.findings(), [FindingKind::TagNotReturned]);
}

#[test]
fn a_lock_that_knows_others_than_the_ledger_is_a_finding() {
    let mut given = Given::guarded();
    assert!(given.owes("11.members"));
    let list = |members: &[u32]| members.iter().map(|n| (*n).try_into().expect("a number")).collect();
    given.lawful("technician", Act::CompareMembers { door: id("cs-door"), members: list(&[17, 18]) });
    assert!(given.findings().is_empty() && !given.owes("11.members"));
    given.lawful("technician", Act::CompareMembers { door: id("cs-door"), members: list(&[17, 40]) });
    assert_eq!(given.findings(), [FindingKind::MembersDiffer]);
    let twice = given.would("technician", Act::EnrolFinger(finger(17, "joho-tokei-kacho")));
    assert!(matches!(twice, Outcome::Invalid(Invalid::Exists { what: "member", .. })));
    let reason = "異動".to_owned();
    given.lawful(
        "technician",
        Act::RemoveFinger { door: id("cs-door"), member: 17.try_into().expect("17"), reason },
    );
    refused(&entering(&given, "technician", 17), &["9-2"]);
}

#[test]
fn a_finding_is_answered_by_who_owes_it_and_settled_by_the_other_hand() {
    let (mut given, finding) = uncounted();
    let answer = Act::AnswerFinding { finding: finding.clone(), answer: "修理に出した".to_owned() };
    refused(&given.would("joho-tokei-kacho", answer.clone()), &["12"]);
    given.lawful("kanzai-kacho", answer);
    refused(&given.would("kanzai-kacho", Act::SettleFinding(finding.clone())), &["12"]);
    let correction = "どこへ出したか".to_owned();
    given.lawful("joho-tokei-kacho", Act::SendBackAnswer { finding: finding.clone(), correction });
    assert!(given.owes("12.answer"));
    let answer = Act::AnswerFinding { finding: finding.clone(), answer: "架空の錠前店".to_owned() };
    given.lawful("kanzai-kacho", answer);
    given.lawful("joho-tokei-kacho", Act::SettleFinding(finding.clone()));
    assert!(given.findings().is_empty());
    let late = given.would("joho-tokei-kacho", Act::SettleFinding(finding));
    assert!(matches!(late, Outcome::Invalid(Invalid::State { what: "finding", .. })));
}

#[test]
fn what_was_found_in_a_room_is_settled_by_its_own_entry_manager_and_not_by_anothers() {
    let mut given = Given::guarded();
    given.reports(&[DoorEvent::Decided {
        door: id("cs-door"),
        direction: Direction::In,
        presented: Presented::Key,
        asked: 1,
        snapshot: Some(3),
        granted: true,
    }]);
    let open = given.city.findings(given.now);
    let unlent = open.iter().find(|found| found.finding.kind == FindingKind::EntryWithoutLoan);
    let finding = unlent.expect("a key that nobody lent").finding.id.clone();
    let answer = "鍵を返し忘れていた".to_owned();
    given.lawful("kanzai-kacho", Act::AnswerFinding { finding: finding.clone(), answer });
    let duty = given.city.duties(given.now).into_iter().find(|duty| duty.id == "12.settle");
    assert_eq!(duty.expect("owed").owed_by, Owner::Office(id("joho-tokei-kacho")));
    refused(&given.would("shimin-kacho", Act::SettleFinding(finding.clone())), &["12"]);
    given.lawful("joho-tokei-kacho", Act::SettleFinding(finding));
}

#[test]
fn reconciling_keeps_what_was_found_and_looks_no_further_back() {
    let (mut given, finding) = uncounted();
    given.wait(SignedDuration::from_hours(1));
    let facts = given.lawful("joho-tokei-kacho", Act::ReconcileLedgers { until: given.now });
    let Fact::Rooms(rooms::Fact::LedgersReconciled { findings, .. }) = &facts[0] else { panic!("{facts:?}") };
    assert_eq!(findings.iter().map(|found| &found.id).collect::<Vec<_>>(), [&finding]);
    assert_eq!(given.only_finding(), finding);
}

fn decided(direction: Direction, asked: u64, granted: bool, snapshot: Option<u64>) -> DoorEvent {
    let presented = Presented::Finger(17.try_into().expect("a number"));
    DoorEvent::Decided { door: id("cs-door"), direction, presented, asked, snapshot, granted }
}

#[test]
fn what_a_door_decided_alone_is_entered_once() {
    let mut given = Given::guarded();
    given.reports(&[decided(Direction::In, 5, true, Some(3)), DoorEvent::Opened(id("cs-door"))]);
    assert_eq!(given.inside(), ["technician"]);
    // The answer to question 7 was lost on the way: the server has it, and the door decided alone.
    given.lawful("technician", pass_asked(7, "technician", Direction::Out, by_finger(17)));
    given.reports(&[decided(Direction::Out, 7, true, Some(3))]);
    assert_eq!(given.city.rooms.passages().all().len(), 2);
    assert!(given.inside().is_empty());
}

#[test]
fn what_a_door_saw_another_controller_does_not_say() {
    let mut given = Given::guarded();
    given.lawful("technician", Act::RegisterController(controller("C-2", "B", &["back-door"])));
    let seen_by = |controller: &str| {
        let Act::Pass(seen) = pass("technician", Direction::In, by_finger(17)) else { unreachable!() };
        Act::Pass(Pass { via: Via::Door { controller: id(controller), seq: 0 }, ..seen })
    };
    refused(&given.would("technician", seen_by("C-2")), &["9-2"]);
    assert!(matches!(given.would("technician", seen_by("C-1")), Outcome::Done(_)));
}

#[test]
fn a_door_that_was_not_opened_leaves_everybody_where_they_were() {
    let mut given = Given::guarded();
    let not_opened = |granted| DoorEvent::NotOpened { door: id("cs-door"), granted };
    given.lawful("technician", pass_asked(7, "technician", Direction::Out, by_finger(17)));
    given.reports(&[decided(Direction::Out, 7, true, None), not_opened(0)]);
    assert!(given.city.rooms.passages().all()[0].unmade);
    assert!(given.inside().is_empty(), "whoever had not entered is not inside for not having left");
    given.reports(&[decided(Direction::In, 8, true, Some(3))]);
    given.wait(SignedDuration::from_secs(60));
    given.reports(&[decided(Direction::Out, 9, true, Some(3))]);
    assert!(given.inside().is_empty());
    given.reports(&[not_opened(3)]);
    let since = |given: &Given| {
        let inside = given.city.rooms.passages();
        inside.inside(&id("cs-room")).map(|(_, inside)| inside.since).collect::<Vec<_>>()
    };
    assert_eq!(since(&given), [given.now - SignedDuration::from_secs(60)]);
}

#[test]
fn what_a_door_tells_late_does_not_undo_what_came_after() {
    let mut given = Given::guarded();
    let mut entry = given.following(&[decided(Direction::In, 5, true, Some(3))]);
    entry[0].at = given.now;
    given.wait(SignedDuration::from_secs(600));
    given.lawful("technician", pass("technician", Direction::Out, by_finger(17)));
    given.lawful("machine", Act::ReportDoor { controller: id("C-1"), reports: entry });
    assert!(given.inside().is_empty());
    assert_eq!(given.city.rooms.passages().all().len(), 2);
}

#[test]
fn what_a_door_did_otherwise_than_answered_is_an_alarm() {
    let mut given = Given::guarded();
    given.lawful("technician", pass_asked(7, "technician", Direction::In, by_finger(17)));
    given.reports(&[decided(Direction::In, 7, false, Some(3))]);
    assert!(given.inside().is_empty());
    assert_eq!(given.city.rooms.alarms()[0].kind, AlarmKind::Disagreed);
    assert!(given.owes("10-2.alarm"));
}

#[test]
fn reports_come_in_order_from_a_controller_that_is_known() {
    let mut given = Given::guarded();
    let reports = given.following(&[DoorEvent::Opened(id("cs-door")), DoorEvent::Closed(id("cs-door"))]);
    let send = |given: &Given, reports: &[Report]| {
        given.would("machine", Act::ReportDoor { controller: id("C-1"), reports: reports.to_vec() })
    };
    assert!(matches!(
        send(&given, &reports[1..]),
        Outcome::Invalid(Invalid::State { what: "controller", .. })
    ));
    let mut forged = reports.clone();
    forged[1].previous = "another".to_owned();
    assert!(matches!(send(&given, &forged), Outcome::Invalid(Invalid::State { what: "controller", .. })));
    given.lawful("machine", Act::ReportDoor { controller: id("C-1"), reports: reports.clone() });
    assert!(matches!(send(&given, &reports), Outcome::Invalid(Invalid::State { what: "controller", .. })));
    let stranger = Act::ReportDoor { controller: id("C-9"), reports: Vec::new() };
    refused(&given.would("machine", stranger), &["11"]);
}

#[test]
fn a_door_is_named_once() {
    let given = Given::guarded();
    let register = |new| given.would("technician", Act::RegisterController(new));
    for (number, key, doors, field) in [
        ("C-2", "B", &["cs-door"][..], "door"),
        ("C-2", "B", &["d", "d"], "door"),
        ("C-1", "B", &["d"], "controller"),
        ("C-2", "A", &["d"], "controller-key"),
    ] {
        let outcome = register(controller(number, key, doors));
        assert!(
            matches!(&outcome, Outcome::Invalid(Invalid::Exists { what, .. }) if *what == field),
            "{outcome:?}"
        );
    }
}

#[test]
fn an_alarm_wants_a_word_and_holds_until_it_is_over() {
    let (mut given, alarm) = alarmed();
    let door = |given: &Given| given.city.rooms.door(&id("cs-door")).expect("a door").state;
    assert_eq!(door(&given), rooms::DoorState::Forced);
    given.reports(&[DoorEvent::Ended { door: Some(id("cs-door")), kind: AlarmKind::Forced }]);
    assert_eq!(door(&given), rooms::DoorState::Locked);
    assert!(given.owes("10-2.alarm"));
    let remark = Act::CloseAlarm { alarm, remark: "点検中の試験だった".to_owned() };
    refused(&given.would("clerk", remark.clone()), &["10-2"]);
    given.lawful("joho-tokei-kacho", remark);
    assert!(!given.owes("10-2.alarm"));
}

const FILE: &str = "日時,室,方向,氏名,所属,職員番号,方法,立会者,名札番号,目的\n\
    2026/10/01 09:00:00,CS室,入室,架空 technician,情報統計課,technician,指紋,,1,点検\n\
    2026/10/01 09:30:00,CS室,退室,架空 technician,情報統計課,technician,指紋,,1,点検\n\
    2026/10/02 10:00:00,CS室,入室,見知らぬ人,架空の会社,,鍵,,,\n";

#[test]
fn another_systems_records_are_held_against_the_ledgers_and_come_in_once() {
    let mut given = Given::guarded();
    let file = import::read(FILE.as_bytes()).expect("read");
    given.lawful("technician", Act::ImportPassages(file.clone()));
    assert_eq!(given.city.rooms.passages().all().len(), 3);
    assert!(given.inside().is_empty(), "old records say nothing about now");
    let mut kinds = given.findings();
    kinds.sort();
    // Before the permit was given, and by somebody unknown, with a key that nobody had.
    assert_eq!(kinds, [FindingKind::EntryWithoutLoan, FindingKind::NoPermit, FindingKind::NoPermit]);
    given.lawful("technician", Act::ImportPassages(file));
    assert_eq!(given.city.rooms.passages().all().len(), 3);
    assert_eq!(given.findings().len(), 3);
}

#[test]
fn the_ledger_says_what_for_and_by_which_means() {
    let mut given = Given::guarded();
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    given.lawful("technician", Act::ImportPassages(import::read(FILE.as_bytes()).expect("read")));
    let passages = given.city.rooms.passages().all().iter();
    let rows: Vec<_> = passages.map(|passage| given.city.passage_row(passage)).collect();
    let column = |name| rooms::PASSAGE_COLUMNS.iter().position(|column| column.name == name);
    let (purpose, means) = (column("目的").expect("there"), column("方法").expect("there"));
    // At the door nobody says what for: the permit does.
    assert_eq!((&rows[0][purpose], &rows[0][means]), (&"架空の記載".into(), &"指紋".into()));
    // Another system's record says 指紋, and not under which number.
    assert_eq!((&rows[1][purpose], &rows[1][means]), (&"点検".into(), &"指紋".into()));
}

#[test]
fn a_file_with_a_fault_brings_nothing() {
    let given = Given::guarded();
    let file = import::read(FILE.replace("CS室,退室", "地下室,退室").as_bytes()).expect("read");
    match given.would("technician", Act::ImportPassages(file)) {
        Outcome::Invalid(Invalid::List(faults)) => {
            assert!(faults.japanese()[0].contains("3行"), "{faults:?}")
        }
        other => panic!("{other:?}"),
    }
    let faults = import::read(FILE.replace("入室,見知", "どこか,見知").as_bytes()).expect_err("a fault");
    assert!(faults.japanese()[0].contains("4行"), "{faults:?}");
}

#[test]
fn what_is_written_by_hand_fits_what_is_known() {
    let given = Given::guarded();
    let by_hand = |person: &str, direction, means| {
        Act::Pass(Pass {
            person: id(person),
            room: id("terminal-shimin"),
            direction,
            means,
            door: None,
            purpose: "点検".to_owned(),
            via: Via::Hand,
        })
    };
    let mut given = given;
    let said = Particulars::new().with("person", "technician").with("room", "terminal-shimin");
    given.takes("technician", "pm-9", "permit.apply", said);
    given.takes("shimin-kacho", "pm-9", "permit.grant", Particulars::new());
    refused(&given.would("novice", by_hand("clerk", Direction::In, Means::Attended)), &["9-2"]);
    refused(&given.would("kanzai-kacho", by_hand("technician", Direction::In, Means::Attended)), &["9-2"]);
    let absent = given.would("novice", by_hand("technician", Direction::Out, Means::Attended));
    assert!(matches!(absent, Outcome::Invalid(Invalid::State { what: "person", .. })));
    let finger = given.would("novice", by_hand("technician", Direction::In, by_finger(17)));
    assert!(matches!(finger, Outcome::Invalid(Invalid::Unsound { what: "means", .. })));
    given.lawful("novice", by_hand("technician", Direction::In, Means::Attended));
}

#[test]
fn another_city_has_a_third_level_and_a_limit_of_heads() {
    let mut files = regulation::embedded("tokorozawa-2002").expect("the profile comes with the program");
    let rooms = files.get_mut("rooms.toml").expect("the rooms");
    *rooms = rooms
        .replacen(
            "[[levels]]\nlevel = 2",
            "[[levels]]\nlevel = 3\ncitations = [\"9-2 L2\"]\nkinds = [{ id = \"vault\", name = \"金庫室\" }]\n\
             prior-permission = true\nmeans = [\"fingerprint\"]\ntag = true\nrecorded = true\n\n[[levels]]\nlevel = 2",
            1,
        )
        .replacen("level = 2\nkind = \"server-room\"", "level = 3\ncapacity = 1\nkind = \"vault\"", 1);
    let profile = Arc::new(Profile::load(&files).unwrap_or_else(|error| panic!("{error}")));
    let mut given = Given::of(Arc::clone(&profile));
    given = Given::guarded_in(given.founded());
    given.lends("technician");
    let by_key = pass("technician", Direction::In, Means::Key(Some(id("K-1"))));
    refused(&given.would("technician", by_key), &["9-2"]);
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    refused(&entering(&given, "joho-tokei-kacho", 18), &["9-2"]);
    assert!(given.city != City::new(profile));
}

#[test]
fn the_report_of_article_thirteen_states_what_the_ledgers_say_and_a_directive_may_follow() {
    let mut given = Given::guarded();
    given.lawful("technician", pass("technician", Direction::In, by_finger(17)));
    given.takes("joho-tokei-kacho", "e-1", "entry-report.prepare", Particulars::new());
    let case = given.city.cases.get(&id("e-1")).expect("a report");
    assert_eq!(case.many("figures")[0], "入室 1件（うち立会い 0件）");
    let directive = |given: &mut Given, number: &str| {
        let said = Particulars::new().with("report", "e-1").with("section", "joho-tokei");
        given.step("sogo-seisaku-bucho", number, "directive.issue", said)
    };
    refused(&directive(&mut given.clone(), "d-1"), &["8"]);
    given.takes("sogo-seisaku-bucho", "e-1", "entry-report.hear", Particulars::new());
    assert!(matches!(directive(&mut given, "d-1"), Outcome::Done(_)));
}

#[test]
fn a_report_is_owed_half_a_year_after_the_last() {
    let mut given = Given::guarded();
    assert!(!given.owes("13.report"));
    given.wait(SignedDuration::from_hours(24 * 183));
    assert!(given.owes("13.report"));
}

#[test]
fn a_visitor_is_never_enrolled_and_a_stranger_neither() {
    let mut given = Given::guarded();
    given.permit("pm-v", "v-1", "once");
    let enrol = |person: &str| given.would("technician", Act::EnrolFinger(finger(50, person)));
    assert!(matches!(enrol("v-1"), Outcome::Invalid(Invalid::State { what: "person", .. })));
    refused(&enrol("clerk"), &["9-2"]);
    let again = given.would("technician", Act::EnterOutsider(visitor("technician")));
    assert!(matches!(again, Outcome::Invalid(Invalid::Exists { what: "person", .. })));
}

/// Any bytes are a file or have faults, and nothing else.
mod any_bytes {
    use proptest::prelude::*;
    use register::rooms::import;

    proptest! {
        #[test]
        fn reading_never_breaks(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = import::read(&bytes);
        }

        #[test]
        fn neither_do_lines_that_look_right(lines in proptest::collection::vec("[0-9/: ,入退室鍵技\"\\n令和年月日]{0,60}", 0..20)) {
            let text = format!("日時,室,方向,氏名,職員番号,方法\n{}", lines.join("\n"));
            let _ = import::read(text.as_bytes());
        }
    }
}
