//! The ledgers of 第3章: rooms, entries, keys, fingerprints, permits, tags, people from outside, alarms, findings.

use jiff::Timestamp;
use jiff::civil::Date;

use super::passage::{Direction, Passage};
use crate::case::rows;
use crate::ledger::columns;
use crate::occasion::{japan_day, japan_midnight};
use crate::{Cell, City, Column, LedgerDef, PersonId, RoomId, Row, Rows};

/// The ledgers of this chapter.
pub const LEDGERS: &[LedgerDef] = &[
    LedgerDef {
        id: "rooms",
        name: "室の台帳",
        citation: "9-1",
        keeper: "lock-officer",
        columns: columns![
            ("room", "室"),
            ("level", "区分"),
            ("kind", "種類"),
            ("section", "課所"),
            ("manager", "入退室管理者"),
            ("holder", "職に就いている者"),
            ("doors", "扉"),
        ],
        rows: Rows::OfCity(rooms),
    },
    LedgerDef {
        id: "permits",
        name: "入退室許可簿",
        citation: "10-2",
        keeper: "entry-manager",
        columns: columns![
            ("number", "許可番号"),
            ("person", "許可を受ける人"),
            ("room", "室"),
            ("term", "種類"),
            ("from", "始まり"),
            ("until", "終わり"),
            ("purpose", "目的"),
            ("granted", "許可の日時"),
            ("granted-by", "許可した者"),
            ("reviewed", "見直し"),
            ("state", "状態"),
        ],
        rows: Rows::OfCity(permits),
    },
    LedgerDef {
        id: "entries",
        name: "入退室管理簿",
        citation: "12-1",
        keeper: "entry-manager",
        columns: PASSAGE_COLUMNS,
        rows: Rows::OfPassages,
    },
    LedgerDef {
        id: "keys",
        name: "鍵の管理簿",
        citation: "12-2",
        keeper: "key-officer",
        columns: columns![
            ("key", "鍵番号"),
            ("name", "種別"),
            ("room", "室"),
            ("lent", "貸出日時"),
            ("person", "職員番号"),
            ("borrower", "氏名"),
            ("organisation", "所属"),
            ("purpose", "使用目的"),
            ("card", "確かめたカード"),
            ("due", "返却の期限"),
            ("lent-by", "貸し出した者"),
            ("returned", "返却日時"),
            ("returned-to", "返却を確かめた者"),
            ("remark", "備考"),
        ],
        rows: Rows::OfCity(loans),
    },
    LedgerDef {
        id: "fingerprints",
        name: "指紋登録簿",
        citation: "11",
        keeper: "lock-officer",
        columns: columns![
            ("door", "錠"),
            ("room", "室"),
            ("member", "番号"),
            ("person", "職員番号"),
            ("name", "氏名"),
            ("authority", "根拠"),
            ("enrolled", "登録日時"),
            ("enrolled-by", "登録した者"),
            ("removed", "削除日時"),
            ("removed-by", "削除した者"),
            ("reason", "削除の理由"),
        ],
        rows: Rows::OfCity(fingers),
    },
    LedgerDef {
        id: "tags",
        name: "名札管理簿",
        citation: "9-2 L2",
        keeper: "lock-officer",
        columns: columns![
            ("tag", "名札番号"),
            ("person", "番号"),
            ("name", "氏名"),
            ("organisation", "所属"),
            ("issued", "渡した日時"),
            ("issued-by", "渡した者"),
            ("returned", "返却日時"),
            ("returned-to", "返却を確かめた者"),
        ],
        rows: Rows::OfCity(tags),
    },
    LedgerDef {
        id: "outsiders",
        name: "外部の人の名簿",
        citation: "10-2",
        keeper: "lock-officer",
        columns: columns![
            ("person", "番号"),
            ("name", "氏名"),
            ("organisation", "所属"),
            ("contract", "契約"),
            ("proof", "雇用の証し"),
            ("until", "契約の終わり"),
            ("entered", "登録日時"),
            ("ended", "外した日時"),
            ("reason", "理由"),
        ],
        rows: Rows::OfCity(outsiders),
    },
    LedgerDef {
        id: "alarms",
        name: "扉の警報の記録",
        citation: "10-2",
        keeper: "entry-manager",
        columns: columns![
            ("at", "日時"),
            ("room", "室"),
            ("door", "扉"),
            ("kind", "警報"),
            ("detail", "詳細"),
            ("ended", "収まった日時"),
            ("remark", "したこと"),
            ("closed", "記録日時"),
            ("closed-by", "記録した者"),
            ("receipt", "原簿"),
        ],
        rows: Rows::OfCity(alarms),
    },
    LedgerDef {
        id: "findings",
        name: "照合の不一致の記録",
        citation: "12-1",
        keeper: "lock-officer",
        columns: columns![
            ("at", "日時"),
            ("kind", "不一致"),
            ("room", "室"),
            ("person", "氏名"),
            ("rows", "各管理簿の記載"),
            ("owed-by", "回答する者"),
            ("answered", "回答日時"),
            ("answer", "回答"),
            ("settled", "確かめた日時"),
            ("settled-by", "確かめた者"),
        ],
        rows: Rows::OfCity(findings),
    },
    LedgerDef {
        id: "entry-reports",
        name: "入退室管理の報告の記録",
        citation: "13",
        keeper: "head",
        columns: columns![
            ("number", "番号"),
            ("room", "室"),
            ("from", "期間の始まり"),
            ("until", "期間の終わり"),
            ("figures", "管理簿の数字"),
            ("remark", "所見"),
            ("reported", "報告の日時"),
            ("reported-by", "報告した者"),
            ("heard", "聴いた日時"),
            ("inspected", "調べたもの"),
            ("result", "結果"),
            ("conclusion", "結論"),
        ],
        rows: Rows::OfCity(reports),
    },
];

