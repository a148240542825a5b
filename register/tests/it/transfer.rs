//! 人事異動: a list is applied on its day, all of it or nothing, and reversed by a later fact.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use register::access::CardState;
use register::organization::transfer::{self, HandOver, Preview, TransferFile};
use register::organization::{Act, Appointment, Workplace};
use register::{Fact, Invalid, OfficeId, SectionId, access, assets};

use crate::kit::{Given, Outcome, designation, id, person, proof, who};

const HEADER: &str = "職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職,発令日\r\n";

/// 25 March 2027, 10:00 in Japan.
fn march() -> Timestamp {
    at("2027-03-25T10:00:00+09:00")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// A city on 25 March, with `more` people of 市民課 besides the usual ones.
fn city_with(more: usize) -> Given {
    let mut given = Given::equipped();
    given.now = march();
    for n in 0..more {
        given.lawful("technician", Act::EnrolPerson(person(&format!("staff-{n:02}"), "shimin")));
    }
    given
}

fn file(rows: &[&str]) -> TransferFile {
    let text = format!("{HEADER}{}\r\n", rows.join("\r\n"));
    transfer::read(text.as_bytes()).unwrap_or_else(|faults| panic!("{:?}", faults.japanese()))
}

fn row(number: &str, from: &str, to: &str) -> String {
    format!("{number},架空 {number},カクウ,{from},{to},R9.4.1")
}

fn apply(list: &str, file: &TransferFile, vacant: &[&str]) -> Act {
    Act::Transfer {
        list: id(list),
        digest: file.digest.clone(),
        rows: file.rows.clone(),
        vacant: vacant.iter().map(|office| id(office)).collect(),
    }
}

fn seen(given: &Given, file: &TransferFile) -> Preview {
    transfer::preview(&given.city, &file.rows, given.now)
        .unwrap_or_else(|faults| panic!("{:?}", faults.japanese()))
}

fn faults(given: &Given, rows: &[&str]) -> Vec<String> {
    let file = file(rows);
    let faults = transfer::preview(&given.city, &file.rows, given.now).expect_err("faults").japanese();
    let outcome = given.would("technician", apply("R9-x", &file, &[]));
    assert!(
        matches!(&outcome, Outcome::Invalid(Invalid::List(told)) if told.japanese() == faults),
        "{outcome:?}"
    );
    faults
}

fn section(given: &Given, number: &str) -> Option<SectionId> {
    given.city.standing(&who(number), given.now).section
}

/// The chiefs of 市民課 and コミュニティ推進課 change places, somebody new takes 管財課, its chief retires.
fn chiefs() -> TransferFile {
    file(&[
        &row("shimin-kacho", "市民課,課長", "コミュニティ推進課,課長"),
        &row("community-suishin-kacho", "コミュニティ推進課,コミュニティ推進課長", "shimin,課長"),
        &row("kanzai-kacho", "管財課,課長", "退職,"),
        &row("new-chief", "採用,", "管財課,課長"),
    ])
}

#[test]
fn sixty_people_move_on_the_first_of_april_and_back_by_a_later_fact() {
    let mut given = city_with(60);
    let targets = ["松井出張所", "情報統計課", "道路公園課", "市民相談課"];
    let mut text = HEADER.to_owned();
    for n in 0..60 {
        let row = row(&format!("staff-{n:02}"), "市民課,主事", &format!("{},主任", targets[n % 4]));
        write!(text, "{row}\r\n").expect("a string takes everything");
    }
    let sixty = transfer::read(text.as_bytes()).expect("read");
    let before = given.city.clone();
    let facts = given.lawful("technician", apply("R9-4", &sixty, &[]));
    assert_eq!(facts.len(), 61);

    given.now = at("2027-03-31T23:59:59.999+09:00");
    assert_eq!(section(&given, "staff-00"), Some(id("shimin")));
    let secretaries = |given: &Given| {
        let posts = |n: u32| given.city.standing(&who(&format!("staff-{n:02}")), given.now).posts;
        (0..60).filter(|n| posts(*n).contains("secretariat")).count()
    };
    assert_eq!(secretaries(&given), 0);
    given.now = at("2027-04-01T00:00:00+09:00");
    assert_eq!(section(&given, "staff-00"), Some(id("shutchojo-matsui")));
    assert_eq!(section(&given, "staff-02"), None, "道路公園課 is not of the regulation");
    assert_eq!(given.city.workplace_of(&who("staff-02"), given.now), "道路公園課");
    assert_eq!(secretaries(&given), 15);

    let applied = given.city.clone();
    given.now = at("2027-04-05T09:00:00+09:00");
    let reverse = Act::ReverseTransfer { list: id("R9-4"), reason: "発令の取消し".to_owned() };
    given.lawful("technician", reverse.clone());
    for n in 0..60 {
        assert_eq!(section(&given, &format!("staff-{n:02}")), Some(id("shimin")));
    }
    let list = given.city.organization.transfer(&id("R9-4")).expect("the list stays in the register");
    assert_eq!(list.reversed.as_ref().map(|reversal| reversal.by.as_str()), Some("technician"));
    assert_eq!((before.organization.transfers().count(), applied.organization.transfers().count()), (0, 1));
    let moves = given.city.organization.person(&who("staff-00")).expect("known");
    assert_eq!(moves.moves().count(), 0);
    let again = given.when("technician", reverse);
    assert!(matches!(again, Outcome::Invalid(Invalid::State { what: "transfer", .. })), "{again:?}");
    // The same file may come again after that, under another number.
    let vacant: Vec<OfficeId> = Vec::new();
    given.lawful(
        "technician",
        Act::Transfer { list: id("R9-4b"), digest: sixty.digest.clone(), rows: sixty.rows, vacant },
    );
    assert_eq!(section(&given, "staff-00"), Some(id("shutchojo-matsui")), "late, it counts from its day on");
}

#[test]
fn posts_follow_the_offices_at_midnight() {
    let mut given = city_with(0);
    given.lawful("technician", apply("R9", &chiefs(), &[]));
    let officer = |given: &Given, number: &str| given.city.standing(&who(number), given.now).officer_of;
    given.now = at("2027-03-31T23:59:59+09:00");
    assert!(officer(&given, "shimin-kacho").contains("shimin"));
    given.now = at("2027-04-01T00:00:00+09:00");
    assert!(officer(&given, "shimin-kacho").contains("community-suishin"));
    assert!(officer(&given, "community-suishin-kacho").contains("shimin"));
    assert!(given.city.standing(&who("new-chief"), given.now).posts.contains("key-officer"));
    let gone = given.city.standing(&who("kanzai-kacho"), given.now);
    assert!(gone.posts.is_empty() && gone.section.is_none());
    assert_eq!(given.city.duties(given.now).iter().filter(|duty| duty.id.ends_with(".vacancy")).count(), 0);
}

#[test]
fn a_preview_tells_what_goes_and_comes() {
    let given = city_with(0);
    let preview = seen(&given, &chiefs());
    assert!(preview.vacated.is_empty() && preview.passed_over.is_empty() && !preview.late);
    let [chief, _, retired, new] = &preview.people[..] else { panic!("{preview:?}") };
    let names = |posts: &std::collections::BTreeSet<transfer::PostHeld>| {
        posts.iter().map(|held| held.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&chief.posts_lost),
        [
            "入退室管理者（市民課CS端末室）",
            "本人確認情報管理責任者（市民課）",
            "セキュリティ責任者（市民課）"
        ]
    );
    assert_eq!(
        names(&chief.posts_gained),
        ["本人確認情報管理責任者（コミュニティ推進課）", "セキュリティ責任者（コミュニティ推進課）"]
    );
    assert!(retired.leaves() && names(&retired.posts_lost) == ["鍵の管理者"]);
    assert!(new.joins && names(&new.posts_gained) == ["鍵の管理者"]);
}

#[test]
fn what_would_stand_vacant_has_to_be_confirmed_and_is_owed_then() {
    let mut given = city_with(0);
    let rows = row("kanzai-kacho", "管財課,課長", "道路公園課,課長");
    let list = file(&[&rows]);
    let preview = seen(&given, &list);
    assert_eq!(preview.vacated[0].name, "管財課長");
    assert_eq!(preview.outside().into_iter().collect::<Vec<_>>(), ["道路公園課"]);
    let outcome = given.would("technician", apply("R9", &list, &[]));
    assert!(
        matches!(&outcome, Outcome::Invalid(Invalid::Vacated { offices }) if offices == &["管財課長"]),
        "{outcome:?}"
    );
    given.lawful("technician", apply("R9", &list, &["kanzai-kacho"]));
    let owed = |given: &Given| given.city.duties(given.now).iter().any(|duty| duty.id == "11.vacancy");
    assert!(!owed(&given));
    given.now = at("2027-04-01T00:00:00+09:00");
    assert!(owed(&given));
    // Somebody may follow on the very first day of the vacancy.
    let appointment = Appointment {
        office: id("kanzai-kacho"),
        person: Some(id("novice")),
        from: "2027-04-01".parse().expect("a day"),
    };
    given.lawful("technician", Act::Appoint(appointment));
    assert!(!owed(&given));
}

#[test]
fn a_list_with_a_fault_changes_nothing_and_names_the_lines() {
    let mut given = city_with(0);
    let told = faults(
        &given,
        &[
            "ghost,架空 ghost,カクウ,市民課,,管財課,,R9.4.1",
            "novice,架空 novise,カクウ,市民課,,管財課,,R9.4.1",
            "novice,架空 novice,カクウ,市民課,,管財課,,R9.4.1",
            "clerk,架空clerk,カクウ,管財課,,市民課,,R9.4.2",
            "technician,架空 technician,カクウ,情報統計課,課長,管財課,課長,R9.4.1",
            "shimin-kacho,架空 shimin-kacho,カクウ,市民課,主査,管財課,課長,R9.4.1",
            "late,架空 late,,採用,,市民課,,R9.4.1",
        ],
    );
    assert_eq!(
        told,
        [
            "2行目「職員番号」: 職員番号「ghost」は登録されていません",
            "3行目「氏名」: 登録では「架空 novice」です",
            "4行目「職員番号」: 3行目と同じ職員です",
            "5行目「発令日」: 2行目の発令日（令和9年4月1日）と違います",
            "5行目「旧所属」: 登録では「市民課」です",
            "6行目「旧役職」: 登録では、情報統計課長は架空 joho-tokei-kachoさんです",
            "6行目「新役職」: 管財課長には架空 kanzai-kachoさん（kanzai-kacho）が就いたままです。離れる行がありません",
            "7行目「旧役職」: 登録では「市民課長」です",
            "7行目「新役職」: 管財課長には6行目の職員も就くことになっています",
            "7行目「新役職」: 管財課長には架空 kanzai-kachoさん（kanzai-kacho）が就いたままです。離れる行がありません",
            "8行目「フリガナ」: 新しく登録する職員には要ります",
        ]
    );
    let entries = given.entries.len();
    let list = file(&["ghost,架空,カ,市民課,,管財課,,R9.4.1"]);
    let outcome = given.when("technician", apply("R9", &list, &[]));
    let Outcome::Invalid(invalid) = outcome else { panic!("{outcome:?}") };
    assert!(invalid.japanese().contains("2行目"), "{}", invalid.japanese());
    assert_eq!(given.entries.len(), entries);
}

#[test]
fn a_file_is_checked_before_the_register_is_asked() {
    let text = format!("{HEADER}職員1,a,b,,,市民課,,R9.4.1\r\n1,a,b,,,市民課,,4月1日\r\n1,a\r\n");
    let told = transfer::read(text.as_bytes()).expect_err("faults").japanese();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].starts_with("2行目「職員番号」: ") && told[1].starts_with("3行目「発令日」: "),
        "{told:?}"
    );
    assert!(told[2].starts_with("4行目: "), "{told:?}");
}

