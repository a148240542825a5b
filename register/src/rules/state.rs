//! What is so in 第10章: the rules laid down, each in its place, and who has read them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::SettingValue;
use serde::{Deserialize, Serialize};

use crate::assets::plan::Item;
use crate::case::{self, Document, Particulars, Value};
use crate::occasion::japan_day;
use crate::{CaseId, Entry, PersonId, Receipt};

/// The rules laid down, folded from their cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// In the order in which they were laid down.
    versions: Vec<Version>,
    acknowledged: BTreeMap<CaseId, BTreeMap<PersonId, (Timestamp, Receipt)>>,
}

/// One version of a rule, as it was laid down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its case.
    pub case: CaseId,
    /// Its place: `cards-and-passwords`.
    pub place: String,
    /// What it is about, where the place holds several rules; else empty.
    pub subject: String,
    /// Its title.
    pub title: String,
    /// Its number or name among the versions: 第2版.
    pub version: String,
    /// What changes, and why.
    pub change: String,
    /// The text, bound by its hash.
    pub document: Option<Document>,
    /// Who laid it down.
    pub by: PersonId,
    /// By the deputy for the head (職務代理).
    pub acting: bool,
    /// When it was laid down.
    pub laid_down: Timestamp,
    /// Where that is recorded.
    pub receipt: Receipt,
    /// The first day on which it is said to be in force.
    pub in_force: Date,
    /// The offices that agreed.
    pub agreed: Vec<String>,
    /// The settings that it lays down.
    pub values: BTreeMap<String, SettingValue>,
    /// Its run sheet, where it is the operation plan.
    pub sheet: Vec<String>,
    /// The last day on which it was looked over and left as it is.
    pub reviewed: Option<Date>,
    /// When it was withdrawn.
    pub withdrawn: Option<Timestamp>,
}

impl Version {
    /// The day from which it counts: never before it was laid down.
    pub fn from(&self) -> Date {
        self.in_force.max(japan_day(self.laid_down))
    }

    /// The lines of its run sheet.
    pub fn items(&self) -> Vec<Item> {
        self.sheet.iter().filter_map(|line| Item::read(line).ok()).collect()
    }

    /// The day on which it is to be looked over again.
    pub fn review_due(&self, months: u16) -> Option<Date> {
        let last = self.reviewed.unwrap_or(self.in_force);
        last.checked_add(jiff::Span::new().months(months)).ok()
    }

    fn known(&self, at: Timestamp) -> bool {
        self.laid_down <= at
    }

    /// Withdrawn before it ever came into force.
    fn stillborn(&self, at: Timestamp) -> bool {
        self.withdrawn_at(at).is_some_and(|withdrawn| japan_day(withdrawn) < self.from())
    }

    fn withdrawn_at(&self, at: Timestamp) -> Option<Timestamp> {
        self.withdrawn.filter(|withdrawn| *withdrawn <= at)
    }
}

impl Rules {
    /// Every version of every rule, in the order in which they were laid down.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The version that a case became, once it was laid down.
    pub fn version(&self, case: &CaseId) -> Option<&Version> {
        self.versions.iter().find(|version| version.case == *case)
    }

    /// The versions of one rule, in the order in which they come into force.
    pub fn history(&self, place: &str, subject: &str) -> Vec<&Version> {
        let of = self.versions.iter().filter(|v| v.place == place && v.subject == subject);
        let mut history: Vec<_> = of.collect();
        history.sort_by_key(|version| (version.from(), version.laid_down));
        history
    }

    /// What the rules of a place are about; an empty text where the place holds one.
    pub fn subjects(&self, place: &str) -> BTreeSet<&str> {
        self.versions.iter().filter(|v| v.place == place).map(|v| v.subject.as_str()).collect()
    }

    /// The version of a rule in force at a moment.
    pub fn in_force(&self, place: &str, subject: &str, at: Timestamp) -> Option<&Version> {
        self.on(place, subject, japan_day(at), at).filter(|version| version.withdrawn_at(at).is_none())
    }

    /// The version of a rule in force on a day, as known at `at`; on the day of its withdrawal it still is.
    pub fn on(&self, place: &str, subject: &str, day: Date, at: Timestamp) -> Option<&Version> {
        // A version that was superseded stays so: withdrawing its successor does not bring it back.
        let of = self.versions.iter().filter(|v| v.place == place && v.subject == subject);
        let begun = of.filter(|v| v.known(at) && v.from() <= day && !v.stillborn(at));
        let latest = begun.max_by_key(|version| (version.from(), version.laid_down))?;
        let withdrawn = latest.withdrawn_at(at).map(japan_day);
        withdrawn.is_none_or(|withdrawn| day <= withdrawn).then_some(latest)
    }

