//! One city's regulation as data, and its versions in force over time.

mod embedded;
mod fault;
mod gaps;
mod load;
mod parts;
mod reader;
mod settings;
mod source;

use std::path::Path;

use jiff::civil::Date;
use thiserror::Error;

pub use embedded::{embedded, embedded_names};
pub use fault::{Fault, ProfileError};
pub use gaps::Gap;
pub use parts::{
    Article, Authenticator, CardKind, Chapter, Council, Demand, DemandId, Holders, Interpretation, Keep,
    Kind, Office, OperationDef, Plan, Post, ProfileId, Proof, Retention, Room, RoomKind, RoomLevel,
    RulePlace, Scope, Section,
};
pub use settings::{ChangeError, Conflict, Setting, SettingValue, SettingValues, Settings};
pub use source::{Bundle, Folder, Source};

use crate::{Citation, Number};

/// One version of one city's regulation (規程の設定).
// INVARIANT (whole): references between parts hold, and every citation names a place of `articles`.
#[derive(Clone, Debug)]
pub struct Profile {
    id: ProfileId,
    municipality: String,
    municipality_code: String,
    title: String,
    law_number: String,
    in_force: Date,
    until: Option<Date>,
    chapters: Vec<Chapter>,
    articles: Vec<Article>,
    demands: Vec<Demand>,
    sections: Vec<Section>,
    offices: Vec<Office>,
    posts: Vec<Post>,
    council: Council,
    room_levels: Vec<RoomLevel>,
    rooms: Vec<Room>,
    operations: Vec<OperationDef>,
    card_kinds: Vec<CardKind>,
    authenticators: Vec<Authenticator>,
    retentions: Vec<Retention>,
    settings: Settings,
    rule_places: Vec<RulePlace>,
    interpretations: Vec<Interpretation>,
    policies: Vec<(String, String)>,
}

impl Profile {
    /// Reads a profile from its files.
    ///
    /// # Errors
    /// Every fault of the files, if there is one.
    pub fn load(source: &impl Source) -> Result<Self, ProfileError> {
        load::load(source).map_err(ProfileError::new)
    }

    /// Its id, such as `tokorozawa-2002`.
    pub fn id(&self) -> &ProfileId {
        &self.id
    }

    /// The city: 所沢市.
    pub fn municipality(&self) -> &str {
        &self.municipality
    }

    /// Its 全国地方公共団体コード, six digits.
    pub fn municipality_code(&self) -> &str {
        &self.municipality_code
    }

    /// The regulation's title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its number, such as 平成14年所沢市訓令第15号.
    pub fn law_number(&self) -> &str {
        &self.law_number
    }

    /// The first day on which it is in force.
    pub fn in_force(&self) -> Date {
        self.in_force
    }

    /// The last day on which it is in force, if that is known.
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    /// The chapters in order.
    pub fn chapters(&self) -> &[Chapter] {
        &self.chapters
    }

    /// The articles in order.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// The demands in the order of the regulation.
    pub fn demands(&self) -> &[Demand] {
        &self.demands
    }

    /// The sections of the city that the regulation touches.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The offices that posts are tied to.
    pub fn offices(&self) -> &[Office] {
        &self.offices
    }

    /// The posts of the regulation.
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// The council.
    pub fn council(&self) -> &Council {
        &self.council
    }

    /// The levels of rooms, strictest first.
    pub fn room_levels(&self) -> &[RoomLevel] {
        &self.room_levels
    }

    /// The rooms.
    pub fn rooms(&self) -> &[Room] {
        &self.rooms
    }

    /// The operations that cards open.
    pub fn operations(&self) -> &[OperationDef] {
        &self.operations
    }

    /// 第14条第2項: the ways by which terminals prove an operator; the first is that of a terminal of which nothing else
    /// is said.
    pub fn authenticators(&self) -> &[Authenticator] {
        &self.authenticators
    }

    /// The way by which a terminal proves an operator; without a code the usual one.
    pub fn authenticator(&self, id: Option<&str>) -> Option<&Authenticator> {
        match id {
            Some(id) => self.authenticators.iter().find(|kind| kind.id == id),
            None => self.authenticators.first(),
        }
    }

    /// The kinds of operators' cards.
    pub fn card_kinds(&self) -> &[CardKind] {
        &self.card_kinds
    }

    /// How long each journal is kept.
    pub fn retentions(&self) -> &[Retention] {
        &self.retentions
    }

    /// What the regulation leaves to the city.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the regulation leaves to rules laid down separately, in its order.
    pub fn rule_places(&self) -> &[RulePlace] {
        &self.rule_places
    }

    /// The readings taken.
    pub fn interpretations(&self) -> &[Interpretation] {
        &self.interpretations
    }

    /// The policy files: name (`14.cedar`) and text, in the order of the names.
    pub fn policies(&self) -> &[(String, String)] {
        &self.policies
    }