/// 入退室管理簿.
pub const PASSAGE_COLUMNS: &[Column] = columns![
    ("at", "日時"),
    ("room", "室"),
    ("direction", "入退室"),
    ("person", "職員番号"),
    ("name", "氏名"),
    ("organisation", "所属"),
    ("purpose", "目的"),
    ("means", "方法"),
    ("escort", "立会者"),
    ("tag", "名札番号"),
    ("permit", "許可番号"),
    ("door", "扉"),
    ("remark", "備考"),
    ("receipt", "原簿"),
];

/// Which passages somebody wants to see. An empty one wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassageFilter {
    /// From this day on.
    pub from: Option<Date>,
    /// To this day.
    pub until: Option<Date>,
    /// Of this room.
    pub room: Option<RoomId>,
    /// Of this person.
    pub person: Option<PersonId>,
    /// In or out.
    pub direction: Option<Direction>,
    /// By these means, as policies name them.
    pub means: Option<String>,
}

impl PassageFilter {
    fn wants(&self, passage: &Passage, from: Timestamp, until: Timestamp) -> bool {
        let passed = &passage.passed;
        (from..until).contains(&passed.at)
            && self.room.as_ref().is_none_or(|room| *room == passed.room)
            && self
                .person
                .as_ref()
                .is_none_or(|person| *person == passed.person || passed.means.escort() == Some(person))
            && self.direction.is_none_or(|direction| direction == passed.direction)
            && self.means.as_ref().is_none_or(|means| means == passed.means.code())
    }
}

impl City {
    /// The passages that `filter` wants, the newest first.
    pub fn passages(&self, filter: &PassageFilter) -> Vec<&Passage> {
        let from = filter.from.map_or(Timestamp::MIN, japan_midnight);
        let after = filter.until.and_then(|day| day.tomorrow().ok());
        let until = after.map_or(Timestamp::MAX, japan_midnight);
        let all = self.rooms.passages().all().iter();
        let mut wanted: Vec<_> = all.filter(|passage| filter.wants(passage, from, until)).collect();
        // They come nearly in order: what was imported, or uploaded late, is all that has to be moved.
        wanted.sort_by_key(|passage| std::cmp::Reverse(passage.passed.at));
        wanted
    }

