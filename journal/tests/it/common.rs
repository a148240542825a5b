//! What several tests need.

use std::ops::Range;
use std::path::Path;

use journal::{Draft, Journal, JournalName};
use serde_json::json;

/// Where the tests' journals say they are from.
pub(crate) const ORIGIN: &str = "sekisho.invalid/000000";

/// A name that is one.
pub(crate) fn name(name: &str) -> JournalName {
    JournalName::new(name).unwrap()
}

/// The journals `register` and `operations` of `dir`.
pub(crate) fn open(dir: &Path) -> Journal {
    Journal::open(dir, ORIGIN, &[name("register"), name("operations")]).unwrap()
}

/// One draft for each number.
pub(crate) fn drafts(journal: &str, numbers: Range<u64>) -> Vec<Draft> {
    let body = |n: u64| json!({ "n": n, "what": "転入届を受けた", "who": format!("職員{}", n % 7) });
    numbers.map(|n| Draft { journal: name(journal), body: body(n).as_object().unwrap().clone() }).collect()
}
