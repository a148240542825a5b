//! How much of a password a stranger would have to guess.
//!
//! The password is cut into guessable parts and single characters in the way that leaves the fewest pieces: each
//! part (a common word, a run of a keyboard row, a date, …) counts as one, each other character as one. What
//! `Tokor0zawa!2026` comes to is then three: the city, the mark, the year.

use super::words::{COMMON, KEYBOARD};

/// What makes a part guessable. In the order in which it is told, most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuessablePart {
    /// The person's id or name, the city, the work.
    OwnWord,
    /// A word or password that many use.
    Common,
    /// Characters at even steps: `1234`, `fedcba`, `2468`.
    Sequence,
    /// A run along the keys.
    Keyboard,
    /// A year or a date.
    Date,
    /// Something that stood before in the same password.
    Repeat,
}

pub(super) struct Found {
    /// Pieces in the best cut.
    pub(super) left: usize,
    /// The most telling guessable part of it.
    pub(super) worst: Option<GuessablePart>,
}

/// Shortest run that counts as one part.
const RUN_MIN: usize = 3;

/// A part that begins somewhere: what it is and its length in characters.
type Part = (GuessablePart, usize);

pub(super) fn look(text: &str, own: &[&str], blocklist: bool) -> Found {
    let text = fold(text);
    let own: Vec<Vec<char>> = own.iter().flat_map(|word| spellings(word)).collect();
    // best[i]: fewest pieces of the first i characters, and the last of these pieces.
    let mut best: Vec<(usize, Option<Part>)> = vec![(usize::MAX, None); text.len() + 1];
    best[0] = (0, None);
    for start in 0..text.len() {
        let pieces = best[start].0 + 1;
        let mut offer = |length: usize, part: Option<Part>| {
            let place = &mut best[start + length];
            let told = |part: Option<Part>| part.map(|(what, _)| what);
            // Of equal cuts the one with the more telling part.
            let better =
                pieces < place.0 || (pieces == place.0 && part.is_some() && told(part) < told(place.1));
            if better {
                *place = (pieces, part);
            }
        };
        offer(1, None);
        let mut part = |what, length| offer(length, Some((what, length)));
        for word in &own {
            if starts(&text[start..], word) {
                part(GuessablePart::OwnWord, word.len());
            }
        }
        if blocklist {
            common_parts(&text, start, &mut part);
        }
    }
    summary(&best)
}

/// Walks the best cut back.
fn summary(best: &[(usize, Option<Part>)]) -> Found {
    let mut worst: Option<GuessablePart> = None;
    let mut end = best.len() - 1;
    while end > 0 {
        match best[end].1 {
            Some((what, length)) => {
                worst = Some(worst.map_or(what, |so_far| so_far.min(what)));
                end -= length;
            }
            None => end -= 1,
        }
    }
    Found { left: best[best.len() - 1].0, worst }
}

fn common_parts(text: &[char], start: usize, part: &mut impl FnMut(GuessablePart, usize)) {
    let rest = &text[start..];
    for word in COMMON {
        let length = word.chars().count();
        if rest.len() >= length && word.chars().zip(rest).all(|(letter, &typed)| alike(letter, typed)) {
            part(GuessablePart::Common, length);
        }
    }
    each_run(repeat(text, start), GuessablePart::Repeat, part);
    each_run(sequence(rest), GuessablePart::Sequence, part);
    for row in KEYBOARD {
        each_run(along(rest, row), GuessablePart::Keyboard, part);
    }
    for length in dates(rest) {
        part(GuessablePart::Date, length);
    }
}

/// A run may be cut short where the next part begins.
fn each_run(longest: usize, what: GuessablePart, part: &mut impl FnMut(GuessablePart, usize)) {
    for length in RUN_MIN..=longest {
        part(what, length);
    }
}

/// How much of `text[start..]` stood before it, overlapping allowed: `aaaa` is an `a` and its repetition.
fn repeat(text: &[char], start: usize) -> usize {
    let same = |from: usize| text[from..].iter().zip(&text[start..]).take_while(|(a, b)| a == b).count();
    (0..start).map(same).max().unwrap_or(0)
}

/// How far characters go up or down at one even step of at most two. Hiragana of one row stand two apart.
fn sequence(rest: &[char]) -> usize {
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let Some(first) = rest.windows(2).next().map(step) else {
        return rest.len();
    };
    if first == 0 || first.abs() > 2 {
        return 1;
    }
    1 + rest.windows(2).take_while(|&pair| step(pair) == first).count()
}

