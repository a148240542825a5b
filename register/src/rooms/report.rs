//! 第13条: the head hears the 入退室管理者, inspects, and directs.

use jiff::Timestamp;

use super::findings::Answered;
use super::passage::Direction;
use super::permit::manager_of;
use crate::case::{Asked, CaseDef, Choice, FieldDef, FieldKind, Owed, StepDef, Value};
use crate::occasion::{japan_day, japan_midnight};
use crate::organization::council::head;
use crate::{City, Invalid, RoomId};

/// 入退室管理の報告: prepared from the ledgers, heard, inspected; a directive may follow from it.
pub static ENTRY_REPORT: CaseDef = CaseDef {
    id: "entry-report",
    name: "入退室管理の報告",
    citation: "13",
    steps: &[
        StepDef {
            id: "prepare",
            name: "報告する",
            done: "報告した",
            action: "prepareEntryReport",
            fact: "EntryControlReported",
            evidence: |_| &["13"],
            fields: &[
                FieldDef::need("room", "室", FieldKind::One(rooms)),
                FieldDef::need("from", "期間の始まり", FieldKind::Day),
                FieldDef::need("until", "期間の終わり", FieldKind::Day),
                FieldDef::need("remark", "入退室管理者の所見", FieldKind::Text)
                    .hint("期間中の入室、拒否、警報、不一致の数は、管理簿から報告に写されます"),
            ],
            check: period,
            fill: |asked| vec![("title", title(asked).into()), ("figures", Value::Many(figures(asked)))],
            told: &[("figures", "管理簿の数字")],
            ..StepDef::PLAIN
        },
        StepDef {
            id: "hear",
            name: "報告を聴く",
            done: "報告を聴いた",
            action: "hearEntryReport",
            fact: "EntryReportHeard",
            evidence: |_| &["13"],
            after: &["prepare"],
            fields: &[FieldDef::may("question", "尋ねたこと", FieldKind::Text)],
            owed: Some(Owed {
                rule: "13.hear",
                what: "を聴いてください",
                by: |_, _, _| head(),
                due: |_, _| None,
            }),
            ..StepDef::PLAIN
        },
        StepDef {
            id: "inspect",
            name: "調べた結果を記録する",
            done: "調べた",
            action: "inspectEntryControl",
            fact: "EntryControlInspected",
            evidence: |_| &["13"],
            after: &["hear"],
            repeats: true,
            fields: &[
                FieldDef::need("inspected", "調べたもの", FieldKind::Text)
                    .hint("例：CS室の入退室管理簿と鍵の管理簿、10月分の照合"),
                FieldDef::need("result", "結果", FieldKind::Text),
                FieldDef::may("document", "調べた記録", FieldKind::Document),
            ],
            owed: Some(Owed {
                rule: "13.inspect",
                what: "について調べ、結果を記録してください",
                // It may be done again, but is owed once.
                by: |_, case, _| if case.has("inspect") { Vec::new() } else { head() },
                due: |_, _| None,
            }),
            ..StepDef::PLAIN
        },
        StepDef {
            id: "conclude",
            name: "終える",
            done: "終えた",
            action: "concludeEntryReport",
            fact: "EntryReportConcluded",
            evidence: |_| &["13"],
            after: &["inspect"],
            fields: &[FieldDef::need("conclusion", "結論", FieldKind::Text)
                .hint("指示が要るときは、この報告をもとに指示を出してから終えます")],
            owed: Some(Owed {
                rule: "13.conclude",
                what: "に結論を出してください。要るなら、指示を出します",
                by: |_, _, _| head(),
                due: |_, _| None,
            }),
            ..StepDef::PLAIN
        },
    ],
    section: |_| String::new(),
    marks: &[("entry-manager", |asked| {
        asked.city.standing(&asked.on.by, asked.on.at).entry_manager_of.contains(asked.text("room"))
    })],
    closed: |case| case.has("conclude"),
};

fn rooms(city: &City, _: Timestamp) -> Vec<Choice> {
    let rooms = city.profile().rooms().iter();
    rooms.map(|room| Choice::new(&room.id, format!("{}（レベル{}）", room.name, room.level))).collect()
}

