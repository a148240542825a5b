//! `/rooms/findings`: where the ledgers disagree (第12条), whose answer is owed, and what came of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use register::rooms::{Act, Answered, FindingKind};
use register::{City, FindingId, PersonId};

use super::{Reading, Viewer, barred_once, carry_out, for_viewer, frame, moment_cell};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::{banner, id, judge};
use crate::pages::views::{DeskPage, FindingPage, Panel, Side};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Field, Form, Frame, Kind, Link, State, Table};
use crate::{guard, limits, words};

const PAGE: &str = "/rooms/findings";

/// `GET /rooms/findings`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "照合", PAGE, &["12-1", "12-2"]);
    frame.notices.extend(banner(ask));
    let (tables, pages, until) = {
        let city = office.city();
        let viewer = Viewer::of(&city, me, now);
        let found = city.findings(now).into_iter();
        let seen: Vec<Answered> = found.filter(|found| sees(&city, &viewer, me, found, now)).collect();
        let (open, settled): (Vec<_>, Vec<_>) = seen.into_iter().partition(|found| found.accepted.is_none());
        let (range, pages) = ask.pages(open.len());
        let (none, none_past) = match viewer.all {
            true => ("解決していない不一致はありません。", "解決した不一致はまだありません。"),
            false => (
                "あなたとあなたの課所の室に、解決していない不一致はありません。",
                "あなたとあなたの課所の室に、解決した不一致はありません。",
            ),
        };
        let mut shown = table(&city, &open[range], ("解決していない不一致", none), now);
        shown.note = format!("{}件", words::grouped(open.len() as u64));
        let last = &settled[..settled.len().min(limits::ROWS)];
        let mut past = table(&city, last, ("解決した不一致", none_past), now);
        if last.len() < settled.len() {
            past.note = format!("{}件のうち新しい{}件", words::grouped(settled.len() as u64), last.len());
        }
        let tables = vec![counts(&open), shown, past];
        (tables, pages, city.rooms.findings().reconciled_until())
    };
    let form = Form::new("/rooms/findings/reconcile", "照合したことを記録する", guard::random_hex()).field(
        Field::new("until", "この日までの管理簿", Kind::Day).need().value(proposed(until, now)?.to_string()),
    );
    let form = fill(form, typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panel = Panel {
        anchor: "reconcile".to_owned(),
        heading: "管理簿の照合を記録する".to_owned(),
        under: words::cites(&["12-1", "12-2"]),
        lead: "その日までの入退室管理簿、鍵の管理簿、許可、名札を照らした結果が、不一致とともに原簿に残ります。月の分は、翌月の10日までに記録します。".to_owned(),
        why: judge(ask, &Act::ReconcileLedgers { until: now }.into()),
        form,
    };
    let page = DeskPage {
        frame,
        lead: match until {
            Some(until) => {
                format!("{}までの管理簿は、照合が記録されています。", words::day(register::japan_day(until)))
            }
            None => "管理簿の照合は、まだ記録されていません。不一致は、見つかったときから示しています。"
                .to_owned(),
        },
        tables: tables.into_iter().filter(|table| table.caption != KINDS || !table.rows.is_empty()).collect(),
        pages,
        panels: vec![panel],
        links: for_viewer(ask, vec![Link::new("/ledgers/findings", "照合の不一致の記録を見る")]),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// The end of last month; when the ledgers are reconciled beyond it, yesterday.
fn proposed(until: Option<Timestamp>, now: Timestamp) -> Result<Date, Trouble> {
    let today = register::japan_day(now);
    let last_month = today.first_of_month().yesterday().map_err(Trouble::broken)?;
    let beyond = until.is_some_and(|until| last_month <= register::japan_day(until));
    if beyond { today.yesterday().map_err(Trouble::broken) } else { Ok(last_month) }
}

/// Everybody who oversees, the room's people, who owes the answer, whom it is about.
pub(crate) fn sees(city: &City, viewer: &Viewer, me: &PersonId, found: &Answered, now: Timestamp) -> bool {
    let finding = &found.finding;
    viewer.all
        || finding.room.as_ref().is_some_and(|room| viewer.knows(room.as_str()))
        || finding.person.as_ref() == Some(me)
        || city.is(me, &finding.owed_by, now)
}

const KINDS: &str = "種類ごとの件数";

fn counts(open: &[Answered]) -> Table {
    let mut kinds: BTreeMap<FindingKind, (usize, usize)> = BTreeMap::new();
    for found in open {
        let counted = kinds.entry(found.finding.kind).or_default();
        match found.answer.is_none() {
            true => counted.0 += 1,
            false => counted.1 += 1,
        }
    }
    let mut table = Table::new(KINDS, "")
        .note("解決していないもの")
        .head("不一致", "t")
        .column("回答を待つ", "n")
        .column("確認を待つ", "n");
    for (kind, (unanswered, answered)) in kinds {
        table.push(vec![
            Cell::text(kind.japanese()),
            Cell::text(unanswered.to_string()),
            Cell::text(answered.to_string()),
        ]);
    }
    table
}

fn standing(found: &Answered) -> Badge {
    match (&found.accepted, &found.answer, &found.returned) {
        (Some(_), ..) => Badge::new(State::Good, "解決済み"),
        (None, Some(_), _) => Badge::new(State::Owed, "確認を待つ"),
        (None, None, Some(_)) => Badge::new(State::Owed, "差し戻し・回答を待つ"),
        (None, None, None) => Badge::new(State::Owed, "回答を待つ"),
    }
}

/// Findings as lines that lead to their pages.
pub(super) fn table(
    city: &City,
    found: &[Answered],
    (caption, empty): (&str, &str),
    now: Timestamp,
) -> Table {
    let mut table = Table::new(caption, empty)
        .note(format!("{}件", words::grouped(found.len() as u64)))
        .column("日時", "t")
        .head("不一致", "t")
        .column("室", "t")
        .column("氏名", "t")
        .column("回答する者", "")
        .column("いま", "t");
    for one in found {
        let finding = &one.finding;
        table.push(vec![
            moment_cell(finding.at),
            Cell::link(format!("{PAGE}/{}", finding.id), finding.kind.japanese()),
            Cell::text(finding.room.as_ref().map_or("－".to_owned(), |room| city.room_name(room))),
            Cell::text(finding.person.as_ref().map_or("－".to_owned(), |person| city.name_of(person))),
            Cell::text(city.owner_name(&finding.owed_by, now)),
            Cell::Badge(standing(one)),
        ]);
    }
    table
}

/// `GET /rooms/findings/{finding}`.
pub(crate) fn one(ask: &Ask) -> Answer {
    render_one(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn found(ask: &Ask) -> Result<Answered, Trouble> {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    let found = city.finding(&id(ask, "finding")?, now).ok_or(Trouble::Missing)?;
    match sees(&city, &Viewer::of(&city, me, now), me, &found, now) {
        true => Ok(found),
        false => Err(Trouble::NotYours(
            "照合の不一致を見られるのは、規程の職にある人、室を受け持つ課所の職員、回答する人です。"
                .to_owned(),
        )),
    }
}

fn render_one(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let found = found(ask)?;
    let finding = &found.finding;
    let title = format!("照合の不一致：{}", finding.kind.japanese());
    let mut frame = Frame {
        trail: vec![
            Link::new("/rooms", "室と鍵"),
            Link::new(PAGE, "照合"),
            Link::new("", finding.kind.japanese()),
        ],
        ..frame(ask, &title, PAGE, &["12-1", "12-2"])
    };
    frame.notices.extend(banner(ask));
    let panels: Vec<Panel> = barred_once(panels(ask, &found))
        .into_iter()
        .map(|panel| Panel { form: fill(panel.form, typed, problems, &mut frame), ..panel })
        .collect();
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let office = ask.app.office();
    let (facts, label) = {
        let city = office.city();
        let room = finding.room.as_ref().map_or(String::new(), |room| format!("　{}", city.room_name(room)));
        let label = format!("{}{room}", words::moment_long(finding.at));
        (facts(&city, &found, office.now()), label)
    };
    let page = FindingPage {
        frame,
        label,
        standing: standing(&found),
        sides: finding.rows.iter().map(side).collect(),
        facts,
        panels,
        links: links(&found),
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn side(line: &register::rooms::Line) -> Side {
    let receipt = line.receipt.as_deref().and_then(words::read_receipt);
    let ours = receipt.as_ref().is_some_and(|receipt| !receipt.journal.starts_with("import-"));
    let name = match line.ledger.as_str() {
        "permits" => "入退室許可簿",
        other => register::ledger(other).map_or(other, |ledger| ledger.name),
    };
    Side {
        ledger: name.to_owned(),
        says: line.says.clone(),
        from: match (&receipt, ours) {
            (Some(receipt), false) => format!("取り込んだファイルの{}行目", receipt.index),
            _ => String::new(),
        },
        receipt: receipt.filter(|_| ours).map(|receipt| words::receipt(&receipt)),
    }
}

fn facts(city: &City, found: &Answered, now: Timestamp) -> Vec<(String, Cell)> {
    let finding = &found.finding;
    let mut facts = Vec::new();
    let mut push = |name: &str, cell: Cell| facts.push((name.to_owned(), cell));
    if let Some(person) = &finding.person {
        push("だれについて", Cell::text(super::named(city, person, now)));
    }
    push("回答する者", Cell::text(city.owner_name(&finding.owed_by, now)));
    let said = |at: Timestamp, by: &PersonId| format!("{}　{}", city.name_of(by), words::moment(at));
    if let Some((at, by, why)) = &found.returned {
        push("差し戻し", Cell::Sub(why.clone(), said(*at, by)));
    }
    if let Some((at, by, answer)) = &found.answer {
        push("回答", Cell::Sub(answer.clone(), said(*at, by)));
    }
    if let Some((at, by)) = &found.accepted {
        push("確かめた者", Cell::text(said(*at, by)));
    }
    facts
}

fn links(found: &Answered) -> Vec<Link> {
    let day = register::japan_day(found.finding.at);
    let room = found.finding.room.as_ref().map_or(String::new(), |room| format!("&room={room}"));
    let mut links = vec![
        Link::new(PAGE, "照合へ戻る"),
        Link::new(format!("/rooms/passages?from={day}&until={day}{room}"), "その日の入退室を見る"),
    ];
    let desks = [
        ("keys", "/rooms/keys", "鍵の窓口へ"),
        ("tags", "/rooms/tags", "名札へ"),
        ("fingerprints", "/rooms/fingers", "指紋登録簿へ"),
        ("permits", "/cases/permit", "入退室の許可へ"),
    ];
    let told = |ledger: &str| found.finding.rows.iter().any(|line| line.ledger == ledger);
    links.extend(desks.iter().filter(|(ledger, ..)| told(ledger)).map(|(_, to, text)| Link::new(*to, *text)));
    links
}

fn panels(ask: &Ask, found: &Answered) -> Vec<Panel> {
    let id = found.finding.id.clone();
    let path = |step: &str| format!("{PAGE}/{id}/{step}");
    let panel = |anchor: &str, heading: &str, lead: &str, act: Act, form: Form| Panel {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&["12-1", "12-2"]),
        lead: lead.to_owned(),
        why: judge(ask, &act.into()),
        form,
    };
    match (&found.accepted, &found.answer) {
        (Some(_), _) => Vec::new(),
        (None, None) => vec![panel(
            "answer",
            "回答する",
            "何があったのかを確かめて書きます。",
            Act::AnswerFinding { finding: id.clone(), answer: String::new() },
            Form::new(path("answer"), "回答する", guard::random_hex())
                .field(Field::new("answer", "回答", Kind::Area).need()),
        )],
        (None, Some(_)) => vec![
            panel(
                "settle",
                "回答を確かめて、解決とする",
                "回答した人とは別の人が確かめます。",
                Act::SettleFinding(id.clone()),
                Form::new(path("settle"), "解決とする", guard::random_hex()),
            ),
            panel(
                "send-back",
                "回答を差し戻す",
                "足りないところを書くと、もう一度回答を待つことになります。",
                Act::SendBackAnswer { finding: id.clone(), correction: String::new() },
                Form::new(path("send-back"), "差し戻す", guard::random_hex())
                    .quiet()
                    .field(Field::new("correction", "足りないところ", Kind::Area).need()),
            ),
        ],
    }
}

/// `POST /rooms/findings/{finding}/answer`.
pub(crate) fn answer(ask: &Ask) -> Answer {
    said(ask, "answer", |finding, answer| Act::AnswerFinding { finding, answer })
}

/// `POST /rooms/findings/{finding}/send-back`.
pub(crate) fn send_back(ask: &Ask) -> Answer {
    said(ask, "correction", |finding, correction| Act::SendBackAnswer { finding, correction })
}

fn said(ask: &Ask, field: &str, act: impl Fn(FindingId, String) -> Act) -> Answer {
    let finding = found(ask)?.finding.id;
    let mut reading = Reading::new(&ask.typed);
    let text = reading.text(field);
    let again = |problems: &Problems| render_one(ask, &ask.typed, problems);
    if !reading.problems.is_empty() {
        return again(&reading.problems);
    }
    let page = format!("{PAGE}/{finding}");
    carry_out(ask, act(finding, text), &page, &[], again)
}

/// `POST /rooms/findings/{finding}/settle`.
pub(crate) fn settle(ask: &Ask) -> Answer {
    let finding = found(ask)?.finding.id;
    let page = format!("{PAGE}/{finding}");
    carry_out(ask, Act::SettleFinding(finding), &page, &[], |problems| render_one(ask, &ask.typed, problems))
}

/// `POST /rooms/findings/reconcile`.
pub(crate) fn reconcile(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let day = reading.text("until");
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    if day.is_empty() {
        return again(&reading.problems);
    }
    let until = match regulation::wareki::parse(&day) {
        Ok(day) => words::end_of_day(day).ok_or(Trouble::Missing)?,
        Err(error) => return again(&Problems::one("until", error.japanese())),
    };
    let before = ask.app.office().city().rooms.findings().reconciled_until();
    if let Some(before) = before.filter(|before| until <= *before) {
        let before = words::day(register::japan_day(before));
        let why = format!("{before}までの照合は、もう記録されています。それより後の日を入力してください");
        return again(&Problems::one("until", why));
    }
    carry_out(ask, Act::ReconcileLedgers { until }, PAGE, &[], again)
}