/// How far `rest` follows `row`, in either direction.
fn along(rest: &[char], row: &str) -> usize {
    let follow = |row: &[char]| {
        (0..row.len())
            .map(|from| row[from..].iter().zip(rest).take_while(|(a, b)| a == b).count())
            .max()
            .unwrap_or(0)
    };
    let forward: Vec<char> = row.chars().collect();
    let backward: Vec<char> = row.chars().rev().collect();
    follow(&forward).max(follow(&backward))
}

/// Lengths of the years and dates that `rest` begins with: 1985, 0401, 850401, 19850401.
fn dates(rest: &[char]) -> Vec<usize> {
    let digits: Vec<u32> = rest.iter().take(8).map_while(|c| c.to_digit(10)).collect();
    let number = |from: usize, to: usize| digits[from..to].iter().fold(0, |sum, digit| sum * 10 + digit);
    let year = |from: usize| (1900..2100).contains(&number(from, from + 4));
    let day = |from: usize| {
        (1..=12).contains(&number(from, from + 2)) && (1..=31).contains(&number(from + 2, from + 4))
    };
    let mut lengths = Vec::new();
    if digits.len() >= 4 && (year(0) || day(0)) {
        lengths.push(4);
    }
    if digits.len() >= 6 && day(2) {
        lengths.push(6);
    }
    if digits.len() >= 8 && year(0) && day(4) {
        lengths.push(8);
    }
    lengths
}

/// Lower case, and katakana as hiragana: the eye and the guesser make no difference.
fn fold(text: &str) -> Vec<char> {
    let kana = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    };
    text.chars().flat_map(char::to_lowercase).map(kana).collect()
}

/// An own word as a whole and the words that it is made of. One character alone is no word.
fn spellings(word: &str) -> Vec<Vec<char>> {
    use unicode_normalization::UnicodeNormalization;
    let normal: String = word.nfkc().collect();
    let joined: String = normal.split_whitespace().collect();
    let mut all: Vec<&str> = normal.split_whitespace().collect();
    all.extend([normal.as_str(), joined.as_str()]);
    let long_enough =
        |word: &Vec<char>| word.len() >= if word.iter().all(char::is_ascii) { RUN_MIN } else { 2 };
    all.into_iter().map(fold).filter(long_enough).collect()
}

fn starts(rest: &[char], word: &[char]) -> bool {
    rest.len() >= word.len() && word.iter().zip(rest).all(|(&letter, &typed)| alike(letter, typed))
}

/// Whether somebody may have typed `typed` for `letter`: `0` for `o`, `@` for `a`.
fn alike(letter: char, typed: char) -> bool {
    let stands_for = match typed {
        '0' => "o",
        '1' | '!' | '|' => "il",
        '3' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '7' | '+' => "t",
        '8' => "b",
        '9' => "g",
        _ => "",
    };
    letter == typed || stands_for.contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> usize {
        look(text, &["所沢", "shiken hanako"], true).left
    }

    #[test]
    fn each_guessable_part_counts_once() {
        assert_eq!(left(""), 0);
        assert_eq!(left("vx"), 2);
        assert_eq!(left("password"), 1);
        assert_eq!(left("password2026"), 2);
        assert_eq!(left("p4$$w0rd!"), 2);
        assert_eq!(left("vxkvxk"), 4); // v x k, and all of it again
        assert_eq!(left("kkkkkkkkkk"), 2);
        assert_eq!(left("9876"), 1);
        assert_eq!(left("19850401"), 1);
        assert_eq!(left("所沢hanako"), 2);
    }

    #[test]
    fn a_longest_run_gives_way_where_that_is_the_better_cut() {
        // `2345` would be a sequence, but `123` and the year are fewer pieces than `12345` and the rest.
        assert_eq!(left("1232024"), 2);
    }

    #[test]
    fn the_words_can_be_found() {
        for word in COMMON {
            let folded: String = fold(word).into_iter().collect();
            assert_eq!(&folded, word, "words stand as they are compared");
            assert_eq!(left(word), 1, "{word}");
        }
        let distinct: std::collections::BTreeSet<_> = COMMON.iter().collect();
        assert_eq!(distinct.len(), COMMON.len());
    }
}
