//! 第7条 セキュリティ会議: its meetings (会議) and the matters it deliberates (議題).

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use regulation::Office;

use crate::case::{Asked, Case, CaseDef, Choice, FieldDef, FieldKind, Owed, StepDef, Value, rows};
use crate::duty::Owner;
use crate::ledger::columns;
use crate::occasion::japan_day;
use crate::{City, Invalid, LedgerDef, OfficeId, PersonId, Row, Rows, Settings};

/// 会議: from the convocation to the confirmed minutes.
pub static MEETING: CaseDef = CaseDef {
    id: "meeting",
    name: "会議",
    citation: "7-1",
    steps: MEETING_STEPS,
    section: |_| String::new(),
    marks: &[("quorate", quorate)],
    closed: |case| case.has("confirm-minutes") || case.has("cancel"),
};

const MEETING_STEPS: &[StepDef] = &[
    StepDef {
        id: "convene",
        name: "会議を招集する",
        done: "会議を招集した",
        action: "conveneCouncil",
        fact: "CouncilConvened",
        evidence: |_| &["7-1", "7-2"],
        fields: &[
            FieldDef::need("title", "会議の名", FieldKind::Line).hint("例：令和8年度 第1回セキュリティ会議"),
            FieldDef::need("held-at", "日時", FieldKind::Moment).hint("例：2026-04-20 10:00"),
            FieldDef::need("place", "場所", FieldKind::Line),
            FieldDef::need("matters", "議題", FieldKind::Cases("matter", open_matters))
                .hint("先に議題を出しておき、ここで選びます"),
        ],
        check: convocation,
        ..StepDef::PLAIN
    },
    StepDef {
        id: "notify",
        name: "委員に開催を知らせる",
        done: "委員に開催を知らせた",
        action: "notifyMembers",
        fact: "MembersNotified",
        evidence: |_| &["7-2", "7-6"],
        after: &["convene"],
        before: &["open", "cancel"],
        fields: &[FieldDef::need("means", "知らせ方", FieldKind::Line).hint("例：庁内便、グループウェア")],
        fill: |asked| vec![("members", seats(asked.city, asked.on.at).into())],
        owed: Some(Owed {
            rule: "7-2.notice",
            what: "の開催を委員に知らせてください",
            by: |_, _, _| secretariat(),
            due: |_, case| held_on(case)?.yesterday().ok(),
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "summon",
        name: "関係職員に出席を求める",
        done: "関係職員に出席を求めた",
        action: "summonStaff",
        fact: "StaffSummoned",
        evidence: |_| &["7-5"],
        after: &["convene"],
        before: &["close", "cancel"],
        repeats: true,
        fields: &[
            FieldDef::need("summoned", "出席を求める職員", FieldKind::Many(staff)),
            FieldDef::need("hearing", "聞きたいこと", FieldKind::Line),
        ],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "open",
        name: "開会する",
        done: "開会した",
        action: "openCouncil",
        fact: "CouncilOpened",
        evidence: |_| &["7-1", "7-2"],
        after: &["notify"],
        before: &["cancel"],
        fields: &[
            FieldDef::need("present", "出席した委員", FieldKind::Many(member_offices)),
            FieldDef::may("heard", "出席した関係職員", FieldKind::Many(staff)),
        ],
        fill: |asked| vec![("present-names", present_names(asked).into())],
        owed: Some(Owed {
            rule: "7-1.open",
            what: "を開くか、取りやめてください",
            by: |_, case, at| {
                if held_on(case).is_some_and(|day| day <= japan_day(at)) { head() } else { Vec::new() }
            },
            due: |_, case| held_on(case),
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "close",
        name: "閉会する",
        done: "閉会した",
        action: "closeCouncil",
        fact: "CouncilClosed",
        evidence: |_| &["7-1"],
        after: &["open"],
        owed: Some(Owed {
            rule: "7-1.close",
            what: "を閉会してください",
            by: |_, _, _| head(),
            due: |_, case| held_on(case),
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "draft-minutes",
        name: "議事録を作る",
        done: "議事録を作った",
        action: "draftMinutes",
        fact: "MinutesDrafted",
        evidence: |_| &["7-6"],
        after: &["close"],
        fields: &[
            FieldDef::need("minutes", "議事の要旨", FieldKind::Text),
            FieldDef::may("minutes-document", "議事録の文書", FieldKind::Document),
        ],
        owed: Some(Owed {
            rule: "7-6.minutes",
            what: "の議事録を作ってください",
            by: |_, _, _| secretariat(),
            due: |city, case| so_many_days_after(city, case, "close", |settings| settings.minutes_days),
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "return-minutes",
        name: "議事録を差し戻す",
        done: "議事録を差し戻した",
        action: "returnMinutes",
        fact: "MinutesReturned",
        after: &["draft-minutes"],
        repeats: true,
        undoes: &["draft-minutes"],
        fields: &[FieldDef::need("correction", "直すところ", FieldKind::Text)],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "confirm-minutes",
        name: "議事録を確認する",
        done: "議事録を確認した",
        action: "confirmMinutes",
        fact: "MinutesConfirmed",
        evidence: |_| &["7-1", "7-6"],
        after: &["draft-minutes"],
        owed: Some(Owed {
            rule: "7-1.minutes",
            what: "の議事録を確認してください",
            by: |_, _, _| head(),
            due: |city, case| {
                so_many_days_after(city, case, "draft-minutes", |settings| settings.minutes_days)
            },
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "cancel",
        name: "会議を取りやめる",
        done: "会議を取りやめた",
        action: "cancelCouncil",
        fact: "CouncilCancelled",
        after: &["convene"],
        before: &["open"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
];

/// 議題: from the proposal to the resolution, and the report after an urgent one.
pub static MATTER: CaseDef = CaseDef {
    id: "matter",
    name: "議題",
    citation: "7-3",
    steps: MATTER_STEPS,
    section: |_| String::new(),
    marks: &[("important", |asked| asked.value("important") == Some(&Value::Flag(true)))],
    closed: |case| {
        case.has("withdraw") || case.has("report-afterwards") || (case.has("resolve") && !owes_report(case))
    },
};

const MATTER_STEPS: &[StepDef] = &[
    StepDef {
        id: "propose",
        name: "議題を出す",
        done: "議題を出した",
        action: "proposeMatter",
        fact: "MatterProposed",
        fields: &[
            FieldDef::need("title", "件名", FieldKind::Line),
            FieldDef::need("matter-kind", "議題の種類", FieldKind::One(matter_kinds)),
            FieldDef::may("important", "重要な事項（審議会の意見を聴く）", FieldKind::Flag),
            FieldDef::need("explanation", "内容と理由", FieldKind::Text),
            FieldDef::may("document", "資料", FieldKind::Document),
        ],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "attach",
        name: "資料を付ける",
        done: "資料を付けた",
        action: "bindDocument",
        fact: "DocumentBound",
        after: &["propose"],
        repeats: true,
        fields: &[
            FieldDef::need("document", "資料", FieldKind::Document),
            FieldDef::may("remark", "説明", FieldKind::Line),
        ],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "mark-important",
        name: "重要な事項とする",
        done: "重要な事項とした",
        action: "markImportant",
        fact: "MatterMarkedImportant",
        evidence: |_| &["7-4"],
        after: &["propose"],
        before: &["resolve"],
        fields: &[FieldDef::need("importance", "重要とする理由", FieldKind::Text)],
        fill: |_| vec![("important", true.into())],
        check: |asked| match asked.case {
            Some(case) if case.flag("important") => Err(Invalid::TooLate {
                step: "重要な事項とする",
                because: "重要な事項とする",
            }),
            _ => Ok(()),
        },
        ..StepDef::PLAIN
    },
    StepDef {
        id: "hear-opinion",
        name: "審議会の意見を記録する",
        done: "審議会の意見を聴いた",
        action: "hearOpinion",
        fact: "OpinionHeard",
        evidence: |_| &["7-4"],
        after: &["propose"],
        before: &["report-afterwards"],
        fields: &[
            FieldDef::need("heard-on", "意見を聴いた日", FieldKind::Day),
            FieldDef::need("opinion", "意見の内容", FieldKind::Text),
            FieldDef::may("opinion-document", "意見書", FieldKind::Document),
        ],
        check: |asked| not_later(asked, "heard-on"),
        fill: |asked| vec![("body", asked.city.profile().council().advisory_body.as_str().into())],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "declare-emergency",
        name: "急を要するとして先に決める",
        done: "急を要するとした",
        action: "declareEmergency",
        fact: "EmergencyDeclared",
        evidence: |_| &["7-4但"],
        after: &["propose"],
        before: &["resolve"],
        fields: &[FieldDef::need("emergency", "急を要する理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "deliberate",
        name: "審議を記録する",
        done: "審議した",
        action: "deliberate",
        fact: "Deliberated",
        evidence: |particulars| kind_evidence(particulars.text("matter-kind")),
        after: &["propose"],
        before: &["resolve"],
        repeats: true,
        fields: &[
            FieldDef::need("meeting", "会議", FieldKind::Case("meeting", sitting)),
            FieldDef::need("discussion", "審議の内容", FieldKind::Text),
            FieldDef::may("recused", "審議から外れた委員（利害関係）", FieldKind::Many(member_offices)),
            FieldDef::may("recusal", "外れた理由", FieldKind::Line),
        ],
        check: deliberation,
        // Which of the five kinds it was belongs to the record of the deliberation.
        fill: |asked| vec![("matter-kind", asked.text("matter-kind").into())],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "resolve",
        name: "議決する",
        done: "議決した",
        action: "resolveMatter",
        fact: "Resolved",
        evidence: |_| &["7-1", "7-3"],
        after: &["deliberate"],
        fields: &[
            FieldDef::need("outcome", "結果", FieldKind::One(outcomes)),
            FieldDef::need("resolution", "議決の内容", FieldKind::Text),
        ],
        check: |asked| match asked.linked("meeting") {
            Some(meeting) if meeting.has("close") => {
                Err(Invalid::TooLate { step: "議決する", because: "閉会する" })
            }
            _ => Ok(()),
        },
        ..StepDef::PLAIN
    },
    StepDef {
        id: "report-afterwards",
        name: "審議会に事後報告する",
        done: "審議会に事後報告した",
        action: "reportAfterwards",
        fact: "ReportedToAdvisoryBody",
        evidence: |_| &["7-4但"],
        after: &["declare-emergency", "resolve"],
        fields: &[
            FieldDef::need("reported-on", "報告した日", FieldKind::Day),
            FieldDef::need("report", "報告の内容", FieldKind::Text),
            FieldDef::may("response", "審議会の意見", FieldKind::Text),
            FieldDef::may("report-document", "報告書", FieldKind::Document),
        ],
        check: |asked| not_later(asked, "reported-on"),
        fill: |asked| vec![("body", asked.city.profile().council().advisory_body.as_str().into())],
        owed: Some(Owed {
            rule: "7-4但.report",
            what: "を審議会に報告してください",
            by: |_, case, _| if owes_report(case) { head() } else { Vec::new() },
            due: |city, case| {
                so_many_days_after(city, case, "resolve", |settings| settings.emergency_report_days)
            },
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "withdraw",
        name: "議題を取り下げる",
        done: "議題を取り下げた",
        action: "withdrawMatter",
        fact: "MatterWithdrawn",
        after: &["propose"],
        before: &["resolve"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
];

/// The ledgers of 第7条.
pub(super) const MINUTES: LedgerDef = LedgerDef {
    id: "minutes",
    name: "セキュリティ会議の議事録",
    citation: "7-6",
    keeper: "secretariat",
    columns: columns![
        ("number", "番号"),
        ("title", "会議の名"),
        ("held-at", "日時"),
        ("place", "場所"),
        ("convened-by", "招集した者"),
        ("matters", "議題"),
        ("present", "出席した委員"),
        ("summoned", "出席を求めた職員"),
        ("minutes", "議事の要旨"),
        ("drafted", "作成"),
        ("confirmed", "確認"),
        ("state", "状態"),
    ],
    rows: Rows::OfCity(minutes),
};

/// The ledger of what was deliberated, by kind.
pub(super) const MATTERS: LedgerDef = LedgerDef {
    id: "matters",
    name: "議題と議決の記録",
    citation: "7-3",
    keeper: "secretariat",
    columns: columns![
        ("number", "番号"),
        ("title", "件名"),
        ("kind", "種類"),
        ("important", "重要"),
        ("opinion", "審議会の意見"),
        ("emergency", "急を要する理由"),
        ("meeting", "会議"),
        ("recused", "外れた委員"),
        ("outcome", "結果"),
        ("resolution", "議決の内容"),
        ("resolved", "議決の日時"),
        ("reported-on", "事後報告"),
        ("state", "状態"),
    ],
    rows: Rows::OfCity(matters),
};

fn minutes(city: &City, _at: Timestamp) -> Vec<Row> {
    let fields = [
        "number",
        "title",
        "held-at",
        "place",
        "convene:by",
        "matters",
        "present-names",
        "summoned",
        "minutes",
        "draft-minutes:by",
        "confirm-minutes:at",
        "state",
    ];
    rows(city, "meeting", &fields)
}

fn matters(city: &City, _at: Timestamp) -> Vec<Row> {
    let fields = [
        "number",
        "title",
        "matter-kind",
        "important",
        "opinion",
        "emergency",
        "meeting",
        "recused",
        "outcome",
        "resolution",
        "resolve:at",
        "reported-on",
        "state",
    ];
    rows(city, "matter", &fields)
}

/// 第7条第3項: the kinds of matters.
fn matter_kinds(_: &City, _: Timestamp) -> Vec<Choice> {
    vec![
        Choice::new("measures", "対策の決定と見直し（第1号）"),
        Choice::new("compliance", "遵守状況の確認（第2号）"),
        Choice::new("audit", "監査（第3号）"),
        Choice::new("education", "教育・研修（第4号）"),
        Choice::new("other", "その他（第5号）"),
    ]
}

fn kind_evidence(kind: &str) -> &'static [&'static str] {
    match kind {
        "measures" => &["7-3(1)"],
        "compliance" => &["7-3(2)"],
        "audit" => &["7-3(3)"],
        "education" => &["7-3(4)"],
        _ => &["7-3(5)"],
    }
}

fn outcomes(_: &City, _: Timestamp) -> Vec<Choice> {
    vec![
        Choice::new("approved", "原案のとおり決定"),
        Choice::new("amended", "修正のうえ決定"),
        Choice::new("rejected", "否決"),
    ]
}

/// The council has decided for the matter, so that directives may follow from it.
pub(crate) fn decided(matter: &Case) -> bool {
    matter.has("resolve") && matches!(matter.text("outcome"), "approved" | "amended")
}

/// An important matter was decided without the opinion it needs, and the report afterwards is due.
fn owes_report(matter: &Case) -> bool {
    let opinion_before = match (matter.last("hear-opinion"), matter.last("resolve")) {
        (Some(opinion), Some(resolve)) => opinion.at <= resolve.at,
        _ => false,
    };
    matter.has("declare-emergency") && matter.flag("important") && !opinion_before
}

fn open_matters(city: &City, _: Timestamp) -> Vec<Choice> {
    let open =
        city.cases.of_kind("matter").into_iter().filter(|(_, case)| !case.has("resolve") && !case.closed());
    open.map(|(id, _)| Choice::new(id.as_str(), city.case_name(id.as_str()))).collect()
}

/// The meetings that are sitting.
fn sitting(city: &City, _: Timestamp) -> Vec<Choice> {
    let sitting =
        city.cases.of_kind("meeting").into_iter().filter(|(_, case)| case.has("open") && !case.has("close"));
    sitting.map(|(id, _)| Choice::new(id.as_str(), city.case_name(id.as_str()))).collect()
}

fn member_offices(city: &City, at: Timestamp) -> Vec<Choice> {
    let held = |(office, holder): (&Office, Option<&PersonId>)| {
        let holder = holder.map_or("空席".to_owned(), |holder| city.name_of(holder));
        Choice::new(office.id.as_str(), format!("{}（{holder}）", office.name))
    };
    city.council_seats(at).map(held).collect()
}

/// Everybody of the staff, to be chosen from.
pub(crate) fn staff(city: &City, _: Timestamp) -> Vec<Choice> {
    let people = city.organization.people();
    people.map(|(id, person)| Choice::new(id.as_str(), format!("{}（{id}）", person.name))).collect()
}

/// The members by post, with those who hold the offices: a notice goes to the post.
fn seats(city: &City, at: Timestamp) -> Vec<String> {
    member_offices(city, at).into_iter().map(|seat| seat.name).collect()
}

fn present_names(asked: &Asked<'_>) -> Vec<String> {
    let seats = member_offices(asked.city, asked.on.at);
    let present = asked.given.many("present");
    seats.into_iter().filter(|seat| present.contains(&seat.id)).map(|seat| seat.name).collect()
}

impl City {
    /// The council's seats besides the chair's (第7条第2項), and who holds them.
    pub fn council_seats(&self, at: Timestamp) -> impl Iterator<Item = (&Office, Option<&PersonId>)> {
        let offices = self.profile().council().members.iter().filter_map(|id| self.profile().office(id));
        offices.map(move |office| {
            let id: Option<OfficeId> = office.id.parse().ok();
            (office, id.and_then(|id| self.organization.holder(&id, japan_day(at))))
        })
    }
}

/// Enough of the seats that are held are taken. Nobody counts twice.
fn quorate(asked: &Asked<'_>) -> bool {
    let held = asked.city.council_seats(asked.on.at).filter(|(_, holder)| holder.is_some()).count();
    let present = match asked.value("present") {
        Some(Value::Many(present)) => present.iter().collect::<BTreeSet<_>>().len(),
        _ => 0,
    };
    present * 100 >= held * asked.city.settings(asked.on.at).council_quorum_percent as usize
}

/// A council without members cannot be convened, and not for a time that has passed.
fn convocation(asked: &Asked<'_>) -> Result<(), Invalid> {
    if asked.city.council_seats(asked.on.at).all(|(_, holder)| holder.is_none()) {
        return Err(Invalid::State {
            what: "council",
            id: "委員".to_owned(),
            state: "一人もいない状態（すべて空席）",
        });
    }
    match asked.given.moment("held-at") {
        Some(held_at) if held_at >= asked.on.at => Ok(()),
        _ => Err(Invalid::Past { what: "held-at" }),
    }
}

/// A matter is deliberated at a meeting that was convened for it, and members who step aside were there.
fn deliberation(asked: &Asked<'_>) -> Result<(), Invalid> {
    let id = asked.text("meeting");
    let unknown = || Invalid::Unknown { what: "meeting", id: id.to_owned() };
    let meeting = asked.linked("meeting").ok_or_else(unknown)?;
    if !meeting.many("matters").iter().any(|matter| matter == asked.id.as_str()) {
        return Err(Invalid::State {
            what: "meeting",
            id: meeting.label(),
            state: "この議題のために招集されていない状態",
        });
    }
    match asked.given.many("recused").iter().find(|recused| !meeting.many("present").contains(recused)) {
        Some(absent) => Err(Invalid::Unknown { what: "recused", id: absent.clone() }),
        None => Ok(()),
    }
}

/// A day of something that was done is not in the future.
pub(crate) fn not_later(asked: &Asked<'_>, field: &'static str) -> Result<(), Invalid> {
    match asked.given.day(field) {
        Some(day) if day > asked.on.day() => Err(Invalid::Future { what: field }),
        _ => Ok(()),
    }
}

fn held_on(case: &Case) -> Option<Date> {
    case.text("held-at").parse().ok().map(japan_day)
}

/// The last day of a term that runs from a step, by the settings on that day: a term that runs is not changed.
fn so_many_days_after(city: &City, case: &Case, step: &str, days: fn(&Settings) -> u32) -> Option<Date> {
    let taken = case.last(step)?;
    days_after(Some(japan_day(taken.at)), days(&city.settings(taken.at)))
}

/// So many days after `day`.
pub(crate) fn days_after(day: Option<Date>, days: u32) -> Option<Date> {
    day?.checked_add(Span::new().days(i64::from(days))).ok()
}

pub(crate) fn head() -> Vec<Owner> {
    vec![Owner::Post("head".to_owned())]
}

pub(crate) fn secretariat() -> Vec<Owner> {
    vec![Owner::Post("secretariat".to_owned())]
}
