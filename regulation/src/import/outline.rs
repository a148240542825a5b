//! The tree of an imported text, for people.

use std::fmt::Write as _;

use super::{Import, ImportedArticle, ImportedParagraph};

/// How much of an unplaced line is shown, in characters.
const EXCERPT: usize = 40;

pub(super) fn outline(import: &Import) -> String {
    let mut text = String::new();
    for article in import.articles.iter().filter(|article| article.chapter.is_none()) {
        write_article(&mut text, article);
    }
    for (index, chapter) in import.chapters.iter().enumerate() {
        let mine: Vec<_> = import.articles.iter().filter(|article| article.chapter == Some(index)).collect();
        let _ = writeln!(text, "{} {}（{}条）", ordinal(chapter.number, '章'), chapter.title, mine.len());
        mine.iter().for_each(|article| write_article(&mut text, article));
    }
    for block in import.supplements.iter().chain(&import.appendices) {
        let _ = writeln!(text, "{}（{}行）", block.title, block.lines.len());
    }
    write_counts(&mut text, import);
    if !import.unplaced.is_empty() {
        let _ = writeln!(text, "置き場所のわからなかった行:");
        for line in &import.unplaced {
            let excerpt: String = line.text.chars().take(EXCERPT).collect();
            let more = if line.text.chars().count() > EXCERPT { "…" } else { "" };
            let _ = writeln!(text, "  {}行目: {excerpt}{more}", line.line);
        }
    }
    text
}

/// 第9条の2.
fn ordinal(number: crate::Number, unit: char) -> String {
    let number = number.to_string();
    match number.split_once('の') {
        Some((main, branches)) => format!("第{main}{unit}の{branches}"),
        None => format!("第{number}{unit}"),
    }
}

fn write_article(text: &mut String, article: &ImportedArticle) {
    let caption = article.caption.as_deref().map(|caption| format!("（{caption}）")).unwrap_or_default();
    let parts: Vec<String> =
        article.paragraphs.iter().filter_map(|p| parts_of(p, article.paragraphs.len())).collect();
    let paragraphs = match article.paragraphs.len() {
        0 | 1 => String::new(),
        many => format!(" {many}項"),
    };
    let parts = if parts.is_empty() { String::new() } else { format!(" {}", parts.join("、")) };
    let _ = writeln!(text, "  {}{caption}{paragraphs}{parts}", ordinal(article.number, '条'));
}

fn parts_of(paragraph: &ImportedParagraph, paragraphs: usize) -> Option<String> {
    let mut parts = Vec::new();
    if paragraph.has_proviso() {
        parts.push("ただし書".to_owned());
    }
    if !paragraph.items.is_empty() {
        parts.push(format!("{}号", paragraph.items.len()));
    }
    if !paragraph.tables.is_empty() {
        parts.push(format!("表{}", paragraph.tables.len()));
    }
    let of = if paragraphs > 1 { format!("第{}項: ", paragraph.number) } else { String::new() };
    (!parts.is_empty()).then(|| format!("{of}{}", parts.join("・")))
}

fn write_counts(text: &mut String, import: &Import) {
    let paragraphs = || import.articles.iter().flat_map(|article| &article.paragraphs);
    let items: usize = paragraphs().map(|paragraph| paragraph.items.len()).sum();
    let tables: usize = paragraphs().map(|paragraph| paragraph.tables.len()).sum();
    let _ = writeln!(
        text,
        "計 {}章 {}条 {}項 {items}号 表{tables} 附則{} 別表・様式{} 目次{}行 置けなかった行{}",
        import.chapters.len(),
        import.articles.len(),
        paragraphs().count(),
        import.supplements.len(),
        import.appendices.len(),
        import.contents.len(),
        import.unplaced.len(),
    );
}
