//! Whatever is appended in whatever calls, the tree is that of the entries, now and after opening again.

use journal::{Frontier, TreeHead, leaf_hash, verify, verify_consistency};
use proptest::prelude::*;

use crate::common::{drafts, name, open};

#[derive(Debug, Clone)]
enum Step {
    Append(&'static str, u64),
    Both(u64, u64),
    Reopen,
    Checkpoint,
}

fn step() -> impl Strategy<Value = Step> {
    // Sizes at which bundles just fill, just do not, and are passed over.
    let count = prop_oneof![0_u64..5, prop::sample::select(vec![127, 128, 255, 256, 257, 513])];
    prop_oneof![
        4 => (prop::sample::select(vec!["register", "operations"]), count.clone()).prop_map(|(j, n)| Step::Append(j, n)),
        2 => (count.clone(), count).prop_map(|(a, b)| Step::Both(a, b)),
        1 => Just(Step::Reopen),
        1 => Just(Step::Checkpoint),
    ]
}

/// The head recomputed from what can be read.
fn recomputed(journal: &journal::Journal, of: &str) -> TreeHead {
    let mut frontier = Frontier::new();
    for entry in journal.read(&name(of), 0..u64::MAX).unwrap() {
        frontier.push(leaf_hash(&entry.unwrap().bytes), |_, _| {});
    }
    frontier.head()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_appends_gives_the_same_head_after_reopening(steps in prop::collection::vec(step(), 1..12)) {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = open(dir.path());
        let mut sizes = [0_u64; 2];
        let mut saved = Vec::new();
        for step in steps {
            match step {
                Step::Append(to, count) => {
                    let size = &mut sizes[usize::from(to == "operations")];
                    let receipts = journal.append(drafts(to, *size..*size + count)).unwrap();
                    prop_assert!(receipts.iter().map(|r| r.index).eq(*size..*size + count));
                    *size += count;
                }
                Step::Both(a, b) => {
                    let mut all = drafts("register", sizes[0]..sizes[0] + a);
                    all.extend(drafts("operations", sizes[1]..sizes[1] + b));
                    prop_assert_eq!(journal.append(all).unwrap().len() as u64, a + b);
                    sizes = [sizes[0] + a, sizes[1] + b];
                }
                Step::Reopen => {
                    journal.close().unwrap();
                    journal = open(dir.path());
                }
                Step::Checkpoint => saved.push(journal.checkpoint(&name("register")).unwrap()),
            }
            prop_assert_eq!(journal.head(&name("register")).unwrap().size, sizes[0]);
            prop_assert_eq!(journal.head(&name("operations")).unwrap().size, sizes[1]);
        }
        let heads = ["register", "operations"].map(|j| journal.head(&name(j)).unwrap());
        prop_assert_eq!(heads, ["register", "operations"].map(|j| recomputed(&journal, j)));
        drop(journal);
        let saved: Vec<&str> = saved.iter().map(String::as_str).collect();
        let report = verify(dir.path(), &saved).unwrap();
        prop_assert!(report.is_sound(), "{}", report);
        let journal = open(dir.path());
        prop_assert_eq!(heads, ["register", "operations"].map(|j| journal.head(&name(j)).unwrap()));
    }
}

/// A tree with tiles of level 2, grown over its boundary in small steps.
#[test]
fn tiles_of_level_two_begin_at_65536_entries() {
    let dir = tempfile::tempdir().unwrap();
    let register = name("register");
    let mut heads: Vec<TreeHead> = Vec::new();
    let mut size = 0;
    for until in [65_279, 65_280, 65_535, 65_536, 65_537, 65_792, 66_000] {
        let journal = open(dir.path());
        assert_eq!(journal.head(&register).unwrap().size, size);
        while size < until {
            let to = until.min(size + 8_000);
            journal.append(drafts("register", size..to)).unwrap();
            size = to;
        }
        heads.push(journal.head(&register).unwrap());
        assert_eq!(journal.get(&register, size - 1).unwrap().body().unwrap()["n"], size - 1);
    }
    assert!(verify(dir.path(), &[]).unwrap().is_sound());
    let journal = open(dir.path());
    assert_eq!(recomputed(&journal, "register"), heads[6]);
    for old in &heads {
        assert_eq!(journal.root_at(&register, old.size).unwrap(), old.root);
        let proof = journal.consistency_proof(&register, old.size, heads[6].size).unwrap();
        assert!(verify_consistency(old, &heads[6], &proof));
        let mut other = *old;
        other.root.0[0] ^= 1;
        assert!(!verify_consistency(&other, &heads[6], &proof));
    }
}
