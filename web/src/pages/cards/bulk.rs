//! `/cards/transfers`: what the transfers of a day mean for cards. On 1 April cards are collected in bulk, each by
//! an act of its own.

use jiff::civil::Date;
use office::Declined;
use register::access::{Act, CardMove, CardState, Follows};
use register::{CardId, City, Receipt};

use super::list::panel;
use super::{Viewer, frame};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, judge};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble, see_other};
use crate::typed::{Problems, Typed, encode};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, Link, State, Table};
use crate::words;

const PAGE: &str = "/cards/transfers";

/// `GET /cards/transfers`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let read = ask.query.some("day").map(|text| read_day(&text));
    let today = register::japan_day(ask.app.office().now());
    let (day, problems) = match read {
        None => (next_day(&ask.app.office().city(), today), Problems::default()),
        Some(Some(day)) => (day, Problems::default()),
        Some(None) => (today, Problems::one("day", "日付として読めません。例：令和9年4月1日、2027-04-01")),
    };
    render_page(ask, day, &Typed::default(), &problems)
}

fn read_day(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| regulation::wareki::parse(text).ok())
}

/// The day of the next transfer that is entered; else the next 1 April.
fn next_day(city: &City, today: Date) -> Date {
    let people = city.organization.people();
    let coming = people.flat_map(|(_, person)| person.moves()).map(|moved| moved.from);
    let april = |year: i16| Date::new(year, 4, 1).ok().filter(|day| *day >= today);
    let usual = april(today.year()).or_else(|| april(today.year().saturating_add(1)));
    coming.filter(|day| *day >= today).min().or(usual).unwrap_or(today)
}

