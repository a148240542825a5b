//! 第21条第2項 オペレーション計画: the lines of its run sheet, and on which days each falls due.

use jiff::civil::{Date, Weekday};
use regulation::calendar::is_working_day;
use thiserror::Error;

use crate::limits;

/// One line of the run sheet, as people write it: `毎週月曜 差分バックアップを媒体へ写す`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    rhythm: Rhythm,
    work: String,
}

/// How often something is done. A day on which the city is closed gives way to the next working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// 毎日: on every working day.
    Daily,
    /// 毎週: on a day of the week.
    Weekly(Weekday),
    /// 毎月: on a day of the month; in a shorter month, on its last day.
    Monthly(i8),
    /// 毎月末日.
    MonthEnd,
}

/// Why a line is none of a run sheet.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// It does not begin with how often.
    #[error("`{0}` does not say how often")]
    Rhythm(String),
    /// There is no such day of the week.
    #[error("`{0}` is no day of the week")]
    Weekday(String),
    /// There is no such day of a month.
    #[error("`{0}` is no day of a month")]
    Day(String),
    /// It does not say what is to be done.
    #[error("`{0}` does not say what is to be done")]
    Work(String),
    /// It stands there twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// It is too long.
    #[error("the line has more than {} characters", limits::TEXT)]
    Long,
    /// There are too many.
    #[error("there are more than {} lines", limits::SHEET)]
    Many,
}

impl LineError {
    /// For people.
    pub fn japanese(&self) -> String {
        match self {
            Self::Rhythm(text) => format!(
                "「{text}」は、「毎日」「毎週月曜」「毎月1日」「毎月末日」のどれかで始め、空白の後に作業を書いてください"
            ),
            Self::Weekday(text) => {
                format!("「{text}」の曜日が読めません。「毎週月曜」のように書いてください")
            }
            Self::Day(text) => {
                format!(
                    "「{text}」の日が読めません。「毎月1日」から「毎月31日」までか「毎月末日」と書いてください"
                )
            }
            Self::Work(text) => format!("「{text}」の後に空白を置いて、何をするかを書いてください"),
            Self::Twice(text) => format!("「{text}」が二度あります。一つにしてください"),
            Self::Long => format!("一行は{}文字以内で書いてください", limits::TEXT),
            Self::Many => format!("実施の一覧は{}行までです", limits::SHEET),
        }
    }
}

impl Rhythm {
    fn read(text: &str) -> Result<Self, LineError> {
        if text == "毎日" {
            return Ok(Self::Daily);
        }
        if let Some(day) = text.strip_prefix("毎週") {
            let weekday = weekday(day.strip_suffix("曜日").or_else(|| day.strip_suffix('曜')).unwrap_or(day));
            return weekday.map(Self::Weekly).ok_or_else(|| LineError::Weekday(text.to_owned()));
        }
        let Some(day) = text.strip_prefix("毎月") else {
            return Err(LineError::Rhythm(text.to_owned()));
        };
        if matches!(day, "末" | "末日" | "の末日" | "最終日") {
            return Ok(Self::MonthEnd);
        }
        let number = day.strip_suffix('日').and_then(|day| day.parse().ok());
        let number = number.filter(|day| (1..=31).contains(day));
        number.map(Self::Monthly).ok_or_else(|| LineError::Day(text.to_owned()))
    }

    /// It would fall due on this day if the city worked on every day.
    fn names(self, day: Date) -> bool {
        match self {
            Self::Daily => is_working_day(day),
            Self::Weekly(weekday) => day.weekday() == weekday,
            Self::Monthly(of_month) => day.day() == of_month.min(day.days_in_month()),
            Self::MonthEnd => day.day() == day.days_in_month(),
        }
    }
}

impl std::fmt::Display for Rhythm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Daily => f.write_str("毎日"),
            Self::Weekly(weekday) => {
                let place = usize::from(weekday.to_monday_zero_offset().unsigned_abs());
                write!(f, "毎週{}曜", WEEKDAYS.get(place).copied().unwrap_or('？'))
            }
            Self::Monthly(day) => write!(f, "毎月{day}日"),
            Self::MonthEnd => f.write_str("毎月末日"),
        }
    }
}

const WEEKDAYS: [char; 7] = ['月', '火', '水', '木', '金', '土', '日'];

fn weekday(text: &str) -> Option<Weekday> {
    let place = WEEKDAYS.iter().position(|name| text.chars().eq([*name]))?;
    Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok()
}

impl Item {
    /// Reads a line. Whatever it holds, it is read or explained.
    ///
    /// # Errors
    /// [`LineError`] says what is wrong with it.
    pub fn read(line: &str) -> Result<Self, LineError> {
        let line = line.trim();
        if line.chars().count() > limits::TEXT {
            return Err(LineError::Long);
        }
        let (rhythm, work) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let narrow: String = rhythm.chars().map(narrow).collect();
        let rhythm = Rhythm::read(narrow.trim_end_matches([':', '：']))?;
        match work.trim() {
            "" => Err(LineError::Work(line.to_owned())),
            work => Ok(Self { rhythm, work: work.to_owned() }),
        }
    }

