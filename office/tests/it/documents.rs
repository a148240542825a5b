//! Documents bound by their hash.

use std::fs;
use std::path::PathBuf;

use office::{Declined, DocumentError};
use register::case::{Act, Document, Particulars};
use testbed::{Kit, holder, id};

fn file(kit: &Kit, sha256: &str) -> PathBuf {
    kit.folder.path().join("documents").join(&sha256[..2]).join(sha256)
}

#[test]
fn a_document_is_kept_once_and_given_back() {
    let kit = Kit::founded();
    let kept = kit.office.keep_document("議事録".as_bytes()).unwrap();
    assert_eq!(kept.bytes, 9);
    assert_eq!(kit.office.keep_document("議事録".as_bytes()).unwrap(), kept);
    assert_eq!(kit.office.document(&kept.sha256).unwrap(), "議事録".as_bytes());
    let folder = file(&kit, &kept.sha256).parent().unwrap().to_owned();
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no draft is left");
}

#[test]
#[cfg(unix)]
fn a_document_is_its_owners_alone() {
    use std::os::unix::fs::MetadataExt;
    let kit = Kit::founded();
    let kept = kit.office.keep_document(b"x").unwrap();
    let path = file(&kit, &kept.sha256);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_document_that_was_changed_is_told() {
    let kit = Kit::founded();
    let kept = kit.office.keep_document(b"agreed").unwrap();
    fs::write(file(&kit, &kept.sha256), b"forged").unwrap();
    let error = kit.office.document(&kept.sha256).unwrap_err();
    assert!(matches!(error, DocumentError::Tampered { .. }), "{error}");
    assert!(error.japanese().contains("書き換えられています"));
    // Handing in the right bytes again does not hide what happened.
    assert!(matches!(kit.office.keep_document(b"agreed"), Err(DocumentError::Tampered { .. })));
}

#[test]
fn what_is_no_hash_is_no_path() {
    let kit = Kit::founded();
    let upper = "AB".repeat(32);
    for name in ["", "..", "../../keys/pepper", "é", &"0".repeat(63), &"0".repeat(64), &upper] {
        assert!(matches!(kit.office.document(name), Err(DocumentError::Unknown { .. })), "{name}");
    }
}

#[test]
fn nothing_and_too_much_are_not_kept() {
    let kit = Kit::founded();
    assert!(matches!(kit.office.keep_document(b""), Err(DocumentError::Empty)));
    let large = vec![0; 20 * 1024 * 1024 + 1];
    assert!(matches!(kit.office.keep_document(&large), Err(DocumentError::TooLarge { .. })));
    assert!(kit.office.keep_document(&large[1..]).is_ok());
}

#[test]
fn the_same_document_may_come_from_many_at_once() {
    let kit = Kit::founded();
    let hashes: Vec<String> = std::thread::scope(|scope| {
        let keep = || kit.office.keep_document(b"the same").unwrap().sha256;
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(keep)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(hashes.iter().all(|hash| hash == &hashes[0]));
}

#[test]
fn a_case_is_bound_only_to_what_is_kept() {
    let kit = Kit::founded();
    let kept = kit.office.keep_document(b"%PDF").unwrap();
    let propose = |document: Document| {
        let particulars = Particulars::new()
            .with("title", "画面の施錠")
            .with("matter-kind", "measures")
            .with("explanation", "離席のとき")
            .with("document", document);
        let step = "matter.propose".parse().unwrap();
        kit.act(&holder("shimin-kacho"), Act { case: id("m-1"), step, particulars })
    };
    let document = Document { name: "資料.pdf".to_owned(), sha256: kept.sha256, bytes: kept.bytes };
    let others = [
        Document { sha256: "0".repeat(64), ..document.clone() },
        Document { bytes: 5, ..document.clone() },
        Document { sha256: "../../../keys/pepper".to_owned(), bytes: 32, ..document.clone() },
    ];
    for other in others {
        let declined = propose(other).unwrap_err();
        assert!(matches!(declined, Declined::Unreadable { field: "document", .. }), "{declined:?}");
    }
    propose(document).unwrap();
}
