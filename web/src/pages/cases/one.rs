//! `/cases/{kind}/{case}`: where a case stands, what was done, and what can be done next.

use axum::response::Response;
use jiff::Timestamp;
use register::case::{Act, Case, CaseDef, Step, StepDef, Taken, Value};
use register::{CaseId, City};

use super::{address, case, fields, is_of, kind, path, standing, steps, trail};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::{banner, done, submit};
use crate::pages::views::{CasePage, StepPanel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::upload;
use crate::view::{Cell, Frame, Link, State, Table};
use crate::words;

/// `GET /cases/{kind}/{case}`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    render_page(ask, &kept, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Result<Response, Trouble> {
    let def = kind(ask)?;
    let (id, case) = case(ask)?;
    let mut frame = frame(ask, def, &case);
    frame.notices.extend(banner(ask));
    let mut panels = panels(ask, def, (&id, &case), typed.get("step"));
    for panel in panels.iter_mut().filter(|panel| panel.step == typed.get("step")) {
        panel.form = fill(panel.form.clone(), typed, problems, &mut frame);
    }
    let forms: Vec<_> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let (panels, barred): (Vec<_>, Vec<_>) = panels.into_iter().partition(|panel| panel.why.is_none());
    let office = ask.app.office();
    let now = office.now();
    let city = office.city();
    let owed = owed(&city, &id, now);
    let overdue = owed.1;
    let page = CasePage {
        label: case.label(),
        standing: standing(&case, !owed.0.rows.is_empty(), overdue),
        steps: path::progress(def, &case),
        owed: owed.0,
        facts: facts(&city, def, &case),
        tables: [documents(def, &case), linked(&city, &id, &case), timeline(&city, def, &case)]
            .into_iter()
            .filter(|table| !table.rows.is_empty())
            .collect(),
        panels,
        barred: barred_table(barred),
        closed: case.closed(),
        print: Link::new(format!("/cases/{}/{id}/print", def.id), "A4の紙の形で見る"),
        frame,
    };
    drop(city);
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn frame(ask: &Ask, def: &'static CaseDef, case: &Case) -> Frame {
    let here = format!("/cases/{}", def.id);
    Frame {
        trail: trail(&here, [Link::new(&here, def.name), Link::new("", case.label())]),
        ..ask.frame(case.title(), &here, &[def.citation])
    }
}

/// What is owed of the case, and whether any of it is overdue.
fn owed(city: &City, id: &CaseId, now: Timestamp) -> (Table, bool) {
    let today = register::japan_day(now);
    let mut table = Table::new("待っていること", "")
        .head("しなければならないこと", "")
        .column("根拠", "t")
        .column("だれが", "")
        .column("期限", "t")
        .column("", "t");
    let mut late = false;
    for duty in city.duties(now).iter().filter(|duty| is_of(duty, id)) {
        let overdue = duty.overdue(today);
        late |= overdue;
        table.push(vec![
            Cell::text(&duty.what),
            Cell::Cites(vec![words::cite(duty.citation)]),
            Cell::text(city.owner_name(&duty.owed_by, now)),
            Cell::text(duty.due.map_or("期限なし".to_owned(), words::day)),
            match overdue {
                true => Cell::badge(State::Late, format!("{}日超過", duty.days_over(today))),
                false => Cell::badge(State::Owed, "待ち"),
            },
        ]);
    }
    (table, late)
}

/// What the case says, as last said, in the order of the definition.
pub(super) fn facts(city: &City, def: &'static CaseDef, case: &Case) -> Vec<(String, Cell)> {
    let mut facts: Vec<(&str, (String, Cell))> = Vec::new();
    for field in def.steps.iter().flat_map(|step| step.fields).filter(|field| field.id != "title") {
        let Some(value) = case.value(field.id) else { continue };
        if matches!(value, Value::Document(_)) || facts.iter().any(|(id, _)| *id == field.id) {
            continue;
        }
        facts.push((field.id, (field.name.to_owned(), cell(city, case, field.id, value))));
    }
    for (id, name) in def.steps.iter().flat_map(|step| step.told) {
        let Some(value) = case.value(id) else { continue };
        facts.push((id, ((*name).to_owned(), cell(city, case, id, value))));
    }
    facts.into_iter().map(|(_, fact)| fact).collect()
}

fn cell(city: &City, case: &Case, field: &str, value: &Value) -> Cell {
    match value {
        Value::Text(text) => match address(city, text) {
            Some(href) => Cell::link(href, city.told(case, field, value)),
            None => Cell::Prose(city.told(case, field, value)),
        },
        Value::Many(many) => {
            let one = |text: &String| city.told(case, field, &Value::Text(text.clone()));
            Cell::Lines(many.iter().map(one).collect())
        }
        Value::Document(document) => Cell::link(format!("/documents/{}", document.sha256), &document.name),
        Value::Flag(_) | Value::Count(_) => Cell::text(city.told(case, field, value)),
    }
}

fn documents(def: &'static CaseDef, case: &Case) -> Table {
    let mut table = Table::new("文書", "")
        .head("文書", "w")
        .column("何として", "")
        .column("大きさ", "n")
        .column("付けた日時", "t")
        .column("SHA-256", "hash");
    for taken in case.timeline() {
        for (field, value) in taken.particulars.iter() {
            let Value::Document(document) = value else { continue };
            table.push(vec![
                Cell::link(format!("/documents/{}", document.sha256), &document.name),
                Cell::text(def.field(field).map_or(field, |field| field.name)),
                Cell::text(upload::size(document.bytes)),
                Cell::text(words::moment(taken.at)),
                Cell::text(&document.sha256),
            ]);
        }
    }
    table
}

/// The cases that this one names, and those that name it.
fn linked(city: &City, id: &CaseId, case: &Case) -> Table {
    let mut table = Table::new("関わる案件", "").head("番号", "t").column("件名", "w").column("いま", "t");
    for (other, found) in related(city, id, case) {
        table.push(vec![
            Cell::link(format!("/cases/{}/{other}", found.kind()), found.label()),
            Cell::text(found.title()),
            Cell::Badge(standing(found, true, false)),
        ]);
    }
    table
}

/// As [`linked`], each once, in the order of their numbers.
pub(super) fn related<'a>(city: &'a City, id: &CaseId, case: &Case) -> Vec<(&'a CaseId, &'a Case)> {
    let values = case.timeline().iter().flat_map(|taken| taken.particulars.iter());
    let named = values.flat_map(|(_, value)| match value {
        Value::Text(text) => vec![text.clone()],
        Value::Many(many) => many.clone(),
        _ => Vec::new(),
    });
    let ids: Vec<CaseId> = named.filter_map(|text| text.parse().ok()).collect();
    let naming = city.cases.naming(id).into_iter().map(|(other, _)| other);
    let mut all: Vec<(&CaseId, &Case)> = city
        .cases
        .iter()
        .filter(|(other, _)| *other != id && (ids.contains(other) || naming.clone().any(|n| n == *other)))
        .collect();
    all.sort_by_key(|(_, case)| (case.kind().to_owned(), case.number()));
    all
}

