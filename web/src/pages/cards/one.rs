//! `/cards/{card}`: one card: what the ledger says of it, and what can be done about it.

use register::access::{Act, Card, CardState, Preparation};
use register::{CardId, City};

use super::list::panel;
use super::{Viewer, frame, holder_cell, state_badge};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{Reading, banner, barred_once, carry_out, id, judge};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Choice, Field, Form, Kind, Link, Table};
use crate::words;

/// `GET /cards/{card}`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut typed = ask.kept().unwrap_or_default();
    // A duty leads here with what is to be done.
    if let Some(state) = ask.query.some("state") {
        typed.set("state", state);
    }
    render_page(ask, &typed, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let number: CardId = id(ask, "card")?;
    let viewer = Viewer::of(ask).ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let (card, preparation, table) = {
        let city = office.city();
        let (card, preparation) = (city.access.card(&number), city.access.preparation(&number));
        if !viewer.sees(&city, &number, office.now()) || (card.is_none() && preparation.is_none()) {
            return Err(Trouble::Missing);
        }
        let table = facts(&city, &number, card, preparation, office.now());
        (card.cloned(), preparation.cloned(), table)
    };
    let mut frame = frame(ask, &format!("カード {number}"), "/cards", &["16(3)"]);
    frame.notices.extend(banner(ask));
    let mut panels = Vec::new();
    if preparation.is_some() {
        panels.extend(prepared_panels(ask, &number));
    }
    if let Some(card) = &card {
        panels.extend(life_panels(ask, &number, card));
    }
    let mut panels = barred_once(panels);
    for panel in &mut panels {
        panel.form = fill(panel.form.clone(), typed, problems, &mut frame);
    }
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let mut links = vec![Link::new("/cards", "カードの一覧へ戻る")];
    if card.as_ref().is_some_and(|card| card.state.is_held()) {
        links.insert(0, Link::new(format!("/cards?card={number}#lost"), "このカードの紛失を届け出る"));
    }
    let page = DeskPage { frame, tables: vec![table], panels, links, ..DeskPage::default() };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn facts(
    city: &City,
    id: &CardId,
    card: Option<&Card>,
    preparation: Option<&Preparation>,
    now: jiff::Timestamp,
) -> Table {
    let mut table = Table::new("管理簿の記載", "").head("項目", "t").column("内容", "w");
    let mut push = |name: &str, cell: Cell| table.push(vec![Cell::text(name), cell]);
    if let Some(preparation) = preparation {
        let by = format!("{}　{}", words::moment_long(preparation.by.1), city.name_of(&preparation.by.0));
        push("準備（交付を待っています）", Cell::text(by));
    }
    let Some(card) = card else { return table };
    let signed = |who: &(register::PersonId, jiff::Timestamp)| {
        Cell::Sub(city.name_of(&who.0), words::moment_long(who.1))
    };
    let none = || Cell::text("－");
    push("状態", Cell::Badge(state_badge(card.state)));
    if !card.reason.is_empty() {
        push("事由", Cell::Sub(card.reason.clone(), words::moment_long(card.since)));
    }
    push("持つ人", holder_cell(city, id, card, now));
    push("種類", Cell::text(city.card_kind_name(&card.kind)));
    push("承認（操作者の指定への同意）", city.approval_of(card).as_ref().map_or_else(none, signed));
    push("準備した人", card.prepared.as_ref().map_or_else(none, signed));
    push("交付した人", signed(&card.issued));
    let received = card.received.map_or("まだサインインしていません".to_owned(), words::moment_long);
    push("受領（はじめてのサインイン）", Cell::text(if card.spare() { "－".to_owned() } else { received }));
    if !card.kept.is_empty() {
        push("保管場所", Cell::text(&card.kept));
    }
    push("証明書の期限", card.expires.map_or_else(none, |at| Cell::text(words::moment_long(at))));
    push(
        "最後の検査",
        match &card.inspected {
            Some(seen) if seen.remark.is_empty() => signed(&seen.by),
            Some(seen) => Cell::Lines(vec![
                seen.remark.clone(),
                format!("{}　{}", city.name_of(&seen.by.0), words::moment_long(seen.by.1)),
            ]),
            None => none(),
        },
    );
    if let Some(lost) = &card.lost {
        push(
            "紛失の届出",
            Cell::Lines(vec![
                lost.circumstances.clone(),
                format!("{}　{}", city.name_of(&lost.by.0), words::moment_long(lost.by.1)),
            ]),
        );
    }
    push(
        "最後の使用",
        match &card.last_use {
            Some((at, terminal)) => Cell::Sub(words::moment_long(*at), format!("端末 {terminal}")),
            None => none(),
        },
    );
    table
}

fn prepared_panels(ask: &Ask, number: &CardId) -> Vec<Panel> {
    let issue = Form::new(format!("/cards/{number}/issue"), "交付する", guard::random_hex());
    let discard = Form::new(format!("/cards/{number}/discard"), "取りやめる", guard::random_hex())
        .quiet()
        .field(Field::new("discard-why", "取りやめる理由", Kind::Text).need());
    let why = |act: Act| judge(ask, &act.into());
    let text = || "確認".to_owned();
    vec![
        panel(
            "issue",
            "カードを交付する",
            "本人であることと、指定の内容を確かめて、カードを手渡します。",
            why(Act::IssueCard(number.clone())),
            issue,
        ),
        panel(
            "discard",
            "準備したカードを取りやめる",
            "交付しないカードは、壊すか、消してから記録します。",
            why(Act::DiscardCard { card: number.clone(), reason: text() }),
            discard,
        ),
    ]
}

/// What can be done about a card in its present state.
fn life_panels(ask: &Ask, number: &CardId, card: &Card) -> Vec<Panel> {
    let why = |act: Act| judge(ask, &act.into());
    let text = || "確認".to_owned();
    let mut panels = Vec::new();
    if card.state == CardState::Lost {
        let form = Form::new(format!("/cards/{number}/found"), "見つかったと届け出る", guard::random_hex())
            .field(Field::new("found", "いつ、どこで、どのような状態で", Kind::Text).need());
        let lead = "見つかったカードは一時停止になり、アクセス管理責任者が確かめてから再び使えます。";
        panels.push(panel("found", "カードが見つかった", lead, None, form));
    }
    if card.state == CardState::Suspended {
        let form = Form::new(format!("/cards/{number}/restore"), "再び使えるようにする", guard::random_hex());
        let why = why(Act::RestoreCard(number.clone()));
        panels.push(panel("restore", "停止を解く", "止めた理由がなくなったことを確かめます。", why, form));
    }
    if card.state.is_held() || card.state == CardState::Lost {
        let lead = "使っている途中のサインインも終わります。回収と失効は取り消せません。";
        let state = CardState::Revoked;
        let why = why(Act::StopCard { card: number.clone(), state, reason: text() });
        panels.push(panel("stop", "カードを止める", lead, why, stop_form(number, card.state)));
    }
    panels
}

fn stop_form(number: &CardId, now: CardState) -> Form {
    let how = [
        (CardState::Suspended, "様子がおかしいので、ひとまず止める"),
        (CardState::Collected, "返してもらった（回収）"),
        (CardState::Revoked, "もう使わない（失効）"),
    ];
    let open = how.into_iter().filter(|(state, _)| match now {
        CardState::Lost => *state == CardState::Revoked,
        now => *state != now,
    });
    let how = open.map(|(state, text)| Choice::new(code(state), text)).collect();
    Form::new(format!("/cards/{number}/stop"), "止める", guard::random_hex())
        .field(Field::new("state", "止めかた", Kind::Radio(how)).need())
        .field(Field::new("why", "理由", Kind::Text).need())
}

fn code(state: CardState) -> &'static str {
    match state {
        CardState::InUse => "in-use",
        CardState::Suspended => "suspended",
        CardState::Lost => "lost",
        CardState::Collected => "collected",
        CardState::Revoked => "revoked",
    }
}

