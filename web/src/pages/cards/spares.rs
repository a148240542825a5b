//! `/cards/spares`: 予備カード, lent for the day under a name and a purpose, seen by a second person, counted.

use std::collections::BTreeSet;

use jiff::Timestamp;
use register::access::{Act, CardState, LendSpare, SpareCount, SpareLoan};
use register::{CardId, City, Invalid, PersonId};

use super::list::panel;
use super::{Viewer, frame, state_badge, unknown};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::{
    Reading, banner, barred_once, carry_out, choose, for_viewer, judge, moment_cell, person_cell,
};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, Link, State, Table};
use crate::{guard, limits, words};

const PAGE: &str = "/cards/spares";

/// `GET /cards/spares`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let viewer = Viewer::of(ask).ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let now = office.now();
    let mut frame = frame(ask, "予備カード", PAGE, &["16(3)", "17"]);
    frame.notices.extend(banner(ask));
    let (tables, forms) = {
        let city = office.city();
        (vec![cards(&city, &viewer, now), loans(&city, &viewer, now), counts(&city)], forms(&city, now))
    };
    let mut panels = barred_once(panels(ask, forms));
    for panel in &mut panels {
        panel.form = fill(panel.form.clone(), typed, problems, &mut frame);
    }
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let page = DeskPage {
        frame,
        lead: "だれのものでもないカードです。使うたびに、使う人・目的・確かめた人を記録します。貸した日にだけ、その人のサインインに使え、その日のうちに返して枚数を数えます。"
            .to_owned(),
        tables: tables.into_iter().flatten().collect(),
        panels,
        links: for_viewer(ask, vec![Link::new("/ledgers/spare-cards", "予備カード使用簿を見る")]),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn cards(city: &City, viewer: &Viewer, now: Timestamp) -> Option<Table> {
    let spares = city.access.cards().filter(|(_, card)| card.spare());
    let mut table =
        Table::new("予備カード", "予備カードはまだありません。情報統計課がカードの画面で準備します。")
            .head("カード番号", "k")
            .column("種類", "")
            .column("保管場所", "t")
            .column("いま", "t")
            .column("借りた人", "t")
            .column("使用目的", "");
    for (id, card) in spares {
        let loan = city.access.spares().out(id).filter(|_| card.state.is_held());
        let shown = loan.filter(|loan| viewer.all || loan.to == viewer.me);
        table.push(vec![
            Cell::text(id.to_string()),
            Cell::text(city.card_kind_name(&card.kind)),
            Cell::text(&card.kept),
            Cell::Badge(match loan {
                _ if card.state != CardState::InUse => state_badge(card.state),
                None => Badge::new(State::Good, "保管中"),
                Some(loan) if loan.day() < register::japan_day(now) => {
                    Badge::new(State::Late, "返っていない")
                }
                Some(_) => Badge::new(State::Owed, "貸出中"),
            }),
            shown.map_or(Cell::text("－"), |loan| person_cell(city, &loan.to, now)),
            Cell::text(shown.map_or("－", |loan| &loan.purpose)),
        ]);
    }
    Some(table)
}

/// The last uses.
fn loans(city: &City, viewer: &Viewer, now: Timestamp) -> Option<Table> {
    let mut table = Table::new("使用の記録", "")
        .note(format!("新しい{}件まで", limits::LOANS))
        .head("カード番号", "k")
        .column("使った人", "t")
        .column("使用目的", "")
        .column("貸出しと確認者", "t")
        .column("返却と確認者", "t")
        .column("所見", "");
    let seen = |loan: &&SpareLoan| viewer.all || loan.to == viewer.me;
    for loan in city.access.spares().loans().iter().rev().filter(seen).take(limits::LOANS) {
        table.push(vec![
            Cell::text(loan.card.to_string()),
            person_cell(city, &loan.to, now),
            Cell::text(&loan.purpose),
            Cell::Sub(words::moment(loan.lent.0), city.name_of(&loan.lent.1)),
            match &loan.returned {
                Some((at, by)) => Cell::Sub(words::moment(*at), city.name_of(by)),
                None => Cell::text("－"),
            },
            Cell::text(&loan.remark),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

fn counts(city: &City) -> Option<Table> {
    let mut table = Table::new("最後に数えた結果", "")
        .head("保管場所", "t")
        .column("日時", "t")
        .column("数えた人", "t")
        .column("結果", "w");
    for count in city.access.spares().counts() {
        table.push(vec![
            Cell::text(&count.place),
            moment_cell(count.at.0),
            Cell::text(city.name_of(&count.at.1)),
            result(count),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

fn result(count: &SpareCount) -> Cell {
    let list = |cards: &[CardId], says: &str| {
        let numbers: Vec<String> = cards.iter().map(ToString::to_string).collect();
        (!cards.is_empty()).then(|| format!("{}{says}", numbers.join("、")))
    };
    let wrong = [
        list(&count.missing, "が、保管場所にも貸出しにもありません"),
        list(&count.unreturned, "が、貸出中のはずなのに保管場所にあります"),
    ];
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    if wrong.is_empty() { Cell::badge(State::Good, "合っている") } else { Cell::Lines(wrong) }
}

struct Forms {
    lend: Option<(Form, LendSpare)>,
    back: Option<(Form, CardId)>,
    counts: Vec<Form>,
}

fn forms(city: &City, now: Timestamp) -> Forms {
    let spares = || city.access.cards().filter(|(_, card)| card.spare() && card.state == CardState::InUse);
    let out = |id: &CardId| city.access.spares().out(id);
    let here: Vec<Choice> = spares()
        .filter(|(id, _)| out(id).is_none())
        .map(|(id, card)| {
            Choice::new(id.as_str(), format!("{}・{}", city.card_kind_name(&card.kind), card.kept))
        })
        .collect();
    let lent: Vec<(CardId, Choice)> = spares()
        .filter_map(|(id, _)| Some((id.clone(), Choice::new(id.as_str(), city.name_of(&out(id)?.to)))))
        .collect();
    let places: BTreeSet<&str> = spares().map(|(_, card)| card.kept.as_str()).collect();
    Forms {
        lend: lend_form(city, here, now),
        back: lent
            .first()
            .map(|(first, _)| first.clone())
            .map(|first| (back_form(lent.into_iter().map(|(_, choice)| choice).collect()), first)),
        counts: places.into_iter().map(|place| count_form(city, place)).collect(),
    }
}

fn lend_form(city: &City, here: Vec<Choice>, now: Timestamp) -> Option<(Form, LendSpare)> {
    let first: CardId = here.first()?.value.parse().ok()?;
    let kinds: BTreeSet<_> =
        city.access.cards().filter(|(_, card)| card.spare()).map(|(_, card)| card.kind.clone()).collect();
    let designated = |person: &PersonId| kinds.iter().any(|kind| city.designated(person, kind, now));
    let people: Vec<(PersonId, Choice)> = city
        .staff(now)
        .filter(|(id, _)| designated(id))
        .map(|(id, _)| (id.clone(), words::staff(city, id, now)))
        .collect();
    let to = people.first()?.0.clone();
    let people = choose(people.into_iter().map(|(_, choice)| choice));
    let form = Form::new("/cards/spares/lend", "貸したことを記録する", guard::random_hex())
        .field(
            Field::new("spare", "カード番号", Kind::Suggest(here)).need().hint("札を読み取るか、入力します"),
        )
        .field(
            Field::new("to", "使う人", Kind::Select(people))
                .need()
                .hint("この種類のカードの操作者に指定されている人だけです"),
        )
        .field(
            Field::new("purpose", "使用目的", Kind::Text).need().hint("例：自分のカードの修理を待つ間の窓口"),
        );
    Some((form, LendSpare { card: first, to, purpose: "確認".to_owned() }))
}

fn back_form(lent: Vec<Choice>) -> Form {
    Form::new("/cards/spares/return", "返ったことを記録する", guard::random_hex())
        .field(Field::new("back", "カード番号", Kind::Suggest(lent)).need())
        .field(Field::new("remark", "所見", Kind::Text).hint("傷や遅れなど、気付いたことがあれば書きます"))
}

fn count_form(city: &City, place: &str) -> Form {
    let boxes: Vec<Choice> = city
        .spares_at(place)
        .map(|id| Choice {
            more: city.access.card(id).map_or(String::new(), |card| city.card_kind_name(&card.kind)),
            ..Choice::new(id.as_str(), id.as_str())
        })
        .collect();
    Form::new("/cards/spares/count", "数えた結果を記録する", guard::random_hex())
        .field(Field::hidden("place", place).id(format!("place-{}", hex::encode(place))))
        .field(
            Field::new("present", "いま、そこにあるカード", Kind::Boxes(boxes))
                .id(format!("present-{}", hex::encode(place))),
        )
}

fn panels(ask: &Ask, forms: Forms) -> Vec<Panel> {
    let mut panels = Vec::new();
    if let Some((form, lend)) = forms.lend {
        let lead = "使う人が操作者本人であることを確かめ、手渡してから記録します。記録する人が確認者になります。使う人は、自分のパスワードでサインインします。";
        let why = judge(ask, &Act::LendSpare(lend).into());
        panels.push(panel("lend", "予備カードを貸す", lead, why, form));
    }
    if let Some((form, card)) = forms.back {
        let lead = "カードを受け取った人が記録します。使っている途中のサインインは終わります。";
        let why = judge(ask, &Act::ReturnSpare { card, remark: String::new() }.into());
        panels.push(panel("return", "予備カードが返った", lead, why, form));
    }
    let why = judge(ask, &Act::CountSpares { place: String::new(), present: Vec::new() }.into());
    for form in forms.counts {
        let place = form.fields.first().map_or(String::new(), |field| field.value.clone());
        let anchor = format!("count-{}", hex::encode(&place));
        let heading = format!("枚数を確かめる（{place}）");
        panels.push(panel(&anchor, &heading, "貸した日には、返ったあとに数えます。", why.clone(), form));
    }
    panels
}

/// `POST /cards/spares/lend`.
pub(crate) fn lend(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (card, to) = (reading.id::<CardId>("spare"), reading.chosen::<PersonId>("to"));
    let purpose = reading.text("purpose");
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(card), Some(to), true) = (card, to, reading.problems.is_empty()) else {
        return again(&reading.problems);
    };
    if let Some(problems) = unknown(ask, &card, "spare") {
        return again(&problems);
    }
    let names = [("card", "spare"), ("person", "to")];
    carry_out(ask, Act::LendSpare(LendSpare { card, to, purpose }), PAGE, &names, again)
}

/// `POST /cards/spares/return`.
pub(crate) fn give_back(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let Some(card) = reading.id::<CardId>("back") else { return again(&reading.problems) };
    if let Some(problems) = unknown(ask, &card, "back").or_else(|| not_out(ask, &card)) {
        return again(&problems);
    }
    let remark = ask.typed.get("remark").to_owned();
    carry_out(ask, Act::ReturnSpare { card, remark }, PAGE, &[("card", "back")], again)
}

/// The fault of a card that nobody has: the regulation would not know whose section it is.
fn not_out(ask: &Ask, card: &CardId) -> Option<Problems> {
    let out = ask.app.office().city().access.spares().out(card).is_some();
    let state = "貸し出されていない";
    let invalid = Invalid::State { what: "card", id: card.to_string(), state };
    (!out).then(|| Problems::one("back", invalid.japanese()))
}

/// `POST /cards/spares/count`.
pub(crate) fn count(ask: &Ask) -> Answer {
    let present: Vec<CardId> = ask.typed.all("present").filter_map(|id| id.parse().ok()).collect();
    let place = ask.typed.get("place").to_owned();
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    carry_out(ask, Act::CountSpares { place, present }, PAGE, &[("card", "present")], again)
}
