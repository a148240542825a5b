//! `/rooms/outsiders`: 外部の人 (第10条第2項), contractors' people one by one with the employer proven, and visitors.

use jiff::Timestamp;
use register::rooms::{Act, Contract, NewOutsider};
use register::{City, PersonId};

use super::{Reading, carry_out, choose, for_viewer, frame};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, judge};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, oversees, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, Link, State, Table};
use crate::words;

const PAGE: &str = "/rooms/outsiders";

/// `GET /rooms/outsiders`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "外部の人", PAGE, &["10-2"]);
    frame.notices.extend(banner(ask));
    let example = Act::EndOutsider { person: PersonId::nobody(), reason: String::new() };
    let why = judge(ask, &example.into());
    let (table, end) = {
        let city = office.city();
        let all = why.is_none() || oversees(&city, me, now);
        (list(&city, all, now), end_form(&city, now))
    };
    let mut panels = vec![Panel {
        anchor: "enter".to_owned(),
        heading: "外部の人を名簿に載せる".to_owned(),
        under: words::cites(&["10-2"]),
        lead: "契約の欄を三つとも空けておくと、来訪者になります。来訪者が受けられるのは、1回だけの許可です。"
            .to_owned(),
        why: why.clone(),
        form: fill(enter_form(), typed, problems, &mut frame),
    }];
    if let Some(form) = end {
        panels.push(Panel {
            anchor: "end".to_owned(),
            heading: "名簿から外す".to_owned(),
            under: words::cites(&["10-2"]),
            lead: "外すと、その人の許可は効かなくなります。契約の終わりの日を過ぎた人の許可は、ひとりでに効かなくなります。".to_owned(),
            why,
            form: fill(form, typed, problems, &mut frame),
        });
    }
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let page = DeskPage {
        frame,
        lead: "委託先の人と来訪者です。室に入るには、ここに載せたうえで、許可を申請します。".to_owned(),
        tables: vec![table],
        panels,
        links: for_viewer(
            ask,
            vec![
                Link::new("/cases/permit/new", "許可を申請する"),
                Link::new("/ledgers/outsiders", "名簿をすべて見る"),
            ],
        ),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn list(city: &City, all: bool, now: Timestamp) -> Table {
    let empty = match all {
        true => "名簿に載っている人はいません。",
        false => "名簿は、情報統計課の職員と、規程の職にある人に示します。",
    };
    let mut table = Table::new("外部の人", empty)
        .head("番号", "k")
        .column("氏名", "t")
        .column("契約", "")
        .column("雇用の証し", "")
        .column("契約の終わり", "t")
        .column("いま", "t");
    for (id, outsider) in city.rooms.outsiders().filter(|_| all) {
        let contract = outsider.contract.as_ref();
        table.push(vec![
            Cell::text(id.to_string()),
            Cell::Sub(outsider.name.clone(), outsider.organisation.clone()),
            Cell::text(contract.map_or("（来訪者）", |contract| &contract.name)),
            Cell::text(contract.map_or("－", |contract| &contract.proof)),
            Cell::text(contract.map_or("－".to_owned(), |contract| words::short_day(contract.until))),
            match &outsider.ended {
                Some((at, reason)) => Cell::Sub(format!("外した　{}", words::moment(*at)), reason.clone()),
                None if outsider.with_us(now) => Cell::Badge(Badge::new(State::Good, "名簿にある")),
                None => Cell::Badge(Badge::new(State::Plain, "契約が終わった")),
            },
        ]);
    }
    table
}

fn enter_form() -> Form {
    Form::new(PAGE, "名簿に載せる", guard::random_hex())
        .field(
            Field::new("person", "番号", Kind::Short).need().hint("半角の英数字と - _ . @。例：G-2026-001"),
        )
        .field(Field::new("name", "氏名", Kind::Text).need())
        .field(Field::new("organisation", "所属（会社・団体）", Kind::Text).need())
        .field(Field::new("contract", "契約", Kind::Text).hint("例：CS機器保守業務委託"))
        .field(Field::new("employment", "雇用の証し", Kind::Text).hint("例：社員証・労働者名簿の写し"))
        .field(Field::new("until", "契約の終わりの日", Kind::Day))
}

fn end_form(city: &City, now: Timestamp) -> Option<Form> {
    let here = city.rooms.outsiders().filter(|(_, outsider)| outsider.with_us(now));
    let here: Vec<Choice> = here
        .map(|(id, outsider)| {
            Choice::new(id.as_str(), format!("{}（{}・{id}）", outsider.name, outsider.organisation))
        })
        .collect();
    let form = Form::new("/rooms/outsiders/end", "名簿から外す", guard::random_hex()).quiet();
    (!here.is_empty()).then(|| {
        form.field(Field::new("ended", "外す人", Kind::Select(choose(here))).need())
            .field(Field::new("why", "外す理由", Kind::Text).need())
    })
}

/// `POST /rooms/outsiders`.
pub(crate) fn enter(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let id = reading.id::<PersonId>("person");
    let (name, organisation) = (reading.text("name"), reading.text("organisation"));
    let contract = contract(&mut reading);
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(id), true) = (id, reading.problems.is_empty()) else { return again(&reading.problems) };
    let new = NewOutsider { id, name, organisation, contract };
    carry_out(ask, Act::EnterOutsider(new), PAGE, &[], again)
}

/// The contract, if any of its fields is filled in; then all have to be.
fn contract(reading: &mut Reading<'_>) -> Option<Contract> {
    let typed = reading.typed;
    if ["contract", "employment", "until"].iter().all(|field| typed.get(field).is_empty()) {
        return None;
    }
    let (name, proof, until) = (reading.text("contract"), reading.text("employment"), reading.text("until"));
    if until.is_empty() {
        return None;
    }
    let until = regulation::wareki::parse(&until);
    let until = until.map_err(|error| reading.problems.add("until", error.japanese())).ok()?;
    Some(Contract { name, proof, until })
}

/// `POST /rooms/outsiders/end`.
pub(crate) fn end(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (person, reason) = (reading.chosen::<PersonId>("ended"), reading.text("why"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(person), true) = (person, reading.problems.is_empty()) else { return again(&reading.problems) };
    carry_out(
        ask,
        Act::EndOutsider { person, reason },
        PAGE,
        &[("person", "ended"), ("reason", "why")],
        again,
    )
}
