//! What the running product provides, by the names that the regulation's demands know it by.
//!
//! A demand is met when everything that it needs stands here, and everything that stands here is read off the
//! code that provides it: the policies that are loaded, the duties, ledgers and facts of the chapters, the
//! settings of the profile, the terms that have types.

use std::collections::BTreeSet;

use policy::{Effect, Regulator};
use register::assets::runs;
use register::{Fact, access, case, ledgers, organization, rooms, rules, terms};
use regulation::Profile;

/// The means that the product provides: `policy:14-2.card`, `duty:3-2.vacancy`, `ledger:operator-cards`,
/// `record:Operated`, `setting:password-at-server`, `term:resident-code`.
pub fn catalogue(profile: &Profile, regulator: &Regulator) -> BTreeSet<String> {
    let forbids = regulator.policies().filter(|policy| policy.effect == Effect::Forbid);
    let policies = forbids.map(|policy| format!("policy:{}", policy.id));
    let vacancies = organization::VACANCY.iter().map(|(_, rule)| *rule);
    let own = [organization::AFTER_VIEW, runs::RUN];
    let rules = rules::DUTIES.iter().chain(rooms::DUTIES).chain(access::DUTIES).copied().chain(case::rules());
    let duties = vacancies.chain(own).chain(rules).map(|rule| format!("duty:{rule}"));
    let ledgers = ledgers().map(|ledger| format!("ledger:{}", ledger.id));
    let records = Fact::names().map(|fact| format!("record:{fact}"));
    let settings = profile.settings().all().iter().map(|setting| format!("setting:{}", setting.key));
    let terms = terms::NAMES.iter().map(|term| format!("term:{term}"));
    policies.chain(duties).chain(ledgers).chain(records).chain(settings).chain(terms).collect()
}
