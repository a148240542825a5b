//! Days on which the city works: Japan's public holidays, the city's closing days, and periods counted in
//! working days.
//!
//! The holidays are those of 国民の祝日に関する法律 as amended, from 2000 on; before that year only weekends and
//! the days around New Year are known. The equinoxes are reckoned, and hold until 2099: officially they are
//! announced in February of the year before.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// How a holiday finds its day in a year.
#[derive(Clone, Copy)]
enum On {
    /// Month and day.
    Day(i8, i8),
    /// Month, and which Monday of it.
    Monday(i8, i8),
    /// 春分日.
    March,
    /// 秋分日.
    September,
}

/// A holiday: its name, the first and the last year of this rule, its day.
type Rule = (&'static str, i16, i16, On);

/// Further than anybody plans.
const EVER: i16 = 9999;

static RULES: &[Rule] = &[
    ("元日", 2000, EVER, On::Day(1, 1)),
    ("成人の日", 2000, EVER, On::Monday(1, 2)),
    ("建国記念の日", 2000, EVER, On::Day(2, 11)),
    ("天皇誕生日", 2000, 2018, On::Day(12, 23)),
    ("天皇誕生日", 2020, EVER, On::Day(2, 23)),
    ("春分の日", 2000, EVER, On::March),
    ("みどりの日", 2000, 2006, On::Day(4, 29)),
    ("昭和の日", 2007, EVER, On::Day(4, 29)),
    ("即位の日", 2019, 2019, On::Day(5, 1)),
    ("憲法記念日", 2000, EVER, On::Day(5, 3)),
    ("みどりの日", 2007, EVER, On::Day(5, 4)),
    ("こどもの日", 2000, EVER, On::Day(5, 5)),
    ("海の日", 2000, 2002, On::Day(7, 20)),
    ("海の日", 2003, 2019, On::Monday(7, 3)),
    // The games of Tokyo, in the year for which they were planned and in the year in which they were held.
    ("海の日", 2020, 2020, On::Day(7, 23)),
    ("海の日", 2021, 2021, On::Day(7, 22)),
    ("海の日", 2022, EVER, On::Monday(7, 3)),
    ("山の日", 2016, 2019, On::Day(8, 11)),
    ("山の日", 2020, 2020, On::Day(8, 10)),
    ("山の日", 2021, 2021, On::Day(8, 8)),
    ("山の日", 2022, EVER, On::Day(8, 11)),
    ("敬老の日", 2000, 2002, On::Day(9, 15)),
    ("敬老の日", 2003, EVER, On::Monday(9, 3)),
    ("秋分の日", 2000, EVER, On::September),
    ("体育の日", 2000, 2019, On::Monday(10, 2)),
    ("スポーツの日", 2020, 2020, On::Day(7, 24)),
    ("スポーツの日", 2021, 2021, On::Day(7, 23)),
    ("スポーツの日", 2022, EVER, On::Monday(10, 2)),
    ("即位礼正殿の儀", 2019, 2019, On::Day(10, 22)),
    ("文化の日", 2000, EVER, On::Day(11, 3)),
    ("勤労感謝の日", 2000, EVER, On::Day(11, 23)),
];

/// Longest row of holidays that a substitute holiday (振替休日) may have to pass by, and longest row of days on
/// which the city can be closed, with a wide margin.
const LONGEST_ROW: usize = 30;

impl On {
    fn is(self, day: Date) -> bool {
        match self {
            Self::Day(month, of_month) => (day.month(), day.day()) == (month, of_month),
            Self::Monday(month, nth) => {
                day.month() == month && day.weekday() == Weekday::Monday && (day.day() - 1) / 7 + 1 == nth
            }
            Self::March => (day.month(), i32::from(day.day())) == (3, equinox(20_843_100, day.year())),
            Self::September => (day.month(), i32::from(day.day())) == (9, equinox(23_248_800, day.year())),
        }
    }
}

/// The day of the month, from that of 1980 in millionths of a day. The sun's year is 0.242194 days longer than
/// 365; a leap day puts the calendar back.
fn equinox(in_1980: i32, year: i16) -> i32 {
    let years = i32::from(year) - 1980;
    (in_1980 + 242_194 * years) / 1_000_000 - years / 4
}

/// A holiday by its own name, neither substituted nor enclosed.
fn named(day: Date) -> Option<&'static str> {
    let rule = RULES.iter().find(|(_, from, until, on)| (*from..=*until).contains(&day.year()) && on.is(day));
    rule.map(|(name, ..)| *name)
}

