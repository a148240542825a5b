//! Goes through the lines of a source once and puts each where it belongs.

use super::line::{self, Heading, Line, Style, squeeze};
use super::{
    Block, Import, ImportedArticle, ImportedChapter, ImportedItem, ImportedParagraph, ImportedTable, Placed,
    Sentence,
};
use crate::{Number, numerals};

/// Longest title of a chapter, in characters. What is longer is a sentence.
const TITLE: usize = 40;

/// What follows 第N条 in a sentence that speaks of it, and never begins a sentence.
const REFERENCE: &[&str] = &[
    "の規定",
    "に規定",
    "に定め",
    "に掲げ",
    "から",
    "まで",
    "及び",
    "又は",
    "若しくは",
    "並びに",
    "、",
    "。",
    "・",
    "）",
    ")",
    "—",
    "―",
    "–",
    "-",
    "～",
    "〜",
];

/// What follows 第N条 or a number in a sentence, but may begin a sentence as well.
const PARTICLE: &[&str] =
    &["の", "に", "を", "が", "は", "と", "で", "も", "へ", "や", "中", "各", "以", "ほか", "第", "次"];

/// What is counted: a number before it is no paragraph's number.
const COUNTED: &[&str] = &[
    "年", "月", "日間", "日以", "日前", "時間", "分の", "分間", "回", "人以", "人の", "件", "個の", "箇",
    "か月", "か所", "項", "号", "条", "章", "以上", "以下", "以内", "倍", "割",
];

/// What a sentence begins with that belongs to the one before, even after an empty line.
const CONNECTED: &[&str] = &["ただし", "この場合", "なお", "・", "前項の場合"];

pub(super) fn split(text: &str) -> Import {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines = text.split('\n').enumerate().map(|(index, raw)| Line::read(index + 1, raw)).collect();
    let mut splitter = Splitter { lines, ..Splitter::default() };
    for index in 0..splitter.lines.len() {
        splitter.take(index);
    }
    splitter.finish()
}

/// Which part of the source the lines are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Region {
    /// Before the first heading, or in the text proper.
    #[default]
    Body,
    Contents,
    Supplement,
    Appendix,
}

/// What the next plain line continues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tail {
    #[default]
    Nothing,
    Chapter,
    Paragraph,
    Item,
    Table,
}

#[derive(Default)]
struct Splitter {
    lines: Vec<Line>,
    import: Import,
    region: Region,
    tail: Tail,
    /// Whether an empty line stands before the present one.
    after_blank: bool,
    caption: Option<String>,
    contents_chapters: Vec<Number>,
    /// The styles of the present paragraph's items and of the items below them.
    styles: [Option<Style>; 2],
}

/// A line that begins an article.
struct ArticleStart {
    number: Number,
    /// The last article of a range that was deleted together.
    through: Option<Number>,
    caption: Option<String>,
    text: String,
}

impl Splitter {
    fn take(&mut self, index: usize) {
        let line = self.lines[index].clone();
        if line.text.is_empty() {
            self.after_blank = true;
            return;
        }
        if line.is_page_mark() {
            // A page ends in the middle of a sentence: the number of the page is no break of the text.
            self.unplaced(&line);
            return;
        }
        self.place(index, &line);
        self.after_blank = false;
    }

    fn place(&mut self, index: usize, line: &Line) {
        let placed = self.contents(line)
            || self.chapter(line)
            || self.supplement(line)
            || self.appendix(line)
            || self.in_block(line)
            || self.caption_line(index, line)
            || self.article(line)
            || self.row(line)
            || self.paragraph(line)
            || self.item(line)
            || self.table(line);
        if !placed {
            self.text(line);
        }
    }

    fn unplaced(&mut self, line: &Line) {
        self.import.unplaced.push(Placed { line: line.number, text: line.text.clone() });
    }

    // ---- table of contents

    fn contents(&mut self, line: &Line) -> bool {
        if !self.import.articles.is_empty()
            || self.region == Region::Supplement
            || self.region == Region::Appendix
        {
            return false;
        }
        let heading = line::place(&line.text);
        let entry = match &heading {
            _ if line.squeezed() == "目次" => true,
            Some(heading) if "章節編款".contains(heading.unit) => {
                has_range(heading.rest) || (self.region == Region::Contents && !self.in_contents(heading))
            }
            Some(heading) => {
                self.region == Region::Contents && begins(heading.rest.trim_start(), &[REFERENCE])
            }
            None => self.region == Region::Contents && self.continues_contents(line),
        };
        if entry {
            let chapter = heading.filter(|heading| heading.unit == '章').map(|heading| heading.number);
            self.contents_chapters.extend(chapter);
            self.import.contents.push(Placed { line: line.number, text: line.text.clone() });
        }
        self.region = if entry { Region::Contents } else { Region::Body };
        entry
    }

