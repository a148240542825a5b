//! Which demands are met: the list of those that are not, kept in the tree, may only shrink.

use std::fs;

use crate::tool::{root, sekisho};

fn rows() -> Vec<serde_json::Value> {
    let ended = sekisho("regulation coverage --json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ended.out).unwrap();
    let met = rows.iter().all(|row| row["met"] == true);
    assert_eq!((ended.code, ended.err.as_str()), (if met { 0 } else { 1 }, ""));
    rows
}

/// A demand that is met must leave the list, and one that no longer is must come back to it: both are to be seen.
#[test]
fn what_is_not_met_is_listed() {
    let found: Vec<String> = rows()
        .iter()
        .filter(|row| row["met"] == false)
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let listed = fs::read_to_string(root().join("sekisho/tests/unmet.txt")).unwrap();
    let listed: Vec<&str> = listed.lines().collect();
    assert_eq!(found, listed, "bring sekisho/tests/unmet.txt up to `sekisho regulation coverage`");
}

#[test]
fn every_demand_has_a_row() {
    let rows = rows();
    assert_eq!(rows.len(), 49);
    for row in &rows {
        let kind = row["kind"].as_str().unwrap();
        assert!(["MAY", "MUST", "RECORD", "TERM"].contains(&kind), "{row}");
        assert!((1..=10).contains(&row["chapter"].as_u64().unwrap()), "{row}");
        let by = row["by"].as_array().unwrap();
        assert!(row["met"] == false || !by.is_empty(), "{row}");
    }
    let table = sekisho("regulation coverage").out;
    assert!(table.contains("第10章") && table.contains("要求 49件のうち"), "{table}");
}
