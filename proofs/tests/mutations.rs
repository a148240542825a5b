//! The properties are not asleep: without any one forbid, some property breaks.

use cedar_policy::Policy;
use proofs::{ALWAYS, Profile, Prover};

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
    assert!(profile.forbids().count() >= 80, "the profile has shrunk");
    assert!(unnoticed.is_empty(), "no property breaks without {unnoticed:?}");
}

/// A demand that forgets the way out shuts somebody in.
#[test]
fn every_demand_on_the_way_in_is_noticed_on_the_way_out() {
    let profile = Profile::load();
    let started = Prover::start(profile.schema()).map_err(|error| error.to_string());
    let mut prover = started.expect("a solver");
    let leaving = ALWAYS.iter().find(|property| property.name == "leaving_is_never_refused").expect("stated");
    let environments = profile.environments();
    let [pass] = &environments["pass"][..] else { panic!("one environment") };
    let spoken: Vec<_> =
        profile.forbids().filter(|forbid| forbid.source.contains("context.entering")).collect();
    for forbid in &spoken {
        let mut more = profile.without(&forbid.id);
        let forgetful = forbid.source.replace("!context.entering", "false");
        more.add(Policy::parse(None, forgetful).expect("a policy")).expect("its name is free");
        let found = prover.refused_though(&more, &leaving.condition("pass"), pass).expect("an answer");
        assert!(found.is_some(), "`{}` may speak of the way out unnoticed", forbid.id);
    }
    assert!(spoken.len() >= 6, "who minds the way out?");
}

#[test]
fn a_missing_solver_is_named_with_its_package() {
    let error = Prover::start_with("/nonexistent/cvc5".as_ref(), Profile::load().schema()).err();
    let message = error.expect("there is no such program").to_string();
    assert!(message.contains("apt-get install cvc5"), "{message}");
}