    /// The chapter of a number.
    pub fn chapter(&self, number: u16) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| chapter.number == number)
    }

    /// The article of a number.
    pub fn article(&self, number: Number) -> Option<&Article> {
        self.articles.iter().find(|article| article.number == number)
    }

    /// Whether the regulation has this place.
    pub fn knows(&self, place: &Citation) -> bool {
        self.article(place.article()).is_some_and(|article| article.has(*place))
    }

    /// The demand of an id.
    pub fn demand(&self, id: &str) -> Option<&Demand> {
        self.demands.iter().find(|demand| demand.id.as_str() == id)
    }

    /// The demands that cite an article or a part of it.
    pub fn demands_of(&self, article: Number) -> impl Iterator<Item = &Demand> {
        self.demands.iter().filter(move |d| d.citations.iter().any(|c| c.article() == article))
    }

    /// The section of a code.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The section that is written so: by its code or its name.
    pub fn section_written(&self, text: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == text || section.name == text)
    }

    /// The office of a section that a list of staff calls so.
    pub fn office_called(&self, section: &str, title: &str) -> Option<&Office> {
        self.offices.iter().find(|office| office.section == section && office.is_called(title))
    }

    /// The office of a code.
    pub fn office(&self, id: &str) -> Option<&Office> {
        self.offices.iter().find(|office| office.id == id)
    }

    /// The post of a code.
    pub fn post(&self, id: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.id == id)
    }

    /// The posts that come with an office.
    pub fn posts_of_office(&self, office: &str) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(move |post| post.offices().iter().any(|of| of == office))
    }

    /// The room of a code.
    pub fn room(&self, id: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.id == id)
    }

    /// The kind of card of a code.
    pub fn card_kind(&self, id: &str) -> Option<&CardKind> {
        self.card_kinds.iter().find(|kind| kind.id == id)
    }

    /// The place of a code that a rule fills.
    pub fn rule_place(&self, id: &str) -> Option<&RulePlace> {
        self.rule_places.iter().find(|place| place.id == id)
    }

    /// How long a journal is kept.
    pub fn retention(&self, journal: &str) -> Option<&Retention> {
        self.retentions.iter().find(|retention| retention.journal == journal)
    }
}

/// Every fault of the profile in a folder; empty when it can be used.
pub fn check(folder: &Path) -> Vec<Fault> {
    load::load(&Folder::at(folder)).err().unwrap_or_default()
}

/// The versions of a city's regulation in force over time.
#[derive(Clone, Debug)]
pub struct Profiles {
    // INVARIANT (succession): at least one, in the order of `in_force`, no two on the same day.
    versions: Vec<Profile>,
}

/// Why several profiles are not the versions of one regulation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProfilesError {
    /// There is none.
    #[error("there is no profile")]
    None,
    /// Two begin on the same day, or have the same id.
    #[error("`{0}` and `{1}` have the same id or the same first day in force")]
    Same(String, String),
    /// One ends after the next one has begun.
    #[error("`{0}` is still in force when `{1}` begins")]
    Overlap(String, String),
    /// They are of different cities.
    #[error("`{0}` and `{1}` are of different municipalities")]
    OtherCity(String, String),
}

impl ProfilesError {
    /// For people.
    pub fn japanese(&self) -> String {
        match self {
            Self::None => "規程の設定が一つもありません".to_owned(),
            Self::Same(a, b) => format!("「{a}」と「{b}」は符号か施行日が同じです"),
            Self::Overlap(a, b) => format!("「{b}」の施行日に「{a}」がまだ効力を持っています"),
            Self::OtherCity(a, b) => format!("「{a}」と「{b}」は別の市町村の規程です"),
        }
    }
}

impl Profiles {
    /// Puts versions in order. A version without an end ends on the day before the next one begins.
    ///
    /// # Errors
    /// When they cannot follow one another.
    pub fn new(mut versions: Vec<Profile>) -> Result<Self, ProfilesError> {
        versions.sort_by_key(|profile| profile.in_force);
        if versions.is_empty() {
            return Err(ProfilesError::None);
        }
        for index in 1..versions.len() {
            let (before, after) = versions.split_at_mut(index);
            let (Some(earlier), Some(later)) = (before.last_mut(), after.first()) else {
                continue;
            };
            let names = || (earlier.id.to_string(), later.id.to_string());
            let (first, second) = names();
            if earlier.municipality_code != later.municipality_code {
                return Err(ProfilesError::OtherCity(first, second));
            }
            if earlier.id == later.id || earlier.in_force == later.in_force {
                return Err(ProfilesError::Same(first, second));
            }
            if earlier.until.is_some_and(|until| until >= later.in_force) {
                return Err(ProfilesError::Overlap(first, second));
            }
            earlier.until = earlier.until.or(later.in_force.yesterday().ok());
        }
        Ok(Self { versions })
    }

    /// The version in force on a day; `None` before the first, and in a gap.
    pub fn in_force_on(&self, day: Date) -> Option<&Profile> {
        let begun = self.versions.iter().rev().find(|profile| profile.in_force <= day)?;
        begun.until.is_none_or(|until| day <= until).then_some(begun)
    }

    /// The version of an id.
    pub fn get(&self, id: &str) -> Option<&Profile> {
        self.versions.iter().find(|profile| profile.id.as_str() == id)
    }

    /// All of them, oldest first.
    pub fn all(&self) -> &[Profile] {
        &self.versions
    }
}

#[cfg(test)]
mod tests;
