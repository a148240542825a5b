//! The whole list as a person reads it, reviewed as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use policy::{Effect, PolicyInfo};

use crate::given::REGULATOR;

#[test]
fn the_list_of_demands() {
    let mut forbids: Vec<&PolicyInfo> =
        REGULATOR.policies().filter(|policy| policy.effect == Effect::Forbid).collect();
    forbids.sort_by_key(|policy| (policy.citation, &policy.id));
    let mut text = String::new();
    for policy in forbids {
        let article = policy.citation.expect("a forbid cites").japanese();
        let PolicyInfo { id, actions, reason, remedy, .. } = policy;
        writeln!(text, "{id}\t{article}\t{}\n\t{reason}\n\t{remedy}", actions.join(" ")).expect("a string");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_policy_stands_in_the_file_of_its_article() {
    for policy in REGULATOR.policies() {
        let expected = match policy.citation {
            Some(citation) => format!("{}.cedar", citation.article()),
            None => "permits.cedar".to_owned(),
        };
        assert_eq!(policy.file, expected, "{}", policy.id);
        assert!(policy.source.contains(&format!("@id(\"{}\")", policy.id)));
    }
}

#[test]
fn people_read_polite_japanese() {
    for policy in REGULATOR.policies().filter(|policy| policy.effect == Effect::Forbid) {
        assert!(!policy.reason.ends_with('。'), "{}: one sentence without its full stop", policy.id);
        assert!(policy.remedy.ends_with("ください") || policy.remedy.contains("ください。"), "{}", policy.id);
        let texts: BTreeSet<&str> = [policy.reason.as_str(), policy.remedy.as_str()].into();
        assert_eq!(texts.len(), 2, "{}: reason and remedy differ", policy.id);
    }
}
