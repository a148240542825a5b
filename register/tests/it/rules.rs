//! 第10章: what is laid down separately, what follows from it, and the operation plan.

use jiff::SignedDuration;
use jiff::civil::Date;
use register::assets::runs::{self, RunState};
use register::assets::{RunResult, Tick};
use register::case::Particulars;
use register::{City, Duty, Fulfil, Invalid, JournalKind, Owner, access, assets, rules};

use crate::kit::{Given, Outcome, card, designation, id, profile, proof};

const CHIEF: &str = "joho-tokei-kacho";
const HEAD: &str = "sogo-seisaku-bucho";
const STAFF: &str = "technician";

fn none() -> Particulars {
    Particulars::new()
}

/// What a draft for a place says.
fn draft(place: &str) -> Particulars {
    none().with("rule-place", place).with("title", format!("架空の定め {place}"))
}

fn cards(values: &[&str]) -> Particulars {
    draft("cards-and-passwords").with("values", lines(values))
}

fn plan(sheet: &[&str]) -> Particulars {
    draft("operation-plan").with("sheet", lines(sheet))
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Every office whose agreement is wanted.
fn officers() -> Vec<String> {
    profile().post("resident-data-manager").expect("a post").offices().to_vec()
}

fn agree_all(given: &mut Given, case: &str) {
    for officer in officers() {
        given.takes(&officer, case, "rule.agree", none());
    }
}

fn owed(given: &Given, rule: &str) -> Vec<Duty> {
    given.city.duties(given.now).into_iter().filter(|duty| duty.id == rule).collect()
}

fn days(given: &mut Given, days: i64) {
    given.wait(SignedDuration::from_hours(24 * days));
}

fn invalid(outcome: Outcome) -> Invalid {
    match outcome {
        Outcome::Invalid(invalid) => invalid,
        other => panic!("{other:?}"),
    }
}

/// What the entries fold to is what stands here.
fn refolds(given: &Given) {
    let mut anew = City::new(profile());
    for (entry, receipt) in &given.entries {
        let text = serde_json::to_string(entry).expect("written");
        anew.fold(&serde_json::from_str(&text).expect("read"), receipt);
    }
    assert!(anew == given.city);
}

#[test]
fn an_empty_place_is_owed_by_its_post_until_its_rule_is_laid_down() {
    let mut given = Given::city();
    let empty = owed(&given, "29.plan");
    assert_eq!(empty.len(), 1);
    assert_eq!(
        (&empty[0].owed_by, &empty[0].fulfil),
        (&Owner::Post("head".to_owned()), &Fulfil::Open("rule"))
    );
    assert_eq!(empty[0].since.map(|day| day.to_string()).as_deref(), Some("2026-10-05"));
    for rule in ["16(1).rules", "20-2.rules", "21-1.rules", "21-2.plan", "27-2.rules", "30.rules"] {
        assert_eq!(owed(&given, rule).len(), 1, "{rule}");
    }
    given.takes(STAFF, "k-1", "rule.draft", draft("emergency-plan"));
    assert!(matches!(owed(&given, "29.plan")[0].fulfil, Fulfil::Step { .. }));
    assert_eq!(owed(&given, "30.lay-down").len(), 1, "nobody else has to agree");
    given.takes(HEAD, "k-1", "rule.lay-down", none());
    assert_eq!(owed(&given, "29.plan"), []);
    assert!(given.city.evidence("29").is_some());
    let place = rules::places(&given.city, given.now).into_iter().find(|p| p.place.id == "emergency-plan");
    let place = place.expect("a place");
    assert!(place.drafts.is_empty() && place.rules[0].in_force.is_some());
    refolds(&given);
}

#[test]
fn only_the_post_in_charge_lays_down() {
    let mut given = Given::city();
    for (place, author, article) in [
        ("cards-and-passwords", CHIEF, "16(1)"),
        ("assets", CHIEF, "21-1"),
        ("audits", HEAD, "27-2"),
        ("emergency-plan", HEAD, "29"),
    ] {
        let case = format!("k-{place}");
        given.takes(STAFF, &case, "rule.draft", draft(place));
        assert_eq!(given.step(STAFF, &case, "rule.lay-down", none()).articles(), [article]);
        given.takes(author, &case, "rule.lay-down", none());
    }
    assert_eq!(given.step("clerk", "k-9", "rule.draft", draft("audits")).articles(), ["30"]);
}

#[test]
fn the_deputy_lays_down_for_a_vacant_head() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", draft("audits"));
    assert_eq!(given.step("joho-tokei-jicho", "k-1", "rule.lay-down", none()).articles(), ["27-2"]);
    let reason = "出張".to_owned();
    let until = given.now + SignedDuration::from_hours(8);
    given.lawful(HEAD, register::organization::Act::OpenActing { reason, head_unable: false, until });
    given.takes("joho-tokei-jicho", "k-1", "rule.lay-down", none());
    assert!(given.city.rules.versions()[0].acting);
}

