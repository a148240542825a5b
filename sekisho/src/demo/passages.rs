//! Who goes in and out of the rooms in the week of the demo (第9条から第13条まで): by keys that are lent and come
//! back, attended by somebody who is enrolled, and now and then not as it should be, so that the two ledgers
//! disagree. The controller of the doors is only put to work after the week: until then people write passages
//! down, and the lock at CS室 keeps a list of its own.

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use register::FindingId;
use register::case::Particulars;
use register::rooms::{Act, Direction, FindingKind, Lend, Means, NewEscort, Pass, Via, import};

use super::calendar;
use super::cast::{ACCESS_MANAGER, CITIZENS_OFFICER, HEAD, LOCK_KEEPER, SECRETARY, member};
use super::council::{step, take};
use super::rooms::{
    CONTRACTORS, CS_ROOM, DATA_STORE, DOORS, KEY_DESK, KEY_OFFICER, TERMINALS, VISITOR, member_no,
    permit_for, permit_number, tag,
};
use super::stage::{Stage, id, stopped};
use crate::failure::Failure;

/// Where the borrower of a key puts the card.
const KEY_DESK_TERMINAL: &str = "T-104";
/// Clerks who sign themselves in and out at the terminal room.
const CLERKS: [&str; 2] = ["2101", "2102"];
const REPORT: &str = "report-1";

/// What happens before the counters open.
pub(super) fn morning(stage: &Stage<'_>, day: Date, number: usize) -> Result<(), Failure> {
    stage.at(calendar::at(day, 8, 20));
    let board = ["K-01", "K-02", "K-03"].map(id).to_vec();
    stage.act(KEY_DESK, Act::CountKeys(board))?;
    for clerk in CLERKS {
        stage.act(clerk, pass(clerk, TERMINALS, Direction::In, Means::Attended))?;
    }
    match number {
        0 => media(stage, day),
        1 => maintenance(stage, day),
        2 => visit(stage, day),
        _ => Ok(()),
    }
}

/// What happens when the day's work is done.
pub(super) fn evening(stage: &Stage<'_>, days: &[Date], number: usize) -> Result<(), Failure> {
    let Some(day) = days.get(number).copied() else { return Ok(()) };
    for clerk in CLERKS {
        stage.act(clerk, pass(clerk, TERMINALS, Direction::Out, Means::Attended))?;
    }
    match number {
        0 => not_allowed(stage, day),
        2 => borrowed_for_nothing(stage, day),
        3 => list_of_the_lock(stage, days),
        4 => {
            reconciled(stage, day)?;
            reported(stage, (days[0], day))
        }
        _ => Ok(()),
    }
}

fn pass(person: &str, room: &str, direction: Direction, means: Means) -> Act {
    let purpose = String::new();
    Act::Pass(Pass {
        person: id(person),
        room: id(room),
        direction,
        means,
        door: None,
        purpose,
        via: Via::Hand,
    })
}

/// 第11条: the borrower's card is held to the reader, and the key is lent.
fn lend(stage: &Stage<'_>, key: &str, to: &str, purpose: &str, day: Date) -> Result<(), Failure> {
    let borrower = member(to);
    let holder = stage.prove(&borrower.card_number(), &borrower.pin(), KEY_DESK_TERMINAL)?;
    let due = calendar::at(day, 19, 0);
    let (key, purpose) = (id(key), purpose.to_owned());
    let lend = Lend { key, to: holder.person, purpose, due, card: Some(holder.card), proven: true };
    stage.act(KEY_DESK, Act::LendKey(lend))?;
    Ok(())
}

fn give_back(stage: &Stage<'_>, key: &str) -> Result<(), Failure> {
    stage.act(KEY_DESK, Act::ReturnKey { key: id(key), remark: String::new() })?;
    Ok(())
}

/// Somebody is in a room for a while, by a key that was lent; whom the person attends goes in and out along.
fn stay(
    stage: &Stage<'_>,
    who: &str,
    (room, key): (&str, &str),
    (purpose, minutes): (&str, i64),
    day: Date,
) -> Result<(), Failure> {
    lend(stage, key, who, purpose, day)?;
    let by_key = || Means::Key(Some(id(key)));
    stage.pass(SignedDuration::from_mins(2));
    stage.act(who, pass(who, room, Direction::In, by_key()))?;
    stage.pass(SignedDuration::from_mins(minutes));
    stage.act(who, pass(who, room, Direction::Out, by_key()))?;
    stage.pass(SignedDuration::from_mins(2));
    give_back(stage, key)
}

/// An ordinary entry by key.
fn media(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    stay(stage, LOCK_KEEPER, (DATA_STORE, "K-03"), ("バックアップ媒体の入替え", 8), day)
}

