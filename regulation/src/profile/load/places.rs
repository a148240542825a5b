//! rooms.toml and cards.toml: rooms with their levels, kinds of cards with what they open.

use super::super::reader::Node;
use super::super::{Authenticator, CardKind, OperationDef, Plan, Proof, Room, RoomKind, RoomLevel};
use super::{Known, refer, unique};

/// What an operator's card may open; policies and the register know these codes.
const OPERATIONS: [&str; 7] =
    ["search-name", "search-kana", "search-code", "consult", "reveal-code", "print-form", "history"];

/// How the door of a room is opened.
const MEANS: [&str; 3] = ["key", "fingerprint", "card"];

pub(super) fn rooms(root: &Node<'_>, known: &Known) -> (Vec<RoomLevel>, Vec<Room>) {
    let mut levels: Vec<RoomLevel> = Vec::new();
    for node in root.tables("levels") {
        if let Some(level) = level(&node, known) {
            if levels.iter().any(|other| other.level <= level.level) {
                node.fault(
                    "level",
                    format!("レベル{}の順が違うか、二つあります", level.level),
                    "高いものから並べてください",
                );
            }
            levels.push(level);
        }
        node.finish();
    }
    let (mut rooms, mut seen) = (Vec::new(), Vec::new());
    for node in root.tables("rooms") {
        if let Some(id) = node.code("id") {
            unique(&mut seen, node.faults, "室", &id);
        }
        rooms.extend(room(&node, known, &levels));
        node.finish();
    }
    (levels, rooms)
}

fn level(node: &Node<'_>, known: &Known) -> Option<RoomLevel> {
    let (level, citations) = (node.number("level", 1..=3), known.citations(node));
    let mut kinds = Vec::new();
    for kind in node.tables("kinds") {
        if let (Some(id), Some(name)) = (kind.code("id"), kind.text("name")) {
            kinds.push(RoomKind { id: id.value, name: name.value });
        }
        kind.finish();
    }
    let (prior_permission, tag, recorded) =
        (node.flag("prior-permission"), node.flag("tag"), node.flag("recorded"));
    let means = node.texts("means");
    for one in &means {
        refer(Some(&MEANS.map(str::to_owned).to_vec()), node.faults, "入退室の方法", one);
    }
    Some(RoomLevel {
        level: u16::try_from(level?).ok()?,
        citations,
        kinds,
        prior_permission: prior_permission?,
        means: means.into_iter().map(|one| one.value).collect(),
        tag: tag?,
        recorded: recorded?,
    })
}

fn room(node: &Node<'_>, known: &Known, levels: &[RoomLevel]) -> Option<Room> {
    let (id, name, level) = (node.code("id"), node.text("name"), node.number("level", 1..=3));
    let (kind, section, manager) = (node.text("kind"), node.code("section"), node.code("entry-manager"));
    if let Some(section) = &section {
        refer(known.sections.as_ref(), node.faults, "課所", section);
    }
    if let Some(manager) = &manager {
        refer(known.entry_managers.as_ref(), node.faults, "入退室管理者に充てる職", manager);
    }
    let level = u16::try_from(level?).ok()?;
    match levels.iter().find(|def| def.level == level) {
        None => {
            node.fault("level", format!("レベル{level}は [[levels]] にありません"), "レベルを直してください")
        }
        Some(def) => {
            let kinds = def.kinds.iter().map(|kind| kind.id.clone()).collect();
            if let Some(kind) = &kind {
                refer(Some(&kinds), node.faults, &format!("レベル{level}の室の種類"), kind);
            }
        }
    }
    Some(Room {
        id: id?.value,
        name: name?.value,
        level,
        kind: kind?.value,
        section: section?.value,
        entry_manager: manager?.value,
        capacity: node.optional_number("capacity", 1..=1000).and_then(|most| u16::try_from(most).ok()),
        plan: plan(node),
    })
}

/// The room's place on the plan of its floor.
fn plan(node: &Node<'_>) -> Option<Plan> {
    let node = node.optional_table("plan")?;
    let floor = node.text("floor");
    let side = |key, least| node.number(key, least..=1000).and_then(|side| u16::try_from(side).ok());
    let (x, y, width, height) = (side("x", 0), side("y", 0), side("width", 1), side("height", 1));
    node.finish();
    Some(Plan { floor: floor?.value, x: x?, y: y?, width: width?, height: height? })
}

/// The ways by which terminals prove an operator; at least one.
pub(super) fn authenticators(root: &Node<'_>) -> Vec<Authenticator> {
    let known: Vec<String> = Proof::ALL.iter().map(|proof| proof.code().to_owned()).collect();
    let (mut all, mut seen) = (Vec::new(), Vec::new());
    for node in root.tables("authenticators") {
        let (id, name) = (node.code("id"), node.text("name"));
        let (proves, columns) = (node.texts("proves"), node.texts("columns"));
        if let Some(id) = &id {
            unique(&mut seen, node.faults, "認証の方法", id);
        }
        for (key, list) in [("proves", &proves), ("columns", &columns)] {
            if list.is_empty() {
                node.fault(key, format!("「{key}」が空です"), "一つ以上書いてください");
            }
        }
        for proof in &proves {
            refer(Some(&known), node.faults, "認証に使うもの", proof);
        }
        if let (Some(id), Some(name)) = (id, name) {
            let of = |code: &str| Proof::ALL.into_iter().find(|proof| proof.code() == code);
            all.push(Authenticator {
                id: id.value,
                name: name.value,
                proves: proves.iter().filter_map(|proof| of(&proof.value)).collect(),
                columns: columns.into_iter().map(|column| column.value).collect(),
            });
        }
        node.finish();
    }
    if all.is_empty() {
        let what = "認証の方法がありません";
        root.faults.note(&root.place, what.to_owned(), "[[authenticators]] に書き足してください");
    }
    all
}

pub(super) fn cards(root: &Node<'_>) -> (Vec<OperationDef>, Vec<CardKind>) {
    let (mut operations, mut codes) = (Vec::new(), Vec::new());
    let usable = OPERATIONS.map(str::to_owned).to_vec();
    for node in root.tables("operations") {
        let (code, name) = (node.code("code"), node.text("name"));
        if let Some(code) = &code {
            unique(&mut codes, node.faults, "操作", code);
            refer(Some(&usable), node.faults, "操作", code);
        }
        if let (Some(code), Some(name)) = (code, name) {
            operations.push(OperationDef { code: code.value, name: name.value });
        }
        node.finish();
    }
    for missing in usable.iter().filter(|code| !codes.contains(code)) {
        root.faults.note(
            &root.place,
            format!("操作「{missing}」がありません"),
            "[[operations]] に書き足してください",
        );
    }
    let (mut kinds, mut seen) = (Vec::new(), Vec::new());
    for node in root.tables("cards") {
        let (id, name, purpose) = (node.code("id"), node.text("name"), node.text("purpose"));
        let opened = node.texts("operations");
        if let Some(id) = &id {
            unique(&mut seen, node.faults, "カードの種類", id);
        }
        for code in &opened {
            refer(Some(&codes), node.faults, "操作", code);
        }
        if let (Some(id), Some(name), Some(purpose)) = (id, name, purpose) {
            let operations = opened.into_iter().map(|code| code.value).collect();
            kinds.push(CardKind { id: id.value, name: name.value, purpose: purpose.value, operations });
        }
        node.finish();
    }
    (operations, kinds)
}
