//! What goes into a journal comes out of it, also after closing and opening.

use crate::common::{drafts, name, open};
use journal::{AppendError, Draft, EntryError, Journal, OpenError, ReadError};
use serde_json::Map;

#[test]
fn entries_are_read_back_in_order_across_bundles_and_reopening() {
    for size in [0_u64, 1, 255, 256, 257, 512, 700] {
        let dir = tempfile::tempdir().unwrap();
        let journal = open(dir.path());
        for from in (0..size).step_by(100) {
            let receipts = journal.append(drafts("register", from..size.min(from + 100))).unwrap();
            assert_eq!(receipts[0].index, from);
        }
        let head = journal.head(&name("register")).unwrap();
        assert_eq!(head.size, size);
        journal.close().unwrap();
        let journal = open(dir.path());
        assert_eq!(journal.head(&name("register")).unwrap(), head);
        assert_eq!(journal.root_at(&name("register"), size).unwrap(), head.root);
        let read: Vec<_> =
            journal.read(&name("register"), 0..u64::MAX).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(read.len() as u64, size);
        for (index, entry) in read.iter().enumerate() {
            assert_eq!(entry.index, index as u64);
            assert_eq!(entry.body().unwrap()["n"], index);
            assert_eq!(journal.get(&name("register"), entry.index).unwrap(), *entry);
        }
        assert!(matches!(journal.get(&name("register"), size), Err(ReadError::BeyondEnd { .. })));
    }
}

#[test]
fn one_call_goes_into_several_journals() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let mut all = drafts("register", 0..2);
    all.extend(drafts("operations", 0..1));
    all.extend(drafts("register", 2..3));
    let receipts = journal.append(all).unwrap();
    let seen: Vec<(String, u64)> = receipts.iter().map(|r| (r.journal.to_string(), r.index)).collect();
    assert_eq!(
        seen,
        [("register", 0), ("register", 1), ("operations", 0), ("register", 2)]
            .map(|(n, i)| (n.to_owned(), i))
    );
}

#[test]
fn equal_bodies_have_different_salts() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let body = Map::new();
    let draft = Draft { journal: name("register"), body };
    journal.append(vec![draft.clone(), draft]).unwrap();
    let entries: Vec<_> = journal.read(&name("register"), 0..2).unwrap().map(|e| e.unwrap()).collect();
    assert_ne!(entries[0].bytes, entries[1].bytes);
    assert_eq!(entries[0].body().unwrap(), entries[1].body().unwrap());
}

#[test]
fn a_bad_draft_refuses_its_whole_call_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let mut all = drafts("register", 0..2);
    all[1].body.insert("x".into(), 1.5.into());
    assert!(matches!(
        journal.append(all),
        Err(AppendError::Draft { position: 1, error: EntryError::Canonical(_) })
    ));
    assert!(matches!(journal.append(drafts("elsewhere", 0..1)), Err(AppendError::UnknownJournal(_))));
    assert_eq!(journal.append(Vec::new()), Ok(Vec::new()));
    assert_eq!(journal.head(&name("register")).unwrap().size, 0);
    journal.append(drafts("register", 0..1)).unwrap();
}

#[test]
fn a_second_writer_is_kept_out_and_a_closed_journal_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert!(matches!(
        Journal::open(dir.path(), crate::common::ORIGIN, &[name("register")]),
        Err(OpenError::InUse(_))
    ));
    let other = journal.clone();
    journal.close().unwrap();
    assert_eq!(other.append(drafts("register", 0..1)), Err(AppendError::Closed));
    assert!(matches!(other.checkpoint(&name("register")), Err(ReadError::Closed)));
    other.close().unwrap();
    open(dir.path()).append(drafts("register", 0..1)).unwrap();
}

/// Readers in this process and verifiers beside it see whole states only, while many threads append.
#[test]
fn everything_is_read_beside_a_busy_writer() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let writing = std::sync::atomic::AtomicUsize::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..40 {
                    let mut both = drafts("register", 0..17);
                    both.extend(drafts("operations", 0..17));
                    journal.append(both).unwrap();
                }
                writing.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            });
        }
        scope.spawn(|| {
            let mut seen = 0;
            while writing.load(std::sync::atomic::Ordering::SeqCst) > 0 {
                let heads = ["register", "operations"].map(|of| journal.head(&name(of)).unwrap());
                assert!(heads[0].size >= seen && heads[0].size.is_multiple_of(17));
                seen = heads[0].size;
                let entries = journal.read(&name("register"), 0..u64::MAX).unwrap().map(|e| e.unwrap());
                assert!(entries.enumerate().all(|(at, entry)| entry.index == at as u64));
                assert_eq!(journal.root_at(&name("register"), seen).unwrap(), heads[0].root);
                let report = journal::verify(dir.path(), &[]).unwrap();
                assert!(report.is_sound(), "{report}");
                let sizes: Vec<u64> =
                    journal::list(dir.path()).unwrap().iter().map(|l| l.head.size).collect();
                assert_eq!(sizes[0], sizes[1], "one transaction, two journals");
            }
        });
    });
    assert_eq!(journal.head(&name("register")).unwrap().size, 4 * 40 * 17);
}