/// 第9条第2項: nobody enters without a permit; 第11条: no key without the borrower's card.
fn not_allowed(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    stage.act_refused("2106", pass("2106", CS_ROOM, Direction::In, Means::Attended), &["9-2"])?;
    let without_card = Lend {
        key: id("K-02"),
        to: id(SECRETARY),
        purpose: "空調の確認".to_owned(),
        due: calendar::at(day, 19, 0),
        card: None,
        proven: false,
    };
    stage.act_refused(KEY_DESK, Act::LendKey(without_card), &["11"])
}

fn escort(number: &str, guest: &str, room: &str, (purpose, necessity): (&str, &str)) -> Act {
    let (purpose, necessity) = (purpose.to_owned(), necessity.to_owned());
    Act::OpenEscort(NewEscort { id: id(number), guest: id(guest), room: id(room), purpose, necessity })
}

/// The contractor's people: permitted first, tagged, attended by somebody who is enrolled, and only in one room.
fn maintenance(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let why = ("CSの定期保守", "装置の部品は、契約先の技術者だけが扱える");
    stage.act_refused(LOCK_KEEPER, escort("E-1", CONTRACTORS[0], CS_ROOM, why), &["9-2"])?;
    let grant = |person: &str| step(&permit_number(person, CS_ROOM), "permit.grant", Particulars::new());
    for (number, person) in (21..).zip(CONTRACTORS) {
        let said = permit_for(person, CS_ROOM, "standing", (day, day.saturating_add(90.days())), why.0);
        take(stage, LOCK_KEEPER, &permit_number(person, CS_ROOM), "permit.apply", said)?;
        stage.act_refused(CITIZENS_OFFICER, grant(person)?, &["10-1"])?;
        stage.act(ACCESS_MANAGER, grant(person)?)?;
        stage.act(LOCK_KEEPER, Act::IssueTag { tag: tag(number)?, to: id(person) })?;
    }
    let unreasoned = (why.0, "");
    stage.act_refused(LOCK_KEEPER, escort("E-1", CONTRACTORS[0], CS_ROOM, unreasoned), &["9-2"])?;
    stage.act(LOCK_KEEPER, escort("E-1", CONTRACTORS[0], CS_ROOM, why))?;
    stage.act(LOCK_KEEPER, escort("E-2", CONTRACTORS[1], CS_ROOM, why))?;
    let elsewhere = ("媒体の確認", "媒体の保管の様子を見せる");
    stage.act_refused(LOCK_KEEPER, escort("E-3", VISITOR, DATA_STORE, elsewhere), &["9-2"])?;
    stay(stage, LOCK_KEEPER, (CS_ROOM, "K-01"), ("CSの定期保守の立会い", 20), day)?;
    for number in [21, 22] {
        stage.act(LOCK_KEEPER, Act::ReturnTag(tag(number)?))?;
    }
    Ok(())
}

/// A visitor enters once, attended, and goes home with the name tag.
fn visit(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let why = ("媒体の保管の視察", "保管の様子は、室の中でしか見られない");
    let number = permit_number(VISITOR, DATA_STORE);
    take(
        stage,
        ACCESS_MANAGER,
        &number,
        "permit.apply",
        permit_for(VISITOR, DATA_STORE, "once", (day, day), why.0),
    )?;
    take(
        stage,
        ACCESS_MANAGER,
        &number,
        "permit.grant",
        Particulars::new().with("condition", "撮影はしない"),
    )?;
    stage.act(SECRETARY, Act::IssueTag { tag: tag(23)?, to: id(VISITOR) })?;
    stage.act(ACCESS_MANAGER, escort("E-4", VISITOR, DATA_STORE, why))?;
    stay(stage, ACCESS_MANAGER, (DATA_STORE, "K-03"), ("視察の立会い", 12), day)
}

/// 第12条第2項: a key is lent, and nobody enters with it.
fn borrowed_for_nothing(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    lend(stage, "K-02", SECRETARY, "空調の確認", day)?;
    stage.pass(SignedDuration::from_mins(25));
    give_back(stage, "K-02")
}

/// What the lock at CS室 kept by itself comes in. On the second evening somebody had turned a key that the ledger
/// does not know to be lent. 第12条: whoever lends answers, and does not accept the answer.
fn list_of_the_lock(stage: &Stage<'_>, days: &[Date]) -> Result<(), Failure> {
    let file =
        import::read(lock_list(days).as_bytes()).map_err(|faults| stopped(faults.japanese().join("、")))?;
    stage.act_refused(KEY_OFFICER, Act::ImportPassages(file.clone()), &["12-1"])?;
    stage.act(LOCK_KEEPER, Act::ImportPassages(file))?;
    let finding = found(stage, FindingKind::EntryWithoutLoan)?;
    let answer = || Act::AnswerFinding {
        finding: finding.clone(),
        answer: "閉庁後に当直から正鍵を渡した。当直の鍵の受渡しも管理簿に書くよう改めた。".to_owned(),
    };
    stage.act_refused(LOCK_KEEPER, answer(), &["12"])?;
    stage.act(KEY_OFFICER, answer())?;
    stage.act_refused(KEY_OFFICER, Act::SettleFinding(finding.clone()), &["12"])
}

