//! Splits the verbatim text of a city's regulation into its chapters, articles, paragraphs, items and tables.
//!
//! Sources differ in everything but the order of numbers: blanks, full-width digits, broken lines, remnants of
//! HTML. So a number begins an article, a paragraph or an item only when it is the next one. What cannot be
//! placed is reported and never thrown away.

mod line;
mod outline;
mod splitter;

use serde::{Serialize, Serializer};

use crate::Number;

/// A regulation's text in its parts. Every part says on which line of the source it began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The lines of the table of contents.
    pub contents: Vec<Placed>,
    /// The chapters (章) in order.
    pub chapters: Vec<ImportedChapter>,
    /// The articles (条) in order, those before the first chapter included.
    pub articles: Vec<ImportedArticle>,
    /// The supplementary provisions (附則), the latest last.
    pub supplements: Vec<Block>,
    /// Tables and forms behind the text (別表, 様式).
    pub appendices: Vec<Block>,
    /// What could not be placed: title, numbers of pages, stray lines.
    pub unplaced: Vec<Placed>,
}

/// A line of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Its number, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
}

/// 章.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedChapter {
    /// Its number.
    #[serde(serialize_with = "number_text")]
    pub number: Number,
    /// Its title.
    pub title: String,
    /// Where it began.
    pub line: usize,
}

/// 条.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedArticle {
    /// Its number.
    #[serde(serialize_with = "number_text")]
    pub number: Number,
    /// Its caption, without parentheses.
    pub caption: Option<String>,
    /// The index of its chapter in [`Import::chapters`].
    pub chapter: Option<usize>,
    /// Where it began.
    pub line: usize,
    /// Its paragraphs.
    pub paragraphs: Vec<ImportedParagraph>,
}

/// 項.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedParagraph {
    /// Its number, 1 for the first, which the text does not number.
    pub number: u16,
    /// Where it began.
    pub line: usize,
    /// Its sentences in order.
    pub sentences: Vec<Sentence>,
    /// Its items.
    pub items: Vec<ImportedItem>,
    /// Its tables.
    pub tables: Vec<ImportedTable>,
}

/// A sentence of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// Whether it is the proviso (ただし書).
    pub proviso: bool,
    /// Its text.
    pub text: String,
}

/// 号, and below it ア, イ or (1), (2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedItem {
    /// Its number.
    #[serde(serialize_with = "number_text")]
    pub number: Number,
    /// Where it began.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// The items below it.
    pub items: Vec<ImportedItem>,
}

/// 表.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportedTable {
    /// Where it began.
    pub line: usize,
    /// Its rows; the first is the head.
    pub rows: Vec<Vec<String>>,
}

/// A part that is kept whole: 附則, 別表, 様式.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its heading.
    pub title: String,
    /// Where it began.
    pub line: usize,
    /// Its paragraphs or lines.
    pub lines: Vec<String>,
}

fn number_text<S: Serializer>(number: &Number, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

impl ImportedParagraph {
    /// Whether it has a proviso.
    pub fn has_proviso(&self) -> bool {
        self.sentences.iter().any(|sentence| sentence.proviso)
    }
}

impl Import {
    /// The article of a number.
    pub fn article(&self, number: Number) -> Option<&ImportedArticle> {
        self.articles.iter().find(|article| article.number == number)
    }

    /// The tree of the text with counts, and what could not be placed, for people.
    pub fn outline(&self) -> String {
        outline::outline(self)
    }
}

/// Splits the text. Never fails: what is not understood is in [`Import::unplaced`].
pub fn import(text: &str) -> Import {
    splitter::split(text)
}