#[test]
fn people_whom_the_register_need_not_know_are_passed_over() {
    let given = city_with(0);
    let list = file(&[
        "9001,架空,カクウ,道路公園課,主事,水道課,主事,R9.4.1",
        "9002,架空,カクウ,水道課,主事,市民課,主事,R9.4.1",
    ]);
    let preview = seen(&given, &list);
    assert_eq!(preview.passed_over, [2]);
    assert!(preview.people[0].joins && preview.people[0].from == Workplace::Outside("水道課".to_owned()));
}

#[test]
fn the_same_list_is_not_applied_twice() {
    let mut given = city_with(0);
    given.lawful("technician", apply("R9", &chiefs(), &[]));
    for list in ["R9", "other"] {
        let outcome = given.when("technician", apply(list, &chiefs(), &[]));
        assert!(matches!(outcome, Outcome::Invalid(Invalid::Exists { what: "transfer", .. })), "{outcome:?}");
    }
}

#[test]
fn later_records_hold_a_list_in_place() {
    let mut given = city_with(0);
    given.lawful("technician", apply("R9", &chiefs(), &[]));
    let later = Appointment {
        office: id("shimin-kacho"),
        person: Some(id("clerk")),
        from: "2027-10-01".parse().expect("a day"),
    };
    given.lawful("technician", Act::Appoint(later));
    let reverse = Act::ReverseTransfer { list: id("R9"), reason: "誤り".to_owned() };
    let outcome = given.when("technician", reverse);
    let Outcome::Invalid(invalid) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        invalid.japanese(),
        "後の登録（市民課長の令和9年10月1日付けの発令）があるため、取り消せません"
    );
    let told = faults(&given, &["clerk,架空 clerk,カクウ,市民課,,市民課,課長,R9.4.1"]);
    assert_eq!(told, ["2行目「新役職」: 市民課長には令和9年4月1日付けの発令が既に登録されています"]);
}

