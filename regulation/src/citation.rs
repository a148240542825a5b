//! A place in the regulation: parsed and printed as `第7条第4項ただし書` and as `7-4但`.
//!
//! | Japanese | short |
//! |---|---|
//! | 第7条 | `7` |
//! | 第9条の2第3項 | `9の2-3` |
//! | 第7条第4項ただし書 | `7-4但` |
//! | 第7条第3項第1号 | `7-3(1)` |
//! | 第16条第1号 (an article of one paragraph) | `16(1)` |
//! | 第9条第2項の表レベル2の項 | `9-2 L2` |
//! | 第9条第2項の表3の項 | `9-2表3` |

mod reader;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// The number of an article or an item, with branches: 第9条の2の3 is 9, 2, 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    main: u16,
    // INVARIANT (branches): zero means none, and a second branch has a first before it.
    branch: u16,
    second: u16,
}

impl Number {
    /// The number `main` without branches, or `None` outside of 1 to 9999.
    pub fn new(main: u16) -> Option<Self> {
        (1..=limits::NUMBER).contains(&main).then_some(Self { main, branch: 0, second: 0 })
    }

    /// The same with one more branch (の), or `None` when it is out of range or has two already.
    #[must_use]
    pub fn branched(mut self, branch: u16) -> Option<Self> {
        if !(1..=limits::NUMBER).contains(&branch) {
            return None;
        }
        match (self.branch, self.second) {
            (0, _) => self.branch = branch,
            (_, 0) => self.second = branch,
            _ => return None,
        }
        Some(self)
    }

    /// The number before any branch.
    pub fn main(self) -> u16 {
        self.main
    }

    /// Whether it has a branch.
    pub fn is_branch(self) -> bool {
        self.branch != 0
    }

    /// Whether `next` can come right after this one: the next number, or the next branch.
    pub(crate) fn is_followed_by(self, next: Self) -> bool {
        let Self { main, branch, second } = self;
        let first_branch = |of: u16| if of == 0 { 2 } else { of + 1 };
        let next_main = Self { main: main + 1, branch: 0, second: 0 };
        let next_branch = Self { main, branch: first_branch(branch), second: 0 };
        let next_second = Self { main, branch, second: first_branch(second) };
        next == next_main || next == next_branch || (branch != 0 && next == next_second)
    }

    fn write_branches(self, f: &mut impl fmt::Write) -> fmt::Result {
        for branch in [self.branch, self.second].into_iter().filter(|branch| *branch != 0) {
            write!(f, "の{branch}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Number {
    /// `9の2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.main)?;
        self.write_branches(f)
    }
}

/// A row of a paragraph's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The row of a security level (セキュリティ区分レベルN).
    Level(u16),
    /// The row of this number.
    Numbered(u16),
}

impl Ord for Row {
    /// Tables of levels begin with the highest level.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Level(a), Self::Level(b)) => b.cmp(a),
            (Self::Level(_), Self::Numbered(_)) => Ordering::Less,
            (Self::Numbered(_), Self::Level(_)) => Ordering::Greater,
            (Self::Numbered(a), Self::Numbered(b)) => a.cmp(b),
        }
    }
}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which part of the article or paragraph is meant. The derived order is that of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Whole,
    Proviso,
    Item { number: Number, proviso: bool },
    Row(Row),
}

/// A place in the regulation (条項号).
///
/// The order of citations is the order of the regulation: article, branch, paragraph; in a paragraph the
/// whole before its proviso, then items, then rows of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Citation {
    article: Number,
    paragraph: Option<u16>,
    part: Part,
}

impl Citation {
    /// A whole article.
    pub fn of(article: Number) -> Self {
        Self { article, paragraph: None, part: Part::Whole }
    }

    /// The article's number.
    pub fn article(self) -> Number {
        self.article
    }

    /// The paragraph's number; `None` for the whole article or in an article of one paragraph.
    pub fn paragraph(self) -> Option<u16> {
        self.paragraph
    }

    /// The item's number, if an item is meant.
    pub fn item(self) -> Option<Number> {
        match self.part {
            Part::Item { number, .. } => Some(number),
            _ => None,
        }
    }

    /// The row of the table, if one is meant.
    pub fn row(self) -> Option<Row> {
        match self.part {
            Part::Row(row) => Some(row),
            _ => None,
        }
    }

    /// Whether only the proviso (ただし書) is meant.
    pub fn is_proviso(self) -> bool {
        matches!(self.part, Part::Proviso | Part::Item { proviso: true, .. })
    }

    /// The paragraph `number` of the article; `None` out of range.
    #[must_use]
    pub fn with_paragraph(self, number: u16) -> Option<Self> {
        let paragraph = (1..=limits::NUMBER).contains(&number).then_some(number)?;
        Some(Self { article: self.article, paragraph: Some(paragraph), part: Part::Whole })
    }

    /// The item `number` of the paragraph, or of the article of one paragraph.
    #[must_use]
    pub fn with_item(self, number: Number) -> Self {
        Self { part: Part::Item { number, proviso: false }, ..self }
    }

    /// The row of the paragraph's table; `None` out of range.
    #[must_use]
    pub fn with_row(self, row: Row) -> Option<Self> {
        let (Row::Level(number) | Row::Numbered(number)) = row;
        (1..=limits::NUMBER).contains(&number).then_some(Self { part: Part::Row(row), ..self })
    }