#[test]
fn everybody_agrees_before_the_plan_is_laid_down() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", plan(&["毎日 写す"]));
    assert_eq!(owed(&given, "21-2.agreement").len(), officers().len());
    assert_eq!(given.step(CHIEF, "k-1", "rule.lay-down", none()).articles(), ["21-2"]);
    assert_eq!(given.step(STAFF, "k-1", "rule.agree", none()).articles(), ["21-2"]);
    given.takes("shimin-kacho", "k-1", "rule.agree", none());
    let twice = invalid(given.step("shimin-kacho", "k-1", "rule.agree", none()));
    assert!(twice.japanese().contains("済んでいます"), "{}", twice.japanese());
    assert_eq!(owed(&given, "21-2.agreement").len(), officers().len() - 1);
    assert_eq!(owed(&given, "30.lay-down"), []);
    // What was agreed to is no longer proposed.
    given.takes(STAFF, "k-1", "rule.revise", none().with("sheet", lines(&["毎日 写して確かめる"])));
    assert_eq!(owed(&given, "21-2.agreement").len(), officers().len());
    agree_all(&mut given, "k-1");
    assert_eq!((owed(&given, "21-2.agreement").len(), owed(&given, "30.lay-down").len()), (0, 1));
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    assert_eq!(given.city.rules.versions()[0].agreed.len(), officers().len());
    refolds(&given);
}

#[test]
fn a_rule_that_nobody_else_agrees_to_asks_for_no_agreement() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", cards(&[]));
    let wrong = invalid(given.step("shimin-kacho", "k-1", "rule.agree", none()));
    assert!(wrong.japanese().contains("同意の要らない"), "{}", wrong.japanese());
}

#[test]
fn settings_have_the_values_of_the_rule_in_force() {
    let mut given = Given::equipped();
    let before = given.now;
    let set = |given: &Given| given.city.settings(given.now);
    assert_eq!((set(&given).lock_after, set(&given).password_min_length), (5, 12));
    let values = cards(&["しばらく止めるまでの失敗の回数 = 3", "パスワードの最も短い長さ：１６文字"]);
    given.takes(STAFF, "k-1", "rule.draft", values.with("in-force", "2026-10-08"));
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    assert_eq!(set(&given).lock_after, 5, "not yet in force");
    assert_eq!(owed(&given, "16(1).rules"), [], "though nothing is owed any more");
    days(&mut given, 3);
    assert_eq!((set(&given).lock_after, set(&given).password_min_length), (3, 16));
    assert_eq!(given.city.setting_from("pause-minutes", given.now), None);
    assert_eq!(
        given.city.setting_from("password-min-length", given.now).map(|v| v.case.as_str()),
        Some("k-1")
    );
    assert_eq!(given.city.settings(before).lock_after, 5, "as of an earlier moment");
    // The next version says nothing about failures: the profile's value is back.
    given.takes(STAFF, "k-2", "rule.draft", cards(&["pause-minutes = 30"]));
    given.takes(CHIEF, "k-2", "rule.lay-down", none());
    assert_eq!(set(&given).lock_after, 5);
    assert_eq!(set(&given).lock_for, SignedDuration::from_mins(30));
    refolds(&given);
}

