//! `/cards`: the cards, those that wait to be issued, a report of a loss, alarms, a password handed over.

use card::{Card as _, CardKind, CardNumber, Pin};
use jiff::{SignedDuration, Timestamp};
use register::access::{Act, Card, CardAlarm, NewCard, Preparation};
use register::{CardId, City, Receipt};
use sha2::{Digest, Sha256};

use super::{Viewer, holder_cell, passwords, state_badge};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{Reading, act_or_why, banner, carry_out, choose, judge};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Cell, Choice, Field, Form, Kind, Link, Table};
use crate::words;

const PAGE: &str = "/cards";
/// A software card of the demo is good for a year.
const CARD_DAYS: i64 = 365;
/// What a choice of a spare card begins with; what follows is its kind.
const SPARE: &str = "spare:";

/// `GET /cards`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut typed = ask.kept().unwrap_or_default();
    if let Some(card) = ask.query.some("card") {
        typed.set("lost-card", card);
    }
    render_page(ask, &typed, &Problems::default())
}

pub(super) fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let viewer = Viewer::of(ask).ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let now = office.now();
    let mut frame = ask.frame("操作者用ICカード", PAGE, &["16(1)", "16(3)"]);
    frame.notices.extend(banner(ask));
    // What the page needs is copied out: judging needs the city again.
    let (waiting, alarms, cards, lost) = {
        let city = office.city();
        let mut waiting: Vec<Preparation> = city.access.preparations().cloned().collect();
        waiting.retain(|_| viewer.all);
        let mut alarms: Vec<CardAlarm> = city.access.alarms().to_vec();
        alarms.retain(|alarm| alarm.closed.is_none() && (viewer.all || alarm.person == viewer.me));
        (waiting, alarms, cards_table(&city, &viewer, now), lost_form(&city, &viewer, now))
    };
    let mut tables = vec![cards];
    if !waiting.is_empty() {
        tables.insert(0, waiting_table(ask, &waiting));
    }
    if !alarms.is_empty() {
        tables.insert(0, alarm_table(ask, &alarms));
    }
    let mut panels = vec![panel(
        "lost",
        "カードをなくした、なくしたらしい",
        "だれでも届け出られます。届け出ると、そのカードはすぐに使えなくなり、使っている途中のサインインも終わります。見つかったときは、カードの画面で届け出ます。",
        None,
        lost,
    )];
    if !alarms.is_empty() {
        panels.push(alarm_panel(ask, &alarms));
    }
    if viewer.desk
        && let Some(form) = prepare_form(ask)
    {
        let lead = "準備したカードは、アクセス管理責任者が交付するまで使えません。準備した人は交付できません。演習用のソフトウェアカードを作ります。";
        panels.push(panel("prepare", "カードを準備する", lead, None, form));
    }
    panels.extend(passwords::panel(ask));
    for panel in &mut panels {
        panel.form = fill(panel.form.clone(), typed, problems, &mut frame);
    }
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let page = DeskPage { frame, tables, panels, links: links(&viewer), ..DeskPage::default() };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn links(viewer: &Viewer) -> Vec<Link> {
    if !viewer.all {
        return Vec::new();
    }
    vec![
        Link::new("/cards/labels", "カードの札を印刷する"),
        Link::new("/ledgers/operator-cards", "操作者用ICカード管理簿を見る"),
    ]
}

pub(super) fn panel(anchor: &str, heading: &str, lead: &str, why: Option<String>, form: Form) -> Panel {
    Panel {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&["16(3)"]),
        lead: lead.to_owned(),
        why,
        form,
    }
}

fn cards_table(city: &City, viewer: &Viewer, now: Timestamp) -> Table {
    let cards: Vec<(&CardId, &Card)> =
        city.access.cards().filter(|(id, _)| viewer.sees(city, id, now)).collect();
    let mut table = Table::new("カード", "カードはまだありません。")
        .note(format!("{}枚", cards.len()))
        .head("カード番号", "k")
        .column("持つ人", "t")
        .column("種類", "")
        .column("交付", "t")
        .column("検査", "t")
        .column("最後の使用", "t")
        .column("状態", "t");
    for (id, card) in cards {
        let inspected = card.inspected.as_ref();
        table.push(vec![
            Cell::link(format!("/cards/{id}"), id.to_string()),
            holder_cell(city, id, card, now),
            Cell::text(city.card_kind_name(&card.kind)),
            Cell::Sub(city.name_of(&card.issued.0), words::moment(card.issued.1)),
            inspected.map_or(Cell::text("－"), |seen| {
                Cell::Sub(words::moment(seen.by.1), city.name_of(&seen.by.0))
            }),
            match &card.last_use {
                Some((at, terminal)) => Cell::Sub(words::moment(*at), format!("端末 {terminal}")),
                None => Cell::text("－"),
            },
            Cell::Badge(state_badge(card.state)),
        ]);
    }
    table
}