fn finish(ask: &Ask, number: &CardId, act: Act, names: &[(&str, &str)]) -> Answer {
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    carry_out(ask, act, &format!("/cards/{number}"), names, again)
}

/// `POST /cards/{card}/issue`.
pub(crate) fn issue(ask: &Ask) -> Answer {
    let card: CardId = id(ask, "card")?;
    finish(ask, &card.clone(), Act::IssueCard(card), &[])
}

/// `POST /cards/{card}/discard`. What was discarded has no page any more.
pub(crate) fn discard(ask: &Ask) -> Answer {
    let card: CardId = id(ask, "card")?;
    let mut reading = Reading::new(&ask.typed);
    let reason = reading.text("discard-why");
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    if !reading.problems.is_empty() {
        return again(&reading.problems);
    }
    carry_out(ask, Act::DiscardCard { card, reason }, "/cards", &[("reason", "discard-why")], again)
}

/// `POST /cards/{card}/found`.
pub(crate) fn found(ask: &Ask) -> Answer {
    let card: CardId = id(ask, "card")?;
    let mut reading = Reading::new(&ask.typed);
    let circumstances = reading.text("found");
    if !reading.problems.is_empty() {
        return render_page(ask, &ask.typed, &reading.problems);
    }
    let act = Act::ReportFoundCard { card: card.clone(), circumstances };
    finish(ask, &card, act, &[("circumstances", "found")])
}

/// `POST /cards/{card}/stop`.
pub(crate) fn stop(ask: &Ask) -> Answer {
    let card: CardId = id(ask, "card")?;
    let mut reading = Reading::new(&ask.typed);
    let states = [CardState::Suspended, CardState::Collected, CardState::Revoked];
    let state = states.into_iter().find(|state| code(*state) == ask.typed.get("state"));
    if state.is_none() {
        reading.problems.add("state", "選んでください");
    }
    let reason = reading.text("why");
    let (Some(state), true) = (state, reading.problems.is_empty()) else {
        return render_page(ask, &ask.typed, &reading.problems);
    };
    finish(
        ask,
        &card.clone(),
        Act::StopCard { card, state, reason },
        &[("reason", "why"), ("card-state", "state")],
    )
}

/// `POST /cards/{card}/restore`.
pub(crate) fn restore(ask: &Ask) -> Answer {
    let card: CardId = id(ask, "card")?;
    finish(ask, &card.clone(), Act::RestoreCard(card), &[])
}