#[test]
fn what_a_section_entrusted_ends_when_the_person_leaves_it() {
    let mut given = city_with(0);
    given.lawful("clerk", access::Act::SignIn(proof("s-1", "card-1")));
    let list = file(&[&row("clerk", "市民課,主事", "市民相談課,主事")]);
    let items = seen(&given, &list).people.remove(0).hand_over;
    let kinds: Vec<&str> = items
        .iter()
        .map(|item| match item {
            HandOver::Card { .. } => "card",
            HandOver::Designation { .. } => "designation",
            HandOver::Handler { .. } => "handler",
            HandOver::Stay { .. } => "stay",
            HandOver::Duty(_) => "duty",
            HandOver::Acting { .. } => "acting",
        })
        .collect();
    assert_eq!(kinds, ["card", "designation", "handler", "stay"]);
    assert!(items.iter().all(|item| !item.japanese(&given.city).is_empty()));
    given.lawful("technician", apply("R9", &list, &[]));

    let counts = |given: &Given| {
        let clerk = who("clerk");
        (
            given.city.designated(&clerk, &id("business-clerk"), given.now),
            given.city.handles(&clerk, given.now),
        )
    };
    given.now = at("2027-03-31T23:59:59+09:00");
    assert_eq!(counts(&given), (true, true));
    given.now = at("2027-04-01T00:00:00+09:00");
    assert_eq!(counts(&given), (false, false));
    let refused = given.when("clerk", operate());
    assert!(
        refused.articles().contains(&"16(2)".to_owned()) && refused.articles().contains(&"20".to_owned())
    );

    let collect = |given: &Given| {
        let duties = given.city.duties(given.now).into_iter();
        duties.filter(|duty| duty.id == "16(3).collect").map(|duty| duty.since).collect::<Vec<_>>()
    };
    assert_eq!(collect(&given), ["2027-04-01".parse().ok()]);
    let mut collected = given.clone();
    collected.lawful("joho-tokei-kacho", access::Act::EndDesignation(id("d-1")));
    assert_eq!(collect(&collected).len(), 1, "the card is still in the clerk's hands");
    let stop =
        access::Act::StopCard {
            card: id("card-1"), state: CardState::Collected, reason: "異動".to_owned()
        };
    collected.lawful("joho-tokei-kacho", stop);
    assert!(collect(&collected).is_empty());

    // Reversed, all is as it was; come back by another list, it has to be entrusted anew.
    let mut reversed = given.clone();
    reversed.lawful("technician", Act::ReverseTransfer { list: id("R9"), reason: "誤り".to_owned() });
    assert_eq!(counts(&reversed), (true, true));
    assert!(collect(&reversed).is_empty());
    let back = file(&["clerk,架空 clerk,カクウ,市民相談課,,市民課,,R9.5.1"]);
    given.lawful("technician", apply("R9-5", &back, &[]));
    given.now = at("2027-05-01T09:00:00+09:00");
    assert_eq!(counts(&given), (false, false));
    let handler = assets::Act::DesignateHandler { person: id("clerk"), section: id("shimin") };
    given.lawful("shimin-kacho", handler);
    given.lawful("shimin-kacho", access::Act::ProposeDesignation(designation("d-2", "clerk")));
    given.lawful("joho-tokei-kacho", access::Act::AgreeDesignation(id("d-2")));
    assert_eq!(counts(&given), (true, true));
}