/// The cards that were made, each with the button that issues it.
fn waiting_table(ask: &Ask, waiting: &[Preparation]) -> Table {
    let mut table = Table::new("交付を待つカード", "")
        .note(format!("{}枚", waiting.len()))
        .head("カード番号", "k")
        .column("だれに", "t")
        .column("種類", "")
        .column("準備した人", "t")
        .column("", "act");
    for preparation in waiting {
        let card = &preparation.card;
        let form = Form::new(format!("/cards/{}/issue", card.id), "交付する", guard::random_hex());
        let act = act_or_why(ask, &Act::IssueCard(card.id.clone()).into(), form);
        let city = ask.app.office().city();
        table.push(vec![
            Cell::link(format!("/cards/{}", card.id), card.id.to_string()),
            match &card.holder {
                Some(holder) => Cell::Sub(city.name_of(holder), holder.to_string()),
                None => Cell::Sub("予備カード".to_owned(), card.kept.clone()),
            },
            Cell::text(city.card_kind_name(&card.kind)),
            Cell::Sub(city.name_of(&preparation.by.0), words::moment(preparation.by.1)),
            act,
        ]);
    }
    table
}

fn lost_form(city: &City, viewer: &Viewer, now: Timestamp) -> Form {
    let held = city.access.cards().filter(|(_, card)| card.state.is_held());
    let seen = held.filter(|(id, _)| viewer.sees(city, id, now)).map(|(id, _)| {
        let holder =
            city.holder_of(id, now).map_or("予備カード".to_owned(), |holder| city.name_of(holder));
        Choice::new(id.as_str(), holder)
    });
    Form::new("/cards/lost", "紛失を届け出て、すぐに止める", guard::random_hex())
        .field(
            Field::new("lost-card", "カード番号", Kind::Suggest(seen.collect()))
                .need()
                .hint("番号がわからないときは、課のセキュリティ責任者か情報統計課に聞いてください"),
        )
        .field(
            Field::new("circumstances", "いつ、どこで、どのように", Kind::Text)
                .need()
                .hint("例：きのうの退庁時に引き出しにあったが、けさ見当たらない"),
        )
}

/// `POST /cards/lost`.
pub(crate) fn report_lost(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (card, circumstances) = (reading.id::<CardId>("lost-card"), reading.text("circumstances"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(card), true) = (card, reading.problems.is_empty()) else { return again(&reading.problems) };
    carry_out(ask, Act::ReportLostCard { card, circumstances }, PAGE, &[("card", "lost-card")], again)
}

fn alarm_table(ask: &Ask, alarms: &[CardAlarm]) -> Table {
    let city = ask.app.office().city();
    let mut table = Table::new("一枚のカードが、二つの端末で同時に使われました", "")
        .note(format!("{}件", alarms.len()))
        .head("日時", "t")
        .column("カード", "k")
        .column("サインインした人", "t")
        .column("先の端末（終わらせた）", "t")
        .column("後の端末", "t")
        .column("原簿", "t");
    for alarm in alarms {
        table.push(vec![
            Cell::text(words::moment(alarm.at)),
            Cell::link(format!("/cards/{}", alarm.card), alarm.card.to_string()),
            Cell::text(city.name_of(&alarm.person)),
            Cell::text(alarm.earlier.to_string()),
            Cell::text(alarm.terminal.to_string()),
            Cell::Receipt(words::receipt(&alarm.receipt)),
        ]);
    }
    table
}

fn alarm_panel(ask: &Ask, alarms: &[CardAlarm]) -> Panel {
    let choices = alarms.iter().map(|alarm| {
        Choice::new(alarm.receipt.to_string(), format!("{}　{}", words::moment(alarm.at), alarm.card))
    });
    let why = alarms.first().and_then(|alarm| {
        judge(ask, &Act::CloseCardAlarm { alarm: alarm.receipt.clone(), remark: "確認".to_owned() }.into())
    });
    let form = Form::new("/cards/alarms", "したことを記録する", guard::random_hex())
        .field(Field::new("alarm", "警報", Kind::Select(choose(choices))).need())
        .field(Field::new("remark", "わかったこと、したこと", Kind::Text).need());
    let lead = "本人に、二つの端末で使ったか、カードを貸していないかを確かめます。身に覚えがなければ、カードを止めます。";
    Panel {
        under: words::cites(&["17"]),
        ..panel("alarm", "二つの端末で使われたカードについて記録する", lead, why, form)
    }
}

/// `POST /cards/alarms`.
pub(crate) fn close_alarm(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let remark = reading.text("remark");
    let alarm: Option<Receipt> = words::read_receipt(ask.typed.get("alarm"));
    if alarm.is_none() {
        reading.problems.add("alarm", "選んでください");
    }
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(alarm), true) = (alarm, reading.problems.is_empty()) else { return again(&reading.problems) };
    carry_out(ask, Act::CloseCardAlarm { alarm, remark }, PAGE, &[], again)
}

