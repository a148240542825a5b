//! The settings of a profile: what the product must know and the regulation leaves to the city.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::reader::{Node, Placed};
use crate::{Citation, numerals};

/// A setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// On or off.
    Flag(bool),
    /// A whole number, in the setting's unit.
    Count(u32),
}

/// One setting, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its key; the means `setting:KEY` names it.
    pub key: String,
    /// Its Japanese label.
    pub name: String,
    /// The provision it serves.
    pub citation: Citation,
    /// Its value.
    pub value: SettingValue,
    /// The unit of a number, in Japanese; empty for a flag.
    pub unit: String,
    /// For a number, the least and the most that a rule of the city may lay down.
    pub range: Option<(u32, u32)>,
    /// Why this value.
    pub reason: String,
}

/// Why a text is not a change of a setting: `パスワードの最も短い長さ = 14`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    /// It does not name a setting and a value.
    #[error("`{0}` is not of the form `setting = value`")]
    Form(String),
    /// There is no such setting.
    #[error("there is no setting `{0}`")]
    Unknown(String),
    /// The setting is a number.
    #[error("`{0}` wants a whole number")]
    Count(String),
    /// The setting is on or off.
    #[error("`{0}` is either on or off")]
    Flag(String),
    /// Out of what a rule may lay down.
    #[error("`{name}` is {low} to {high}")]
    Range {
        /// The setting's name.
        name: String,
        /// The least.
        low: u32,
        /// The most.
        high: u32,
        /// In what.
        unit: String,
    },
}

impl ChangeError {
    /// For people.
    pub fn japanese(&self) -> String {
        match self {
            Self::Form(text) => format!(
                "「{text}」は設定の変更として読めません。「パスワードの最も短い長さ = 14」のように、設定の名と値を = でつないでください"
            ),
            Self::Unknown(name) => format!("「{name}」という設定はありません"),
            Self::Count(name) => format!("「{name}」の値は整数で書いてください"),
            Self::Flag(name) => format!("「{name}」の値は「する」か「しない」で書いてください"),
            Self::Range { name, low, high, unit } => {
                format!("「{name}」は{low}{unit}から{high}{unit}までの間で定めてください")
            }
        }
    }
}

impl Setting {
    /// A value as people write it: `14`, `１４文字`, `する`, `true`.
    ///
    /// # Errors
    /// When it is no value of this setting, or out of its range.
    pub fn read(&self, text: &str) -> Result<SettingValue, ChangeError> {
        let plain: String = text.chars().map(numerals::narrow).filter(|c| !c.is_whitespace()).collect();
        let value = match self.value {
            SettingValue::Flag(_) => match plain.as_str() {
                "する" | "はい" | "true" => SettingValue::Flag(true),
                "しない" | "いいえ" | "false" => SettingValue::Flag(false),
                _ => return Err(ChangeError::Flag(self.name.clone())),
            },
            SettingValue::Count(_) => {
                let digits = plain.strip_suffix(self.unit.as_str()).unwrap_or(&plain);
                let count = digits.parse().map_err(|_| ChangeError::Count(self.name.clone()))?;
                SettingValue::Count(count)
            }
        };
        self.check(value)?;
        Ok(value)
    }

    /// Whether a rule of the city may lay this value down.
    ///
    /// # Errors
    /// When it is of the other sort, or out of the setting's range.
    pub fn check(&self, value: SettingValue) -> Result<(), ChangeError> {
        match (self.value, value) {
            (SettingValue::Flag(_), SettingValue::Flag(_)) => Ok(()),
            (SettingValue::Count(_), SettingValue::Count(count)) => {
                let (low, high) = self.range.unwrap_or((0, u32::MAX));
                let range = || {
                    let (name, unit) = (self.name.clone(), self.unit.clone());
                    ChangeError::Range { name, low, high, unit }
                };
                (low..=high).contains(&count).then_some(()).ok_or_else(range)
            }
            (SettingValue::Flag(_), SettingValue::Count(_)) => Err(ChangeError::Flag(self.name.clone())),
            (SettingValue::Count(_), SettingValue::Flag(_)) => Err(ChangeError::Count(self.name.clone())),
        }
    }

    /// A value of this setting for a page: `14文字`, `する`.
    pub fn print(&self, value: SettingValue) -> String {
        match value {
            SettingValue::Flag(true) => "する".to_owned(),
            SettingValue::Flag(false) => "しない".to_owned(),
            SettingValue::Count(count) => format!("{count}{}", self.unit),
        }
    }
}

