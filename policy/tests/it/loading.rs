//! A bad set of policies never loads, and the fault names file, line and what to do.

use policy::{Fault, LoadError, Problem, Regulator};
use regulation::Citation;

use crate::given::{PROFILE, REGULATOR, profile};

const GOOD: &str = r#"@id("18.more") @article("第18条") @message("足りません") @remedy("足してください")
forbid (principal, action == Action::"operate", resource) unless { context.handler };"#;

fn load_with(name: &str, text: &str) -> Result<Regulator, LoadError> {
    let mut files = profile();
    files.push((name.to_owned(), text.to_owned()));
    Regulator::load(&files, |place| PROFILE.knows(place))
}

/// The only fault of the profile with this file besides.
#[track_caller]
fn fault(text: &str) -> Fault {
    let error = load_with("bad.cedar", text).expect_err("a fault");
    let [fault] = <[Fault; 1]>::try_from(error.faults().to_vec()).expect("one fault");
    assert!(!fault.problem().japanese().is_empty() && !fault.problem().advice().is_empty());
    fault
}

#[track_caller]
fn found(text: &str, line: usize, problem: Problem) {
    let fault = fault(text);
    assert_eq!((fault.file(), fault.line(), fault.problem()), ("bad.cedar", line, &problem));
}

fn id() -> String {
    "18.more".to_owned()
}

#[test]
fn a_good_policy_more_loads() {
    let regulator = load_with("more.cedar", GOOD).expect("no fault");
    let more = regulator.policy("18.more").expect("it is there");
    assert_eq!(more.citation, "18".parse::<Citation>().ok());
    assert_eq!((more.file.as_str(), more.line), ("more.cedar", 1));
    assert_eq!(more.actions, ["operate"]);
}

#[test]
fn what_is_not_cedar() {
    let fault = fault("\n\n@id(\"18.more\") forbit (principal, action, resource);");
    assert_eq!((fault.file(), fault.line()), ("bad.cedar", 3));
    assert!(matches!(fault.problem(), Problem::Syntax { .. }));
}

#[test]
fn a_template() {
    let text = "\n@id(\"18.more\")\nforbid (principal == ?principal, action, resource);";
    found(text, 2, Problem::Template);
}

#[test]
fn a_policy_without_a_name() {
    found(&GOOD.replace("@id(\"18.more\")", ""), 1, Problem::NoId);
    found(&GOOD.replace("\"18.more\"", "\" \""), 1, Problem::NoId);
}

#[test]
fn a_name_taken_twice() {
    let other = "bad.cedar:1".to_owned();
    found(&format!("{GOOD}\n{GOOD}"), 3, Problem::DuplicateId { id: id(), other });
    let taken = GOOD.replace("18.more", "18.purpose");
    assert!(
        matches!(fault(&taken).problem(), Problem::DuplicateId { other, .. } if other.starts_with("18.cedar:"))
    );
}

#[test]
fn a_forbid_that_would_refuse_without_a_word() {
    for (name, text) in [
        ("article", "@article(\"第18条\")"),
        ("message", "@message(\"足りません\")"),
        ("remedy", "@remedy(\"足してください\")"),
    ] {
        found(&GOOD.replace(text, ""), 1, Problem::NoAnnotation { id: id(), name });
    }
    let error =
        load_with("bad.cedar", &GOOD.replace("@message(\"足りません\")", "").replace("第18条", "")).err();
    assert_eq!(error.expect("two faults").faults().len(), 2);
}

#[test]
fn an_article_that_is_none() {
    let fault = fault(&GOOD.replace("第18条", "十八条のどこか"));
    assert!(matches!(fault.problem(), Problem::BadArticle { article, .. } if article == "十八条のどこか"));
}

#[test]
fn an_article_that_the_regulation_does_not_have() {
    let text = GOOD.replace("第18条", "第99条").replace("18.more", "99.more");
    found(&text, 1, Problem::UnknownArticle { id: "99.more".to_owned(), article: "第99条".to_owned() });
}

#[test]
fn a_name_that_belongs_to_another_article() {
    for wrong in ["17.more", "18", "18.", "18more", "undecided"] {
        let problem = Problem::WrongPrefix { id: wrong.to_owned(), expected: "18".to_owned() };
        found(&GOOD.replace("18.more", wrong), 1, problem);
    }
}

