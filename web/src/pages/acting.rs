//! `/acting`: the deputy acts for the head (第4条第2項), and the head sees afterwards what was done (後閲).

use jiff::Timestamp;
use register::organization::{Act, Acted};
use register::{City, Receipt};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, done, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, oversees, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Banner, Cell, Choice, Field, Form, Frame, Kind, Link, State, Table, Tone};
use crate::words;

/// Acts that the form lists at once; the rest follow once these are seen.
const AT_ONCE: usize = 100;

/// `GET /acting`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    render_page(ask, &kept, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let mut frame = ask.frame("職務代理", "/acting", &["4-2"]);
    frame.trail = vec![Link::new("/posts", "組織"), Link::new("", "職務代理")];
    frame.notices.extend(banner(ask));
    let (state, acts, tables, running) = {
        let office = ask.app.office();
        let now = office.now();
        let city = office.city();
        let acts: Vec<Acted> = city.organization.unseen().take(AT_ONCE).cloned().collect();
        let all = ask.person().is_some_and(|me| oversees(&city, me, now));
        let tables = if all { vec![periods(&city, now), seen(&city)] } else { vec![periods(&city, now)] };
        (state(&city, now), acts, tables, city.organization.acting(now).is_some())
    };
    frame.notices.push(state);
    let panels = panels(ask, (typed, problems), &acts, running, &mut frame);
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let page = DeskPage {
        frame,
        lead: "統括責任者に事故があるときや欠けたときは、副責任者が職務を代理します。その間の行為には「職務代理」と記され、後で統括責任者が目を通します（後閲）。".to_owned(),
        tables,
        panels,
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// Who does the head's work now.
fn state(city: &City, now: Timestamp) -> Banner {
    let head = city.head(now).map(|head| city.name_of(head));
    match (city.organization.acting(now), head) {
        (Some(period), head) => Banner::new(Tone::Care, "いま、副責任者が職務を代理しています")
            .line(format!(
                "{}から{}まで。理由：{}",
                words::moment_long(period.from),
                words::moment_long(period.until),
                period.reason
            ))
            .line(head.map_or("統括責任者は空席です。".to_owned(), |head| {
                format!("統括責任者：{head}")
            })),
        (None, None) => Banner::new(Tone::Care, "統括責任者が空席のため、副責任者が職務を代理しています"),
        (None, Some(head)) => Banner::new(Tone::Info, format!("統括責任者（{head}）が職務を行っています")),
    }
}

fn periods(city: &City, now: Timestamp) -> Table {
    let mut table = Table::new("職務代理の期間", "職務代理の期間は、まだありません。")
        .head("始め", "t")
        .column("終わり", "t")
        .column("理由", "w")
        .column("始めた人", "")
        .column("いま", "t");
    for period in city.organization.acting_periods().iter().rev().take(50) {
        table.push(vec![
            Cell::text(words::moment(period.from)),
            Cell::text(words::moment(period.until)),
            Cell::text(&period.reason),
            Cell::text(city.name_of(&period.opened_by)),
            match period.covers(now) {
                true => Cell::badge(State::Owed, "代理中"),
                false => Cell::badge(State::Plain, "終了"),
            },
        ]);
    }
    table
}

/// What was done for the head, and who saw it.
fn seen(city: &City) -> Table {
    let mut table = Table::new("職務代理で行われたこと", "職務代理で行われたことは、まだありません。")
        .head("日時", "t")
        .column("何を", "w")
        .column("だれが", "t")
        .column("原簿", "t")
        .column("後閲", "t");
    for acted in city.organization.acted().iter().rev().take(AT_ONCE) {
        table.push(vec![
            Cell::text(words::moment(acted.at)),
            Cell::text(register::fact_name(&acted.what)),
            Cell::text(city.name_of(&acted.by)),
            Cell::Receipt(words::receipt(&acted.receipt)),
            match &acted.seen {
                Some((by, at)) => Cell::Sub(city.name_of(by), words::moment(*at)),
                None => Cell::badge(State::Owed, "後閲待ち"),
            },
        ]);
    }
    table
}

fn panels(
    ask: &Ask,
    (typed, problems): (&Typed, &Problems),
    acts: &[Acted],
    running: bool,
    frame: &mut Frame,
) -> Vec<Panel> {
    let mut panels = Vec::new();
    let panel = |anchor: &str, heading: &str, lead: &str, why, form| Panel {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&["4-2"]),
        lead: lead.to_owned(),
        why,
        form,
    };
    if let Some(first) = acts.first() {
        let act = Act::SeeActs { receipts: vec![first.receipt.clone()] };
        let lead = "目を通したものに印を付けて、記録してください。";
        let form = fill(see_form(ask, acts), typed, problems, frame);
        panels.push(panel("see", "後閲する", lead, judge(ask, &act.into()), form));
    }
    if running {
        let form = Form::new("/acting/close", "職務代理を終える", guard::random_hex());
        let lead = "統括責任者が職務に戻ったら、期間の終わりを待たずに終えられます。";
        panels.push(panel("close", "職務代理を終える", lead, judge(ask, &Act::CloseActing.into()), form));
    } else {
        let lead =
            "期間は自動で終わります。統括責任者が自分で始められないときは、事務局が理由を添えて始めます。";
        let form = fill(open_form(), typed, problems, frame);
        panels.push(panel("open", "職務代理を始める", lead, open_why(ask), form));
    }
    panels
}

