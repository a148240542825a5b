//! `/rooms/fingers`: 指紋登録簿 (第11条). The lock knows fingers; here stands whose number is whose.

use jiff::Timestamp;
use register::rooms::{Act, MemberNo, NewFinger};
use register::{City, DoorId, PersonId};

use super::{
    Reading, Viewer, barred_once, callers, carry_out, choose, door_choices, for_viewer, frame, person_cell,
    told,
};
use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::judge;
use crate::pages::views::{DeskPage, Panel};
use crate::pages::{form_status, oversees, render};
use crate::trouble::{Answer, Trouble};
use crate::typed::{Problems, Typed};
use crate::view::{Badge, Cell, Field, Form, Kind, Link, State, Table};
use crate::words;

const PAGE: &str = "/rooms/fingers";

/// `GET /rooms/fingers`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut typed = ask.kept().unwrap_or_default();
    // A duty leads here with the lock whose list is to be compared.
    if let Some(door) = ask.query.some("door") {
        for field in ["door", "remove-door", "compare-door"] {
            if typed.get(field).is_empty() {
                typed.set(field, door.clone());
            }
        }
    }
    render_page(ask, &typed, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let mut frame = frame(ask, "指紋登録簿", PAGE, &["11"]);
    frame.notices.extend(told(ask));
    let example = {
        let city = office.city();
        city.rooms.doors().find(|(id, _)| city.rooms.door_in_use(id)).map(|(id, _)| id.clone())
    };
    let why = example.and_then(|door| judge(ask, &Act::CompareMembers { door, members: Vec::new() }.into()));
    let (tables, forms, doors) = {
        let city = office.city();
        let all = why.is_none() || oversees(&city, me, now);
        let door = ask.query.get("door").parse().ok();
        let tables = vec![members(&city, door.as_ref(), all, (me, now)), compared(&city)];
        (tables, forms(&city, me, now), !door_choices(&city).is_empty())
    };
    let forms: Vec<Form> = forms.into_iter().map(|form| fill(form, typed, problems, &mut frame)).collect();
    tell_the_rest(&mut frame, &forms.iter().collect::<Vec<_>>(), problems);
    let heads = [
        (
            "enrol",
            "指紋の登録を記録する",
            "錠での登録が済んだら、番号と人を記録します。指紋そのものは錠の中だけにあり、ここには来ません。",
        ),
        ("remove", "登録を消したことを記録する", "錠から消したあとに記録します。"),
        (
            "compare",
            "錠の登録と照らす",
            "錠に登録されている番号を書き写すと、登録簿との違いが記録されます。月に一度行います。",
        ),
    ];
    let panels = heads.into_iter().zip(forms).map(|((anchor, heading, lead), form)| Panel {
        anchor: anchor.to_owned(),
        heading: heading.to_owned(),
        under: words::cites(&["11"]),
        lead: lead.to_owned(),
        why: if doors {
            why.clone()
        } else {
            Some("扉がまだ登録されていません。先に扉の制御器を登録します".to_owned())
        },
        form,
    });
    let page = DeskPage {
        frame,
        lead: "指紋照合電気錠に登録している人です。錠が知らせるのは番号だけです。".to_owned(),
        tables: tables.into_iter().filter(|table| !table.caption.is_empty()).collect(),
        panels: barred_once(panels.collect()),
        links: for_viewer(
            ask,
            vec![
                Link::new("/ledgers/fingerprints", "消した登録も見る"),
                Link::new("/rooms/doors", "扉と制御器へ"),
            ],
        ),
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

fn members(city: &City, only: Option<&DoorId>, all: bool, (me, now): (&PersonId, Timestamp)) -> Table {
    let mut table = Table::new("登録している人", "登録している人はいません。")
        .head("番号", "n")
        .column("錠", "t")
        .column("氏名", "t")
        .column("根拠", "t")
        .column("登録", "t")
        .column("いま", "t");
    let doors = city.rooms.doors().filter(|(id, _)| only.is_none_or(|only| only == *id));
    for (id, door) in doors {
        for (member, finger) in city.rooms.members(id).filter(|(_, finger)| all || finger.person == *me) {
            let permitted = city.permit(&finger.person, &door.room, now).is_some();
            table.push(vec![
                Cell::text(member.to_string()),
                Cell::Sub(city.room_name(&door.room), id.to_string()),
                person_cell(city, &finger.person, now),
                Cell::text(&finger.authority),
                Cell::Sub(words::moment(finger.enrolled.0), city.name_of(&finger.enrolled.1)),
                Cell::Badge(match permitted {
                    true => Badge::new(State::Good, "許可あり"),
                    false => Badge::new(State::Owed, "許可がない"),
                }),
            ]);
        }
    }
    let many = table.rows.len();
    table.note(format!("{many}人"))
}

/// The last comparison of each lock.
fn compared(city: &City) -> Table {
    let mut table = Table::new("錠の登録との照合", "照合の記録はまだありません。")
        .note("錠ごとに最後のもの")
        .head("錠", "t")
        .column("照らした日時", "t")
        .column("錠にあって登録簿にない", "")
        .column("登録簿にあって錠にない", "")
        .column("結果", "t");
    let list = |numbers: &[MemberNo]| match numbers {
        [] => "なし".to_owned(),
        many => many.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
    };
    for (id, door) in city.rooms.doors() {
        let Some(last) = city.rooms.comparisons().iter().rev().find(|list| list.door == *id) else {
            continue;
        };
        let same = last.unknown.is_empty() && last.missing.is_empty();
        table.push(vec![
            Cell::Sub(city.room_name(&door.room), id.to_string()),
            Cell::Sub(words::moment(last.at.0), city.name_of(&last.at.1)),
            Cell::text(list(&last.unknown)),
            Cell::text(list(&last.missing)),
            Cell::Badge(if same {
                Badge::new(State::Good, "合っている")
            } else {
                Badge::new(State::Owed, "違いがある")
            }),
        ]);
    }
    table
}

/// Enrol, remove, compare.
fn forms(city: &City, me: &PersonId, now: Timestamp) -> [Form; 3] {
    let people = callers(city, &Viewer::of(city, me, now), now);
    let doors = || Kind::Select(choose(door_choices(city)));
    let enrol = Form::new(PAGE, "登録を記録する", guard::random_hex())
        .field(Field::new("door", "錠", doors()).need())
        .field(Field::new("member", "錠での番号", Kind::Digits).need())
        .field(Field::new("person", "職員番号", Kind::Suggest(people)).need())
        .field(
            Field::new("authority", "根拠", Kind::Text).hint("空けておくと、いま有効な許可の番号を書きます"),
        );
    let remove = Form::new("/rooms/fingers/remove", "削除を記録する", guard::random_hex())
        .quiet()
        .field(Field::new("remove-door", "錠", doors()).need())
        .field(Field::new("remove-member", "錠での番号", Kind::Digits).need())
        .field(Field::new("why", "消した理由", Kind::Text).need());
    let compare = Form::new("/rooms/fingers/compare", "照らして記録する", guard::random_hex())
        .field(Field::new("compare-door", "錠", doors()).need())
        .field(
            Field::new("members", "錠に登録されている番号", Kind::Area)
                .hint("一行に一つか、読点・コンマで区切ります。何も登録されていなければ空けておきます"),
        );
    [enrol, remove, compare]
}

/// `POST /rooms/fingers`.
pub(crate) fn enrol(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let door = reading.chosen::<DoorId>("door");
    let (member, person) = (reading.number::<MemberNo>("member"), reading.id::<PersonId>("person"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(door), Some(member), Some(person)) = (door, member, person) else {
        return again(&reading.problems);
    };
    let authority = match ask.typed.some("authority") {
        Some(authority) => authority,
        None => permit_label(ask, &door, &person),
    };
    let new = NewFinger { door, member, person, authority };
    carry_out(ask, Act::EnrolFinger(new), PAGE, &[], again)
}

/// What people call the permit in force by.
fn permit_label(ask: &Ask, door: &DoorId, person: &PersonId) -> String {
    let office = ask.app.office();
    let city = office.city();
    let permit = city.room_of(door).and_then(|room| city.permit(person, room, office.now()));
    let case = permit.and_then(|permit| city.cases.get(&permit.case));
    case.map_or(String::new(), |case| case.label())
}

/// `POST /rooms/fingers/remove`.
pub(crate) fn remove(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let door = reading.chosen::<DoorId>("remove-door");
    let (member, reason) = (reading.number::<MemberNo>("remove-member"), reading.text("why"));
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(door), Some(member), true) = (door, member, reading.problems.is_empty()) else {
        return again(&reading.problems);
    };
    let names = [("door", "remove-door"), ("member", "remove-member"), ("reason", "why")];
    carry_out(ask, Act::RemoveFinger { door, member, reason }, PAGE, &names, again)
}

/// `POST /rooms/fingers/compare`.
pub(crate) fn compare(ask: &Ask) -> Answer {
    let mut reading = Reading::new(&ask.typed);
    let door = reading.chosen::<DoorId>("compare-door");
    let mut members = Vec::new();
    let numbers = ask.typed.get("members").split([',', '、', '，', '\n', ' ', '　', '\t']);
    for text in numbers.map(str::trim).filter(|text| !text.is_empty()) {
        match text.parse::<MemberNo>() {
            Ok(member) => members.push(member),
            Err(error) => reading.problems.add("members", error.japanese()),
        }
    }
    let again = |problems: &Problems| render_page(ask, &ask.typed, problems);
    let (Some(door), true) = (door, reading.problems.is_empty()) else { return again(&reading.problems) };
    let names = [("door", "compare-door"), ("member", "members")];
    carry_out(ask, Act::CompareMembers { door, members }, PAGE, &names, again)
}
