//! Which demands the running product meets, and by which means.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::width::{pad, width};
use crate::{Citation, DemandId, Kind, Profile};

/// One demand and what meets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The demand.
    pub id: DemandId,
    /// The chapter it stands in.
    pub chapter: u16,
    /// What sort of demand it is.
    pub kind: Kind,
    /// Whether every means that it needs is there.
    pub met: bool,
    /// The means that are there.
    pub by: Vec<String>,
    /// The means that are not there yet.
    pub missing: Vec<String>,
    /// The first place it cites, for print.
    #[serde(skip)]
    pub citation: Option<Citation>,
}

/// Compares the demands with what the product provides: strings such as `policy:14-2.card`.
pub fn coverage(profile: &Profile, catalogue: &BTreeSet<String>) -> Vec<Coverage> {
    let of = |demand: &crate::Demand| {
        let (by, missing): (Vec<_>, Vec<_>) =
            demand.needs.iter().cloned().partition(|means| catalogue.contains(means));
        Coverage {
            id: demand.id.clone(),
            chapter: demand.chapter,
            kind: demand.kind,
            // A demand without means would be met by nothing at all.
            met: missing.is_empty() && !by.is_empty(),
            by,
            missing,
            citation: demand.citations.first().copied(),
        }
    };
    profile.demands().iter().map(of).collect()
}

/// What the product provides although no demand asks for it: a misspelt means, or one not yet tied.
pub fn untied(profile: &Profile, catalogue: &BTreeSet<String>) -> Vec<String> {
    let asked: BTreeSet<&String> = profile.demands().iter().flat_map(|demand| &demand.needs).collect();
    catalogue.iter().filter(|means| !asked.contains(means)).cloned().collect()
}

/// The table for people, in columns that line up where Japanese characters are two columns wide.
pub fn coverage_table(profile: &Profile, rows: &[Coverage]) -> String {
    let id_width = rows.iter().map(|row| width(row.id.as_str())).max().unwrap_or(0);
    let mut text = String::new();
    let mut chapter = 0;
    for row in rows {
        if row.chapter != chapter {
            chapter = row.chapter;
            let title = profile.chapter(chapter).map_or("", |chapter| chapter.title.as_str());
            let _ = writeln!(text, "第{chapter}章 {title}");
        }
        let state = if row.met { "○ 満たす" } else { "× まだ" };
        let kind = row.kind.japanese();
        let _ = write!(text, "  {} {kind} {} ", pad(row.id.as_str(), id_width), pad(state, 8));
        if !row.by.is_empty() {
            let _ = write!(text, " {}", row.by.join(" "));
        }
        if !row.missing.is_empty() {
            let _ = write!(text, "  不足: {}", row.missing.join(" "));
        }
        text.push('\n');
    }
    let met = rows.iter().filter(|row| row.met).count();
    let _ = writeln!(text, "要求 {}件のうち {met}件を満たす（残り {}件）", rows.len(), rows.len() - met);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    fn profile() -> Profile {
        Profile::load(&embedded("tokorozawa-2002").unwrap()).unwrap()
    }

    #[test]
    fn a_demand_is_met_only_when_nothing_is_missing() {
        let profile = profile();
        let demand = profile.demand("2(3)").unwrap();
        let all: BTreeSet<String> = demand.needs.iter().cloned().collect();
        let row = |catalogue: &BTreeSet<String>| {
            coverage(&profile, catalogue).into_iter().find(|row| row.id == demand.id).unwrap()
        };
        assert!(row(&all).met);
        for one in &all {
            let mut less = all.clone();
            less.remove(one);
            let row = row(&less);
            assert_eq!((row.met, row.missing), (false, vec![one.clone()]));
        }
        let everything = profile.demands().iter().flat_map(|demand| demand.needs.clone()).collect();
        assert!(coverage(&profile, &everything).iter().all(|row| row.met));
        assert!(coverage(&profile, &BTreeSet::new()).iter().all(|row| !row.met && row.by.is_empty()));
    }

    #[test]
    fn json_has_the_promised_keys() {
        let rows = coverage(&profile(), &BTreeSet::from(["ledger:refusals".to_owned()]));
        let json = serde_json::to_value(&rows[0]).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "id": "1", "chapter": 1, "kind": "TERM", "met": false,
                "by": ["ledger:refusals"], "missing": ["record:Refused"],
            })
        );
    }

    #[test]
    fn the_table_lines_up_and_counts() {
        let profile = profile();
        let rows =
            coverage(&profile, &BTreeSet::from(["record:Refused".to_owned(), "ledger:refusals".to_owned()]));
        let table = coverage_table(&profile, &rows);
        let kinds: BTreeSet<usize> = table
            .lines()
            .filter(|line| line.starts_with("  "))
            .map(|line| width(line.split(['○', '×']).next().unwrap_or_default()))
            .collect();
        assert_eq!(kinds.len(), 1, "{table}");
        assert!(table.ends_with("要求 49件のうち 1件を満たす（残り 48件）\n"), "{table}");
    }

    #[test]
    fn a_misspelt_means_is_found() {
        let catalogue = BTreeSet::from(["ledger:refusals".to_owned(), "ledger:refusal".to_owned()]);
        assert_eq!(untied(&profile(), &catalogue), ["ledger:refusal"]);
    }
}
