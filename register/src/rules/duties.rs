//! What is owed in 第10章: rules that are missing, agreements that are awaited, rules that nobody has read or
//! looked over.

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::RulePlace;

use super::{agreements, binding, drafts};
use crate::access::CardState;
use crate::case::Case;
use crate::duty::{Fulfil, citation_of};
use crate::occasion::japan_day;
use crate::{CaseId, City, Duty, Owner};

/// For each place the rule that makes its emptiness a duty.
const EMPTY: &[(&str, &str)] = &[
    ("cards-and-passwords", "16(1).rules"),
    ("forms-and-cards", "20-2.rules"),
    ("assets", "21-1.rules"),
    ("operation-plan", "21-2.plan"),
    ("audits", "27-2.rules"),
    ("emergency-plan", "29.plan"),
    ("other", "30.rules"),
];

/// For each place whose rule others agree to, the rule that makes their answer a duty.
const AWAITED: &[(&str, &str)] =
    &[("forms-and-cards", "20-2.agreement"), ("operation-plan", "21-2.agreement")];

const ACKNOWLEDGE: &str = "17.acknowledge";
const REVIEW: &str = "30.review";

/// So many days ahead a review is announced.
const REVIEW_NOTICE: i64 = 30;

/// The rules of all duties of this chapter that no step of a case makes by itself.
pub const DUTIES: &[&str] = &[
    "16(1).rules",
    ACKNOWLEDGE,
    "20-2.rules",
    "20-2.agreement",
    "21-1.rules",
    "21-2.plan",
    "21-2.agreement",
    "27-2.rules",
    "29.plan",
    "30.rules",
    REVIEW,
];

/// What is owed.
pub fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
    let mut duties = Vec::new();
    let drafts = drafts(city);
    for place in city.profile().rule_places() {
        duties.extend(empty(city, place, &drafts, at));
        duties.extend(reviews(city, place, at));
    }
    for (id, case) in drafts {
        duties.extend(awaited(city, id, case));
    }
    duties.extend(unread(city, at));
    duties
}

fn author(place: &RulePlace) -> Owner {
    Owner::Post(place.laid_down_by.clone())
}

fn empty(city: &City, place: &RulePlace, drafts: &[(&CaseId, &Case)], at: Timestamp) -> Option<Duty> {
    let (_, rule) = EMPTY.iter().find(|(id, _)| *id == place.id)?;
    let subjects = city.rules.subjects(&place.id);
    let filled = subjects.iter().any(|subject| {
        let rules = &city.rules;
        rules.in_force(&place.id, subject, at).or_else(|| rules.coming(&place.id, subject, at)).is_some()
    });
    if filled {
        return None;
    }
    // A draft under way is taken further; the step that is next is owed by itself.
    let draft = drafts.iter().find(|(_, case)| case.text("rule-place") == place.id);
    let (fulfil, what) = match draft {
        Some((id, case)) => (
            Fulfil::Step { case: (*id).clone(), step: "lay-down".to_owned() },
            format!("{}の定めがありません。案「{}」を定めてください", place.name, case.title()),
        ),
        None => (Fulfil::Open("rule"), format!("{}の定めがありません。案を作り、定めてください", place.name)),
    };
    Some(Duty {
        id: rule,
        citation: citation_of(rule)?,
        subject: place.id.clone(),
        what,
        owed_by: author(place),
        since: last_gone(city, place).or(city.organization.founded_at().map(japan_day)),
        due: None,
        fulfil,
    })
}

/// The day on which the last rule of a place was withdrawn.
fn last_gone(city: &City, place: &RulePlace) -> Option<Date> {
    let of = city.rules.versions().iter().filter(|version| version.place == place.id);
    of.filter_map(|version| version.withdrawn).max().map(japan_day)
}

fn awaited<'a>(city: &'a City, id: &'a CaseId, case: &'a Case) -> impl Iterator<Item = Duty> + use<'a> {
    let rule = AWAITED.iter().find(|(place, _)| *place == case.text("rule-place")).map(|(_, rule)| *rule);
    let since = case.day_of("revise").max(case.day_of("draft"));
    let open = agreements(city, case).into_iter().filter(|agreement| agreement.given.is_none());
    open.filter_map(move |agreement| {
        let rule = rule?;
        Some(Duty {
            id: rule,
            citation: citation_of(rule)?,
            subject: format!("{id}/{}", agreement.office),
            what: format!("{}「{}」の案を読み、同意するか意見を返してください", case.label(), case.title()),
            owed_by: Owner::Office(agreement.office),
            since,
            due: case.day("in-force"),
            fulfil: Fulfil::Step { case: id.clone(), step: "agree".to_owned() },
        })
    })
}

fn unread(city: &City, at: Timestamp) -> Vec<Duty> {
    let Some(citation) = citation_of(ACKNOWLEDGE) else { return Vec::new() };
    let binding = binding(city, at);
    let mut duties = Vec::new();
    let in_use = city.access.cards().filter(|(_, card)| card.state == CardState::InUse);
    for (holder, card) in in_use.filter_map(|(id, card)| Some((city.holder_of(id, at)?, card))) {
        let issued = japan_day(card.issued.1);
        let open = binding.iter().filter(|v| city.rules.acknowledged(&v.case, holder).is_none());
        duties.extend(open.map(|version| Duty {
            id: ACKNOWLEDGE,
            citation,
            subject: format!("{}/{}", version.case, holder),
            what: format!("定め「{}」（{}）を読み、読んだと記録してください", version.title, version.version),
            owed_by: Owner::Person(holder.clone()),
            since: Some(version.from().max(issued)),
            due: None,
            fulfil: Fulfil::Step { case: version.case.clone(), step: "acknowledge".to_owned() },
        }));
    }
    // Somebody may hold two cards.
    duties.sort_by(|a, b| a.subject.cmp(&b.subject));
    duties.dedup_by(|a, b| a.subject == b.subject);
    duties
}

fn reviews(city: &City, place: &RulePlace, at: Timestamp) -> Vec<Duty> {
    let Some(citation) = citation_of(REVIEW) else { return Vec::new() };
    let subjects = city.rules.subjects(&place.id).into_iter();
    let in_force = subjects.filter_map(|subject| city.rules.in_force(&place.id, subject, at));
    let duty = |version: &super::Version| {
        let due = version.review_due(place.review_months)?;
        let since = due.checked_sub(jiff::Span::new().days(REVIEW_NOTICE)).ok()?;
        // A next version that is laid down already is its review.
        let next = city.rules.coming(&place.id, &version.subject, at).is_some();
        (since <= japan_day(at) && !next).then(|| Duty {
            id: REVIEW,
            citation,
            subject: version.case.to_string(),
            what: format!(
                "定め「{}」（{}）を見直し、改めるか、変えないと記録してください",
                version.title, version.version
            ),
            owed_by: author(place),
            since: Some(since),
            due: Some(due),
            fulfil: Fulfil::Step { case: version.case.clone(), step: "review".to_owned() },
        })
    };
    in_force.filter_map(duty).collect()
}
