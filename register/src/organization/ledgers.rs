//! The ledgers of 第2章: appointments, and the periods in which the deputy acted.

use jiff::Timestamp;

use super::{council, directive};
use crate::ledger::columns;
use crate::occasion::japan_day;
use crate::{Cell, City, LedgerDef, OfficeId, Row, Rows};

/// The ledgers of this chapter.
pub const LEDGERS: &[LedgerDef] = &[
    LedgerDef {
        id: "appointments",
        name: "充て職の発令簿",
        citation: "3-2",
        keeper: "secretariat",
        columns: columns![
            ("office", "職"),
            ("posts", "充て職"),
            ("person", "職員番号"),
            ("name", "氏名"),
            ("from", "始期"),
            ("until", "終期の翌日"),
            ("list", "異動の一覧"),
            ("recorded_at", "登録日時"),
            ("reversed_at", "取消日時"),
        ],
        rows: Rows::OfCity(appointments),
    },
    LedgerDef {
        id: "transfers",
        name: "人事異動の記録",
        citation: "3-2",
        keeper: "secretariat",
        columns: columns![
            ("list", "一覧の番号"),
            ("day", "発令日"),
            ("people", "人数"),
            ("state", "状態"),
            ("by", "登録した者"),
            ("at", "登録日時"),
            ("digest", "ファイルのSHA-256"),
            ("reversed_by", "取り消した者"),
            ("reversed_at", "取消日時"),
            ("reason", "取消しの理由"),
        ],
        rows: Rows::OfCity(transfers),
    },
    LedgerDef {
        id: "acting-periods",
        name: "職務代理簿",
        citation: "4-2",
        keeper: "secretariat",
        columns: columns![
            ("from", "始期"),
            ("until", "終期"),
            ("reason", "事由"),
            ("opened_by", "開始した者"),
        ],
        rows: Rows::OfCity(acting_periods),
    },
    council::MINUTES,
    council::MATTERS,
    directive::DIRECTIVES,
    LedgerDef {
        id: "acting-acts",
        name: "職務代理の後閲簿",
        citation: "4-2",
        keeper: "head",
        columns: columns![
            ("at", "日時"),
            ("by", "職務代理者"),
            ("what", "行為"),
            ("receipt", "原簿"),
            ("seen_by", "後閲した者"),
            ("seen_at", "後閲日時"),
        ],
        rows: Rows::OfCity(acting_acts),
    },
];

fn appointments(city: &City, _at: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    for office in city.profile().offices() {
        let posts: Vec<&str> =
            city.profile().posts_of_office(&office.id).map(|post| post.name.as_str()).collect();
        let Ok(id) = office.id.parse::<OfficeId>() else {
            continue;
        };
        for tenure in city.organization.every_tenure(&id) {
            let next = city.organization.tenures(&id).find(|next| next.from > tenure.from);
            rows.push(vec![
                Cell::from(office.name.as_str()),
                Cell::from(posts.join("、")),
                tenure.person.as_ref().map_or(Cell::Empty, Cell::code),
                tenure.person.as_ref().map_or(Cell::from("（空席）"), |id| city.name_of(id).into()),
                Cell::from(tenure.from),
                Cell::from(next.map(|next| next.from)),
                tenure.list.as_ref().map_or(Cell::Empty, Cell::code),
                Cell::from(tenure.recorded.at),
                Cell::from(tenure.reversed),
            ]);
        }
    }
    rows
}

fn transfers(city: &City, at: Timestamp) -> Vec<Row> {
    let transfers = city.organization.transfers();
    transfers
        .map(|(id, transfer)| {
            let reversed = transfer.reversed.as_ref();
            vec![
                Cell::code(id),
                Cell::from(transfer.day),
                Cell::Number(transfer.people.try_into().unwrap_or(i64::MAX)),
                Cell::from(transfer.japanese_on(japan_day(at))),
                Cell::from(city.name_of(&transfer.by)),
                Cell::from(transfer.recorded.at),
                Cell::code(&transfer.digest),
                Cell::from(reversed.map(|reversal| city.name_of(&reversal.by))),
                Cell::from(reversed.map(|reversal| reversal.recorded.at)),
                Cell::from(reversed.map(|reversal| reversal.reason.as_str())),
            ]
        })
        .collect()
}

fn acting_acts(city: &City, _at: Timestamp) -> Vec<Row> {
    let acted = city.organization.acted().iter();
    acted
        .map(|acted| {
            let seen = acted.seen.as_ref();
            vec![
                Cell::from(acted.at),
                Cell::from(city.name_of(&acted.by)),
                Cell::from(crate::fact_name(&acted.what)),
                Cell::code(&acted.receipt),
                Cell::from(seen.map(|(by, _)| city.name_of(by))),
                Cell::from(seen.map(|(_, at)| *at)),
            ]
        })
        .collect()
}

fn acting_periods(city: &City, _at: Timestamp) -> Vec<Row> {
    let periods = city.organization.acting_periods().iter();
    periods
        .map(|period| {
            vec![
                Cell::from(period.from),
                Cell::from(period.until),
                Cell::from(period.reason.as_str()),
                Cell::from(city.name_of(&period.opened_by)),
            ]
        })
        .collect()
}
