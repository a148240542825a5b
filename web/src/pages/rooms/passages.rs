//! `/rooms/passages`: 入退室管理簿 (第12条第1項), filtered by what stands in the address, and passages by hand.

use std::borrow::Cow;

use axum::http::header;
use axum::response::IntoResponse;
use jiff::Timestamp;
use register::rooms::{Act, Direction, Means, PASSAGE_COLUMNS, Pass, Passage, PassageFilter, Via};
use register::{City, KeyId, PersonId};

use super::{Reading, Viewer, callers, carry_out, choose, frame, room_choices};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::banner;
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, ledgers, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Choice, Field, Form, Kind, Link, Table};
use crate::{csv, guard, limits, words};

const PAGE: &str = "/rooms/passages";

/// `GET /rooms/passages`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

/// The filter in the address, and what is wrong with it.
pub(crate) fn asked(query: &Typed) -> (PassageFilter, Problems) {
    let mut problems = Problems::default();
    let mut day = |field: &str| {
        let text = query.some(field)?;
        regulation::wareki::parse(&text).map_err(|error| problems.add(field, error.japanese())).ok()
    };
    let (from, until) = (day("from"), day("until"));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        problems.add("until", "始まりの日より前です");
    }
    let person = query.some("person").and_then(|text| {
        text.parse::<PersonId>().map_err(|error| problems.add("person", error.japanese())).ok()
    });
    let filter = PassageFilter {
        from,
        until,
        room: query.get("room").parse().ok(),
        person,
        direction: match query.get("direction") {
            "in" => Some(Direction::In),
            "out" => Some(Direction::Out),
            _ => None,
        },
        means: query.some("means"),
    };
    (filter, problems)
}

/// Whether a line may be seen: of a room that the viewer knows, or one's own.
pub(crate) fn sees(viewer: &Viewer, me: &PersonId, passage: &Passage) -> bool {
    let passed = &passage.passed;
    viewer.knows(passed.room.as_str()) || passed.person == *me || passed.means.escort() == Some(me)
}

fn wanted<'a>(city: &'a City, me: &PersonId, filter: &PassageFilter, now: Timestamp) -> Vec<&'a Passage> {
    let viewer = Viewer::of(city, me, now);
    let mut passages = city.passages(filter);
    if !viewer.all {
        passages.retain(|passage| sees(&viewer, me, passage));
    }
    passages
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "入退室管理簿", PAGE, &["12-1", "9-2"]);
    frame.notices.extend(banner(ask));
    let (filter, wrong) = asked(&ask.query);
    let (table, pages, all, filters, form) = {
        let city = office.city();
        let passages = if wrong.is_empty() { wanted(&city, me, &filter, now) } else { Vec::new() };
        let (range, pages) = ask.pages_of(passages.len(), limits::PASSAGES);
        let texts = ("入退室管理簿", "この条件に合う入退室の記録はありません。");
        let table = table(&city, &passages[range], texts)
            .note(format!("{}件・横に動かして見られます", words::grouped(passages.len() as u64)));
        let viewer = Viewer::of(&city, me, now);
        let people = callers(&city, &viewer, now);
        let forms = (filter_form(&city, people.clone()), record_form(&city, &viewer, people));
        (table, pages, viewer.all, forms.0, forms.1)
    };
    let filters = fill(filters, &ask.query, &wrong, &mut frame);
    let form = fill(form, typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panel = Panel {
        anchor: "record".to_owned(),
        heading: "入退室を記録する".to_owned(),
        under: words::cites(&["9-2", "12-1"]),
        lead: "電気錠のない室や、扉の制御器が止まっているときに、人の手で記録します。ほかの人の入退室は、室を受け持つ課所の職員と入退室管理者が記録できます。".to_owned(),
        why: None,
        form,
    };
    let rest = ask.filters();
    let page = DeskPage {
        frame,
        lead: match all {
            true => "すべての室の入退室の記録です。新しいものから示します。".to_owned(),
            false => {
                "あなたの入退室と、あなたの課所が受け持つ室の記録です。新しいものから示します。".to_owned()
            }
        },
        filters: Some(filters),
        tables: vec![table],
        pages,
        panels: vec![panel],
        links: vec![
            Link::new(
                format!("/rooms/passages.csv?{}", rest.trim_start_matches('&')),
                "この条件でCSVに保存する",
            ),
            Link::new("/rooms/passages/import", "ほかの仕組みの記録を取り込む"),
        ],
    };
    Ok(render(form_status(!problems.is_empty() || !wrong.is_empty()), &page))
}

