//! `/history/…`: one's own operations, who looked at a resident, what an operator did (第18条).
//!
//! A view of the history is an operation itself, with its purpose; looking again at what was shown is not.

use std::collections::BTreeMap;

use axum::response::Response;
use jiff::civil::Date;
use office::{Asked, Shown, View};
use register::access::OperationKind;
use register::{City, PersonId};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::cs::{gone, reason_cell, shown_before};
use crate::pages::views::HistoryPage;
use crate::pages::{form_status, locked_when_idle, page, render};
use crate::trouble::{Answer, Trouble, at_fields, see_other};
use crate::typed::{Problems, Typed};
use crate::view::{Banner, Cell, Choice, Field, Form, Frame, Kind, Link, Pages, State, Table, Tone};
use crate::words;

/// One of the three ways to look.
#[derive(Clone, Copy)]
struct Way {
    kind: OperationKind,
    path: &'static str,
    title: &'static str,
    lead: &'static str,
    /// The form's field for whom to look for; none for oneself.
    subject: &'static str,
}

const WAYS: [Way; 3] = [
    Way {
        kind: OperationKind::HistoryOwn,
        path: "/history/mine",
        title: "自分の操作履歴",
        lead: "自分がした操作を見ます。身に覚えのない操作があれば、カードを止めて、アクセス管理責任者に知らせてください。履歴を見ることも一件の操作として記録されます。",
        subject: "",
    },
    Way {
        kind: OperationKind::HistoryResident,
        path: "/history/residents",
        title: "住民ごとの操作履歴",
        lead: "だれがこの住民を見たかを調べます。見られるのは、統括責任者、アクセス管理責任者とセキュリティ責任者です。履歴を見ることも一件の操作として、目的とともに記録されます。",
        subject: "code",
    },
    Way {
        kind: OperationKind::HistoryOperator,
        path: "/history/operators",
        title: "操作者ごとの操作履歴",
        lead: "この操作者が何をしたかを調べます。見られるのは、統括責任者、アクセス管理責任者とセキュリティ責任者です。履歴を見ることも一件の操作として、目的とともに記録されます。",
        subject: "operator",
    },
];

/// `GET /history/mine`.
pub(crate) fn mine(ask: &Ask) -> Answer {
    form_page(ask, &WAYS[0])
}

/// `GET /history/residents`.
pub(crate) fn residents(ask: &Ask) -> Answer {
    form_page(ask, &WAYS[1])
}

/// `GET /history/operators`.
pub(crate) fn operators(ask: &Ask) -> Answer {
    form_page(ask, &WAYS[2])
}

fn form_page(ask: &Ask, way: &Way) -> Answer {
    let kept = ask.kept().unwrap_or_default();
    Ok(render_form(ask, way, &kept, &Problems::default()))
}

