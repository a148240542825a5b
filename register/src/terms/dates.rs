//! Dates as a city hall writes them: 和暦 and ISO in, 和暦 out.

use jiff::civil::{Date, Weekday, date};

/// An era of the Japanese calendar.
struct Era {
    name: &'static str,
    letter: char,
    first: Date,
}

/// Newest first. From 1873 on the calendar is the Gregorian one; earlier days have no Meiji date here.
const ERAS: [Era; 5] = [
    Era { name: "令和", letter: 'R', first: date(2019, 5, 1) },
    Era { name: "平成", letter: 'H', first: date(1989, 1, 8) },
    Era { name: "昭和", letter: 'S', first: date(1926, 12, 25) },
    Era { name: "大正", letter: 'T', first: date(1912, 7, 30) },
    Era { name: "明治", letter: 'M', first: date(1873, 1, 1) },
];
/// Meiji began in 1868, five years before its first day in the table.
const MEIJI_FIRST_YEAR: i16 = 1868;
/// Characters of a date that are looked at.
const LONGEST: usize = 32;

/// Why a text is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateFault {
    /// None of the forms.
    #[error("`{0}` is not a date")]
    Form(String),
    /// No such day in the calendar.
    #[error("`{0}` is not in the calendar")]
    NoSuchDay(String),
    /// The era has no such day: it began later or had ended.
    #[error("`{0}` is outside its era")]
    OutsideEra(String),
}

impl DateFault {
    /// For the person who typed it.
    pub fn japanese(&self) -> String {
        match self {
            Self::Form(text) => {
                format!("「{text}」は日付として読めません（例: 2026-04-01、令和8年4月1日、R8.4.1）")
            }
            Self::NoSuchDay(text) => format!("「{text}」は暦にない日です"),
            Self::OutsideEra(text) => format!("「{text}」はその元号の期間にない日です"),
        }
    }
}

/// Reads `2026-04-01`, `2026/4/1`, `2026年4月1日`, `令和8年4月1日`, `R8.4.1`, in either width, 元年 included.
pub fn parse_date(text: &str) -> Result<Date, DateFault> {
    let shown: String = text.trim().chars().take(LONGEST).collect();
    let plain: String = shown.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let form = || DateFault::Form(shown.clone());
    let era = ERAS.iter().find_map(|era| {
        let rest = plain.strip_prefix(era.name).or_else(|| {
            plain.strip_prefix(era.letter).or_else(|| plain.strip_prefix(era.letter.to_ascii_lowercase()))
        })?;
        Some((era, rest.to_owned()))
    });
    let (era, rest) = match era {
        Some((era, rest)) => (Some(era), rest),
        None => (None, plain),
    };
    let (year, month, day) = numbers(&rest, era.is_some()).ok_or_else(form)?;
    let year = match era {
        None if rest.len() < 8 => return Err(form()),
        None => year,
        Some(era) => first_year(era) + year - 1,
    };
    let found = Date::new(year, month, day).map_err(|_| DateFault::NoSuchDay(shown.clone()))?;
    match era {
        Some(era) if !std::ptr::eq(era, era_of(found).unwrap_or(era)) || found < era.first => {
            Err(DateFault::OutsideEra(shown))
        }
        _ => Ok(found),
    }
}

/// `令和8年4月1日`; before 1873 the Gregorian date.
pub fn japanese_date(day: Date) -> String {
    let (month, of_month) = (day.month(), day.day());
    match era_of(day) {
        None => format!("{}年{month}月{of_month}日", day.year()),
        Some(era) => match day.year() - first_year(era) + 1 {
            1 => format!("{}元年{month}月{of_month}日", era.name),
            year => format!("{}{year}年{month}月{of_month}日", era.name),
        },
    }
}

/// `令和8年4月1日（水）`.
pub fn japanese_date_with_weekday(day: Date) -> String {
    let weekday = match day.weekday() {
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
        Weekday::Sunday => "日",
    };
    format!("{}（{weekday}）", japanese_date(day))
}