    /// A passage as a row of 入退室管理簿.
    pub fn passage_row(&self, passage: &Passage) -> Row {
        let passed = &passage.passed;
        let nobody = passed.person == PersonId::nobody();
        let name = if passed.name.is_empty() { self.name_of(&passed.person) } else { passed.name.clone() };
        let permit = passed.permit.as_ref().and_then(|id| self.cases.get(id));
        // At a door nobody says what for: the permit does.
        let purpose = match permit {
            Some(permit) if passed.purpose.is_empty() => permit.text("purpose"),
            _ => passed.purpose.as_str(),
        };
        vec![
            passed.at.into(),
            self.room_name(&passed.room).into(),
            passed.direction.japanese().into(),
            if nobody { Cell::Empty } else { Cell::code(&passed.person) },
            name.into(),
            self.organisation_of(&passed.person, passed.at).into(),
            purpose.into(),
            passed.means.japanese().into(),
            passed.means.escort().map(|by| self.name_of(by)).into(),
            passed.tag.map_or(Cell::Empty, Cell::code),
            permit.map(|case| case.label()).into(),
            passed.door.as_ref().map_or(Cell::Empty, Cell::code),
            if passage.unmade { "扉は開かれなかった" } else { "" }.into(),
            Cell::code(&passage.receipt),
        ]
    }

    /// 所属: of staff the section, of somebody from outside the company.
    pub fn organisation_of(&self, person: &PersonId, at: Timestamp) -> String {
        match self.rooms.outsider(person) {
            Some(outsider) => outsider.organisation.clone(),
            None => self.workplace_of(person, at),
        }
    }
}

fn rooms(city: &City, at: Timestamp) -> Vec<Row> {
    let each = city.profile().rooms().iter().map(|room| {
        let level = city.profile().room_levels().iter().find(|level| level.level == room.level);
        let kind = level.and_then(|level| level.kinds.iter().find(|kind| kind.id == room.kind));
        let office = room.entry_manager.parse().ok();
        let holder = office.as_ref().and_then(|id| city.organization.holder(id, japan_day(at)));
        let doors = city
            .rooms
            .doors()
            .filter(|(id, door)| door.room.as_str() == room.id && city.rooms.door_in_use(id));
        vec![
            room.name.as_str().into(),
            format!("レベル{}", room.level).into(),
            kind.map_or("", |kind| kind.name.as_str()).into(),
            room.section.parse().map(|id| city.section_name(&id)).unwrap_or_default().into(),
            office.as_ref().map(|id| city.office_name(id)).into(),
            holder.map_or_else(|| "（空席）".to_owned(), |holder| city.name_of(holder)).into(),
            doors.map(|(id, _)| id.to_string()).collect::<Vec<_>>().join("、").into(),
        ]
    });
    each.collect()
}

fn permits(city: &City, _at: Timestamp) -> Vec<Row> {
    let fields = [
        "number",
        "person",
        "room",
        "term",
        "from",
        "until",
        "purpose",
        "grant:at",
        "grant:by",
        "review:at",
        "state",
    ];
    rows(city, "permit", &fields)
}

fn reports(city: &City, _at: Timestamp) -> Vec<Row> {
    let fields = [
        "number",
        "room",
        "from",
        "until",
        "figures",
        "remark",
        "prepare:at",
        "prepare:by",
        "hear:at",
        "inspected",
        "result",
        "conclusion",
    ];
    rows(city, "entry-report", &fields)
}

fn loans(city: &City, _at: Timestamp) -> Vec<Row> {
    let each = city.rooms.keys().loans().iter().map(|loan| {
        let key = city.rooms.key(&loan.key);
        let returned = loan.returned.as_ref();
        vec![
            Cell::code(&loan.key),
            key.map_or("", |key| key.name.as_str()).into(),
            key.map(|key| city.room_name(&key.room)).into(),
            loan.lent.0.into(),
            Cell::code(&loan.to),
            city.name_of(&loan.to).into(),
            city.organisation_of(&loan.to, loan.lent.0).into(),
            loan.purpose.as_str().into(),
            loan.card.as_ref().map_or(Cell::Empty, Cell::code),
            loan.due.into(),
            city.name_of(&loan.lent.1).into(),
            returned.map(|(at, _)| *at).into(),
            returned.map(|(_, by)| city.name_of(by)).into(),
            loan.remark.as_str().into(),
        ]
    });
    each.collect()
}

