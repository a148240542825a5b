//! The ledgers of 第2章: appointments, and the periods in which the deputy acted.

use jiff::Timestamp;

use super::{council, directive};
use crate::ledger::columns;
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
            ("until", "終期"),
        ],
        rows: Rows::OfCity(appointments),
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
];

fn appointments(city: &City, _at: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    for office in city.profile().offices() {
        let posts: Vec<&str> =
            city.profile().posts_of_office(&office.id).map(|post| post.name.as_str()).collect();
        let Ok(id) = office.id.parse::<OfficeId>() else {
            continue;
        };
        let tenures = city.organization.tenures(&id);
        for (i, tenure) in tenures.iter().enumerate() {
            rows.push(vec![
                Cell::from(office.name.as_str()),
                Cell::from(posts.join("、")),
                tenure.person.as_ref().map_or(Cell::Empty, Cell::code),
                tenure.person.as_ref().map_or(Cell::from("（空席）"), |id| city.name_of(id).into()),
                Cell::from(tenure.from),
                Cell::from(tenures.get(i + 1).map(|next| next.from)),
            ]);
        }
    }
    rows
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
