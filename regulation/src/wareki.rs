//! Days as the city writes them: 令和8年4月1日（水）, fiscal years, and what people type.

use std::fmt;

use jiff::civil::{Date, Weekday, date};
use serde::Serialize;
use thiserror::Error;

use crate::numerals;

/// An era (元号) of the calendar in use since 明治6年.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// 明治
    Meiji,
    /// 大正
    Taisho,
    /// 昭和
    Showa,
    /// 平成
    Heisei,
    /// 令和
    Reiwa,
}

struct EraDef {
    era: Era,
    kanji: &'static str,
    ligature: char,
    letter: char,
    /// The Gregorian year before the first of the era.
    before: i16,
    first: Date,
    /// The last day that may be written in this era. The days on which 大正 and 昭和 began belong to the
    /// era before as well.
    last: Date,
}

/// 明治 begins here with 明治6年1月1日, when Japan took the Gregorian calendar: days before were counted by
/// another calendar, and none is guessed.
static ERAS: [EraDef; 5] = [
    EraDef {
        era: Era::Meiji,
        kanji: "明治",
        ligature: '㍾',
        letter: 'M',
        before: 1867,
        first: date(1873, 1, 1),
        last: date(1912, 7, 30),
    },
    EraDef {
        era: Era::Taisho,
        kanji: "大正",
        ligature: '㍽',
        letter: 'T',
        before: 1911,
        first: date(1912, 7, 30),
        last: date(1926, 12, 25),
    },
    EraDef {
        era: Era::Showa,
        kanji: "昭和",
        ligature: '㍼',
        letter: 'S',
        before: 1925,
        first: date(1926, 12, 25),
        last: date(1989, 1, 7),
    },
    EraDef {
        era: Era::Heisei,
        kanji: "平成",
        ligature: '㍻',
        letter: 'H',
        before: 1988,
        first: date(1989, 1, 8),
        last: date(2019, 4, 30),
    },
    EraDef {
        era: Era::Reiwa,
        kanji: "令和",
        ligature: '㋿',
        letter: 'R',
        before: 2018,
        first: date(2019, 5, 1),
        last: Date::MAX,
    },
];

fn def_on(day: Date) -> Option<&'static EraDef> {
    ERAS.iter().rev().find(|def| def.first <= day)
}

impl Era {
    fn def(self) -> &'static EraDef {
        // The table is in the order of the enum; a test holds it.
        &ERAS[self as usize]
    }

    /// The era of a day and the year in it; `None` before 明治6年1月1日.
    pub fn on(day: Date) -> Option<(Self, i16)> {
        def_on(day).map(|def| (def.era, day.year() - def.before))
    }

    /// `令和`.
    pub fn kanji(self) -> &'static str {
        self.def().kanji
    }

    /// `R`.
    pub fn letter(self) -> char {
        self.def().letter
    }

    /// The first day of the era that this module knows.
    pub fn first_day(self) -> Date {
        self.def().first
    }
}

/// `令和8年4月1日`, `令和元年5月1日`; before 明治6年 the Gregorian year: `1872年12月31日`.
pub fn print(day: Date) -> String {
    let (month, of_month) = (day.month(), day.day());
    match Era::on(day) {
        Some((era, 1)) => format!("{}元年{month}月{of_month}日", era.kanji()),
        Some((era, year)) => format!("{}{year}年{month}月{of_month}日", era.kanji()),
        None => format!("{}年{month}月{of_month}日", day.year()),
    }
}

/// `R8.4.1`; before 明治6年 `1872.12.31`.
pub fn print_short(day: Date) -> String {
    let (month, of_month) = (day.month(), day.day());
    match Era::on(day) {
        Some((era, year)) => format!("{}{year}.{month}.{of_month}", era.letter()),
        None => format!("{}.{month}.{of_month}", day.year()),
    }
}

/// `令和8年4月1日（水）`.
pub fn print_with_weekday(day: Date) -> String {
    format!("{}（{}）", print(day), weekday(day))
}

/// `水`.
pub fn weekday(day: Date) -> char {
    match day.weekday() {
        Weekday::Monday => '月',
        Weekday::Tuesday => '火',
        Weekday::Wednesday => '水',
        Weekday::Thursday => '木',
        Weekday::Friday => '金',
        Weekday::Saturday => '土',
        Weekday::Sunday => '日',
    }
}

