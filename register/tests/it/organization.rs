//! 第2章: posts ex officio, and the deputy.

use jiff::SignedDuration;
use register::organization::{Act, Appointment};

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
    given.lawful("sogo-seisaku-bucho", open_acting(false));
    given.lawful("joho-tokei-jicho", Act::CloseActing);
    assert!(given.entries.last().expect("recorded").0.acting);
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
