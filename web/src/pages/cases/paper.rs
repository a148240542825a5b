//! `/cases/{kind}/{case}/print`: a case as a formal paper on A4.

use register::case::{Case, CaseDef, FieldDef, FieldKind, Value};
use register::{CaseId, City};

use super::one::{facts, related};
use super::{case, kind, trail};
use crate::ask::Ask;
use crate::pages::page;
use crate::pages::views::{PaperPage, PaperPart};
use crate::trouble::Answer;
use crate::upload;
use crate::view::{Cell, Frame, Link};
use crate::words;

/// `GET /cases/{kind}/{case}/print`.
pub(crate) fn print(ask: &Ask) -> Answer {
    let def = kind(ask)?;
    let (id, case) = case(ask)?;
    let here = format!("/cases/{}", def.id);
    let heading = words::paper(def.id, def.name);
    let frame = Frame {
        trail: trail(
            &here,
            [
                Link::new(&here, def.name),
                Link::new(format!("{here}/{id}"), case.label()),
                Link::new("", heading.clone()),
            ],
        ),
        ..ask.frame(format!("{heading}「{}」", case.title()), &here, &[])
    };
    let office = ask.app.office();
    let now = office.now();
    let city = office.city();
    let opened = case.timeline().first();
    let last = case.timeline().last();
    Ok(page(&PaperPage {
        number: case.label(),
        day: opened.map_or(String::new(), |taken| words::day(register::japan_day(taken.at))),
        to: addressee(&city, &case),
        from: opened.map_or(Vec::new(), |taken| {
            let posts = match def.id {
                "entry-report" => entry_manager(&city, &case),
                _ => words::posts(&city, &taken.by, taken.at),
            };
            let lines = [city.profile().municipality().to_owned(), posts, city.name_of(&taken.by)];
            lines.into_iter().filter(|line| !line.is_empty()).collect()
        }),
        title: case.title().to_owned(),
        body: body(&city, def, &case),
        facts: short(&city, def, &case),
        parts: related(&city, &id, &case)
            .into_iter()
            .filter(|(other, _)| named(&case, other))
            .map(|(_, other)| part(&city, other))
            .collect(),
        documents: documents(&case),
        timeline: timeline(&city, def, &case),
        receipt: last.map(|taken| words::receipt(&taken.receipt)),
        printed: words::moment_long(now),
        back: Link::new(format!("{here}/{id}"), "案件のページに戻る"),
        heading,
        frame,
    }))
}

/// `入退室管理者　情報統計課長`: in which post somebody reports on a room.
fn entry_manager(city: &City, case: &Case) -> String {
    let profile = city.profile();
    let post = profile.post("entry-manager").map_or("", |post| post.name.as_str());
    let room = profile.room(case.text("room"));
    let office =
        room.and_then(|room| room.entry_manager.parse().ok()).map(|office| city.office_name(&office));
    format!("{post}　{}", office.unwrap_or_default())
}

/// `市民課長 様`: whom the case is addressed to.
fn addressee(city: &City, case: &Case) -> Option<String> {
    if case.kind() == "entry-report" {
        return city.profile().post("head").map(|post| format!("{}　様", post.name));
    }
    let section = case.def().map(|def| (def.section)(case)).filter(|section| !section.is_empty());
    match section {
        Some(section) => city.profile().section(&section).map(|section| format!("{}長　様", section.name)),
        None => Some(case.text("body")).filter(|body| !body.is_empty()).map(|body| format!("{body}　様")),
    }
}

fn long(field: &FieldDef) -> bool {
    matches!(field.kind, FieldKind::Text)
}

/// What was written at length, with its heading.
fn body(city: &City, def: &'static CaseDef, case: &Case) -> Vec<(String, String)> {
    let mut body: Vec<(String, String)> = Vec::new();
    for field in def.steps.iter().flat_map(|step| step.fields).filter(|field| long(field)) {
        if let Some(value) = case.value(field.id)
            && !body.iter().any(|(name, _)| name == field.name)
        {
            body.push((field.name.to_owned(), city.told(case, field.id, value)));
        }
    }
    body
}

/// What was answered in short.
fn short(city: &City, def: &'static CaseDef, case: &Case) -> Vec<(String, Cell)> {
    let long: Vec<&str> =
        def.steps.iter().flat_map(|step| step.fields).filter(|field| long(field)).map(|f| f.name).collect();
    facts(city, def, case).into_iter().filter(|(name, _)| !long.contains(&name.as_str())).collect()
}

fn named(case: &Case, other: &CaseId) -> bool {
    let values = case.timeline().iter().flat_map(|taken| taken.particulars.iter());
    let mut values = values.map(|(_, value)| value);
    values.any(|value| match value {
        Value::Text(text) => text == other.as_str(),
        Value::Many(many) => many.iter().any(|text| text == other.as_str()),
        _ => false,
    })
}

/// A case that the paper speaks of, such as a matter in a meeting's minutes.
fn part(city: &City, case: &Case) -> PaperPart {
    let facts = case.def().map_or(Vec::new(), |def| facts(city, def, case));
    PaperPart { heading: format!("{}「{}」", case.label(), case.title()), facts }
}

fn documents(case: &Case) -> Vec<String> {
    let values = case.timeline().iter().flat_map(|taken| taken.particulars.iter());
    let document = |(_, value): (&str, &Value)| match value {
        Value::Document(document) => Some(format!(
            "{}（{}、SHA-256 {}）",
            document.name,
            upload::size(document.bytes),
            document.sha256
        )),
        _ => None,
    };
    values.filter_map(document).collect()
}

fn timeline(city: &City, def: &'static CaseDef, case: &Case) -> Vec<String> {
    let line = |taken: &register::case::Taken| {
        let done = def.step(&taken.step).map_or(taken.step.as_str(), |step| step.done);
        let acting = if taken.acting { "（職務代理）" } else { "" };
        format!(
            "{}　{done}　{}{acting}　原簿 {} 第{}号",
            words::moment(taken.at),
            city.name_of(&taken.by),
            taken.receipt.journal,
            taken.receipt.index
        )
    };
    case.timeline().iter().map(line).collect()
}
