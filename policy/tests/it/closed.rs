//! What cannot be judged is refused: nothing missing, unknown or failing ever permits.

use policy::{Answer, Entity, Ground, Question, Regulator, UNDECIDED, Value};

use crate::given::{
    REGULATOR, act, card, city, clerk, names, operate, person, profile, proof, sign_in, terminal,
};

fn only_ground(answer: Answer) -> Ground {
    let grounds = match answer {
        Answer::Permitted => Vec::new(),
        Answer::Refused(refusal) => refusal.grounds,
    };
    let [ground] = <[Ground; 1]>::try_from(grounds).expect("one ground");
    ground
}

#[track_caller]
fn undecided(question: &Question, because: &str) {
    let ground = only_ground(REGULATOR.judge(question));
    assert_eq!(ground.policy, UNDECIDED);
    assert_eq!(ground.citation, None);
    assert!(ground.reason.contains(because), "{}", ground.reason);
    assert!(!ground.remedy.is_empty());
}

#[test]
fn unknown_actions_and_kinds_are_refused() {
    undecided(&Question::new("abolish", clerk(), city()), "行為 `abolish`");
    undecided(&Question::new("found", Entity::new("Ghost", "x"), city()).with("founded", false), "`Ghost`");
}

#[test]
fn every_attribute_of_a_person_is_needed() {
    for name in ["section", "posts", "officerOf", "entryManagerOf"] {
        let mut question = operate().0;
        question.principal.attributes.remove(name);
        undecided(&question, name);
    }
}

#[test]
fn every_circumstance_is_needed() {
    let whole = operate().0;
    for name in whole.context.keys() {
        let mut question = whole.clone();
        question.context.remove(name);
        undecided(&question, name);
    }
    for name in proof().keys() {
        let mut question = sign_in().0;
        question.context.remove(name);
        undecided(&question, name);
        let mut question = whole.clone();
        let Some(Value::Record(proof)) = question.context.get_mut("proof") else { panic!("no proof") };
        proof.remove(name);
        undecided(&question, name);
    }
}

#[test]
fn nothing_beyond_the_schema_is_taken() {
    undecided(&operate().0.with("unheardOf", true), "unheardOf");
    let odd = clerk().with("unheardOf", true);
    undecided(&Question { principal: odd, ..operate().0 }, "unheardOf");
    let mut question = operate().0;
    let Some(Value::Record(proof)) = question.context.get_mut("proof") else { panic!("no proof") };
    proof.insert("unheardOf", true.into());
    undecided(&question, "unheardOf");
}

#[test]
fn values_of_another_type_are_refused() {
    undecided(&operate().0.with("handler", "true"), "handler");
    undecided(&operate().0.with("handler", 1), "handler");
    undecided(&operate().0.with("cardOperations", "consult"), "cardOperations");
    undecided(&Question { principal: clerk().with("posts", "head"), ..operate().0 }, "posts");
    undecided(&operate().0.with("proof", true), "proof");
}

#[test]
fn an_action_is_asked_only_of_what_it_applies_to() {
    undecided(&Question::new("closeActing", clerk(), terminal()), "");
    undecided(&Question::new("restoreCard", card(), card()), "");
}

#[test]
fn one_person_in_two_versions_is_refused() {
    let other = person("joho-tokei", &["access-manager"], &[]);
    let question =
        act("setPassword", clerk(), other).but("own", true).but("oldProven", true).but("first", false);
    undecided(&question.0, "");
}

#[test]
fn a_policy_that_fails_refuses_besides_the_others() {
    let mut files = profile();
    let overflow = r#"
        @id("18.broken") @article("第18条") @message("壊れた規定です") @remedy("直してください")
        forbid (principal, action == Action::"operate", resource)
        unless { 9223372036854775807 + 1 > 0 };"#;
    files.push(("broken.cedar".to_owned(), overflow.to_owned()));
    let regulator = Regulator::load(&files, |_| true).expect("Cedar's checks do not see it");
    let ground = only_ground(regulator.judge(&operate().0));
    assert_eq!(ground.policy, UNDECIDED);
    assert!(ground.reason.contains("`18.broken`"), "{}", ground.reason);
    let both = regulator.judge(&operate().but("handler", false).0);
    assert_eq!(names(&both), ["20.handler", UNDECIDED]);
    assert_eq!(regulator.judge(&sign_in().0), Answer::Permitted);
}

#[test]
fn a_permit_that_fails_refuses() {
    // A permit cannot have conditions, so none can fail; an empty set is the nearest to it.
    let error = Regulator::load::<&str, &str>(&[], |_| true).expect_err("no action is permitted");
    assert!(error.faults().len() >= 20, "{error}");
}
