//! `/cases/…`: whatever goes in steps, from its definition: lists, one case with what can be done next, paper.

mod fields;
mod list;
mod one;
mod paper;
mod path;
mod steps;

use jiff::Timestamp;
use register::case::{Case, CaseDef, def};
use register::{CaseId, City, Duty, Fulfil, PersonId};

pub(crate) use list::{fresh, list, open};
pub(crate) use one::{show, take};
pub(crate) use paper::print;

use crate::ask::{Ask, part_of};
use crate::pages::oversees;
use crate::trouble::Trouble;
use crate::view::{Badge, Link, State};

/// The kind of case in the address.
fn kind(ask: &Ask) -> Result<&'static CaseDef, Trouble> {
    def(ask.part("kind")).ok_or(Trouble::Missing)
}

/// The case in the address, of the kind in the address.
fn case(ask: &Ask) -> Result<(CaseId, Case), Trouble> {
    let kind = kind(ask)?;
    let id: CaseId = ask.part("case").parse().map_err(|_| Trouble::Missing)?;
    let office = ask.app.office();
    let (now, city) = (office.now(), office.city());
    let case = city.cases.get(&id).filter(|case| case.kind() == kind.id).ok_or(Trouble::Missing)?;
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    if !sees(&city, me, (&id, case), &city.duties(now), now) {
        return Err(Trouble::NotYours(
            "この案件を見られるのは、規程の職にある人と、この案件に関わる人です。".to_owned(),
        ));
    }
    Ok((id, case.clone()))
}

/// Whoever holds a post of the regulation sees every case; others see those in which they act or owe something.
pub(crate) fn sees(
    city: &City,
    me: &PersonId,
    (id, case): (&CaseId, &Case),
    duties: &[Duty],
    at: Timestamp,
) -> bool {
    // What is laid down binds everybody, and so everybody may read it.
    case.kind() == "rule"
        // Nor is a permit withheld from whom it is for.
        || (case.kind() == "permit" && case.text("person") == me.as_str())
        || oversees(city, me, at)
        || case.timeline().iter().any(|taken| taken.by == *me)
        || duties.iter().any(|duty| is_of(duty, id) && city.owes(me, duty, at))
}

/// Whether a duty is one of this case.
fn is_of(duty: &Duty, id: &CaseId) -> bool {
    matches!(&duty.fulfil, Fulfil::Step { case, .. } if case == id)
}

/// Where a case stands: it is nobody's concern when it is closed, or when nobody owes anything of it.
fn standing(case: &Case, waiting: bool, overdue: bool) -> Badge {
    let state = match (case.closed() || !waiting, overdue) {
        (true, _) => State::Plain,
        (false, true) => State::Late,
        (false, false) => State::Owed,
    };
    Badge::new(state, case.state_name())
}

/// The page of a case.
pub(crate) fn address(city: &City, id: &str) -> Option<String> {
    let id: CaseId = id.parse().ok()?;
    let case = city.cases.get(&id)?;
    Some(format!("/cases/{}/{id}", case.kind()))
}

/// From the part of the site that these cases are in, to here.
fn trail<const MANY: usize>(here: &str, links: [Link; MANY]) -> Vec<Link> {
    part_of(here).into_iter().chain(links).collect()
}
