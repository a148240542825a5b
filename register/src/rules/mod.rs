//! 第10章 雑則: what the regulation leaves to rules (定め) that are laid down separately.
//!
//! Each such place of the regulation (`rules.toml`) is filled or owed. A version of a rule is a case: drafted,
//! agreed by whoever has to agree, laid down by the post in charge, read by those whom it binds, superseded by
//! the next or withdrawn. Settings have the values of the rule in force.

mod duties;
mod ledgers;
mod rule;
mod state;

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::wareki::kept_until;
use regulation::{RulePlace, SettingValues};

pub use duties::{DUTIES, duties};
pub use ledgers::LEDGERS;
pub use rule::RULE;
pub use state::{Rules, Version};

use crate::access::CardState;
use crate::case::Case;
use crate::{CaseId, City, JournalKind, OfficeId, PersonId, Settings};

/// A place of the regulation and what fills it at a moment, for pages.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The place.
    pub place: &'a RulePlace,
    /// Its rules: one, or one for each subject where it holds several; none while it is empty.
    pub rules: Vec<Rule<'a>>,
    /// The cases of drafts that have not been laid down.
    pub drafts: Vec<(&'a CaseId, &'a Case)>,
}

/// One rule of a place, by its versions.
#[derive(Clone, Debug)]
pub struct Rule<'a> {
    /// What it is about, where the place holds several; else empty.
    pub subject: &'a str,
    /// The version in force.
    pub in_force: Option<&'a Version>,
    /// The version that comes next.
    pub coming: Option<&'a Version>,
    /// All versions, in the order in which they come into force.
    pub history: Vec<&'a Version>,
}

/// The agreement of an office to a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The office whose holder agrees.
    pub office: OfficeId,
    /// Who agreed for it, and when.
    pub given: Option<(PersonId, Timestamp)>,
}

/// Every place of the regulation that a rule fills, in its order.
pub fn places(city: &City, at: Timestamp) -> Vec<Place<'_>> {
    let drafts = drafts(city);
    let of = |place: &'_ RulePlace| {
        drafts.iter().copied().filter(|(_, case)| case.text("rule-place") == place.id).collect()
    };
    let places = city.profile().rule_places().iter();
    places.map(|place| Place { place, rules: rules_of(city, place, at), drafts: of(place) }).collect()
}

fn rules_of<'a>(city: &'a City, place: &'a RulePlace, at: Timestamp) -> Vec<Rule<'a>> {
    let subjects = city.rules.subjects(&place.id).into_iter();
    let rule = |subject| Rule {
        subject,
        in_force: city.rules.in_force(&place.id, subject, at),
        coming: city.rules.coming(&place.id, subject, at),
        history: city.rules.history(&place.id, subject),
    };
    subjects.map(rule).collect()
}

/// The drafts that have neither been laid down nor withdrawn, oldest first.
pub(crate) fn drafts(city: &City) -> Vec<(&CaseId, &Case)> {
    let cases = city.cases.of_kind(RULE.id).into_iter();
    cases.filter(|(_, case)| !case.closed() && !case.has("lay-down")).collect()
}

/// The offices whose holders have to agree to a rule of this place, and those who did to this draft.
pub fn agreements(city: &City, case: &Case) -> Vec<Agreement> {
    let Some(place) = city.profile().rule_place(case.text("rule-place")) else {
        return Vec::new();
    };
    let mut agreements: Vec<Agreement> =
        offices(city, &place.agreed_by).into_iter().map(|office| Agreement { office, given: None }).collect();
    for taken in case.timeline() {
        match taken.step.as_str() {
            // What was agreed to is no longer what is proposed.
            "revise" => agreements.iter_mut().for_each(|agreement| agreement.given = None),
            "agree" => {
                let offices = taken.particulars.many("offices");
                let agreed = agreements.iter_mut().filter(|a| offices.iter().any(|o| o == a.office.as_str()));
                agreed.for_each(|agreement| agreement.given = Some((taken.by.clone(), taken.at)));
            }
            _ => {}
        }
    }
    agreements
}

/// The offices from which the posts follow, each once.
fn offices(city: &City, posts: &[String]) -> Vec<OfficeId> {
    let posts = posts.iter().filter_map(|post| city.profile().post(post));
    let mut offices: Vec<OfficeId> =
        posts.flat_map(|post| city.offices_of(post)).filter_map(|office| office.id.parse().ok()).collect();
    offices.sort();
    offices.dedup();
    offices
}

/// The versions in force that `person` is to read and has not (第17条): somebody who holds a card in use.
pub fn to_acknowledge<'a>(city: &'a City, person: &PersonId, at: Timestamp) -> Vec<&'a Version> {
    if !operates(city, person, at) {
        return Vec::new();
    }
    let in_force = binding(city, at).into_iter();
    in_force.filter(|version| city.rules.acknowledged(&version.case, person).is_none()).collect()
}

/// The versions in force that every operator is to read.
fn binding(city: &City, at: Timestamp) -> Vec<&Version> {
    let places = city.profile().rule_places().iter().filter(|place| place.acknowledged_by_operators);
    let rules = places.flat_map(|place| city.rules.subjects(&place.id).into_iter().map(move |s| (place, s)));
    rules.filter_map(|(place, subject)| city.rules.in_force(&place.id, subject, at)).collect()
}

/// The person holds a card in use, or has a spare one for the day.
pub(crate) fn operates(city: &City, person: &PersonId, at: Timestamp) -> bool {
    let mut in_use = city.access.cards().filter(|(_, card)| card.state == CardState::InUse);
    in_use.any(|(id, _)| city.holder_of(id, at) == Some(person))
}

impl City {
    /// The value of every setting at `at`: the rule's in force, where one lays it down, else the profile's.
    pub fn setting_values(&self, at: Timestamp) -> SettingValues {
        let settings = self.profile().settings();
        let mut values = *settings.values();
        for place in self.profile().rule_places().iter().filter(|place| !place.settings.is_empty()) {
            let Some(version) = self.rules.in_force(&place.id, "", at) else { continue };
            for (key, value) in &version.values {
                // The profile may have become stricter since.
                let sound = settings.get(key).is_some_and(|setting| setting.check(*value).is_ok());
                if sound && place.settings.contains(key) {
                    values.set(key, *value);
                }
            }
        }
        values
    }

    /// The rule that lays a setting's value down at `at`, if there is one.
    pub fn setting_from(&self, key: &str, at: Timestamp) -> Option<&Version> {
        let places = self.profile().rule_places().iter();
        let place = places.into_iter().find(|place| place.settings.iter().any(|known| known == key))?;
        let version = self.rules.in_force(&place.id, "", at)?;
        version.values.contains_key(key).then_some(version)
    }

    /// The settings that chapters decide by, as they are at `at`.
    pub fn settings(&self, at: Timestamp) -> Settings {
        Settings::of(&self.setting_values(at))
    }

    /// The last day until which what a journal recorded on `day` is kept, as the rule in force at `at` says, counted
    /// from the first day of the next fiscal year; none where it is kept for as long as the system runs.
    pub fn kept_until(&self, journal: JournalKind, day: Date, at: Timestamp) -> Option<Date> {
        let settings = self.settings(at);
        let years = match journal {
            JournalKind::Operations => settings.operations_retention_years,
            JournalKind::Passages => settings.passages_retention_years,
            JournalKind::Register | JournalKind::Residents => return None,
        };
        kept_until(day, years)
    }
}
