//! `/calendar`: a month with what is due, meetings, holidays, and the fiscal year.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp};
use register::assets::runs::{self, RunState};
use register::{City, PersonId};
use regulation::calendar;
use regulation::wareki::{FiscalYear, print};

use crate::ask::Ask;
use crate::pages::views::{CalendarPage, DayEntry, DayView};
use crate::pages::{cases, duties, oversees, page};
use crate::trouble::{Answer, Trouble};
use crate::view::Link;

/// Entries that a day shows.
const SHOWN: usize = 4;

/// `GET /calendar`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let mut frame = ask.frame("暦", "/calendar", &[]);
    frame.trail = vec![Link::new("/board", "義務と状況"), Link::new("", "暦")];
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let today = register::japan_day(now);
    let first = month(ask.query.get("month")).unwrap_or(today.first_of_month());
    let (entries, all) = {
        let city = office.city();
        let all = oversees(&city, me, now);
        (entries(&city, me, all, (first, now)), all)
    };
    let link =
        |first: Date, text: &str| Link::new(format!("/calendar?month={}", &first.to_string()[..7]), text);
    let shifted = |months: i32| first.checked_add(Span::new().months(months)).unwrap_or(first);
    Ok(page(&CalendarPage {
        frame,
        month: print(first).split('月').next().map_or(String::new(), |month| format!("{month}月")),
        year: FiscalYear::of(first).map_or(String::new(), FiscalYear::japanese),
        lead: match all {
            true => "義務の期限、会議の予定、実施表です。".to_owned(),
            false => "あなたの義務の期限と、あなたが関わる会議の予定です。".to_owned(),
        },
        previous: link(shifted(-1), "前の月"),
        now: link(today.first_of_month(), "今月"),
        next: link(shifted(1), "次の月"),
        weeks: weeks(first, today, entries),
    }))
}

/// The first day of a month written as `2026-11`.
fn month(text: &str) -> Option<Date> {
    let first: Date = format!("{text}-01").parse().ok()?;
    (1900..=2200).contains(&first.year()).then_some(first)
}

/// What stands on which day.
fn entries(
    city: &City,
    me: &PersonId,
    all: bool,
    (first, now): (Date, Timestamp),
) -> BTreeMap<Date, Vec<DayEntry>> {
    let today = register::japan_day(now);
    let mut days: BTreeMap<Date, Vec<DayEntry>> = BTreeMap::new();
    let owed = city.duties(now);
    for (id, case) in city.cases.of_kind("meeting") {
        if !cases::sees(city, me, (id, case), &owed, now) || case.has("cancel") {
            continue;
        }
        if let Ok(at) = case.text("held-at").parse::<Timestamp>() {
            let text = format!("{} {}", crate::words::time(at), case.title());
            let class = if case.has("close") { "done" } else { "" };
            let href = format!("/cases/meeting/{id}");
            days.entry(register::japan_day(at)).or_default().push(DayEntry { text, href, class });
        }
    }
    days_of_the_plan(city, first, now, &mut days);
    for duty in owed.iter().filter(|duty| all || city.owes(me, duty, now)) {
        if let Some(due) = duty.due {
            let href = duties::address(city, duty).unwrap_or_else(|| "/duties/mine".to_owned());
            let class = if duty.overdue(today) { "late" } else { "owed" };
            days.entry(due).or_default().push(DayEntry { text: duty.what.clone(), href, class });
        }
    }
    days
}

/// On each day on which something of the operation plan falls due, how much of it is done.
fn days_of_the_plan(city: &City, first: Date, now: Timestamp, days: &mut BTreeMap<Date, Vec<DayEntry>>) {
    let today = register::japan_day(now);
    let month = std::iter::successors(Some(first), |day| day.tomorrow().ok());
    for day in month.take_while(|day| day.month() == first.month()) {
        let sheet = runs::sheet(city, day, now);
        if sheet.is_empty() {
            continue;
        }
        let done = sheet.iter().filter(|row| matches!(row.state, RunState::Done(_))).count();
        let class = match (done == sheet.len(), day.cmp(&today)) {
            (true, _) => "done",
            (false, std::cmp::Ordering::Less) => "late",
            (false, std::cmp::Ordering::Equal) => "owed",
            (false, std::cmp::Ordering::Greater) => "",
        };
        let text = format!("実施表 {done}／{}", sheet.len());
        days.entry(day).or_default().push(DayEntry { text, href: format!("/runs?day={day}"), class });
    }
}

/// The weeks of a month, each from Sunday.
fn weeks(first: Date, today: Date, mut entries: BTreeMap<Date, Vec<DayEntry>>) -> Vec<Vec<Option<DayView>>> {
    let blank = first.weekday().since(Weekday::Sunday);
    let mut cells: Vec<Option<DayView>> = (0..blank).map(|_| None).collect();
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
    for day in days.take_while(|day| day.month() == first.month() && day.year() == first.year()) {
        cells.push(Some(day_view(day, today, entries.remove(&day).unwrap_or_default())));
    }
    while !cells.len().is_multiple_of(7) {
        cells.push(None);
    }
    let mut weeks = Vec::new();
    while !cells.is_empty() {
        let rest = cells.split_off(7.min(cells.len()));
        weeks.push(std::mem::replace(&mut cells, rest));
    }
    weeks
}

fn day_view(day: Date, today: Date, mut entries: Vec<DayEntry>) -> DayView {
    let closed = calendar::holiday(day).unwrap_or_default().to_owned();
    let class = match day.weekday() {
        _ if !closed.is_empty() => "closed",
        Weekday::Sunday => "sunday",
        Weekday::Saturday => "saturday",
        _ => "",
    };
    let more = entries.len().saturating_sub(SHOWN);
    entries.truncate(SHOWN);
    DayView {
        date: day.to_string(),
        number: day.day(),
        weekday: regulation::wareki::weekday(day),
        closed,
        class,
        today: day == today,
        entries,
        more,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_begin_on_sunday_and_are_whole() {
        let weeks = weeks(day("2026-11-01"), day("2026-11-23"), BTreeMap::new());
        assert!(weeks.iter().all(|week| week.len() == 7));
        assert_eq!(weeks[0][0].as_ref().unwrap().number, 1);
        let monday = weeks[3][1].as_ref().unwrap();
        assert!(monday.today && monday.closed == "勤労感謝の日", "{monday:?}");
        let february = super::weeks(day("2027-02-01"), day("2026-11-23"), BTreeMap::new());
        assert_eq!((february.len(), february[0][0].is_none()), (5, true));
    }

    #[test]
    fn a_day_shows_a_few_entries_and_says_how_many_more() {
        let entry = DayEntry { text: "x".into(), href: "/".into(), class: "" };
        let view = day_view(day("2026-11-24"), day("2026-11-23"), vec![entry; 6]);
        assert_eq!((view.entries.len(), view.more), (4, 2));
    }

    #[test]
    fn months_are_read_strictly() {
        assert_eq!(month("2026-11"), Some(day("2026-11-01")));
        for text in ["", "2026", "2026-13", "9999-01", "x"] {
            assert_eq!(month(text), None, "{text}");
        }
    }
}
