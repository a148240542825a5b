use super::*;
use crate::numerals::to_kanji;
use proptest::prelude::*;

fn cite(text: &str) -> Citation {
    text.parse().unwrap_or_else(|error: CitationError| panic!("{}", error.japanese()))
}

#[test]
fn both_forms_name_the_same_place() {
    for (short, japanese) in [
        ("7", "第7条"),
        ("7但", "第7条ただし書"),
        ("7-4", "第7条第4項"),
        ("7-4但", "第7条第4項ただし書"),
        ("9の2-3", "第9条の2第3項"),
        ("9の2の3", "第9条の2の3"),
        ("7-3(1)", "第7条第3項第1号"),
        ("7-3(1の2)", "第7条第3項第1号の2"),
        ("7-3(1)但", "第7条第3項第1号ただし書"),
        ("16(1)", "第16条第1号"),
        ("9-2 L2", "第9条第2項の表レベル2の項"),
        ("9-2表3", "第9条第2項の表3の項"),
        ("9表3", "第9条の表3の項"),
    ] {
        assert_eq!(cite(short), cite(japanese), "{short}");
        assert_eq!(cite(short).to_string(), short);
        assert_eq!(cite(short).japanese(), japanese);
    }
}

#[test]
fn a_city_may_write_its_numbers_in_other_ways() {
    for (text, short) in [
        ("第七条第四項", "7-4"),
        ("第十条", "10"),
        ("第二十四条", "24"),
        ("第２４条第３号", "24(3)"),
        ("第 17 条", "17"),
        ("７－４但し書", "7-4但"),
        ("第九条の二第三項", "9の2-3"),
        ("第9条第2項の表のレベル２の項", "9-2 L2"),
        ("9-2L2", "9-2 L2"),
        ("第七条第四項ただし書き", "7-4但"),
    ] {
        assert_eq!(cite(text).to_string(), short, "{text}");
    }
}

#[test]
fn what_is_not_a_citation_is_explained() {
    for (text, says) in [
        ("", "何も書かれていません"),
        ("第条", "条の番号がありません"),
        ("第7", "「条」がありません"),
        ("0", "番号ではありません"),
        ("第70000条", "番号ではありません"),
        ("7-", "項の番号がありません"),
        ("7-3(1", "「)」がありません"),
        ("第7条第3", "「号」がありません"),
        ("第9条第2項の表レベル2", "「の項」がありません"),
        ("7-4本文", "「本文」が余分です"),
        ("9の1の2の3", "余分です"),
        ("統括責任者", "条の番号がありません"),
    ] {
        let error = text.parse::<Citation>().expect_err(text);
        assert!(error.japanese().contains(says), "{text}: {}", error.japanese());
        assert!(error.to_string().contains(text));
    }
}

#[test]
fn a_place_contains_its_parts() {
    assert!(cite("7").contains(cite("7-3(1)")));
    assert!(cite("7-4").contains(cite("7-4但")));
    assert!(cite("7-3(1)").contains(cite("7-3(1)但")));
    assert!(!cite("7-4但").contains(cite("7-4")));
    assert!(!cite("7-3").contains(cite("7-4")));
    assert!(!cite("16(1)").contains(cite("16-1(1)")));
    assert!(!cite("7").contains(cite("7の2")));
}

#[test]
fn the_order_is_that_of_the_regulation() {
    let ordered = [
        "2(1)",
        "3",
        "3-2",
        "7",
        "7-3",
        "7-3(1)",
        "7-3(1)但",
        "7-3(1の2)",
        "7-3(2)",
        "7-3(10)",
        "7-4",
        "7-4但",
        "7-5",
        "7の2",
        "7の2-1",
        "7の2の2",
        "7の3",
        "9-2",
        "9-2 L2",
        "9-2 L1",
        "9-2表1",
        "9-2表2",
        "10",
    ];
    let mut sorted: Vec<Citation> = ordered.iter().rev().map(|text| cite(text)).collect();
    sorted.sort();
    assert_eq!(sorted.iter().map(Citation::to_string).collect::<Vec<_>>(), ordered);
}

#[test]
fn json_holds_the_short_id() {
    let json = serde_json::to_string(&cite("第7条第4項ただし書")).unwrap();
    assert_eq!(json, "\"7-4但\"");
    assert_eq!(serde_json::from_str::<Citation>(&json).unwrap(), cite("7-4但"));
    assert!(serde_json::from_str::<Citation>("\"x\"").is_err());
}

fn number() -> impl Strategy<Value = Number> {
    (1_u16..=limits::NUMBER, 0_u16..=3, 0_u16..=3).prop_map(|(main, branch, second)| {
        let number = Number::new(main).unwrap();
        let number = number.branched(branch).unwrap_or(number);
        if branch == 0 { number } else { number.branched(second).unwrap_or(number) }
    })
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        Just(Part::Whole),
        Just(Part::Proviso),
        (number(), any::<bool>()).prop_map(|(number, proviso)| Part::Item { number, proviso }),
        (1_u16..=9).prop_map(|level| Part::Row(Row::Level(level))),
        (1_u16..=limits::NUMBER).prop_map(|row| Part::Row(Row::Numbered(row))),
    ]
}

fn any_citation() -> impl Strategy<Value = Citation> {
    (number(), proptest::option::of(1_u16..=limits::NUMBER), part())
        .prop_map(|(article, paragraph, part)| Citation { article, paragraph, part })
}

/// What a reader would sort by: where the place stands in the text, level by level.
fn position(c: Citation) -> [u32; 8] {
    let (rank, item, row, proviso) = match c.part {
        Part::Whole => (0, None, 0, 0),
        Part::Proviso => (1, None, 0, 0),
        Part::Item { number, proviso } => (2, Some(number), 0, u32::from(proviso)),
        Part::Row(Row::Level(level)) => (3, None, 100 - u32::from(level), 0),
        Part::Row(Row::Numbered(number)) => (4, None, u32::from(number), 0),
    };
    let flat = |n: Number| (u32::from(n.main) * 16 + u32::from(n.branch)) * 16 + u32::from(n.second);
    let paragraph = c.paragraph.map_or(0, u32::from);
    [flat(c.article), paragraph, rank, item.map_or(0, flat), row, proviso, 0, 0]
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(citation in any_citation()) {
        prop_assert_eq!(cite(&citation.to_string()), citation);
        prop_assert_eq!(cite(&citation.japanese()), citation);
    }

    #[test]
    fn kanji_and_full_width_digits_mean_the_same(citation in any_citation()) {
        let wide: String = citation.japanese().chars()
            .map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0xFF10 + d).unwrap_or(c))).collect();
        prop_assert_eq!(cite(&wide), citation);
        let mut in_kanji = String::new();
        let japanese = citation.japanese();
        let mut rest = japanese.as_str();
        while let Some(first) = rest.chars().next() {
            if first.is_ascii_digit() {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                in_kanji.push_str(&to_kanji(rest[..end].parse().unwrap()));
                rest = &rest[end..];
            } else {
                in_kanji.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        prop_assert_eq!(cite(&in_kanji), citation, "{}", in_kanji);
    }

    #[test]
    fn order_is_position(a in any_citation(), b in any_citation()) {
        prop_assert_eq!(a.cmp(&b), position(a).cmp(&position(b)));
    }

    #[test]
    fn any_text_is_read_or_explained(text in "\\PC{0,40}") {
        if let Err(error) = text.parse::<Citation>() {
            prop_assert!(!error.japanese().is_empty());
        }
    }
}