    fn in_contents(&self, heading: &Heading<'_>) -> bool {
        heading.unit == '章' && self.contents_chapters.contains(&heading.number)
    }

    fn continues_contents(&self, line: &Line) -> bool {
        let squeezed = line.squeezed();
        squeezed == "附則" || squeezed.starts_with("（第") || squeezed.starts_with("(第")
    }

    // ---- chapters and what stands behind the text

    fn chapter(&mut self, line: &Line) -> bool {
        if self.region != Region::Body {
            return false;
        }
        let Some(heading) = line::place(&line.text).filter(|heading| heading.unit == '章') else {
            return false;
        };
        let last = self.import.chapters.last().map(|chapter| chapter.number);
        let title = squeeze(heading.rest);
        let spoken_of = begins(&title, &[REFERENCE, PARTICLE]) || title.contains('。');
        if !follows(last, heading.number) || spoken_of || title.chars().count() > TITLE {
            return false;
        }
        self.import.chapters.push(ImportedChapter { number: heading.number, title, line: line.number });
        self.tail = Tail::Chapter;
        true
    }

    fn supplement(&mut self, line: &Line) -> bool {
        let squeezed = line.squeezed();
        let after = squeezed.strip_prefix("附則").or_else(|| squeezed.strip_prefix("付則"));
        let Some(after) = after.filter(|after| after.is_empty() || is_parenthesised(after)) else {
            return false;
        };
        if self.import.articles.is_empty() {
            return false;
        }
        let title = format!("附則{after}");
        self.import.supplements.push(Block { title, line: line.number, lines: Vec::new() });
        self.region = Region::Supplement;
        true
    }

    fn appendix(&mut self, line: &Line) -> bool {
        let squeezed = line.squeezed();
        if self.import.articles.is_empty() || !is_appendix(&squeezed) {
            return false;
        }
        self.import.appendices.push(Block { title: squeezed, line: line.number, lines: Vec::new() });
        self.region = Region::Appendix;
        true
    }

    /// Behind the text, lines are kept as they are; a broken sentence is put together again.
    fn in_block(&mut self, line: &Line) -> bool {
        let blocks = match self.region {
            Region::Supplement => &mut self.import.supplements,
            Region::Appendix => &mut self.import.appendices,
            Region::Body | Region::Contents => return false,
        };
        let Some(block) = blocks.last_mut() else { return false };
        let is_begin = line::item(&line.text).is_some()
            || line::place(&line.text).is_some()
            || line::number(&line.text).is_some()
            || line::caption(&line.text).is_some_and(|(_, rest)| rest.is_empty());
        match block.lines.last_mut() {
            Some(last)
                if self.region == Region::Supplement
                    && !is_begin
                    && !is_complete(last)
                    && !is_bracketed(last) =>
            {
                join(last, &line.text);
            }
            _ => block.lines.push(line.text.clone()),
        }
        true
    }

    // ---- articles

    /// A caption stands on a line of its own before the article, or right after its number.
    fn caption_line(&mut self, index: usize, line: &Line) -> bool {
        let Some((caption, rest)) = line::caption(&line.text) else { return false };
        if !rest.trim().is_empty() {
            return false;
        }
        let next = self.lines[index + 1..].iter().find(|line| !line.text.is_empty() && !line.is_page_mark());
        if next.is_some_and(|next| self.article_start(&next.text, true).is_some()) {
            self.caption = Some(caption);
            return true;
        }
        let opened = self.import.articles.last_mut().filter(|article| {
            article.caption.is_none() && article.paragraphs.len() == 1 && article.paragraphs[0].is_empty()
        });
        match opened {
            Some(article) if self.tail == Tail::Paragraph => {
                article.caption = Some(caption);
                true
            }
            _ => false,
        }
    }

