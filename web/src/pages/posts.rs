//! `/posts`: who holds which post (充て職), now or at any moment, with what shows it; and who is of the staff.

use jiff::Timestamp;
use register::organization::{Act, Appointment, NewPerson, WhoError, WhoWas};
use register::{City, OfficeId, PersonId, RoomId, SectionId};
use regulation::{Holders, Post, Scope};

use crate::ask::{Ask, fill, tell_the_rest};
use crate::guard;
use crate::pages::desk::{banner, done, judge, submit};
use crate::pages::duties::sections;
use crate::pages::views::{DeskPage, ListPage, Panel};
use crate::pages::{form_status, oversees, page, render};
use crate::trouble::{Answer, Trouble, at_fields};
use crate::typed::{Problems, Typed};
use crate::view::{Banner, Cell, Choice, Field, Form, Frame, Kind, Link, State, Table, Tone};
use crate::words;

/// `GET /posts`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut typed = ask.kept().unwrap_or_default();
    // A duty leads here with the office that wants a holder.
    if let Some(office) = ask.query.some("office") {
        typed.set("office", office);
    }
    render_page(ask, &typed, &Problems::default())
}

fn render_page(ask: &Ask, typed: &Typed, problems: &Problems) -> Answer {
    let office = ask.app.office();
    let now = office.now();
    let asked = ask.query.some("at");
    let at = match &asked {
        Some(text) => words::read_moment(text).ok_or_else(|| {
            Trouble::Unreadable(
                "日時は「2019-07-03T14:00」か「令和元年7月3日」のように書いてください。".to_owned(),
            )
        })?,
        None => now,
    };
    let mut frame = ask.frame("充て職", "/posts", &["3-2", "4-3", "5-2", "6-2", "10", "15-2"]);
    frame.trail = vec![Link::new("", "組織")];
    frame.notices.extend(banner(ask));
    if asked.is_some() {
        let when = words::moment_long(at);
        frame
            .notices
            .push(Banner::new(Tone::Info, format!("{when}の充て職です")).link("/posts", "いまの充て職へ"));
    }
    let panels = panels(ask, typed, problems, &mut frame);
    let forms: Vec<&Form> = panels.iter().map(|panel| &panel.form).collect();
    tell_the_rest(&mut frame, &forms, problems);
    let value = asked.map_or(String::new(), |_| words::moment_field(at));
    let filters =
        Form::new("/posts", "見る", "").field(Field::new("at", "この時の充て職", Kind::Moment).value(value));
    let tables = {
        let city = office.city();
        vec![held(&city, at), gaps(&city)]
    };
    let page = DeskPage {
        frame,
        lead: "規程の職は、人でなく市の職に充てられています。職に就いた人が、その間だけ規程の職にあります。"
            .to_owned(),
        filters: Some(filters),
        tables,
        panels,
        links: vec![Link::new("/ledgers/appointments", "発令の経過を見る")],
        ..DeskPage::default()
    };
    Ok(render(form_status(!problems.is_empty()), &page))
}

/// Every post, with the office that it follows from and whoever held it at `at`.
fn held(city: &City, at: Timestamp) -> Table {
    let mut table = Table::new("充て職", "")
        .head("充て職", "w")
        .column("根拠", "t")
        .column("職", "")
        .column("就いている人", "")
        .column("いつから", "t")
        .column("記録と証明", "t");
    for post in city.profile().posts() {
        for (section, room) in seats(city, post) {
            table.push(row(city, post, city.who_was(&post.id, section.as_ref(), room.as_ref(), at)));
        }
    }
    table
}

/// For which sections or rooms there is a post of its own.
fn seats(city: &City, post: &Post) -> Vec<(Option<SectionId>, Option<RoomId>)> {
    let offices = post.offices().iter().filter_map(|id| city.profile().office(id));
    match (&post.holders, post.scope) {
        (Holders::Offices(_), Scope::Section) => {
            offices.map(|office| (office.section.parse().ok(), None)).collect()
        }
        (Holders::Offices(_), Scope::Room) => {
            city.profile().rooms().iter().map(|room| (None, room.id.parse().ok())).collect()
        }
        _ => vec![(None, None)],
    }
}

