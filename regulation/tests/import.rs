//! The splitter on an invented regulation with all the traps of real sources, and on a real one if given.

use proptest::prelude::*;
use regulation::Import;
use regulation::import::{ImportedArticle, ImportedItem, import};

const SAMPLE: &str = include_str!("samples/mizukagami.txt");

fn article<'a>(import: &'a Import, number: &str) -> &'a ImportedArticle {
    let found = import.articles.iter().find(|article| article.number.to_string() == number);
    assert!(
        found.is_some(),
        "第{number}条
{}",
        import.outline()
    );
    found.expect("asserted above")
}

#[test]
fn the_sample_is_split_as_a_person_would() {
    insta::assert_snapshot!(import(SAMPLE).outline());
}

#[test]
fn a_provision_at_the_start_of_a_broken_line_is_no_article() {
    let sample = import(SAMPLE);
    assert_eq!(
        article(&sample, "3").paragraphs[2].sentences[0].text,
        "管理者は、前条及び次の各条のほか、第9条第1項の鍵についても責任を負う。"
    );
    assert_eq!(
        article(&sample, "4").paragraphs[2].sentences[0].text,
        "前項の者は、第5条の貸出端末を使うときも、管理者が第5条 の例により、及び第6条 により決める様式に従う。"
    );
    assert_eq!(article(&sample, "5").paragraphs[0].sentences[0].text, "貸出端末は、窓口で貸す。");
}

#[test]
fn broken_lines_are_put_together_across_a_page() {
    let sample = import(SAMPLE);
    let texts: Vec<_> =
        article(&sample, "3").paragraphs[1].sentences.iter().map(|s| (s.proviso, s.text.as_str())).collect();
    assert_eq!(
        texts,
        [
            (false, "管理者は、総務課長とする。"),
            (true, "ただし、総務課長が長く不在となるときは、町長が別の者を充てる。"),
            (false, "この場合において、町長はその旨を掲示する。"),
        ]
    );
    assert!(sample.unplaced.iter().any(|line| line.text == "- 3 -"));
    assert_eq!(article(&sample, "6").paragraphs[1].sentences[0].text, "記録は、2 年以上残す。");
    assert_eq!(
        article(&sample, "7").paragraphs[0].sentences[0].text,
        "管理者は、簿冊を処分するときは、（町長の決裁を経た後に限る。）裁断する。"
    );
}

#[test]
fn a_row_goes_on_behind_an_empty_cell_and_an_empty_line() {
    let sample = import(SAMPLE);
    let table = &article(&sample, "4").paragraphs[0].tables[0];
    assert_eq!(
        table.rows,
        [
            ["区分", "方法"],
            ["甲種", "・管理者の許可を得る。・名札を着ける。"],
            ["乙種", "・窓口で名簿に記す。"],
        ]
    );
}

#[test]
fn items_may_have_items_below() {
    let sample = import(SAMPLE);
    let items = &article(&sample, "4").paragraphs[1].items;
    let below: Vec<&str> = items[1].items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!((items.len(), below), (3, vec!["総務課の職員", "管理者の代理"]));
    assert_eq!(
        article(&sample, "2").paragraphs[0].items[1].text,
        "貸出端末 書庫の目録を引く機器で、町が番号を付けたもの"
    );
}

#[test]
fn what_stands_behind_the_text_is_kept_apart() {
    let sample = import(SAMPLE);
    assert_eq!(
        sample.supplements[0].lines,
        ["1 この規程は、令和2年4月1日から施行する。", "2 書庫に関する従前の取決めは、廃止する。"]
    );
    assert_eq!(sample.supplements[1].title, "附則（令和5年訓令第2号）");
    assert_eq!(sample.appendices[0].title, "別表第1（第4条関係）");
}

