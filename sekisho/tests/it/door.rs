//! `sekisho door`: keys, settings and the local record.

use std::fs;

use crate::tool::sekisho;

const CONFIG: &str = r#"controller = "north"
server = "http://127.0.0.1:9"
server-key = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
data = "data"

[[bus]]
name = "bus-1"
port = "/dev/ttyS0"

[[door]]
id = "cs-room"
room = "cs-room"
bus = "bus-1"
address = 1
key-file = "keys/cs-room.key"
reader-in = 0
contact = 0
"#;

#[test]
fn keys_are_made_once_and_then_there_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("door.toml");
    fs::write(&file, CONFIG).unwrap();
    let door = |command: &str| sekisho(&format!("door {command} --config {}", file.display()));
    door("check").with(1, &["door.toml:15:12", "sekisho door init"]);
    let made = door("init").well();
    assert!(made.contains("公開鍵"), "{made}");
    assert_eq!(door("init").well(), made);
    assert!(door("check").well().starts_with("制御器 north: 誤りはありません"));
    door("record").with(1, &["手元の記録"]);
    fs::write(folder.path().join("data/record.jsonl"), "").unwrap();
    assert!(door("record").well().starts_with("0件"));
    fs::write(folder.path().join("data/record.jsonl"), "{}\n").unwrap();
    door("record").with(1, &["つながらない"]);
}

#[test]
fn every_fault_of_the_settings_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("door.toml");
    let config = CONFIG.replace("/dev/ttyS0", "tcp://192.0.2.1:9").replace("address", "adress");
    fs::write(&file, config).unwrap();
    let line = format!("door check --config {}", file.display());
    sekisho(&line).with(1, &["door.toml:8:", "別の機械", "door.toml:14:1", "「adress」"]);
}

#[cfg(not(feature = "doors"))]
#[test]
fn without_the_bus_it_says_what_to_build_with() {
    sekisho("door run --config door.toml").with(1, &["--features doors"]);
}