#[test]
fn records_are_kept_for_as_long_as_the_rule_says_and_never_for_less_than_the_regulation() {
    let mut given = Given::city();
    assert_eq!(given.city.settings(given.now).operations_retention_years, 7);
    let values = |line: &str| draft("assets").with("values", lines(&[line]));
    let short = given.step(CHIEF, "r-1", "rule.draft", values("操作履歴を保存する年数 = 5"));
    assert_eq!(invalid(short).field(), "values");
    given.takes(CHIEF, "r-1", "rule.draft", values("操作履歴を保存する年数 = 10"));
    given.takes(CHIEF, "r-1", "rule.lay-down", none());
    assert_eq!(given.city.settings(given.now).operations_retention_years, 10);
    let day = jiff::civil::date(2026, 4, 1);
    let kept = |journal| given.city.kept_until(journal, day, given.now);
    assert_eq!(kept(JournalKind::Operations), Some(jiff::civil::date(2037, 3, 31)));
    assert_eq!(kept(JournalKind::Passages), Some(jiff::civil::date(2034, 3, 31)));
    assert_eq!(kept(JournalKind::Register), None, "kept for as long as the system runs");
}

#[test]
fn the_lock_out_works_as_the_rule_says() {
    let mut given = Given::equipped();
    given.takes(STAFF, "k-1", "rule.draft", cards(&["attempts-until-pause = 3", "pause-minutes = 60"]));
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    let wrong = access::SignIn { password_proven: Some(false), ..proof("s-1", "card-1") };
    for _ in 0..3 {
        given.when("clerk", access::Act::SignIn(wrong.clone()));
    }
    let locked =
        |given: &mut Given| given.when("clerk", access::Act::SignIn(proof("s-1", "card-1"))).articles();
    assert_eq!(locked(&mut given), ["16(1)"]);
    given.wait(SignedDuration::from_mins(59));
    assert_eq!(locked(&mut given), ["16(1)"]);
    given.wait(SignedDuration::from_mins(2));
    assert_eq!(locked(&mut given), Vec::<String>::new());
}

#[test]
fn a_value_that_the_profile_does_not_allow_is_told_with_its_line() {
    let mut given = Given::city();
    for (values, says) in [
        (&["password-min-length = 0"][..], "1行目: 「パスワードの最も短い長さ」は8文字から64文字まで"),
        (&["pause-minutes = 30", "長さ = 3"], "2行目: 「長さ」という設定はありません"),
        (&["history-page-size = 50"], "この定めで決める設定ではありません"),
        (&["pause-minutes = 30", "pause-minutes = 31"], "二度あります"),
        (&["attempts-until-pause = 10", "attempts-until-suspension = 5"], "食い違っています"),
    ] {
        let wrong = invalid(given.step(STAFF, "k-1", "rule.draft", cards(values)));
        assert_eq!(wrong.field(), "values");
        assert!(wrong.japanese().contains(says), "{}", wrong.japanese());
    }
    let wrong = invalid(given.step(STAFF, "k-1", "rule.draft", plan(&["毎日 写す", "ときどき 写す"])));
    assert!(wrong.japanese().contains("2行目: 「ときどき」は"), "{}", wrong.japanese());
    assert_eq!(
        invalid(given.step(STAFF, "k-1", "rule.draft", plan(&[]))),
        Invalid::Missing { what: "sheet" }
    );
    let elsewhere = draft("audits").with("sheet", lines(&["毎日 写す"]));
    assert_eq!(invalid(given.step(STAFF, "k-1", "rule.draft", elsewhere)).field(), "sheet");
}