#[test]
fn json_numbers_articles_as_the_regulation_does() {
    let json = serde_json::to_value(import(SAMPLE)).unwrap();
    let branch =
        json["articles"].as_array().unwrap().iter().find(|article| article["number"] == "6の2").unwrap();
    assert_eq!(branch["caption"], "点検");
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let lines = |text: &str| {
        let taken = import(text);
        let articles: Vec<usize> = taken.articles.iter().map(|article| article.line).collect();
        (articles, taken.unplaced.iter().map(|line| line.line).collect::<Vec<_>>())
    };
    assert_eq!(lines(&SAMPLE.replace('\n', "\r\n")), lines(SAMPLE));
    assert_eq!(lines(&SAMPLE.replace('\n', "\r")), lines(SAMPLE));
    let first = SAMPLE.lines().position(|line| line.starts_with("第1条")).unwrap() + 1;
    assert_eq!(lines(SAMPLE).0[0], first);
}

/// Every line of the source is somewhere: in the tree or among the unplaced.
#[test]
fn nothing_is_thrown_away() {
    let kept: String =
        serde_json::to_string(&import(SAMPLE)).unwrap().chars().filter(|c| !c.is_whitespace()).collect();
    for line in SAMPLE.lines().filter(|line| !line.trim().is_empty()) {
        let text = line.split('<').next().filter(|text| !text.trim().is_empty()).unwrap_or("名札を着ける。");
        let squeezed: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let end: String = squeezed[squeezed.len().saturating_sub(2)..].iter().collect();
        let is_number_alone = end.ends_with('条');
        assert!(is_number_alone || kept.contains(end.trim_end_matches(['）', ')'])), "{line}");
    }
}

/// What must not change when only the spacing, the width of digits or the breaking of lines does.
fn structure(import: &Import) -> Vec<String> {
    let squeeze =
        |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect() };
    fn items(list: &[ImportedItem], squeeze: &impl Fn(&str) -> String) -> String {
        list.iter()
            .map(|item| format!("({}){}{}", item.number, squeeze(&item.text), items(&item.items, squeeze)))
            .collect()
    }
    let mut lines: Vec<String> =
        import.chapters.iter().map(|c| format!("{} {}", c.number, squeeze(&c.title))).collect();
    for article in &import.articles {
        lines.push(format!(
            "{} {:?} {:?}",
            article.number,
            article.caption.as_deref().map(squeeze),
            article.chapter
        ));
        for paragraph in &article.paragraphs {
            let sentences: Vec<_> = paragraph
                .sentences
                .iter()
                .map(|s| format!("{}{}", u8::from(s.proviso), squeeze(&s.text)))
                .collect();
            let tables: Vec<String> =
                paragraph.tables.iter().map(|t| squeeze(&t.rows.concat().join("/"))).collect();
            lines.push(format!(
                "{} {sentences:?} {} {tables:?}",
                paragraph.number,
                items(&paragraph.items, &squeeze)
            ));
        }
    }
    lines.extend(
        import.supplements.iter().map(|block| squeeze(&format!("{} {}", block.title, block.lines.join("/")))),
    );
    lines.push(format!("contents {}", import.contents.len()));
    lines
}

fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn wide(c: char) -> char {
    if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c }
}

/// Writes the sample again as another source might: the choices come from `chance`.
fn rewritten(chance: &[u8], break_lines: bool) -> String {
    let mut chance = chance.iter().copied().cycle();
    let mut pick = |of: u8| chance.next().unwrap_or(0) % of;
    let mut text = String::new();
    for line in SAMPLE.lines() {
        let table = line.contains('\t') || line.contains('<') || line.contains("- 3 -");
        let breakable = break_lines && !table && line.chars().count() > 24;
        let mut last = ' ';
        for (index, c) in line.chars().enumerate() {
            let written = match c {
                ' ' | '\u{3000}' if !table => {
                    [" ", "\u{3000}", "  ", " \u{3000}"][usize::from(pick(4))].to_owned()
                }
                '第' if index == 0 && pick(2) == 0 => "第 ".to_owned(),
                '(' | '（' => ["(", "（"][usize::from(pick(2))].to_owned(),
                ')' | '）' => [")", "）"][usize::from(pick(2))].to_owned(),
                c if pick(2) == 0 => wide(c).to_string(),
                c => narrow_digit(c).to_string(),
            };
            let middle = index > 16 && last.is_alphabetic() && c.is_alphabetic();
            if breakable && middle && pick(12) == 0 {
                text.push('\n');
            }
            text.push_str(&written);
            last = c;
        }
        text.push_str(["", " ", "\u{3000}", "\t"][usize::from(pick(if table { 1 } else { 4 }))]);
        text.push_str(["\n", "\r\n"][usize::from(pick(2))]);
    }
    text
}

