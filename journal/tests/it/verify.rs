//! Verification finds every kind of tampering and names the first bad index.

use std::path::Path;

use journal::{Journal, Report, verify};
use rusqlite::{Connection, params};

use crate::common::{drafts, name, open};

/// A journal of `size` entries, closed, and its last checkpoint.
fn made(dir: &Path, size: u64) -> String {
    let journal = open(dir);
    // A tail of some rows with many entries, and rows with one entry each from 600 on.
    let singly = size.min(600);
    journal.append(drafts("register", 0..size.min(580))).unwrap();
    journal.append(drafts("register", size.min(580)..singly)).unwrap();
    for n in singly..size {
        journal.append(drafts("register", n..n + 1)).unwrap();
    }
    let checkpoint = journal.checkpoint(&name("register")).unwrap();
    journal.close().unwrap();
    checkpoint
}

fn report(dir: &Path, saved: &[&str]) -> Report {
    verify(dir, saved).unwrap()
}

fn register(report: &Report) -> String {
    report.verdicts.iter().find(|v| v.name == name("register")).unwrap().to_string()
}

/// What verification says after `tamper` on a journal of 700 entries: two bundles and a tail.
fn after(tamper: impl FnOnce(&Connection)) -> String {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path(), 700);
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    tamper(&db);
    db.close().unwrap();
    let report = report(dir.path(), &[]);
    let said = register(&report);
    assert_eq!(report.is_sound(), said.ends_with(", ok"), "{said}");
    said
}

fn begins(said: &str, beginning: &str) {
    assert!(said.starts_with(beginning), "`{said}` does not begin with `{beginning}`");
}

/// The id of the journal `register`.
const REGISTER: &str = "(SELECT id FROM journal WHERE name = 'register')";

fn run(db: &Connection, sql: &str) {
    assert!(db.execute(&sql.replace("REGISTER", REGISTER), []).unwrap() > 0, "{sql} changed nothing");
}

fn lines(db: &Connection, n: i64) -> Vec<u8> {
    let sql = format!("SELECT lines FROM bundle WHERE journal = {REGISTER} AND n = ?1");
    zstd::decode_all(db.query_row(&sql, [n], |row| row.get::<_, Vec<u8>>(0)).unwrap().as_slice()).unwrap()
}

fn replace_lines(db: &Connection, n: i64, lines: &[u8]) {
    let packed = zstd::bulk::compress(lines, 3).unwrap();
    let sql = format!("UPDATE bundle SET lines = ?2 WHERE journal = {REGISTER} AND n = ?1");
    assert_eq!(db.execute(&sql, params![n, packed]).unwrap(), 1);
}

fn edit_lines(db: &Connection, n: i64, edit: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let bytes = lines(db, n);
    let mut entries: Vec<Vec<u8>> = bytes.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
    edit(&mut entries);
    replace_lines(db, n, &entries.concat());
}

#[test]
fn an_untouched_journal_is_ok() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = made(dir.path(), 700);
    let root = checkpoint.lines().nth(2).unwrap();
    let report = report(dir.path(), &[&checkpoint]);
    assert!(report.is_sound());
    assert_eq!(register(&report), format!("700 entries, root {root}, ok"));
    assert!(report.to_string().contains(&format!("\nregister: 700 entries, root {root}, ok\n")));
}

#[test]
fn a_flipped_bit_is_named() {
    begins(&after(|db| edit_lines(db, 1, |entries| entries[44][3] ^= 0x10)), "first bad index 300:");
    begins(&after(|db| edit_lines(db, 0, |entries| entries[0][0] ^= 0x01)), "first bad index 0:");
    begins(
        &after(|db| {
            run(
                db,
                "UPDATE tail SET lines = replace(lines, '転入', '転出') WHERE journal = REGISTER AND idx = 600",
            )
        }),
        "first bad index 600:",
    );
    begins(
        &after(|db| run(db, "UPDATE tail SET root = zeroblob(32) WHERE journal = REGISTER AND idx = 699")),
        "first bad index 699:",
    );
    begins(
        &after(|db| run(db, "UPDATE tail SET leaves = zeroblob(32) WHERE journal = REGISTER AND idx = 699")),
        "first bad index 699:",
    );
    begins(
        &after(|db| {
            run(
                db,
                "UPDATE tail SET lines = replace(lines, '\"n\":590', '\"n\":591') WHERE journal = REGISTER AND idx = 580",
            )
        }),
        "first bad index 590:",
    );
    begins(
        &after(|db| run(db, "UPDATE journal SET root = zeroblob(32) WHERE id = REGISTER")),
        "first bad index 700 or later:",
    );
    begins(
        &after(|db| run(db, "UPDATE tile SET hashes = zeroblob(8192) WHERE journal = REGISTER AND n = 1")),
        "first bad index 256:",
    );
    begins(
        &after(|db| run(db, "UPDATE bundle SET root = zeroblob(32) WHERE journal = REGISTER AND n = 1")),
        "first bad index 256 or later:",
    );
    begins(
        &after(|db| run(db, "UPDATE bundle SET lines = x'00' WHERE journal = REGISTER AND n = 1")),
        "first bad index 256:",
    );
    begins(
        &after(|db| {
            run(db, "UPDATE journal SET checkpoint = replace(checkpoint, '700', '701') WHERE id = REGISTER")
        }),
        "first bad index 0 or later: the stored checkpoint is not signed",
    );
}