    /// The version of a rule that is laid down and has yet to come into force.
    pub fn coming(&self, place: &str, subject: &str, at: Timestamp) -> Option<&Version> {
        let of = self.versions.iter().filter(|v| v.place == place && v.subject == subject);
        let coming = of.filter(|v| v.known(at) && v.from() > japan_day(at) && v.withdrawn_at(at).is_none());
        coming.min_by_key(|version| (version.from(), version.laid_down))
    }

    /// The first day on which `version` is no longer in force, as known at `at`: its successor's first, or the
    /// one after its withdrawal.
    pub fn until(&self, version: &Version, at: Timestamp) -> Option<Date> {
        let history = self.history(&version.place, &version.subject);
        let later = history.into_iter().filter(|v| v.known(at) && !v.stillborn(at));
        let key = (version.from(), version.laid_down);
        let successor = later.filter(|v| (v.from(), v.laid_down) > key).map(Version::from).min();
        let withdrawn = version.withdrawn_at(at).and_then(|at| japan_day(at).tomorrow().ok());
        successor.into_iter().chain(withdrawn).min()
    }

    /// The versions of a rule that have come into force, each with its first day and the first on which it is
    /// no longer in force.
    pub fn reigns(&self, place: &str, subject: &str, at: Timestamp) -> Vec<(&Version, Date, Option<Date>)> {
        let history = self.history(place, subject).into_iter();
        let begun = history.filter(|v| v.known(at) && !v.stillborn(at) && v.from() <= japan_day(at));
        begun.map(|version| (version, version.from(), self.until(version, at))).collect()
    }

    /// When a person said to have read a version.
    pub fn acknowledged(&self, case: &CaseId, person: &PersonId) -> Option<Timestamp> {
        self.acknowledged.get(case)?.get(person).map(|(at, _)| *at)
    }

    /// Who said to have read a version, when, and where that is recorded.
    pub fn acknowledgements(&self, case: &CaseId) -> impl Iterator<Item = (&PersonId, Timestamp, &Receipt)> {
        let of = self.acknowledged.get(case).into_iter().flatten();
        of.map(|(person, (at, receipt))| (person, *at, receipt))
    }

    // INVARIANT (total fold): what cannot be read of a fact is left out; the fact stays in the journal.
    pub(crate) fn fold(&mut self, fact: &case::Fact, entry: &Entry, receipt: &Receipt) {
        if fact.kind != super::RULE.id {
            return;
        }
        match fact.step.as_str() {
            "lay-down" => self.versions.push(version(fact, entry, receipt)),
            "acknowledge" => {
                let read = self.acknowledged.entry(fact.case.clone()).or_default();
                read.entry(entry.by.clone()).or_insert((entry.at, receipt.clone()));
            }
            "review" => self.change(&fact.case, |version| version.reviewed = Some(japan_day(entry.at))),
            "withdraw" => self.change(&fact.case, |version| version.withdrawn = Some(entry.at)),
            _ => {}
        }
    }

    fn change(&mut self, case: &CaseId, change: impl FnOnce(&mut Version)) {
        if let Some(version) = self.versions.iter_mut().find(|version| version.case == *case) {
            change(version);
        }
    }
}

fn version(fact: &case::Fact, entry: &Entry, receipt: &Receipt) -> Version {
    let said = &fact.particulars;
    let text = |field: &str| said.text(field).to_owned();
    let document = match said.get("document") {
        Some(Value::Document(document)) => Some(document.clone()),
        _ => None,
    };
    Version {
        case: fact.case.clone(),
        place: text("rule-place"),
        subject: text("subject"),
        title: text("title"),
        version: text("version"),
        change: text("change"),
        document,
        by: entry.by.clone(),
        acting: entry.acting,
        laid_down: entry.at,
        receipt: receipt.clone(),
        in_force: said.day("in-force").unwrap_or_else(|| japan_day(entry.at)),
        agreed: said.many("agreed").to_vec(),
        values: values(said),
        sheet: said.many("sheet").to_vec(),
        reviewed: None,
        withdrawn: None,
    }
}

/// The settings as they were written down when the rule was laid down: `pause-minutes=30`.
fn values(said: &Particulars) -> BTreeMap<String, SettingValue> {
    let lines = said.many("values").iter().filter_map(|line| line.split_once('='));
    lines.filter_map(|(key, value)| Some((key.to_owned(), value_of(value)?))).collect()
}

fn value_of(text: &str) -> Option<SettingValue> {
    match text {
        "true" => Some(SettingValue::Flag(true)),
        "false" => Some(SettingValue::Flag(false)),
        number => number.parse().ok().map(SettingValue::Count),
    }
}

/// A setting as it is written down: `pause-minutes=30`.
pub(super) fn written(key: &str, value: SettingValue) -> String {
    match value {
        SettingValue::Flag(flag) => format!("{key}={flag}"),
        SettingValue::Count(count) => format!("{key}={count}"),
    }
}
