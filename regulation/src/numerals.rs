//! Numbers as the city's documents write them: 24, ２４, 二十四.

/// A character with full-width forms of ASCII made narrow, and the dashes that stand for `-`.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        '‐' | '‑' | '‒' | '–' | '−' => '-',
        _ => c,
    }
}

/// The value of an ASCII or full-width digit.
pub(crate) fn digit(c: char) -> Option<u32> {
    narrow(c).to_digit(10)
}

/// Whether the character is part of a kanji numeral.
pub(crate) fn is_kanji_numeral(c: char) -> bool {
    kanji_digit(c).is_some() || kanji_unit(c).is_some()
}

fn kanji_digit(c: char) -> Option<u32> {
    "〇一二三四五六七八九".chars().zip(0..).find_map(|(kanji, value)| (kanji == c).then_some(value))
}

fn kanji_unit(c: char) -> Option<u32> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

/// The number at the start of `text`, in digits or in kanji, and how many bytes it takes.
///
/// Saturates: what is too large stays too large. `None` when there is no number, or when the kanji are not a
/// number (二三十).
pub(crate) fn leading_number(text: &str) -> Option<(u32, usize)> {
    let first = text.chars().next()?;
    if digit(first).is_some() {
        let mut value = 0_u32;
        let mut length = 0;
        for c in text.chars() {
            let Some(next) = digit(c) else { break };
            value = value.saturating_mul(10).saturating_add(next);
            length += c.len_utf8();
        }
        return Some((value, length));
    }
    let length = text.chars().take_while(|c| is_kanji_numeral(*c)).map(char::len_utf8).sum();
    kanji(&text[..length]).map(|value| (value, length))
}

/// A whole number as people type it: `24`, `２４`, `二十四`. None of anything else.
pub fn number(text: &str) -> Option<u32> {
    let text = text.trim();
    leading_number(text).filter(|(_, length)| *length == text.len()).map(|(number, _)| number)
}

/// A number written in kanji only, either with units (二十四) or by digits (二四).
pub(crate) fn kanji(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    if !text.chars().any(|c| kanji_unit(c).is_some()) {
        return text
            .chars()
            .try_fold(0_u32, |value, c| Some(value.saturating_mul(10).saturating_add(kanji_digit(c)?)));
    }
    let (mut value, mut pending, mut last_unit) = (0_u32, None, u32::MAX);
    for c in text.chars() {
        if let Some(unit) = kanji_unit(c) {
            if unit >= last_unit || pending == Some(0) {
                return None;
            }
            value += pending.take().unwrap_or(1) * unit;
            last_unit = unit;
        } else {
            let next = kanji_digit(c)?;
            if pending.replace(next).is_some() {
                return None;
            }
        }
    }
    Some(value + pending.unwrap_or(0))
}

/// A number in kanji with units, for tests and for print: 二十四.
#[cfg(test)]
pub(crate) fn to_kanji(number: u32) -> String {
    let digits: Vec<char> = "〇一二三四五六七八九".chars().collect();
    let mut text = String::new();
    for (unit, mark) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        match number / unit % 10 {
            0 => {}
            1 if unit > 1 => text.push_str(mark),
            many => {
                text.push(digits[many as usize]);
                text.push_str(mark);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kanji_numerals_are_read_with_units_and_by_digits() {
        for (text, value) in
            [("七", 7), ("十", 10), ("二十四", 24), ("百一", 101), ("三〇", 30), ("千二百三十四", 1234)]
        {
            assert_eq!(kanji(text), Some(value), "{text}");
        }
        for wrong in ["", "二三十", "十百", "条", "〇十"] {
            assert_eq!(kanji(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn kanji_round_trip(number in 1_u32..=9999) {
            prop_assert_eq!(kanji(&to_kanji(number)), Some(number));
        }
    }
}
