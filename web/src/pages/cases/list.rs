//! `/cases/{kind}` and `/cases/{kind}/new`.

use axum::response::Response;
use jiff::Timestamp;
use register::case::{Act, Case, CaseDef, FieldDef, FieldKind, Step};
use register::{CaseId, City, Duty};

use super::{fields, is_of, kind, sees, standing, steps, trail};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::{banner, done, submit};
use crate::pages::views::{DeskPage, ListPage, Panel};
use crate::pages::{form_status, page, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Choice, Field, Form, Frame, Kind, Link, Table};
use crate::words;

/// Columns that a list takes from the step that opens a case, beside its number and title.
const COLUMNS: usize = 2;

/// `GET /cases/{kind}`.
pub(crate) fn list(ask: &Ask) -> Answer {
    let def = kind(ask)?;
    let here = format!("/cases/{}", def.id);
    let mut frame = ask.frame(def.name, &here, &[def.citation]);
    frame.trail = trail(&here, [Link::new("", def.name)]);
    frame.notices.extend(banner(ask));
    let (table, pages) = table(ask, def)?;
    let opening = def.opening().ok_or(Trouble::Missing)?;
    let why = opening_refused(ask, def);
    let lead = match &why {
        None => String::new(),
        Some(why) => format!("いまのあなたの職では「{}」ことはできません。{}", opening.name, why.join(" ")),
    };
    let mut links = Vec::new();
    if why.is_none() {
        links.push(Link::new(format!("{here}/new"), opening.name));
    }
    Ok(page(&ListPage { frame, lead, filters: Some(filters(ask, &here)), tables: vec![table], pages, links }))
}

fn filters(ask: &Ask, here: &str) -> Form {
    let states =
        vec![Choice::new("", "すべて"), Choice::new("open", "進行中"), Choice::new("closed", "完結")];
    Form::new(here, "絞り込む", "")
        .field(Field::new("state", "状態", Kind::Select(states)).value(ask.query.get("state")))
        .field(Field::new("q", "ことば", Kind::Short).value(ask.query.get("q")))
}

fn table(ask: &Ask, def: &'static CaseDef) -> Result<(Table, crate::view::Pages), Trouble> {
    let office = ask.app.office();
    let now = office.now();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    let city = office.city();
    let duties = city.duties(now);
    let columns = columns(def);
    let (state, text) = (ask.query.get("state"), ask.query.get("q"));
    let mut cases: Vec<_> = city
        .cases
        .of_kind(def.id)
        .into_iter()
        .filter(|(id, case)| sees(&city, me, (id, case), &duties, now))
        .filter(|(_, case)| state.is_empty() || (state == "closed") == case.closed())
        .filter(|(_, case)| text.is_empty() || says(&city, case, text))
        .collect();
    cases.reverse();
    let mut table = Table::new(def.name, format!("当てはまる{}はありません。", def.name))
        .note(format!("新しい順・{}件", words::grouped(cases.len() as u64)))
        .head("番号", "t")
        .column("件名", "w");
    for field in &columns {
        table = table.column(field.name, "");
    }
    table = table.column("いま", "t").column("待っていること", "");
    let (range, pages) = ask.pages(cases.len());
    for (id, case) in &cases[range] {
        table.push(row(&city, def, (id, case), &columns, &duties, now));
    }
    Ok((table, pages))
}