fn see_form(ask: &Ask, acts: &[Acted]) -> Form {
    let city = ask.app.office().city();
    let choices = acts.iter().map(|acted| Choice {
        value: acted.receipt.to_string(),
        text: register::fact_name(&acted.what).to_owned(),
        more: format!("{}　{}　原簿 {}", words::moment(acted.at), city.name_of(&acted.by), acted.receipt),
    });
    Form::new("/acting/see", "見たことを記録する", guard::random_hex())
        .field(Field::new("receipt", "目を通したもの", Kind::Boxes(choices.collect())).need())
}

fn open_form() -> Form {
    Form::new("/acting", "職務代理を始める", guard::random_hex())
        .field(Field::new("reason", "理由", Kind::Text).need().hint("例：出張、病気、休暇"))
        .field(Field::new("until", "終わりの日時", Kind::Moment).need())
        .field(Field::new("unable", "統括責任者が自分で始められない（事務局が始める）", Kind::Check))
}

/// Why this person may not open a period, in whichever of the two ways is nearer.
fn open_why(ask: &Ask) -> Option<String> {
    let until = ask.app.office().now();
    let open = |head_unable| Act::OpenActing { reason: "理由".to_owned(), head_unable, until };
    judge(ask, &open(false).into()).and_then(|_| judge(ask, &open(true).into()))
}

/// `POST /acting`.
pub(crate) fn open(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let until = words::read_moment(ask.typed.get("until"));
    if until.is_none() {
        problems.add("until", "日時を入力してください");
    }
    if ask.typed.get("reason").is_empty() {
        problems.add("reason", "入力してください");
    }
    let (Some(until), true) = (until, problems.is_empty()) else {
        return render_page(ask, &ask.typed, &problems);
    };
    let (reason, head_unable) = (ask.typed.get("reason").to_owned(), ask.typed.get("unable") == "yes");
    finish(ask, Act::OpenActing { reason, head_unable, until })
}

/// `POST /acting/close`.
pub(crate) fn close(ask: &Ask) -> Answer {
    finish(ask, Act::CloseActing)
}

/// `POST /acting/see`.
pub(crate) fn see(ask: &Ask) -> Answer {
    let receipts: Option<Vec<Receipt>> = ask.typed.all("receipt").map(words::read_receipt).collect();
    match receipts {
        Some(receipts) if !receipts.is_empty() => finish(ask, Act::SeeActs { receipts }),
        Some(_) => {
            let none = Problems::one("receipt", "目を通したものに印を付けてください");
            render_page(ask, &ask.typed, &none)
        }
        None => Err(Trouble::Missing),
    }
}

fn finish(ask: &Ask, act: Act) -> Answer {
    match submit(ask, act.into()) {
        Ok(finished) => Ok(done("/acting", &finished.receipt)),
        Err(declined) => render_page(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    }
}
