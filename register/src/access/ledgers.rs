//! The ledgers of 第4章: terminals, designations, operator cards, and the operation history.

use jiff::Timestamp;

use super::{Card, CardState};
use crate::ledger::columns;
use crate::{CardId, Cell, City, LedgerDef, PersonId, Row, Rows};

/// The ledgers of this chapter.
pub const LEDGERS: &[LedgerDef] = &[
    LedgerDef {
        id: "terminals",
        name: "CS端末登録簿",
        citation: "14",
        keeper: "access-manager",
        columns: columns![
            ("terminal", "端末番号"),
            ("room", "室"),
            ("section", "課所"),
            ("state", "状態"),
            ("since", "登録日時"),
        ],
        rows: Rows::OfCity(terminals),
    },
    LedgerDef {
        id: "designations",
        name: "操作者指定簿",
        citation: "16(2)",
        keeper: "access-manager",
        columns: columns![
            ("designation", "指定番号"),
            ("kind", "カードの種類"),
            ("person", "職員番号"),
            ("name", "氏名"),
            ("section", "課所"),
            ("proposed_by", "申出者"),
            ("proposed_at", "申出日時"),
            ("agreed_by", "同意者"),
            ("agreed_at", "同意日時"),
            ("ended_at", "終了日時"),
        ],
        rows: Rows::OfCity(designations),
    },
    LedgerDef {
        id: "operator-cards",
        name: "操作者用ICカード管理簿",
        citation: "16(3)",
        keeper: "access-manager",
        columns: columns![
            ("card", "カード番号"),
            ("kind", "種類"),
            ("holder", "操作者ID"),
            ("name", "操作者氏名"),
            ("section", "所属"),
            ("office", "職"),
            ("approved_by", "承認者"),
            ("prepared_by", "準備者"),
            ("issued_at", "貸与日時"),
            ("issued_by", "貸与者"),
            ("received_at", "受領日時"),
            ("kept", "保管場所"),
            ("expires_at", "証明書の期限"),
            ("inspected_at", "検査日時"),
            ("inspection", "検査の結果"),
            ("lost_at", "紛失の届出"),
            ("collected_at", "回収日時"),
            ("revoked_at", "失効日時"),
            ("state", "状態"),
            ("since", "状態の日時"),
            ("reason", "事由"),
            ("last_use", "最終使用"),
            ("last_terminal", "最終使用端末"),
        ],
        rows: Rows::OfCity(cards),
    },
    LedgerDef {
        id: "spare-cards",
        name: "予備カード使用簿",
        citation: "16(3)",
        keeper: "access-manager",
        columns: columns![
            ("card", "カード番号"),
            ("kind", "種類"),
            ("person", "操作者ID"),
            ("name", "使用者氏名"),
            ("section", "所属"),
            ("purpose", "使用目的"),
            ("lent_at", "貸出日時"),
            ("lent_by", "貸出しの確認者"),
            ("returned_at", "返却日時"),
            ("returned_by", "返却の確認者"),
            ("remark", "所見"),
            ("receipt", "原簿"),
        ],
        rows: Rows::OfCity(spare_cards),
    },
    LedgerDef {
        id: "operations",
        name: "操作履歴",
        citation: "18",
        keeper: "access-manager",
        columns: columns![
            ("at", "日時"),
            ("operator", "操作者ID"),
            ("card", "カード番号"),
            ("terminal", "端末番号"),
            ("business", "業務"),
            ("operation", "操作"),
            ("condition", "検索条件"),
            ("resident", "住民票コード"),
            ("hits", "結果件数"),
            ("output", "出力"),
            ("outcome", "結果"),
            ("reason", "根拠番号"),
        ],
        rows: Rows::OfHistory,
    },
];

fn terminals(city: &City, _at: Timestamp) -> Vec<Row> {
    let terminals = city.access.terminals();
    terminals
        .map(|(id, terminal)| {
            vec![
                Cell::code(id),
                city.room_name(&terminal.room).into(),
                city.section_name(&terminal.section).into(),
                if terminal.in_service { "稼働" } else { "廃止" }.into(),
                terminal.since.into(),
            ]
        })
        .collect()
}

