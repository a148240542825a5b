//! `/ledgers`: the ledgers (管理簿) that the regulation wants, one definition for page and file.

use std::borrow::Cow;

use axum::http::header;
use axum::response::IntoResponse;
use register::{City, LedgerDef, Row, Rows};

use crate::ask::Ask;
use crate::csv;
use crate::pages::views::ListPage;
use crate::pages::{oversees, page};
use crate::trouble::{Answer, Trouble, see_other};
use crate::view::{Cell, Frame, Link, Pages, Table};
use crate::words;

/// `GET /ledgers`.
pub(crate) fn list(ask: &Ask) -> Answer {
    let city = ask.app.office().city();
    let mut table = Table::new("管理簿", "管理簿はありません。")
        .head("名前", "")
        .column("根拠", "t")
        .column("作り、保つ人", "");
    for ledger in register::ledgers() {
        table.push(vec![
            Cell::link(format!("/ledgers/{}", ledger.id), ledger.name),
            Cell::Cites(words::cites(&[ledger.citation])),
            Cell::text(keeper(&city, ledger)),
        ]);
    }
    drop(city);
    Ok(page(&ListPage {
        frame: ask.frame("管理簿", "/ledgers", &[]),
        lead: "規程が求める管理簿です。どれも原簿の記録から作られ、手で書き換えることはできません。"
            .to_owned(),
        filters: None,
        tables: vec![table],
        pages: Pages::default(),
        links: Vec::new(),
    }))
}

fn keeper(city: &City, ledger: &LedgerDef) -> String {
    city.profile().post(ledger.keeper).map_or(ledger.keeper.to_owned(), |post| post.name.clone())
}

/// The ledger in the address, and whether it is asked for as a file.
fn asked_for(ask: &Ask) -> Result<(&'static LedgerDef, bool), Trouble> {
    let name = ask.part("ledger");
    let (id, file) = match name.strip_suffix(".csv") {
        Some(id) => (id, true),
        None => (name, false),
    };
    Ok((register::ledger(id).ok_or(Trouble::Missing)?, file))
}

/// The rows of a ledger, for those who oversee.
pub(crate) fn rows(ask: &Ask, ledger: &LedgerDef) -> Result<Vec<Row>, Trouble> {
    let office = ask.app.office();
    let city = office.city();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    if !oversees(&city, me, office.now()) {
        return Err(Trouble::NotYours(
            "管理簿を見られるのは、規程の職（統括責任者、副責任者、システム管理者、アクセス管理責任者、セキュリティ責任者など）にある人です。"
                .to_owned(),
        ));
    }
    match ledger.rows {
        Rows::OfCity(rows) => Ok(rows(&city, office.now())),
        Rows::OfPassages => {
            let passages = city.passages(&register::rooms::PassageFilter::default());
            Ok(passages.into_iter().map(|passage| city.passage_row(passage)).collect())
        }
        Rows::OfHistory => Ok(Vec::new()),
    }
}

/// `GET /ledgers/{ledger}` and `GET /ledgers/{ledger}.csv`.
pub(crate) fn one(ask: &Ask) -> Answer {
    let (ledger, file) = asked_for(ask)?;
    if matches!(ledger.rows, Rows::OfPassages) && !file {
        // This one has a page of its own, with filters.
        return Ok(see_other("/rooms/passages"));
    }
    let rows = rows(ask, ledger)?;
    if file {
        return download(ledger, &rows);
    }
    let mut table = Table::new(ledger.name, "この管理簿には、まだ何も記録されていません。").note(format!(
        "{}件{}",
        words::grouped(rows.len() as u64),
        if ledger.columns.len() > WIDE { "・横に動かして見られます" } else { "" }
    ));
    for (at, column) in ledger.columns.iter().enumerate() {
        let class = class(&rows, at);
        table = if at == 0 { table.head(column.name, class) } else { table.column(column.name, class) };
    }
    let (range, pages) = ask.pages(rows.len());
    for row in &rows[range] {
        table.push(row.iter().map(shown).collect());
    }
    let keeper = keeper(&ask.app.office().city(), ledger);
    let (lead, links) = match ledger.rows {
        Rows::OfCity(_) | Rows::OfPassages => (
            format!("作り、保つ人：{keeper}"),
            vec![Link::new(format!("/ledgers/{}.csv", ledger.id), "CSVで保存する")],
        ),
        Rows::OfHistory => (
            format!(
                "操作履歴を見ることは、それ自体が一件の操作です。目的を書いて、操作履歴のページから見てください。\
                 記録した年度の翌年度の初日から{}年、保存します。",
                ask.app.office().settings().operations_retention_years
            ),
            vec![
                Link::new("/history/residents", "住民ごとに見る"),
                Link::new("/history/operators", "操作者ごとに見る"),
            ],
        ),
    };
    let frame = Frame {
        trail: vec![Link::new("/ledgers", "管理簿"), Link::new("", ledger.name)],
        ..ask.frame(ledger.name, "/ledgers", &[ledger.citation])
    };
    let tables = if matches!(ledger.rows, Rows::OfHistory) { Vec::new() } else { vec![table] };
    Ok(page(&ListPage { frame, lead, filters: None, tables, pages, links }))
}

/// Tables with more columns than this are wider than the page.
const WIDE: usize = 9;

/// Texts that are this short are never broken into lines.
const SHORT: usize = 12;

/// How a column is set: by what its cells are, and for texts by how long they are.
pub(crate) fn class(rows: &[Row], at: usize) -> &'static str {
    let cells = || rows.iter().filter_map(|row| row.get(at)).filter(|cell| **cell != register::Cell::Empty);
    match cells().next() {
        Some(register::Cell::Code(_)) => "k",
        Some(register::Cell::Number(_)) => "n",
        Some(register::Cell::Text(_)) if cells().any(|cell| plain(cell).chars().count() > SHORT) => "w",
        _ => "t",
    }
}

/// A cell as people read it.
pub(crate) fn shown(cell: &register::Cell) -> Cell {
    match cell {
        register::Cell::Empty => Cell::text("－"),
        register::Cell::Text(text) | register::Cell::Code(text) => Cell::text(text),
        register::Cell::Number(number) => Cell::text(number.to_string()),
        register::Cell::Day(day) => Cell::text(words::day(*day)),
        register::Cell::Moment(at) => {
            let (day, time) = words::day_and_time(*at);
            Cell::Sub(day, time)
        }
    }
}

/// A cell as spreadsheets and programs read it.
pub(crate) fn plain(cell: &register::Cell) -> Cow<'_, str> {
    match cell {
        register::Cell::Empty => Cow::Borrowed(""),
        register::Cell::Text(text) | register::Cell::Code(text) => Cow::Borrowed(text),
        register::Cell::Number(number) => Cow::Owned(number.to_string()),
        register::Cell::Day(day) => Cow::Owned(day.to_string()),
        register::Cell::Moment(at) => {
            let seconds = words::in_japan(*at).round(jiff::Unit::Second);
            Cow::Owned(format!("{}+09:00", seconds.unwrap_or_else(|_| words::in_japan(*at))))
        }
    }
}

fn download(ledger: &LedgerDef, rows: &[Row]) -> Answer {
    let head = ledger.columns.iter().map(|column| Cow::Borrowed(column.name)).collect();
    let rows = rows.iter().map(|row| row.iter().map(plain).collect());
    let text = csv::write(std::iter::once(head).chain(rows)).map_err(Trouble::broken)?;
    let name = format!("attachment; filename=\"{}.csv\"", ledger.id);
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)],
        text,
    )
        .into_response())
}
