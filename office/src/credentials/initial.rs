//! Passwords that are handed over: easy to read aloud and to type, replaced by the person at the first sign-in.

use super::password::Password;
use zeroize::Zeroizing;

/// Syllables that are written in one way only when heard: no `shi`/`si`, `tsu`/`tu`, `fu`/`hu`, `ji`/`zi`, no `l`.
const SYLLABLES: &[&str] = &[
    "ka", "ki", "ku", "ke", "ko", "sa", "su", "se", "so", "ta", "te", "to", "na", "ni", "nu", "ne", "no",
    "ha", "hi", "he", "ho", "ma", "mi", "mu", "me", "mo", "ya", "yu", "yo", "ra", "ri", "ru", "re", "ro",
    "wa", "ga", "gi", "gu", "ge", "go", "za", "ze", "zo", "da", "de", "do", "ba", "bi", "bu", "be", "bo",
    "pa", "pi", "pu", "pe", "po",
];
const GROUPS: usize = 4;
const SYLLABLES_PER_GROUP: usize = 3;

/// Four groups of three syllables, as in `kamone-tarusa-hoyuke-minato`: 56¹², about 69 bits. `random` fills a
/// buffer with random bytes.
pub fn initial_password(mut random: impl FnMut(&mut [u8])) -> Password {
    // Bytes from here on would make the first syllables likelier than the others.
    let fair = 256 - 256 % SYLLABLES.len();
    let mut text = String::with_capacity(GROUPS * (SYLLABLES_PER_GROUP * 2 + 1));
    let mut byte = Zeroizing::new([0u8]);
    for place in 0..GROUPS * SYLLABLES_PER_GROUP {
        if place > 0 && place % SYLLABLES_PER_GROUP == 0 {
            text.push('-');
        }
        loop {
            random(byte.as_mut_slice());
            let drawn = usize::from(byte[0]);
            if drawn < fair {
                text.push_str(SYLLABLES[drawn % SYLLABLES.len()]);
                break;
            }
        }
    }
    Password::new(text)
}

/// [`initial_password`] from the operating system's generator.
pub fn fresh_initial_password() -> Result<Password, getrandom::Error> {
    let mut failed = None;
    let password = initial_password(|buffer| {
        if let Err(error) = getrandom::fill(buffer) {
            failed = Some(error);
            buffer.fill(0); // ends the drawing; the password is thrown away below
        }
    });
    failed.map_or(Ok(password), Err)
}

#[cfg(test)]
mod tests {
    use super::super::{About, PasswordRules};
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn it_is_four_groups_and_passes_the_rules() {
        let rules = PasswordRules::default();
        for _ in 0..200 {
            let password = fresh_initial_password().unwrap();
            let groups: Vec<&str> = password.reveal().split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [6; 4]);
            assert_eq!(rules.check(&password, About::default()), Ok(()), "{}", password.reveal());
        }
    }

    #[test]
    fn every_syllable_is_equally_likely() {
        // All byte values in turn: each syllable comes up the same number of times.
        let mut next = 0u8;
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        // 224 fair bytes per round of 256; 56 passwords of 12 use three rounds exactly.
        for _ in 0..56 {
            let password = initial_password(|buffer| {
                buffer[0] = next;
                next = next.wrapping_add(1);
            });
            let letters = password.reveal().replace('-', "");
            for at in (0..letters.len()).step_by(2) {
                *seen.entry(letters[at..at + 2].to_owned()).or_default() += 1;
            }
        }
        assert_eq!(seen.len(), SYLLABLES.len());
        assert!(seen.values().all(|&count| count == 12), "{seen:?}");
    }
}
