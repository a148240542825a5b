//! What may be a password here. The numbers come from the profile's settings, so that the city's decision under
//! 第16条第1項第1号 is what is checked.

use super::guess;
use super::limits::{
    LENGTH_CEILING, LENGTH_DEFAULT, LENGTH_FLOOR, LENGTH_MAX, OWN_WORDS_MAX, TYPED_MAX_BYTES, UNGUESSABLE_MIN,
};
use super::password::Password;

pub use super::guess::GuessablePart;

/// The rules of one city. As they come, neither kinds of characters nor regular changes are demanded (NIST SP
/// 800-63B-4); a city that wants them lays them down.
#[derive(Debug, Clone)]
pub struct PasswordRules {
    min: usize,
    max: usize,
    kinds: usize,
    blocklist: bool,
    own_words: Vec<String>,
}

/// Whose password it is to be: what others know of this person is no secret.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The person's id, with which they are known to the system.
    pub user: &'a str,
    /// Name, reading, card number and the like.
    pub also: &'a [&'a str],
}

/// Settings that cannot be rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RulesFault {
    /// A minimum outside of what is sensible.
    #[error("a minimum of {given} characters is not between {LENGTH_FLOOR} and {LENGTH_CEILING}")]
    Minimum {
        /// As the settings have it.
        given: usize,
    },
    /// Too many own words.
    #[error("{given} own words are more than {OWN_WORDS_MAX}")]
    OwnWords {
        /// As the settings have it.
        given: usize,
    },
}

impl RulesFault {
    /// What the person who writes the settings reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Minimum { given } => format!(
                "パスワードの最小文字数{given}は使えません。{LENGTH_FLOOR}から{LENGTH_CEILING}の間にしてください。"
            ),
            Self::OwnWords { given } => {
                format!("パスワードに使えない言葉が{given}個あります。{OWN_WORDS_MAX}個以内にしてください。")
            }
        }
    }
}

/// Why a candidate cannot be the password. It never repeats any of the candidate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordFault {
    /// Fewer characters than the minimum.
    #[error("the password has {has} characters, {min} are needed")]
    TooShort {
        /// The minimum.
        min: usize,
        /// Of the candidate, after NFKC.
        has: usize,
    },
    /// More characters than can be taken.
    #[error("the password is longer than {max} characters")]
    TooLong {
        /// The most that can be taken.
        max: usize,
    },
    /// Tabs, line breaks and other characters that cannot be typed at every terminal.
    #[error("the password holds a control character")]
    ControlCharacter,
    /// Fewer kinds of characters than demanded.
    #[error("the password has {has} kinds of characters, {needs} are needed")]
    TooFewKinds {
        /// The least.
        needs: usize,
        /// Of the candidate.
        has: usize,
    },
    /// It is the present one, or one of those before that must not come again.
    #[error("the password was used before")]
    Used,
    /// Too little is left when the guessable parts are taken away.
    #[error("the password is guessable: {0:?}")]
    Guessable(GuessablePart),
}

impl PasswordFault {
    /// What the operator reads.
    pub fn japanese(&self) -> String {
        const HOW: &str = "関係のない言葉をいくつか並べるなど、他の人が思いつかないものにしてください。";
        let part = match self {
            Self::TooShort { min, has } => {
                return format!("パスワードは{min}文字以上にしてください（いまは{has}文字です）。");
            }
            Self::TooLong { max } => return format!("パスワードは{max}文字以内にしてください。"),
            Self::ControlCharacter => {
                return "パスワードにタブや改行などの制御文字は使えません。取り除いてください。".to_owned();
            }
            Self::TooFewKinds { needs, has } => {
                return format!(
                    "英小文字・英大文字・数字・そのほかの文字（記号や日本語）のうち{needs}種類以上を使ってください（いまは{has}種類です）。"
                );
            }
            Self::Used => {
                return "いまのパスワードや、前に使ったパスワードは使えません。別のものにしてください。"
                    .to_owned();
            }
            Self::Guessable(part) => part,
        };
        let why = match part {
            GuessablePart::OwnWord => {
                "利用者番号・氏名・市や業務の名前が大部分を占めるパスワードは使えません。"
            }
            GuessablePart::Common => "よく使われるパスワードや言葉が大部分を占めるものは使えません。",
            GuessablePart::Repeat => "同じ文字や同じ並びの繰り返しが大部分を占めるパスワードは使えません。",
            GuessablePart::Sequence => {
                "「1234」「abcd」のような連続した並びが大部分を占めるパスワードは使えません。"
            }
            GuessablePart::Keyboard => {
                "「qwerty」のようなキーボードの並びが大部分を占めるパスワードは使えません。"
            }
            GuessablePart::Date => "年や日付が大部分を占めるパスワードは使えません。",
        };
        format!("{why}{HOW}")
    }
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { min: LENGTH_DEFAULT, max: LENGTH_MAX, kinds: 0, blocklist: true, own_words: Vec::new() }
    }
}