/// Why a text is not a day.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a day: {fault}")]
pub struct DateError {
    text: String,
    fault: DateFault,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
enum DateFault {
    #[error("it is empty")]
    Empty,
    #[error("it has none of the known forms")]
    Form,
    #[error("the era `{era}` is unknown")]
    UnknownEra { era: String },
    #[error("the day is not in {}: it is {}", era.kanji(), print(*is))]
    OutsideEra { era: Era, is: Date },
    #[error("days before 明治6年1月1日 were counted by another calendar")]
    OldCalendar,
    #[error("there is no such day in the calendar")]
    NoSuchDay { year: i16, month: i16, day: i16 },
    #[error("its weekday is {is}")]
    Weekday { is: char },
}

impl DateError {
    /// For people: what is wrong and how a day is written.
    pub fn japanese(&self) -> String {
        let fault = match &self.fault {
            DateFault::Empty => "日付がありません".to_owned(),
            DateFault::Form => "日付の形ではありません".to_owned(),
            DateFault::UnknownEra { era } => format!("元号「{era}」はありません"),
            DateFault::OutsideEra { era, is } => {
                format!("{}の期間にありません（{}に当たります）", era.kanji(), print(*is))
            }
            DateFault::OldCalendar => "明治6年1月1日より前は暦が違うため、西暦で書いてください".to_owned(),
            DateFault::NoSuchDay { year, month, day } => {
                format!("{year}年{month}月{day}日という日は暦にありません")
            }
            DateFault::Weekday { is } => format!("曜日が違います（{is}曜日です）"),
        };
        let text = &self.text;
        format!("「{text}」は日付として読めません。{fault}。例: 令和8年4月1日、R8.4.1、2026-04-01")
    }
}

/// Longest text read as a day, in characters.
const LONGEST: usize = 40;

/// Reads `令和8年4月1日`, `令和8.4.1`, `R8.4.1`, `2026-04-01`, `2026/4/1`, `2026年4月1日`, 元年, full-width
/// digits and kanji numerals, and a weekday behind in parentheses, which must be right.
///
/// # Errors
/// When the text is no day, names a day outside of its era, or a day that the calendar does not have.
pub fn parse(text: &str) -> Result<Date, DateError> {
    let wrong = |fault| DateError { text: text.chars().take(LONGEST).collect(), fault };
    if text.chars().count() > LONGEST {
        return Err(wrong(DateFault::Form));
    }
    let plain: String = text.chars().map(numerals::narrow).filter(|c| !c.is_whitespace()).collect();
    read(&plain).map_err(wrong)
}

fn read(plain: &str) -> Result<Date, DateFault> {
    if plain.is_empty() {
        return Err(DateFault::Empty);
    }
    let (written, said) = match plain.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((written, said)) => (written, Some(said.trim_end_matches("曜日"))),
        None => (plain, None),
    };
    let (era, rest) = leading_era(written)?;
    let [year, month, day] = three_numbers(rest, era.is_some()).ok_or(DateFault::Form)?;
    let found = match era {
        None => Date::new(year, narrow(month), narrow(day)).map_err(|_| DateFault::NoSuchDay {
            year,
            month,
            day,
        })?,
        Some(def) => in_era(def, year, month, day)?,
    };
    match said {
        Some(said) if said != weekday(found).to_string() => Err(DateFault::Weekday { is: weekday(found) }),
        _ => Ok(found),
    }
}

fn narrow(number: i16) -> i8 {
    i8::try_from(number).unwrap_or(i8::MAX)
}

fn in_era(def: &'static EraDef, year: i16, month: i16, day: i16) -> Result<Date, DateFault> {
    let gregorian = year.saturating_add(def.before);
    let no_such = |_| DateFault::NoSuchDay { year: gregorian, month, day };
    let found = Date::new(gregorian, narrow(month), narrow(day)).map_err(no_such)?;
    if found < ERAS[0].first {
        return Err(DateFault::OldCalendar);
    }
    if found < def.first || found > def.last {
        return Err(DateFault::OutsideEra { era: def.era, is: found });
    }
    Ok(found)
}