fn render_page(ask: &Ask, day: Date, typed: &Typed, problems: &Problems) -> Answer {
    let viewer = Viewer::of(ask).ok_or(Trouble::NobodyHere)?;
    let mut frame = frame(ask, "異動とカード", PAGE, &["16(3)"]);
    frame.notices.extend(banner(ask));
    let (moves, table) = {
        let city = ask.app.office().city();
        let mut moves = city.card_moves(day);
        moves.retain(|moved| viewer.all || moved.person == viewer.me);
        let table = table(&city, &moves);
        (moves, table)
    };
    let filter = Form::new(PAGE, "この日の異動を見る", "")
        .field(Field::new("day", "異動の日", Kind::Day).id("filter-day").value(day.to_string()));
    let filter = fill(filter, &Typed::default(), problems, &mut frame);
    let mut panels: Vec<Panel> = collect_panel(ask, &moves, day).into_iter().collect();
    for panel in &mut panels {
        panel.form = fill(panel.form.clone(), typed, problems, &mut frame);
    }
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).chain([&filter]).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let lead = format!(
        "{}の人事異動で、カードをどうするかの一覧です。回収したカードに印を付けると、一枚ずつ記録されます。再交付には、新しい課からの操作者の指定が要ります。",
        words::day(day)
    );
    let links = vec![
        Link::new("/designations#propose", "操作者の指定を申し出る"),
        Link::new("/cards#prepare", "カードを準備する"),
        Link::new("/cards/labels?waiting=yes", "交付を待つカードの札を印刷する"),
    ];
    let page = DeskPage {
        frame,
        lead,
        filters: Some(filter),
        tables: vec![table],
        panels,
        links,
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn table(city: &City, moves: &[CardMove]) -> Table {
    let waiting = moves.iter().filter(|moved| moved.follows.collects() && !moved.back).count();
    let mut table = Table::new("異動する人とカード", "この日に異動する人で、カードに関わる人はいません。")
        .note(format!("{}人・回収するカード{waiting}枚", moves.len()))
        .head("だれ", "t")
        .column("異動前", "t")
        .column("異動後", "t")
        .column("カード", "k")
        .column("カードの扱い", "t")
        .column("いま", "t");
    for moved in moves {
        let to = if moved.to.is_empty() { "退職" } else { &moved.to };
        let from = if moved.from.is_empty() { "（新規）" } else { &moved.from };
        table.push(vec![
            Cell::Sub(city.name_of(&moved.person), moved.person.to_string()),
            Cell::text(from),
            Cell::text(to),
            match &moved.card {
                Some(card) => Cell::link(format!("/cards/{card}"), card.to_string()),
                None => Cell::text("－"),
            },
            Cell::text(moved.follows.japanese()),
            Cell::Badge(match (moved.follows, moved.back) {
                (_, true) => Badge::new(State::Good, "回収済み"),
                (Follows::Keep, _) => Badge::new(State::Good, "そのまま"),
                (Follows::Issue, _) => Badge::new(State::Plain, "指定と交付を待つ"),
                _ => Badge::new(State::Owed, "回収を待つ"),
            }),
        ]);
    }
    table
}

fn collect_panel(ask: &Ask, moves: &[CardMove], day: Date) -> Option<Panel> {
    let open = moves.iter().filter(|moved| moved.follows.collects() && !moved.back);
    let open: Vec<(CardId, String)> = {
        let city = ask.app.office().city();
        open.filter_map(|moved| Some((moved.card.clone()?, city.name_of(&moved.person)))).collect()
    };
    let (first, _) = open.first()?;
    let act = Act::StopCard { card: first.clone(), state: CardState::Collected, reason: "異動".to_owned() };
    let why = judge(ask, &act.into());
    let boxes = open
        .iter()
        .map(|(card, name)| Choice { more: name.clone(), ..Choice::new(card.as_str(), card.as_str()) });
    let form = Form::new(PAGE, "印を付けたカードを回収したと記録する", guard::random_hex())
        .field(Field::hidden("of-day", day.to_string()))
        .field(Field::new("collected", "返ってきたカード", Kind::Boxes(boxes.collect())).need());
    let lead = "カードを受け取り、番号を確かめてから印を付けます。回収したカードは、すぐに使えなくなります。";
    Some(panel("collect", "カードを回収する", lead, why, form))
}

/// `POST /cards/transfers`: one act for each card. What could not be collected is told, the others are.
pub(crate) fn collect(ask: &Ask) -> Answer {
    let day = read_day(ask.typed.get("of-day")).ok_or(Trouble::Missing)?;
    let cards: Vec<CardId> = ask.typed.all("collected").filter_map(|id| id.parse().ok()).collect();
    if cards.is_empty() {
        let problems = Problems::one("collected", "返ってきたカードに印を付けてください");
        return render_page(ask, day, &ask.typed, &problems);
    }
    let (mut last, mut problems) = (None, Vec::new());
    for card in cards {
        match collected(ask, &card, day) {
            Ok(receipt) => last = Some(receipt),
            Err(declined @ Declined::Invalid(_)) => problems.push(declined.japanese()),
            Err(declined) => return Err(declined.into()),
        }
    }
    match last {
        Some(receipt) if problems.is_empty() => {
            Ok(see_other(&format!("{PAGE}?day={day}&done={}", encode(&receipt.to_string()))))
        }
        _ => render_page(ask, day, &ask.typed, &Problems::one("collected", problems.join("。"))),
    }
}

fn collected(ask: &Ask, card: &CardId, day: Date) -> Result<Receipt, Declined> {
    let broken = || Declined::Broken { cause: "a route without its gate".to_owned() };
    let stay = ask.stay().ok_or_else(broken)?;
    let office = ask.app.office();
    let act = Act::StopCard {
        card: card.clone(),
        state: CardState::Collected,
        reason: format!("{}の人事異動による回収", words::day(day)),
    };
    // Each card is a submission of its own, told from the others of the form.
    let request = ask.request_of(&format!("{}/{card}", ask.typed.get("_once")));
    office.submit(act.into(), office.occasion(stay, request)).map(|done| done.receipt)
}
