//! 定め: one version of a rule, from its draft to its withdrawal.

use jiff::Timestamp;
use regulation::{RulePlace, SettingValue};

use super::state::written;
use super::{agreements, operates};
use crate::assets::plan::Item;
use crate::assets::runs::PLAN;
use crate::case::{Asked, Case, CaseDef, Choice, FieldDef, FieldKind, Owed, Particulars, StepDef, Value};
use crate::duty::Owner;
use crate::occasion::japan_day;
use crate::{City, Invalid};

/// 定め: a version of a rule that the regulation leaves to be laid down separately.
pub static RULE: CaseDef = CaseDef {
    id: "rule",
    name: "定め",
    citation: "30",
    steps: STEPS,
    section: |_| String::new(),
    marks: &[
        ("cards-and-passwords", |asked| asked.text("rule-place") == "cards-and-passwords"),
        ("forms-and-cards", |asked| asked.text("rule-place") == "forms-and-cards"),
        ("assets", |asked| asked.text("rule-place") == "assets"),
        ("operation-plan", |asked| asked.text("rule-place") == "operation-plan"),
        ("audits", |asked| asked.text("rule-place") == "audits"),
        ("emergency-plan", |asked| asked.text("rule-place") == "emergency-plan"),
        ("agreed", |asked| asked.case.is_some_and(|case| agreed(asked.city, case))),
        ("operator", |asked| operates(asked.city, &asked.on.by, asked.on.at)),
    ],
    closed: |case| case.has("withdraw"),
};