#[test]
fn a_removed_row_is_named() {
    begins(&after(|db| edit_lines(db, 1, |entries| drop(entries.remove(44)))), "first bad index 300:");
    begins(&after(|db| edit_lines(db, 1, |entries| drop(entries.pop()))), "first bad index 511:");
    begins(
        &after(|db| run(db, "DELETE FROM tail WHERE journal = REGISTER AND idx = 600")),
        "first bad index 600:",
    );
    begins(
        &after(|db| run(db, "DELETE FROM tail WHERE journal = REGISTER AND idx = 580")),
        "first bad index 580:",
    );
    begins(
        &after(|db| run(db, "DELETE FROM bundle WHERE journal = REGISTER AND n = 0")),
        "first bad index 0:",
    );
    begins(
        &after(|db| run(db, "DELETE FROM bundle WHERE journal = REGISTER AND n = 1")),
        "first bad index 256:",
    );
    begins(
        &after(|db| run(db, "DELETE FROM tile WHERE journal = REGISTER AND n = 1")),
        "first bad index 256:",
    );
}

#[test]
fn a_swapped_row_is_named() {
    begins(&after(|db| edit_lines(db, 1, |entries| entries.swap(44, 50))), "first bad index 300:");
    let swap = |db: &Connection, table: &str, column: &str, a: i64, b: i64| {
        for (from, to) in [(a, 1_000_000), (b, a), (1_000_000, b)] {
            run(
                db,
                &format!("UPDATE {table} SET {column} = {to} WHERE journal = REGISTER AND {column} = {from}"),
            );
        }
    };
    // The whole row moves, with what is stored beside the entry.
    begins(&after(|db| swap(db, "tail", "idx", 600, 650)), "first bad index 600:");
    begins(&after(|db| swap(db, "bundle", "n", 0, 1)), "first bad index 0:");
    begins(
        &after(|db| {
            swap(db, "bundle", "n", 0, 1);
            swap(db, "tile", "n", 0, 1);
        }),
        "first bad index 0 or later:",
    );
}

#[test]
fn an_added_row_is_named() {
    begins(
        &after(|db| edit_lines(db, 1, |entries| entries.insert(44, b"{}\n".to_vec()))),
        "first bad index 300:",
    );
    begins(&after(|db| edit_lines(db, 1, |entries| entries.push(b"{}\n".to_vec()))), "first bad index 512:");
    let insert = |idx: i64| {
        move |db: &Connection| {
            run(
                db,
                &format!(
                    "INSERT INTO tail SELECT REGISTER, {idx}, '{{}}' || char(10), zeroblob(32), zeroblob(32)"
                ),
            );
        }
    };
    begins(&after(insert(700)), "first bad index 700:");
    begins(&after(insert(3)), "first bad index 3:");
    begins(
        &after(|db| {
            run(
                db,
                "INSERT INTO bundle SELECT journal, 2, lines, root FROM bundle WHERE journal = REGISTER AND n = 0",
            )
        }),
        "first bad index 700:",
    );
    begins(
        &after(|db| {
            run(
                db,
                "INSERT INTO tile SELECT journal, 1, 0, hashes FROM tile WHERE journal = REGISTER AND n = 0",
            )
        }),
        "first bad index 700:",
    );
}

#[test]
fn a_cut_tail_is_found_by_the_stored_and_by_the_saved_checkpoint() {
    begins(
        &after(|db| run(db, "DELETE FROM tail WHERE journal = REGISTER AND idx >= 650")),
        "first bad index 650:",
    );
    begins(
        &after(|db| {
            run(db, "DELETE FROM tail WHERE journal = REGISTER AND idx >= 650");
            run(db, "UPDATE journal SET size = 650 WHERE id = REGISTER");
        }),
        "first bad index 650: the entry is missing: the journal is shorter than a signed checkpoint",
    );
}

