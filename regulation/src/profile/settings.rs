//! The settings of a profile: what the product must know and the regulation leaves to the city.

use serde::Serialize;

use super::reader::{Node, Placed};
use crate::Citation;

/// A setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// Why this value.
    pub reason: String,
}

macro_rules! settings {
    (flags { $($(#[$flag_doc:meta])* $flag:ident $flag_key:literal;)* }
     counts { $($(#[$count_doc:meta])* $count:ident $count_key:literal $low:literal..=$high:literal;)* }) => {
        /// Every setting, typed. A profile without one of them, or with one out of range, is not loaded.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Settings {
            $($(#[$flag_doc])* pub $flag: bool,)*
            $($(#[$count_doc])* pub $count: u32,)*
            all: Vec<Setting>,
        }

        impl Settings {
            /// Reads the `[[settings]]` of settings.toml.
            pub(super) fn read(root: &Node<'_>, check: impl Fn(&Placed<Citation>)) -> Option<Self> {
                let (all, written) = read_all(root, &check);
                for key in KEYS.iter().filter(|key| !written.iter().any(|written| written == *key)) {
                    let what = format!("設定「{key}」がありません");
                    root.faults.note(&root.place, what, "[[settings]] に書き足してください");
                }
                Some(Self {
                    $($flag: flag(&all, $flag_key)?,)*
                    $($count: count(&all, $count_key)?,)*
                    all,
                })
            }
        }

        /// What is known of a key: whether it is a flag, or its range.
        fn form(key: &str) -> Option<Form> {
            match key {
                $($flag_key => Some(Form::Flag),)*
                $($count_key => Some(Form::Count { low: $low, high: $high }),)*
                _ => None,
            }
        }

        const KEYS: &[&str] = &[$($flag_key,)* $($count_key,)*];
    };
}

enum Form {
    Flag,
    Count { low: u32, high: u32 },
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
        /// A resident code with a wrong check digit is refused; off, it is only pointed out.
        resident_code_check_refuses "resident-code-check-refuses";
    }
    counts {
        /// Shortest password, in characters.
        password_min_length "password-min-length" 8..=128;
        /// Longest password, in characters.
        password_max_length "password-max-length" 64..=1024;
        /// Failures in a row after which sign-in pauses.
        attempts_until_pause "attempts-until-pause" 1..=20;
        /// How long it pauses, in minutes.
        pause_minutes "pause-minutes" 1..=1440;
        /// Failures in a row after which the card is suspended.
        attempts_until_suspension "attempts-until-suspension" 2..=100;
        /// A session ends after so many minutes without an act.
        session_idle_minutes "session-idle-minutes" 1..=60;
        /// How long a challenge to a card may be answered, in seconds.
        challenge_lifetime_seconds "challenge-lifetime-seconds" 5..=600;
        /// Longest period in which the deputy acts for the head by one decision, in days.
        acting_max_days "acting-max-days" 1..=366;
        /// Operations on one page of the history.
        history_page_size "history-page-size" 10..=1000;
        /// 第7条: how many of the council's held seats have to be taken for it to sit, in percent.
        council_quorum_percent "council-quorum-percent" 0..=100;
        /// Days within which minutes are drafted, and then confirmed.
        minutes_days "minutes-days" 1..=90;
        /// 第7条第4項ただし書: days within which an urgent resolution is reported to the outside council.
        emergency_report_days "emergency-report-days" 1..=365;
    }
}

impl Settings {
    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Setting] {
        &self.all
    }

    /// The setting of a key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.all.iter().find(|setting| setting.key == key)
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
    let value = match form(&key) {
        None => {
            node.ignore("value");
            node.fault(
                "key",
                format!("設定「{key}」はありません"),
                format!("使える設定: {}", KEYS.join("、")),
            );
            None
        }
        Some(Form::Flag) => node.flag("value").map(SettingValue::Flag),
        Some(Form::Count { low, high }) => {
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
        reason: reason?.value,
    })
}