    fn article_start(&self, text: &str, captioned: bool) -> Option<ArticleStart> {
        let heading = line::place(text).filter(|heading| heading.unit == '条')?;
        let last = self.import.articles.last().map(|article| article.number);
        let is_next = follows(last, heading.number);
        let is_later = captioned && last.is_none_or(|last| last < heading.number);
        if !is_next && !is_later {
            return None;
        }
        let number = heading.number;
        if let Some((through, text)) = deleted_range(heading.rest).filter(|(through, _)| *through > number) {
            return Some(ArticleStart { number, through: Some(through), caption: None, text });
        }
        let spaced = heading.rest.is_empty() || heading.rest.starts_with(char::is_whitespace);
        let rest = heading.rest.trim_start();
        if let Some((caption, after)) = line::caption(rest).filter(|_| !captioned) {
            let text = after.trim();
            let spoken_of = !after.starts_with(char::is_whitespace) && begins(text, &[REFERENCE, PARTICLE]);
            return (!spoken_of).then(|| ArticleStart {
                number,
                through: None,
                caption: Some(caption),
                text: text.to_owned(),
            });
        }
        let sure = spaced || captioned;
        // An article may begin with another's number (第11条 第9条第1項の室の…), but not with its own paragraph's.
        let goes_on = line::place(rest).is_some_and(|place| !sure || "項号".contains(place.unit));
        let spoken_of = goes_on
            || begins(rest, &[REFERENCE])
            || (!captioned && !self.is_complete())
            || (!sure && (begins(rest, &[PARTICLE]) || !self.is_text_complete()));
        (!spoken_of).then(|| ArticleStart { number, through: None, caption: None, text: rest.to_owned() })
    }

    fn article(&mut self, line: &Line) -> bool {
        let Some(start) = self.article_start(&line.text, self.caption.is_some()) else { return false };
        let chapter = self.import.chapters.len().checked_sub(1);
        let caption = self.caption.take().or(start.caption);
        let mut number = start.number;
        loop {
            let paragraphs = vec![ImportedParagraph::begin(1, line.number, &start.text)];
            let caption = caption.clone();
            self.import.articles.push(ImportedArticle {
                number,
                caption,
                chapter,
                line: line.number,
                paragraphs,
            });
            match start
                .through
                .filter(|through| number < *through)
                .and_then(|_| Number::new(number.main() + 1))
            {
                Some(next) => number = next,
                None => break,
            }
        }
        self.begin_paragraph();
        true
    }

    fn begin_paragraph(&mut self) {
        self.tail = Tail::Paragraph;
        self.styles = [None, None];
    }

    fn open_paragraph(&mut self) -> Option<&mut ImportedParagraph> {
        self.import.articles.last_mut()?.paragraphs.last_mut()
    }

    // ---- paragraphs and items

    fn paragraph(&mut self, line: &Line) -> bool {
        let Some((number, text)) = self.paragraph_start(&line.text) else { return false };
        let Some(article) = self.import.articles.last_mut() else { return false };
        match article.paragraphs.last_mut() {
            Some(first) if number == 1 => first.sentences = vec![Sentence::begin(&text)],
            _ => article.paragraphs.push(ImportedParagraph::begin(number, line.number, &text)),
        }
        self.begin_paragraph();
        true
    }

    /// The paragraph's number when it is the one that is due, and the text behind it.
    fn paragraph_start(&self, text: &str) -> Option<(u16, String)> {
        let present = self.import.articles.last()?.paragraphs.last()?;
        if self.tail == Tail::Nothing || self.tail == Tail::Chapter {
            return None;
        }
        if let Some((Style::Circled, number, rest)) = line::item(text) {
            let due = number.main() == present.number + 1 && present.items.is_empty() && self.is_complete();
            return due.then(|| (number.main(), rest.to_owned()));
        }
        text.chars().next().and_then(numerals::digit)?;
        let (number, rest) = line::number(text)?;
        let first = number == 1 && present.number == 1 && present.is_empty();
        if number != present.number + 1 && !first {
            return None;
        }
        let spaced = rest.starts_with(char::is_whitespace);
        let rest = rest.trim();
        let counted = begins(rest, &[COUNTED]) || (!spaced && begins(rest, &[REFERENCE, PARTICLE]));
        let sure = !counted && if spaced { self.is_complete() } else { self.is_text_complete() };
        ((first || sure) && !rest.is_empty()).then(|| (number, rest.to_owned()))
    }