/// In the demo, cards are made on the spot; at work they come from the card maker and are entered by a program.
fn prepare_form(ask: &Ask) -> Option<Form> {
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
    let kinds = city.profile().card_kinds().iter().filter(|kind| !kind.operations.is_empty());
    let spares =
        kinds.map(|kind| Choice::new(format!("{SPARE}{}", kind.id), format!("予備カード（{}）", kind.name)));
    Some(
        Form::new(PAGE, "準備する", guard::random_hex())
            .field(
                Field::new(
                    "designation",
                    "指定を受けた操作者と種類",
                    Kind::Select(choose(designated.chain(spares))),
                )
                .need(),
            )
            .field(Field::new("number", "新しいカード番号", Kind::Short).need().hint("半角の英数字と -"))
            .field(
                Field::new("kept", "保管場所", Kind::Short)
                    .hint("予備カードでは必ず書きます。例：市民課の金庫"),
            )
            .field(
                Field::new("pin", "暗証番号", Kind::Pin)
                    .need()
                    .hint("操作者が自分で決めて入力する、6桁から8桁の数字"),
            ),
    )
}

/// `POST /cards`: a software card is made. It is made only when the regulation permits it.
pub(crate) fn prepare(ask: &Ask) -> Answer {
    let Some(drawer) = ask.app.drawer() else { return Err(Trouble::Missing) };
    let mut problems = Problems::default();
    let number = ask.typed.get("number").parse::<CardNumber>();
    let pin = Pin::new(ask.typed.get("pin"));
    let chosen = chosen(ask);
    if let Err(error) = &number {
        problems.add("number", error.japanese());
    }
    if let Err(fault) = &pin {
        problems.add("pin", fault.japanese());
    }
    if chosen.is_none() {
        problems.add("designation", "選んでください");
    }
    let kept = ask.typed.get("kept").to_owned();
    if chosen.as_ref().is_some_and(|card| card.holder.is_none()) && kept.is_empty() {
        problems.add("kept", "予備カードを置く場所を入力してください");
    }
    let (Ok(number), Ok(pin), Some(new), true) = (number, pin, chosen, problems.is_empty()) else {
        return render_page(ask, &ask.typed, &problems);
    };
    let office = ask.app.office();
    let id: CardId = number.as_str().parse().map_err(Trouble::broken)?;
    let known = office.city().access.card(&id).is_some() || office.city().access.preparation(&id).is_some();
    let mut new = NewCard { id, kept, ..new };
    if judge(ask, &Act::PrepareCard(new.clone()).into()).is_none() {
        if known {
            let problems = Problems::one("number", "既に使われている番号です");
            return render_page(ask, &ask.typed, &problems);
        }
        let kind: CardKind = new.kind.as_str().parse().map_err(Trouble::broken)?;
        let from = office.now();
        let until = from + SignedDuration::from_hours(24 * CARD_DAYS);
        let made = drawer
            .make(office.authority(), number, kind, &pin, (from, until))
            .map_err(|error| Trouble::Unreadable(error.japanese()))?;
        new.certificate = hex::encode(Sha256::digest(made.certificate()));
        new.expires = Some(until);
    }
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    carry_out(ask, Act::PrepareCard(new), PAGE, &[("card", "number")], again)
}

/// The card that was chosen: for whom and of which kind, by the designation; or a spare one.
fn chosen(ask: &Ask) -> Option<NewCard> {
    let choice = ask.typed.get("designation");
    if let Some(kind) = choice.strip_prefix(SPARE) {
        return Some(NewCard { kind: kind.parse().ok()?, ..super::example() });
    }
    let city = ask.app.office().city();
    let found = city.access.designation(&choice.parse().ok()?)?;
    Some(NewCard { kind: found.kind.clone(), holder: Some(found.person.clone()), ..super::example() })
}
