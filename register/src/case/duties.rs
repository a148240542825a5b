//! What is owed of the cases: every step that can be taken now and that its definition says somebody owes.

use jiff::Timestamp;

use super::{Case, StepDef};
use crate::duty::{Fulfil, citation_of};
use crate::occasion::japan_day;
use crate::{CaseId, City, Duty};

pub(super) fn owed(city: &City, at: Timestamp) -> Vec<Duty> {
    let mut duties = Vec::new();
    for (id, case) in city.cases.iter().filter(|(_, case)| !case.closed()) {
        for step in case.next() {
            duties.extend(owed_step(city, id, case, step.def(), at));
        }
    }
    duties
}

fn owed_step<'a>(
    city: &'a City,
    id: &'a CaseId,
    case: &'a Case,
    step: &'static StepDef,
    at: Timestamp,
) -> impl Iterator<Item = Duty> + use<'a> {
    let owed = step.owed.as_ref();
    // Since the last of the steps that it waits for.
    let since = step.after.iter().filter_map(|before| case.last(before)).map(|taken| taken.at).max();
    let since = since.or(case.timeline().first().map(|taken| taken.at)).map(japan_day);
    owed.into_iter().flat_map(move |owed| {
        let what = format!("{}「{}」{}", case.label(), case.title(), owed.what);
        (owed.by)(city, case, at).into_iter().filter_map(move |owed_by| {
            Some(Duty {
                id: owed.rule,
                citation: citation_of(owed.rule)?,
                subject: id.to_string(),
                what: what.clone(),
                owed_by,
                since,
                due: (owed.due)(city, case),
                fulfil: Fulfil::Step { case: id.clone(), step: step.id.to_owned() },
            })
        })
    })
}
