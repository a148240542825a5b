//! What a transfer list would bring, told before it is applied.

use std::collections::BTreeSet;

use forms::Faults;
use jiff::Timestamp;
use jiff::civil::Date;
use regulation::{Holders, Scope};

use super::TransferRow;
use super::handover::{self, HandOver};
use super::plan::{Planned, plan};
use crate::occasion::japan_day;
use crate::organization::Workplace;
use crate::{City, OfficeId, PersonId};

/// What a list would bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// 発令日.
    pub day: Date,
    /// The day is past: the list takes effect at once, and stands in the register from that day on.
    pub late: bool,
    /// Whom it moves, in the order of the file.
    pub people: Vec<Moving>,
    /// What would stand vacant: to be confirmed.
    pub vacated: Vec<Vacated>,
    /// Lines about people of whom the register need not know.
    pub passed_over: Vec<usize>,
}

/// One person of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// The line of the file.
    pub line: usize,
    /// Who.
    pub person: PersonId,
    /// 氏名.
    pub name: String,
    /// Where from.
    pub from: Workplace,
    /// Where to.
    pub to: Workplace,
    /// The register does not know the person yet.
    pub joins: bool,
    /// Offices that the person no longer holds.
    pub lost: Vec<OfficeId>,
    /// The office that the person takes.
    pub gained: Option<OfficeId>,
    /// 充て職 that go.
    pub posts_lost: BTreeSet<PostHeld>,
    /// 充て職 that come.
    pub posts_gained: BTreeSet<PostHeld>,
    /// What has to be handed over.
    pub hand_over: Vec<HandOver>,
}

/// A post as somebody holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PostHeld {
    /// Which.
    pub post: String,
    /// Its name, with the section or room it is for: セキュリティ責任者（市民課）.
    pub name: String,
}

/// An office that would stand vacant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vacated {
    /// Which.
    pub office: OfficeId,
    /// Its name.
    pub name: String,
    /// The posts that nobody would hold.
    pub posts: BTreeSet<PostHeld>,
}

impl Moving {
    /// The person leaves the city.
    pub fn leaves(&self) -> bool {
        self.to == Workplace::Nowhere
    }
}

impl Preview {
    /// Sections that are not of the profile, by name: where a slip of the pen would show.
    pub fn outside(&self) -> BTreeSet<&str> {
        let ends = self.people.iter().flat_map(|moving| [&moving.from, &moving.to]);
        ends.filter_map(|end| match end {
            Workplace::Outside(name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
    }
}

/// What the rows would bring if they were applied at `at`.
///
/// # Errors
/// Every fault, with line and column: nothing of the list could be applied.
pub fn preview(city: &City, rows: &[TransferRow], at: Timestamp) -> Result<Preview, Faults> {
    let plan = plan(city, rows)?;
    let open = city.duties(at);
    let moving = |planned: &Planned<'_>| {
        let Planned { row, joins, from, to, lost, gained } = planned;
        let before: BTreeSet<PostHeld> = posts_of(city, from, lost);
        let after = posts_of(city, to, gained);
        Moving {
            line: row.line,
            person: row.person.clone(),
            name: row.name.clone(),
            from: from.clone(),
            to: to.clone(),
            joins: *joins,
            lost: lost.clone(),
            gained: gained.clone(),
            posts_lost: before.difference(&after).cloned().collect(),
            posts_gained: after.difference(&before).cloned().collect(),
            hand_over: handover::of(city, &row.person, to, at, &open),
        }
    };
    let vacated = |office: &OfficeId| Vacated {
        office: office.clone(),
        name: city.office_name(office),
        posts: posts_of(city, &Workplace::Nowhere, [office]),
    };
    Ok(Preview {
        day: plan.day,
        late: plan.day < japan_day(at),
        people: plan.people.iter().map(moving).collect(),
        vacated: plan.vacated.iter().map(vacated).collect(),
        passed_over: plan.passed_over,
    })
}

/// The posts that come with a workplace and with offices.
fn posts_of<'a>(
    city: &City,
    workplace: &Workplace,
    offices: impl IntoIterator<Item = &'a OfficeId>,
) -> BTreeSet<PostHeld> {
    let profile = city.profile();
    let held = |post: &regulation::Post, of: Option<&str>| PostHeld {
        post: post.id.clone(),
        name: of.map_or(post.name.clone(), |of| format!("{}（{of}）", post.name)),
    };
    let section = workplace.section();
    let by_section = profile.posts().iter().filter(|post| match &post.holders {
        Holders::Section(own) => section.is_some_and(|section| section.as_str() == own),
        Holders::Offices(_) => false,
    });
    let mut posts: BTreeSet<PostHeld> = by_section.map(|post| held(post, None)).collect();
    for office in offices {
        for post in profile.posts_of_office(office.as_str()) {
            match post.scope {
                Scope::City => {
                    posts.insert(held(post, None));
                }
                Scope::Section => {
                    let section = profile.office(office.as_str());
                    let section = section.and_then(|office| profile.section(&office.section));
                    posts.insert(held(post, section.map(|section| section.name.as_str())));
                }
                Scope::Room => {
                    let rooms = profile.rooms().iter().filter(|room| room.entry_manager == office.as_str());
                    posts.extend(rooms.map(|room| held(post, Some(&room.name))));
                }
            }
        }
    }
    posts
}
