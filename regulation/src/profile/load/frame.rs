//! profile.toml: which regulation it is, its chapters and articles, the readings taken.

use jiff::civil::Date;

use super::super::reader::{Node, Placed};
use super::super::{Article, Chapter, Interpretation, ProfileId};
use super::{Known, demands};
use crate::{Citation, Number, Row, limits};

const COUNT: std::ops::RangeInclusive<i64> = 1..=limits::NUMBER as i64;

/// What names the regulation.
pub(super) struct Frame {
    pub(super) id: ProfileId,
    pub(super) municipality: String,
    pub(super) municipality_code: String,
    pub(super) title: String,
    pub(super) law_number: String,
    pub(super) in_force: Date,
    pub(super) until: Option<Date>,
}

pub(super) fn read(root: &Node<'_>, known: &mut Known) -> Option<Frame> {
    let (id, municipality, code) =
        (root.code("id"), root.text("municipality"), root.text("municipality-code"));
    let (title, law_number) = (root.text("title"), root.text("law-number"));
    let (in_force, until) = (root.day("in-force"), root.optional_day("until"));
    if let (Some(from), Some(until)) = (&in_force, &until)
        && until.value < from.value
    {
        root.fault("until", "廃止日が施行日より前です", "until を in-force 以後の日にしてください");
    }
    if let Some(code) = code.as_ref().filter(|code| !is_municipality_code(&code.value)) {
        let what = format!("「{}」は全国地方公共団体コードではありません", code.value);
        root.faults.note(&code.place, what, "検査数字を含む6桁の数字を確かめてください");
    }
    known.chapters = Some(chapters(root));
    known.articles = Some(articles(root, known));
    Some(Frame {
        id: ProfileId(id?.value),
        municipality: municipality?.value,
        municipality_code: code?.value,
        title: title?.value,
        law_number: law_number?.value,
        in_force: in_force?.value,
        until: until.map(|until| until.value),
    })
}

/// Six digits of which the last is 11 − (6a+5b+4c+3d+2e mod 11), its last digit.
fn is_municipality_code(code: &str) -> bool {
    let digits: Option<Vec<u32>> = code.chars().map(|c| c.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        let sum: u32 = digits.iter().zip([6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
        digits.len() == 6 && digits[5] == (11 - sum % 11) % 10
    })
}

fn chapters(root: &Node<'_>) -> Vec<(Chapter, super::Place)> {
    let mut chapters = Vec::new();
    for node in root.tables("chapters") {
        let (number, title) = (node.number("number", COUNT).and_then(small), node.text("title"));
        if number.is_some_and(|number| usize::from(number) != chapters.len() + 1) {
            node.fault("number", "章の番号が続いていません", format!("第{}章です", chapters.len() + 1));
        }
        if let (Some(number), Some(title)) = (number, title) {
            chapters.push((Chapter { number, title: title.value }, node.place.clone()));
        }
        node.finish();
    }
    chapters
}

fn small(number: i64) -> Option<u16> {
    u16::try_from(number).ok()
}

fn articles(root: &Node<'_>, known: &Known) -> Vec<(Article, super::Place)> {
    let mut articles: Vec<(Article, super::Place)> = Vec::new();
    for node in root.tables("articles") {
        if let Some(article) = article(&node) {
            if let Some((last, _)) = articles.last().filter(|(last, _)| last.number >= article.number) {
                let what = format!("第{}条が第{}条の後にあります", article.number, last.number);
                node.fault("number", what, "条の順に並べ、同じ条は一つにしてください");
            }
            let in_order = articles.last().is_none_or(|(last, _)| last.chapter <= article.chapter);
            let chapters = known.chapters.as_deref().unwrap_or_default();
            if !in_order || !chapters.iter().any(|(chapter, _)| chapter.number == article.chapter) {
                node.fault(
                    "chapter",
                    format!("第{}条の章が正しくありません", article.number),
                    "章の番号を確かめてください",
                );
            }
            articles.push((article, node.place.clone()));
        }
        node.finish();
    }
    articles
}

fn article(node: &Node<'_>) -> Option<Article> {
    let (number, caption) = (node.text("number"), node.text("caption"));
    let chapter = node.number("chapter", COUNT).and_then(small);
    let paragraphs = node.optional_number("paragraphs", COUNT).map_or(Some(1), small)?;
    let number = article_number(node, number);
    let within = |paragraph: u16| (1..=paragraphs).contains(&paragraph);
    let outside = |key| node.fault(key, "この条にない項です", format!("項は1から{paragraphs}までです"));

    let mut items = Vec::new();
    for (paragraph, count) in node.pairs("items") {
        match (paragraph.value.parse(), count.as_integer().and_then(small)) {
            (Ok(paragraph), Some(count)) if within(paragraph) && count > 0 => items.push((paragraph, count)),
            _ => outside("items"),
        }
    }
    let provisos: Vec<u16> = node.numbers("provisos").into_iter().filter_map(small).collect();
    if !provisos.iter().copied().all(within) {
        outside("provisos");
    }
    let mut rows = Vec::new();
    for (paragraph, names) in node.pairs("tables") {
        let names = names.as_array().into_iter().flatten();
        for row in names.map(|name| name.as_str().and_then(row)) {
            match (paragraph.value.parse(), row) {
                (Ok(paragraph), Some(row)) if within(paragraph) => rows.push((paragraph, row)),
                _ => node.fault(
                    "tables",
                    "表の項が読めません",
                    "{ 項 = [\"L2\", \"表1\"] } のように書いてください",
                ),
            }
        }
    }
    Some(Article {
        number: number?,
        caption: caption?.value,
        chapter: chapter?,
        paragraphs,
        items,
        provisos,
        rows,
    })
}

fn article_number(node: &Node<'_>, written: Option<Placed<String>>) -> Option<Number> {
    let written = written?;
    let place: Option<Citation> = written.value.parse().ok();
    let number = place.filter(|place| *place == Citation::of(place.article())).map(Citation::article);
    if number.is_none() {
        let what = format!("「{}」は条の番号ではありません", written.value);
        node.faults.note(&written.place, what, "\"9\" や \"9の2\" のように書いてください");
    }
    number
}

fn row(name: &str) -> Option<Row> {
    let place: Citation = format!("1 {name}").parse().ok()?;
    place.row()
}

pub(super) fn interpretations(root: &Node<'_>, known: &Known) -> Vec<Interpretation> {
    let mut interpretations = Vec::new();
    for node in root.tables("interpretations") {
        let (citation, question) = (node.citation("citation"), node.text("question"));
        let (reading, reason) = (node.text("reading"), node.text("reason"));
        if let Some(cited) = &citation {
            known.check_place(node.faults, cited);
        }
        let by = demands::means(&node, "by", known);
        if let (Some(citation), Some(question), Some(reading), Some(reason)) =
            (citation, question, reading, reason)
        {
            let (question, reading, reason) = (question.value, reading.value, reason.value);
            interpretations.push(Interpretation { citation: citation.value, question, reading, reason, by });
        }
        node.finish();
    }
    interpretations
}
