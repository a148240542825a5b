//! `/rooms/doors`: the door controllers with their doors (第11条), and the alarms that want a word (第10条第2項).

use jiff::Timestamp;
use office::Office;
use register::rooms::{Act, Alarm, NewController, NewDoor};
use register::{City, ControllerId, PersonId, Receipt};

use super::{
    Reading, Viewer, alarm_badge, barred_once, carry_out, choose, door_badge, for_viewer, frame, moment_cell,
};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::pages::desk::{banner, judge};
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Choice, Field, Form, Kind, Link, State, Table};
use crate::{guard, limits, words};

const PAGE: &str = "/rooms/doors";

/// `GET /rooms/doors`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, &ask.kept().unwrap_or_default(), &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "扉と制御器", PAGE, &["10-2", "11"]);
    frame.notices.extend(banner(ask));
    let example = NewController { id: id("C-0")?, key: String::new(), doors: Vec::new() };
    let why = judge(ask, &Act::RegisterController(example).into());
    let open: Vec<Alarm> = {
        let city = office.city();
        let viewer = Viewer::of(&city, me, now);
        seen(&city, &viewer).filter(|alarm| alarm.closed.is_none()).cloned().collect()
    };
    let remark = "処置".to_owned();
    let alarm_why = open.first().and_then(|alarm| {
        judge(ask, &Act::CloseAlarm { alarm: alarm.receipt.clone(), remark: remark.clone() }.into())
    });
    let (tables, retired) = {
        let city = office.city();
        (tables(office, &city, me, now), retire_form(&city))
    };
    let mut panels = Vec::new();
    if !open.is_empty() {
        let form = {
            let city = office.city();
            close_form(&city, &open)
        };
        panels.push(panel(
            "alarms",
            "警報についてしたことを記録する",
            "10-2",
            "見に行ったこと、直したこと、原因を書きます。",
            alarm_why,
            form,
        ));
    }
    panels.push(panel(
        "register",
        "制御器を登録する",
        "11",
        &format!(
            "制御器の公開鍵は、制御器で sekisho door init を行うと示されます。制御器の設定の server-key には、この{}を書きます。",
            office.door_key()
        ),
        why.clone(),
        register_form(),
    ));
    panels.extend(retired.map(|form| {
        panel(
            "retire",
            "制御器を廃止する",
            "11",
            "廃止すると、その制御器の報告は受け付けられなくなります。",
            why,
            form,
        )
    }));
    let panels: Vec<Panel> = barred_once(panels)
        .into_iter()
        .map(|panel| Panel { form: fill(panel.form, typed, problems, &mut frame), ..panel })
        .collect();
    tell_the_rest(&mut frame, &panels.iter().map(|panel| &panel.form).collect::<Vec<_>>(), problems);
    let page = DeskPage {
        frame,
        lead: "扉の制御器が報告した扉の様子と警報です。".to_owned(),
        tables,
        panels,
        links: for_viewer(ask, links()),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn links() -> Vec<Link> {
    vec![Link::new("/rooms/fingers", "指紋登録簿へ"), Link::new("/ledgers/alarms", "警報の記録をすべて見る")]
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, Trouble>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(Trouble::broken)
}

fn panel(anchor: &str, heading: &str, under: &str, lead: &str, why: Option<String>, form: Form) -> Panel {
    Panel {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&[under]),
        lead: lead.to_owned(),
        why,
        form,
    }
}

/// The alarms that somebody may see, the newest first.
fn seen<'a>(city: &'a City, viewer: &'a Viewer) -> impl Iterator<Item = &'a Alarm> {
    city.rooms.alarms().iter().rev().filter(move |alarm| {
        let room = alarm.door.as_ref().and_then(|door| city.room_of(door));
        viewer.all || room.is_some_and(|room| viewer.knows(room.as_str()))
    })
}

fn tables(office: &Office, city: &City, me: &PersonId, now: Timestamp) -> Vec<Table> {
    let viewer = Viewer::of(city, me, now);
    let mut doors = Table::new("扉", "扉はまだ登録されていません。")
        .head("扉", "k")
        .column("室", "t")
        .column("制御器", "k")
        .column("いま", "t")
        .column("いつから", "t");
    for (id, door) in city.rooms.doors().filter(|(id, _)| city.rooms.door_in_use(id)) {
        doors.push(vec![
            Cell::text(id.to_string()),
            Cell::text(city.room_name(&door.room)),
            Cell::text(door.controller.to_string()),
            Cell::Badge(door_badge(door.state)),
            moment_cell(door.since),
        ]);
    }
    let mut controllers = Table::new("制御器", "制御器はまだ登録されていません。")
        .head("制御器", "k")
        .column("登録", "t")
        .column("報告", "n")
        .column("いま", "t")
        .column("公開鍵", "k");
    for (id, controller) in city.rooms.controllers() {
        controllers.push(vec![
            Cell::text(id.to_string()),
            Cell::text(words::moment(controller.registered)),
            Cell::text(match controller.next {
                0 => "まだない".to_owned(),
                many => format!("{}件", words::grouped(many)),
            }),
            match controller.retired {
                Some(at) => Cell::Sub("廃止".to_owned(), words::moment(at)),
                None => match office.door_silent(id) {
                    None => Cell::Badge(Badge::new(State::Good, "連絡あり")),
                    Some(silent) => Cell::Badge(Badge::new(State::Late, words::silent(silent))),
                },
            },
            Cell::text(&controller.key),
        ]);
    }
    vec![alarms(city, &viewer), doors, controllers]
}