    fn item(&mut self, line: &Line) -> bool {
        let Some((style, number, text)) = line::item(&line.text) else { return false };
        if self.tail == Tail::Nothing || self.tail == Tail::Chapter {
            return false;
        }
        let styles = self.styles;
        let Some(paragraph) = self.open_paragraph() else { return false };
        let item = ImportedItem { number, line: line.number, text: text.to_owned(), items: Vec::new() };
        let last = paragraph.items.last().map(|item| item.number);
        if styles[0].is_none_or(|own| own == style) {
            if !follows(last, number) {
                return false;
            }
            paragraph.items.push(item);
            self.styles = [Some(style), None];
        } else {
            let Some(above) = paragraph.items.last_mut() else { return false };
            let style_fits = styles[1].is_none_or(|own| own == style);
            if !style_fits || !follows(above.items.last().map(|item| item.number), number) {
                return false;
            }
            above.items.push(item);
            self.styles[1] = Some(style);
        }
        self.tail = Tail::Item;
        true
    }

    // ---- tables

    /// A row of a table that is open.
    fn row(&mut self, line: &Line) -> bool {
        let cells = line.cells();
        if self.tail != Tail::Table || cells.len() < 2 || self.leaves_table(line, &cells) {
            return false;
        }
        let Some(table) = self.open_paragraph().and_then(|paragraph| paragraph.tables.last_mut()) else {
            return false;
        };
        match table.rows.last_mut().filter(|_| cells[0].is_empty()) {
            None => table.rows.push(cells),
            Some(row) => {
                // An empty first cell: the row before goes on.
                for (index, cell) in cells.iter().enumerate() {
                    match row.get_mut(index) {
                        Some(before) => join(before, cell),
                        None => row.push(cell.clone()),
                    }
                }
            }
        }
        true
    }

    /// A paragraph or an item may be set off by a tab as well; rows that are numbered go on counting.
    fn leaves_table(&self, line: &Line, cells: &[String]) -> bool {
        let table = self.import.articles.last().and_then(|article| article.paragraphs.last()?.tables.last());
        let number =
            |cell: &str| line::number(cell).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number);
        let before = table.and_then(|table| number(table.rows.last()?.first()?));
        let counts_on = number(&cells[0]).is_some_and(|now| before.is_some_and(|before| before + 1 == now));
        !counts_on && self.paragraph_start(&line.text).is_some()
    }

    fn table(&mut self, line: &Line) -> bool {
        let cells = line.cells();
        if cells.len() < 2 || cells[0].is_empty() || self.tail == Tail::Nothing || self.tail == Tail::Chapter
        {
            return false;
        }
        let Some(paragraph) = self.open_paragraph() else { return false };
        paragraph.tables.push(ImportedTable { line: line.number, rows: vec![cells] });
        self.tail = Tail::Table;
        true
    }

    // ---- plain text

    fn text(&mut self, line: &Line) {
        if self.tail == Tail::Chapter {
            let untitled = self.import.chapters.last_mut().filter(|chapter| chapter.title.is_empty());
            match untitled {
                Some(chapter) => chapter.title = line.squeezed().chars().take(TITLE).collect(),
                None => self.unplaced(line),
            }
            return;
        }
        let stray = self.after_blank && self.is_text_complete() && !begins(&line.text, &[CONNECTED]);
        match self.open_text().filter(|_| !stray) {
            Some(text) => join(text, &line.text),
            None => self.unplaced(line),
        }
    }

    /// The text that the next plain line continues.
    fn open_text(&mut self) -> Option<&mut String> {
        let tail = self.tail;
        let paragraph = self.open_paragraph()?;
        match tail {
            Tail::Nothing | Tail::Chapter => None,
            Tail::Paragraph => paragraph.sentences.last_mut().map(|sentence| &mut sentence.text),
            Tail::Item => {
                let item = paragraph.items.last_mut()?;
                if item.items.is_empty() {
                    Some(&mut item.text)
                } else {
                    item.items.last_mut().map(|i| &mut i.text)
                }
            }
            Tail::Table => paragraph.tables.last_mut()?.rows.last_mut()?.last_mut(),
        }
    }

    /// Whether what stands before has come to its end: items and tables may end without a full stop.
    fn is_complete(&self) -> bool {
        matches!(self.tail, Tail::Item | Tail::Table | Tail::Chapter) || self.is_text_complete()
    }

    /// Whether the text before ends like a sentence.
    fn is_text_complete(&self) -> bool {
        let Some(paragraph) = self.import.articles.last().and_then(|article| article.paragraphs.last())
        else {
            return true;
        };
        let text = match self.tail {
            Tail::Nothing | Tail::Chapter => return true,
            Tail::Paragraph => paragraph.sentences.last().map(|sentence| &sentence.text),
            Tail::Item => {
                paragraph.items.last().map(|item| item.items.last().map_or(&item.text, |item| &item.text))
            }
            Tail::Table => paragraph.tables.last().and_then(|table| table.rows.last()?.last()),
        };
        text.is_some_and(|text| is_complete(text))
    }

    fn finish(mut self) -> Import {
        for article in &mut self.import.articles {
            for paragraph in &mut article.paragraphs {
                let whole: String = paragraph.sentences.drain(..).map(|sentence| sentence.text).collect();
                paragraph.sentences = sentences(&whole);
            }
        }
        self.import
    }
}

