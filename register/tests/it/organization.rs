//! 第2章: posts ex officio, and the deputy.

use jiff::SignedDuration;
use register::organization::{self, Act, Appointment};
use register::{Fact, Invalid, Receipt};

use crate::kit::{Given, Outcome, id, monday, person, who};

fn open_acting(unable: bool) -> Act {
    let until = monday() + SignedDuration::from_hours(24);
    Act::OpenActing { reason: "出張".to_owned(), head_unable: unable, until }
}

fn appoint(office: &str, person: Option<&str>, from: &str) -> Act {
    Act::Appoint(Appointment {
        office: id(office),
        person: person.map(id),
        from: from.parse().expect("a day"),
    })
}

#[test]
fn posts_follow_from_offices() {
    let given = Given::city();
    let standing = given.city.standing(&who("joho-tokei-kacho"), given.now);
    for post in ["system-manager", "access-manager"] {
        assert!(standing.posts.contains(post), "{post}: {standing:?}");
    }
    let officer = given.city.standing(&who("shimin-kacho"), given.now);
    assert!(officer.officer_of.contains("shimin"));
    assert!(!officer.officer_of.contains("community-suishin"));
}

#[test]
fn the_deputy_acts_only_while_the_head_is_prevented() {
    let mut given = Given::city();
    assert!(!given.city.standing(&who("joho-tokei-jicho"), given.now).posts.contains("head"));
    given.lawful("sogo-seisaku-bucho", open_acting(false));
    let standing = given.city.standing(&who("joho-tokei-jicho"), given.now);
    assert!(standing.acting && standing.posts.contains("head"));
    given.wait(SignedDuration::from_hours(25));
    let standing = given.city.standing(&who("joho-tokei-jicho"), given.now);
    assert!(!standing.acting && !standing.posts.contains("head"), "the period ends by itself");
}

#[test]
fn the_deputy_acts_while_the_head_s_post_is_vacant() {
    let mut given = Given::city();
    given.lawful("technician", appoint("sogo-seisaku-bucho", None, "2026-10-05"));
    assert!(given.city.standing(&who("joho-tokei-jicho"), given.now).acting);
    let duties = given.city.duties(given.now);
    assert!(duties.iter().any(|duty| duty.id == "3-2.vacancy"), "{duties:?}");
}

#[test]
fn what_the_deputy_does_for_the_head_is_recorded_as_acting() {
    let mut given = Given::city();
    let acting = |given: &Given| given.entries.last().expect("recorded").0.acting;
    given.lawful("sogo-seisaku-bucho", open_acting(false));
    assert!(!acting(&given));
    given.lawful("joho-tokei-jicho", Act::CloseActing);
    assert!(!acting(&given), "the deputy may do so in the own name");
    given.lawful("technician", appoint("sogo-seisaku-bucho", None, "2026-10-05"));
    given.lawful("joho-tokei-jicho", open_acting(false));
    assert!(acting(&given), "only the head may do so");
}

#[test]
fn the_head_sees_afterwards_what_was_done_in_the_head_s_place() {
    let mut given = Given::city();
    given.lawful("technician", appoint("sogo-seisaku-bucho", None, "2026-10-05"));
    given.lawful("joho-tokei-jicho", open_acting(false));
    let owed =
        |given: &Given| given.city.duties(given.now).iter().filter(|duty| duty.id == "4-2.see").count();
    let acted: Vec<_> = given.city.organization.unseen().map(|acted| acted.receipt.clone()).collect();
    assert_eq!((acted.len(), owed(&given)), (1, 0), "nobody is head who could see it");
    given.wait(SignedDuration::from_hours(25));
    given.lawful("technician", appoint("sogo-seisaku-bucho", Some("sogo-seisaku-bucho"), "2026-10-06"));
    assert_eq!(owed(&given), 1);
    let see = |receipts: &[Receipt]| Act::SeeActs { receipts: receipts.to_vec() };
    assert_eq!(given.would("joho-tokei-jicho", see(&acted)).articles(), ["4-2"]);
    let head = "sogo-seisaku-bucho";
    let unknown = Receipt { journal: "register".to_owned(), index: 0 };
    for receipts in [&[][..], &[unknown]] {
        assert!(matches!(given.would(head, see(receipts)), Outcome::Invalid(Invalid::Unknown { .. })));
    }
    given.lawful(head, see(&acted));
    assert_eq!((given.city.organization.unseen().count(), owed(&given)), (0, 0));
    assert!(matches!(given.would(head, see(&acted)), Outcome::Invalid(Invalid::State { .. })));
    let seen = given.city.organization.acted()[0].seen.as_ref().expect("seen");
    assert_eq!(seen.0.as_str(), head);
}

