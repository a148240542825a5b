//! `/handlers`: who may handle 本人確認情報, named by the section's security officer (第20条).

use axum::response::Response;
use register::assets::{Act, Handler};
use register::{PersonId, SectionId};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{act_or_nothing, banner, done, id, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Choice, Field, Form, Kind, State, Table};
use crate::words;

/// `GET /handlers`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    render_page(ask, &kept, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Result<Response, Trouble> {
    let mut frame = ask.frame("本人確認情報の取扱者", "/handlers", &["20-1"]);
    frame.notices.extend(banner(ask));
    let (handlers, listed): (Vec<(PersonId, Handler)>, usize) = {
        let city = ask.app.office().city();
        let handlers = city.assets.handlers().map(|(id, handler)| (id.clone(), handler.clone())).collect();
        let now = ask.app.office().now();
        (handlers, city.assets.handlers().filter(|(id, _)| city.handles(id, now)).count())
    };
    let mut table = Table::new("取扱者", "取扱者はまだ指定されていません。")
        .note(format!("{listed}人"))
        .head("職員", "t")
        .column("課所", "")
        .column("指定した人", "t")
        .column("状態", "t")
        .column("", "act");
    for (person, handler) in &handlers {
        table.push(row(ask, person, handler));
    }
    let form = fill(designate_form(ask), typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panels = vec![Panel {
        anchor: "designate".to_owned(),
        why: why_not(ask),
        heading: "取扱者を指定する".to_owned(),
        under: words::cites(&["20-1"]),
        lead: String::new(),
        form,
    }];
    let page = DeskPage {
        frame,
        lead: "本人確認情報を取り扱えるのは、ここに載っている職員だけです。載っていない人の検索と照会は拒否されます。".to_owned(),
        tables: vec![table],
        panels,
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn row(ask: &Ask, person: &PersonId, handler: &Handler) -> Vec<Cell> {
    let office = ask.app.office();
    let (state, act) = if handler.ended.is_some() {
        (Cell::badge(State::Plain, "終了"), Cell::text(""))
    } else if !office.city().handles(person, office.now()) {
        (Cell::badge(State::Plain, "異動により終了"), Cell::text(""))
    } else {
        let form = Form::new(format!("/handlers/{person}/end"), "終える", guard::random_hex());
        let act = Act::EndHandler { person: person.clone(), section: handler.section.clone() };
        (Cell::badge(State::Good, "指定中"), act_or_nothing(ask, &act.into(), form))
    };
    let city = ask.app.office().city();
    vec![
        Cell::Sub(city.name_of(person), person.to_string()),
        Cell::text(city.section_name(&handler.section)),
        Cell::Sub(city.name_of(&handler.named.0), words::moment(handler.named.1)),
        state,
        act,
    ]
}

/// Why this person may name nobody: the regulation is asked about the person's own section.
fn why_not(ask: &Ask) -> Option<String> {
    let office = ask.app.office();
    let me = ask.person()?.clone();
    let section = {
        let city = office.city();
        let mine = city.standing(&me, office.now()).officer_of;
        let mine = mine.into_iter().find_map(|section| section.parse().ok());
        mine.or(city.section_of(&me, office.now()).cloned())
    };
    judge(ask, &Act::DesignateHandler { person: me, section: section? }.into())
}

fn designate_form(ask: &Ask) -> Form {
    let office = ask.app.office();
    let city = office.city();
    let mine = ask.person().map(|me| city.standing(me, office.now()).officer_of).unwrap_or_default();
    let now = office.now();
    let people = city
        .staff(now)
        .filter(|(id, section)| {
            !city.handles(id, now)
                && (mine.is_empty() || section.is_some_and(|section| mine.contains(section.as_str())))
        })
        .map(|(id, _)| words::staff(&city, id, now));
    let people = std::iter::once(Choice::new("", "選んでください")).chain(people).collect();
    Form::new("/handlers", "指定する", guard::random_hex())
        .field(Field::new("person", "職員", Kind::Select(people)).need())
}

/// `POST /handlers`.
pub(crate) fn designate(ask: &Ask) -> Answer {
    let person: Option<PersonId> = ask.typed.get("person").parse().ok();
    let section = person.as_ref().and_then(|person| section_of(ask, person));
    let (Some(person), Some(section)) = (person, section) else {
        return render_page(ask, &ask.typed, &Problems::one("person", "選んでください"));
    };
    match submit(ask, Act::DesignateHandler { person, section }.into()) {
        Ok(finished) => Ok(done("/handlers", &finished.receipt)),
        Err(declined) => render_page(ask, &ask.typed, &at_fields(declined, |_| "person".to_owned())?),
    }
}

fn section_of(ask: &Ask, person: &PersonId) -> Option<SectionId> {
    let office = ask.app.office();
    office.city().section_of(person, office.now()).cloned()
}

/// `POST /handlers/{person}/end`.
pub(crate) fn end(ask: &Ask) -> Answer {
    let person: PersonId = id(ask, "person")?;
    let section = {
        let city = ask.app.office().city();
        let handler =
            city.assets.handlers().find(|(id, _)| **id == person).map(|(_, handler)| handler.section.clone());
        handler.ok_or(Trouble::Missing)?
    };
    match submit(ask, Act::EndHandler { person, section }.into()) {
        Ok(finished) => Ok(done("/handlers", &finished.receipt)),
        Err(declined) => render_page(ask, &Typed::default(), &at_fields(declined, |_| "row".to_owned())?),
    }
}
