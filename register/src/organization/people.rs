//! People, and where they work, over time.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::occasion::{japan_day, japan_midnight};
use crate::{City, PersonId, Receipt, SectionId, TransferId};

/// A member of staff, or somebody who was one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 氏名.
    pub name: String,
    /// フリガナ.
    pub kana: String,
    /// 所属 before the first move.
    pub(super) first: Workplace,
    /// In order of their days, those of a reversed list included.
    pub(super) moves: Vec<Move>,
}

/// 所属: where somebody works. A section that the regulation does not touch gives no post and opens nothing, so
/// that its name is all that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workplace {
    /// A section of the profile.
    Section(SectionId),
    /// Another section of the city, as lists of staff write it.
    Outside(String),
    /// Not with the city: not yet, or no longer.
    Nowhere,
}

/// Somebody works elsewhere from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Where.
    pub to: Workplace,
    /// The first day there.
    pub from: Date,
    /// By which list.
    pub list: TransferId,
    /// Where and when this was recorded.
    pub recorded: Recorded,
    /// When the list was reversed: the move does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversed: Option<Timestamp>,
}

/// Where a fact stands in the journal, and when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Where.
    pub receipt: Receipt,
    /// When.
    pub at: Timestamp,
}

/// Somebody is no longer where something was entrusted to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The first day elsewhere.
    pub day: Date,
    /// From when on it counts: not before it was recorded.
    pub at: Timestamp,
}

impl Workplace {
    /// The section, if it is one of the profile.
    pub fn section(&self) -> Option<&SectionId> {
        match self {
            Self::Section(section) => Some(section),
            Self::Outside(_) | Self::Nowhere => None,
        }
    }
}

impl Person {
    pub(super) fn working(name: &str, kana: &str, first: Workplace) -> Self {
        Self { name: name.to_owned(), kana: kana.to_owned(), first, moves: Vec::new() }
    }

    /// The moves that count, in order of their days.
    pub fn moves(&self) -> impl DoubleEndedIterator<Item = &Move> {
        self.moves.iter().filter(|moved| moved.reversed.is_none())
    }

    /// Some list moved the person, whether it was reversed or not.
    pub(crate) fn has_moved(&self) -> bool {
        !self.moves.is_empty()
    }

    /// A list that counts moves the person.
    pub(super) fn moved_by(&self, list: &TransferId) -> bool {
        self.moves().any(|moved| moved.list == *list)
    }

    /// The person came to the city by the list.
    pub(super) fn joined_by(&self, list: &TransferId) -> bool {
        self.first == Workplace::Nowhere && self.moves().next().is_some_and(|first| first.list == *list)
    }

    /// Where the person works on `day`.
    pub fn workplace_on(&self, day: Date) -> &Workplace {
        self.moves().rev().find(|moved| moved.from <= day).map_or(&self.first, |moved| &moved.to)
    }

    /// The section of the profile in which the person works on `day`.
    pub fn section_on(&self, day: Date) -> Option<&SectionId> {
        self.workplace_on(day).section()
    }

    /// The person went, after `since` and by `at`, to work elsewhere than in `section`, which had entrusted
    /// something to the person. It ends even if the person comes back: to be entrusted anew is a new decision.
    /// A reversed move never was; but what had been entrusted by the section that it led to ends with it.
    pub fn left(&self, section: &SectionId, since: Timestamp, at: Timestamp) -> Option<Left> {
        let here = |moved: &Move| moved.to.section() == Some(section);
        let departure = |moved: &Move| match moved.reversed {
            None if !here(moved) => {
                Some(Left { day: moved.from, at: japan_midnight(moved.from).max(moved.recorded.at) })
            }
            Some(reversed) if here(moved) => Some(Left { day: japan_day(reversed), at: reversed }),
            _ => None,
        };
        self.moves.iter().filter_map(departure).find(|left| since < left.at && left.at <= at)
    }
}

impl City {
    /// The section of the profile in which somebody works at `at`.
    pub fn section_of(&self, person: &PersonId, at: Timestamp) -> Option<&SectionId> {
        self.organization.person(person)?.section_on(japan_day(at))
    }

    /// Everybody who is with the city at `at`, with the section of the profile, if it is one.
    pub fn staff(&self, at: Timestamp) -> impl Iterator<Item = (&PersonId, Option<&SectionId>)> {
        let day = japan_day(at);
        let workplaces = self.organization.people().map(move |(id, person)| (id, person.workplace_on(day)));
        let here = workplaces.filter(|(_, workplace)| **workplace != Workplace::Nowhere);
        here.map(|(id, workplace)| (id, workplace.section()))
    }

    /// 所属 for a page; empty for somebody who is not with the city.
    pub fn workplace_of(&self, person: &PersonId, at: Timestamp) -> String {
        let known = self.organization.person(person);
        known.map_or(String::new(), |person| self.workplace_name(person.workplace_on(japan_day(at))))
    }

    /// A workplace for a page; empty where it is none.
    pub fn workplace_name(&self, workplace: &Workplace) -> String {
        match workplace {
            Workplace::Section(section) => self.section_name(section),
            Workplace::Outside(name) => name.clone(),
            Workplace::Nowhere => String::new(),
        }
    }
}
