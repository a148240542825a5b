//! Dates as people here read them.

use jiff::Timestamp;
use jiff::tz::Offset;

/// `令和8年4月1日` in Japan time; before that era the western year.
pub fn japanese_date(at: Timestamp) -> String {
    let date = Offset::constant(9).to_datetime(at).date();
    let (month, day) = (date.month(), date.day());
    if date < jiff::civil::date(2019, 5, 1) {
        return format!("{}年{month}月{day}日", date.year());
    }
    match date.year() - 2018 {
        1 => format!("令和元年{month}月{day}日"),
        year => format!("令和{year}年{month}月{day}日"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_japan() {
        let on = |text: &str| japanese_date(text.parse().unwrap());
        assert_eq!(on("2026-03-31T15:00:00Z"), "令和8年4月1日");
        assert_eq!(on("2019-05-01T00:00:00+09:00"), "令和元年5月1日");
        assert_eq!(on("2019-04-30T14:59:59Z"), "2019年4月30日");
    }
}