fn row(city: &City, post: &Post, found: Result<WhoWas, WhoError>) -> Vec<Cell> {
    let cites = Cell::Cites(post.citations.iter().map(|citation| words::cite(*citation)).collect());
    let who = match found {
        Ok(who) => who,
        Err(error) => {
            let why = Cell::text(error.japanese());
            return vec![
                Cell::text(&post.name),
                cites,
                Cell::text("－"),
                why,
                Cell::text("－"),
                Cell::text("－"),
            ];
        }
    };
    let holder = match &who.holder {
        None => Cell::badge(State::Owed, "空席"),
        Some(_) if who.then.is_some() || who.acting.is_some() => {
            Cell::Sub(named(city, who.holder.as_ref()), who.japanese(city))
        }
        Some(_) => Cell::text(named(city, who.holder.as_ref())),
    };
    vec![
        Cell::text(&who.post),
        cites,
        Cell::text(city.office_name(&who.office)),
        holder,
        Cell::text(who.from.map_or("－".to_owned(), words::short_day)),
        match &who.recorded {
            Some(recorded) => Cell::Receipt(words::receipt(&recorded.receipt)),
            None => Cell::text("－"),
        },
    ]
}

fn named(city: &City, person: Option<&PersonId>) -> String {
    person.map_or("空席".to_owned(), |id| format!("{}（{id}）", city.name_of(id)))
}

/// Posts that the regulation leaves without an office: shown, not guessed.
fn gaps(city: &City) -> Table {
    let mut table = Table::new("規程が職を定めていない充て職", "職のない充て職はありません。")
        .head("充て職", "t")
        .column("課所", "t")
        .column("市の読み方", "w");
    for gap in city.profile().gaps() {
        table.push(vec![
            Cell::text(&gap.post.name),
            Cell::text(&gap.section.name),
            match gap.reading {
                Some(reading) => Cell::Lines(vec![
                    reading.reading.clone(),
                    format!("（{}　理由：{}）", reading.question, reading.reason),
                ]),
                None => Cell::badge(State::Owed, "読み方が決まっていません"),
            },
        ]);
    }
    table
}

fn panels(ask: &Ask, typed: &Typed, problems: &Problems, frame: &mut Frame) -> Vec<Panel> {
    let (appoint, enrol) = (appoint_form(ask), enrol_form(ask));
    // The forms share no field: a fault belongs to one of them.
    vec![
        Panel {
            anchor: "appoint".to_owned(),
            heading: "発令を登録する".to_owned(),
            under: words::cites(&["7-6"]),
            lead: "職に就いた人を登録すると、その職に充てられた規程の職と権限がその日から移ります。"
                .to_owned(),
            why: appoint_why(ask),
            form: fill(appoint, typed, problems, frame),
        },
        Panel {
            anchor: "enrol".to_owned(),
            heading: "職員を登録する".to_owned(),
            under: words::cites(&["7-6"]),
            lead: "一人ずつ登録します。4月の異動のように大勢のときは、異動の一覧を使ってください。"
                .to_owned(),
            why: enrol_why(ask),
            form: fill(enrol, typed, problems, frame),
        },
    ]
}

fn appoint_form(ask: &Ask) -> Form {
    let office = ask.app.office();
    let now = office.now();
    let city = office.city();
    let first = || std::iter::once(Choice::new("", "選んでください"));
    let offices = city.profile().offices().iter().map(|office| Choice::new(&office.id, &office.name));
    let vacant = std::iter::once(Choice::new(VACANT, "（空席にする）"));
    let people = city.staff(now).map(|(id, _)| words::staff(&city, id, now));
    Form::new("/posts", "発令を登録する", guard::random_hex())
        .field(Field::new("office", "職", Kind::Select(first().chain(offices).collect())).need())
        .field(
            Field::new("person", "就く人", Kind::Select(first().chain(vacant).chain(people).collect()))
                .need(),
        )
        .field(Field::new("from", "発令日", Kind::Day).need().value(register::japan_day(now).to_string()))
}

/// What the form says where an office is left vacant.
const VACANT: &str = "-vacant-";

fn enrol_form(ask: &Ask) -> Form {
    let office = ask.app.office();
    let mut sections = sections(&office.city());
    if let Some(first) = sections.first_mut() {
        first.text = "選んでください".to_owned();
    }
    Form::new("/people", "職員を登録する", guard::random_hex())
        .quiet()
        .field(Field::new("number", "職員番号", Kind::Short).need())
        .field(Field::new("name", "氏名", Kind::Text).need())
        .field(Field::new("kana", "フリガナ", Kind::Text).need())
        .field(Field::new("section", "所属", Kind::Select(sections)).need())
}

fn appoint_why(ask: &Ask) -> Option<String> {
    let office = ask.app.office().profile().offices().first()?.id.parse().ok()?;
    let from = register::japan_day(ask.app.office().now());
    judge(ask, &Act::Appoint(Appointment { office, person: None, from }).into())
}

fn enrol_why(ask: &Ask) -> Option<String> {
    let section = ask.app.office().profile().sections().first()?.id.parse().ok()?;
    let (id, name, kana) = ("new".parse().ok()?, String::new(), String::new());
    judge(ask, &Act::EnrolPerson(NewPerson { id, name, kana, section }).into())
}