fn designations(city: &City, at: Timestamp) -> Vec<Row> {
    let signed = |signature: &Option<(PersonId, Timestamp)>| match signature {
        Some((by, at)) => [Cell::from(city.name_of(by)), Cell::from(*at)],
        None => [Cell::Empty, Cell::Empty],
    };
    let designations = city.access.designations();
    designations
        .map(|(id, designation)| {
            let [proposed_by, proposed_at] = signed(&Some(designation.proposed.clone()));
            let [agreed_by, agreed_at] = signed(&designation.agreed);
            vec![
                Cell::code(id),
                city.card_kind_name(&designation.kind).into(),
                Cell::code(&designation.person),
                city.name_of(&designation.person).into(),
                city.section_name(&designation.section).into(),
                proposed_by,
                proposed_at,
                agreed_by,
                agreed_at,
                designation.ended.or(city.designee_left(designation, at).map(|left| left.at)).into(),
            ]
        })
        .collect()
}

fn cards(city: &City, at: Timestamp) -> Vec<Row> {
    city.access.cards().map(|(id, card)| card_row(city, id, card, at)).collect()
}

fn card_row(city: &City, id: &CardId, card: &Card, at: Timestamp) -> Row {
    let in_state = |state| (card.state == state).then_some(card.since).into();
    let name = |who: &Option<(PersonId, Timestamp)>| match who {
        Some((person, _)) => Cell::from(city.name_of(person)),
        None => Cell::Empty,
    };
    let (holder, who) = match &card.holder {
        Some(holder) => (
            Cell::code(holder),
            [city.name_of(holder), city.workplace_of(holder, at), city.offices_held(holder, at)],
        ),
        None => (Cell::Empty, ["予備カード".to_owned(), String::new(), String::new()]),
    };
    let [person, section, office] = who.map(Cell::from);
    let inspected = card.inspected.as_ref();
    let result = inspected.map_or(Cell::Empty, |seen| match seen.remark.as_str() {
        "" => "異状なし".into(),
        remark => remark.into(),
    });
    vec![
        Cell::code(id),
        city.card_kind_name(&card.kind).into(),
        holder,
        person,
        section,
        office,
        name(&city.approval_of(card)),
        name(&card.prepared),
        card.issued.1.into(),
        city.name_of(&card.issued.0).into(),
        card.received.into(),
        card.kept.as_str().into(),
        card.expires.into(),
        inspected.map(|seen| seen.by.1).into(),
        result,
        card.lost.as_ref().map(|lost| lost.by.1).into(),
        in_state(CardState::Collected),
        in_state(CardState::Revoked),
        card.state.japanese().into(),
        card.since.into(),
        card.reason.as_str().into(),
        card.last_use.as_ref().map(|(at, _)| *at).into(),
        card.last_use.as_ref().map_or(Cell::Empty, |(_, terminal)| Cell::code(terminal)),
    ]
}

fn spare_cards(city: &City, _at: Timestamp) -> Vec<Row> {
    let loans = city.access.spares().loans().iter();
    loans
        .map(|loan| {
            let kind = city.access.card(&loan.card).map(|card| city.card_kind_name(&card.kind));
            let back = loan.returned.as_ref();
            vec![
                Cell::code(&loan.card),
                kind.unwrap_or_default().into(),
                Cell::code(&loan.to),
                city.name_of(&loan.to).into(),
                city.workplace_of(&loan.to, loan.lent.0).into(),
                loan.purpose.as_str().into(),
                loan.lent.0.into(),
                city.name_of(&loan.lent.1).into(),
                back.map(|(at, _)| *at).into(),
                back.map_or(Cell::Empty, |(_, by)| city.name_of(by).into()),
                loan.remark.as_str().into(),
                Cell::code(&loan.receipt),
            ]
        })
        .collect()
}
