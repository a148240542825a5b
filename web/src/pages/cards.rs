//! `/cards`: the ledger of operators' cards, issuing them, and stopping them (第16条第1号・第3号).

use axum::response::Response;
use card::{Card as _, CardKind, CardNumber, Pin};
use jiff::SignedDuration;
use register::access::{Act, Card, CardState, NewCard};
use register::{CardId, CardKindId, PersonId};
use sha2::{Digest, Sha256};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{act_or_why, banner, done, id, judge, submit};
use crate::pages::views::{DeskPage, MessagePage, Panel};
use crate::pages::{form_status, oversees, page, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, Link, State, Table};
use crate::words;

/// A software card of the demo is good for a year.
const CARD_DAYS: i64 = 365;

/// `GET /cards`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut typed = ask.kept().unwrap_or_default();
    // A duty leads here with the card that is to be collected.
    if let Some(card) = ask.query.some("card") {
        typed.set("card", card);
        typed.set("state", code(CardState::Collected).to_owned());
    }
    render_page(ask, &typed, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Result<Response, Trouble> {
    let mut frame = ask.frame("操作者用ICカード", "/cards", &["16(1)", "16(3)"]);
    frame.notices.extend(banner(ask));
    let cards = cards_to_see(ask);
    let mut table = Table::new("カード", "カードはまだありません。")
        .note(format!("{}枚", cards.len()))
        .head("カード番号", "k")
        .column("持つ人", "t")
        .column("種類", "")
        .column("交付", "t")
        .column("最後の使用", "t")
        .column("状態", "t")
        .column("", "act");
    for (id, card) in &cards {
        table.push(row(ask, id, card));
    }
    let stop = fill(stop_form(&cards), typed, problems, &mut frame);
    let mut panels = vec![Panel {
        anchor: "stop".to_owned(),
            why: None,
        heading: "カードを止める".to_owned(),
        under: words::cites(&["16(1)"]),
        lead: "自分のカード、課の職員のカードは、気付いた人がすぐに止められます。使っている途中のサインインも終わります。".to_owned(),
        form: stop,
    }];
    if let Some(form) = issue_form(ask) {
        panels.push(Panel {
            anchor: "issue".to_owned(),
            heading: "カードを交付する（演習用のソフトウェアカード）".to_owned(),
            under: words::cites(&["16(2)", "16(3)"]),
            lead: "指定を受けた操作者にだけ交付できます。".to_owned(),
            why: issue_why(ask),
            form: fill(form, typed, problems, &mut frame),
        });
    }
    if let Some(form) = password_form(ask) {
        panels.push(Panel {
            anchor: "password".to_owned(),
            why: None,
            heading: "はじめのパスワードを渡す".to_owned(),
            under: words::cites(&["16(1)"]),
            lead: "パスワードは次の画面に一度だけ示します。渡された人は、はじめてのサインインで変えます。"
                .to_owned(),
            form: fill(form, typed, problems, &mut frame),
        });
    }
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let page = DeskPage { frame, tables: vec![table], panels, ..DeskPage::default() };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// All cards for those who hold a post of the regulation; else one's own.
fn cards_to_see(ask: &Ask) -> Vec<(CardId, Card)> {
    let office = ask.app.office();
    let city = office.city();
    let Some(me) = ask.person() else { return Vec::new() };
    let all = oversees(&city, me, office.now());
    let cards = city.access.cards().filter(|(_, card)| all || card.holder == *me);
    cards.map(|(id, card)| (id.clone(), card.clone())).collect()
}

fn row(ask: &Ask, id: &CardId, card: &Card) -> Vec<Cell> {
    let act = if card.state == CardState::Suspended {
        let form = Form::new(format!("/cards/{id}/restore"), "再開する", guard::random_hex());
        act_or_why(ask, &Act::RestoreCard(id.clone()).into(), form)
    } else {
        Cell::text("")
    };
    let city = ask.app.office().city();
    let section = city.workplace_of(&card.holder, ask.app.office().now());
    let state = match card.state {
        CardState::InUse => Badge::new(State::Good, card.state.japanese()),
        CardState::Suspended => Badge::new(State::Owed, card.state.japanese()),
        CardState::Lost => Badge::new(State::Refused, card.state.japanese()),
        CardState::Collected | CardState::Revoked => Badge::new(State::Plain, card.state.japanese()),
    };
    vec![
        Cell::text(id.to_string()),
        Cell::Sub(city.name_of(&card.holder), section),
        Cell::text(city.card_kind_name(&card.kind)),
        Cell::Sub(city.name_of(&card.issued.0), words::moment(card.issued.1)),
        match &card.last_use {
            Some((at, terminal)) => Cell::Sub(words::moment(*at), format!("端末 {terminal}")),
            None => Cell::text("－"),
        },
        Cell::Badge(state),
        act,
    ]
}

fn stop_form(cards: &[(CardId, Card)]) -> Form {
    let running = cards
        .iter()
        .filter(|(_, card)| matches!(card.state, CardState::InUse | CardState::Suspended))
        .map(|(id, _)| Choice::new(id.as_str(), id.as_str()));
    let how = [
        (CardState::Lost, "なくした、盗まれた"),
        (CardState::Suspended, "様子がおかしいので、ひとまず止める"),
        (CardState::Collected, "返してもらった"),
        (CardState::Revoked, "もう使わない（失効）"),
    ];
    let how = how.map(|(state, text)| Choice::new(code(state), text)).to_vec();
    Form::new("/cards/stop", "止める", guard::random_hex())
        .field(
            Field::new(
                "card",
                "カード番号",
                Kind::Select(std::iter::once(Choice::new("", "選んでください")).chain(running).collect()),
            )
            .need(),
        )
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

/// In the demo, cards are made on the spot; at work they come from the card maker and are entered by a program.
fn issue_form(ask: &Ask) -> Option<Form> {
    ask.app.drawer()?;
    let now = ask.app.office().now();
    let city = ask.app.office().city();
    let designated = city
        .access
        .designations()
        .filter(|(_, designation)| designation.agreed.is_some() && city.designation_stands(designation, now))
        .map(|(id, designation)| {
            let name = city.name_of(&designation.person);
            Choice::new(id.as_str(), format!("{name}（{}）", city.card_kind_name(&designation.kind)))
        });
    let designated = std::iter::once(Choice::new("", "選んでください")).chain(designated).collect();
    Some(
        Form::new("/cards", "交付する", guard::random_hex())
            .field(Field::new("designation", "指定を受けた操作者と種類", Kind::Select(designated)).need())
            .field(Field::new("number", "新しいカード番号", Kind::Short).need().hint("半角の英数字と -"))
            .field(
                Field::new("pin", "暗証番号", Kind::Pin)
                    .need()
                    .hint("操作者が自分で決めて入力する、6桁から8桁の数字"),
            ),
    )
}

/// Why this person may issue no card: the regulation is asked about somebody who was designated.
fn issue_why(ask: &Ask) -> Option<String> {
    let (holder, kind) = {
        let city = ask.app.office().city();
        let now = ask.app.office().now();
        let mut running =
            city.access.designations().filter(|(_, d)| d.agreed.is_some() && city.designation_stands(d, now));
        running.next().map(|(_, designation)| (designation.person.clone(), designation.kind.clone()))?
    };
    let new = NewCard { id: "K-0".parse().ok()?, kind, holder, certificate: String::new() };
    judge(ask, &Act::IssueCard(new).into())
}

fn password_form(ask: &Ask) -> Option<Form> {
    let without: Vec<(PersonId, String)> = {
        let city = ask.app.office().city();
        let now = ask.app.office().now();
        city.staff(now)
            .filter(|(id, _)| city.access.password_version(id).is_none())
            .map(|(id, _)| (id.clone(), words::staff(&city, id, now).text))
            .collect()
    };
    let (first, _) = without.first()?;
    let act = Act::SetPassword { person: first.clone(), old_proven: false };
    if judge(ask, &act.into()).is_some() {
        return None;
    }
    let people = std::iter::once(Choice::new("", "選んでください"))
        .chain(without.iter().map(|(id, text)| Choice::new(id.as_str(), text)))
        .collect();
    Some(
        Form::new("/cards/passwords", "パスワードを作る", guard::random_hex())
            .quiet()
            .field(Field::new("person", "パスワードがまだない職員", Kind::Select(people)).need()),
    )
}

/// `POST /cards/stop`.
pub(crate) fn stop(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let card: Option<CardId> = ask.typed.get("card").parse().ok();
    let states = [CardState::Lost, CardState::Suspended, CardState::Collected, CardState::Revoked];
    let state = states.into_iter().find(|state| code(*state) == ask.typed.get("state"));
    if card.is_none() {
        problems.add("card", "選んでください");
    }
    if state.is_none() {
        problems.add("state", "選んでください");
    }
    if ask.typed.get("why").is_empty() {
        problems.add("why", "入力してください");
    }
    let (Some(card), Some(state), true) = (card, state, problems.is_empty()) else {
        return render_page(ask, &ask.typed, &problems);
    };
    let act = Act::StopCard { card, state, reason: ask.typed.get("why").to_owned() };
    finish(ask, act, |field| if field == "reason" { "why".to_owned() } else { field.to_owned() })
}

/// `POST /cards/{card}/restore`.
pub(crate) fn restore(ask: &Ask) -> Answer {
    let card = id(ask, "card")?;
    finish(ask, Act::RestoreCard(card), |_| String::new())
}

fn finish(ask: &Ask, act: Act, rename: impl Fn(&str) -> String) -> Answer {
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done("/cards", &finished.receipt)),
        Err(declined) => render_page(ask, &ask.typed, &at_fields(declined, rename)?),
    }
}

/// `POST /cards`: a software card is made and issued. The card is made only when the regulation permits it.
pub(crate) fn issue(ask: &Ask) -> Answer {
    let Some(drawer) = ask.app.drawer() else { return Err(Trouble::Missing) };
    let mut problems = Problems::default();
    let number = ask.typed.get("number").parse::<CardNumber>();
    let pin = Pin::new(ask.typed.get("pin"));
    let designated = designated(ask);
    if let Err(error) = &number {
        problems.add("number", error.japanese());
    }
    if let Err(fault) = &pin {
        problems.add("pin", fault.japanese());
    }
    if designated.is_none() {
        problems.add("designation", "選んでください");
    }
    let (Ok(number), Ok(pin), Some((holder, kind))) = (number, pin, designated) else {
        return render_page(ask, &ask.typed, &problems);
    };
    let card_id: CardId = number.as_str().parse().map_err(Trouble::broken)?;
    let mut new = NewCard { id: card_id.clone(), kind: kind.clone(), holder, certificate: String::new() };
    let office = ask.app.office();
    if judge(ask, &Act::IssueCard(new.clone()).into()).is_none() {
        if office.city().access.card(&card_id).is_some() {
            return render_page(ask, &ask.typed, &Problems::one("number", "既に登録されている番号です"));
        }
        let kind: CardKind = kind.as_str().parse().map_err(Trouble::broken)?;
        let from = office.now();
        let until = from + SignedDuration::from_hours(24 * CARD_DAYS);
        let made = drawer
            .make(office.authority(), number, kind, &pin, (from, until))
            .map_err(|error| Trouble::Unreadable(error.japanese()))?;
        new.certificate = hex::encode(Sha256::digest(made.certificate()));
    }
    finish(
        ask,
        Act::IssueCard(new),
        |field| if field == "card" { "number".to_owned() } else { field.to_owned() },
    )
}

/// Who was designated for what, by the designation chosen.
fn designated(ask: &Ask) -> Option<(PersonId, CardKindId)> {
    let designation = ask.typed.get("designation").parse().ok()?;
    let city = ask.app.office().city();
    let found = city.access.designation(&designation)?;
    Some((found.person.clone(), found.kind.clone()))
}

/// `POST /cards/passwords`: a first password, shown once.
pub(crate) fn hand_over(ask: &Ask) -> Answer {
    let Ok(person) = ask.typed.get("person").parse::<PersonId>() else {
        return render_page(ask, &ask.typed, &Problems::one("person", "選んでください"));
    };
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let (finished, password) = match office.hand_over_password(office.occasion(stay, ask.request()), &person)
    {
        Ok(made) => made,
        Err(declined) => return render_page(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    };
    let mut frame = ask.frame("はじめのパスワード", "/cards", &["16(1)"]);
    frame.notices.push(
        crate::view::Banner::new(crate::view::Tone::Done, "パスワードを設定しました")
            .receipt(words::receipt(&finished.receipt)),
    );
    let name = office.city().name_of(&person);
    Ok(page(&MessagePage {
        frame,
        lines: vec![
            format!("{name}さんのはじめのパスワード：{}", password.reveal()),
            "この画面を離れると、二度と示せません。本人だけに渡してください。".to_owned(),
        ],
        typed: Vec::new(),
        links: vec![Link::new("/cards", "カードの画面へ")],
    }))
}