fn first_year(era: &Era) -> i16 {
    if era.letter == 'M' { MEIJI_FIRST_YEAR } else { era.first.year() }
}

fn era_of(day: Date) -> Option<&'static Era> {
    ERAS.iter().find(|era| era.first <= day)
}

fn half_width(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

/// Year, month and day: three numbers with the same kind of separator between them.
fn numbers(text: &str, with_era: bool) -> Option<(i16, i8, i8)> {
    let parts: Vec<&str> = match text.strip_suffix('日') {
        Some(text) => {
            let (year, rest) = text.split_once('年')?;
            let (month, day) = rest.split_once('月')?;
            vec![year, month, day]
        }
        None => {
            let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
            text.split(separator).collect()
        }
    };
    let [year, month, day] = parts[..] else {
        return None;
    };
    let number = |part: &str| match part {
        "元" if with_era => Some(1),
        part if part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()) => part.parse::<i16>().ok(),
        _ => None,
    };
    let small = |part: &str| i8::try_from(part.parse::<u8>().ok()?).ok();
    let year = number(year).filter(|year| *year > 0 && (!with_era || *year < 100))?;
    Some((year, small(month)?, small(day)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_a_day_is_read() {
        let forms = [
            "2026-04-01",
            "2026/4/1",
            "2026.04.01",
            "2026年4月1日",
            "令和8年4月1日",
            "令和８年４月１日",
            "R8.4.1",
            "r8/4/1",
            "Ｒ８．４．１",
            " 令和8.4.1 ",
            "令和 8年 4月 1日",
        ];
        for form in forms {
            assert_eq!(parse_date(form), Ok(date(2026, 4, 1)), "{form}");
        }
        assert_eq!(parse_date("令和元年5月1日"), Ok(date(2019, 5, 1)));
        assert_eq!(parse_date("明治6年1月1日"), Ok(date(1873, 1, 1)));
    }

    #[test]
    fn eras_end_where_the_next_begins() {
        let last_and_first = [
            ("平成31年4月30日", date(2019, 4, 30), "令和元年5月1日"),
            ("昭和64年1月7日", date(1989, 1, 7), "平成元年1月8日"),
            ("大正15年12月24日", date(1926, 12, 24), "昭和元年12月25日"),
            ("明治45年7月29日", date(1912, 7, 29), "大正元年7月30日"),
        ];
        for (last, day, first) in last_and_first {
            assert_eq!(japanese_date(day), last);
            assert_eq!(parse_date(last), Ok(day));
            let next = day.tomorrow().unwrap();
            assert_eq!(japanese_date(next), first);
            assert_eq!(parse_date(first), Ok(next));
        }
        for outside in ["平成31年5月1日", "令和元年4月30日", "昭和64年1月8日", "明治5年12月31日"]
        {
            assert!(matches!(parse_date(outside), Err(DateFault::OutsideEra(_))), "{outside}");
        }
    }

    #[test]
    fn what_is_no_day_is_said_so() {
        for text in [
            "",
            "きのう",
            "2026",
            "2026-04",
            "令和8年",
            "令和0年1月1日",
            "26-4-1",
            "2026-4-1-1",
            "1/2/3",
            "R8.4.-1",
        ] {
            assert!(matches!(parse_date(text), Err(DateFault::Form(_))), "{text}");
        }
        assert!(matches!(parse_date("令和7年2月29日"), Err(DateFault::NoSuchDay(_))));
        assert!(matches!(parse_date("2026-13-01"), Err(DateFault::NoSuchDay(_))));
    }

    #[test]
    fn weekdays_are_shown() {
        assert_eq!(japanese_date_with_weekday(date(2026, 4, 1)), "令和8年4月1日（水）");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(days in 0..60_000_i32) {
            let day = date(1873, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(parse_date(&japanese_date(day)), Ok(day));
        }

        #[test]
        fn any_text_is_answered(text in ".*") {
            let _ = parse_date(&text);
        }
    }
}
