//! The rooms, who passed, what does not fit, and the key desk's card reader: for programs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use office::Holder;
use register::rooms::{Act, Answered, Lend, Passage};
use register::{City, RoomId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{created, idempotency_key, json, read};
use crate::ask::Ask;
use crate::limits;
use crate::pages::rooms as pages;
use crate::trouble::{Answer, Trouble};

/// A door, and how it stands.
#[derive(Serialize, ToSchema)]
struct DoorShape {
    /// Its id.
    id: String,
    /// `unknown`, `locked`, `open`, `held_open`, `forced` or `fault`.
    #[schema(value_type = String)]
    state: register::rooms::DoorState,
    /// Since when, RFC 3339.
    since: String,
}

/// A room.
#[derive(Serialize, ToSchema)]
struct RoomShape {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// セキュリティ区分.
    level: u16,
    /// The office whose holder is its 入退室管理者.
    entry_manager: String,
    /// How many are inside, by the records.
    inside: usize,
    /// Nobody may enter (第28条).
    locked_down: bool,
    /// Its doors.
    doors: Vec<DoorShape>,
}

fn room(city: &City, room: &regulation::Room, id: &RoomId) -> RoomShape {
    let doors = city.rooms.doors().filter(|(door, state)| state.room == *id && city.rooms.door_in_use(door));
    let door = |(door, state): (&register::DoorId, &register::rooms::Door)| DoorShape {
        id: door.to_string(),
        state: state.state,
        since: state.since.to_string(),
    };
    RoomShape {
        id: room.id.clone(),
        name: room.name.clone(),
        level: room.level,
        entry_manager: room.entry_manager.clone(),
        inside: city.rooms.passages().inside(id).len(),
        locked_down: city.rooms.locked_down(city, id),
        doors: doors.map(door).collect(),
    }
}

/// The rooms: how their doors stand, and how many are inside.
#[utoipa::path(
    get, path = "/api/v1/rooms", tag = "入退室", security(("stay" = [])),
    responses((status = 200, body = Vec<RoomShape>), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn rooms(ask: &Ask) -> Answer {
    let city = ask.app.office().city();
    let rooms = city.profile().rooms().iter();
    let shapes = rooms.filter_map(|known| Some(room(&city, known, &known.id.parse().ok()?)));
    Ok(json(shapes.collect::<Vec<_>>()))
}

/// A passage.
#[derive(Serialize, ToSchema)]
struct PassageShape {
    /// Where it is recorded, as `journal/index`.
    receipt: String,
    /// When the door was passed, RFC 3339.
    at: String,
    /// The room.
    room: String,
    /// `in` or `out`.
    #[schema(value_type = String)]
    direction: register::rooms::Direction,
    /// 職員番号; null where the record knows no number.
    person: Option<String>,
    /// 氏名.
    name: String,
    /// `fingerprint`, `key`, `escort`, `attended` or `none`.
    means: &'static str,
    /// Who attended.
    escort: Option<String>,
    /// 名札番号.
    tag: Option<u32>,
    /// The permit in force at that moment.
    permit: Option<String>,
    /// The door.
    door: Option<String>,
    /// What for.
    purpose: String,
    /// It was granted, and the door was not opened.
    not_opened: bool,
}

fn passage(city: &City, passage: &Passage) -> PassageShape {
    let passed = &passage.passed;
    let known = passed.person != register::PersonId::nobody();
    PassageShape {
        receipt: passage.receipt.to_string(),
        at: passed.at.to_string(),
        room: passed.room.to_string(),
        direction: passed.direction,
        person: known.then(|| passed.person.to_string()),
        name: if passed.name.is_empty() { city.name_of(&passed.person) } else { passed.name.clone() },
        means: passed.means.code(),
        escort: passed.means.escort().map(ToString::to_string),
        tag: passed.tag.map(u32::from),
        permit: passed.permit.as_ref().map(ToString::to_string),
        door: passed.door.as_ref().map(ToString::to_string),
        purpose: passed.purpose.clone(),
        not_opened: passage.unmade,
    }
}

/// Passages, and the way to those before them.
#[derive(Serialize, ToSchema)]
struct PassagesShape {
    /// The passages, the newest first.
    passages: Vec<PassageShape>,
    /// What to send as `after` for the next ones; null at the end.
    next: Option<String>,
}

/// The passages that whoever is signed in may see, the newest first.
#[utoipa::path(
    get, path = "/api/v1/passages", tag = "入退室", security(("stay" = [])),
    params(
        ("from" = Option<String>, Query, description = "この日から。`2026-04-01`"),
        ("until" = Option<String>, Query, description = "この日まで"),
        ("room" = Option<String>, Query, description = "室のid"),
        ("person" = Option<String>, Query, description = "職員番号"),
        ("direction" = Option<String>, Query, description = "`in`か`out`"),
        ("means" = Option<String>, Query, description = "`fingerprint`、`key`、`escort`、`attended`"),
        ("after" = Option<String>, Query, description = "前の答えの`next`")
    ),
    responses((status = 200, body = PassagesShape), (status = 400, body = super::problem::Problem))
)]
pub(crate) fn passages(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let (filter, wrong) = pages::passage_filter(&ask.query);
    if let Some((field, why)) = wrong.all().next() {
        return Err(Trouble::Unreadable(format!("{field}：{why}。")));
    }
    let city = office.city();
    let viewer = pages::Viewer::of(&city, me, now);
    let mut found = city.passages(&filter);
    found.retain(|passage| pages::sees_passage(&viewer, me, passage));
    let start = match ask.query.some("after") {
        None => 0,
        Some(after) => {
            let at = found.iter().position(|passage| passage.receipt.to_string() == after);
            at.ok_or_else(|| Trouble::Unreadable("afterの記録がありません。".to_owned()))? + 1
        }
    };
    let end = (start + limits::PASSAGES).min(found.len());
    let shown = &found[start..end];
    let next = shown.last().filter(|_| end < found.len()).map(|last| last.receipt.to_string());
    Ok(json(PassagesShape { passages: shown.iter().map(|one| passage(&city, one)).collect(), next }))
}

