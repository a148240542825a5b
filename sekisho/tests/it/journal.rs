//! `sekisho journal` on a small city, and what it says of a journal that somebody wrote in.

use std::fs;
use std::path::Path;

use journal::{Draft, Journal, JournalName};

use crate::tool::sekisho;

fn city(data: &Path) -> Journal {
    let names: Vec<JournalName> = ["register", "operations"].map(|name| name.parse().unwrap()).into();
    let journal = Journal::open(data, "sekisho.invalid/test", &names).unwrap();
    let draft = |name: &JournalName, number: u64| {
        let serde_json::Value::Object(body) = serde_json::json!({ "number": number }) else { unreachable!() };
        Draft { journal: name.clone(), body }
    };
    journal.append((0..700).map(|number| draft(&names[0], number)).collect()).unwrap();
    journal.append((0..9).map(|number| draft(&names[1], number)).collect()).unwrap();
    journal
}

#[test]
fn a_journal_is_listed_verified_exported_and_proved() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // Beside the open journal, as beside a running server.
    let journal = city(&data);
    for name in ["register", "operations"] {
        journal.checkpoint(&name.parse().unwrap()).unwrap();
    }
    let data = data.display();
    let list = sekisho(&format!("journal list --data {data}")).well();
    let mut lines: Vec<&str> = list.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["operations 9", "register 700"]);
    let verified = sekisho(&format!("journal verify --data {data}")).well();
    assert!(verified.contains("register: 700 entries, root ") && verified.ends_with(", ok\n"), "{verified}");
    let key = sekisho(&format!("journal vkey --data {data} --journal register")).well();
    assert!(key.starts_with("sekisho.invalid/test/register+"), "{key}");
    let out = folder.path().join("out");
    sekisho(&format!("journal export --data {data} --journal register {}", out.display())).well();
    for file in ["checkpoint", "tile/0/000", "tile/entries/000"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    let proof = sekisho(&format!("journal prove 300 --data {data} --journal register")).well();
    assert!(proof.parse::<journal::TlogProof>().is_ok_and(|proof| proof.index == 300), "{proof}");
    sekisho(&format!("journal prove 3 --data {data}")).well();
    sekisho(&format!("journal prove 9 --data {data}")).with(1, &["9項まで"]);
    sekisho(&format!("journal vkey --data {data} --journal residents")).with(1, &["residents"]);
    sekisho(&format!("journal vkey --data {data} --journal ../x")).with(2, &["原簿の名前"]);
    sekisho(&format!("journal export --data {data} --journal register {}", out.display()))
        .with(1, &["空のフォルダー"]);
}

#[test]
fn a_saved_checkpoint_shows_a_cut_tail() {
    let folder = tempfile::tempdir().unwrap();
    let (long, short) = (folder.path().join("long"), folder.path().join("short"));
    let journal = city(&long);
    journal.close().unwrap();
    drop(journal);
    copy_files(&long, &short);
    let names: Vec<JournalName> = ["register", "operations"].map(|name| name.parse().unwrap()).into();
    let journal = Journal::open(&long, "sekisho.invalid/test", &names).unwrap();
    let serde_json::Value::Object(body) = serde_json::json!({ "number": 9 }) else { unreachable!() };
    journal.append(vec![Draft { journal: names[1].clone(), body }]).unwrap();
    let saved = folder.path().join("saved");
    fs::write(&saved, journal.checkpoint(&names[1]).unwrap()).unwrap();
    let (long, short, saved) = (long.display(), short.display(), saved.display());
    sekisho(&format!("journal verify --data {long} --checkpoint {saved}")).well();
    sekisho(&format!("journal verify --data {short}")).well();
    let cut = sekisho(&format!("journal verify --data {short} --checkpoint {saved}"));
    let cut = cut.with(1, &["原簿 operations"]);
    assert!(cut.out.contains("operations: first bad index 9"), "{}", cut.out);
    fs::write(folder.path().join("none"), "nothing\n").unwrap();
    let none = folder.path().join("none");
    sekisho(&format!("journal verify --data {long} --checkpoint {}", none.display())).with(1, &["検査点"]);
}

#[test]
fn where_no_journal_is_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("nothing");
    for line in ["journal list", "journal verify", "history trace --operator 2101"] {
        sekisho(&format!("{line} --data {}", data.display())).with(1, &["sekisho.db", "--data"]);
    }
    assert!(!data.exists());
}

pub(crate) fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy_files(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
