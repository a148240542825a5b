//! `/rules`: what the regulation leaves to be laid down separately (定め): each place filled or owed.

use jiff::Timestamp;
use register::case::def;
use register::rules::{self, Place, RULE, Version};
use register::{City, PersonId};

use crate::ask::Ask;
use crate::pages::page;
use crate::pages::views::ListPage;
use crate::trouble::{Answer, Trouble};
use crate::view::{Banner, Cell, Link, Pages, State, Table, Tone};
use crate::words;

/// `GET /rules`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut frame = ask.frame("定めの台帳", "/rules", &["16(1)", "20-2", "21-1", "21-2", "27-2", "29", "30"]);
    frame.trail = vec![Link::new("", "定め")];
    if ask.query.get("needed") == "yes" {
        frame.notices.push(Banner::new(Tone::Care, "CSの業務の前に、施行中の定めを読んでください").line(
            "下の「あなたが読む定め」を読み、読んだと記録すると、すぐにCSの業務を開けます（第17条）。",
        ));
    }
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    let tables = vec![to_read(&city, me, now), places(&city, now), history(&city, now), settings(&city, now)];
    let links = vec![
        Link::new(
            "/cases/rule/new",
            def(RULE.id).and_then(|def| def.opening()).map_or("案を作る", |o| o.name),
        ),
        Link::new("/cases/rule", "案と定めの一覧"),
    ];
    Ok(page(&ListPage {
        frame,
        lead: "規程が「別に定める」としたことの一つ一つです。定めのないものは、定める職の義務になります。"
            .to_owned(),
        filters: None,
        tables: tables.into_iter().filter(|table| !table.rows.is_empty()).collect(),
        pages: Pages::default(),
        links,
    }))
}

/// What whoever is signed in is to read (第17条).
fn to_read(city: &City, me: &PersonId, now: Timestamp) -> Table {
    let mut table = Table::new("あなたが読む定め", "")
        .head("定め", "w")
        .column("版", "t")
        .column("文書", "")
        .column("", "t");
    for version in rules::to_acknowledge(city, me, now) {
        table.push(vec![
            Cell::text(&version.title),
            Cell::text(&version.version),
            document(version),
            Cell::link(format!("/cases/rule/{}#step-acknowledge", version.case), "読んだと記録する"),
        ]);
    }
    table
}

fn document(version: &Version) -> Cell {
    match &version.document {
        Some(document) => Cell::link(format!("/documents/{}", document.sha256), &document.name),
        None => Cell::text("－"),
    }
}

/// Every place, with what fills it.
fn places(city: &City, now: Timestamp) -> Table {
    let mut table = Table::new("定める場所", "")
        .head("何の定めか", "w")
        .column("根拠", "t")
        .column("いま", "t")
        .column("施行中の定め", "")
        .column("施行日", "t")
        .column("次の版・案", "")
        .column("", "t");
    for place in rules::places(city, now) {
        let subjects = place.rules.iter().filter(|rule| rule.in_force.is_some() || rule.coming.is_some());
        if subjects.clone().next().is_none() {
            table.push(empty(city, &place));
        }
        for rule in subjects {
            let name = match rule.subject {
                "" => place.place.name.clone(),
                subject => format!("{}：{subject}", place.place.name),
            };
            table.push(vec![
                Cell::text(name),
                Cell::Cites(vec![words::cite(place.place.citation)]),
                match rule.in_force {
                    Some(_) => Cell::badge(State::Good, "定めてある"),
                    None => Cell::badge(State::Owed, "施行前"),
                },
                rule.in_force.map_or(Cell::text("－"), titled),
                Cell::text(
                    rule.in_force.or(rule.coming).map_or(String::new(), |v| words::short_day(v.from())),
                ),
                coming(rule.coming, &place),
                Cell::link(format!("/cases/rule/new?rule-place={}", place.place.id), "改める"),
            ]);
        }
    }
    table
}

fn titled(version: &Version) -> Cell {
    Cell::link(format!("/cases/rule/{}", version.case), format!("{}（{}）", version.title, version.version))
}

fn empty(city: &City, place: &Place<'_>) -> Vec<Cell> {
    let post = city.profile().post(&place.place.laid_down_by);
    vec![
        Cell::text(&place.place.name),
        Cell::Cites(vec![words::cite(place.place.citation)]),
        Cell::badge(State::Owed, "定めがない"),
        Cell::Why(format!("定める職：{}", post.map_or("", |post| post.name.as_str()))),
        Cell::text("－"),
        coming(None, place),
        match place.drafts.first() {
            Some((id, _)) => Cell::link(format!("/cases/rule/{id}"), "案を進める"),
            None => Cell::link(format!("/cases/rule/new?rule-place={}", place.place.id), "案を作る"),
        },
    ]
}

/// What comes next: a version that is laid down already, else the drafts.
fn coming(version: Option<&Version>, place: &Place<'_>) -> Cell {
    match (version, place.drafts.first()) {
        (Some(version), _) => titled(version),
        (None, Some((id, case))) => {
            Cell::link(format!("/cases/rule/{id}"), format!("案「{}」", case.title()))
        }
        (None, None) => Cell::text("－"),
    }
}

/// Every version of every rule, the latest first.
fn history(city: &City, now: Timestamp) -> Table {
    let today = register::japan_day(now);
    let mut table = Table::new("版の経過", "")
        .head("定め", "w")
        .column("版", "t")
        .column("施行日", "t")
        .column("終わり", "t")
        .column("定めた人", "t")
        .column("文書", "")
        .column("読んだ人", "n")
        .column("原簿", "t");
    for version in city.rules.versions().iter().rev() {
        let until = city.rules.until(version, now);
        table.push(vec![
            Cell::link(format!("/cases/rule/{}", version.case), &version.title),
            Cell::text(&version.version),
            Cell::text(words::short_day(version.from())),
            match until {
                Some(until) if until <= today => Cell::text(words::short_day(until)),
                _ => Cell::text("－"),
            },
            Cell::Sub(
                format!("{}{}", city.name_of(&version.by), if version.acting { "（職務代理）" } else { "" }),
                words::moment(version.laid_down),
            ),
            document(version),
            Cell::text(city.rules.acknowledgements(&version.case).count().to_string()),
            Cell::Receipt(words::receipt(&version.receipt)),
        ]);
    }
    table
}

/// The settings in force, each with the rule that lays it down.
fn settings(city: &City, now: Timestamp) -> Table {
    let values = city.setting_values(now);
    let mut table = Table::new("定めが決める設定", "")
        .head("設定", "w")
        .column("根拠", "t")
        .column("値", "n")
        .column("決めているもの", "");
    for place in city.profile().rule_places() {
        for key in &place.settings {
            let Some(setting) = city.profile().settings().get(key) else { continue };
            table.push(vec![
                Cell::text(&setting.name),
                Cell::Cites(vec![words::cite(setting.citation)]),
                Cell::text(values.get(key).map_or(String::new(), |value| said(value, &setting.unit))),
                match city.setting_from(key, now) {
                    Some(version) => titled(version),
                    None => Cell::text("規程の設定（定めはまだない）"),
                },
            ]);
        }
    }
    table
}

fn said(value: regulation::SettingValue, unit: &str) -> String {
    match value {
        regulation::SettingValue::Flag(true) => "はい".to_owned(),
        regulation::SettingValue::Flag(false) => "いいえ".to_owned(),
        regulation::SettingValue::Count(count) => format!("{count}{unit}"),
    }
}