/// What one ledger says.
#[derive(Serialize, ToSchema)]
struct LineShape {
    /// The ledger's id.
    ledger: String,
    /// Its row, in Japanese; empty where there is none.
    says: String,
    /// Where it is recorded.
    receipt: Option<String>,
}

/// A place at which the ledgers disagree.
#[derive(Serialize, ToSchema)]
struct FindingShape {
    /// Its id.
    id: String,
    /// What does not fit, such as `entry-without-loan`.
    kind: &'static str,
    /// When, RFC 3339.
    at: String,
    /// The room.
    room: Option<String>,
    /// 職員番号.
    person: Option<String>,
    /// What the ledgers say.
    rows: Vec<LineShape>,
    /// Who owes an answer, in Japanese.
    owed_by: String,
    /// What was answered.
    answer: Option<String>,
    /// The answer was accepted.
    settled: bool,
}

fn finding(city: &City, found: &Answered, now: jiff::Timestamp) -> FindingShape {
    let finding = &found.finding;
    let rows = finding.rows.iter().map(|line| LineShape {
        ledger: line.ledger.clone(),
        says: line.says.clone(),
        receipt: line.receipt.clone(),
    });
    FindingShape {
        id: finding.id.to_string(),
        kind: finding.kind.code(),
        at: finding.at.to_string(),
        room: finding.room.as_ref().map(ToString::to_string),
        person: finding.person.as_ref().map(ToString::to_string),
        rows: rows.collect(),
        owed_by: city.owner_name(&finding.owed_by, now),
        answer: found.answer.as_ref().map(|(_, _, answer)| answer.clone()),
        settled: found.accepted.is_some(),
    }
}

/// The findings that whoever is signed in may see, the newest first.
#[utoipa::path(
    get, path = "/api/v1/findings", tag = "入退室", security(("stay" = [])),
    params(("open" = Option<bool>, Query, description = "解決していないものだけ")),
    responses((status = 200, body = Vec<FindingShape>), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn findings(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    let open = ask.query.get("open") == "true";
    let found = city.findings(now).into_iter().filter(|found| !open || found.accepted.is_none());
    let viewer = pages::Viewer::of(&city, me, now);
    let seen = found.filter(|found| pages::sees_finding(&city, &viewer, me, found, now));
    Ok(json(seen.map(|found| finding(&city, &found, now)).collect::<Vec<_>>()))
}

/// A key to be lent, and the borrower's card's answer to a challenge of `/api/v1/sign-in/challenge`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoanAnswer {
    /// 鍵番号.
    key: String,
    /// What for.
    purpose: String,
    /// Until when, RFC 3339.
    due: String,
    /// The challenge's session.
    session: String,
    /// The card's certificate (DER, base64).
    certificate: String,
    /// Its signature over the challenge (DER, base64).
    signature: String,
}

/// What was lent.
#[derive(Serialize, ToSchema)]
struct LoanShape {
    /// Where it is recorded, as `journal/index`.
    receipt: String,
    /// 職員番号 of the borrower.
    person: String,
    /// The card that proved it.
    card: String,
}

/// A key is lent to whoever's card answered, by the program at the key desk's terminal.
#[utoipa::path(
    post, path = "/api/v1/keys/loans", tag = "入退室", security(("stay" = [])), request_body = LoanAnswer,
    params(("Idempotency-Key" = Option<String>, Header, description = "同じ番号の要求は、一度だけ行う")),
    responses((status = 201, body = LoanShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn lend(ask: &Ask) -> Answer {
    let asked: LoanAnswer = read(ask)?;
    let unreadable = |what: &str| Trouble::Unreadable(format!("{what}が読み取れません。"));
    let key = asked.key.parse().map_err(|_| unreadable("key"))?;
    let due = asked.due.parse().map_err(|_| unreadable("due"))?;
    let session = asked.session.parse().map_err(|_| unreadable("session"))?;
    let bytes = |text: &str, what: &str| BASE64.decode(text).map_err(|_| unreadable(what));
    let certificate = bytes(&asked.certificate, "certificate")?;
    let signature = bytes(&asked.signature, "signature")?;
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let Holder { card, person } = office.prove_holder(&session, &certificate, &signature)?;
    let (borrower, by_card) = (person.to_string(), card.to_string());
    let lend = Lend { key, to: person, purpose: asked.purpose, due, card: Some(card), proven: true };
    let on = office.occasion(stay, ask.request_of(&idempotency_key(ask)));
    let done = office.submit(Act::LendKey(lend).into(), on)?;
    Ok(created(LoanShape { receipt: done.receipt.to_string(), person: borrower, card: by_card }))
}