impl PasswordRules {
    /// Rules with a minimum of `min` characters; with or without the blocklist; `own_words` are the city's name,
    /// `住基` and other words that a stranger would try first.
    pub fn new(min: usize, blocklist: bool, own_words: Vec<String>) -> Result<Self, RulesFault> {
        if !(LENGTH_FLOOR..=LENGTH_CEILING).contains(&min) {
            return Err(RulesFault::Minimum { given: min });
        }
        if own_words.len() > OWN_WORDS_MAX {
            return Err(RulesFault::OwnWords { given: own_words.len() });
        }
        Ok(Self { min, max: LENGTH_MAX, kinds: 0, blocklist, own_words })
    }

    /// The same words, with the lengths, kinds of characters and the blocklist that are in force now. A number
    /// that cannot be is brought to the nearest that can.
    #[must_use]
    pub fn in_force(&self, min: usize, max: usize, kinds: usize, blocklist: bool) -> Self {
        let min = min.clamp(LENGTH_FLOOR, LENGTH_CEILING);
        let max = max.clamp(LENGTH_CEILING, LENGTH_MAX);
        Self { min, max, kinds: kinds.min(KINDS), blocklist, own_words: self.own_words.clone() }
    }

    /// What whoever chooses a password reads beside the field.
    pub fn japanese(&self) -> String {
        let kinds = match self.kinds {
            0 | 1 => String::new(),
            kinds => format!("英小文字・英大文字・数字・そのほかの文字のうち{kinds}種類以上を使います。"),
        };
        format!(
            "{}文字以上{}文字以内。{kinds}長い文のほうが、記号を混ぜた短いものより強くなります。氏名や市の名前は使えません。",
            self.min, self.max
        )
    }

    /// The least number of characters, to be shown beside the field.
    pub fn min(&self) -> usize {
        self.min
    }

    /// Whether `candidate` may be the password of the person `about`.
    pub fn check(&self, candidate: &Password, about: About<'_>) -> Result<(), PasswordFault> {
        let too_long = PasswordFault::TooLong { max: self.max };
        let text = candidate.normalized().ok_or(too_long.clone())?;
        if text.chars().any(char::is_control) {
            return Err(PasswordFault::ControlCharacter);
        }
        let has = text.chars().count();
        if has < self.min {
            return Err(PasswordFault::TooShort { min: self.min, has });
        }
        if has > self.max {
            return Err(too_long);
        }
        let kinds = kinds_of(&text);
        if kinds < self.kinds {
            return Err(PasswordFault::TooFewKinds { needs: self.kinds, has: kinds });
        }
        let city = self.own_words.iter().map(String::as_str);
        let person = std::iter::once(about.user).chain(about.also.iter().copied());
        // Words longer than any password cannot be part of one.
        let own: Vec<&str> = city.chain(person).filter(|word| word.len() <= TYPED_MAX_BYTES).collect();
        let found = guess::look(&text, &own, self.blocklist);
        match found.worst {
            Some(part) if found.left < UNGUESSABLE_MIN => Err(PasswordFault::Guessable(part)),
            _ => Ok(()),
        }
    }
}

/// Kinds of characters that are told apart.
const KINDS: usize = 4;

