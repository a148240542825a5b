//! `/runs`: the run sheet of the operation plan (第21条第2項), day by day and as a month.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use register::City;
use register::assets::runs::{self, RunState, SheetRow};
use register::assets::{Act, RunResult, Tick};
use regulation::calendar;
use regulation::wareki::print;

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, judge, submit};
use crate::pages::views::{MonthCell, MonthRow, Panel, RunsPage};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, at_fields, see_other};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Choice, Field, Form, Frame, Kind, Link, State, Table};
use crate::words;

/// `GET /runs`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    let day = day(ask, ask.query.get("day"));
    render_page(ask, day, &kept, &Problems::default())
}

/// The day asked for; today where none is.
fn day(ask: &Ask, text: &str) -> Date {
    let today = register::japan_day(ask.app.office().now());
    let day = regulation::wareki::parse(text).unwrap_or(today);
    if (1990..=2200).contains(&day.year()) { day } else { today }
}

fn render_page(ask: &Ask, day: Date, typed: &Typed, problems: &Problems) -> Answer {
    let mut frame = ask.frame(format!("実施表　{}", words::day(day)), "/runs", &["21-2"]);
    frame.trail = vec![Link::new("/rules", "定め"), Link::new("", "実施表")];
    frame.notices.extend(banner(ask));
    let office = ask.app.office();
    let now = office.now();
    let open = {
        let city = office.city();
        open_items(&runs::sheet(&city, day, now))
    };
    let why = open.first().and_then(|item| judge(ask, &tick(item, day, RunResult::Normal, "").into()));
    let panels = panels(ask, day, &open, why.clone(), (typed, problems), &mut frame);
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let city = office.city();
    let link = |day: Option<Date>, text: &str| day.map(|day| Link::new(format!("/runs?day={day}"), text));
    let links = [
        link(day.yesterday().ok(), "前の日"),
        link(Some(register::japan_day(now)), "きょう"),
        link(day.tomorrow().ok(), "次の日"),
        link(day.first_of_month().checked_sub(Span::new().months(1)).ok(), "前の月"),
        link(day.first_of_month().checked_add(Span::new().months(1)).ok(), "次の月"),
    ];
    let page = RunsPage {
        lead: calendar::closed_because(day).map_or(String::new(), |why| format!("閉庁日です（{why}）。")),
        table: sheet(&city, day, now, why.is_none()),
        panels,
        links: links.into_iter().flatten().collect(),
        month: print(day.first_of_month()).split('月').next().map_or(String::new(), |m| format!("{m}月")),
        days: days(&city, day, now),
        rows: month(&city, day, now),
        frame,
    };
    drop(city);
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// What can still be ticked of a day's sheet.
fn open_items(rows: &[SheetRow<'_>]) -> Vec<String> {
    let open = rows.iter().filter(|row| matches!(row.state, RunState::Due | RunState::Missed));
    open.map(|row| row.item.to_string()).collect()
}

fn tick(item: &str, day: Date, result: RunResult, remark: &str) -> Act {
    Act::Tick(Tick { item: item.to_owned(), day, result, remark: remark.to_owned() })
}

fn sheet(city: &City, day: Date, now: Timestamp, may: bool) -> Table {
    let empty = "この日に行うことは、オペレーション計画にありません。";
    let mut table = Table::new("この日に行うこと", empty)
        .head("作業", "w")
        .column("いま", "t")
        .column("だれが", "t")
        .column("所見", "w")
        .column("", "act");
    for row in runs::sheet(city, day, now) {
        let (by, remark) = match row.state {
            RunState::Done(run) => {
                (Cell::Sub(city.name_of(&run.by), words::moment(run.at)), run.remark.clone())
            }
            _ => (Cell::text("－"), String::new()),
        };
        let item = row.item.to_string();
        table.push(vec![
            Cell::text(&item),
            Cell::Badge(badge(row.state, day)),
            by,
            Cell::text(remark),
            match row.state {
                RunState::Due | RunState::Missed if may => Cell::Act(
                    Form::new("/runs", "異常なし", guard::random_hex())
                        .field(Field::hidden("item", item))
                        .field(Field::hidden("day", day.to_string()))
                        .field(Field::hidden("result", "normal")),
                ),
                _ => Cell::text(""),
            },
        ]);
    }
    table
}

fn badge(state: RunState<'_>, day: Date) -> Badge {
    match state {
        RunState::Done(run) if run.result == RunResult::Abnormal => Badge::new(State::Guarded, "異常あり"),
        RunState::Done(run) if run.late(day) => Badge::new(State::Good, "済み（後日）"),
        RunState::Done(_) => Badge::new(State::Good, "済み"),
        RunState::Due => Badge::new(State::Owed, "きょう"),
        RunState::Missed => Badge::new(State::Late, "未実施"),
        RunState::Ahead => Badge::new(State::Plain, "これから"),
    }
}

fn panels(
    ask: &Ask,
    day: Date,
    open: &[String],
    why: Option<String>,
    (typed, problems): (&Typed, &Problems),
    frame: &mut Frame,
) -> Vec<Panel> {
    if open.is_empty() || ask.person().is_none() {
        return Vec::new();
    }
    let items = open.iter().map(|item| Choice::new(item, item));
    let items = std::iter::once(Choice::new("", "選んでください")).chain(items).collect();
    let results = vec![Choice::new("normal", "異常なし"), Choice::new("abnormal", "異常あり")];
    let form = Form::new("/runs", "記録する", guard::random_hex())
        .field(Field::hidden("day", day.to_string()))
        .field(Field::new("item", "作業", Kind::Select(items)).need())
        .field(Field::new("result", "結果", Kind::Radio(results)).need())
        .field(Field::new("remark", "所見", Kind::Text).hint("異常があったときは、必ず書きます"));
    vec![Panel {
        anchor: "tick".to_owned(),
        heading: "異常や所見を記録する".to_owned(),
        under: words::cites(&["21-2"]),
        lead: "異常がなかったときは、上の表の「異常なし」を押すだけで済みます。".to_owned(),
        why,
        form: fill(form, typed, problems, frame),
    }]
}

/// The days of the month, for its head.
fn days(city: &City, day: Date, now: Timestamp) -> Vec<MonthCell> {
    let head = |(at, closed): (Date, Option<&str>)| MonthCell {
        text: at.day().to_string(),
        title: format!("{}{}", words::day(at), closed.map_or(String::new(), |why| format!("　{why}"))),
        href: format!("/runs?day={at}"),
        class: match (at == day, closed.is_some()) {
            (true, _) => "now",
            (false, true) => "closed",
            (false, false) => "",
        },
    };
    runs::month(city, day, now).days.into_iter().map(head).collect()
}

/// The month as it hangs on the wall: a line for each work, a mark for each day on which it falls due.
fn month(city: &City, day: Date, now: Timestamp) -> Vec<MonthRow> {
    let month = runs::month(city, day, now);
    let days: Vec<Date> = month.days.iter().map(|(day, _)| *day).collect();
    let cell = |(state, day): (Option<RunState<'_>>, &Date)| {
        let (text, class) = match state {
            None => ("", ""),
            Some(RunState::Done(run)) if run.result == RunResult::Abnormal => ("！", "care"),
            Some(RunState::Done(_)) => ("✓", "done"),
            Some(RunState::Due) => ("○", "owed"),
            Some(RunState::Missed) => ("×", "late"),
            Some(RunState::Ahead) => ("・", ""),
        };
        MonthCell {
            text: text.to_owned(),
            title: state.map_or(String::new(), |state| badge(state, *day).text),
            href: String::new(),
            class,
        }
    };
    let row = |(item, states): (register::assets::plan::Item, Vec<Option<RunState<'_>>>)| MonthRow {
        name: item.to_string(),
        cells: states.into_iter().zip(&days).map(cell).collect(),
    };
    month.rows.into_iter().map(row).collect()
}

/// `POST /runs`.
pub(crate) fn record(ask: &Ask) -> Answer {
    let day = day(ask, ask.typed.get("day"));
    let mut problems = Problems::default();
    let result = match ask.typed.get("result") {
        "normal" => Some(RunResult::Normal),
        "abnormal" => Some(RunResult::Abnormal),
        _ => None,
    };
    if result.is_none() {
        problems.add("result", "選んでください");
    }
    if ask.typed.get("item").is_empty() {
        problems.add("item", "選んでください");
    }
    let (Some(result), true) = (result, problems.is_empty()) else {
        return render_page(ask, day, &ask.typed, &problems);
    };
    let act = tick(ask.typed.get("item"), day, result, ask.typed.get("remark"));
    match submit(ask, act.into()) {
        Ok(finished) => Ok(see_other(&format!(
            "/runs?day={day}&done={}",
            crate::typed::encode(&finished.receipt.to_string())
        ))),
        Err(declined) => render_page(ask, day, &ask.typed, &at_fields(declined, str::to_owned)?),
    }
}
