//! The usual way through a case: the steps that its progress shows.

use std::collections::BTreeMap;

use register::case::{Case, CaseDef, StepDef};

use crate::view::{Stage, Step};

/// How far a case is: what was done, what comes next, what is to come.
pub(super) fn progress(def: &'static CaseDef, case: &Case) -> Vec<Step> {
    if case.closed() {
        let done = def.steps.iter().filter(|step| case.has(step.id));
        return done.map(|step| Step { stage: Stage::Done, text: step.done.to_owned() }).collect();
    }
    let way = way(def, case);
    let now = way.iter().position(|step| !case.has(step.id)).unwrap_or(way.len());
    let stage = |at: usize| match at.cmp(&now) {
        std::cmp::Ordering::Less => Stage::Done,
        std::cmp::Ordering::Equal => Stage::Now,
        std::cmp::Ordering::Greater => Stage::Next,
    };
    let text = |step: &StepDef, at| if at < now { step.done } else { step.name };
    way.iter()
        .enumerate()
        .map(|(at, step)| Step { stage: stage(at), text: text(step, at).to_owned() })
        .collect()
}

/// The longest chain of steps that each wait for the one before. Steps that take others back are no way ahead,
/// and a step that waits for something unusual is on the way only once that has happened.
fn way(def: &'static CaseDef, case: &Case) -> Vec<&'static StepDef> {
    // Where a step stands in its chain, and the step before it.
    let mut chain: BTreeMap<&str, (usize, Option<&'static StepDef>)> = BTreeMap::new();
    let mut last = def.opening();
    for step in def.steps.iter().filter(|step| step.undoes.is_empty()) {
        let known = step.after.iter().filter_map(|before| {
            let depth = chain.get(before)?.0;
            Some((depth, def.step(before)?))
        });
        let before = known.max_by_key(|(depth, _)| *depth);
        let usual = step
            .after
            .iter()
            .all(|other| before.is_some_and(|(_, before)| before.id == *other) || case.has(other));
        if !usual && !step.after.is_empty() {
            continue;
        }
        let depth = before.map_or(0, |(depth, _)| depth + 1);
        chain.insert(step.id, (depth, before.map(|(_, step)| step)));
        let deepest = last.and_then(|last| chain.get(last.id)).map_or(0, |(depth, _)| *depth);
        let owed = |step: &StepDef| step.owed.is_some();
        let better = depth > deepest || (depth == deepest && owed(step) && !last.is_some_and(owed));
        if better {
            last = Some(step);
        }
    }
    let mut way = Vec::new();
    while let Some(step) = last {
        way.push(step);
        last = chain.get(step.id).and_then(|(_, before)| *before);
    }
    way.reverse();
    way
}