#[test]
fn several_rules_stand_side_by_side_where_the_place_has_room() {
    let mut given = Given::city();
    assert_eq!(
        invalid(given.step(STAFF, "k-1", "rule.draft", draft("other"))),
        Invalid::Missing { what: "subject" }
    );
    let about = |subject: &str| draft("other").with("subject", subject);
    assert_eq!(
        invalid(given.step(STAFF, "k-1", "rule.draft", draft("audits").with("subject", "x"))).field(),
        "subject"
    );
    for (case, subject) in [("k-1", "持込機器"), ("k-2", "開示請求")] {
        given.takes(STAFF, case, "rule.draft", about(subject));
        given.takes(HEAD, case, "rule.lay-down", none());
    }
    assert!(given.city.rules.in_force("other", "持込機器", given.now).is_some());
    assert!(given.city.rules.in_force("other", "開示請求", given.now).is_some());
    assert!(given.city.rules.in_force("other", "", given.now).is_none());
    assert_eq!(owed(&given, "30.rules"), []);
}

#[test]
fn the_next_version_supersedes_and_withdrawal_brings_nothing_back() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", draft("assets"));
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    given.takes(STAFF, "k-2", "rule.draft", draft("assets").with("in-force", "2026-10-12"));
    given.takes(CHIEF, "k-2", "rule.lay-down", none());
    let in_force =
        |given: &Given| given.city.rules.in_force("assets", "", given.now).map(|v| v.case.to_string());
    assert_eq!(in_force(&given).as_deref(), Some("k-1"));
    days(&mut given, 7);
    assert_eq!(in_force(&given).as_deref(), Some("k-2"));
    let first = &given.city.rules.versions()[0];
    assert_eq!(
        given.city.rules.until(first, given.now).map(|d| d.to_string()).as_deref(),
        Some("2026-10-12")
    );
    given.takes(CHIEF, "k-2", "rule.withdraw", none());
    assert_eq!(in_force(&given), None);
    let empty = owed(&given, "21-1.rules");
    assert_eq!(
        empty[0].since.map(|day| day.to_string()).as_deref(),
        Some("2026-10-12"),
        "since the withdrawal"
    );
    refolds(&given);
}

#[test]
fn a_version_withdrawn_before_its_day_never_comes_into_force() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", draft("assets"));
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    given.takes(STAFF, "k-2", "rule.draft", draft("assets").with("in-force", "2026-10-12"));
    given.takes(CHIEF, "k-2", "rule.lay-down", none());
    given.takes(CHIEF, "k-2", "rule.withdraw", none());
    days(&mut given, 14);
    assert_eq!(given.city.rules.in_force("assets", "", given.now).map(|v| v.case.as_str()), Some("k-1"));
}

#[test]
fn a_rule_comes_into_force_in_the_past_only_with_a_reason_and_never_really() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", cards(&["pause-minutes = 30"]).with("in-force", "2026-10-01"));
    assert_eq!(
        invalid(given.step(CHIEF, "k-1", "rule.lay-down", none())),
        Invalid::Missing { what: "backdating" }
    );
    given.takes(CHIEF, "k-1", "rule.lay-down", none().with("backdating", "決裁の遅れ"));
    let version = &given.city.rules.versions()[0];
    assert_eq!(
        (version.in_force.to_string(), version.from().to_string()),
        ("2026-10-01".into(), "2026-10-05".into())
    );
}

