//! 第2条第1号 本人確認情報: the items by which the network knows a resident, in the version in force.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{Change, IndividualNumber, ResidentCode, limits};

/// Which items identification information has. Each version keeps those before it and adds its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Schema {
    /// 平成14年: name, birth date, sex, address, code and the particulars of change.
    #[serde(rename = "2002")]
    Heisei14,
    /// 平成27年: and 個人番号.
    #[serde(rename = "2015")]
    Heisei27,
    /// 令和元年: and 旧氏.
    #[serde(rename = "2019")]
    Reiwa1,
    /// 令和7年: and フリガナ of the name.
    #[serde(rename = "2025")]
    Reiwa7,
}

impl Schema {
    /// All versions, oldest first.
    pub const ALL: [Self; 4] = [Self::Heisei14, Self::Heisei27, Self::Reiwa1, Self::Reiwa7];

    /// The first day in force.
    pub fn in_force_from(self) -> Date {
        match self {
            Self::Heisei14 => date(2002, 8, 5),
            Self::Heisei27 => date(2015, 10, 5),
            Self::Reiwa1 => date(2019, 11, 5),
            Self::Reiwa7 => date(2025, 5, 26),
        }
    }

    /// The version in force on a day. None before the network began.
    pub fn in_force_on(day: Date) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|schema| schema.in_force_from() <= day)
    }

    /// As people call it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Heisei14 => "平成14年（基本）",
            Self::Heisei27 => "平成27年（個人番号）",
            Self::Reiwa1 => "令和元年（旧氏）",
            Self::Reiwa7 => "令和7年（フリガナ）",
        }
    }
}

/// 男女の別.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl Sex {
    /// 男 or 女.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }
}

/// A word that is none of those expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is none of {expected}")]
pub struct UnknownWord {
    /// What was there.
    pub found: String,
    /// What could be there, for people.
    pub expected: &'static str,
}

impl UnknownWord {
    /// For the person who typed it.
    pub fn japanese(&self) -> String {
        format!("「{}」は使えません。{}のいずれかにしてください", self.found, self.expected)
    }
}

impl FromStr for Sex {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text.trim() {
            "男" | "男性" => Ok(Self::Male),
            "女" | "女性" => Ok(Self::Female),
            other => Err(UnknownWord { found: other.chars().take(20).collect(), expected: "男・女" }),
        }
    }
}

/// A household of the residents file, by the number that the city gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HouseholdId(String);

impl HouseholdId {
    /// The number as given; [`Resident::problems`] says whether it can be one.
    pub fn new(number: impl Into<String>) -> Self {
        Self(number.into())
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HouseholdId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 本人確認情報. Texts keep their code points: no normalisation, variation selectors and private-use characters stay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentificationInformation {
    /// The version that says which items there are.
    pub schema: Schema,
    /// 住民票コード.
    pub code: ResidentCode,
    /// 氏名.
    pub name: String,
    /// フリガナ: an item of the version of 令和7年, before that an aid to search.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// 旧氏, from the version of 令和元年 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_surname: Option<String>,
    /// 出生の年月日.
    pub birth: Date,
    /// 男女の別.
    pub sex: Sex,
    /// 住所.
    pub address: String,
    /// 個人番号, from the version of 平成27年 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub individual_number: Option<IndividualNumber>,
    /// The particulars of the last change, when it came with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// One resident of the residents file: the statutory items and what the city adds for its own work.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resident {
    /// 本人確認情報.
    pub information: IdentificationInformation,
    /// 支援措置: the address must not become known to the person from whom the resident is protected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// The household, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
}

// No log shows whose record it handles.
impl fmt::Debug for IdentificationInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentificationInformation")
            .field("schema", &self.schema)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Resident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resident").field("code", &self.information.code).finish_non_exhaustive()
    }
}

/// An item of a resident's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// 住民票コード.
    Code,
    /// 氏名.
    Name,
    /// フリガナ.
    Kana,
    /// 旧氏.
    FormerSurname,
    /// 生年月日.
    Birth,
    /// 性別.
    Sex,
    /// 住所.
    Address,
    /// 個人番号.
    IndividualNumber,
    /// 支援措置.
    Protected,
    /// 世帯番号.
    Household,
}

impl Field {
    /// As forms and files head it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Code => "住民票コード",
            Self::Name => "氏名",
            Self::Kana => "フリガナ",
            Self::FormerSurname => "旧氏",
            Self::Birth => "生年月日",
            Self::Sex => "性別",
            Self::Address => "住所",
            Self::IndividualNumber => "個人番号",
            Self::Protected => "支援措置",
            Self::Household => "世帯番号",
        }
    }
}

/// What is wrong with one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing there.
    Empty,
    /// Longer than it may be.
    TooLong {
        /// Graphemes.
        found: usize,
        /// Graphemes.
        limit: usize,
    },
    /// A character that no such item has, such as a line break or one that turns the direction of writing.
    Character(char),
    /// Born after the day on which it is entered.
    InFuture,
    /// Born too long ago.
    TooEarly,
    /// The version has no such item.
    NotInSchema(Schema),
}

