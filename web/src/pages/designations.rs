//! `/designations`: which operators hold which kind of card, proposed by one side and agreed to by the other
//! (第16条第2号).

use axum::response::Response;
use register::access::{Act, Designation, NewDesignation};
use register::{City, DesignationId};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{act_or_nothing, act_or_why, banner, done, id, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Choice, Field, Form, Kind, State, Table};
use crate::words;

/// `GET /designations`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    render_page(ask, &kept, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Result<Response, Trouble> {
    let mut frame = ask.frame("操作者の指定", "/designations", &["16(2)"]);
    frame.notices.extend(banner(ask));
    // What the page needs is copied out: acts wait while the city is held, and judging needs it again.
    let designations: Vec<(DesignationId, Designation)> = {
        let city = ask.app.office().city();
        city.access.designations().map(|(id, designation)| (id.clone(), designation.clone())).collect()
    };
    let mut table = Table::new("操作者の指定", "指定はまだありません。")
        .note(format!("{}件", designations.len()))
        .head("だれに", "t")
        .column("カードの種類", "")
        .column("申出", "t")
        .column("同意", "t")
        .column("状態", "t")
        .column("", "act");
    for (id, designation) in designations.iter().rev() {
        table.push(row(ask, id, designation));
    }
    let mut panels = Vec::new();
    let form = fill(propose_form(ask)?, typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    panels.push(Panel {
        anchor: "propose".to_owned(),
        why: propose_why(ask),
        heading: "指定を申し出る".to_owned(),
        under: words::cites(&["16(2)"]),
        lead: propose_lead(ask),
        form,
    });
    let page = DeskPage {
        frame,
        lead: "どの職員がどの種類のカードで操作するかは、課のセキュリティ責任者が申し出て、アクセス管理責任者が同意して決まります。\
               終えられるのも、この二つの職だけです。".to_owned(),
        tables: vec![table],
        panels,
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn row(ask: &Ask, id: &DesignationId, designation: &Designation) -> Vec<Cell> {
    let button =
        |act: &str, text: &str| Form::new(format!("/designations/{id}/{act}"), text, guard::random_hex());
    let office = ask.app.office();
    let stands = office.city().designation_stands(designation, office.now());
    let (state, act) = match (&designation.agreed, designation.ended) {
        (_, None) if !stands => (Cell::badge(State::Plain, "異動により終了"), Cell::text("")),
        (_, Some(_)) => (Cell::badge(State::Plain, "終了"), Cell::text("")),
        (None, None) => (
            Cell::badge(State::Owed, "同意待ち"),
            act_or_why(ask, &Act::AgreeDesignation(id.clone()).into(), button("agree", "同意する")),
        ),
        (Some(_), None) => (
            Cell::badge(State::Good, "指定中"),
            act_or_nothing(ask, &Act::EndDesignation(id.clone()).into(), button("end", "終える")),
        ),
    };
    let city = ask.app.office().city();
    let signed = |by: &register::PersonId, at| Cell::Sub(city.name_of(by), words::moment(at));
    vec![
        Cell::Sub(city.name_of(&designation.person), city.section_name(&designation.section)),
        Cell::text(city.card_kind_name(&designation.kind)),
        signed(&designation.proposed.0, designation.proposed.1),
        match &designation.agreed {
            Some((by, at)) => signed(by, *at),
            None => Cell::text("－"),
        },
        state,
        act,
    ]
}

/// The sections for which somebody may propose; all of them where there is none, so that trying is possible
/// and the regulation says why not.
fn my_sections(ask: &Ask, city: &City) -> Vec<String> {
    let standing = ask.person().map(|me| city.standing(me, ask.app.office().now())).unwrap_or_default();
    standing.officer_of.into_iter().collect()
}

fn propose_form(ask: &Ask) -> Result<Form, Trouble> {
    let city = ask.app.office().city();
    let mine = my_sections(ask, &city);
    let now = ask.app.office().now();
    let of_mine = |section: Option<&register::SectionId>| {
        mine.is_empty() || section.is_some_and(|section| mine.iter().any(|own| own == section.as_str()))
    };
    let people =
        city.staff(now).filter(|(_, section)| of_mine(*section)).map(|(id, _)| words::staff(&city, id, now));
    let people = std::iter::once(Choice::new("", "選んでください")).chain(people).collect();
    let kinds = city.profile().card_kinds().iter().map(|kind| Choice {
        value: kind.id.clone(),
        text: kind.name.clone(),
        more: kind.purpose.clone(),
    });
    Ok(Form::new("/designations", "申し出る", guard::random_hex())
        .field(Field::new("person", "職員", Kind::Select(people)).need())
        .field(Field::new("kind", "カードの種類", Kind::Radio(kinds.collect())).need()))
}

/// Why this person may propose for no section at all: the regulation is asked about the person's own.
fn propose_why(ask: &Ask) -> Option<String> {
    let section = {
        let city = ask.app.office().city();
        let mine = my_sections(ask, &city).into_iter().find_map(|section| section.parse().ok());
        let own = ask.person().and_then(|me| city.section_of(me, ask.app.office().now()));
        mine.or(own.cloned())
    };
    let person = ask.person()?.clone();
    let kind = ask.app.office().profile().card_kinds().first()?.id.parse().ok()?;
    let new = NewDesignation { id: "D-0".parse().ok()?, person, kind, section: section? };
    judge(ask, &Act::ProposeDesignation(new).into())
}

fn propose_lead(ask: &Ask) -> String {
    let city = ask.app.office().city();
    let names: Vec<String> = my_sections(ask, &city)
        .iter()
        .filter_map(|id| city.profile().section(id))
        .map(|section| section.name.clone())
        .collect();
    if names.is_empty() {
        "申し出られるのは、その課のセキュリティ責任者です。".to_owned()
    } else {
        format!("{}のセキュリティ責任者として申し出ます。", names.join("・"))
    }
}

/// `POST /designations`.
pub(crate) fn propose(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let person: Option<register::PersonId> = ask.typed.get("person").parse().ok();
    let kind: Option<register::CardKindId> = ask.typed.get("kind").parse().ok();
    if person.is_none() {
        problems.add("person", "選んでください");
    }
    if kind.is_none() {
        problems.add("kind", "選んでください");
    }
    let (Some(person), Some(kind)) = (person, kind) else { return render_page(ask, &ask.typed, &problems) };
    let office = ask.app.office();
    let section = office.city().section_of(&person, office.now()).cloned();
    let Some(section) = section else {
        return render_page(ask, &ask.typed, &Problems::one("person", "登録されていない職員です"));
    };
    // The submission's own number, so that sending twice proposes once.
    let number = ask.request().to_string();
    let id = format!("D-{}", &number[2..12]).parse().map_err(Trouble::broken)?;
    let act = Act::ProposeDesignation(NewDesignation { id, person, kind, section });
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done("/designations", &finished.receipt)),
        Err(declined) => {
            let problems = at_fields(declined, |field| {
                if field == "designation" { "person" } else { field }.to_owned()
            })?;
            render_page(ask, &ask.typed, &problems)
        }
    }
}

/// `POST /designations/{designation}/agree`.
pub(crate) fn agree(ask: &Ask) -> Answer {
    let designation = id(ask, "designation")?;
    act(ask, Act::AgreeDesignation(designation))
}

/// `POST /designations/{designation}/end`.
pub(crate) fn end(ask: &Ask) -> Answer {
    let designation = id(ask, "designation")?;
    act(ask, Act::EndDesignation(designation))
}

fn act(ask: &Ask, act: Act) -> Answer {
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done("/designations", &finished.receipt)),
        Err(declined) => render_page(ask, &Typed::default(), &at_fields(declined, |_| "row".to_owned())?),
    }
}