fn narrow_digit(c: char) -> char {
    if ('０'..='９').contains(&c) { narrow(c) } else { c }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spacing_width_and_breaks_change_nothing(chance in proptest::collection::vec(any::<u8>(), 1..400), breaks: bool) {
        let written = rewritten(&chance, breaks);
        let (found, wanted) = (structure(&import(&written)), structure(&import(SAMPLE)));
        let first = found.iter().zip(&wanted).find(|(found, wanted)| found != wanted);
        prop_assert!(first.is_none() && found.len() == wanted.len(), "{:#?}\n{}", first, written);
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,400}") {
        let _ = import(&text).outline();
    }

    /// Text made of what the splitter looks for, in any order.
    #[test]
    fn any_order_of_marks_is_taken(parts in proptest::collection::vec(
        prop_oneof![
            "第[0-9０-９一二十]{0,3}(条|章|項|号|節)?(の[0-9二]+)?", "[（(][0-9ア一趣旨]{0,3}[）)]", "[ \t　\n\r]{1,2}",
            "附則|別表|目次|ただし|削除|から|まで|。|、|<li>|</p|<|[|]|- |①|⑴", "[0-9０-９]{1,6}", "\\PC{0,6}",
        ], 0..80)) {
        let text = parts.concat();
        let taken = import(&text);
        let _ = taken.outline();
        prop_assert!(serde_json::to_string(&taken).is_ok());
        let numbers: Vec<_> = taken.articles.iter().map(|article| article.number).collect();
        prop_assert!(numbers.is_sorted() , "{:?}", numbers);
    }
}

/// With `SEKISHO_REAL_REGULATION` naming the text of 平成14年所沢市訓令第15号, its known counts are found.
#[test]
fn the_real_text_is_split_as_it_is_known_to_be() {
    let Ok(path) = std::env::var("SEKISHO_REAL_REGULATION") else {
        eprintln!("SEKISHO_REAL_REGULATION is not set: the sample alone was tried");
        return;
    };
    let real = import(&std::fs::read_to_string(path).unwrap());
    assert_eq!((real.chapters.len(), real.articles.len()), (10, 30), "{}", real.outline());
    assert!(real.articles.iter().all(|article| article.caption.is_some() && article.chapter.is_some()));
    let profile = regulation::Profile::load(&regulation::embedded("tokorozawa-2002").unwrap()).unwrap();
    for (imported, ours) in real.articles.iter().zip(profile.articles()) {
        assert_eq!(imported.number, ours.number);
        assert_eq!(imported.caption.as_deref(), Some(ours.caption.as_str()));
        assert_eq!(imported.paragraphs.len(), usize::from(ours.paragraphs), "第{}条", ours.number);
        assert_eq!(imported.chapter.map(|index| index + 1), Some(usize::from(ours.chapter)));
    }
    let council = &article(&real, "7").paragraphs;
    assert_eq!((council.len(), council[1].items.len(), council[2].items.len()), (6, 6, 5));
    let provisos: Vec<bool> =
        council.iter().map(regulation::import::ImportedParagraph::has_proviso).collect();
    assert_eq!(provisos, [false, false, false, true, false, false]);
    let rooms = &article(&real, "9").paragraphs;
    assert_eq!(
        rooms.iter().map(|p| p.tables.iter().map(|t| t.rows.len()).collect()).collect::<Vec<Vec<_>>>(),
        [[3], [3]]
    );
    assert_eq!(article(&real, "24").paragraphs[0].items.len(), 9);
    assert_eq!((real.supplements.len(), real.supplements[0].lines.len()), (1, 1));
    assert_eq!((real.contents.len(), real.unplaced.len()), (12, 6), "{}", real.outline());
}