/// One item and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field:?}: {fault:?}")]
pub struct Problem {
    /// The item.
    pub field: Field,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    /// For the person who entered it.
    pub fn japanese(&self) -> String {
        let field = self.field.japanese();
        match self.fault {
            Fault::Empty => format!("{field}を入力してください"),
            Fault::TooLong { found, limit } => format!("{field}は{limit}文字までです（入力は{found}文字）"),
            Fault::Character(character) if character.is_control() => {
                format!("{field}に使えない制御文字があります（U+{:04X}）", character as u32)
            }
            Fault::Character(character) => {
                format!("{field}に使えない文字「{character}」があります（U+{:04X}）", character as u32)
            }
            Fault::InFuture => format!("{field}が未来の日付です"),
            Fault::TooEarly => format!("{field}は明治6年1月1日以後にしてください"),
            Fault::NotInSchema(schema) => format!("{field}は{}の様式にない項目です", schema.japanese()),
        }
    }
}

impl IdentificationInformation {
    /// Everything wrong with the items, on the day they are entered. Empty when all is well. A wrong check digit
    /// is not among it: that was decided when the code was read.
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut note = |field, fault: Option<Fault>| {
            problems.extend(fault.map(|fault| Problem { field, fault }));
        };
        note(Field::Name, text_fault(&self.name, limits::NAME_GRAPHEMES, true));
        let kana_needed = self.schema >= Schema::Reiwa7;
        note(
            Field::Kana,
            text_fault(&self.kana, limits::KANA_GRAPHEMES, kana_needed).or_else(|| kana_fault(&self.kana)),
        );
        if let Some(surname) = &self.former_surname {
            note(Field::FormerSurname, text_fault(surname, limits::NAME_GRAPHEMES, true));
            note(Field::FormerSurname, self.missing_before(Schema::Reiwa1));
        }
        note(
            Field::Birth,
            match self.birth {
                birth if birth > today => Some(Fault::InFuture),
                birth if birth < limits::EARLIEST_BIRTH => Some(Fault::TooEarly),
                _ => None,
            },
        );
        note(Field::Address, text_fault(&self.address, limits::ADDRESS_GRAPHEMES, true));
        if self.individual_number.is_some() {
            note(Field::IndividualNumber, self.missing_before(Schema::Heisei27));
        }
        problems
    }

    fn missing_before(&self, first: Schema) -> Option<Fault> {
        (self.schema < first).then_some(Fault::NotInSchema(self.schema))
    }
}

impl Resident {
    /// The code, by which the file knows the resident.
    pub fn code(&self) -> ResidentCode {
        self.information.code
    }

    /// Everything wrong with the record on the day it is entered. Empty when all is well.
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut problems = self.information.problems(today);
        if let Some(household) = &self.household {
            let fault = text_fault(household.as_str(), limits::HOUSEHOLD_CHARS, true)
                .or_else(|| household.as_str().chars().find(|c| !c.is_ascii_graphic()).map(Fault::Character));
            problems.extend(fault.map(|fault| Problem { field: Field::Household, fault }));
        }
        problems
    }
}

fn text_fault(text: &str, limit: usize, needed: bool) -> Option<Fault> {
    if text.trim().is_empty() {
        return (needed || !text.is_empty()).then_some(Fault::Empty);
    }
    if text.len() > limit * limits::BYTES_PER_GRAPHEME || text.graphemes(true).nth(limit).is_some() {
        return Some(Fault::TooLong { found: text.graphemes(true).count(), limit });
    }
    text.chars().find(|character| character.is_control() || turns_direction(*character)).map(Fault::Character)
}

/// Katakana in full width, with the signs that readings have.
fn kana_fault(kana: &str) -> Option<Fault> {
    let fits = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | '　' | ' ' | '-' | '－' | 'ヽ' | 'ヾ');
    kana.chars().find(|character| !fits(*character)).map(Fault::Character)
}