const STEPS: &[StepDef] = &[
    StepDef {
        id: "draft",
        name: "案を作る",
        done: "案を作った",
        action: "draftRule",
        fact: "RuleDrafted",
        fields: &[
            FieldDef::need("rule-place", "何の定めか", FieldKind::One(places)),
            FieldDef::may("subject", "事項", FieldKind::Line)
                .hint("いくつも定められる場所（第30条）のときだけ、何について定めるかを書きます"),
            TITLE,
            VERSION,
            CHANGE,
            DOCUMENT,
            IN_FORCE,
            VALUES,
            SHEET,
        ],
        check: |asked| content(asked).map(drop),
        fill: restated,
        ..StepDef::PLAIN
    },
    StepDef {
        id: "revise",
        name: "案を改める",
        done: "案を改めた",
        action: "draftRule",
        fact: "RuleRevised",
        after: &["draft"],
        before: &["lay-down"],
        repeats: true,
        undoes: &["agree"],
        fields: &[TITLE, VERSION, CHANGE, DOCUMENT, IN_FORCE, VALUES, SHEET],
        check: |asked| content(asked).map(drop),
        fill: restated,
        ..StepDef::PLAIN
    },
    StepDef {
        id: "agree",
        name: "同意する",
        done: "同意した",
        action: "agreeRule",
        fact: "RuleAgreed",
        evidence: |particulars| evidence(particulars),
        after: &["draft"],
        before: &["lay-down"],
        repeats: true,
        fields: &[FieldDef::may("opinion", "意見", FieldKind::Text)],
        check: |asked| agreeing(asked).map(drop),
        fill: |asked| {
            let offices = agreeing(asked).unwrap_or_default();
            vec![("offices", offices.into()), ("rule-place", asked.text("rule-place").into())]
        },
        ..StepDef::PLAIN
    },
    StepDef {
        id: "lay-down",
        name: "定める",
        done: "定めた",
        action: "layDownRule",
        fact: "RulesLaidDown",
        evidence: |particulars| evidence(particulars),
        after: &["draft"],
        fields: &[FieldDef::may("backdating", "施行日をさかのぼる理由", FieldKind::Text)
            .hint("施行日が今日より前のときだけ書きます")],
        check: laying_down,
        fill: complete,
        owed: Some(Owed {
            rule: "30.lay-down",
            what: "の案に同意がそろいました。定めるか、案を改めてください",
            by: |city, case, _| if agreed(city, case) { author(city, case) } else { Vec::new() },
            due: |_, case| case.day("in-force"),
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "acknowledge",
        name: "定めを読んだと記録する",
        done: "定めを読んだ",
        action: "acknowledgeRule",
        fact: "RulesAcknowledged",
        evidence: |_| &["17"],
        after: &["lay-down"],
        repeats: true,
        check: acknowledging,
        ..StepDef::PLAIN
    },
    StepDef {
        id: "review",
        name: "見直して、変えないことにする",
        done: "見直して、変えないことにした",
        action: "reviewRule",
        fact: "RulesReviewed",
        after: &["lay-down"],
        repeats: true,
        fields: &[FieldDef::need("review", "見直しの結果", FieldKind::Text)],
        fill: |asked| vec![("rule-place", asked.text("rule-place").into())],
        evidence: |particulars| evidence(particulars),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "withdraw",
        name: "廃止する・案を取り下げる",
        done: "廃止し、または案を取り下げた",
        action: "withdrawRule",
        fact: "RulesWithdrawn",
        after: &["draft"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
];

const TITLE: FieldDef = FieldDef::need("title", "件名", FieldKind::Line);
const VERSION: FieldDef = FieldDef::need("version", "版", FieldKind::Line).hint("例：第2版");
const CHANGE: FieldDef = FieldDef::need("change", "変わるところと理由", FieldKind::Text);
const DOCUMENT: FieldDef = FieldDef::need("document", "定めの文書", FieldKind::Document);
const IN_FORCE: FieldDef = FieldDef::need("in-force", "施行日", FieldKind::Day);
const VALUES: FieldDef = FieldDef::may("values", "定める設定の値", FieldKind::Lines)
    .hint("一行に一つ。例：パスワードの最も短い長さ = 14");
const SHEET: FieldDef = FieldDef::may("sheet", "実施の一覧", FieldKind::Lines)
    .hint("オペレーション計画のときだけ。一行に一つ。例：毎週月曜 差分バックアップを媒体へ写す");

/// The places that the policies know, and the provisions that a rule in them is evidence for.
const EVIDENCE: &[(&str, &[&str])] = &[
    ("cards-and-passwords", &["16(1)", "30"]),
    ("forms-and-cards", &["20-2", "30"]),
    ("assets", &["21-1", "30"]),
    ("operation-plan", &["21-2", "30"]),
    ("audits", &["27-2", "30"]),
    ("emergency-plan", &["29", "30"]),
    ("other", &["30"]),
];

fn evidence(particulars: &Particulars) -> &'static [&'static str] {
    let place = particulars.text("rule-place");
    EVIDENCE.iter().find(|(id, _)| *id == place).map_or(&["30"], |(_, evidence)| evidence)
}

fn places(city: &City, _: Timestamp) -> Vec<Choice> {
    let places = city.profile().rule_places().iter();
    places.map(|p| Choice::new(&p.id, format!("{}（{}）", p.name, p.citation.japanese()))).collect()
}

/// Everybody who has to agree did.
fn agreed(city: &City, case: &Case) -> bool {
    agreements(city, case).iter().all(|agreement| agreement.given.is_some())
}

fn place<'a>(asked: &Asked<'a>) -> Result<&'a RulePlace, Invalid> {
    let id = asked.text("rule-place");
    let place = asked.city.profile().rule_place(id);
    place.ok_or_else(|| Invalid::Unknown { what: "rule-place", id: id.to_owned() })
}

fn author(city: &City, case: &Case) -> Vec<Owner> {
    let place = city.profile().rule_place(case.text("rule-place"));
    place.map(|place| Owner::Post(place.laid_down_by.clone())).into_iter().collect()
}

/// What a draft lays down besides its text.
#[derive(Default)]
struct Content {
    values: Vec<(String, SettingValue)>,
    sheet: Vec<Item>,
}

/// The lines of a draft, read: a draft restates all of them, so what is not given now is not meant.
fn content(asked: &Asked<'_>) -> Result<Content, Invalid> {
    let place = place(asked)?;
    let subject = asked.text("subject").trim();
    match (place.several, subject.is_empty()) {
        (true, true) => return Err(Invalid::Missing { what: "subject" }),
        (false, false) => return Err(Invalid::Malformed { what: "subject", wants: "空のまま" }),
        _ => {}
    }
    let values = values(asked.city, place, asked.given.many("values"))?;
    let lines = asked.given.many("sheet");
    let sheet = Item::read_all(lines.iter().map(String::as_str))
        .map_err(|(line, error)| Invalid::Unsound { what: "sheet", why: at_line(line, &error.japanese()) })?;
    match (place.id == PLAN, sheet.is_empty()) {
        (true, true) => Err(Invalid::Missing { what: "sheet" }),
        (false, false) => Err(Invalid::Malformed { what: "sheet", wants: "空のまま" }),
        _ => Ok(Content { values, sheet }),
    }
}

fn values(city: &City, place: &RulePlace, lines: &[String]) -> Result<Vec<(String, SettingValue)>, Invalid> {
    let settings = city.profile().settings();
    let mut values: Vec<(String, SettingValue)> = Vec::new();
    for (number, text) in lines.iter().enumerate() {
        let wrong = |why: &str| Invalid::Unsound { what: "values", why: at_line(number + 1, why) };
        let (setting, value) = settings.read_change(text).map_err(|error| wrong(&error.japanese()))?;
        if !place.settings.contains(&setting.key) {
            return Err(wrong(&format!("「{}」は、この定めで決める設定ではありません", setting.name)));
        }
        if values.iter().any(|(key, _)| *key == setting.key) {
            return Err(wrong(&format!("「{}」が二度あります", setting.name)));
        }
        values.push((setting.key.clone(), value));
    }
    let mut together = *settings.values();
    values.iter().for_each(|(key, value)| together.set(key, *value));
    match together.conflicts().first() {
        Some(conflict) => Err(Invalid::Unsound {
            what: "values",
            why: format!("値が食い違っています。{}", conflict.japanese()),
        }),
        None => Ok(values),
    }
}

fn at_line(line: usize, why: &str) -> String {
    format!("{line}行目: {why}")
}

/// The lines as they are kept, so that a revision says all of what it means.
fn restated(asked: &Asked<'_>) -> Vec<(&'static str, Value)> {
    let content = content(asked).unwrap_or_default();
    let values = content.values.iter().map(|(key, value)| written(key, *value)).collect::<Vec<_>>();
    let sheet = content.sheet.iter().map(ToString::to_string).collect::<Vec<_>>();
    vec![("values", values.into()), ("sheet", sheet.into())]
}

/// The offices for which the person agrees: those that have not agreed and that the person holds.
fn agreeing(asked: &Asked<'_>) -> Result<Vec<String>, Invalid> {
    let Some(case) = asked.case else { return Ok(Vec::new()) };
    let agreements = agreements(asked.city, case);
    if agreements.is_empty() {
        return Err(Invalid::State { what: "case", id: case.label(), state: "同意の要らない定め" });
    }
    let today = asked.on.day();
    let held = agreements
        .iter()
        .filter(|agreement| asked.city.organization.holder(&agreement.office, today) == Some(&asked.on.by));
    let open: Vec<String> =
        held.filter(|agreement| agreement.given.is_none()).map(|a| a.office.to_string()).collect();
    if open.is_empty() {
        return Err(Invalid::TooLate { step: "同意する", because: "同意する" });
    }
    Ok(open)
}

fn laying_down(asked: &Asked<'_>) -> Result<(), Invalid> {
    let in_force = asked.case.and_then(|case| case.day("in-force"));
    let backdated = in_force.is_some_and(|day| day < asked.on.day());
    if backdated && asked.given.text("backdating").trim().is_empty() {
        return Err(Invalid::Missing { what: "backdating" });
    }
    // The profile may have changed since the draft was made.
    let place = place(asked)?;
    let lines = asked.case.map(|case| case.many("values")).unwrap_or_default();
    values(asked.city, place, lines).map(drop)
}

/// What is laid down, whole: whoever reads this entry needs no other.
fn complete(asked: &Asked<'_>) -> Vec<(&'static str, Value)> {
    const FIELDS: [&str; 9] =
        ["rule-place", "subject", "title", "version", "change", "document", "in-force", "values", "sheet"];
    let Some(case) = asked.case else { return Vec::new() };
    let mut whole: Vec<(&'static str, Value)> =
        FIELDS.into_iter().filter_map(|field| Some((field, case.value(field)?.clone()))).collect();
    let agreed = agreements(asked.city, case).into_iter().filter(|agreement| agreement.given.is_some());
    let agreed: Vec<String> = agreed.map(|agreement| agreement.office.to_string()).collect();
    whole.push(("agreed", agreed.into()));
    whole
}

/// An operator reads what is in force or comes next, once.
fn acknowledging(asked: &Asked<'_>) -> Result<(), Invalid> {
    let (place, rules) = (place(asked)?, &asked.city.rules);
    let state = |state| Invalid::State { what: "case", id: asked.text("title").to_owned(), state };
    if !place.acknowledged_by_operators {
        return Err(state("操作者が読むことになっていない定め"));
    }
    let version = rules.version(asked.id).ok_or_else(|| state("まだ定められていない案"))?;
    if rules.until(version, asked.on.at).is_some_and(|until| until <= japan_day(asked.on.at)) {
        return Err(state("次の版に代わった定め"));
    }
    match rules.acknowledged(asked.id, &asked.on.by) {
        Some(_) => Err(Invalid::TooLate {
            step: "定めを読んだと記録する",
            because: "定めを読んだと記録する",
        }),
        None => Ok(()),
    }
}