/// The day is the first after a row of holidays of which one fell on a Sunday.
fn substitutes(day: Date) -> bool {
    let row = before(day).take(LONGEST_ROW).take_while(|earlier| named(*earlier).is_some());
    row.into_iter().any(|holiday| holiday.weekday() == Weekday::Sunday)
}

fn before(day: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(day.yesterday().ok(), |day| day.yesterday().ok())
}

/// The name of the public holiday (国民の祝日・休日) that a day is: 海の日, 振替休日, 国民の休日.
pub fn holiday(day: Date) -> Option<&'static str> {
    if let Some(name) = named(day) {
        return Some(name);
    }
    if substitutes(day) {
        return Some("振替休日");
    }
    let enclosed = |day: Result<Date, _>| day.is_ok_and(|day| named(day).is_some());
    let between = enclosed(day.yesterday()) && enclosed(day.tomorrow());
    (between && day.weekday() != Weekday::Sunday).then_some("国民の休日")
}

/// Why the city is closed on a day: the holiday's name, 年末年始の休日, 土曜日 or 日曜日; none when it works.
pub fn closed_because(day: Date) -> Option<&'static str> {
    if let Some(name) = holiday(day) {
        return Some(name);
    }
    match (day.month(), day.day(), day.weekday()) {
        (12, 29..=31, _) | (1, 1..=3, _) => Some("年末年始の休日"),
        (_, _, Weekday::Saturday) => Some("土曜日"),
        (_, _, Weekday::Sunday) => Some("日曜日"),
        _ => None,
    }
}

/// Whether the city works on a day.
pub fn is_working_day(day: Date) -> bool {
    closed_because(day).is_none()
}

/// The day itself when the city works on it, else the next one on which it does.
pub fn working_day_from(day: Date) -> Date {
    let days = std::iter::successors(Some(day), |day| day.tomorrow().ok()).take(LONGEST_ROW);
    days.into_iter().find(|day| is_working_day(*day)).unwrap_or(day)
}

/// The day that is so many working days later. The day itself is not counted (翌日起算), and none is none: zero
/// working days later is the day itself.
pub fn add_working_days(day: Date, count: u16) -> Date {
    let next = |day: &Date| day.tomorrow().ok().map(working_day_from);
    std::iter::successors(Some(day), next).take(usize::from(count) + 1).last().unwrap_or(day)
}