fn operate() -> access::Act {
    access::Act::Operate(access::Operation {
        kind: access::OperationKind::Consult,
        condition: String::new(),
        reason: None,
        touched: Vec::new(),
        hits: 0,
        output: access::Output::Screen,
        section: None,
        card: None,
        terminal: None,
    })
}

#[test]
fn duties_pass_with_the_office_and_a_card_comes_back_from_who_leaves() {
    let mut given = city_with(0);
    let leaver = row("clerk", "市民課,主事", "退職,");
    given.lawful("technician", apply("R9", &file(&[&leaver]), &[]));
    given.now = at("2027-04-02T00:00:00+09:00");
    let duties = given.city.duties(given.now);
    let collect = duties.iter().find(|duty| duty.id == "16(3).collect").expect("owed");
    assert!(collect.what.contains("退職") && given.city.owes(&who("joho-tokei-kacho"), collect, given.now));
    let chief = file(&["joho-tokei-kacho,架空 joho-tokei-kacho,カクウ,情報統計課,課長,退職,,R9.5.1"]);
    let items = seen(&given, &chief).people.remove(0).hand_over;
    let owed = |item: &&HandOver| matches!(item, HandOver::Duty(duty) if duty.id == "16(3).collect");
    assert_eq!(items.iter().filter(owed).count(), 1);
}