#[test]
fn the_deputy_sees_nothing_in_the_head_s_place() {
    let mut given = Given::city();
    given.lawful("sogo-seisaku-bucho", open_acting(false));
    let standing = given.city.standing(&who("joho-tokei-jicho"), given.now);
    assert!(standing.posts.contains("head"));
    let see = Act::SeeActs { receipts: Vec::new() };
    assert_eq!(given.would("joho-tokei-jicho", see).articles(), ["4-2"]);
}

#[test]
fn one_decision_opens_no_endless_acting() {
    let mut given = Given::city();
    let until = |days: i64| Act::OpenActing {
        reason: "入院".to_owned(),
        head_unable: false,
        until: monday() + SignedDuration::from_hours(24 * days),
    };
    let outcome = given.would("sogo-seisaku-bucho", until(61));
    assert!(matches!(outcome, Outcome::Invalid(Invalid::TooLong { days: 60 })), "{outcome:?}");
    given.lawful("sogo-seisaku-bucho", until(60));
}

/// A city of 2026 in which the secretariat has entered who held 市民課長 before.
fn with_history() -> Given {
    let mut given = Given::nothing();
    let people = ["a", "b", "c"].map(|number| person(number, "shimin"));
    let held = |person: &str, from: &str| Appointment {
        office: id("shimin-kacho"),
        person: Some(id(person)),
        from: from.parse().expect("a day"),
    };
    let secretary = person("technician", "joho-tokei");
    let people = people.into_iter().chain([secretary]).collect();
    let appointments = vec![held("a", "2017-04-01"), held("b", "2019-07-01"), held("c", "2024-04-01")];
    given.lawful("founder", Act::Found { people, appointments });
    given
}

#[test]
fn who_was_the_security_officer_is_answered_years_later() {
    let given = with_history();
    let at: jiff::Timestamp = "2019-07-03T14:00:00+09:00".parse().expect("a timestamp");
    let shimin = id("shimin");
    let was = given.city.who_was("security-officer", Some(&shimin), None, at).expect("an answer");
    assert_eq!((was.holder, was.post.as_str()), (Some(who("b")), "セキュリティ責任者（市民課）"));
    assert_eq!((was.from, was.until), ("2019-07-01".parse().ok(), "2024-03-31".parse().ok()));
    let recorded = was.recorded.expect("a fact put the holder there");
    let (entry, _) =
        given.entries.iter().find(|(_, receipt)| *receipt == recorded.receipt).expect("it stands there");
    assert!(
        matches!(&entry.fact, Fact::Organization(organization::Fact::Appointed(new)) if new.person == Some(who("b")))
    );
    assert_eq!(was.then, None, "the register said nothing yet");
    let earlier =
        given.city.who_was("security-officer", Some(&shimin), None, at - SignedDuration::from_hours(24 * 3));
    assert_eq!(earlier.expect("an answer").holder, Some(who("a")));
    let room = id("terminal-shimin");
    let manager = given.city.who_was("entry-manager", None, Some(&room), at).expect("an answer");
    assert_eq!(manager.holder, Some(who("b")));
}

#[test]
fn what_the_regulation_leaves_open_is_not_guessed() {
    let given = with_history();
    let asked = |post: &str, section: Option<&str>| {
        let section = section.map(id);
        given.city.who_was(post, section.as_ref(), None, given.now).expect_err("no answer").japanese()
    };
    assert!(
        asked("entry-manager", Some("community-suishin"))
            .starts_with("規程はコミュニティ推進課に入退室管理者を置いていません")
    );
    assert!(asked("mayor", None).contains("head（セキュリティ統括責任者）"));
    assert!(asked("security-officer", None).contains("shimin（市民課）"));
    assert!(asked("secretariat", None).contains("情報統計課"));
}