/// As an older lock writes it: with the means in words, and no number of a key.
fn lock_list(days: &[Date]) -> String {
    let mut text = "日時,室,方向,氏名,所属,職員番号,方法,名札番号,目的\r\n".to_owned();
    for (number, entered, left, who, means) in [
        (0, "10:02:11", "10:31:40", SECRETARY, "指紋"),
        (0, "15:20:05", "15:44:52", ACCESS_MANAGER, "指紋"),
        (1, "13:10:33", "13:25:08", ACCESS_MANAGER, "指紋"),
        (1, "18:42:20", "18:57:01", SECRETARY, "鍵"),
        (2, "09:48:19", "10:15:27", LOCK_KEEPER, "指紋"),
    ] {
        let (name, day) = (member(who).name, days.get(number).copied().unwrap_or_default());
        for (time, direction) in [(entered, "入室"), (left, "退室")] {
            text.push_str(&format!("{day} {time},CS室,{direction},{name},情報統計課,{who},{means},,\r\n"));
        }
    }
    text
}

fn found(stage: &Stage<'_>, kind: FindingKind) -> Result<FindingId, Failure> {
    let all = stage.office.city().findings(stage.office.now());
    let found = all.into_iter().find(|found| found.finding.kind == kind).map(|found| found.finding.id);
    found.ok_or_else(|| stopped(format!("「{}」が見つかりません", kind.japanese())))
}

/// 第12条: answers are accepted by the other hand, the locks' lists compared, the ledgers reconciled. One finding
/// waits for whoever accepts its answer, and one for the answer.
fn reconciled(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    stage.act(ACCESS_MANAGER, Act::SettleFinding(found(stage, FindingKind::EntryWithoutLoan)?))?;
    for (door, members) in DOORS.iter().zip([&[16, 17, 18][..], &[16, 17]]) {
        let members = members.iter().map(|number| member_no(*number)).collect::<Result<_, _>>()?;
        stage.act(SECRETARY, Act::CompareMembers { door: id(door.0), members })?;
    }
    // Until the day before: this one is not over.
    let until = calendar::at(day, 0, 0) - SignedDuration::from_secs(1);
    stage.act_refused(CLERKS[0], Act::ReconcileLedgers { until }, &["12"])?;
    stage.act(ACCESS_MANAGER, Act::ReconcileLedgers { until })?;
    let answer = "空調の音を廊下で確かめ、入らずに鍵を返した。次からは管理簿の備考に書く。".to_owned();
    let finding = found(stage, FindingKind::LoanWithoutEntry)?;
    stage.act(ACCESS_MANAGER, Act::AnswerFinding { finding, answer })?;
    Ok(())
}

/// 第13条: the head hears the report, inspects, and directs under 第8条; what to conclude is still open.
fn reported(stage: &Stage<'_>, (first, day): (Date, Date)) -> Result<(), Failure> {
    let prepared = Particulars::new().with("room", CS_ROOM).with("from", first).with("until", day).with(
        "remark",
        "保守の立会いは手順どおりに行えた。閉庁後の鍵の受渡しと、来訪者の名札の回収に穴があった。",
    );
    stage.act_refused(KEY_OFFICER, step(REPORT, "entry-report.prepare", prepared.clone())?, &["13"])?;
    take(stage, ACCESS_MANAGER, REPORT, "entry-report.prepare", prepared)?;
    let asked = Particulars::new().with("question", "閉庁後に鍵を渡せる者はだれか。");
    take(stage, HEAD, REPORT, "entry-report.hear", asked)?;
    let inspected = Particulars::new()
        .with("inspected", "CS室の入退室管理簿と鍵の管理簿、名札管理簿")
        .with("result", "二つの管理簿の食い違いには、それぞれ説明がある。名札1枚が返っていない。");
    take(stage, HEAD, REPORT, "entry-report.inspect", inspected)?;
    let directive = Particulars::new()
        .with("title", "来訪者の名札の回収")
        .with("report", REPORT)
        .with("section", "joho-tokei")
        .with(
            "content",
            "来訪者が退室するときに名札を受け取る手順を定め、返っていない名札の始末を報告すること。",
        )
        .with("due", day.saturating_add(7.days()));
    take(stage, HEAD, "directive-3", "directive.issue", directive)
}