#[test]
fn a_designation_made_ahead_by_the_new_section_counts_on() {
    let mut given = city_with(1);
    given.lawful("technician", Act::EnrolPerson(person("mover", "kanzai")));
    given.lawful("shimin-kacho", access::Act::ProposeDesignation(designation("d-m", "mover")));
    given.lawful("joho-tokei-kacho", access::Act::AgreeDesignation(id("d-m")));
    given.lawful("technician", apply("R9", &file(&[&row("mover", "管財課,主事", "市民課,主事")]), &[]));
    given.now = at("2027-04-01T09:00:00+09:00");
    assert!(given.city.designated(&who("mover"), &id("business-clerk"), given.now));
    // Entrusted while a list was believed that was reversed afterwards: it ends with the list.
    given.lawful("technician", Act::EnrolPerson(person("stray", "kanzai")));
    given.lawful("technician", apply("R9-b", &file(&[&row("stray", "管財課,主事", "市民課,主事")]), &[]));
    given.lawful("shimin-kacho", access::Act::ProposeDesignation(designation("d-s", "stray")));
    given.lawful("joho-tokei-kacho", access::Act::AgreeDesignation(id("d-s")));
    given.wait(SignedDuration::from_hours(1));
    assert!(given.city.designated(&who("stray"), &id("business-clerk"), given.now));
    given.lawful("technician", Act::ReverseTransfer { list: id("R9-b"), reason: "誤り".to_owned() });
    assert!(!given.city.designated(&who("stray"), &id("business-clerk"), given.now));
}

#[test]
fn only_the_secretariat_enters_transfers() {
    let given = city_with(0);
    let outcome = given.would("shimin-kacho", apply("R9", &chiefs(), &[]));
    assert_eq!(outcome.articles(), ["7-6"]);
    let reverse = Act::ReverseTransfer { list: id("R9"), reason: "誤り".to_owned() };
    assert_eq!(given.would("shimin-kacho", reverse).articles(), ["7-6"]);
}

#[test]
fn every_fact_of_a_list_names_it() {
    let mut given = city_with(0);
    let facts = given.lawful("technician", apply("R9", &chiefs(), &[]));
    let names: Vec<&str> = facts.iter().map(Fact::name).collect();
    assert_eq!(
        names,
        [
            "TransferEntered",
            "PersonMoved",
            "PersonMoved",
            "PersonMoved",
            "PersonJoined",
            "OfficeTransferred",
            "OfficeTransferred",
            "OfficeTransferred",
        ]
    );
    let text = serde_json::to_string(&facts).expect("written");
    assert_eq!(text.matches("\"list\":\"R9\"").count(), facts.len());
}
