//! `/cards/inspection`: cards are seen, one by one: the list of what is due, and a scan of each number.

use jiff::Timestamp;
use jiff::civil::Date;
use register::CardId;
use register::access::Act;

use super::list::panel;
use super::{Viewer, frame, holder_cell, unknown};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{Reading, act_or_nothing, banner, carry_out, judge};
use crate::pages::views::DeskPage;
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed, encode};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, State, Table};
use crate::words;

const PAGE: &str = "/cards/inspection";
/// Cards due within so many days are listed.
const AHEAD: i64 = 30;

/// A card that is due: when, where it is, and how its row begins.
struct Due {
    card: CardId,
    day: Date,
    place: String,
    cells: Vec<Cell>,
}

/// `GET /cards/inspection`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let viewer = Viewer::of(ask).ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let now = office.now();
    let all = due(ask, &viewer, now);
    let place = ask.query.get("place");
    let here: Vec<&Due> = all.iter().filter(|due| place.is_empty() || due.place == place).collect();
    let mut frame = frame(ask, "カードの検査", PAGE, &["16(3)"]);
    frame.notices.extend(banner(ask));
    let mut table = Table::new("検査するカード", "いま検査するカードはありません。")
        .note(format!("{}枚", here.len()))
        .head("カード番号", "k")
        .column("持つ人", "t")
        .column("前の検査", "t")
        .column("期限", "t")
        .column("", "act");
    for due in &here {
        let act = Act::InspectCard { card: due.card.clone(), remark: String::new() };
        let form = Form::new(PAGE, "確かめた", guard::random_hex())
            .field(Field::hidden("card", due.card.to_string()))
            .field(Field::hidden("place", place));
        let late = due.day < register::japan_day(now);
        let badge = if late { State::Late } else { State::Owed };
        let mut row = due.cells.clone();
        row.push(Cell::Badge(Badge::new(badge, words::short_day(due.day))));
        row.push(act_or_nothing(ask, &act.into(), form));
        table.push(row);
    }
    let example = here.first().map(|due| due.card.clone()).unwrap_or_else(|| super::example().id);
    let why = judge(ask, &Act::InspectCard { card: example, remark: String::new() }.into());
    let form = fill(scan_form(&here, place), typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let lead = "カードのケースの札を読み取るか、番号を入力します。期限の前のカードも検査できます。カードがその場になければ、検査の代わりに紛失を届け出てください。";
    let panels = vec![panel("scan", "カードを見て、確かめたと記録する", lead, why, form)];
    let months = office.settings().card_inspection_months;
    let page = DeskPage {
        frame,
        lead: format!(
            "カードが持ち主の手元に、壊れずにあることを、{months}か月ごとに確かめます。自分のカードは、ほかの人が確かめます。"
        ),
        filters: filters(&all, place),
        tables: vec![table],
        panels,
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn due(ask: &Ask, viewer: &Viewer, now: Timestamp) -> Vec<Due> {
    let office = ask.app.office();
    let (city, months) = (office.city(), office.settings().card_inspection_months);
    let ahead = register::japan_day(now).checked_add(jiff::Span::new().days(AHEAD)).ok();
    let cards = city.access.cards().filter(|(id, _)| viewer.sees(&city, id, now));
    let mut all: Vec<Due> = cards
        .filter_map(|(id, card)| {
            let (day, place) = city.inspection_of(id, months, now)?;
            if ahead.is_some_and(|ahead| day > ahead) {
                return None;
            }
            let before = card.inspected.as_ref().map_or(card.issued.1, |seen| seen.by.1);
            let cells = vec![
                Cell::link(format!("/cards/{id}"), id.to_string()),
                holder_cell(&city, id, card, now),
                Cell::text(words::moment(before)),
            ];
            Some(Due { card: id.clone(), day, place, cells })
        })
        .collect();
    all.sort_by(|a, b| (a.day, &a.place, &a.card).cmp(&(b.day, &b.place, &b.card)));
    all
}

fn filters(all: &[Due], place: &str) -> Option<Form> {
    let places: std::collections::BTreeSet<&str> = all.iter().map(|due| due.place.as_str()).collect();
    if places.len() < 2 {
        return None;
    }
    let choices = std::iter::once(Choice::new("", "すべて"));
    let choices = choices.chain(places.into_iter().map(|place| Choice::new(place, place))).collect();
    let field = Field::new("place", "課所・保管場所", Kind::Select(choices)).id("filter-place").value(place);
    Some(Form::new(PAGE, "絞り込む", "").field(field))
}

fn scan_form(here: &[&Due], place: &str) -> Form {
    let likely = here.iter().map(|due| Choice::new(due.card.as_str(), &*due.place)).collect();
    Form::new(PAGE, "検査を記録する", guard::random_hex())
        .field(Field::new("card", "カード番号", Kind::Suggest(likely)).need())
        .field(Field::new("remark", "所見", Kind::Text).hint("割れや印字の擦れなど。異状がなければ空のまま"))
        .field(Field::hidden("place", place).id("scan-place"))
}

/// `POST /cards/inspection`.
pub(crate) fn inspect(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let Some(card) = reading.id::<CardId>("card") else { return again(&reading.problems) };
    // The regulation would be asked about a card of no section, and its answer help nobody who mistyped a number.
    if let Some(problems) = unknown(ask, &card, "card") {
        return again(&problems);
    }
    let remark = ask.typed.get("remark").to_owned();
    let place = ask.typed.get("place");
    let page = if place.is_empty() { PAGE.to_owned() } else { format!("{PAGE}?place={}", encode(place)) };
    carry_out(ask, Act::InspectCard { card, remark }, &page, &[], again)
}