#[test]
fn a_policy_that_does_not_fit_the_schema() {
    for (wrong, line) in [
        (GOOD.replace("context.handler", "context.handlr"), 2),
        (GOOD.replace("context.handler", "context.operation"), 2),
        (GOOD.replace("context.handler", "principal.age == 1"), 2),
    ] {
        let fault = fault(&wrong);
        assert_eq!(fault.line(), line, "{fault}");
        assert!(matches!(fault.problem(), Problem::Unfit { id, .. } if id == "18.more"), "{fault}");
    }
}

#[test]
fn an_action_that_is_none() {
    let text = GOOD.replace("Action::\"operate\"", "Action::\"opperate\"");
    let error = load_with("bad.cedar", &text).expect_err("faults");
    let unrecognized = |fault: &Fault| fault.line() == 2 && fault.to_string().contains("opperate");
    assert!(error.faults().iter().any(unrecognized), "{error}");
}

#[test]
fn a_policy_that_never_speaks() {
    let never = GOOD.replace("unless { context.handler }", "when { false }");
    assert!(matches!(fault(&never).problem(), Problem::Unfit { .. }));
}

#[test]
fn a_permit_with_conditions() {
    for narrow in [
        r#"permit (principal, action == Action::"operate", resource) when { context.handler };"#,
        r#"permit (principal, action in [Action::"operate", Action::"signIn"], resource);"#,
        r#"permit (principal is Person, action == Action::"operate", resource);"#,
        r#"permit (principal, action == Action::"operate", resource == Terminal::"t-01");"#,
        "permit (principal, action, resource);",
    ] {
        found(
            &format!("@id(\"permit.more\") {narrow}"),
            1,
            Problem::NarrowPermit { id: "permit.more".to_owned() },
        );
    }
}

#[test]
fn a_second_permit() {
    let second = "@id(\"permit.more\") permit (principal, action == Action::\"operate\", resource);";
    let problem = Problem::SecondPermit { action: "operate".to_owned(), other: "permit.operate".to_owned() };
    assert_eq!(fault(second).problem(), &problem);
}

#[test]
fn an_action_that_nothing_permits() {
    let mut files = profile();
    for (_, text) in &mut files {
        *text = text.replace(
            "@id(\"permit.appoint\")\npermit (principal, action == Action::\"appoint\", resource);",
            "",
        );
    }
    let error = Regulator::load(&files, |_| true).expect_err("a fault");
    let [fault] = error.faults() else { panic!("{error}") };
    assert_eq!(fault.problem(), &Problem::NoPermit { action: "appoint".to_owned() });
    let declared = policy::SCHEMA.lines().nth(fault.line() - 1).expect("the line of the schema");
    assert!(declared.contains("appoint"), "{declared}");
}

#[test]
fn all_faults_at_once_sorted_by_place() {
    let mut files = profile();
    files.push(("b.cedar".to_owned(), format!("{}\nforbid;", GOOD.replace("第18条", "第19条"))));
    files.push((
        "a.cedar".to_owned(),
        GOOD.replace("第18条", "第19条") + &GOOD.replace("@id(\"18.more\")", ""),
    ));
    let error = Regulator::load(&files, |_| true).expect_err("faults");
    let places: Vec<(&str, usize)> =
        error.faults().iter().map(|fault| (fault.file(), fault.line())).collect();
    assert_eq!(places, [("a.cedar", 1), ("a.cedar", 2), ("b.cedar", 3)], "{error}");
    assert_eq!(error.to_string().lines().count(), 3);
}

#[test]
fn the_version_knows_every_byte_and_no_order() {
    let version = REGULATOR.version();
    assert!(version.starts_with("sha256:") && version.len() == "sha256:".len() + 64, "{version}");
    let mut files = profile();
    files.reverse();
    let reversed = Regulator::load(&files, |_| true).expect("no fault");
    assert_eq!(reversed.version(), version);
    files[0].1.push(' ');
    let changed = Regulator::load(&files, |_| true).expect("no fault");
    assert_ne!(changed.version(), version);
    files[0].1.pop();
    files[0].0.push('x');
    let renamed = Regulator::load(&files, |_| true).expect("no fault");
    assert_ne!(renamed.version(), version);
}
