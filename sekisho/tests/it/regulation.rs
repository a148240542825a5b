//! `sekisho regulation check` and `import`.

use std::fs;

use crate::tool::{root, sekisho};

/// A regulation made up for this test.
const TEXT: &str = "\
架空市住民基本台帳ネットワークシステムセキュリティ規程

第１章　総則
（趣旨）
第１条　この規程は、架空の市の試験のために書いたものである。
（用語）
第２条　この規程において、次の各号の用語は、当該各号のとおりとする。
（１）　端末　試験の端末
（２）　カード　試験のカード
第２章　組織
（責任者）
第３条　責任者を置く。
２　責任者は、試験部長をもって充てる。ただし、不在のときは、この限りでない。
　　附　則
この規程は、公布の日から施行する。
";

#[test]
fn the_shipped_profile_has_no_fault() {
    let folder = root().join("profiles/tokorozawa-2002");
    let out = sekisho(&format!("regulation check {}", folder.display())).well();
    assert!(out.starts_with("tokorozawa-2002: 誤りはありません（条 30、要求 49、"), "{out}");
}

#[test]
fn every_fault_of_a_profile_is_told_with_file_line_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("profiles/tokorozawa-2002"), folder.path());
    let demands = folder.path().join("demands.toml");
    let text = fs::read_to_string(&demands).unwrap().replacen("kind = \"TERM\"", "kind = \"TREM\"", 1);
    fs::write(&demands, text).unwrap();
    let cards = folder.path().join("cards.toml");
    fs::write(
        &cards,
        fs::read_to_string(&cards).unwrap().replacen("code = \"consult\"", "code = \"konsult\"", 1),
    )
    .unwrap();
    let ended = sekisho(&format!("regulation check {}", folder.path().display()));
    ended.with(1, &["demands.toml:", "cards.toml:", "TREM", "consult", "→"]);
}

#[test]
fn a_fault_of_a_policy_is_told_like_the_others() {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("profiles/tokorozawa-2002"), folder.path());
    let policy = folder.path().join("policy/14.cedar");
    let text = fs::read_to_string(&policy).unwrap().replacen("第14条第2項", "第14条第9項", 1);
    fs::write(&policy, text).unwrap();
    sekisho(&format!("regulation check {}", folder.path().display()))
        .with(1, &["14.cedar:", "第14条第9項", "→"]);
}

#[test]
fn a_regulation_is_split_and_shown_beside_the_demands() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regulation.txt");
    fs::write(&file, TEXT).unwrap();
    let out = sekisho(&format!("regulation import {}", file.display())).well();
    for words in ["第1章 総則", "計 2章 3条", "第3条（責任者） 3, 3-2", "この本文に条のない要求"]
    {
        assert!(out.contains(words), "`{words}` is not in: {out}");
    }
    let json = sekisho(&format!("regulation import {} --json", file.display())).well();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["chapters"].as_array().unwrap().len(), 2);
    assert_eq!(json["articles"].as_array().unwrap().len(), 3);
    assert_eq!(json["demands"][2]["demands"], serde_json::json!(["3, 3-2"]));
}

#[test]
fn a_text_of_an_older_machine_is_read_and_what_is_no_text_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("regulation.txt");
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(TEXT);
    fs::write(&file, &bytes).unwrap();
    let out = sekisho(&format!("regulation import {}", file.display())).well();
    assert!(out.contains("計 2章 3条"), "{out}");
    fs::write(&file, [0x50, 0x4B, 0, 3, 4]).unwrap();
    sekisho(&format!("regulation import {}", file.display())).with(1, &["読めません", "UTF-8 か Shift_JIS"]);
    sekisho("regulation import nowhere.txt").with(1, &["nowhere.txt"]);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