/// `POST /posts`: somebody takes an office.
pub(crate) fn appoint(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let office: Option<OfficeId> = ask.typed.get("office").parse().ok();
    let who = ask.typed.get("person");
    let person: Option<PersonId> = who.parse().ok().filter(|_| who != VACANT);
    let from = regulation::wareki::parse(ask.typed.get("from"));
    if office.is_none() {
        problems.add("office", "選んでください");
    }
    if person.is_none() && who != VACANT {
        problems.add("person", "選んでください");
    }
    if let Err(error) = &from {
        problems.add("from", error.japanese());
    }
    let (Some(office), Ok(from), true) = (office, from, problems.is_empty()) else {
        return render_page(ask, &ask.typed, &problems);
    };
    match submit(ask, Act::Appoint(Appointment { office, person, from }).into()) {
        Ok(finished) => Ok(done("/posts", &finished.receipt)),
        Err(declined) => render_page(ask, &ask.typed, &at_fields(declined, str::to_owned)?),
    }
}

/// `POST /people`: somebody joins the staff.
pub(crate) fn enrol(ask: &Ask) -> Answer {
    let mut problems = Problems::default();
    let id = ask.typed.get("number").parse::<PersonId>();
    let section: Option<SectionId> = ask.typed.get("section").parse().ok();
    if let Err(error) = &id {
        problems.add("number", error.japanese());
    }
    if section.is_none() {
        problems.add("section", "選んでください");
    }
    for field in ["name", "kana"] {
        if ask.typed.get(field).is_empty() {
            problems.add(field, "入力してください");
        }
    }
    let (Ok(id), Some(section), true) = (id, section, problems.is_empty()) else {
        return render_page(ask, &ask.typed, &problems);
    };
    let (name, kana) = (ask.typed.get("name").to_owned(), ask.typed.get("kana").to_owned());
    match submit(ask, Act::EnrolPerson(NewPerson { id, name, kana, section }).into()) {
        Ok(finished) => Ok(done("/people", &finished.receipt)),
        Err(declined) => {
            let rename = |field: &str| if field == "person" { "number" } else { field }.to_owned();
            render_page(ask, &ask.typed, &at_fields(declined, rename)?)
        }
    }
}

/// `GET /people`: everybody of the staff, for those who hold a post.
pub(crate) fn people(ask: &Ask) -> Answer {
    let mut frame = ask.frame("職員", "/people", &[]);
    frame.trail = vec![Link::new("/posts", "組織"), Link::new("", "職員")];
    frame.notices.extend(banner(ask));
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    if !oversees(&city, me, now) {
        return Err(Trouble::NotYours("職員の一覧を見られるのは、規程の職にある人です。".to_owned()));
    }
    let (section, text) = (ask.query.get("section"), ask.query.get("q").replace([' ', '　'], ""));
    let says = |name: &str| name.replace([' ', '　'], "").contains(&text);
    let found: Vec<_> = city
        .staff(now)
        .filter(|(_, own)| section.is_empty() || own.is_some_and(|own| own.as_str() == section))
        .filter_map(|(id, _)| Some((id, city.organization.person(id)?)))
        .filter(|(id, one)| text.is_empty() || says(&one.name) || says(&one.kana) || says(id.as_str()))
        .collect();
    let (range, pages) = ask.pages(found.len());
    let mut table = Table::new("職員", "当てはまる職員はいません。")
        .note(format!("{}人", words::grouped(found.len() as u64)))
        .head("氏名", "t")
        .column("職員番号", "k")
        .column("所属", "t")
        .column("職", "")
        .column("規程の職", "w");
    let today = register::japan_day(now);
    for (id, one) in &found[range] {
        let offices = city.organization.held_by(id, today).map(|office| city.office_name(office));
        let posts = words::posts_held(&city, id, now);
        table.push(vec![
            Cell::Sub(one.name.clone(), one.kana.clone()),
            Cell::text(id.as_str()),
            Cell::text(city.workplace_of(id, now)),
            Cell::Lines(offices.collect()),
            Cell::text(posts),
        ]);
    }
    let filters = Form::new("/people", "絞り込む", "")
        .field(Field::new("section", "課所", Kind::Select(sections(&city))).value(section))
        .field(Field::new("q", "氏名か番号", Kind::Short).value(ask.query.get("q")));
    Ok(page(&ListPage {
        frame,
        lead: String::new(),
        filters: Some(filters),
        tables: vec![table],
        pages,
        links: vec![
            Link::new("/posts#enrol", "職員を登録する"),
            Link::new("/transfers", "異動の一覧を登録する"),
        ],
    }))
}