    /// Reads a run sheet.
    ///
    /// # Errors
    /// The first line that cannot be read, from 1, and why.
    pub fn read_all<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<Self>, (usize, LineError)> {
        let mut items: Vec<Self> = Vec::new();
        for (number, line) in lines.into_iter().enumerate() {
            let wrong = |error| (number + 1, error);
            let item = Self::read(line).map_err(wrong)?;
            if items.contains(&item) {
                return Err(wrong(LineError::Twice(item.to_string())));
            }
            if items.len() == limits::SHEET {
                return Err(wrong(LineError::Many));
            }
            items.push(item);
        }
        Ok(items)
    }

    /// How often.
    pub fn rhythm(&self) -> Rhythm {
        self.rhythm
    }

    /// What is to be done.
    pub fn work(&self) -> &str {
        &self.work
    }

    /// It falls due on this day: the day that the line names, or the first working day after it.
    pub fn due_on(&self, day: Date) -> bool {
        let named = std::iter::successors(Some(day), |day| {
            day.yesterday().ok().filter(|earlier| !is_working_day(*earlier))
        });
        is_working_day(day) && named.into_iter().any(|day| self.rhythm.names(day))
    }
}

/// The line as it is kept: `毎週月曜 差分バックアップを媒体へ写す`.
impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.rhythm, self.work)
    }
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn due_days(line: &str, from: Date, until: Date) -> Vec<Date> {
        let item = Item::read(line).expect(line);
        from.series(1.day()).take_while(|day| *day <= until).filter(|day| item.due_on(*day)).collect()
    }

    #[test]
    fn lines_are_read_as_people_write_them() {
        for (line, kept) in [
            ("毎日 バックアップの結果を確かめる", "毎日 バックアップの結果を確かめる"),
            ("毎週月曜　差分を写す", "毎週月曜 差分を写す"),
            ("毎週月曜日: 差分を写す", "毎週月曜 差分を写す"),
            ("  毎週月 差分を写す ", "毎週月曜 差分を写す"),
            ("毎月１日 空き容量を記録する", "毎月1日 空き容量を記録する"),
            ("毎月末 台帳を印刷する", "毎月末日 台帳を印刷する"),
        ] {
            let item = Item::read(line).expect(line);
            assert_eq!(item.to_string(), kept);
            assert_eq!(Item::read(kept), Ok(item));
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (line, says) in [
            ("", "のどれかで始め"),
            ("バックアップ", "のどれかで始め"),
            ("毎日", "何をするか"),
            ("毎日バックアップ", "のどれかで始め"),
            ("毎週祝日 休む", "曜日が読めません"),
            ("毎月32日 写す", "日が読めません"),
            ("毎月0日 写す", "日が読めません"),
            (&format!("毎日 {}", "あ".repeat(500)), "文字以内"),
        ] {
            let error = Item::read(line).expect_err(line);
            assert!(error.japanese().contains(says), "{}", error.japanese());
        }
        let twice = Item::read_all(["毎日 写す", "毎週火曜 写す", "毎日  写す"]);
        assert_eq!(twice.map_err(|(line, error)| (line, error.to_string())).unwrap_err().0, 3);
    }

    #[test]
    fn a_closing_day_gives_way_to_the_next_working_day() {
        let october = |line| due_days(line, date(2026, 10, 1), date(2026, 10, 31));
        // 12 October is スポーツの日, 31 October a Saturday.
        assert_eq!(
            october("毎週月曜 写す"),
            [date(2026, 10, 5), date(2026, 10, 13), date(2026, 10, 19), date(2026, 10, 26)]
        );
        assert_eq!(october("毎月10日 写す"), [date(2026, 10, 13)]);
        assert_eq!(october("毎月末日 写す"), []);
        assert_eq!(
            due_days("毎月末日 写す", date(2026, 11, 1), date(2026, 11, 30)),
            [date(2026, 11, 2), date(2026, 11, 30)]
        );
        assert_eq!(october("毎日 写す").len(), 21);
        assert_eq!(due_days("毎月31日 写す", date(2027, 4, 1), date(2027, 4, 30)), [date(2027, 4, 30)]);
        // Two Mondays of one long closure are done once.
        let winter = due_days("毎日 写す", date(2026, 12, 28), date(2027, 1, 5));
        assert_eq!(winter, [date(2026, 12, 28), date(2027, 1, 4), date(2027, 1, 5)]);
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_explained(line in "(毎日|毎週|毎月)?\\PC{0,20}") {
            match Item::read(&line) {
                Ok(item) => prop_assert_eq!(Item::read(&item.to_string()), Ok(item)),
                Err(error) => prop_assert!(!error.japanese().is_empty()),
            }
        }

        #[test]
        fn whatever_falls_due_does_so_on_a_working_day(days in 0_i32..10_000, of_month in 1_i8..=31) {
            let day = date(2020, 1, 1).checked_add(days.days()).unwrap();
            let item = Item { rhythm: Rhythm::Monthly(of_month), work: "写す".to_owned() };
            prop_assert!(!item.due_on(day) || is_working_day(day));
        }
    }
}
