//! One line of a source: cleaned of what is not text, and asked what it begins with.

use crate::{Number, numerals};

/// A line as the splitter sees it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its number in the source, from 1.
    pub(super) number: usize,
    /// The text without tags, list bullets before a marker, and blanks around. Tabs inside are kept.
    pub(super) text: String,
    /// Whether it began with a tab: the first cell of a table's row is empty.
    pub(super) indented: bool,
}

impl Line {
    pub(super) fn read(number: usize, raw: &str) -> Self {
        let text = pipes_to_tabs(&without_tags(raw.trim_start_matches('\u{FEFF}')));
        let text = text.trim_end();
        let indented = text.starts_with('\t');
        let text = text.trim().trim_start_matches('#').trim_start();
        Self { number, text: without_bullet(text).replace("**", ""), indented }
    }

    /// The cells of a table's row; one when there is no tab.
    pub(super) fn cells(&self) -> Vec<String> {
        let mut cells: Vec<String> = self.text.split('\t').map(|cell| cell.trim().to_owned()).collect();
        if self.indented {
            cells.insert(0, String::new());
        }
        cells
    }

    /// A page's number, or a line of nothing but dashes.
    pub(super) fn is_page_mark(&self) -> bool {
        !self.text.is_empty()
            && self.text.chars().map(numerals::narrow).all(|c| c.is_ascii_digit() || " -/―—ー".contains(c))
    }

    /// The text without any blank.
    pub(super) fn squeezed(&self) -> String {
        squeeze(&self.text)
    }
}

/// The text without any blank.
pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Longest tag of HTML that is looked for, in characters.
const TAG: usize = 400;

/// Removes what is left of HTML: tags of ASCII letters, and the commonest entities.
fn without_tags(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let tag = &rest[start + 1..];
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let is_tag = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let end = is_tag.then(|| tag.char_indices().take(TAG).find(|(_, c)| *c == '>')).flatten();
        match end {
            Some((end, _)) => rest = &tag[end + 1..],
            None => {
                text.push('<');
                rest = tag;
            }
        }
    }
    text.push_str(rest);
    for (entity, meant) in
        [("&nbsp;", " "), ("&emsp;", "\u{3000}"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
    {
        if text.contains(entity) {
            text = text.replace(entity, meant);
        }
    }
    text
}

/// A row of a Markdown table with tabs instead; its rule becomes an empty line.
fn pipes_to_tabs(text: &str) -> String {
    let inner = text.trim().strip_prefix('|').and_then(|text| text.strip_suffix('|'));
    match inner {
        None => text.to_owned(),
        Some(inner) if inner.chars().all(|c| " -:|".contains(c)) => String::new(),
        Some(inner) => {
            let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
            cells.join("\t")
        }
    }
}

/// Drops a list's bullet when a marker of the regulation follows it.
fn without_bullet(text: &str) -> &str {
    let after = text.strip_prefix(['-', '*', '+', '•', '●', '○', '・', '‐', '－']).map(str::trim_start);
    match after {
        Some(after) if item(after).is_some() || place(after).is_some() || is_contents_end(after) => after,
        _ => text,
    }
}

fn is_contents_end(text: &str) -> bool {
    squeeze(text) == "附則"
}

/// What an article's or chapter's heading says: the unit (条, 章, 節), its number and the text after.
pub(super) struct Heading<'a> {
    pub(super) unit: char,
    pub(super) number: Number,
    pub(super) rest: &'a str,
}

/// Reads 第N条, 第N章, 第N節, 第N項, 第N号, with blanks anywhere inside.
pub(super) fn place(text: &str) -> Option<Heading<'_>> {
    let rest = text.strip_prefix('第')?.trim_start();
    let (main, rest) = number(rest)?;
    let rest = rest.trim_start();
    let unit = rest.chars().next().filter(|c| "条章節編款項号".contains(*c))?;
    let mut rest = &rest[unit.len_utf8()..];
    let mut number_so_far = Number::new(main)?;
    while let Some((branch, after)) = rest.strip_prefix('の').and_then(number) {
        match number_so_far.branched(branch) {
            Some(branched) => number_so_far = branched,
            None => break,
        }
        rest = after;
    }
    Some(Heading { unit, number: number_so_far, rest })
}

/// The number at the start of a text and what follows.
pub(super) fn number(text: &str) -> Option<(u16, &str)> {
    let (value, length) = numerals::leading_number(text)?;
    Some((u16::try_from(value).ok().filter(|value| *value > 0)?, &text[length..]))
}

/// How items are numbered; a list inside a list has another style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// (1) （１） ⑴
    Digits,
    /// ①
    Circled,
    /// 一 二
    Kanji,
    /// ア イ
    Kana,
    /// (ア) (イ)
    KanaInParentheses,
}

