//! When the disk is full or the file is not what it should be: refused whole, said clearly, tried again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use journal::{AppendError, Checkpoint, Journal, OpenError, StoreError, VerifierKey, list, verify};
use rusqlite::Connection;

use crate::common::{ORIGIN, drafts, name, open};

/// No further page for the file, until a later call says otherwise.
const FULL: u32 = 1;
const ROOMY: u32 = 1 << 30;

#[test]
fn a_full_disk_refuses_every_waiting_call_whole_and_later_calls_try_again() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(drafts("register", 0..250)).unwrap();
    let before = journal.head(&name("register")).unwrap();
    journal.limit_pages(FULL).unwrap();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut both = drafts("operations", 0..100);
                    both.extend(drafts("register", 250..350));
                    journal.append(both)
                })
            })
            .collect();
        for call in calls {
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error, AppendError::Store(StoreError::Full));
            assert_eq!(error.to_string(), "not recorded: no room left on the disk");
            assert_eq!(error.japanese(), "原簿に記録できません：ディスクに空きがありません");
        }
    });
    assert_eq!(journal.head(&name("register")).unwrap(), before);
    assert_eq!(journal.head(&name("operations")).unwrap().size, 0);
    assert_eq!(journal.read(&name("register"), 0..u64::MAX).unwrap().count(), 250);
    assert!(verify(dir.path(), &[]).unwrap().is_sound());

    journal.limit_pages(ROOMY).unwrap();
    let receipts = journal.append(drafts("register", 250..260)).unwrap();
    assert_eq!(receipts[0].index, 250);
    assert!(verify(dir.path(), &[]).unwrap().is_sound());
    journal.close().unwrap();
    assert_eq!(open(dir.path()).head(&name("register")).unwrap().size, 260);
}

#[test]
fn a_writer_that_finds_another_state_than_its_own_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(drafts("register", 0..3)).unwrap();
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    db.execute("UPDATE journal SET size = 2 WHERE name = 'register'", []).unwrap();
    let error = journal.append(drafts("register", 3..4)).unwrap_err();
    assert!(matches!(error, AppendError::Store(StoreError::Damaged { .. })), "{error}");
    db.execute("UPDATE journal SET size = 3 WHERE name = 'register'", []).unwrap();
    journal.append(drafts("register", 3..4)).unwrap();
}

#[test]
fn a_damaged_file_does_not_open_for_appending() {
    let cases = [
        "DELETE FROM tail WHERE idx = 256",
        "UPDATE tail SET lines = replace(lines, '転入', '転出')",
        "UPDATE journal SET root = zeroblob(32) WHERE name = 'register'",
        "UPDATE tile SET hashes = zeroblob(8192)",
        "DELETE FROM tile",
        "UPDATE journal SET checkpoint = replace(checkpoint, 'sekisho', 'sekisyo') WHERE name = 'register'",
    ];
    for case in cases {
        let dir = tempfile::tempdir().unwrap();
        let journal = open(dir.path());
        journal.append(drafts("register", 0..300)).unwrap();
        journal.close().unwrap();
        let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
        assert!(db.execute(case, []).unwrap() > 0);
        db.close().unwrap();
        let error = Journal::open(dir.path(), ORIGIN, &[name("register")]).unwrap_err();
        assert!(matches!(error, OpenError::Store(StoreError::Damaged { .. })), "{case}: {error}");
    }
}

/// Growing again below what was signed for would make two histories under one name.
#[test]
fn a_journal_shorter_than_its_checkpoint_does_not_open_for_appending() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let register = name("register");
    journal.append(drafts("register", 0..9)).unwrap();
    let nine = journal.head(&register).unwrap();
    journal.checkpoint(&register).unwrap();
    journal.append(drafts("register", 9..10)).unwrap();
    let ten = journal.checkpoint(&register).unwrap();
    journal.close().unwrap();
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    db.execute("DELETE FROM tail WHERE idx = 9", []).unwrap();
    let head = "UPDATE journal SET size = 9, root = ?1, checkpoint = ?2 WHERE name = 'register'";
    db.execute(head, rusqlite::params![nine.root.as_bytes(), ten]).unwrap();
    db.close().unwrap();
    let error = Journal::open(dir.path(), ORIGIN, &[register]).unwrap_err();
    assert!(error.to_string().contains("shorter than its last checkpoint"), "{error}");
}

#[test]
fn keys_are_for_their_owner_only_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close().unwrap();
    let key = dir.path().join("keys/journal-register.key");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(key.clone()), 0o600);
    assert_eq!(mode(dir.path().join("sekisho.db")), 0o600);
    assert_eq!(mode(dir.path().join("keys")), 0o700);
    let again = || Journal::open(dir.path(), ORIGIN, &[name("register")]).map(drop);

    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(again(), Err(OpenError::KeyExposed(_))));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    let own = fs::read(&key).unwrap();
    fs::write(&key, fs::read(dir.path().join("keys/journal-operations.key")).unwrap()).unwrap();
    assert!(matches!(again(), Err(OpenError::OtherKey(_))));
    fs::write(&key, "nonsense").unwrap();
    assert!(matches!(again(), Err(OpenError::Key { .. })));
    fs::remove_file(&key).unwrap();
    assert!(matches!(again(), Err(OpenError::KeyMissing { .. })));
    fs::write(&key, own).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    again().unwrap();
}

#[test]
fn a_file_of_another_form_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        matches!(verify(dir.path(), &[]).unwrap_err().to_string().as_str(), text if text.contains("there is no"))
    );
    open(dir.path()).close().unwrap();
    let db = Connection::open(dir.path().join("sekisho.db")).unwrap();
    db.pragma_update(None, "user_version", 2).unwrap();
    db.close().unwrap();
    let error = Journal::open(dir.path(), ORIGIN, &[]).unwrap_err();
    assert!(matches!(error, OpenError::Store(StoreError::Form { version: 2, .. })));
    fs::write(dir.path().join("sekisho.db"), "not a database, but long enough to look like one ".repeat(100))
        .unwrap();
    assert!(matches!(verify(dir.path(), &[]), Err(journal::VerifyError::Store(StoreError::Corrupt(_)))));
}

#[test]
fn a_checkpoint_follows_within_a_second_and_a_little() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let key: VerifierKey = journal.vkey(&name("register")).unwrap().parse().unwrap();
    let signed = || {
        let listed = list(dir.path()).unwrap();
        let register = listed.iter().find(|listed| listed.name == name("register")).unwrap();
        Checkpoint::open(&register.checkpoint, &key).unwrap().head.size
    };
    assert_eq!(signed(), 0);
    journal.append(drafts("register", 0..3)).unwrap();
    let started = Instant::now();
    while signed() != 3 {
        assert!(started.elapsed() < Duration::from_secs(20), "no checkpoint came");
        std::thread::sleep(Duration::from_millis(20));
    }
    journal.append(drafts("register", 3..4)).unwrap();
    journal.close().unwrap();
    assert_eq!(signed(), 4);
}

/// From another user's eyes or a read-only medium: no write-ahead log, nothing can be made beside the file.
#[test]
fn a_closed_journal_leaves_one_file_that_is_read_alone() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(dir.path());
    journal.append(drafts("register", 0..300)).unwrap();
    journal.close().unwrap();
    assert!(!dir.path().join("sekisho.db-wal").exists());
    fs::copy(dir.path().join("sekisho.db"), copy.path().join("sekisho.db")).unwrap();
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o500)).unwrap();
    assert!(verify(copy.path(), &[]).unwrap().is_sound());
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o700)).unwrap();
}