/// Two settings that do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What is to be the smaller one, and its value.
    pub low: (&'static str, u32),
    /// What is to be the greater one, and its value.
    pub high: (&'static str, u32),
}

impl Conflict {
    /// For people.
    pub fn japanese(&self) -> String {
        let ((low, low_value), (high, high_value)) = (self.low, self.high);
        format!("{low}（{low_value}）は{high}（{high_value}）以下にしてください")
    }
}

macro_rules! settings {
    (flags { $($(#[$flag_doc:meta])* $flag:ident $flag_key:literal;)* }
     counts { $($(#[$count_doc:meta])* $count:ident $count_key:literal $low:literal..=$high:literal;)* }) => {
        /// The value of every setting, typed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct SettingValues {
            $($(#[$flag_doc])* pub $flag: bool,)*
            $($(#[$count_doc])* pub $count: u32,)*
        }

        impl SettingValues {
            /// The value of a key.
            pub fn get(&self, key: &str) -> Option<SettingValue> {
                match key {
                    $($flag_key => Some(SettingValue::Flag(self.$flag)),)*
                    $($count_key => Some(SettingValue::Count(self.$count)),)*
                    _ => None,
                }
            }

            /// Changes a value. What is no key, or of the other sort, changes nothing.
            pub fn set(&mut self, key: &str, value: SettingValue) {
                match (key, value) {
                    $(($flag_key, SettingValue::Flag(flag)) => self.$flag = flag,)*
                    $(($count_key, SettingValue::Count(count)) => self.$count = count,)*
                    _ => {}
                }
            }
        }

        impl Settings {
            /// Reads the `[[settings]]` of settings.toml.
            pub(super) fn read(root: &Node<'_>, check: impl Fn(&Placed<Citation>)) -> Option<Self> {
                let (all, written) = read_all(root, &check);
                for key in KEYS.iter().filter(|key| !written.iter().any(|written| written == *key)) {
                    let what = format!("設定「{key}」がありません");
                    root.faults.note(&root.place, what, "[[settings]] に書き足してください");
                }
                let values = SettingValues {
                    $($flag: flag(&all, $flag_key)?,)*
                    $($count: count(&all, $count_key)?,)*
                };
                Some(Self { values, all })
            }
        }

        /// What is known of a key: whether it is a flag, or its range.
        fn form(key: &str) -> Option<Form> {
            match key {
                $($flag_key => Some(Form::Flag),)*
                $($count_key => Some(Form::Count($low..=$high)),)*
                _ => None,
            }
        }

        const KEYS: &[&str] = &[$($flag_key,)* $($count_key,)*];
    };
}

enum Form {
    Flag,
    Count(RangeInclusive<i64>),
}

/// What the product must know and the regulation leaves to the city. A profile without one of the settings, or
/// with one out of range, is not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    values: SettingValues,
    all: Vec<Setting>,
}

settings! {
    flags {
        /// Refuse passwords that are in common lists or name the city, the system or the person.
        password_blocklist "password-blocklist";
        /// 第14条第2項: the server checks a password besides the card's PIN.
        password_at_server "password-at-server";
        /// 第9条第2項: a person who is escorted needs the prior permission as well.
        escort_needs_permission "escort-needs-permission";
        /// 第26条: a card opens nothing while its holder owes this year's education.
        training_gates_card "training-gates-card";
        /// 第17条: whoever has not acknowledged the rules in force opens nothing of the CS.
        acknowledgement_gates_cs "acknowledgement-gates-cs";
        /// A resident code with a wrong check digit is refused; off, it is only pointed out.
        resident_code_check_refuses "resident-code-check-refuses";
    }
    counts {
        /// Shortest password, in characters.
        password_min_length "password-min-length" 8..=128;
        /// Longest password, in characters.
        password_max_length "password-max-length" 64..=128;
        /// Kinds of characters that a password has to have: of lower case, upper case, digits, others. None: 0.
        password_kinds "password-kinds" 0..=4;
        /// Days after which a password has to be changed. Never: 0.
        password_max_age_days "password-max-age-days" 0..=1096;
        /// Passwords before the present one that must not come again. Any may: 0.
        password_history "password-history" 0..=24;
        /// Failures at one terminal, whoever tried, after which sign-in there pauses.
        attempts_at_terminal "attempts-at-terminal-until-pause" 1..=100;
        /// 第16条第3号: months after which a card is inspected again.
        card_inspection_months "card-inspection-months" 1..=36;
        /// Days ahead of which the end of a card's certificate is announced.
        card_expiry_notice_days "card-expiry-notice-days" 1..=366;
        /// Failures in a row after which sign-in pauses.
        attempts_until_pause "attempts-until-pause" 1..=20;
        /// How long it pauses, in minutes.
        pause_minutes "pause-minutes" 1..=1440;
        /// Failures in a row after which the card is suspended.
        attempts_until_suspension "attempts-until-suspension" 2..=100;
        /// A session ends after so many minutes without an act.
        session_idle_minutes "session-idle-minutes" 1..=60;
        /// 第18条: years for which the operation history is kept, from the first day of the next fiscal year.
        operations_retention_years "operations-retention-years" 7..=100;
        /// 第12条: years for which passages are kept, from the first day of the next fiscal year.
        passages_retention_years "passages-retention-years" 1..=100;
        /// How long a challenge to a card may be answered, in seconds.
        challenge_lifetime_seconds "challenge-lifetime-seconds" 5..=600;
        /// Longest period in which the deputy acts for the head by one decision, in days.
        acting_max_days "acting-max-days" 1..=366;
        /// Operations on one page of the history.
        history_page_size "history-page-size" 10..=1000;
        /// 第7条: how many of the council's held seats have to be taken for it to sit, in percent.
        council_quorum_percent "council-quorum-percent" 0..=100;
        /// 第10条第2項: longest period of one permit to enter a room, in days.
        permit_max_days "permit-max-days" 1..=1096;
        /// 第10条第2項: days after which a standing permit is looked over.
        permit_review_days "permit-review-days" 1..=366;
        /// 第13条: months after which the entry managers report to the head again.
        entry_report_months "entry-report-months" 1..=24;
        /// Days within which minutes are drafted, and then confirmed.
        minutes_days "minutes-days" 1..=90;
        /// 第7条第4項ただし書: days within which an urgent resolution is reported to the outside council.
        emergency_report_days "emergency-report-days" 1..=365;
    }
}

impl SettingValues {
    /// The settings that do not go together.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let pairs = [
            Conflict {
                low: ("パスワードの最も短い長さ", self.password_min_length),
                high: ("最も長い長さ", self.password_max_length),
            },
            Conflict {
                low: ("しばらく止めるまでの失敗の回数", self.attempts_until_pause),
                high: ("カードを停止するまでの失敗の回数", self.attempts_until_suspension),
            },
        ];
        pairs.into_iter().filter(|pair| pair.low.1 > pair.high.1).collect()
    }
}

impl Settings {
    /// The values of all of them.
    pub fn values(&self) -> &SettingValues {
        &self.values
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Setting] {
        &self.all
    }

    /// The setting of a key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.all.iter().find(|setting| setting.key == key)
    }

    /// A change as people write it, by the setting's name or key: `パスワードの最も短い長さ = 14`.
    ///
    /// # Errors
    /// When it cannot be read, or the value is out of the setting's range.
    pub fn read_change(&self, line: &str) -> Result<(&Setting, SettingValue), ChangeError> {
        let parts = line.split_once(['=', '＝', ':', '：']);
        let (name, value) = parts.ok_or_else(|| ChangeError::Form(line.trim().to_owned()))?;
        let name = name.trim();
        let setting = self.all.iter().find(|setting| setting.key == name || setting.name == name);
        let setting = setting.ok_or_else(|| ChangeError::Unknown(name.to_owned()))?;
        Ok((setting, setting.read(value)?))
    }
}

fn flag(all: &[Setting], key: &str) -> Option<bool> {
    all.iter().find(|setting| setting.key == key).and_then(|setting| match setting.value {
        SettingValue::Flag(flag) => Some(flag),
        SettingValue::Count(_) => None,
    })
}

fn count(all: &[Setting], key: &str) -> Option<u32> {
    all.iter().find(|setting| setting.key == key).and_then(|setting| match setting.value {
        SettingValue::Count(count) => Some(count),
        SettingValue::Flag(_) => None,
    })
}

/// The sound settings, and the keys of all that are written, sound or not.
fn read_all(root: &Node<'_>, check: &impl Fn(&Placed<Citation>)) -> (Vec<Setting>, Vec<String>) {
    let (mut all, mut written) = (Vec::new(), Vec::new());
    for node in root.tables("settings") {
        if let Some(key) = node.text("key").map(|key| key.value) {
            if written.contains(&key) {
                node.fault("key", format!("設定「{key}」が二つあります"), "一つにしてください");
            }
            all.extend(read_one(&node, key.clone(), check));
            written.push(key);
        }
        node.finish();
    }
    (all, written)
}

fn read_one(node: &Node<'_>, key: String, check: &impl Fn(&Placed<Citation>)) -> Option<Setting> {
    let (name, citation, reason) = (node.text("name"), node.citation("citation"), node.text("reason"));
    citation.iter().for_each(check);
    let unit = node.optional_text("unit");
    let mut range = None;
    let value = match form(&key) {
        None => {
            ["value", "min", "max"].into_iter().for_each(|key| node.ignore(key));
            node.fault(
                "key",
                format!("設定「{key}」はありません"),
                format!("使える設定: {}", KEYS.join("、")),
            );
            None
        }
        Some(Form::Flag) => node.flag("value").map(SettingValue::Flag),
        Some(Form::Count(own)) => {
            range = read_range(node, &own);
            let (low, high) = range.unwrap_or((0, u32::MAX));
            let count = node.number("value", i64::from(low)..=i64::from(high));
            count.and_then(|count| u32::try_from(count).ok()).map(SettingValue::Count)
        }
    };
    Some(Setting {
        key,
        name: name?.value,
        citation: citation?.value,
        value: value?,
        unit: unit.map(|unit| unit.value).unwrap_or_default(),
        range,
        reason: reason?.value,
    })
}

/// The least and the most that a rule of the city may lay down, within what the product can do.
fn read_range(node: &Node<'_>, own: &RangeInclusive<i64>) -> Option<(u32, u32)> {
    let low = node.number("min", own.clone())?;
    let high = node.number("max", low..=*own.end())?;
    Some((u32::try_from(low).ok()?, u32::try_from(high).ok()?))
}

#[cfg(test)]
mod tests {
    use crate::{Profile, SettingValue, embedded};

    #[test]
    fn a_change_is_read_as_people_write_it() {
        let profile = Profile::load(&embedded("tokorozawa-2002").unwrap()).unwrap();
        let settings = profile.settings();
        for (line, key, value) in [
            ("パスワードの最も短い長さ = 14", "password-min-length", SettingValue::Count(14)),
            ("パスワードの最も短い長さ：１４文字", "password-min-length", SettingValue::Count(14)),
            ("pause-minutes=30", "pause-minutes", SettingValue::Count(30)),
            (" password-blocklist ＝ しない", "password-blocklist", SettingValue::Flag(false)),
        ] {
            let (setting, read) = settings.read_change(line).unwrap();
            assert_eq!((setting.key.as_str(), read), (key, value), "{line}");
            assert_eq!(setting.read(&setting.print(read)), Ok(read));
        }
        for (line, says) in [
            ("", "読めません"),
            ("パスワードの最も短い長さ 14", "読めません"),
            ("長さ = 14", "「長さ」という設定はありません"),
            ("パスワードの最も短い長さ = 0", "8文字から64文字まで"),
            ("パスワードの最も短い長さ = 長め", "整数で"),
            ("パスワードの最も短い長さ = -1", "整数で"),
            ("password-blocklist = 1", "「する」か「しない」"),
        ] {
            let error = settings.read_change(line).expect_err(line);
            assert!(error.japanese().contains(says), "{}", error.japanese());
        }
    }

    #[test]
    fn values_are_changed_by_key() {
        let profile = Profile::load(&embedded("tokorozawa-2002").unwrap()).unwrap();
        let mut values = *profile.settings().values();
        for setting in profile.settings().all() {
            assert_eq!(values.get(&setting.key), Some(setting.value));
        }
        values.set("pause-minutes", SettingValue::Count(30));
        values.set("pause-minutes", SettingValue::Flag(true));
        values.set("no-such-key", SettingValue::Count(30));
        assert_eq!(values.pause_minutes, 30);
        assert!(values.conflicts().is_empty());
        values.attempts_until_pause = 20;
        assert!(values.conflicts()[0].japanese().contains("（20）は"));
    }
}
