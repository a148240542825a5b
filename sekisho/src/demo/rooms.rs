//! What has to be so before somebody enters a room of the demo city (第3章): permits, name tags, keys, fingers,
//! people from outside, and the controller of the two doors that have one.

use door::config::read_or_make_secret;
use door::wire::PublicKey;
use jiff::ToSpan as _;
use jiff::civil::Date;
use register::case::Particulars;
use register::rooms::{
    Act, Contract, MemberNo, NewController, NewDoor, NewFinger, NewKey, NewOutsider, TagNo,
};

use super::cast::{ACCESS_MANAGER, CITIZENS_OFFICER, LOCK_KEEPER, SECRETARY};
use super::council::take;
use super::stage::{Stage, id, stopped};
use crate::failure::Failure;

/// The controller of the two doors.
pub(super) const CONTROLLER: &str = "DC-1";
/// Where the controller keeps what is its own, in the folder of the demo.
pub(super) const FOLDER: &str = "doors";
/// The file of the controller's own key, in its folder.
pub(super) const OWN_KEY: &str = "controller.key";
/// The doors with electric locks: door, room.
pub(super) const DOORS: [(&str, &str); 2] = [("cs-door", CS_ROOM), ("store-door", DATA_STORE)];
/// Whose finger the locks know, under which number.
pub(super) const FINGERS: [(&str, u32); 3] = [(ACCESS_MANAGER, 16), (LOCK_KEEPER, 17), (SECRETARY, 18)];

pub(super) const CS_ROOM: &str = "cs-room";
pub(super) const DATA_STORE: &str = "data-store";
/// The room of the citizens' terminals.
pub(super) const TERMINALS: &str = "terminal-shimin";

/// 管財課長, and so the key officer.
pub(super) const KEY_OFFICER: &str = "1004";
/// At the key desk of 管財課.
pub(super) const KEY_DESK: &str = "2951";
/// The contractor's two people, and a visitor.
pub(super) const CONTRACTORS: [&str; 2] = ["X-101", "X-102"];
pub(super) const VISITOR: &str = "V-101";

const KEYS: [(&str, &str, &str); 3] =
    [("K-01", CS_ROOM, "正鍵"), ("K-02", CS_ROOM, "予備鍵"), ("K-03", DATA_STORE, "正鍵")];
/// Works in the terminal room of 市民課.
const CLERKS: [&str; 6] = [CITIZENS_OFFICER, "2101", "2102", "2103", "2106", "2108"];
/// How long a standing permit runs: well within the year that it may.
const STANDING: i64 = 300;

/// Everything that has to be so before the first day's work.
pub(super) fn found(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    permits(stage, day)?;
    controller(stage)?;
    for (person, member) in FINGERS {
        for (door, room) in DOORS.into_iter().filter(|(_, room)| may_enter(person, room)) {
            let authority = permit_label(stage, &permit_number(person, room));
            let finger =
                NewFinger { door: id(door), member: member_no(member)?, person: id(person), authority };
            stage.act(LOCK_KEEPER, Act::EnrolFinger(finger))?;
        }
    }
    for (key, room, name) in KEYS {
        let key = NewKey { id: id(key), room: id(room), name: name.to_owned() };
        stage.act(KEY_OFFICER, Act::RegisterKey(key))?;
    }
    outsiders(stage, day)
}

/// What people call a permit by: `入退室許可 令和8年度第1号`.
fn permit_label(stage: &Stage<'_>, case: &str) -> String {
    let city = stage.office.city();
    let label = case.parse().ok().and_then(|id| city.cases.get(&id)).map(|case| case.label());
    label.unwrap_or_else(|| case.to_owned())
}

/// The secretary has no business in the data store.
fn may_enter(person: &str, room: &str) -> bool {
    person != SECRETARY || room != DATA_STORE
}

/// Everybody of the staff who goes in and out has a permit of the room's entry manager, and a name tag.
fn permits(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let office = FINGERS.iter().flat_map(|(person, _)| DOORS.map(|(_, room)| (*person, room)));
    let office = office.filter(|(person, room)| may_enter(person, room));
    let office = office.map(|(person, room)| (person, room, ACCESS_MANAGER, "機器の運用と保守"));
    let clerks = CLERKS.map(|person| (person, TERMINALS, CITIZENS_OFFICER, "端末での窓口事務"));
    for (person, room, manager, purpose) in office.chain(clerks) {
        let case = permit_number(person, room);
        let said = permit_for(person, room, "standing", (day, day.saturating_add(STANDING.days())), purpose);
        take(stage, person, &case, "permit.apply", said)?;
        take(stage, manager, &case, "permit.grant", Particulars::new())?;
    }
    let wearers = FINGERS.iter().map(|(person, _)| *person).chain(CLERKS);
    for (number, person) in (1..).zip(wearers) {
        stage.act(LOCK_KEEPER, Act::IssueTag { tag: tag(number)?, to: id(person) })?;
    }
    Ok(())
}

/// What an application for a permit says.
pub(super) fn permit_for(
    person: &str,
    room: &str,
    term: &str,
    (from, until): (Date, Date),
    purpose: &str,
) -> Particulars {
    Particulars::new()
        .with("person", person)
        .with("room", room)
        .with("term", term)
        .with("from", from)
        .with("until", until)
        .with("purpose", purpose)
}

/// The number of somebody's permit for a room.
pub(super) fn permit_number(person: &str, room: &str) -> String {
    format!("P-{person}-{room}")
}

/// The controller makes its key where it will work, and the register learns the public half.
fn controller(stage: &Stage<'_>) -> Result<(), Failure> {
    let doors = DOORS.map(|(door, room)| NewDoor { id: id(door), room: id(room) });
    let new = NewController { id: id(CONTROLLER), key: own_key(stage)?.to_string(), doors: doors.to_vec() };
    stage.act(LOCK_KEEPER, Act::RegisterController(new))?;
    Ok(())
}

fn own_key(stage: &Stage<'_>) -> Result<PublicKey, Failure> {
    let file = stage.office.data().join(FOLDER).join(OWN_KEY);
    let key = read_or_make_secret(&file).map_err(|fault| stopped(fault.japanese().0))?;
    Ok(key.public())
}

/// 第10条第2項: the contractor's people one by one, with their employment proven; and a visitor.
fn outsiders(stage: &Stage<'_>, day: Date) -> Result<(), Failure> {
    let names = ["保谷 直", "修山 整"];
    for (person, name) in CONTRACTORS.into_iter().zip(names) {
        let contract = Contract {
            name: "CS機器の保守委託（架空）".to_owned(),
            proof: "社員証と労働者名簿の写しを確かめた".to_owned(),
            until: day.saturating_add(200.days()),
        };
        let organisation = "武蔵野電算保守株式会社（架空）".to_owned();
        let new =
            NewOutsider { id: id(person), name: name.to_owned(), organisation, contract: Some(contract) };
        stage.act(LOCK_KEEPER, Act::EnterOutsider(new))?;
    }
    let (name, organisation) = ("客野 訪".to_owned(), "入間県庁市町村課（架空）".to_owned());
    let visitor = NewOutsider { id: id(VISITOR), name, organisation, contract: None };
    stage.act(ACCESS_MANAGER, Act::EnterOutsider(visitor))?;
    Ok(())
}

/// 名札番号.
pub(super) fn tag(number: u32) -> Result<TagNo, Failure> {
    TagNo::try_from(number).map_err(|error| stopped(error.japanese()))
}

/// A number in a lock.
pub(super) fn member_no(number: u32) -> Result<MemberNo, Failure> {
    MemberNo::try_from(number).map_err(|error| stopped(error.japanese()))
}
