//! `/tour/doors` of the demo: a browser plays the people and the hardware at the simulated doors. What a lock then
//! says goes over its bus to the controller, and from there to the office, as at any other door.

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::views::{DoorView, HardwarePage};
use crate::pages::{form_status, render};
use crate::site::{Hardware, Play, SimulatedDoor};
use crate::trouble::{Answer, Trouble, see_other};
use crate::typed::{Problems, encode};
use crate::view::{Badge, Cell, Choice, Field, Form, Frame, Kind, Link, State, Table};
use crate::words;

const PAGE: &str = "/tour/doors";

/// `GET /tour/doors`.
pub(crate) fn show(ask: &Ask) -> Answer {
    render_page(ask, hardware(ask)?, "", &Problems::default())
}

fn hardware(ask: &Ask) -> Result<&dyn Hardware, Trouble> {
    ask.app.hardware().ok_or(Trouble::Missing)
}

/// The page; `problems` are those of the form at the door `at`.
fn render_page(ask: &Ask, hardware: &dyn Hardware, at: &str, problems: &Problems) -> Answer {
    let title = "模擬の扉";
    let mut frame = Frame {
        trail: vec![Link::new("/", "関所の案内"), Link::new("", title)],
        ..ask.frame(title, PAGE, &["9-2", "10-2", "11"])
    };
    let none = Problems::default();
    let doors: Vec<DoorView> = hardware
        .doors()
        .iter()
        .map(|door| view(ask, door, if door.id == at { problems } else { &none }, &mut frame))
        .collect();
    let touches: Vec<&Form> = doors.iter().map(|door| &door.touch).collect();
    tell_the_rest(&mut frame, &touches, problems);
    let page = HardwarePage { frame, doors, heard: heard(hardware) };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn view(ask: &Ask, door: &SimulatedDoor, problems: &Problems, frame: &mut Frame) -> DoorView {
    let yes = |so: bool, yes: &str, no: &str| Cell::text(if so { yes } else { no });
    let state = if door.usual { State::Good } else { State::Late };
    let facts = vec![
        ("制御器から見た状態".to_owned(), Cell::Badge(Badge::new(state, &door.state))),
        ("電気錠".to_owned(), yes(door.released, "解けている（数秒で掛かります）", "掛かっている")),
        ("扉".to_owned(), yes(door.open, "開いている", "閉まっている")),
        ("鍵".to_owned(), yes(door.key, "回っている", "回っていない")),
        ("錠のふた".to_owned(), yes(door.tampered, "開いている", "閉まっている")),
        ("電源".to_owned(), yes(door.powered, "来ている", "来ていない")),
    ];
    let fingers = door.fingers.iter().map(|(number, name)| Choice::new(number.to_string(), name));
    let sides =
        [Choice::new("outside", "室の外の読取機（入室）"), Choice::new("inside", "室の中の読取機（退室）")];
    let touch = form(door, "touch", "指を当てる")
        .field(
            Field::new("member", "だれの指", Kind::Select(fingers.collect()))
                .id(format!("member-{}", door.id))
                .need(),
        )
        .field(
            Field::new("side", "どちらの読取機", Kind::Radio(sides.to_vec()))
                .id(format!("side-{}", door.id))
                .value("outside")
                .need(),
        );
    // What was typed at one door is not given back at the other.
    let touch = if problems.is_empty() { touch } else { fill(touch, &ask.typed, problems, frame) };
    let key = if door.key { ("key-back", "鍵を戻す") } else { ("key", "鍵を回す") };
    let case = if door.tampered {
        ("untamper", "錠のふたを閉める")
    } else {
        ("tamper", "錠のふたを開ける")
    };
    let power =
        if door.powered { ("power-off", "電源を切る") } else { ("power-on", "電源を入れる") };
    let push = if door.open { ("close", "扉を閉める") } else { ("open", "扉を開ける") };
    let acts = [push, ("force", "扉をこじ開ける"), ("exit", "退室ボタンを押す"), key, case, power];
    DoorView {
        anchor: format!("door-{}", door.id),
        heading: format!("{}の扉（{}）", door.room, door.id),
        facts,
        touch,
        acts: acts.into_iter().map(|(act, text)| Cell::Act(form(door, act, text))).collect(),
    }
}

fn form(door: &SimulatedDoor, act: &str, submit: &str) -> Form {
    let hidden =
        |name: &'static str, value: &str| Field::hidden(name, value).id(format!("{name}-{act}-{}", door.id));
    Form::new(PAGE, submit, guard::random_hex()).field(hidden("door", &door.id)).field(hidden("act", act))
}

fn heard(hardware: &dyn Hardware) -> Table {
    let mut table = Table::new("扉で起きたこと", "まだ何も起きていません。指を当ててみてください。")
        .note("新しいものから")
        .head("日時", "t")
        .column("扉", "k")
        .column("こと", "");
    for heard in hardware.heard() {
        table.push(vec![Cell::text(words::moment(heard.at)), Cell::text(heard.door), Cell::text(heard.text)]);
    }
    table
}

/// `POST /tour/doors`.
pub(crate) fn play(ask: &Ask) -> Answer {
    let hardware = hardware(ask)?;
    let (door, act) = (ask.typed.get("door"), ask.typed.get("act"));
    if !hardware.doors().iter().any(|known| known.id == door) {
        return Err(Trouble::Missing);
    }
    let play = match act {
        "touch" => match ask.typed.get("member").parse() {
            Ok(member) => Play::Touch { member, inside: ask.typed.get("side") == "inside" },
            Err(_) => {
                let problems = Problems::one("member", "指を選んでください");
                return render_page(ask, hardware, door, &problems);
            }
        },
        "open" => Play::Open,
        "close" => Play::Close,
        "force" => Play::Force,
        "exit" => Play::Exit,
        "key" => Play::Key(true),
        "key-back" => Play::Key(false),
        "tamper" => Play::Tamper(true),
        "untamper" => Play::Tamper(false),
        "power-off" => Play::Power(false),
        "power-on" => Play::Power(true),
        _ => return Err(Trouble::Missing),
    };
    hardware.play(door, play);
    Ok(see_other(&format!("{PAGE}#door-{}", encode(door))))
}
