//! `/duties` and `/duties/mine`: what is owed, by whom, until when, and the way to the act that ends it.

use jiff::Timestamp;
use jiff::civil::Date;
use register::board::rank;
use register::organization::Act;
use register::{City, Duty, Fulfil, Owner, PersonId};
use regulation::{Citation, Holders};

use crate::ask::Ask;
use crate::guard;
use crate::pages::desk::{banner, done, judge, submit};
use crate::pages::views::ListPage;
use crate::pages::{oversees, page};
use crate::trouble::{Answer, Trouble};
use crate::view::{Badge, Banner, Cell, Choice, Field, Form, Frame, Kind, Link, Pages, State, Table, Tone};
use crate::words;

/// The page on which a duty is fulfilled. Everything that leads from a duty to its act comes from here.
pub(crate) fn address(city: &City, duty: &Duty) -> Option<String> {
    match &duty.fulfil {
        Fulfil::Step { case, step } => {
            let kind = city.cases.get(case)?.kind();
            Some(format!("/cases/{kind}/{case}#step-{step}"))
        }
        Fulfil::Open(kind) => Some(format!("/cases/{kind}/new")),
        Fulfil::Appoint(office) => Some(format!("/posts?office={office}#appoint")),
        Fulfil::SeeActs => Some("/acting#see".to_owned()),
        Fulfil::Collect(card) => Some(format!("/cards/{card}?state=collected#stop")),
        Fulfil::Card(card) => Some(format!("/cards/{card}")),
        Fulfil::Inspect => Some("/cards/inspection".to_owned()),
        Fulfil::Spares => Some("/cards/spares".to_owned()),
        Fulfil::Password => Some("/password".to_owned()),
        Fulfil::CardAlarm(_) => Some("/cards#alarm".to_owned()),
        Fulfil::Keys => Some("/rooms/keys".to_owned()),
        Fulfil::Members(door) => Some(format!("/rooms/fingers?door={door}#compare")),
        Fulfil::Alarm(_) => Some("/rooms/doors#alarms".to_owned()),
        Fulfil::Finding(finding) => Some(format!("/rooms/findings/{finding}")),
        Fulfil::Reconcile => Some("/rooms/findings#reconcile".to_owned()),
        Fulfil::Tick { day, .. } => Some(format!("/runs?day={day}")),
    }
}

/// Whether whoever owes is of a section, or leads it.
pub(crate) fn of_section(city: &City, owner: &Owner, section: &str, day: Date) -> bool {
    let led = |office: &str| city.profile().office(office).is_some_and(|office| office.section == section);
    match owner {
        Owner::Section(id) => id.as_str() == section,
        Owner::Office(id) => led(id.as_str()),
        Owner::Person(id) => {
            let own = city.organization.person(id).and_then(|person| person.section_on(day));
            own.is_some_and(|own| own.as_str() == section)
        }
        Owner::Post(id) => match city.profile().post(id).map(|post| &post.holders) {
            Some(Holders::Section(own)) => own == section,
            Some(Holders::Offices(offices)) => offices.iter().any(|office| led(office)),
            None => false,
        },
    }
}

/// How pressing a duty is. Red only from the day after its last.
pub(crate) fn badge(duty: &Duty, today: Date) -> Badge {
    let ahead = duty.due.and_then(|due| today.until(due).ok()).map(|span| span.get_days());
    match ahead {
        Some(days) if days < 0 => Badge::new(State::Late, format!("{}日超過", -days)),
        Some(0) => Badge::new(State::Owed, "きょうまで"),
        Some(days) => Badge::new(State::Owed, format!("あと{days}日")),
        None => Badge::new(State::Plain, "期限なし"),
    }
}

/// A table of duties, in the order given. Whoever owes one is led to its act; whoever may remind others of
/// theirs has a button, which leads back to the page `remind`.
pub(crate) fn table(
    city: &City,
    duties: &[&Duty],
    me: Option<&PersonId>,
    now: Timestamp,
    (caption, empty): (&str, &str),
    remind: Option<&str>,
) -> Table {
    let today = register::japan_day(now);
    let mut table = Table::new(caption, empty)
        .note(format!("{}件", words::grouped(duties.len() as u64)))
        .column("", "t")
        .head("しなければならないこと", "w")
        .column("根拠", "t")
        .column("だれが", "")
        .column("いつから", "t")
        .column("期限", "t")
        .column("", "t");
    if remind.is_some() {
        table = table.column("", "act");
    }
    for duty in duties {
        let mine = me.is_some_and(|me| city.owes(me, duty, now));
        let reminders = city.organization.reminders(duty);
        let owner = city.owner_name(&duty.owed_by, now);
        let mut row = vec![
            Cell::Badge(badge(duty, today)),
            Cell::text(&duty.what),
            Cell::Cites(vec![words::cite(duty.citation)]),
            match reminders {
                None => Cell::text(owner),
                Some(known) => {
                    let last = words::short_day(register::japan_day(known.last));
                    Cell::Sub(owner, format!("催促{}回・最後は{last}", known.count))
                }
            },
            Cell::text(duty.since.map_or("－".to_owned(), words::short_day)),
            Cell::text(duty.due.map_or("－".to_owned(), words::short_day)),
            match (address(city, duty), mine) {
                (Some(href), true) => Cell::link(href, "この手続へ"),
                (Some(href), false) => Cell::link(href, "見る"),
                (None, _) => Cell::text(""),
            },
        ];
        // Once a day is enough, and nobody reminds oneself.
        let done = mine || reminders.is_some_and(|known| register::japan_day(known.last) == today);
        row.extend(remind.map(|back| if done { Cell::text("") } else { remind_cell(duty, back) }));
        table.push(row);
    }
    table
}