/// What a list says of each case beside its title: short answers of the step that opens it.
fn columns(def: &'static CaseDef) -> Vec<&'static FieldDef> {
    let short = |field: &&FieldDef| {
        field.id != "title"
            && matches!(field.kind, FieldKind::Line | FieldKind::Day | FieldKind::Moment | FieldKind::One(_))
    };
    def.opening().map_or(&[] as &[_], |step| step.fields).iter().filter(short).take(COLUMNS).collect()
}

fn row(
    city: &City,
    def: &CaseDef,
    (id, case): (&CaseId, &Case),
    columns: &[&'static FieldDef],
    duties: &[Duty],
    now: Timestamp,
) -> Vec<Cell> {
    let today = register::japan_day(now);
    let waiting: Vec<&Duty> = duties.iter().filter(|duty| is_of(duty, id)).collect();
    let overdue = waiting.iter().any(|duty| duty.overdue(today));
    let number = case.label();
    let number = number.strip_prefix(def.name).map_or(number.as_str(), str::trim);
    let mut row = vec![Cell::link(format!("/cases/{}/{id}", def.id), number), Cell::text(case.title())];
    for field in columns {
        row.push(match case.value(field.id) {
            Some(value) => Cell::text(city.told(case, field.id, value)),
            None => Cell::text("－"),
        });
    }
    row.push(Cell::Badge(standing(case, !waiting.is_empty(), overdue)));
    row.push(match waiting.first() {
        None => Cell::text(if case.closed() { "－" } else { "" }),
        Some(duty) => Cell::Sub(
            city.owner_name(&duty.owed_by, now),
            duty.due.map_or(String::new(), |due| format!("{}まで", words::day(due))),
        ),
    });
    row
}

/// Whether a case says `text` anywhere people can read.
fn says(city: &City, case: &Case, text: &str) -> bool {
    let folded = |text: &str| text.replace([' ', '　'], "").to_lowercase();
    let text = folded(text);
    let told = case.timeline().iter().flat_map(|taken| taken.particulars.iter());
    let mut told = told.map(|(field, value)| city.told(case, field, value));
    folded(&case.label()).contains(&text) || told.any(|said| folded(&said).contains(&text))
}

/// Why this person may open no case of this kind.
fn opening_refused(ask: &Ask, def: &'static CaseDef) -> Option<Vec<String>> {
    let step = Step::of(def.id, def.opening()?.id)?;
    steps::refused(ask, &fresh_id(ask, def)?, step).map(|refusal| steps::reasons(&refusal))
}

/// `GET /cases/{kind}/new`.
pub(crate) fn fresh(ask: &Ask) -> Answer {
    // A link may carry the beginning of an answer, such as the place that a rule is for.
    let typed = ask.kept().unwrap_or_else(|| ask.query.clone());
    render_new(ask, &typed, &Problems::default())
}

fn render_new(ask: &Ask, typed: &Typed, problems: &Problems) -> Result<Response, Trouble> {
    let def = kind(ask)?;
    let opening = def.opening().ok_or(Trouble::Missing)?;
    let here = format!("/cases/{}", def.id);
    let mut frame = Frame {
        trail: trail(&here, [Link::new(&here, def.name), Link::new("", opening.name)]),
        ..ask.frame(opening.name, &here, &[def.citation])
    };
    let form = {
        let office = ask.app.office();
        let now = office.now();
        fields::form(here.clone(), opening, &office.city(), now)
    };
    let form = fill(form, typed, problems, &mut frame).back(here, "一覧に戻る");
    tell_the_rest(&mut frame, &[&form], problems);
    let why = opening_refused(ask, def).map(|why| why.join(" "));
    let panel = Panel {
        anchor: "new".to_owned(),
        heading: format!("{}の内容", def.name),
        under: Vec::new(),
        lead: String::new(),
        why,
        form,
    };
    let page = DeskPage { frame, panels: vec![panel], ..DeskPage::default() };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// The submission's own number, so that sending twice opens one case.
fn fresh_id(ask: &Ask, def: &CaseDef) -> Option<CaseId> {
    let number = ask.request().to_string();
    format!("{}-{}", def.id, number.get(2..14)?).parse().ok()
}

/// `POST /cases/{kind}`.
pub(crate) fn open(ask: &Ask) -> Answer {
    let def = kind(ask)?;
    let opening = def.opening().ok_or(Trouble::Missing)?;
    let step = Step::of(def.id, opening.id).ok_or(Trouble::Missing)?;
    let particulars = match fields::read(ask, opening) {
        Ok(particulars) => particulars,
        Err(problems) => return render_new(ask, &ask.typed, &problems),
    };
    let case = fresh_id(ask, def).ok_or(Trouble::Missing)?;
    let act = Act { case: case.clone(), step, particulars };
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done(&format!("/cases/{}/{case}", def.id), &finished.receipt)),
        Err(declined) => render_new(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    }
}