#[test]
fn every_operator_reads_the_rule_in_force_once() {
    let mut given = Given::equipped();
    given.takes(STAFF, "k-1", "rule.draft", cards(&[]));
    let early = invalid(given.step("clerk", "k-1", "rule.acknowledge", none()));
    assert!(matches!(early, Invalid::TooEarly { .. }));
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    let unread = owed(&given, "17.acknowledge");
    assert_eq!(unread.len(), 1);
    assert_eq!(unread[0].owed_by, Owner::Person(id("clerk")));
    assert_eq!(given.step("novice", "k-1", "rule.acknowledge", none()).articles(), ["17"]);
    given.takes("clerk", "k-1", "rule.acknowledge", none());
    assert_eq!(owed(&given, "17.acknowledge"), []);
    assert!(matches!(
        invalid(given.step("clerk", "k-1", "rule.acknowledge", none())),
        Invalid::TooLate { .. }
    ));
    // A new operator owes it from the day of the card.
    days(&mut given, 10);
    given.lawful("shimin-kacho", access::Act::ProposeDesignation(designation("d-2", "novice")));
    given.lawful(CHIEF, access::Act::AgreeDesignation(id("d-2")));
    given.issue(card("card-2", "novice"));
    let unread = owed(&given, "17.acknowledge");
    assert_eq!(unread[0].since.map(|day| day.to_string()).as_deref(), Some("2026-10-15"));
    // And everybody the next version.
    given.takes(STAFF, "k-2", "rule.draft", cards(&["pause-minutes = 30"]));
    given.takes(CHIEF, "k-2", "rule.lay-down", none());
    assert_eq!(owed(&given, "17.acknowledge").len(), 2);
    assert!(invalid(given.step("clerk", "k-1", "rule.acknowledge", none())).japanese().contains("次の版"));
    assert_eq!(rules::to_acknowledge(&given.city, &id("clerk"), given.now).len(), 1);
    refolds(&given);
}

#[test]
fn a_rule_is_looked_over_within_its_months() {
    let mut given = Given::city();
    given.takes(STAFF, "k-1", "rule.draft", draft("audits"));
    given.takes(HEAD, "k-1", "rule.lay-down", none());
    days(&mut given, 300);
    assert_eq!(owed(&given, "30.review"), []);
    days(&mut given, 40);
    let due = owed(&given, "30.review");
    assert_eq!(due[0].due.map(|day| day.to_string()).as_deref(), Some("2027-10-05"));
    given.takes(HEAD, "k-1", "rule.review", none());
    assert_eq!(owed(&given, "30.review"), []);
}

/// The plan is in force since Monday, 5 October 2026.
fn operating() -> Given {
    let mut given = Given::city();
    let sheet = ["毎日 結果を確かめる", "毎週月曜 差分を写す", "毎月10日 空き容量を記録する"];
    given.takes(STAFF, "k-1", "rule.draft", plan(&sheet));
    agree_all(&mut given, "k-1");
    given.takes(CHIEF, "k-1", "rule.lay-down", none());
    given
}

fn tick(item: &str, day: &str) -> assets::Act {
    let day: Date = day.parse().expect("a day");
    assets::Act::Tick(Tick { item: item.to_owned(), day, result: RunResult::Normal, remark: String::new() })
}

#[test]
fn what_falls_due_is_ticked_or_owed() {
    let mut given = operating();
    let today = owed(&given, "21-2.run");
    assert_eq!(
        today.iter().map(|d| d.subject.as_str()).collect::<Vec<_>>(),
        ["毎日 結果を確かめる", "毎週月曜 差分を写す"]
    );
    assert!(
        today[0].what.contains("今日のうちに") && !today[0].overdue("2026-10-05".parse().expect("a day"))
    );
    assert_eq!(today[0].owed_by, Owner::Section(id("joho-tokei")));
    given.lawful(STAFF, tick("毎日 結果を確かめる", "2026-10-05"));
    given.lawful(STAFF, tick("毎週月曜 差分を写す", "2026-10-05"));
    assert_eq!(owed(&given, "21-2.run"), []);
    // Over スポーツの日 (12 October) to Wednesday, 14 October.
    days(&mut given, 9);
    let missed = owed(&given, "21-2.run");
    let texts: Vec<&str> = missed.iter().map(|duty| duty.what.as_str()).collect();
    assert!(
        texts.iter().any(|what| what.contains("「毎日 結果を確かめる」が5回分、令和8年10月6日から")),
        "{texts:?}"
    );
    assert!(
        texts.iter().any(|what| what.contains("「毎月10日 空き容量を記録する」が1回分、令和8年10月13日から")),
        "{texts:?}"
    );
    assert!(
        texts.iter().any(|what| what.contains("「毎週月曜 差分を写す」が1回分、令和8年10月13日から")),
        "{texts:?}"
    );
    refolds(&given);
}