/// The marker of an item: style, number, the text after.
pub(super) fn item(text: &str) -> Option<(Style, Number, &str)> {
    let first = text.chars().next()?;
    let after_first = &text[first.len_utf8()..];
    if let Some(value) = enclosed(first, '⑴', 20) {
        return Some((Style::Digits, Number::new(value)?, after_first.trim_start()));
    }
    if let Some(value) = enclosed(first, '①', 20) {
        return Some((Style::Circled, Number::new(value)?, after_first.trim_start()));
    }
    if numerals::narrow(first) == '(' {
        return parenthesised(after_first.trim_start());
    }
    if let Some(value) = kana(first) {
        let rest = after_first.strip_prefix(char::is_whitespace)?;
        return Some((Style::Kana, Number::new(value)?, rest.trim_start()));
    }
    if numerals::is_kanji_numeral(first) {
        let (value, rest) = number(text)?;
        let (found, rest) = branches(Number::new(value)?, rest);
        return rest.strip_prefix(char::is_whitespace).map(|rest| (Style::Kanji, found, rest.trim_start()));
    }
    None
}

fn parenthesised(inside: &str) -> Option<(Style, Number, &str)> {
    let first = inside.chars().next()?;
    let (style, value, rest) = match kana(first) {
        Some(value) => (Style::KanaInParentheses, value, &inside[first.len_utf8()..]),
        None => number(inside).map(|(value, rest)| (Style::Digits, value, rest))?,
    };
    let (found, rest) = branches(Number::new(value)?, rest.trim_start());
    let rest = rest.trim_start().strip_prefix([')', '）'])?;
    // (1)の2 is written as well.
    let (found, rest) = if found.is_branch() { (found, rest) } else { branches(found, rest) };
    Some((style, found, rest.trim_start()))
}

fn branches(mut found: Number, mut rest: &str) -> (Number, &str) {
    while let Some((branch, after)) = rest.strip_prefix('の').and_then(number) {
        match found.branched(branch) {
            Some(branched) => (found, rest) = (branched, after),
            None => break,
        }
    }
    (found, rest)
}

/// The value of a character among `count` enclosed numbers that begin at `one`.
fn enclosed(c: char, one: char, count: u32) -> Option<u16> {
    let offset = u32::from(c).checked_sub(u32::from(one)).filter(|offset| *offset < count)?;
    u16::try_from(offset + 1).ok()
}

fn kana(c: char) -> Option<u16> {
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
        .chars()
        .zip(1..)
        .find_map(|(kana, value)| (kana == c).then_some(value))
}

/// The text inside of parentheses at the start, of either kind, and what follows. None inside of others.
pub(super) fn parentheses(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(['(', '（', '〔'])?;
    let end = inside.find([')', '）', '〕'])?;
    if inside[..end].contains(['(', '（', '〔']) {
        return None;
    }
    let close = inside[end..].chars().next()?;
    Some((&inside[..end], &inside[end + close.len_utf8()..]))
}

/// A text that can be a caption: in parentheses, short, no sentence, not a number.
pub(super) fn caption(text: &str) -> Option<(String, &str)> {
    const LONGEST: usize = 40;
    let (inside, rest) = parentheses(text)?;
    let caption = squeeze(inside);
    let plain = !caption.is_empty() && caption.chars().count() <= LONGEST && !caption.contains('。');
    let is_number = item(text).is_some() || place(&caption).is_some();
    (plain && !is_number).then_some((caption, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item_of(text: &str) -> Option<(Style, String, &str)> {
        item(text).map(|(style, number, rest)| (style, number.to_string(), rest))
    }

    #[test]
    fn items_are_marked_in_many_ways() {
        for text in ["(1) 端末", "（１）　端末", "⑴端末", "( 1 ) 端末", "（一）端末"] {
            assert_eq!(item_of(text), Some((Style::Digits, "1".to_owned(), "端末")), "{text}");
        }
        assert_eq!(item_of("二　端末"), Some((Style::Kanji, "2".to_owned(), "端末")));
        assert_eq!(item_of("二の二　端末"), Some((Style::Kanji, "2の2".to_owned(), "端末")));
        assert_eq!(item_of("(2の2) 端末"), Some((Style::Digits, "2の2".to_owned(), "端末")));
        assert_eq!(item_of("ア 端末"), Some((Style::Kana, "1".to_owned(), "端末")));
        assert_eq!(item_of("(イ) 端末"), Some((Style::KanaInParentheses, "2".to_owned(), "端末")));
        for text in ["一般の端末", "アクセス", "（趣旨）", "(昭和42年)", "端末", ""] {
            assert_eq!(item_of(text), None, "{text}");
        }
    }

    #[test]
    fn headings_may_have_blanks_inside() {
        for (text, number, rest) in [
            ("第 17 条 操作者", "17", " 操作者"),
            ("第１７条　操作者", "17", "　操作者"),
            ("第九条の二 操作者", "9の2", " 操作者"),
            ("第10条", "10", ""),
        ] {
            let heading = place(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (heading.unit, heading.number.to_string().as_str(), heading.rest),
                ('条', number, rest)
            );
        }
        assert!(place("第三者").is_none());
        assert!(place("第条").is_none());
    }

    #[test]
    fn what_is_no_text_is_removed() {
        let read = |raw: &str| Line::read(1, raw).text;
        assert_eq!(read("<ul> <li>・鍵で入る。</li> </ul>"), "・鍵で入る。");
        assert_eq!(read("- (1) 端末"), "(1) 端末");
        assert_eq!(read("・端末"), "・端末");
        assert_eq!(read("| 区分 | 室 |"), "区分\t室");
        assert_eq!(read("| --- | --- |"), "");
        assert_eq!(read("1 < 2"), "1 < 2");
        assert_eq!(Line::read(1, "\t許可").cells(), ["", "許可"]);
    }
}