fn fingers(city: &City, _at: Timestamp) -> Vec<Row> {
    let each = city.rooms.fingers().map(|(door, member, finger)| {
        let removed = finger.removed.as_ref();
        vec![
            Cell::code(door),
            city.room_of(door).map(|room| city.room_name(room)).into(),
            Cell::code(member),
            Cell::code(&finger.person),
            city.name_of(&finger.person).into(),
            finger.authority.as_str().into(),
            finger.enrolled.0.into(),
            city.name_of(&finger.enrolled.1).into(),
            removed.map(|(at, _, _)| *at).into(),
            removed.map(|(_, by, _)| city.name_of(by)).into(),
            removed.map(|(_, _, reason)| reason.clone()).into(),
        ]
    });
    each.collect()
}

fn tags(city: &City, _at: Timestamp) -> Vec<Row> {
    let each = city.rooms.tags().loans().iter().map(|loan| {
        vec![
            Cell::code(loan.tag),
            Cell::code(&loan.to),
            city.name_of(&loan.to).into(),
            city.organisation_of(&loan.to, loan.issued.0).into(),
            loan.issued.0.into(),
            city.name_of(&loan.issued.1).into(),
            loan.returned.as_ref().map(|(at, _)| *at).into(),
            loan.returned.as_ref().map(|(_, by)| city.name_of(by)).into(),
        ]
    });
    each.collect()
}

fn outsiders(city: &City, _at: Timestamp) -> Vec<Row> {
    let each = city.rooms.outsiders().map(|(id, outsider)| {
        let contract = outsider.contract.as_ref();
        vec![
            Cell::code(id),
            outsider.name.as_str().into(),
            outsider.organisation.as_str().into(),
            contract.map_or("（来訪者）", |contract| contract.name.as_str()).into(),
            contract.map(|contract| contract.proof.clone()).into(),
            contract.map(|contract| contract.until).into(),
            outsider.entered.0.into(),
            outsider.ended.as_ref().map(|(at, _)| *at).into(),
            outsider.ended.as_ref().map(|(_, reason)| reason.clone()).into(),
        ]
    });
    each.collect()
}

fn alarms(city: &City, _at: Timestamp) -> Vec<Row> {
    let each = city.rooms.alarms().iter().rev().map(|alarm| {
        let room = alarm.door.as_ref().and_then(|door| city.room_of(door));
        let closed = alarm.closed.as_ref();
        vec![
            alarm.at.into(),
            room.map(|room| city.room_name(room)).into(),
            Cell::code(alarm.door.as_ref().map_or_else(|| alarm.controller.to_string(), ToString::to_string)),
            alarm.kind.japanese().into(),
            alarm.detail.as_str().into(),
            alarm.ended.into(),
            closed.map(|(_, _, remark)| remark.clone()).into(),
            closed.map(|(at, _, _)| *at).into(),
            closed.map(|(_, by, _)| city.name_of(by)).into(),
            Cell::code(&alarm.receipt),
        ]
    });
    each.collect()
}

fn findings(city: &City, at: Timestamp) -> Vec<Row> {
    let each = city.findings(at).into_iter().map(|found| {
        let finding = &found.finding;
        let rows = finding.rows.iter().map(|line| {
            let ledger = crate::ledger(&line.ledger).map_or("", |ledger| ledger.name);
            format!("{ledger}：{}", if line.says.is_empty() { "（記載なし）" } else { &line.says })
        });
        vec![
            finding.at.into(),
            finding.kind.japanese().into(),
            finding.room.as_ref().map(|room| city.room_name(room)).into(),
            finding.person.as_ref().map(|person| city.name_of(person)).into(),
            rows.collect::<Vec<_>>().join(" ／ ").into(),
            city.owner_name(&finding.owed_by, at).into(),
            found.answer.as_ref().map(|(at, _, _)| *at).into(),
            found.answer.as_ref().map(|(_, _, answer)| answer.clone()).into(),
            found.accepted.as_ref().map(|(at, _)| *at).into(),
            found.accepted.as_ref().map(|(_, by)| city.name_of(by)).into(),
        ]
    });
    each.collect()
}
