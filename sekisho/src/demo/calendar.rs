//! Which days the demo plays: the five working days before today, in Japan, and the one before them.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use regulation::calendar::is_working_day;

/// Japan keeps UTC+9 all year.
const JAPAN: jiff::tz::Offset = jiff::tz::offset(9);

/// The days of the play.
pub(super) struct Days {
    /// The day on which the city is founded.
    pub(super) founding: Date,
    /// The working days, in order.
    pub(super) week: Vec<Date>,
}

/// The days before the one on which `now` falls.
pub(super) fn before(now: Timestamp) -> Days {
    let today = JAPAN.to_datetime(now).date();
    let earlier = (1..).map_while(|back: i64| today.checked_sub(back.days()).ok());
    let working = earlier.filter(|day| is_working_day(*day));
    let mut days: Vec<Date> = working.take(6).collect();
    days.reverse();
    let founding = days.remove(0);
    Days { founding, week: days }
}

/// A moment of a day in Japan.
pub(super) fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
    JAPAN.to_timestamp(day.at(hour, minute, 0, 0)).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn it_plays_on_working_days_before_today() {
        // Monday morning in Japan, Sunday still in UTC.
        let days = before("2026-11-22T23:30:00Z".parse().unwrap());
        assert_eq!(days.founding, date(2026, 11, 13));
        assert_eq!(days.week, [16, 17, 18, 19, 20].map(|day| date(2026, 11, day)));
        let midweek = before(at(date(2026, 11, 18), 12, 0));
        assert_eq!(midweek.week.first(), Some(&date(2026, 11, 11)));
        assert_eq!(midweek.week.last(), Some(&date(2026, 11, 17)));
        let after_a_holiday = before(at(date(2026, 11, 24), 9, 0));
        assert_eq!(after_a_holiday.week.last(), Some(&date(2026, 11, 20)), "勤労感謝の日");
    }
}