/// Marks that make a text look like another one.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 4, 1);

    fn resident() -> Resident {
        Resident {
            information: IdentificationInformation {
                schema: Schema::Reiwa7,
                code: "12345678903".parse().unwrap(),
                name: "渡邉\u{E0100}　花子".to_owned(),
                kana: "ワタナベ　ハナコ".to_owned(),
                former_surname: None,
                birth: date(1985, 7, 3),
                sex: Sex::Female,
                address: "所沢市並木一丁目1番地の1".to_owned(),
                individual_number: None,
                change: None,
            },
            protected: true,
            household: Some(HouseholdId::new("H0000001")),
        }
    }

    fn faults(change: impl FnOnce(&mut Resident)) -> Vec<(Field, Fault)> {
        let mut resident = resident();
        change(&mut resident);
        resident.problems(TODAY).into_iter().map(|problem| (problem.field, problem.fault)).collect()
    }

    #[test]
    fn a_record_is_compact_json_and_comes_back_byte_for_byte() {
        let json = serde_json::to_string(&resident()).unwrap();
        assert_eq!(
            json,
            "{\"information\":{\"schema\":\"2025\",\"code\":\"12345678903\",\"name\":\"渡邉\u{E0100}　花子\",\
             \"kana\":\"ワタナベ　ハナコ\",\"birth\":\"1985-07-03\",\"sex\":\"female\",\
             \"address\":\"所沢市並木一丁目1番地の1\"},\"protected\":true,\"household\":\"H0000001\"}"
        );
        assert_eq!(serde_json::from_str::<Resident>(&json).unwrap(), resident());
        assert_eq!(resident().problems(TODAY), []);
    }

    #[test]
    fn unknown_items_are_not_swallowed() {
        let json = serde_json::to_string(&resident()).unwrap().replace("\"kana\"", "\"furigana\"");
        assert!(serde_json::from_str::<Resident>(&json).is_err());
    }

    #[test]
    fn each_item_says_what_is_wrong_with_it() {
        let long = "あ".repeat(101);
        assert_eq!(faults(|r| r.information.name.clear()), [(Field::Name, Fault::Empty)]);
        assert_eq!(
            faults(|r| r.information.name = long),
            [(Field::Name, Fault::TooLong { found: 101, limit: 100 })]
        );
        assert_eq!(faults(|r| r.information.name.push('\n')), [(Field::Name, Fault::Character('\n'))]);
        assert_eq!(
            faults(|r| r.information.address.push('\u{202E}')),
            [(Field::Address, Fault::Character('\u{202E}'))]
        );
        assert_eq!(
            faults(|r| r.information.kana = "わたなべ".into()),
            [(Field::Kana, Fault::Character('わ'))]
        );
        assert_eq!(faults(|r| r.information.kana.clear()), [(Field::Kana, Fault::Empty)]);
        assert_eq!(faults(|r| r.information.birth = date(2026, 4, 2)), [(Field::Birth, Fault::InFuture)]);
        assert_eq!(faults(|r| r.information.birth = date(1872, 12, 31)), [(Field::Birth, Fault::TooEarly)]);
        assert_eq!(
            faults(|r| r.household = Some(HouseholdId::new("世帯"))),
            [(Field::Household, Fault::Character('世'))]
        );
    }

    #[test]
    fn a_version_has_only_its_own_items() {
        let older = |r: &mut Resident| {
            r.information.schema = Schema::Heisei14;
            r.information.kana.clear();
            r.information.former_surname = Some("所沢".to_owned());
            r.information.individual_number = Some("123456789018".parse().unwrap());
        };
        assert_eq!(
            faults(older),
            [
                (Field::FormerSurname, Fault::NotInSchema(Schema::Heisei14)),
                (Field::IndividualNumber, Fault::NotInSchema(Schema::Heisei14)),
            ]
        );
    }

    #[test]
    fn versions_begin_on_their_day() {
        assert_eq!(Schema::in_force_on(date(2002, 8, 4)), None);
        assert_eq!(Schema::in_force_on(date(2002, 8, 5)), Some(Schema::Heisei14));
        assert_eq!(Schema::in_force_on(date(2015, 10, 4)), Some(Schema::Heisei14));
        assert_eq!(Schema::in_force_on(date(2019, 11, 5)), Some(Schema::Reiwa1));
        assert_eq!(Schema::in_force_on(date(2025, 5, 25)), Some(Schema::Reiwa1));
        assert_eq!(Schema::in_force_on(TODAY), Some(Schema::Reiwa7));
    }

    #[test]
    fn a_kanji_and_its_selector_are_one_character() {
        assert_eq!(faults(|r| r.information.name = "邉\u{E0100}".repeat(100)), []);
        let marks = "か\u{3099}".repeat(99) + &"\u{3099}".repeat(2_000);
        assert!(matches!(faults(|r| r.information.name = marks)[..], [(Field::Name, Fault::TooLong { .. })]));
    }

    #[test]
    fn no_debug_text_shows_who_it_is() {
        let shown = format!("{:?} {:?}", resident(), resident().information);
        assert!(!shown.contains("花子") && !shown.contains("1234567") && !shown.contains("並木"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_is_judged_and_kept(name in ".*", kana in ".*", address in ".*") {
            let mut resident = resident();
            resident.information.name = name;
            resident.information.kana = kana;
            resident.information.address = address;
            for problem in resident.problems(TODAY) {
                prop_assert!(!problem.japanese().is_empty());
            }
            let json = serde_json::to_string(&resident).unwrap();
            prop_assert_eq!(serde_json::from_str::<Resident>(&json).unwrap(), resident);
        }
    }
}
