//! `/rooms`: who is inside, how the doors stand, what wants a word, and the lockdown (第28条).

use jiff::Timestamp;
use office::Office;
use register::rooms::Act;
use register::{City, PersonId, RoomId};
use regulation::Room;

use super::{
    Reading, Viewer, WITHHELD, alarm_badge, carry_out, frame, in_order, moment_cell, person_cell, plan,
    room_link,
};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::{banner, judge};
use crate::pages::views::{Floor, Panel, RoomsPage};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Banner, Cell, Field, Figure, Form, Kind, Link, State, Table, Tone};
use crate::{assets, guard, limits, words};

/// `GET /rooms`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

/// Everything that the page says of the city at one moment.
struct Seen {
    lockdown: Option<Banner>,
    figures: Vec<Figure>,
    floors: Vec<Floor>,
    tables: Vec<Table>,
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    let mut frame = frame(ask, "室の状況", "/rooms", &["9-1", "9-2", "28"]);
    frame.script = Some(assets::live());
    frame.notices.extend(banner(ask));
    let seen = seen(&office.city(), me, office.now());
    let silent = silent(&office.city(), office);
    let panel = lockdown_panel(ask, seen.lockdown.is_some());
    let panel = Panel { form: fill(panel.form, typed, problems, &mut frame), ..panel };
    tell_the_rest(&mut frame, &[&panel.form], problems);
    let page = RoomsPage {
        frame,
        lead: "室の中にいる人、扉、警報です。退室は、いつでもできます。".to_owned(),
        warnings: seen.lockdown.into_iter().chain(silent).collect(),
        figures: seen.figures,
        floors: seen.floors,
        tables: seen.tables,
        panels: vec![panel],
        links: vec![
            Link::new("/rooms/passages", "入退室管理簿を見る"),
            Link::new("/cases/permit/new", "入退室の許可を申請する"),
        ],
    };
    Ok(guard::live(render(form_status(!problems.is_empty()), &page)))
}

fn seen(city: &City, me: &PersonId, now: Timestamp) -> Seen {
    let viewer = Viewer::of(city, me, now);
    let inside = |room: &Room| {
        let id: Option<RoomId> = room.id.parse().ok();
        id.map_or(0, |id| city.rooms.passages().inside(&id).len())
    };
    let rooms: Vec<(&Room, usize)> = in_order(city).into_iter().map(|room| (room, inside(room))).collect();
    let lockdown = city.rooms.lockdown().map(|lockdown| {
        Banner::new(Tone::Wrong, "緊急時の封鎖中です。レベル2の室には誰も入れません")
            .line(format!(
                "{}から・{}：{}",
                words::moment_long(lockdown.since),
                city.name_of(&lockdown.by),
                lockdown.reason
            ))
            .line("退室はできます。")
    });
    let alarms = alarms(city, &viewer);
    let escorts = escorts(city, &viewer, now);
    let people: usize = rooms.iter().map(|(_, inside)| inside).sum();
    let keys = city.rooms.loans_out().count();
    let open = city.rooms.alarms().iter().filter(|alarm| alarm.closed.is_none()).count();
    let figures = vec![
        Figure::new("室の中にいる人", people.to_string(), "人"),
        Figure::new("処置の記録を待つ警報", open.to_string(), "件"),
        Figure::new("立会い中", city.rooms.escorts().filter(|(_, e)| e.open()).count().to_string(), "件"),
        Figure::new("貸出中の鍵", keys.to_string(), "本"),
    ];
    let mut tables = vec![rooms_table(city, &rooms), people_table(city, &viewer, &rooms, now)];
    tables.extend([alarms, escorts].into_iter().filter(|table| !table.rows.is_empty()));
    Seen { lockdown, figures, floors: plan::floors(city, &rooms), tables }
}

/// The controllers that are not heard: what the page says of their doors is what was heard last.
fn silent(city: &City, office: &Office) -> Option<Banner> {
    let in_use = city.rooms.controllers().filter(|(_, controller)| controller.retired.is_none());
    let silent: Vec<String> = in_use
        .filter_map(|(id, _)| Some(format!("{id}：{}", words::silent(office.door_silent(id)?))))
        .collect();
    (!silent.is_empty()).then(|| {
        Banner::new(Tone::Care, "扉の制御器から連絡がありません")
            .line(silent.join("、"))
            .line("扉の様子は、最後に聞いたときのものです。扉は、制御器の許可の控えで動いています。")
    })
}

fn rooms_table(city: &City, rooms: &[(&Room, usize)]) -> Table {
    let mut table = Table::new("室", "室はまだ定められていません。")
        .head("室", "t")
        .column("区分", "t")
        .column("入退室管理者", "t")
        .column("在室", "n")
        .column("いま", "t")
        .column("扉", "t");
    for (room, inside) in rooms {
        let Ok(id) = room.id.parse::<RoomId>() else { continue };
        let doors =
            city.rooms.doors().filter(|(door, state)| state.room == id && city.rooms.door_in_use(door));
        let doors: Vec<String> = doors
            .map(|(door, state)| {
                format!("{door}：{}（{}から）", state.state.japanese(), words::moment(state.since))
            })
            .collect();
        let (class, state) = plan::standing(city, room, *inside);
        let kind = match class {
            "alarm" => State::Late,
            "shut" | "ajar" => State::Owed,
            "in" => State::Good,
            _ => State::Plain,
        };
        table.push(vec![
            room_link(city, &id),
            Cell::text(format!("レベル{}", room.level)),
            Cell::text(manager(city, room)),
            Cell::text(inside.to_string()),
            Cell::Badge(Badge::new(kind, state)),
            match doors.is_empty() {
                true => Cell::text("電気錠なし"),
                false => Cell::Lines(doors),
            },
        ]);
    }
    table
}

