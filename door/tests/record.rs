//! The controller's own record: kills, edits, a server that knows more, a server that knows less.

use std::fs;
use std::path::Path;

use door::record::{Found, RecordError, Store, list};
use door::wire::{AlarmKind, Digest, Happened, Name, Record};
use jiff::Timestamp;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a moment")
}

fn closed(door: u64) -> Happened {
    Happened::Closed { door: Name::new(&format!("door-{door}")).expect("a name") }
}

fn cut() -> Happened {
    Happened::Alarm { door: None, alarm: AlarmKind::RecordCut }
}

fn written(folder: &Path, count: u64) {
    let (mut store, _) = Store::open(folder, at(0)).expect("a record");
    for number in 0..count {
        store.append(at(0), closed(number)).expect("appended");
    }
    store.commit().expect("written");
}

fn reopened(folder: &Path) -> (Store, Found) {
    Store::open(folder, at(100)).expect("a record")
}

#[test]
fn what_was_committed_is_there_and_what_was_not_is_not() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 3);
    let (mut store, found) = reopened(folder.path());
    assert_eq!((found, store.next()), (Found::Whole, 3));
    store.append(at(1), closed(3)).unwrap();
    drop(store);
    assert_eq!(reopened(folder.path()).0.next(), 3);
}

#[test]
fn two_controllers_do_not_share_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, _) = reopened(folder.path());
    assert!(matches!(Store::open(folder.path(), at(0)), Err(RecordError::InUse { .. })));
}

#[test]
fn a_torn_last_line_is_cut_off_and_told() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 3);
    let file = folder.path().join("record.jsonl");
    let whole = fs::read(&file).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in last + 1..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        let (store, found) = reopened(folder.path());
        assert_eq!((found, store.next()), (Found::Torn, 2), "{length}");
    }
}

#[test]
fn a_changed_line_is_an_alarm_and_the_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 5);
    let file = folder.path().join("record.jsonl");
    let changed = fs::read_to_string(&file).unwrap().replace("door-2", "door-9");
    fs::write(&file, &changed).unwrap();
    let (store, found) = reopened(folder.path());
    let Found::Broken { aside } = found else { panic!("{found:?}") };
    assert_eq!(fs::read_to_string(aside).unwrap(), changed);
    let records = store.unacknowledged().unwrap();
    let kinds: Vec<_> = records.iter().map(|record| record.what.clone()).collect();
    // 2 and 3 are numbers that the rest used: the alarm stands behind them all.
    assert_eq!(kinds, [closed(0), closed(1), closed(2 + 7), cut()]);
}

#[test]
fn an_acknowledged_record_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 600);
    let (mut store, _) = reopened(folder.path());
    let mut sent = 0;
    while let Some(last) = store.unacknowledged().unwrap().last() {
        sent += store.unacknowledged().unwrap().len();
        assert_eq!(store.acknowledged(last.seq + 1, at(1)).unwrap(), None);
    }
    assert_eq!(sent, 600);
    // The server was restored from a copy of yesterday.
    store.acknowledged(100, at(2)).unwrap();
    assert_eq!(store.unacknowledged().unwrap()[0].seq, 100);
}

#[test]
fn a_server_that_knows_more_shows_that_the_record_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 2);
    let (mut store, _) = reopened(folder.path());
    let door = Name::new("door-7").unwrap();
    let passage = store.append(at(101), closed(7)).unwrap();
    store.append(at(102), Happened::NotOpened { door: door.clone(), granted: passage }).unwrap();
    assert_eq!(store.acknowledged(50, at(103)).unwrap(), Some((2, 49)));
    let records = store.unacknowledged().unwrap();
    assert_eq!(records[0].what, cut());
    assert_eq!((records[0].seq, records[0].previous), (50, Digest::NONE));
    assert_eq!(records[1].what, closed(7));
    assert_eq!(records[2].what, Happened::NotOpened { door, granted: 51 });
    drop(store);
    assert_eq!(reopened(folder.path()).1, Found::Whole);
}

#[test]
fn what_the_server_has_is_dropped_and_the_chain_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = reopened(folder.path());
    for round in 0..30 {
        for number in 0..1000 {
            store.append(at(round), closed(number)).unwrap();
        }
        store.commit().unwrap();
        store.acknowledged(store.next() - 1, at(round)).unwrap();
    }
    assert!(fs::metadata(folder.path().join("record.jsonl")).unwrap().len() < 5 * 1024 * 1024);
    assert_eq!(store.unacknowledged().unwrap().len(), 1);
    drop(store);
    let (store, found) = reopened(folder.path());
    assert_eq!((found, store.next()), (Found::Whole, 30_000));
    drop(store);
    assert!(list(folder.path()).unwrap().1);
}

/// Whether each record follows the one before, or is the alarm that begins anew.
fn chained(records: &[Record]) -> bool {
    records.windows(2).all(|pair| {
        let next = pair[1].seq == pair[0].seq + 1 && Ok(pair[1].previous) == pair[0].digest().map_err(|_| ());
        next || (pair[1].what == cut() && pair[1].seq > pair[0].seq)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_a_record_torn_or_an_alarm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("record.jsonl"), &bytes).unwrap();
        let (mut store, found) = reopened(folder.path());
        if !bytes.is_empty() {
            prop_assert_ne!(&found, &Found::Whole);
        }
        if bytes.contains(&b'\n') {
            prop_assert!(matches!(found, Found::Broken { .. }), "{:?}", found);
        }
        store.append(at(1), closed(1)).unwrap();
        store.commit().unwrap();
        drop(store);
        prop_assert_eq!(reopened(folder.path()).1, Found::Whole);
    }

    #[test]
    fn no_edit_is_silent(from in 0usize..2000, removed in 0usize..400, put in proptest::collection::vec(any::<u8>(), 0..50)) {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), 8);
        let file = folder.path().join("record.jsonl");
        let before = fs::read(&file).unwrap();
        let mut bytes = before.clone();
        let from = from % bytes.len();
        let to = (from + removed).min(bytes.len());
        bytes.splice(from..to, put);
        fs::write(&file, &bytes).unwrap();
        let (store, found) = reopened(folder.path());
        // The one edit that the file alone cannot show: whole lines missing at its end. The server knows.
        let shortened = before.starts_with(&bytes) && (bytes.is_empty() || bytes.ends_with(b"\n"));
        if bytes != before && !shortened {
            prop_assert_ne!(&found, &Found::Whole);
        }
        let records = store.unacknowledged().unwrap();
        prop_assert!(chained(&records));
        let alarmed = records.iter().any(|record| record.what == cut());
        prop_assert_eq!(alarmed, matches!(found, Found::Broken { .. }));
    }
}