/// The earlier state of a journal, whole and correctly signed, put back over a later one.
#[test]
fn a_journal_put_back_to_an_earlier_state_is_found_by_a_saved_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path(), 300);
    let earlier = std::fs::read(dir.path().join("sekisho.db")).unwrap();
    let journal = open(dir.path());
    journal.append(drafts("register", 300..400)).unwrap();
    let saved = journal.checkpoint(&name("register")).unwrap();
    journal.close().unwrap();
    assert!(report(dir.path(), &[&saved]).is_sound());
    std::fs::write(dir.path().join("sekisho.db"), earlier).unwrap();
    assert!(report(dir.path(), &[]).is_sound());
    begins(&register(&report(dir.path(), &[&saved])), "first bad index 300: the entry is missing");
}

/// Another history, made with the same key: what only a checkpoint saved elsewhere can show.
#[test]
fn a_rewritten_history_is_found_by_saved_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let mut saved = Vec::new();
    for (from, to) in [(0, 300), (300, 310)] {
        journal.append(drafts("register", from..to)).unwrap();
        saved.push(journal.checkpoint(&name("register")).unwrap());
    }
    journal.close().unwrap();
    assert!(report(dir.path(), &[&saved[0], &saved[1]]).is_sound());
    std::fs::remove_file(dir.path().join("sekisho.db")).unwrap();
    made(dir.path(), 310);
    assert!(report(dir.path(), &[]).is_sound());
    begins(
        &register(&report(dir.path(), &[&saved[1]])),
        "first bad index 0 or later: the entries do not lead",
    );
    begins(
        &register(&report(dir.path(), &[&saved[0]])),
        "first bad index 0 or later: the entries do not lead",
    );
}

#[test]
fn a_checkpoint_of_another_key_or_journal_is_told() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    made(dir.path(), 3);
    let foreign = made(other.path(), 3);
    begins(
        &register(&report(dir.path(), &[&foreign])),
        "first bad index 0 or later: a saved checkpoint is not signed by the journal's key",
    );
    let elsewhere =
        Journal::open(tempfile::tempdir().unwrap().path(), "other.invalid", &[name("register")]).unwrap();
    let elsewhere = elsewhere.checkpoint(&name("register")).unwrap();
    assert!(verify(dir.path(), &[&elsewhere]).unwrap_err().to_string().contains("no journal of origin"));
    assert!(verify(dir.path(), &["nonsense"]).is_err());
}

#[test]
fn a_journal_that_is_no_longer_listed_is_told() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path(), 3);
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    run(&db, "DELETE FROM journal WHERE id = REGISTER");
    assert!(verify(dir.path(), &[]).is_err());
}

/// Enough bundles for the threads: the first bad one is named, whichever thread has it.
#[test]
fn many_bundles_are_verified_by_threads_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let size = 256 * 90 + 5;
    let journal = open(dir.path());
    let mut saved = Vec::new();
    for (from, to) in [(0, 1000), (1000, 1024), (1024, 20_001), (20_001, size)] {
        journal.append(drafts("register", from..to)).unwrap();
        saved.push(journal.checkpoint(&name("register")).unwrap());
    }
    journal.close().unwrap();
    let saved: Vec<&str> = saved.iter().map(String::as_str).collect();
    let untouched = report(dir.path(), &saved);
    assert!(untouched.is_sound(), "{untouched}");
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    for bad in [256 * 89 + 255, 256 * 40 + 7, 256 * 39 + 9, 3] {
        edit_lines(&db, bad / 256, |entries| entries[(bad % 256) as usize][2] ^= 1);
        begins(&register(&report(dir.path(), &saved)), &format!("first bad index {bad}:"));
    }
    run(&db, "DELETE FROM bundle WHERE journal = REGISTER AND n = 60");
    begins(&register(&report(dir.path(), &saved)), "first bad index 3:");
}

/// A bit anywhere in a stored bundle: found, unless the decompressed entries are the same to the last bit.
#[test]
fn any_flipped_bit_of_a_stored_bundle_is_found() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path(), 700);
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    let sql = format!("SELECT lines FROM bundle WHERE journal = {REGISTER} AND n = 1");
    let packed: Vec<u8> = db.query_row(&sql, [], |row| row.get(0)).unwrap();
    let original = lines(&db, 1);
    let update = format!("UPDATE bundle SET lines = ?1 WHERE journal = {REGISTER} AND n = 1");
    let mut unnoticed = 0;
    for at in (0..packed.len()).step_by(41).chain(0..12) {
        let mut flipped = packed.clone();
        flipped[at] ^= 1 << (at % 8);
        db.execute(&update, [&flipped]).unwrap();
        let said = register(&report(dir.path(), &[]));
        if said.ends_with(", ok") {
            assert_eq!(lines(&db, 1), original, "byte {at}");
            unnoticed += 1;
        } else {
            let index: u64 =
                said["first bad index ".len()..].split([':', ' ']).next().unwrap().parse().unwrap();
            assert!((256..=512).contains(&index), "{said}");
        }
    }
    assert!(unnoticed < 5, "{unnoticed} flipped bits without effect");
}
