//! `/rooms/tags`: 名札 (第9条第2項), handed out and taken back by number.

use register::rooms::{Act, TagNo};
use register::{City, PersonId};

use super::{Reading, Viewer, callers, carry_out, for_viewer, frame, person_cell};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{act_or_why, banner, done, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, oversees, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Field, Form, Kind, Link, State, Table};
use crate::words;

const PAGE: &str = "/rooms/tags";

/// `GET /rooms/tags`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "名札", PAGE, &["9-2"]);
    frame.notices.extend(banner(ask));
    let why = example().and_then(|act| judge(ask, &act.into()));
    let (lines, form) = {
        let city = office.city();
        let all = why.is_none() || oversees(&city, me, now);
        let mut worn: Vec<_> = city.rooms.tags().worn().filter(|(person, _)| all || *person == me).collect();
        worn.sort_by_key(|(_, tag)| *tag);
        let lines: Vec<(TagNo, Vec<Cell>)> =
            worn.into_iter().map(|(person, tag)| (tag, line(&city, person, tag, now))).collect();
        let form = Form::new(PAGE, "渡したことを記録する", guard::random_hex())
            .field(Field::new("tag", "名札番号", Kind::Digits).need())
            .field(
                Field::new(
                    "person",
                    "渡す相手",
                    Kind::Suggest(callers(&city, &Viewer::of(&city, me, now), now)),
                )
                .need()
                .hint("職員番号か、外部の人の番号"),
            );
        (lines, form)
    };
    let mut table = Table::new("渡している名札", "渡している名札はありません。")
        .note(format!("{}枚", lines.len()))
        .head("名札番号", "n")
        .column("着けている人", "t")
        .column("渡した日時", "t")
        .column("渡した者", "t")
        .column("", "t")
        .column("", "act");
    for (tag, mut cells) in lines {
        let form = Form::new("/rooms/tags/return", "返った", guard::random_hex())
            .field(Field::hidden("tag", tag.to_string()));
        cells.push(act_or_why(ask, &Act::ReturnTag(tag).into(), form));
        table.push(cells);
    }
    let form = fill(form, typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panel = Panel {
        anchor: "issue".to_owned(),
        heading: "名札を渡す".to_owned(),
        under: words::cites(&["9-2"]),
        lead: "室に入る人は名札を着けます。外部の人の名札は、その日のうちに返してもらいます。".to_owned(),
        why,
        form,
    };
    let page = DeskPage {
        frame,
        lead: "いま渡している名札です。これまでの分は名札管理簿にあります。".to_owned(),
        tables: vec![table],
        panels: vec![panel],
        links: for_viewer(ask, vec![Link::new("/ledgers/tags", "名札管理簿を見る")]),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn example() -> Option<Act> {
    Some(Act::IssueTag { tag: "1".parse().ok()?, to: PersonId::nobody() })
}

fn line(city: &City, person: &PersonId, tag: TagNo, now: jiff::Timestamp) -> Vec<Cell> {
    let loan = city.rooms.tags().loans().iter().rev().find(|loan| loan.tag == tag && loan.returned.is_none());
    let (at, by) = loan.map_or((String::new(), String::new()), |loan| {
        (words::moment(loan.issued.0), city.name_of(&loan.issued.1))
    });
    // Somebody from outside keeps it for the day only.
    let kept = city.rooms.outsider(person).is_some()
        && loan.is_some_and(|loan| register::japan_day(loan.issued.0) < register::japan_day(now));
    vec![
        Cell::text(tag.to_string()),
        person_cell(city, person, now),
        Cell::text(at),
        Cell::text(by),
        match kept {
            true => Cell::Badge(Badge::new(State::Late, "前日までに返っていない")),
            false => Cell::text(""),
        },
    ]
}

/// `POST /rooms/tags`.
pub(crate) fn issue(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (tag, to) = (reading.number::<TagNo>("tag"), reading.id::<PersonId>("person"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(tag), Some(to)) = (tag, to) else { return again(&reading.problems) };
    carry_out(ask, Act::IssueTag { tag, to }, PAGE, &[], again)
}

/// `POST /rooms/tags/return`.
pub(crate) fn take_back(ask: &Ask) -> Answer {
    let tag: TagNo = ask.typed.get("tag").parse().map_err(|_| Trouble::Missing)?;
    let finished = submit(ask, Act::ReturnTag(tag).into())?;
    Ok(done(PAGE, &finished.receipt))
}