fn alarms(city: &City, viewer: &Viewer) -> Table {
    let empty = match viewer.all {
        true => "警報の記録はありません。",
        false => "あなたの課所が受け持つ室の警報はありません。",
    };
    let mut table = Table::new("警報", empty)
        .note(format!("新しい{}件まで", limits::ALARMS))
        .head("日時", "t")
        .column("室・扉", "t")
        .column("警報", "t")
        .column("詳細", "")
        .column("いま", "t")
        .column("したこと", "w")
        .column("原簿", "t");
    for alarm in seen(city, viewer).take(limits::ALARMS) {
        table.push(vec![
            moment_cell(alarm.at),
            place(city, alarm),
            Cell::text(alarm.kind.japanese()),
            Cell::text(&alarm.detail),
            Cell::Badge(alarm_badge(alarm)),
            match &alarm.closed {
                Some((at, by, remark)) => {
                    Cell::Sub(remark.clone(), format!("{}　{}", city.name_of(by), words::moment(*at)))
                }
                None => Cell::text("－"),
            },
            Cell::Receipt(words::receipt(&alarm.receipt)),
        ]);
    }
    table
}

fn place(city: &City, alarm: &Alarm) -> Cell {
    match &alarm.door {
        Some(door) => {
            let room = city.room_of(door).map_or(String::new(), |room| city.room_name(room));
            Cell::Sub(room, door.to_string())
        }
        None => Cell::Sub("制御器".to_owned(), alarm.controller.to_string()),
    }
}

fn close_form(city: &City, open: &[Alarm]) -> Form {
    let choices = open.iter().map(|alarm| {
        let room = alarm.door.as_ref().and_then(|door| city.room_of(door));
        let room = room.map_or_else(|| format!("制御器 {}", alarm.controller), |room| city.room_name(room));
        let text = format!("{}　{room}　{}", words::moment(alarm.at), alarm.kind.japanese());
        Choice::new(alarm.receipt.to_string(), text)
    });
    Form::new("/rooms/doors/alarms", "記録する", guard::random_hex())
        .field(Field::new("alarm", "警報", Kind::Select(choose(choices))).need())
        .field(Field::new("remark", "したこと", Kind::Area).need())
}

fn register_form() -> Form {
    Form::new(PAGE, "登録する", guard::random_hex())
        .field(Field::new("controller", "制御器の名前", Kind::Short).need().hint("半角の英数字と - _ . @"))
        .field(Field::new("controller-key", "公開鍵", Kind::Text).need().hint("Base64で44字"))
        .field(
            Field::new("doors", "扉", Kind::Area)
                .need()
                .hint("一行に一つ、「扉の番号 室の名前」。例：D-401 CS室"),
        )
}

fn retire_form(city: &City) -> Option<Form> {
    let running = city.rooms.controllers().filter(|(_, controller)| controller.retired.is_none());
    let running: Vec<Choice> = running.map(|(id, _)| Choice::new(id.as_str(), id.as_str())).collect();
    let form = Form::new("/rooms/doors/retire", "廃止する", guard::random_hex()).quiet();
    (!running.is_empty())
        .then(|| form.field(Field::new("retired", "制御器", Kind::Select(choose(running))).need()))
}

/// `POST /rooms/doors`.
pub(crate) fn register(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let (controller, key) = (reading.id::<ControllerId>("controller"), reading.text("controller-key"));
    let lines = reading.text("doors");
    let doors: Vec<NewDoor> = {
        let city = ask.app.office().city();
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .filter_map(|line| door(&city, line).map_err(|why| reading.problems.add("doors", why)).ok())
            .collect()
    };
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(id), true) = (controller, reading.problems.is_empty()) else { return again(&reading.problems) };
    let names = [("door", "doors"), ("room", "doors")];
    carry_out(ask, Act::RegisterController(NewController { id, key, doors }), PAGE, &names, again)
}

/// `D-401 CS室`: a door and the room that it leads into, by name or code.
fn door(city: &City, line: &str) -> Result<NewDoor, String> {
    let (id, room) = line
        .split_once([' ', '　', '\t', ','])
        .ok_or_else(|| format!("「{line}」は、扉の番号と室の間を空けて書いてください"))?;
    let room = room.trim();
    let known = city.profile().rooms().iter().find(|known| known.name == room || known.id == room);
    let room = known
        .and_then(|known| known.id.parse().ok())
        .ok_or_else(|| format!("「{room}」という室はありません"))?;
    Ok(NewDoor { id: id.trim().parse().map_err(|error: register::IdError| error.japanese())?, room })
}

/// `POST /rooms/doors/retire`.
pub(crate) fn retire(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let Some(controller) = reading.chosen::<ControllerId>("retired") else { return again(&reading.problems) };
    carry_out(ask, Act::RetireController(controller), PAGE, &[("controller", "retired")], again)
}

/// `POST /rooms/doors/alarms`: what was done about an alarm.
pub(crate) fn close_alarm(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let alarm: Option<Receipt> = words::read_receipt(ask.typed.get("alarm"));
    if alarm.is_none() {
        reading.problems.add("alarm", "選んでください");
    }
    let remark = reading.text("remark");
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(alarm), true) = (alarm, reading.problems.is_empty()) else { return again(&reading.problems) };
    carry_out(ask, Act::CloseAlarm { alarm, remark }, PAGE, &[], again)
}