/// The era at the start of the text, if any, and what follows.
fn leading_era(text: &str) -> Result<(Option<&'static EraDef>, &str), DateFault> {
    for def in &ERAS {
        let after = text
            .strip_prefix(def.kanji)
            .or_else(|| text.strip_prefix(def.ligature))
            .or_else(|| text.strip_prefix(def.letter))
            .or_else(|| text.strip_prefix(def.letter.to_ascii_lowercase()));
        if let Some(rest) = after {
            return Ok((Some(def), rest));
        }
    }
    let rest = text.strip_prefix("西暦").unwrap_or(text);
    if numerals::leading_number(rest).is_some() {
        return Ok((None, rest));
    }
    let end = rest.find(|c: char| numerals::leading_number(&c.to_string()).is_some() || c == '元');
    match end {
        Some(end) if rest[..end].chars().all(char::is_alphabetic) => {
            Err(DateFault::UnknownEra { era: rest[..end].to_owned() })
        }
        _ => Err(DateFault::Form),
    }
}

/// Year, month and day, separated in one way throughout.
fn three_numbers(text: &str, in_era: bool) -> Option<[i16; 3]> {
    let (year, rest) = match text.strip_prefix('元').filter(|_| in_era) {
        Some(rest) => (1, rest),
        None => number(text)?,
    };
    let separator = rest.chars().next().filter(|c| "年.-/".contains(*c))?;
    let (month, rest) = number(rest.strip_prefix(separator)?)?;
    let between = if separator == '年' { '月' } else { separator };
    let (day, rest) = number(rest.strip_prefix(between)?)?;
    let end = if separator == '年' { "日" } else { "" };
    (rest == end).then_some([year, month, day])
}

fn number(text: &str) -> Option<(i16, &str)> {
    let (value, length) = numerals::leading_number(text)?;
    Some((i16::try_from(value).ok()?, &text[length..]))
}

/// 年度: from 1 April to 31 March.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FiscalYear(i16);

impl FiscalYear {
    /// The fiscal year that begins in April of a Gregorian year between 1873 and 9000.
    pub fn starting(year: i16) -> Option<Self> {
        (1873..=9000).contains(&year).then_some(Self(year))
    }

    /// The fiscal year of a day; `None` outside of what this module counts.
    pub fn of(day: Date) -> Option<Self> {
        Self::starting(if day.month() < 4 { day.year() - 1 } else { day.year() })
    }

    /// The Gregorian year in which it begins.
    pub fn year(self) -> i16 {
        self.0
    }

    /// 1 April.
    pub fn first_day(self) -> Date {
        date(self.0, 4, 1)
    }

    /// 31 March of the year after.
    pub fn last_day(self) -> Date {
        date(self.0 + 1, 3, 31)
    }

    /// Whether the day is in it.
    pub fn contains(self, day: Date) -> bool {
        (self.first_day()..=self.last_day()).contains(&day)
    }

    /// The year after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// `令和8年度`. Named by the era of its first day, with 令和元年度 for the year in which 令和 began.
    pub fn japanese(self) -> String {
        // The city names the whole year by the new era when it begins within the year's first quarter.
        let named_on = if self.0 == 2019 { date(2019, 5, 1) } else { self.first_day() };
        match Era::on(named_on) {
            Some((era, 1)) => format!("{}元年度", era.kanji()),
            Some((era, year)) => format!("{}{year}年度", era.kanji()),
            None => format!("{}年度", self.0),
        }
    }
}

