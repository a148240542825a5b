//! The shadow of a name: what search compares, so that 髙 is found by 高 and ﾜﾀﾅﾍﾞ by わたなべ.
//!
//! A shadow is never shown and never written back: the name itself keeps its code points.

use unicode_normalization::UnicodeNormalization as _;

use crate::limits;

/// Variant forms that neither NFKC nor dropping the selectors brings together, each after the form it is found
/// by. Own table of forms common in surnames; what is missing is only not found by its sister form.
const VARIANTS: &[(char, &str)] = &[
    ('高', "髙"),
    ('崎', "﨑碕嵜埼"),
    ('辺', "邊邉"),
    ('吉', "𠮷"),
    ('斎', "齋齊斉"),
    ('浜', "濵濱"),
    ('沢', "澤"),
    ('広', "廣"),
    ('国', "國囯"),
    ('島', "嶋嶌"),
    ('富', "冨"),
    ('桜', "櫻"),
    ('滝', "瀧"),
    ('竜', "龍"),
    ('塩', "鹽"),
    ('関', "關"),
    ('黒', "黑"),
    ('円', "圓"),
    ('真', "眞"),
    ('万', "萬"),
    ('与', "與"),
    ('会', "會"),
    ('徳', "德"),
    ('恵', "惠"),
    ('栄', "榮"),
    ('実', "實"),
    ('寿', "壽"),
    ('静', "靜"),
    ('蔵', "藏"),
    ('荘', "莊"),
    ('将', "將"),
    ('条', "條"),
    ('礼', "禮"),
    ('横', "橫"),
    ('増', "增"),
    ('曽', "曾"),
    ('芦', "蘆"),
    ('桑', "桒"),
    ('橋', "槗"),
    ('柳', "栁"),
    ('館', "舘"),
    ('遥', "遙"),
    ('渓', "溪"),
    ('穂', "穗"),
    ('薮', "藪"),
    ('桧', "檜"),
    ('鉄', "鐵"),
    ('浅', "淺"),
    ('厳', "嚴"),
    ('帯', "帶"),
    ('弥', "彌"),
    ('戸', "戶"),
    ('歩', "步"),
    ('浄', "淨"),
    ('満', "滿"),
    ('祢', "禰"),
    ('緑', "綠"),
    ('清', "淸"),
    ('豊', "豐"),
    ('頼', "賴"),
    ('亀', "龜"),
];

/// What a name is searched by: compatibility forms unified, variation selectors and spaces dropped, variant
/// kanji folded, letters in upper case.
pub fn name(text: &str) -> String {
    plain(text).map(fold).collect()
}

/// What a reading is searched by: full-width katakana without spaces. Small kana stay small.
pub fn kana(text: &str) -> String {
    plain(text).map(katakana).collect()
}

/// Dropped twice: before, so that a mark between two characters does not keep them from being composed; after,
/// because some compatibility forms hold a space.
fn plain(text: &str) -> impl Iterator<Item = char> {
    let kept = text.chars().filter(|character| !is_dropped(*character));
    kept.nfkc().filter(|character| !is_dropped(*character)).flat_map(char::to_uppercase)
}

/// The part of what was typed that is searched for.
pub(crate) fn typed(text: &str) -> String {
    text.chars().take(limits::QUERY_CHARS).collect()
}

fn is_dropped(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{200B}'..='\u{200D}')
}

fn fold(character: char) -> char {
    // Few names have one of these; almost all characters are below or above the table's and fail fast.
    VARIANTS.iter().find(|(_, variants)| variants.contains(character)).map_or(character, |(base, _)| *base)
}

fn katakana(character: char) -> char {
    match character {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(character as u32 + 0x60).unwrap_or(character),
        '-' | '‐' | '‑' | '–' | '—' | '―' | '−' => 'ー',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variants_meet_their_common_form() {
        let pairs = [
            ("髙橋", "高橋"),
            ("山﨑", "山崎"),
            ("渡邉\u{E0100}　花子", "渡辺花子"),
            ("渡邊", "渡辺"),
            ("𠮷田", "吉田"),
            ("齋藤", "斎藤"),
            ("齊藤", "斉藤"),
            ("濵田", "浜田"),
            ("濱田", "浜田"),
            ("澤田", "沢田"),
            ("廣瀬", "広瀬"),
            ("國分", "国分"),
            ("辻\u{E0101}", "辻"),
            ("ＳＭＩＴＨ Ｊｏｈｎ", "smith john"),
        ];
        for (entered, searched) in pairs {
            assert_eq!(name(entered), name(searched), "{entered}");
        }
        assert_ne!(name("田中"), name("中田"));
    }

    #[test]
    fn readings_meet_in_full_width_katakana() {
        for text in ["わたなべ　はなこ", "ﾜﾀﾅﾍﾞ ﾊﾅｺ", "ワタナベハナコ", "ワタナヘ\u{3099} ハナコ"]
        {
            assert_eq!(kana(text), "ワタナベハナコ", "{text}");
        }
        assert_eq!(kana("きょうこ"), "キョウコ");
        assert_ne!(kana("キヨウコ"), kana("キョウコ"));
        assert_eq!(kana("ｼﾞｮｰﾝ"), "ジョーン");
    }

    #[test]
    fn no_form_is_folded_to_one_that_is_folded_itself() {
        for (base, variants) in VARIANTS {
            assert!(variants.chars().all(|variant| fold(variant) == fold(*base)), "{base}");
        }
    }

    proptest! {
        #[test]
        fn selectors_and_spaces_never_matter(text in "[一-龥ァ-ヶa-zA-Zｦ-ﾟ]{0,20}") {
            let scattered: String = text.chars().flat_map(|c| [c, '\u{E0101}', '　']).collect();
            let plain: String = text.chars().collect();
            prop_assert_eq!(name(&scattered), name(&plain));
        }

        #[test]
        fn any_text_has_a_shadow(text in ".*") {
            let _ = (name(&text), kana(&text));
        }
    }
}
