//! The properties are not asleep: without any one forbid, some property breaks.

use proofs::{Profile, Prover};

/// The demand is felt at each of its actions, not at one of them only.
#[test]
fn every_forbid_is_noticed_at_every_action_that_it_speaks_of() {
    let profile = Profile::load();
    let started = Prover::start(profile.schema()).map_err(|error| error.to_string());
    let mut prover = started.expect("a solver");
    let mut unnoticed = Vec::new();
    for forbid in profile.forbids() {
        let noticed = profile.noticed_by(&mut prover, forbid).expect("answers");
        let asleep = forbid.actions.iter().filter(|action| !noticed.iter().any(|(at, _)| at == *action));
        unnoticed.extend(asleep.map(|action| format!("{} at {action}", forbid.id)));
    }
    assert!(profile.forbids().count() >= 27, "the profile has shrunk");
    assert!(unnoticed.is_empty(), "no property breaks without {unnoticed:?}");
}

#[test]
fn a_missing_solver_is_named_with_its_package() {
    let error = Prover::start_with("/nonexistent/cvc5".as_ref(), Profile::load().schema()).err();
    let message = error.expect("there is no such program").to_string();
    assert!(message.contains("apt-get install cvc5"), "{message}");
}