/// The last day on which a record of `day` must still be kept for `years`, counted from the first day of the next
/// fiscal year, as cities count; `None` outside of what this module counts.
pub fn kept_until(day: Date, years: u32) -> Option<Date> {
    let last = FiscalYear::of(day)?.year().checked_add(i16::try_from(years).ok()?)?;
    FiscalYear::starting(last).map(FiscalYear::last_day)
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.japanese())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Date {
        parse(text).unwrap_or_else(|error| panic!("{}", error.japanese()))
    }

    #[test]
    fn eras_change_on_their_days() {
        for (day, text) in [
            (date(1873, 1, 1), "明治6年1月1日"),
            (date(1912, 7, 29), "明治45年7月29日"),
            (date(1912, 7, 30), "大正元年7月30日"),
            (date(1926, 12, 24), "大正15年12月24日"),
            (date(1926, 12, 25), "昭和元年12月25日"),
            (date(1989, 1, 7), "昭和64年1月7日"),
            (date(1989, 1, 8), "平成元年1月8日"),
            (date(2019, 4, 30), "平成31年4月30日"),
            (date(2019, 5, 1), "令和元年5月1日"),
            (date(1872, 12, 31), "1872年12月31日"),
        ] {
            assert_eq!(print(day), text);
            assert_eq!(read(text), day);
        }
        for (index, def) in ERAS.iter().enumerate() {
            assert_eq!(def.era as usize, index);
        }
    }

    #[test]
    fn the_day_of_accession_belongs_to_both_eras() {
        assert_eq!(read("明治45年7月30日"), date(1912, 7, 30));
        assert_eq!(read("大正15年12月25日"), date(1926, 12, 25));
    }

    #[test]
    fn people_write_days_in_many_ways() {
        for text in [
            "令和8年4月1日",
            "R8.4.1",
            "r8.4.1",
            "令和8.4.1",
            "2026-04-01",
            "2026/4/1",
            "2026年4月1日",
            "令和８年４月１日",
            "Ｒ８．４．１",
            "令和八年四月一日",
            "令和 8 年 4 月 1 日",
            "㋿8年4月1日",
            "令和8年4月1日（水）",
            "西暦2026年4月1日",
            "令和08-04-01",
            "令和8年4月1日(水曜日)",
        ] {
            assert_eq!(read(text), date(2026, 4, 1), "{text}");
        }
        assert_eq!(read("平成元年1月8日"), read("H1.1.8"));
    }

    #[test]
    fn what_is_wrong_with_a_day_is_said() {
        for (text, says) in [
            ("", "日付がありません"),
            ("平成31年5月1日", "平成の期間にありません（令和元年5月1日に当たります）"),
            ("昭和64年1月8日", "平成元年1月8日に当たります"),
            ("令和元年4月30日", "平成31年4月30日に当たります"),
            ("明治5年12月2日", "暦が違う"),
            ("令和8年2月29日", "2026年2月29日という日は暦にありません"),
            ("令和8年13月1日", "暦にありません"),
            ("慶応3年1月1日", "元号「慶応」はありません"),
            ("令和8年4月1日（木）", "水曜日です"),
            ("元年4月1日", "読めません"),
            ("2026-04/01", "日付の形ではありません"),
            ("2026年4月1", "日付の形ではありません"),
            ("来週", "日付の形ではありません"),
            ("令和99999年1月1日", "日付の形ではありません"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.japanese().contains(says), "{}", error.japanese());
        }
    }

    #[test]
    fn a_page_shows_the_weekday() {
        assert_eq!(print_with_weekday(date(2026, 4, 1)), "令和8年4月1日（水）");
        assert_eq!(print_short(date(2026, 4, 1)), "R8.4.1");
    }

    #[test]
    fn a_fiscal_year_begins_in_april() {
        let year = FiscalYear::of(date(2026, 3, 31)).unwrap();
        assert_eq!((year.year(), year.to_string()), (2025, "令和7年度".to_owned()));
        assert_eq!(year.next(), FiscalYear::of(date(2026, 4, 1)).unwrap());
        assert!(year.contains(date(2025, 4, 1)) && !year.contains(date(2026, 4, 1)));
        assert_eq!(FiscalYear::starting(2019).unwrap().japanese(), "令和元年度");
        assert_eq!(FiscalYear::starting(2018).unwrap().japanese(), "平成30年度");
        assert_eq!(FiscalYear::of(date(1800, 1, 1)), None);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(days in 0_i32..60_000) {
            let day = date(1873, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(parse(&print(day)), Ok(day));
            prop_assert_eq!(parse(&print_short(day)), Ok(day));
            prop_assert_eq!(parse(&print_with_weekday(day)), Ok(day));
            prop_assert_eq!(parse(&day.to_string()), Ok(day));
        }

        #[test]
        fn any_text_is_read_or_explained(text in "\\PC{0,30}") {
            if let Err(error) = parse(&text) {
                prop_assert!(!error.japanese().is_empty());
            }
        }
    }
}