fn timeline(city: &City, def: &'static CaseDef, case: &Case) -> Table {
    let mut table = Table::new("経過", "")
        .head("日時", "t")
        .column("何を", "t")
        .column("だれが", "")
        .column("内容", "w")
        .column("原簿", "t");
    for taken in case.timeline() {
        let step = def.step(&taken.step);
        table.push(vec![
            Cell::text(words::moment(taken.at)),
            Cell::text(step.map_or(taken.step.as_str(), |step| step.done)),
            by(city, taken),
            said(city, case, step, taken),
            Cell::Receipt(words::receipt(&taken.receipt)),
        ]);
    }
    table
}

/// Who took a step, in which post, and whether for the head.
pub(super) fn by(city: &City, taken: &Taken) -> Cell {
    let mut posts = words::posts(city, &taken.by, taken.at);
    if taken.acting && !posts.contains("職務代理") {
        posts.push_str("（職務代理）");
    }
    Cell::Sub(city.name_of(&taken.by), posts)
}

fn said(city: &City, case: &Case, step: Option<&'static StepDef>, taken: &Taken) -> Cell {
    let mut lines = Vec::new();
    for field in step.map_or(&[] as &[_], |step| step.fields) {
        if let Some(value) = taken.particulars.get(field.id) {
            lines.push(format!("{}：{}", field.name, city.told(case, field.id, value)));
        }
    }
    Cell::Lines(lines)
}

/// A form for each step that can be taken now, with the reason where it is not for this person.
fn panels(ask: &Ask, def: &'static CaseDef, (id, case): (&CaseId, &Case), typed: &str) -> Vec<StepPanel> {
    let next = case.next();
    let refused: Vec<_> = next.iter().map(|step| steps::refused(ask, id, *step)).collect();
    let office = ask.app.office();
    let now = office.now();
    let city = office.city();
    let duties = city.duties(now);
    let mine = |step: &Step| {
        duties.iter().any(|duty| {
            is_of(duty, id)
                && matches!(&duty.fulfil, register::Fulfil::Step { step: s, .. } if s == step.def().id)
                && ask.person().is_some_and(|me| city.owes(me, duty, now))
        })
    };
    let panel = |(step, refused): (&Step, Option<policy::Refusal>)| {
        let action = format!("/cases/{}/{id}/{}", def.id, step.def().id);
        StepPanel {
            step: step.def().id,
            name: step.def().name,
            open: typed == step.def().id || (typed.is_empty() && mine(step)),
            owed: mine(step),
            under: refused.iter().flat_map(|r| r.citations()).map(words::cite).collect(),
            why: refused.map(|refused| steps::reasons(&refused)),
            form: fields::again(fields::form(action, step.def(), &city, now), def, step.def(), case),
        }
    };
    next.iter().zip(refused).map(panel).collect()
}

fn barred_table(barred: Vec<StepPanel>) -> Table {
    let mut table = Table::new("いまのあなたの職では行えないこと", "")
        .head("手続", "t")
        .column("理由", "w")
        .column("根拠", "t");
    for panel in barred {
        table.push(vec![
            Cell::text(panel.name),
            Cell::Lines(panel.why.unwrap_or_default()),
            Cell::Cites(panel.under),
        ]);
    }
    table
}

/// `POST /cases/{kind}/{case}/{step}`.
pub(crate) fn take(ask: &Ask) -> Answer {
    let def = kind(ask)?;
    let (id, _) = case(ask)?;
    let step = Step::of(def.id, ask.part("step")).ok_or(Trouble::Missing)?;
    let mut typed = ask.typed.clone();
    typed.set("step", step.def().id.to_owned());
    let particulars = match fields::read(ask, step.def()) {
        Ok(particulars) => particulars,
        Err(problems) => return render_page(ask, &typed, &problems),
    };
    let act = Act { case: id.clone(), step, particulars };
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done(&format!("/cases/{}/{id}", def.id), &finished.receipt)),
        Err(declined) => render_page(ask, &typed, &at_fields(declined, str::to_owned)?),
    }
}