#[test]
fn a_late_tick_is_taken_and_marked() {
    let mut given = operating();
    days(&mut given, 2);
    given.lawful(STAFF, tick("毎日 結果を確かめる", "2026-10-05"));
    let day: Date = "2026-10-05".parse().expect("a day");
    assert!(given.city.assets.runs().get(day, "毎日 結果を確かめる").expect("a run").late(day));
    let ledger = register::ledger("runs").expect("a ledger");
    let register::Rows::OfCity(rows) = ledger.rows else { panic!("of the city") };
    let rows = rows(&given.city, given.now);
    assert!(rows.iter().any(|row| row[6] == "後日の記録".into()));
    assert!(rows.iter().any(|row| row[2] == "未実施".into()), "a gap stands there as a gap");
}

#[test]
fn a_tick_belongs_to_a_line_that_falls_due() {
    let mut given = operating();
    assert_eq!(given.when("clerk", tick("毎日 結果を確かめる", "2026-10-05")).articles(), ["21-2"]);
    assert_eq!(invalid(given.when(STAFF, tick("毎日 寝る", "2026-10-05"))).field(), "item");
    assert_eq!(
        invalid(given.when(STAFF, tick("毎週月曜 差分を写す", "2026-10-06"))),
        Invalid::Future { what: "day" }
    );
    assert_eq!(
        invalid(given.when(STAFF, tick("毎日 結果を確かめる", "2026-10-02"))).field(),
        "item",
        "before the plan"
    );
    given.lawful(STAFF, tick("毎日 結果を確かめる", "2026-10-05"));
    assert!(matches!(
        invalid(given.when(STAFF, tick("毎日 結果を確かめる", "2026-10-05"))),
        Invalid::Exists { .. }
    ));
    let assets::Act::Tick(tick) = tick("毎週月曜 差分を写す", "2026-10-05") else {
        panic!("a tick")
    };
    let abnormal = Tick { result: RunResult::Abnormal, ..tick };
    assert_eq!(
        invalid(given.when(STAFF, assets::Act::Tick(abnormal.clone()))),
        Invalid::Missing { what: "remark" }
    );
    given.lawful(STAFF, assets::Act::Tick(Tick { remark: "媒体が読めない".to_owned(), ..abnormal }));
}

#[test]
fn the_sheet_and_the_month_show_where_each_line_stands() {
    let mut given = operating();
    given.lawful(STAFF, tick("毎日 結果を確かめる", "2026-10-05"));
    days(&mut given, 1);
    let on = |day: &str| runs::sheet(&given.city, day.parse().expect("a day"), given.now);
    let states = |day: &str| on(day).into_iter().map(|row| row.state).collect::<Vec<_>>();
    assert!(matches!(states("2026-10-05")[..], [RunState::Done(_), RunState::Missed]));
    assert_eq!(states("2026-10-06"), [RunState::Due]);
    assert_eq!(states("2026-10-13"), [RunState::Ahead, RunState::Ahead, RunState::Ahead]);
    assert_eq!(states("2026-10-10"), [], "a Saturday");
    let month = runs::month(&given.city, "2026-10-20".parse().expect("a day"), given.now);
    assert_eq!((month.days.len(), month.rows.len()), (31, 3));
    assert_eq!(month.days[11].1, Some("スポーツの日"));
    assert!(month.rows.iter().all(|(_, cells)| cells.len() == 31 && cells[3].is_none()));
}