    /// The proviso of the paragraph or item. A row has none: the citation stays what it was.
    #[must_use]
    pub fn with_proviso(self) -> Self {
        let part = match self.part {
            Part::Whole | Part::Proviso => Part::Proviso,
            Part::Item { number, .. } => Part::Item { number, proviso: true },
            Part::Row(row) => Part::Row(row),
        };
        Self { part, ..self }
    }

    /// The whole article or paragraph that this is in.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { part: Part::Whole, ..self }
    }

    /// Whether `other` is this place or a part of it.
    pub fn contains(self, other: Self) -> bool {
        match (self.part, other.part) {
            (Part::Whole, _) if self.paragraph.is_none() => self.article == other.article,
            (Part::Whole, _) => self.whole() == other.whole(),
            (Part::Item { number, proviso: false }, Part::Item { number: of, .. }) => {
                self.whole() == other.whole() && number == of
            }
            _ => self == other,
        }
    }

    /// The form that the city writes: `第7条第4項ただし書`.
    pub fn japanese(self) -> String {
        let mut text = format!("第{}条", self.article.main);
        self.article.write_branches(&mut text).unwrap_or_default();
        if let Some(paragraph) = self.paragraph {
            text.push_str(&format!("第{paragraph}項"));
        }
        match self.part {
            Part::Whole | Part::Proviso => {}
            Part::Item { number, .. } => {
                text.push_str(&format!("第{}号", number.main));
                number.write_branches(&mut text).unwrap_or_default();
            }
            Part::Row(Row::Level(level)) => text.push_str(&format!("の表レベル{level}の項")),
            Part::Row(Row::Numbered(number)) => text.push_str(&format!("の表{number}の項")),
        }
        if self.is_proviso() {
            text.push_str("ただし書");
        }
        text
    }
}

impl fmt::Display for Citation {
    /// The short id: `7-4但`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.article)?;
        if let Some(paragraph) = self.paragraph {
            write!(f, "-{paragraph}")?;
        }
        match self.part {
            Part::Whole | Part::Proviso => {}
            Part::Item { number, .. } => write!(f, "({number})")?,
            Part::Row(Row::Level(level)) => write!(f, " L{level}")?,
            Part::Row(Row::Numbered(number)) => write!(f, "表{number}")?,
        }
        if self.is_proviso() {
            f.write_str("但")?;
        }
        Ok(())
    }
}

impl FromStr for Citation {
    type Err = CitationError;

    /// Reads either form, with full-width digits or kanji numerals as well.
    fn from_str(text: &str) -> Result<Self, CitationError> {
        reader::citation(text)
    }
}

impl TryFrom<String> for Citation {
    type Error = CitationError;

    fn try_from(text: String) -> Result<Self, CitationError> {
        text.parse()
    }
}

impl From<Citation> for String {
    fn from(citation: Citation) -> Self {
        citation.to_string()
    }
}

/// Why a text is not a citation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a citation: {fault}")]
pub struct CitationError {
    text: String,
    fault: CitationFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
enum CitationFault {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {} characters", limits::CITATION)]
    TooLong,
    #[error("a number of {} was expected at `{rest}`", what.english())]
    NumberExpected { what: Expected, rest: String },
    #[error("`{number}` is not between 1 and {}", limits::NUMBER)]
    OutOfRange { number: String },
    #[error("`{mark}` was expected at `{rest}`")]
    MarkExpected { mark: &'static str, rest: String },
    #[error("`{rest}` is too much")]
    Rest { rest: String },
}

/// Whose number was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Article,
    Branch,
    Paragraph,
    Item,
    Row,
}

impl Expected {
    fn english(self) -> &'static str {
        match self {
            Self::Article => "an article",
            Self::Branch => "a branch",
            Self::Paragraph => "a paragraph",
            Self::Item => "an item",
            Self::Row => "a row",
        }
    }

    fn japanese(self) -> &'static str {
        match self {
            Self::Article => "条",
            Self::Branch => "枝番号",
            Self::Paragraph => "項",
            Self::Item => "号",
            Self::Row => "表の項",
        }
    }
}

impl CitationError {
    /// For people: what is wrong and how it is written.
    pub fn japanese(&self) -> String {
        let place = |rest: &str| {
            if rest.is_empty() { "末尾".to_owned() } else { format!("「{rest}」") }
        };
        let fault = match &self.fault {
            CitationFault::Empty => "何も書かれていません".to_owned(),
            CitationFault::TooLong => format!("{}文字を超えています", limits::CITATION),
            CitationFault::NumberExpected { what, rest } => {
                format!("{}に{}の番号がありません", place(rest), what.japanese())
            }
            CitationFault::OutOfRange { number } => {
                format!("「{number}」は1から{}までの番号ではありません", limits::NUMBER)
            }
            CitationFault::MarkExpected { mark, rest } => format!("{}に「{mark}」がありません", place(rest)),
            CitationFault::Rest { rest } => format!("「{rest}」が余分です"),
        };
        format!("「{}」は条項号として読めません。{fault}。例: 第7条第4項ただし書、7-4但", self.text)
    }
}

#[cfg(test)]
mod tests;