/// The office that manages a room's entries.
pub(super) fn manager(city: &City, room: &Room) -> String {
    room.entry_manager.parse().map_or_else(|_| room.entry_manager.clone(), |office| city.office_name(&office))
}

/// Who is in these rooms, as far as the viewer may know.
pub(super) fn people_table(city: &City, viewer: &Viewer, rooms: &[(&Room, usize)], now: Timestamp) -> Table {
    let withheld = rooms.iter().any(|(room, inside)| *inside > 0 && !viewer.knows(&room.id));
    let empty = if withheld { WITHHELD } else { "いま、室の中にはだれもいません。" };
    let mut table = Table::new("室の中にいる人", empty)
        .note(if withheld { WITHHELD } else { "" })
        .head("氏名", "t")
        .column("室", "t")
        .column("いつから", "t")
        .column("名札", "n")
        .column("立会者", "t");
    for (room, _) in rooms.iter().filter(|(room, _)| viewer.knows(&room.id)) {
        let Ok(id) = room.id.parse::<RoomId>() else { continue };
        for (person, inside) in city.rooms.passages().inside(&id) {
            table.push(vec![
                person_cell(city, person, now),
                Cell::text(&room.name),
                Cell::text(words::moment(inside.since)),
                Cell::text(inside.tag.map_or("－".to_owned(), |tag| tag.to_string())),
                Cell::text(inside.escort.as_ref().map_or("－".to_owned(), |by| city.name_of(by))),
            ]);
        }
    }
    table
}

fn alarms(city: &City, viewer: &Viewer) -> Table {
    let mut table = Table::new("処置の記録を待つ警報", "")
        .head("日時", "t")
        .column("室・扉", "t")
        .column("警報", "t")
        .column("いま", "t")
        .column("", "t");
    let open = city.rooms.alarms().iter().rev().filter(|alarm| alarm.closed.is_none()).take(limits::ALARMS);
    for alarm in open {
        let room = alarm.door.as_ref().and_then(|door| city.room_of(door));
        let door = alarm.door.as_ref().map_or_else(|| alarm.controller.to_string(), ToString::to_string);
        table.push(vec![
            moment_cell(alarm.at),
            Cell::Sub(room.map_or_else(|| "制御器".to_owned(), |room| city.room_name(room)), door),
            Cell::text(alarm.kind.japanese()),
            Cell::Badge(alarm_badge(alarm)),
            match viewer.all || room.is_some_and(|room| viewer.knows(room.as_str())) {
                true => Cell::link("/rooms/doors#alarms", "処置を記録する"),
                false => Cell::text(""),
            },
        ]);
    }
    table
}

fn escorts(city: &City, viewer: &Viewer, now: Timestamp) -> Table {
    let mut table = Table::new("立会い", "")
        .head("立会いを受ける人", "t")
        .column("室", "t")
        .column("立会者", "t")
        .column("いつから", "t")
        .column("いま", "t");
    let open = city.rooms.escorts().filter(|(_, e)| e.open() && viewer.knows(e.room.as_str()));
    for (_, escort) in open {
        table.push(vec![
            person_cell(city, &escort.guest, now),
            Cell::text(city.room_name(&escort.room)),
            Cell::text(city.name_of(&escort.by)),
            Cell::text(words::moment(escort.opened)),
            match escort.entered {
                true => Cell::badge(State::Good, "入室中"),
                false => Cell::badge(State::Plain, "入室前"),
            },
        ]);
    }
    table
}

fn lockdown_panel(ask: &Ask, locked: bool) -> Panel {
    let reason = "理由".to_owned();
    let (heading, act, path, text) = match locked {
        true => ("封鎖を解く", Act::LiftLockdown { reason }, "/rooms/lockdown/lift", "封鎖を解く理由"),
        false => ("レベル2を封鎖する", Act::LockDown { reason }, "/rooms/lockdown", "封鎖する理由"),
    };
    let form = Form::new(path, heading, guard::random_hex())
        .quiet()
        .field(Field::new("why", text, Kind::Text).need());
    Panel {
        anchor: "lockdown".to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&["28"]),
        lead: match locked {
            true => "解くと、許可のある人がまた入れるようになります。".to_owned(),
            false => "本人確認情報への脅威があるときに、レベル2の室に誰も入れなくします。中にいる人は退室できます。".to_owned(),
        },
        why: judge(ask, &act.into()),
        form,
    }
}

/// `POST /rooms/lockdown`.
pub(crate) fn lock_down(ask: &Ask) -> Answer {
    order(ask, |reason| Act::LockDown { reason })
}

/// `POST /rooms/lockdown/lift`.
pub(crate) fn lift(ask: &Ask) -> Answer {
    order(ask, |reason| Act::LiftLockdown { reason })
}

fn order(ask: &Ask, act: impl Fn(String) -> Act) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let reason = reading.text("why");
    if !reading.problems.is_empty() {
        return render_page(ask, &ask.typed, &reading.problems);
    }
    carry_out(ask, act(reason), "/rooms", &[("reason", "why"), ("lockdown", "why")], |problems| {
        render_page(ask, &ask.typed, problems)
    })
}