fn period(asked: &Asked<'_>) -> Result<(), Invalid> {
    match (asked.given.day("from"), asked.given.day("until")) {
        (Some(from), Some(until)) if until < from => Err(Invalid::Period),
        (_, Some(until)) if until > asked.on.day() => Err(Invalid::Future { what: "until" }),
        _ => Ok(()),
    }
}

fn title(asked: &Asked<'_>) -> String {
    let room = asked.city.profile().room(asked.text("room")).map_or("", |room| room.name.as_str());
    let until = asked.given.day("until").map(regulation::wareki::print).unwrap_or_default();
    format!("{room}（{until}まで）")
}

/// What the ledgers say of the period, as the report keeps it.
fn figures(asked: &Asked<'_>) -> Vec<String> {
    let (Some(from), Some(until)) = (asked.given.day("from"), asked.given.day("until")) else {
        return Vec::new();
    };
    let Ok(room) = asked.text("room").parse::<RoomId>() else { return Vec::new() };
    let end = until.tomorrow().map_or(Timestamp::MAX, japan_midnight);
    let within = |at: Timestamp| japan_midnight(from) <= at && at < end;
    let city = asked.city;
    let passages = city.rooms.passages().all().iter();
    let passages: Vec<_> =
        passages.filter(|p| p.passed.room == room && !p.unmade && within(p.passed.at)).collect();
    let entries = passages.iter().filter(|p| p.passed.direction == Direction::In);
    let escorted = entries.clone().filter(|p| p.passed.means.escort().is_some()).count();
    let refused = city.refusals().filter(|past| {
        past.refused.action == "pass" && past.refused.resource == room.as_str() && within(past.at)
    });
    let alarms = city.rooms.alarms().iter().filter(|alarm| {
        let here = alarm.door.as_ref().and_then(|door| city.room_of(door)) == Some(&room);
        here && within(alarm.at)
    });
    let findings: Vec<Answered> = city.findings(asked.on.at);
    let findings: Vec<_> =
        findings.iter().filter(|f| f.finding.room.as_ref() == Some(&room) && within(f.finding.at)).collect();
    let settled = findings.iter().filter(|found| found.accepted.is_some()).count();
    let permits = city.rooms.permits().granted().filter(|permit| permit.room == room);
    let in_force = permits.filter(|permit| city.in_force(permit, asked.on.at)).count();
    vec![
        format!("入室 {}件（うち立会い {escorted}件）", entries.count()),
        format!("拒否 {}件", refused.count()),
        format!("扉の警報 {}件", alarms.count()),
        format!("照合の不一致 {}件（うち解決 {settled}件）", findings.len()),
        format!("有効な許可 {in_force}件"),
    ]
}

/// A report on each room is owed to the head so many months after the last, by its entry manager.
pub(super) fn owed(city: &City, at: Timestamp) -> Vec<crate::Duty> {
    let Some(citation) = crate::duty::citation_of(REPORT) else { return Vec::new() };
    let Some(founded) = city.organization.founded_at() else { return Vec::new() };
    let months = city.settings(at).entry_report_months;
    let reports = city.cases.of_kind("entry-report");
    let mut duties = Vec::new();
    for room in city.profile().rooms() {
        let of_room = reports.iter().filter(|(_, case)| case.text("room") == room.id);
        let last = of_room.filter_map(|(_, case)| case.day_of("prepare")).max().unwrap_or(japan_day(founded));
        let Ok(due) = last.checked_add(jiff::Span::new().months(i64::from(months))) else { continue };
        let near = due.checked_sub(jiff::Span::new().days(30)).is_ok_and(|from| from <= japan_day(at));
        let owners = if near { manager_of(city, &room.id) } else { Vec::new() };
        duties.extend(owners.into_iter().map(|owed_by| crate::Duty {
            id: REPORT,
            citation,
            subject: room.id.clone(),
            what: format!("{}の入退室管理について、統括責任者に報告してください", room.name),
            owed_by,
            since: Some(last),
            due: Some(due),
            fulfil: crate::Fulfil::Open("entry-report"),
        }));
    }
    duties
}

/// The rule of the duty to report.
pub(super) const REPORT: &str = "13.report";