fn render_form(ask: &Ask, way: &Way, typed: &Typed, problems: &Problems) -> Response {
    let mut frame = history_frame(ask, way);
    if ask.query.get("back") == "yes" && typed != &Typed::default() {
        frame.notices.push(Banner::new(Tone::Info, "入力していた内容をお返ししました"));
    }
    let form = fill(form(ask, way), typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let page = HistoryPage {
        frame,
        lead: way.lead.to_owned(),
        form: Some(form),
        condition: Vec::new(),
        receipt: None,
        table: None,
        pages: Pages::default(),
    };
    render(form_status(!problems.is_empty()), &page)
}

fn history_frame(ask: &Ask, way: &Way) -> Frame {
    Frame {
        trail: vec![Link::new("/history/mine", "操作履歴"), Link::new("", way.title)],
        ..ask.frame(way.title, way.path, &["18"])
    }
}

fn form(ask: &Ask, way: &Way) -> Form {
    let mut form = Form::new(way.path, "履歴を見る", guard::random_hex());
    match way.subject {
        "code" => {
            form = form.field(Field::new("code", "住民票コード", Kind::Digits).need().hint("11桁"));
        }
        "operator" => {
            let city = ask.app.office().city();
            let now = ask.app.office().now();
            // Whoever has left is asked about as well.
            let people = city.organization.people().map(|(id, _)| words::staff(&city, id, now));
            let people = std::iter::once(Choice::new("", "選んでください")).chain(people).collect();
            form = form.field(Field::new("operator", "操作者", Kind::Select(people)).need());
        }
        _ => {}
    }
    if !way.subject.is_empty() {
        form = form.field(
            Field::new("purpose", "目的", Kind::Text)
                .need()
                .hint("例：本人からの開示請求、監査、事故の調査。番号があれば番号も。"),
        );
    }
    form.field(Field::new("from", "この日から", Kind::Short).hint("例：R8.4.1、令和8年4月1日"))
        .field(Field::new("to", "この日まで", Kind::Short))
}

/// `POST /history/mine`.
pub(crate) fn view_mine(ask: &Ask) -> Answer {
    view(ask, &WAYS[0])
}

/// `POST /history/residents`.
pub(crate) fn view_resident(ask: &Ask) -> Answer {
    view(ask, &WAYS[1])
}

/// `POST /history/operators`.
pub(crate) fn view_operator(ask: &Ask) -> Answer {
    view(ask, &WAYS[2])
}

fn view(ask: &Ask, way: &Way) -> Answer {
    let mut problems = Problems::default();
    let period = period(&ask.typed, &mut problems);
    if !way.subject.is_empty() && ask.typed.get(way.subject).is_empty() {
        problems.add(way.subject, if way.subject == "code" { "入力してください" } else { "選んでください" });
    }
    if !problems.is_empty() {
        return Ok(render_form(ask, way, &ask.typed, &problems));
    }
    let asked = Asked {
        kind: way.kind,
        condition: ask.typed.get(way.subject).to_owned(),
        reason: ask.typed.some("purpose"),
        period,
    };
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    match ask.app.office().operate(stay, asked, ask.request()) {
        Ok(receipt) => {
            ask.app.note(&stay.session, receipt.index);
            Ok(see_other(&format!("/history/shown/{}", receipt.index)))
        }
        Err(declined) => {
            let field =
                |name: &str| if name == "condition" { way.subject.to_owned() } else { name.to_owned() };
            Ok(render_form(ask, way, &ask.typed, &at_fields(declined, field)?))
        }
    }
}

/// From which day to which. An open end is as far as the history goes.
pub(crate) fn period(typed: &Typed, problems: &mut Problems) -> Option<(Date, Date)> {
    let mut day = |field: &str| match typed.some(field) {
        None => None,
        Some(text) => match regulation::wareki::parse(&text) {
            Ok(day) => Some(day),
            Err(error) => {
                problems.add(field, error.japanese());
                None
            }
        },
    };
    match (day("from"), day("to")) {
        (None, None) => None,
        (from, to) => {
            let (from, to) = (from.unwrap_or(EARLIEST), to.unwrap_or(LATEST));
            if from > to {
                problems.add("to", "終わりの日が始まりの日より前です");
            }
            Some((from, to))
        }
    }
}

/// Before Juki-Net was.
const EARLIEST: Date = jiff::civil::date(2002, 1, 1);
/// After every plan.
const LATEST: Date = jiff::civil::date(2999, 12, 31);

/// `GET /history/shown/{index}`.
pub(crate) fn shown(ask: &Ask) -> Answer {
    let Some(shown) = shown_before(ask)? else { return Ok(gone(ask)) };
    let View::History { rows, more } = &shown.view else { return Err(Trouble::Missing) };
    let way = WAYS.iter().find(|way| way.kind == shown.asked.kind).ok_or(Trouble::Missing)?;
    // The frame first: nobody holds the city twice.
    let frame = history_frame(ask, way);
    let city = ask.app.office().city();
    let note = if *more {
        format!("新しい順・はじめの{}件。期間をしぼると続きを見られます", rows.len())
    } else {
        format!("新しい順・{}件", rows.len())
    };
    let table = rows_table(&city, "操作", &note, rows);
    let page = page(&HistoryPage {
        frame,
        lead: String::new(),
        form: None,
        condition: condition(&city, &shown),
        receipt: Some(words::receipt(&shown.receipt)),
        table: Some(table),
        pages: Pages::default(),
    });
    drop(city);
    Ok(locked_when_idle(ask, page))
}

fn condition(city: &City, shown: &Shown) -> Vec<(String, Cell)> {
    let asked = &shown.asked;
    let mut facts = Vec::new();
    match asked.kind {
        OperationKind::HistoryResident => {
            facts.push(("住民票コード".to_owned(), Cell::text(crate::pages::cs::masked(&asked.condition))));
        }
        OperationKind::HistoryOperator => {
            facts.push(("操作者".to_owned(), Cell::text(person(city, &asked.condition))))
        }
        _ => {}
    }
    if let Some((from, to)) = asked.period {
        let until = if to == LATEST { "いままで".to_owned() } else { words::day(to) };
        facts.push(("期間".to_owned(), Cell::text(format!("{}から{until}", words::day(from)))));
    }
    if let Some(purpose) = &asked.reason {
        facts.push(("目的".to_owned(), Cell::text(purpose)));
    }
    facts
}

fn person(city: &City, id: &str) -> String {
    id.parse::<PersonId>().map_or_else(|_| id.to_owned(), |id| city.name_of(&id))
}

/// Rows of the history. One operation is one line, however many residents it touched.
pub(crate) fn rows_table(city: &City, caption: &str, note: &str, rows: &[history::Row]) -> Table {
    let mut table = Table::new(caption, "この条件に当てはまる操作はありません。")
        .note(note)
        .head("日時", "t")
        .column("操作者", "t")
        .column("操作", "t")
        .column("条件", "")
        .column("見た住民", "k")
        .column("根拠番号・目的", "")
        .column("結果", "t")
        .column("原簿", "t");
    let mut touched: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for row in rows {
        touched.entry(row.index).or_default().extend(row.resident.map(|code| code.masked()));
    }
    for row in rows {
        let Some(codes) = touched.remove(&row.index) else { continue };
        let section = row.section.as_deref().map_or(String::new(), |id| section_name(city, id));
        let terminal = row.terminal.as_deref().unwrap_or("－");
        let residents = match codes.as_slice() {
            [] => Cell::text("－"),
            [one] => Cell::text(one.clone()),
            [first, rest @ ..] => Cell::Sub(first.clone(), format!("ほか{}人", rest.len())),
        };
        let outcome = match row.outcome {
            history::Outcome::Done => Cell::text(format!("{}件", words::grouped(row.hits))),
            history::Outcome::Refused => Cell::badge(State::Refused, "拒否"),
            history::Outcome::Failed => Cell::badge(State::Late, "異常"),
        };
        table.push(vec![
            Cell::text(words::moment(row.at)),
            Cell::Sub(person(city, &row.operator), format!("{section}・{terminal}")),
            Cell::text(kind(row.kind)),
            Cell::text(shown_condition(row)),
            residents,
            reason_cell(row.reason.as_deref()),
            outcome,
            Cell::Receipt(crate::view::Receipt { journal: "operations".to_owned(), index: row.index }),
        ]);
    }
    table
}

fn section_name(city: &City, id: &str) -> String {
    city.profile().section(id).map_or(id.to_owned(), |section| section.name.clone())
}

/// What was looked for, with codes masked.
fn shown_condition(row: &history::Row) -> String {
    match row.kind {
        OperationKind::SearchName | OperationKind::SearchKana | OperationKind::HistoryOperator => {
            row.condition.clone()
        }
        _ => crate::pages::cs::masked(row.condition.split(' ').next().unwrap_or_default()),
    }
}

/// What an operation is called.
pub(crate) fn kind(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::SearchName => "氏名検索",
        OperationKind::SearchKana => "カナ検索",
        OperationKind::SearchCode => "コード検索",
        OperationKind::Consult => "照会",
        OperationKind::PrintForm => "帳票出力",
        OperationKind::Reveal => "番号の表示",
        OperationKind::Update => "更新",
        OperationKind::Send => "送信",
        OperationKind::HistoryOwn => "履歴（自分）",
        OperationKind::HistoryResident => "履歴（住民）",
        OperationKind::HistoryOperator => "履歴（操作者）",
    }
}
