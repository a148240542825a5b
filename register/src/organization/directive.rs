//! 第8条 関係部署に対する指示等: directives to sections (指示), and requests to bodies outside (要請).

use jiff::Timestamp;
use regulation::Office;

use super::council::{decided, head, secretariat};
use crate::case::{Asked, Case, CaseDef, Choice, FieldDef, FieldKind, Mark, Owed, StepDef, rows};
use crate::duty::Owner;
use crate::ledger::columns;
use crate::occasion::japan_day;
use crate::{City, Invalid, LedgerDef, PersonId, Row, Rows};

/// 指示: to the head of a section.
pub static DIRECTIVE: CaseDef = CaseDef {
    id: "directive",
    name: "指示",
    citation: "8",
    steps: &[
        StepDef {
            id: "issue",
            name: "指示する",
            done: "指示した",
            action: "issueDirective",
            fact: "DirectiveIssued",
            evidence: |_| &["8"],
            fields: &[
                FieldDef::need("title", "件名", FieldKind::Line),
                FieldDef::may("matter", "もとになる議決", FieldKind::Case("matter", resolved_matters)),
                FieldDef::may(
                    "report",
                    "もとになる入退室管理の報告",
                    FieldKind::Case("entry-report", reports),
                )
                .hint("議決か、聴いた報告（第13条）のどちらかをもとにします"),
                FieldDef::need("section", "指示する課所", FieldKind::One(sections)),
                CONTENT,
                DUE,
                FieldDef::may("document", "指示書", FieldKind::Document),
            ],
            check: due_ahead,
            ..StepDef::PLAIN
        },
        StepDef {
            owed: Some(Owed { by: |city, case, at| addressees(city, case, at), ..RECEIVE }),
            ..RECEIVED
        },
        StepDef {
            owed: Some(Owed { by: |city, case, at| addressees(city, case, at), ..ANSWER }),
            ..ANSWERED
        },
        RETURNED,
        CLOSED,
        WITHDRAWN,
    ],
    section: |case| case.text("section").to_owned(),
    marks: MARKS,
    closed,
};

/// 要請: to a body outside the head's reach, such as 教育委員会. The secretariat notes what comes back.
pub static REQUEST: CaseDef = CaseDef {
    id: "request",
    name: "要請",
    citation: "8",
    steps: &[
        StepDef {
            id: "issue",
            name: "措置を求める",
            done: "措置を求めた",
            action: "requestMeasures",
            fact: "MeasuresRequested",
            evidence: |_| &["8"],
            fields: &[
                FieldDef::need("title", "件名", FieldKind::Line),
                FieldDef::need("matter", "もとになる議決", FieldKind::Case("matter", resolved_matters)),
                FieldDef::need("body", "求める相手", FieldKind::Line).hint("例：教育委員会"),
                CONTENT,
                DUE,
                FieldDef::may("document", "要請書", FieldKind::Document),
            ],
            check: due_ahead,
            ..StepDef::PLAIN
        },
        StepDef { owed: Some(Owed { by: |_, _, _| secretariat(), ..RECEIVE }), ..RECEIVED },
        StepDef { owed: Some(Owed { by: |_, _, _| secretariat(), ..ANSWER }), ..ANSWERED },
        RETURNED,
        CLOSED,
        WITHDRAWN,
    ],
    section: |_| String::new(),
    marks: MARKS,
    closed,
};

const CONTENT: FieldDef = FieldDef::need("content", "内容", FieldKind::Text);
const DUE: FieldDef = FieldDef::need("due", "回答の期限", FieldKind::Day);

const RECEIVE: Owed = Owed {
    rule: "8.receive",
    what: "の受領を記録してください",
    by: |_, _, _| Vec::new(),
    due: |_, case| case.day("due"),
};
const ANSWER: Owed = Owed {
    rule: "8.answer",
    what: "に回答してください",
    by: |_, _, _| Vec::new(),
    due: |_, case| case.day("due"),
};

const RECEIVED: StepDef = StepDef {
    id: "receive",
    name: "受領する",
    done: "受領した",
    action: "receiveDirective",
    fact: "DirectiveReceived",
    evidence: |_| &["8"],
    after: &["issue"],
    ..StepDef::PLAIN
};

const ANSWERED: StepDef = StepDef {
    id: "answer",
    name: "回答する",
    done: "回答した",
    action: "answerDirective",
    fact: "DirectiveAnswered",
    evidence: |_| &["8"],
    after: &["receive"],
    fields: &[
        FieldDef::need("answer", "講じた措置", FieldKind::Text),
        FieldDef::may("answer-document", "回答の文書", FieldKind::Document),
    ],
    ..StepDef::PLAIN
};

