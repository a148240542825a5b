//! `/rooms/escorts`: 立会い (第9条第2項), opened by whoever attends, closed when the guest has left.

use jiff::Timestamp;
use register::rooms::{Act, NewEscort};
use register::{City, EscortId, PersonId, RoomId};

use super::{Reading, Viewer, callers, carry_out, choose, frame, guarded_choices, person_cell};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{act_or_why, banner, done, id, judge, submit};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, Link, State, Table};
use crate::words;

const PAGE: &str = "/rooms/escorts";
/// Closed ones that are still shown.
const PAST: usize = 20;

/// `GET /rooms/escorts`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

/// One escort as the page shows it, before it is asked who may close it.
struct Line {
    id: EscortId,
    open: bool,
    cells: Vec<Cell>,
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "立会い", PAGE, &["9-2"]);
    frame.notices.extend(banner(ask));
    let (lines, form, example) = {
        let city = office.city();
        (lines(&city, me, now), open_form(&city, me, now), example(&city))
    };
    let mut table = Table::new("立会い", "立会いの記録はまだありません。")
        .note("終わったものは新しい20件まで")
        .head("立会いを受ける人", "t")
        .column("室", "t")
        .column("立会者", "t")
        .column("目的", "")
        .column("必要な理由", "")
        .column("いつから", "t")
        .column("いま", "t")
        .column("", "act");
    for mut line in lines {
        let form = Form::new(format!("{PAGE}/{}/close", line.id), "終わりにする", guard::random_hex());
        line.cells.push(match line.open {
            true => act_or_why(ask, &Act::CloseEscort(line.id).into(), form),
            false => Cell::text(""),
        });
        table.push(line.cells);
    }
    let form = fill(form, typed, problems, &mut frame);
    tell_the_rest(&mut frame, &[&form], problems);
    let panel = Panel {
        anchor: "open".to_owned(),
        heading: "立会いを始める".to_owned(),
        under: words::cites(&["9-2"]),
        lead: "立ち会うのは、いまサインインしているあなたです。その室の錠に指紋を登録している情報統計課の職員が、必要と認めたときに、一つの室だけで立ち会えます。立会いを受ける人には、先に名札を渡します。".to_owned(),
        why: example.and_then(|example| unable(ask, example)),
        form,
    };
    let page = DeskPage {
        frame,
        lead: "指紋を登録していない人は、登録している職員の立会いを受けてレベル2の室に入ります。立会者が扉を通ると、受ける人の入退室も記録されます。".to_owned(),
        tables: vec![table],
        panels: vec![panel],
        links: vec![Link::new("/rooms/tags", "名札を渡す"), Link::new("/rooms/outsiders", "外部の人を登録する")],
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// What stands against this person attending anybody at all: not what depends on the guest.
fn unable(ask: &Ask, example: NewEscort) -> Option<String> {
    let section = {
        let office = ask.app.office();
        let city = office.city();
        let own = ask.person().and_then(|me| city.section_of(me, office.now())).map(ToString::to_string);
        let of_room = city.profile().room(example.room.as_str()).map(|room| room.section.clone());
        own == of_room
    };
    if section { None } else { judge(ask, &Act::OpenEscort(example).into()) }
}

fn example(city: &City) -> Option<NewEscort> {
    let room = super::in_order(city).first()?.id.parse().ok()?;
    let (id, guest) = ("E-0".parse().ok()?, PersonId::nobody());
    Some(NewEscort { id, guest, room, purpose: "目的".to_owned(), necessity: "理由".to_owned() })
}

fn lines(city: &City, me: &PersonId, now: Timestamp) -> Vec<Line> {
    let viewer = Viewer::of(city, me, now);
    let seen =
        city.rooms.escorts().filter(|(_, e)| viewer.knows(e.room.as_str()) || e.by == *me || e.guest == *me);
    let mut seen: Vec<_> = seen.collect();
    // What is under way first, the newest first.
    seen.sort_by_key(|(_, escort)| (!escort.open(), std::cmp::Reverse(escort.opened)));
    let open = seen.iter().filter(|(_, escort)| escort.open()).count();
    seen.truncate(open + PAST);
    let line = |(id, escort): (&EscortId, &register::rooms::Escort)| Line {
        id: id.clone(),
        open: escort.open(),
        cells: vec![
            person_cell(city, &escort.guest, now),
            Cell::text(city.room_name(&escort.room)),
            Cell::text(city.name_of(&escort.by)),
            Cell::text(&escort.purpose),
            Cell::text(&escort.necessity),
            Cell::text(words::moment(escort.opened)),
            match (escort.closed, escort.entered) {
                (Some(at), _) => Cell::Sub("終わった".to_owned(), words::moment(at)),
                (None, true) => Cell::Badge(Badge::new(State::Good, "入室中")),
                (None, false) => Cell::Badge(Badge::new(State::Owed, "入室前")),
            },
        ],
    };
    seen.into_iter().map(line).collect()
}

fn open_form(city: &City, me: &PersonId, now: Timestamp) -> Form {
    let rooms: Vec<Choice> = guarded_choices(city);
    let guests = callers(city, &Viewer::of(city, me, now), now)
        .into_iter()
        .filter(|choice| choice.value != me.as_str());
    Form::new(PAGE, "立会いを始める", guard::random_hex())
        .field(
            Field::new("guest", "立会いを受ける人", Kind::Suggest(guests.collect()))
                .need()
                .hint("職員番号か、外部の人の番号"),
        )
        .field(Field::new("room", "室", Kind::Select(choose(rooms))).need())
        .field(Field::new("purpose", "目的", Kind::Text).need())
        .field(Field::new("necessity", "必要と認めた理由", Kind::Text).need())
}

/// `POST /rooms/escorts`.
pub(crate) fn open(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (guest, room) = (reading.id::<PersonId>("guest"), reading.chosen::<RoomId>("room"));
    let (purpose, necessity) = (reading.text("purpose"), reading.text("necessity"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(guest), Some(room), true) = (guest, room, reading.problems.is_empty()) else {
        return again(&reading.problems);
    };
    // The submission's own number, so that sending twice opens one escort.
    let number = ask.request().to_string();
    let id = format!("E-{}", number.get(2..14).unwrap_or_default()).parse().map_err(Trouble::broken)?;
    let new = NewEscort { id, guest, room, purpose, necessity };
    carry_out(ask, Act::OpenEscort(new), PAGE, &[], again)
}

/// `POST /rooms/escorts/{escort}/close`.
pub(crate) fn close(ask: &Ask) -> Answer {
    let finished = submit(ask, Act::CloseEscort(id(ask, "escort")?).into())?;
    Ok(done(PAGE, &finished.receipt))
}