#[test]
fn an_answer_says_what_the_register_said_then() {
    let mut given = with_history();
    given.now = "2026-10-20T09:00:00+09:00".parse().expect("a timestamp");
    given.lawful("technician", appoint("shimin-kacho", Some("a"), "2026-10-10"));
    let at: jiff::Timestamp = "2026-10-15T09:00:00+09:00".parse().expect("a timestamp");
    let was = given.city.who_was("security-officer", Some(&id("shimin")), None, at).expect("an answer");
    assert_eq!((was.holder.clone(), was.then.clone()), (Some(who("a")), Some(Some(who("c")))));
    assert!(
        was.japanese(&given.city).contains("その時の登録では架空 c（職員番号 c）"),
        "{}",
        was.japanese(&given.city)
    );
    let head = given.city.who_was("head", None, None, at).expect("an answer");
    assert_eq!((head.holder, head.acting, head.from), (None, None, None));
}

#[test]
fn history_before_the_first_tenure_may_be_entered_later() {
    let mut given = with_history();
    given.lawful("technician", appoint("shimin-kacho", Some("c"), "2015-04-01"));
    let between = given.when("technician", appoint("shimin-kacho", Some("c"), "2018-04-01"));
    assert!(matches!(between, Outcome::Invalid(Invalid::Overlap { .. })), "{between:?}");
}

#[test]
fn an_acting_period_is_not_opened_twice() {
    let mut given = Given::city();
    given.lawful("sogo-seisaku-bucho", open_acting(false));
    assert!(matches!(given.when("sogo-seisaku-bucho", open_acting(false)), Outcome::Invalid(_)));
}

#[test]
fn two_holders_of_one_office_from_one_day_are_impossible() {
    let mut given = Given::city();
    given.lawful("technician", appoint("kanzai-kacho", Some("clerk"), "2027-04-01"));
    let again = given.when("technician", appoint("kanzai-kacho", Some("novice"), "2027-04-01"));
    assert!(matches!(again, Outcome::Invalid(register::Invalid::Overlap { .. })), "{again:?}");
}

#[test]
fn people_sections_and_offices_must_be_known() {
    let mut given = Given::city();
    let unknown = [
        given.when("technician", appoint("kanzai-kacho", Some("ghost"), "2027-04-01")),
        given.when("technician", appoint("no-such-office", None, "2027-04-01")),
        given.when("technician", Act::EnrolPerson(person("new", "no-such-section"))),
    ];
    for outcome in unknown {
        assert!(matches!(outcome, Outcome::Invalid(register::Invalid::Unknown { .. })), "{outcome:?}");
    }
}

#[test]
fn vacancies_are_owed_and_end_with_an_appointment() {
    let mut given = Given::nothing();
    given.lawful(
        "founder",
        Act::Found { people: vec![person("one", "joho-tokei")], appointments: Vec::new() },
    );
    let offices = given.city.duties(given.now).len();
    assert!(offices > 10, "{offices}");
    given.lawful("one", appoint("joho-tokei-kacho", Some("one"), "2026-10-01"));
    let left = given.city.duties(given.now);
    assert!(left.len() < offices);
    assert!(left.iter().all(|duty| !duty.what.starts_with("情報統計課長")), "{left:?}");
}

#[test]
fn a_duty_is_reminded_of_once_a_day_and_only_while_it_is_owed() {
    let mut given = Given::city();
    let remind = || Act::Remind("11.vacancy:kanzai-kacho".to_owned());
    let nothing = given.when("technician", remind());
    assert!(matches!(nothing, Outcome::Invalid(Invalid::Unknown { what: "duty", .. })), "{nothing:?}");
    given.lawful("technician", appoint("kanzai-kacho", None, "2026-10-05"));
    assert_eq!(given.when("shimin-kacho", remind()).articles(), ["3-1"]);
    given.lawful("sogo-seisaku-bucho", remind());
    let again = given.when("technician", remind());
    assert!(matches!(again, Outcome::Invalid(Invalid::State { what: "duty", .. })), "{again:?}");
    given.wait(SignedDuration::from_hours(24));
    given.lawful("technician", remind());
    let duties = given.city.duties(given.now);
    let vacancy = duties.iter().find(|duty| duty.id == "11.vacancy").expect("owed");
    assert_eq!(given.city.organization.reminders(vacancy).expect("reminded").count, 2);
}
