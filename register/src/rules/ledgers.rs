//! The ledgers of 第10章: the rules by place and version, and who has read them.

use jiff::Timestamp;

use super::Version;
use crate::ledger::columns;
use crate::occasion::japan_day;
use crate::{Cell, City, LedgerDef, Row, Rows};

/// The ledgers of this chapter.
pub const LEDGERS: &[LedgerDef] = &[
    LedgerDef {
        id: "acknowledgements",
        name: "定めの確認簿",
        citation: "17",
        keeper: "access-manager",
        columns: columns![
            ("rule", "定め"),
            ("version", "版"),
            ("person", "職員番号"),
            ("name", "氏名"),
            ("section", "課所"),
            ("at", "読んだと記録した日時"),
            ("receipt", "原簿"),
        ],
        rows: Rows::OfCity(acknowledgements),
    },
    LedgerDef {
        id: "rules",
        name: "定めの台帳",
        citation: "30",
        keeper: "secretariat",
        columns: columns![
            ("number", "番号"),
            ("place", "何の定めか"),
            ("citation", "条項"),
            ("subject", "事項"),
            ("title", "件名"),
            ("version", "版"),
            ("change", "変わるところと理由"),
            ("agreed", "同意した職"),
            ("by", "定めた者"),
            ("at", "定めた日時"),
            ("in-force", "施行日"),
            ("until", "効力の終わり"),
            ("state", "状態"),
            ("document", "文書"),
            ("sha256", "文書のSHA-256"),
            ("receipt", "原簿"),
        ],
        rows: Rows::OfCity(rules),
    },
];

fn rules(city: &City, at: Timestamp) -> Vec<Row> {
    city.rules.versions().iter().map(|version| row(city, version, at)).collect()
}

fn row(city: &City, version: &Version, at: Timestamp) -> Row {
    let place = city.profile().rule_place(&version.place);
    let office = |id: &String| city.profile().office(id).map_or(id.clone(), |office| office.name.clone());
    let agreed: Vec<String> = version.agreed.iter().map(office).collect();
    let acting = if version.acting { "（職務代理）" } else { "" };
    vec![
        city.cases.get(&version.case).map_or(Cell::Empty, |case| case.label().into()),
        place.map_or(version.place.clone(), |place| place.name.clone()).into(),
        place.map_or(Cell::Empty, |place| place.citation.japanese().to_string().into()),
        version.subject.as_str().into(),
        version.title.as_str().into(),
        version.version.as_str().into(),
        version.change.as_str().into(),
        agreed.join("、").into(),
        format!("{}{acting}", city.name_of(&version.by)).into(),
        version.laid_down.into(),
        version.in_force.into(),
        city.rules.until(version, at).into(),
        state(city, version, at).into(),
        version.document.as_ref().map_or(Cell::Empty, |document| document.name.as_str().into()),
        version.document.as_ref().map_or(Cell::Empty, |document| Cell::code(&document.sha256)),
        Cell::code(&version.receipt),
    ]
}

fn state(city: &City, version: &Version, at: Timestamp) -> &'static str {
    let today = japan_day(at);
    if version.withdrawn.is_some_and(|withdrawn| withdrawn <= at) {
        "廃止"
    } else if version.from() > today {
        "施行前"
    } else if city.rules.until(version, at).is_some_and(|until| until <= today) {
        "旧版"
    } else {
        "施行中"
    }
}

fn acknowledgements(city: &City, _at: Timestamp) -> Vec<Row> {
    let mut rows = Vec::new();
    for version in city.rules.versions() {
        for (person, at, receipt) in city.rules.acknowledgements(&version.case) {
            let section = city.workplace_of(person, at);
            rows.push(vec![
                version.title.as_str().into(),
                version.version.as_str().into(),
                Cell::code(person),
                city.name_of(person).into(),
                section.into(),
                at.into(),
                Cell::code(receipt),
            ]);
        }
    }
    rows
}