fn remind_cell(duty: &Duty, back: &str) -> Cell {
    let form = Form::new("/duties/remind", "催促する", guard::random_hex())
        .field(Field::hidden("duty", duty.key()))
        .field(Field::hidden("back", back));
    Cell::Act(form)
}

/// Whether whoever is signed in may remind others of their duties.
pub(crate) fn may_remind(ask: &Ask) -> bool {
    judge(ask, &Act::Remind(String::new()).into()).is_none()
}

/// `POST /duties/remind`: a reminder is a fact; whoever owes sees it beside the duty.
pub(crate) fn remind(ask: &Ask) -> Answer {
    let back = if ask.typed.get("back") == "/board" { "/board" } else { "/duties" };
    let finished = submit(ask, Act::Remind(ask.typed.get("duty").to_owned()).into())?;
    Ok(done(back, &finished.receipt))
}

/// `GET /duties`: everybody's, the most pressing first, for those who hold a post.
pub(crate) fn all(ask: &Ask) -> Answer {
    let mut frame = frame(ask, "果たすべき義務", "/duties");
    frame.notices.extend(banner(ask));
    let remind = may_remind(ask).then_some("/duties");
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    if !oversees(&city, me, now) {
        return Err(Trouble::NotYours(
            "全員の義務を見られるのは、規程の職にある人です。自分の義務は「自分の義務」で見られます。"
                .to_owned(),
        ));
    }
    let mut duties = city.duties(now);
    rank(&mut duties, register::japan_day(now));
    let article: Option<Citation> = ask.query.some("article").and_then(|text| text.parse().ok());
    let (section, owner) = (ask.query.get("section"), ask.query.get("owner"));
    let wanted: Vec<&Duty> = duties
        .iter()
        .filter(|duty| article.is_none_or(|article| article.contains(duty.citation)))
        .filter(|duty| {
            section.is_empty() || of_section(&city, &duty.owed_by, section, register::japan_day(now))
        })
        .filter(|duty| owner.is_empty() || city.owner_name(&duty.owed_by, now).contains(owner))
        .collect();
    let (range, pages) = ask.pages(wanted.len());
    let empty = "当てはまる義務はありません。";
    let table = table(&city, &wanted[range], Some(me), now, ("義務", empty), remind)
        .note(format!("{}件・期限を過ぎたものから", words::grouped(wanted.len() as u64)));
    let filters = Form::new("/duties", "絞り込む", "")
        .field(Field::new("article", "条", Kind::Select(articles(&city))).value(ask.query.get("article")))
        .field(Field::new("section", "課所", Kind::Select(sections(&city))).value(section))
        .field(Field::new("owner", "職か氏名", Kind::Short).value(owner));
    Ok(page(&ListPage {
        frame,
        lead: String::new(),
        filters: Some(filters),
        tables: vec![table],
        pages,
        links: vec![Link::new("/board", "条ごとに見る"), Link::new("/calendar", "暦で見る")],
    }))
}

/// `GET /duties/mine`: what whoever is signed in owes, in person or in an office.
pub(crate) fn mine(ask: &Ask) -> Answer {
    let mut frame = frame(ask, "自分の義務", "/duties/mine");
    if ask.query.get("welcome") == "yes" {
        frame.notices.push(Banner::new(Tone::Done, "サインインしました"));
    }
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    let mut duties = city.duties(now);
    rank(&mut duties, register::japan_day(now));
    let mine: Vec<&Duty> = duties.iter().filter(|duty| city.owes(me, duty, now)).collect();
    let empty = "いま、あなたが果たすべき義務はありません。";
    let posts = words::posts(&city, me, now);
    Ok(page(&ListPage {
        frame,
        lead: format!(
            "{}（{posts}）として果たすべき義務です。済ませると、ここから消えます。",
            city.name_of(me)
        ),
        filters: None,
        tables: vec![table(&city, &mine, Some(me), now, ("自分の義務", empty), None)],
        pages: Pages::default(),
        links: vec![Link::new("/calendar", "暦で見る")],
    }))
}

fn frame(ask: &Ask, title: &str, here: &str) -> Frame {
    Frame {
        trail: vec![Link::new("/board", "義務と状況"), Link::new("", title)],
        ..ask.frame(title, here, &[])
    }
}

/// Every article, to choose from.
pub(crate) fn articles(city: &City) -> Vec<Choice> {
    let articles = city.profile().articles().iter().map(|article| {
        let number = article.citation();
        Choice::new(number.to_string(), format!("{}（{}）", number.japanese(), article.caption))
    });
    std::iter::once(Choice::new("", "すべて")).chain(articles).collect()
}

/// Every section, to choose from.
pub(crate) fn sections(city: &City) -> Vec<Choice> {
    let sections = city.profile().sections().iter().map(|section| Choice::new(&section.id, &section.name));
    std::iter::once(Choice::new("", "すべて")).chain(sections).collect()
}