/// Passages as lines of 入退室管理簿. Only these are made into rows.
pub(super) fn table(city: &City, passages: &[&Passage], (caption, empty): (&str, &str)) -> Table {
    let rows: Vec<register::Row> = passages.iter().map(|passage| city.passage_row(passage)).collect();
    let mut table = Table::new(caption, empty);
    let last = PASSAGE_COLUMNS.len() - 1;
    for (at, column) in PASSAGE_COLUMNS.iter().enumerate() {
        let class = if at == last { "t" } else { ledgers::class(&rows, at) };
        table = if at == 0 { table.head(column.name, class) } else { table.column(column.name, class) };
    }
    for (row, passage) in rows.iter().zip(passages) {
        let mut cells: Vec<Cell> = row.iter().take(last).map(ledgers::shown).collect();
        cells.push(Cell::Receipt(words::receipt(&passage.receipt)));
        table.push(cells);
    }
    table
}

fn directions() -> Vec<Choice> {
    vec![Choice::new("in", "入室"), Choice::new("out", "退室")]
}

fn filter_form(city: &City, people: Vec<Choice>) -> Form {
    let any = |choices: Vec<Choice>| {
        Kind::Select(std::iter::once(Choice::new("", "すべて")).chain(choices).collect())
    };
    let means = [("fingerprint", "指紋"), ("key", "鍵"), ("escort", "立会い"), ("attended", "受付")];
    let means = means.map(|(code, name)| Choice::new(code, name)).to_vec();
    Form::new(PAGE, "絞り込む", "")
        .field(Field::new("from", "この日から", Kind::Day))
        .field(Field::new("until", "この日まで", Kind::Day))
        .field(Field::new("room", "室", any(room_choices(city))))
        .field(Field::new("person", "職員番号", Kind::Suggest(people)))
        .field(Field::new("direction", "入退室", any(directions())))
        .field(Field::new("means", "方法", any(means)))
}

fn record_form(city: &City, viewer: &Viewer, people: Vec<Choice>) -> Form {
    let of_room = |key: &KeyId| city.rooms.key(key).is_some_and(|key| viewer.knows(key.room.as_str()));
    let lent = city.rooms.loans_out().filter(|loan| of_room(&loan.key));
    let keys = lent.map(|loan| Choice::new(loan.key.as_str(), city.name_of(&loan.to)));
    let means = vec![Choice::new("attended", "受付（課所の職員が確かめた）"), Choice::new("key", "鍵")];
    Form::new(PAGE, "記録する", guard::random_hex())
        .field(Field::new("room", "室", Kind::Select(choose(room_choices(city)))).id("record-room").need())
        .field(Field::new("person", "職員番号", Kind::Suggest(people)).id("record-person").need())
        .field(Field::new("direction", "入退室", Kind::Radio(directions())).id("record-direction").need())
        .field(Field::new("means", "方法", Kind::Radio(means)).id("record-means").need())
        .field(
            Field::new("key", "鍵番号", Kind::Suggest(keys.collect()))
                .id("record-key")
                .hint("鍵で入ったときに、札の番号を入力します。QRコードを読み取ることもできます"),
        )
        .field(Field::new("purpose", "目的", Kind::Text).id("record-purpose").need())
}

/// `POST /rooms/passages`: a passage written down by hand.
pub(crate) fn record(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (room, person) = (reading.chosen("room"), reading.id("person"));
    let direction = match ask.typed.get("direction") {
        "in" => Some(Direction::In),
        "out" => Some(Direction::Out),
        _ => None,
    };
    let key = ask.typed.some("key").map(|text| text.parse::<KeyId>());
    let means = match (ask.typed.get("means"), key) {
        ("attended", _) => Some(Means::Attended),
        ("key", None) => Some(Means::Key(None)),
        ("key", Some(Ok(key))) => Some(Means::Key(Some(key))),
        ("key", Some(Err(error))) => {
            reading.problems.add("key", error.japanese());
            None
        }
        _ => {
            reading.problems.add("means", "選んでください");
            None
        }
    };
    if direction.is_none() {
        reading.problems.add("direction", "選んでください");
    }
    let purpose = reading.text("purpose");
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(room), Some(person), Some(direction), Some(means), true) =
        (room, person, direction, means, reading.problems.is_empty())
    else {
        return again(&reading.problems);
    };
    let pass = Pass { person, room, direction, means, door: None, purpose, via: Via::Hand };
    carry_out(ask, Act::Pass(pass), PAGE, &[], again)
}

/// `GET /rooms/passages.csv`: everything that the filter wants.
pub(crate) fn download(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let (filter, wrong) = asked(&ask.query);
    if let Some((_, why)) = wrong.all().next() {
        return Err(Trouble::Unreadable(format!("{why}。")));
    }
    let city = office.city();
    let head: Vec<Cow<'_, str>> = PASSAGE_COLUMNS.iter().map(|column| Cow::Borrowed(column.name)).collect();
    let passages = wanted(&city, me, &filter, now);
    let rows = passages.into_iter().map(|passage| {
        let row = city.passage_row(passage);
        row.iter().map(|cell| Cow::Owned(ledgers::plain(cell).into_owned())).collect::<Vec<Cow<'_, str>>>()
    });
    let text = csv::write(std::iter::once(head).chain(rows)).map_err(Trouble::broken)?;
    let name = "attachment; filename=\"entries.csv\"";
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}