impl Sentence {
    fn begin(text: &str) -> Self {
        Self { proviso: false, text: text.to_owned() }
    }
}

impl ImportedParagraph {
    fn begin(number: u16, line: usize, text: &str) -> Self {
        Self { number, line, sentences: vec![Sentence::begin(text)], items: Vec::new(), tables: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty()
            && self.tables.is_empty()
            && self.sentences.iter().all(|one| one.text.is_empty())
    }
}

/// Whether `next` is the number due after `last`: the next one, or a branch of it.
fn follows(last: Option<Number>, next: Number) -> bool {
    match last {
        None => Number::new(1) == Some(next),
        Some(last) => last.is_followed_by(next),
    }
}

/// Whether the text begins with one of the words.
fn begins(text: &str, words: &[&[&str]]) -> bool {
    words.iter().flat_map(|words| words.iter()).any(|word| text.starts_with(word))
}

/// `から第M条まで` and what follows it.
fn deleted_range(rest: &str) -> Option<(Number, String)> {
    let end = line::place(rest.trim_start().strip_prefix("から")?.trim_start())
        .filter(|heading| heading.unit == '条')?;
    let text = end.rest.strip_prefix("まで")?.trim();
    (squeeze(text) == "削除").then(|| (end.number, text.to_owned()))
}

/// `（第1条・第2条）` behind a chapter's title in a table of contents.
fn has_range(rest: &str) -> bool {
    let squeezed = squeeze(rest);
    squeezed.contains("（第") || squeezed.contains("(第")
}

fn is_appendix(squeezed: &str) -> bool {
    let named = ["別表", "別記様式", "様式"].iter().find_map(|name| squeezed.strip_prefix(name));
    let Some(rest) = named else { return false };
    let rest = match line::number(rest.strip_prefix('第').unwrap_or(rest)) {
        Some((_, rest)) => rest.strip_prefix('号').unwrap_or(rest),
        None => rest,
    };
    rest.is_empty() || is_parenthesised(rest)
}

fn is_parenthesised(text: &str) -> bool {
    line::parentheses(text).is_some_and(|(_, rest)| rest.is_empty())
}

fn is_bracketed(text: &str) -> bool {
    line::caption(text).is_some_and(|(_, rest)| rest.is_empty())
}

fn is_complete(text: &str) -> bool {
    const DELETED: &str = "削除";
    let ended = text.trim_end_matches(['）', ')', '」', '』', ' ', '\u{3000}']).ends_with(['。', '．']);
    // The length is asked first: a text that grows line by line is not gone through each time.
    ended || (text.len() <= 2 * DELETED.len() && squeeze(text) == DELETED)
}

/// Puts a broken line to what stands before: Japanese without a blank, Latin words with one.
fn join(text: &mut String, more: &str) {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if latin(text.chars().last()) && latin(more.chars().next()) {
        text.push(' ');
    }
    text.push_str(more);
}

/// The sentences of a paragraph. A full stop inside of parentheses or quotes ends none.
fn sentences(text: &str) -> Vec<Sentence> {
    let (mut sentences, mut present, mut depth) = (Vec::new(), String::new(), 0_usize);
    for c in text.chars() {
        present.push(c);
        match c {
            '（' | '(' | '「' | '『' => depth += 1,
            '）' | ')' | '」' | '』' => depth = depth.saturating_sub(1),
            '。' if depth == 0 => sentences.push(std::mem::take(&mut present)),
            _ => {}
        }
    }
    sentences.push(present);
    sentences
        .iter()
        .map(|sentence| sentence.trim())
        .filter(|sentence| !sentence.is_empty())
        .map(|sentence| Sentence {
            proviso: squeeze(sentence).starts_with("ただし"),
            text: sentence.to_owned(),
        })
        .collect()
}
