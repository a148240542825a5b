//! The plan of each floor, drawn from the profile: which room is beside which, and how each stands.

use register::City;
use register::rooms::DoorState;
use regulation::Room;

use crate::pages::views::{Floor, PlanRoom};

/// Points of the drawing for one unit of the profile's plan.
const UNIT: u32 = 40;
/// Between the drawing and its edge.
const EDGE: u32 = 8;
/// Between two lines of text.
const LINE: u32 = 22;
/// Width of one character of a room's name.
const CHARACTER: u32 = 16;

/// How a room stands: the class of its shape, and the words beside it.
pub(super) fn standing(city: &City, room: &Room, inside: usize) -> (&'static str, String) {
    let Ok(id) = room.id.parse() else { return ("", String::new()) };
    let doors =
        || city.rooms.doors().filter(|(door, state)| state.room == id && city.rooms.door_in_use(door));
    let odd = doors()
        .find(|(_, door)| !matches!(door.state, DoorState::Locked | DoorState::Open | DoorState::Unknown));
    if let Some((_, door)) = odd {
        return ("alarm", door.state.japanese().to_owned());
    }
    if city.rooms.locked_down(city, &id) {
        return ("shut", "封鎖中".to_owned());
    }
    if doors().any(|(_, door)| door.state == DoorState::Open) {
        return ("ajar", "扉が開いています".to_owned());
    }
    match (inside, doors().next().is_some()) {
        (0, true) => ("empty", "施錠・無人".to_owned()),
        (0, false) => ("empty", "無人".to_owned()),
        _ => ("in", "在室".to_owned()),
    }
}

/// The floors, in the order of the profile.
pub(super) fn floors(city: &City, rooms: &[(&Room, usize)]) -> Vec<Floor> {
    let mut floors: Vec<Floor> = Vec::new();
    for (room, inside) in rooms {
        let Some(plan) = &room.plan else { continue };
        let (class, state) = standing(city, room, *inside);
        let drawn = draw(room, class, &state, *inside);
        let said = format!("{}（レベル{}）：{state}、{inside}人。", room.name, room.level);
        let (right, below) = (drawn.x + drawn.width + EDGE, drawn.y + drawn.height + EDGE);
        match floors.iter_mut().find(|floor| floor.name == plan.floor) {
            Some(floor) => {
                floor.width = floor.width.max(right);
                floor.height = floor.height.max(below);
                floor.says.push_str(&said);
                floor.rooms.push(drawn);
            }
            None => floors.push(Floor {
                id: format!("floor-{}", floors.len() + 1),
                name: plan.floor.clone(),
                says: said,
                width: right,
                height: below,
                rooms: vec![drawn],
            }),
        }
    }
    floors
}

fn draw(room: &Room, class: &'static str, state: &str, inside: usize) -> PlanRoom {
    let at = |units: u16| u32::from(units) * UNIT;
    let plan = room.plan.as_ref();
    let (x, y, width, height) =
        plan.map_or((0, 0, 0, 0), |plan| (at(plan.x), at(plan.y), at(plan.width), at(plan.height)));
    let (x, y) = (x + EDGE, y + EDGE);
    let most = (width.saturating_sub(2 * EDGE) / CHARACTER).max(4) as usize;
    let name: Vec<char> = room.name.chars().collect();
    let mut texts: Vec<(String, &'static str)> =
        name.chunks(most).map(|part| (part.iter().collect(), "name")).collect();
    texts.push((format!("レベル{}・{inside}人", room.level), "count"));
    texts.push((state.to_owned(), "state"));
    let middle = x + width / 2;
    let above = (height.saturating_sub(texts.len() as u32 * LINE)) / 2;
    let lines = texts.into_iter().zip(1..);
    let lines =
        lines.map(|((text, class), line)| (middle, y + above + line * LINE - 5, text, class)).collect();
    PlanRoom { class, x, y, width, height, lines }
}