/// How many working days lie after `from`, up to and including `until`; none when it is not later.
pub fn working_days_between(from: Date, until: Date) -> u32 {
    let one: Span = 1.day();
    let days = std::iter::successors(from.tomorrow().ok(), |day| day.checked_add(one).ok());
    let worked = days.take_while(|day| *day <= until).filter(|day| is_working_day(*day));
    u32::try_from(worked.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn of_month(year: i16, month: i8) -> Vec<(i8, &'static str)> {
        let first = date(year, month, 1);
        let days = first.series(1.day()).take_while(|day| day.month() == month);
        days.filter_map(|day| holiday(day).map(|name| (day.day(), name))).collect()
    }

    #[test]
    fn the_accession_made_ten_days_in_a_row() {
        assert_eq!(of_month(2019, 4), [(29, "昭和の日"), (30, "国民の休日")]);
        assert_eq!(
            of_month(2019, 5),
            [
                (1, "即位の日"),
                (2, "国民の休日"),
                (3, "憲法記念日"),
                (4, "みどりの日"),
                (5, "こどもの日"),
                (6, "振替休日"),
            ]
        );
        assert_eq!(of_month(2019, 10), [(14, "体育の日"), (22, "即位礼正殿の儀")]);
        assert_eq!((of_month(2019, 2).len(), of_month(2019, 12).len()), (1, 0), "no birthday that year");
    }

    #[test]
    fn the_games_moved_three_holidays_twice() {
        assert_eq!(of_month(2020, 7), [(23, "海の日"), (24, "スポーツの日")]);
        assert_eq!(of_month(2020, 8), [(10, "山の日")]);
        assert_eq!(of_month(2020, 10), []);
        assert_eq!(of_month(2021, 7), [(22, "海の日"), (23, "スポーツの日")]);
        assert_eq!(of_month(2021, 8), [(8, "山の日"), (9, "振替休日")]);
        assert_eq!(of_month(2021, 10), []);
        assert_eq!(of_month(2022, 7), [(18, "海の日")]);
        assert_eq!(of_month(2022, 10), [(10, "スポーツの日")]);
    }

    #[test]
    fn a_holiday_on_sunday_is_made_up_for_after_the_row() {
        assert_eq!(of_month(2009, 5).last(), Some(&(6, "振替休日")), "5月3日 was the Sunday");
        assert_eq!(of_month(2024, 2), [(11, "建国記念の日"), (12, "振替休日"), (23, "天皇誕生日")]);
        assert_eq!(of_month(2003, 11), [(3, "文化の日"), (23, "勤労感謝の日"), (24, "振替休日")]);
    }

    #[test]
    fn a_day_between_two_holidays_is_one() {
        assert_eq!(of_month(2026, 9), [(21, "敬老の日"), (22, "国民の休日"), (23, "秋分の日")]);
        assert_eq!(of_month(2015, 9), [(21, "敬老の日"), (22, "国民の休日"), (23, "秋分の日")]);
        assert_eq!(holiday(date(2002, 5, 4)), Some("国民の休日"), "a Saturday as well");
        assert_eq!(holiday(date(2003, 5, 4)), None, "a Sunday is none");
        assert_eq!(holiday(date(2009, 9, 22)), Some("国民の休日"));
    }

    #[test]
    fn the_equinoxes_are_as_announced() {
        for (year, march, september) in [
            (2002, 21, 23),
            (2012, 20, 22),
            (2016, 20, 22),
            (2020, 20, 22),
            (2023, 21, 23),
            (2024, 20, 22),
            (2025, 20, 23),
            (2026, 20, 23),
            (2027, 21, 23),
        ] {
            assert_eq!(holiday(date(year, 3, march)), Some("春分の日"), "{year}");
            assert_eq!(holiday(date(year, 9, september)), Some("秋分の日"), "{year}");
        }
    }

    #[test]
    fn the_city_is_closed_at_weekends_and_around_new_year() {
        assert_eq!(closed_because(date(2026, 12, 28)), None);
        assert_eq!(closed_because(date(2026, 12, 29)), Some("年末年始の休日"));
        assert_eq!(closed_because(date(2027, 1, 1)), Some("元日"));
        assert_eq!(closed_because(date(2027, 1, 2)), Some("年末年始の休日"));
        assert_eq!(closed_because(date(2027, 1, 4)), None);
        assert_eq!(closed_because(date(2026, 10, 10)), Some("土曜日"));
        assert_eq!(closed_because(date(2026, 10, 11)), Some("日曜日"));
    }

    #[test]
    fn periods_in_working_days_begin_on_the_next_day() {
        assert_eq!(add_working_days(date(2026, 10, 5), 0), date(2026, 10, 5));
        assert_eq!(add_working_days(date(2026, 10, 5), 3), date(2026, 10, 8));
        // A weekend and スポーツの日 in between.
        assert_eq!(add_working_days(date(2026, 10, 8), 2), date(2026, 10, 13));
        assert_eq!(add_working_days(date(2026, 12, 28), 1), date(2027, 1, 4));
        assert_eq!(add_working_days(date(2026, 10, 10), 1), date(2026, 10, 13), "counted from a closing day");
        assert_eq!(working_day_from(date(2026, 9, 19)), date(2026, 9, 24));
        assert_eq!(working_day_from(date(2026, 9, 18)), date(2026, 9, 18));
    }

    proptest! {
        #[test]
        fn adding_counts_working_days(days in 0_i32..36_000, count in 0_u16..60) {
            let day = date(2000, 1, 1).checked_add(days.days()).unwrap();
            let later = add_working_days(day, count);
            prop_assert_eq!(working_days_between(day, later), u32::from(count));
            prop_assert!(count == 0 || is_working_day(later));
            prop_assert!(is_working_day(working_day_from(day)));
        }
    }
}
