//! What can be done next with a case: the regulation is asked about each step before anybody fills in its form.

use std::collections::BTreeSet;

use policy::{Answer as Judged, Refusal};
use register::case::{Act, FieldDef, FieldKind, Particulars, Step, Value};
use register::{CaseId, City};

use crate::ask::Ask;

/// Choices of one field that are tried.
const TRIED: usize = 30;

/// What the regulation would answer to this step if its form were filled in as well as it can be. Some steps are
/// lawful only with the right choice, such as a directive that follows from a resolution: a person is told
/// that a step is not for them only where no choice would make it so.
pub(super) fn refused(ask: &Ask, case: &CaseId, step: Step) -> Option<Refusal> {
    let stay = ask.stay()?;
    let office = ask.app.office();
    let on = office.occasion(stay, ask.request_of(""));
    let tries = {
        let city = office.city();
        tries(&city, step, on.at)
    };
    let mut least: Option<Refusal> = None;
    for particulars in tries {
        let act = Act { case: case.clone(), step, particulars };
        match office.ask(&act.into(), &on) {
            Judged::Permitted => return None,
            Judged::Refused(refusal) => {
                if least.as_ref().is_none_or(|least| refusal.grounds.len() < least.grounds.len()) {
                    least = Some(refusal);
                }
            }
        }
    }
    least
}

/// The form filled in with the first of each choice, and then with every other choice of each field.
fn tries(city: &City, step: Step, at: jiff::Timestamp) -> Vec<Particulars> {
    let mut first = Particulars::new();
    for field in step.def().fields {
        let ids = ids(city, field, at);
        first = match field.kind {
            FieldKind::One(_) | FieldKind::Case(..) => match ids.into_iter().next() {
                Some(id) => first.with(field.id, id),
                None => first,
            },
            FieldKind::Many(_) | FieldKind::Cases(..) => first.with(field.id, Value::Many(ids)),
            _ => first,
        };
    }
    let mut tries = vec![first.clone()];
    for field in step.def().fields {
        if matches!(field.kind, FieldKind::One(_) | FieldKind::Case(..)) {
            let others = ids(city, field, at).into_iter().skip(1).take(TRIED);
            tries.extend(others.map(|id| first.clone().with(field.id, id)));
        }
    }
    tries
}

fn ids(city: &City, field: &FieldDef, at: jiff::Timestamp) -> Vec<String> {
    field.choices(city, at).into_iter().map(|choice| choice.id).collect()
}

/// The reasons of a refusal, each once.
pub(super) fn reasons(refusal: &Refusal) -> Vec<String> {
    let mut told = BTreeSet::new();
    let grounds = refusal.grounds.iter().map(|ground| ground.reason.clone());
    grounds.filter(|reason| told.insert(reason.clone())).collect()
}