const RETURNED: StepDef = StepDef {
    id: "return",
    name: "回答を差し戻す",
    done: "回答を差し戻した",
    action: "returnAnswer",
    fact: "AnswerReturned",
    after: &["answer"],
    repeats: true,
    undoes: &["answer"],
    fields: &[FieldDef::need("correction", "足りないところ", FieldKind::Text), DUE],
    check: due_ahead,
    ..StepDef::PLAIN
};

const CLOSED: StepDef = StepDef {
    id: "close",
    name: "完了とする",
    done: "完了とした",
    action: "closeDirective",
    fact: "DirectiveClosed",
    evidence: |_| &["8"],
    after: &["answer"],
    fields: &[FieldDef::may("remark", "所見", FieldKind::Text)],
    owed: Some(Owed {
        rule: "8.close",
        what: "の回答を確かめ、完了とするか差し戻してください",
        by: |_, _, _| head(),
        due: |_, _| None,
    }),
    ..StepDef::PLAIN
};

const WITHDRAWN: StepDef = StepDef {
    id: "withdraw",
    name: "取り消す",
    done: "取り消した",
    action: "withdrawDirective",
    fact: "DirectiveWithdrawn",
    after: &["issue"],
    fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
    ..StepDef::PLAIN
};

/// The ledger of 第8条: both kinds, in the order in which they went out.
pub(super) const DIRECTIVES: LedgerDef = LedgerDef {
    id: "directives",
    name: "指示・要請の記録",
    citation: "8",
    keeper: "secretariat",
    columns: columns![
        ("number", "番号"),
        ("title", "件名"),
        ("to", "相手"),
        ("matter", "もとになる議決"),
        ("content", "内容"),
        ("issued", "指示・要請の日時"),
        ("issued-by", "指示・要請した者"),
        ("due", "期限"),
        ("received", "受領"),
        ("answered", "回答の日時"),
        ("answer", "講じた措置"),
        ("closed", "完了"),
        ("state", "状態"),
    ],
    rows: Rows::OfCity(directives),
};

fn directives(city: &City, _at: Timestamp) -> Vec<Row> {
    let fields = |to| {
        [
            "number",
            "title",
            to,
            "matter",
            "content",
            "issue:at",
            "issue:by",
            "due",
            "receive:at",
            "answer:at",
            "answer",
            "close:at",
            "state",
        ]
    };
    let mut both = rows(city, "directive", &fields("section"));
    both.extend(rows(city, "request", &fields("body")));
    both
}

fn sections(city: &City, _: Timestamp) -> Vec<Choice> {
    city.profile().sections().iter().map(|section| Choice::new(&section.id, &section.name)).collect()
}

/// The matters that the council decided for. Whether a directive may follow from others is for the policy.
fn resolved_matters(city: &City, _: Timestamp) -> Vec<Choice> {
    let matters = city.cases.of_kind("matter").into_iter();
    matters.map(|(id, _)| Choice::new(id.as_str(), city.case_name(id.as_str()))).collect()
}

/// The reports of 第13条.
fn reports(city: &City, _: Timestamp) -> Vec<Choice> {
    let reports = city.cases.of_kind("entry-report").into_iter();
    reports.map(|(id, _)| Choice::new(id.as_str(), city.case_name(id.as_str()))).collect()
}

/// The offices that lead a section: those of the organization in it.
fn leaders<'a>(city: &'a City, section: &str) -> impl Iterator<Item = &'a Office> {
    city.profile().offices().iter().filter(move |office| office.section == section)
}

fn addressees(city: &City, case: &Case, _: Timestamp) -> Vec<Owner> {
    let offices = leaders(city, case.text("section"));
    offices.filter_map(|office| office.id.parse().ok()).map(Owner::Office).take(1).collect()
}

/// `person` leads the section that the directive is addressed to.
fn leads(city: &City, person: &PersonId, section: &str, at: Timestamp) -> bool {
    let mut offices = leaders(city, section).filter_map(|office| office.id.parse().ok());
    offices.any(|office| city.organization.holder(&office, japan_day(at)) == Some(person))
}

const MARKS: &[Mark] = &[
    ("resolved", |asked| asked.linked("matter").is_some_and(decided)),
    ("reported", |asked| asked.linked("report").is_some_and(|report| report.has("hear"))),
    ("addressee", |asked| leads(asked.city, &asked.on.by, asked.text("section"), asked.on.at)),
];

fn closed(case: &Case) -> bool {
    case.has("close") || case.has("withdraw")
}

/// The last day for the answer is not before today.
fn due_ahead(asked: &Asked<'_>) -> Result<(), Invalid> {
    match asked.given.day("due") {
        Some(due) if due < asked.on.day() => Err(Invalid::Past { what: "due" }),
        _ => Ok(()),
    }
}
