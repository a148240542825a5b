//! `/rooms/{room}`: one room, who may enter it, who is in it, who passed today, what does not fit.

use jiff::Timestamp;
use register::rooms::PassageFilter;
use register::{City, PersonId, RoomId};
use regulation::Room;

use super::{Viewer, WITHHELD, board, findings, frame, passages, person_cell};
use crate::ask::Ask;
use crate::pages::desk::id;
use crate::pages::page;
use crate::pages::views::RoomPage;
use crate::trouble::{Answer, Trouble};
use crate::view::{Cell, Frame, Link, Table};
use crate::{limits, words};

/// `GET /rooms/{room}`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let room: RoomId = id(ask, "room")?;
    let name = office.city().profile().room(room.as_str()).map(|room| room.name.clone());
    let frame = frame(ask, &name.ok_or(Trouble::Missing)?, "/rooms", &["9-1", "9-2", "10-1"]);
    let city = office.city();
    let Some(known) = city.profile().room(room.as_str()) else { return Err(Trouble::Missing) };
    let viewer = Viewer::of(&city, me, now);
    let shown = RoomPage {
        facts: facts(&city, known, &room, now),
        tables: tables(&city, &viewer, known, &room, (me, now)),
        panels: Vec::new(),
        links: vec![
            Link::new("/cases/permit/new", "許可を申請する"),
            Link::new(format!("/rooms/passages?room={room}"), "この室の入退室管理簿"),
        ],
        frame: Frame { title: known.name.clone(), ..frame },
    };
    drop(city);
    Ok(page(&shown))
}

fn facts(city: &City, room: &Room, id: &RoomId, now: Timestamp) -> Vec<(String, Cell)> {
    let level = city.profile().room_levels().iter().find(|level| level.level == room.level);
    let kind = level.and_then(|level| level.kinds.iter().find(|kind| kind.id == room.kind));
    let office = room.entry_manager.parse().ok();
    let holder = office.as_ref().and_then(|id| city.organization.holder(id, register::japan_day(now)));
    let holder = holder.map_or_else(|| "空席".to_owned(), |person| city.name_of(person));
    let doors = city.rooms.doors().filter(|(door, state)| state.room == *id && city.rooms.door_in_use(door));
    let doors: Vec<String> = doors
        .map(|(door, state)| {
            format!("{door}：{}（{}から）", state.state.japanese(), words::moment(state.since))
        })
        .collect();
    let inside = city.rooms.passages().inside(id).len();
    let means: Vec<&str> = level.map_or(Vec::new(), |level| {
        let each = level.means.iter().map(|means| match means.as_str() {
            "fingerprint" => "指紋照合電気錠の指紋照合",
            "key" => "鍵",
            other => other,
        });
        each.collect()
    });
    let facts = [
        ("区分", Cell::text(format!("レベル{}　{}", room.level, kind.map_or("", |kind| &kind.name)))),
        ("課所", Cell::text(room.section.parse().map(|id| city.section_name(&id)).unwrap_or_default())),
        ("入退室管理者", Cell::text(format!("{}（{holder}）", board::manager(city, room)))),
        ("入るのに要るもの", Cell::text(demands(level, &means))),
        ("扉", if doors.is_empty() { Cell::text("電気錠なし") } else { Cell::Lines(doors) }),
        (
            "室の中にいる人",
            Cell::text(match room.capacity {
                Some(most) => format!("{inside}人（{most}人まで）"),
                None => format!("{inside}人"),
            }),
        ),
    ];
    facts.map(|(name, cell)| (name.to_owned(), cell)).to_vec()
}

fn demands(level: Option<&regulation::RoomLevel>, means: &[&str]) -> String {
    let Some(level) = level else { return String::new() };
    let mut wanted = Vec::new();
    if level.prior_permission {
        wanted.push("事前の許可".to_owned());
    }
    if !means.is_empty() {
        wanted.push(means.join("か"));
    }
    if level.tag {
        wanted.push("名札".to_owned());
    }
    wanted.join("、")
}

fn tables(
    city: &City,
    viewer: &Viewer,
    room: &Room,
    id: &RoomId,
    (me, now): (&PersonId, Timestamp),
) -> Vec<Table> {
    let inside = city.rooms.passages().inside(id).len();
    let mut tables =
        vec![board::people_table(city, viewer, &[(room, inside)], now), permits(city, viewer, id, (me, now))];
    if viewer.knows(&room.id) {
        let today = Some(register::japan_day(now));
        let filter =
            PassageFilter { from: today, until: today, room: Some(id.clone()), ..PassageFilter::default() };
        let passed = city.passages(&filter);
        let texts = ("きょうの入退室", "きょうの入退室はまだありません。");
        let shown = &passed[..passed.len().min(limits::PASSAGES)];
        let note = match passed.len() - shown.len() {
            0 => "横に動かして見られます".to_owned(),
            more => format!(
                "新しい{}件。ほかの{}件は入退室管理簿で見られます",
                shown.len(),
                words::grouped(more as u64)
            ),
        };
        let mut table = passages::table(city, shown, texts).note(note);
        table.tall = shown.len() > 20;
        tables.push(table);
        let open = city.findings(now).into_iter();
        let open: Vec<_> = open
            .filter(|found| found.accepted.is_none() && found.finding.room.as_ref() == Some(id))
            .collect();
        tables.push(findings::table(
            city,
            &open,
            ("照合の不一致", "この室の照合の不一致はありません。"),
            now,
        ));
    }
    tables
}

fn permits(city: &City, viewer: &Viewer, room: &RoomId, (me, now): (&PersonId, Timestamp)) -> Table {
    let knows = viewer.knows(room.as_str());
    let empty = if knows {
        "いま有効な許可はありません。"
    } else {
        "あなたの許可で、いま有効なものはありません。"
    };
    let mut table = Table::new("いま有効な許可", empty)
        .note(if knows { "" } else { WITHHELD })
        .head("許可を受けた人", "t")
        .column("種類", "t")
        .column("期間", "t")
        .column("許可番号", "t");
    let of_room = city.rooms.permits().granted().filter(|permit| permit.room == *room);
    let seen = of_room.filter(|permit| city.in_force(permit, now) && (knows || permit.person == *me));
    for permit in seen {
        let label = city.cases.get(&permit.case).map_or_else(|| permit.case.to_string(), |case| case.label());
        table.push(vec![
            person_cell(city, &permit.person, now),
            Cell::text(if permit.once { "1回だけ" } else { "期間中いつでも" }),
            Cell::text(format!("{}〜{}", words::short_day(permit.from), words::short_day(permit.until))),
            Cell::link(format!("/cases/permit/{}", permit.case), label),
        ]);
    }
    table
}