/// How many kinds of characters a text has: lower case, upper case, digits, others.
fn kinds_of(text: &str) -> usize {
    let kind = |c: char| match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        _ => 3,
    };
    let mut seen = [false; KINDS];
    for c in text.chars() {
        seen[kind(c)] = true;
    }
    seen.into_iter().filter(|seen| *seen).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules() -> PasswordRules {
        let own = ["所沢", "ところざわ", "tokorozawa", "住基", "juki"].map(str::to_owned).into();
        PasswordRules::new(12, true, own).unwrap()
    }

    fn check(candidate: &str) -> Result<(), PasswordFault> {
        let also = ["試験花子", "シケンハナコ", "shiken hanako"];
        rules().check(&candidate.into(), About { user: "t0123456", also: &also })
    }

    #[test]
    fn length_counts_code_points_of_the_normal_form() {
        assert_eq!(check("みかんの木の下で雨宿り七"), Ok(()));
        assert_eq!(check("みかんの木の下で雨宿り"), Err(PasswordFault::TooShort { min: 12, has: 11 }));
        assert_eq!(check(&"木の下で雨宿".repeat(22)), Err(PasswordFault::TooLong { max: 128 }));
        // か and its mark are one.
        assert_eq!(check("か\u{3099}みの木の下で雨宿り"), Err(PasswordFault::TooShort { min: 12, has: 10 }));
    }

    #[test]
    fn the_guessable_is_refused_with_its_reason() {
        use GuessablePart::{Common, Date, Keyboard, OwnWord, Repeat, Sequence};
        let cases = [
            ("tokorozawa2024", OwnWord),
            ("Tokor0zawa!2026", OwnWord),
            ("トコロザワ市役所の住基係", OwnWord),
            ("t0123456t0123456", OwnWord),
            ("試験花子試験花子試験花子", OwnWord),
            ("shikenhanako!", OwnWord),
            ("shiken hanako", OwnWord),
            ("password1234", Common),
            ("P@ssw0rd2026!", Common),
            ("ｐａｓｓｗｏｒｄ１２３４", Common),
            ("iloveyousakura", Common),
            ("adminadminadmin", Common),
            ("aaaaaaaaaaaaaa", Repeat),
            ("xkwxkwxkwxkwxkw", Repeat),
            ("1234567890123", Sequence),
            ("abcdefghijklmn", Sequence),
            ("あいうえおかきくけこさしすせそ", Sequence),
            ("qwertyuiopasdf", Keyboard),
            ("1qaz2wsx3edc4rfv", Keyboard),
            ("198504011985", Date),
        ];
        for (candidate, part) in cases {
            assert_eq!(check(candidate), Err(PasswordFault::Guessable(part)), "{candidate}");
        }
    }

    #[test]
    fn a_guessable_part_beside_enough_else_is_fine() {
        for candidate in
            ["kumo-tokorozawa-mezashi-97", "青い自転車で所沢から海へ", "correct horse battery staple"]
        {
            assert_eq!(check(candidate), Ok(()), "{candidate}");
        }
    }

    #[test]
    fn without_the_blocklist_own_words_still_count() {
        let rules = PasswordRules::new(8, false, vec!["所沢".into()]).unwrap();
        assert_eq!(rules.check(&"password1234".into(), About::default()), Ok(()));
        let own = About { user: "hanako-s", also: &[] };
        let fault = Err(PasswordFault::Guessable(GuessablePart::OwnWord));
        assert_eq!(rules.check(&"hanako-s1".into(), own), fault);
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(check("みかんの木の下で\t雨宿り七"), Err(PasswordFault::ControlCharacter));
    }

    #[test]
    fn settings_have_a_floor() {
        assert!(PasswordRules::new(7, true, vec![]).is_err());
        assert!(PasswordRules::new(8, true, vec![]).is_ok());
        assert!(PasswordRules::new(65, true, vec![]).unwrap_err().japanese().contains("64"));
    }

    #[test]
    fn a_rule_in_force_changes_lengths_within_bounds() {
        let long = "木の下で雨宿".repeat(12);
        let stricter = rules().in_force(20, 64, 0, true);
        assert_eq!(
            stricter.check(&long.as_str().into(), About::default()),
            Err(PasswordFault::TooLong { max: 64 })
        );
        assert_eq!((stricter.min(), rules().in_force(0, 9_999, 0, true).min()), (20, 8));
    }

    #[test]
    fn kinds_of_characters_are_counted_where_a_rule_wants_them() {
        let wants = |kinds| rules().in_force(12, 64, kinds, true);
        let check = |kinds, text: &str| wants(kinds).check(&text.into(), About::default());
        let long = "kumo no ue no neko";
        assert_eq!(check(2, long), Ok(()), "a space is another character");
        assert_eq!(check(3, long), Err(PasswordFault::TooFewKinds { needs: 3, has: 2 }));
        assert_eq!(check(3, "Kumo no ue no neko"), Ok(()));
        assert_eq!(check(4, "Kumo no ue no 9 neko"), Ok(()));
        assert_eq!(check(9, "Kumo no ue no 9 neko"), Ok(()), "there are no more than four");
        assert!(wants(3).japanese().contains("3種類") && !rules().japanese().contains("種類"));
    }

    #[test]
    fn every_fault_has_its_own_text() {
        use GuessablePart::{Common, Date, Keyboard, OwnWord, Repeat, Sequence};
        let parts = [OwnWord, Common, Repeat, Sequence, Keyboard, Date].map(PasswordFault::Guessable);
        let others = [
            PasswordFault::TooShort { min: 12, has: 3 },
            PasswordFault::TooLong { max: 128 },
            PasswordFault::ControlCharacter,
            PasswordFault::TooFewKinds { needs: 3, has: 1 },
            PasswordFault::Used,
        ];
        let all = [parts.as_slice(), &others].concat();
        let texts: std::collections::BTreeSet<_> = all.iter().map(PasswordFault::japanese).collect();
        assert_eq!(texts.len(), all.len());
        assert!(texts.iter().all(|text| text.contains("ください")));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in any::<String>(), user in any::<String>(), also in any::<String>()) {
            let _ = rules().check(&text.into(), About { user: &user, also: &[&also] });
        }

        #[test]
        fn the_user_id_doubled_is_never_enough(user in "[a-z0-9]{6,20}") {
            let verdict = rules().check(&format!("{user}{user}").into(), About { user: &user, also: &[] });
            prop_assert!(verdict.is_err());
        }
    }
}
