//! The file of a controller: what is good, and every fault with its line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use door::config::{Config, Fault, LockKey, LockKeyError, read_or_make_secret};
use door::wire::SecretKey;
use proptest::prelude::*;

fn good() -> String {
    let key = SecretKey::from_seed(&[1; 32]).public();
    format!(
        r#"controller = "north"
server = "https://sekisho.example.lg.jp"
server-key = "{key}"
ca = "ca.pem"
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
reader-out = 1
contact = 0

[[door]]
id = "server-room"
room = "server-room"
bus = "bus-1"
address = 2
key-file = "keys/server-room.key"
reader-in = 0
contact = 0
exit = 1
key = 2
strike-seconds = 3
card = "wiegand26"
"#
    )
}

/// Each path has a key of its own.
fn parse(text: &str) -> Result<Config, Vec<Fault>> {
    let key = |path: &Path| {
        let mut bytes = [7; 16];
        let name = path.to_string_lossy().into_owned().into_bytes();
        bytes.iter_mut().zip(name).for_each(|(byte, letter)| *byte ^= letter);
        Ok(LockKey::new(bytes).expect("a key"))
    };
    Config::parse("door.toml", text, Path::new(""), key).map_err(|faults| faults.faults().to_vec())
}

#[test]
fn a_good_file_is_read() {
    let config = parse(&good()).unwrap();
    assert_eq!(config.doors.len(), 2);
    assert_eq!(config.doors[0].strike.as_secs(), 5);
    assert_eq!(config.doors[1].strike.as_secs(), 3);
    assert_eq!(config.settings().doors[1].held.as_secs(), 30);
}

#[test]
fn every_fault_is_told_with_its_line() {
    let cases = [
        ("id = \"server-room\"", "id = \"cs-room\"", "扉「cs-room」が二つ"),
        ("address = 2", "address = 1", "番地1が二つ"),
        ("address = 2", "address = 127", "「address」の値"),
        ("keys/server-room.key", "keys/cs-room.key", "同じ鍵"),
        ("\"/dev/ttyS0\"", "\"tcp://192.0.2.1:9000\"", "別の機械"),
        ("\"/dev/ttyS0\"", "\"COM1\"", "線の口ではありません"),
        ("\"https://sekisho.example.lg.jp\"", "\"http://192.0.2.1\"", "安全につなげません"),
        ("\"https://sekisho.example.lg.jp\"", "\"http://127.0.0.1:80@192.0.2.1\"", "安全につなげません"),
        ("strike-seconds = 3", "strike-seconds = 3000", "「strike-seconds」の値"),
        ("card = \"wiegand26\"", "card = \"wiegand37\"", "形式はありません"),
        ("exit = 1", "exit = 0", "同じ入力"),
        ("exit = 1", "exot = 1", "「exot」という項目"),
        ("controller = \"north\"", "controller = \"北\"", "符号として使えません"),
        ("controller = \"north\"", "controller = ", "TOML"),
        ("data = \"data\"\n", "", "「data」がありません"),
    ];
    for (from, to, says) in cases {
        let text = good().replacen(from, to, 1);
        assert_ne!(text, good(), "{from}");
        let faults = parse(&text).unwrap_err();
        let line = text.find(to).filter(|_| !to.is_empty()).map(|at| text[..at].matches('\n').count() + 1);
        let told = faults.iter().any(|fault| {
            fault.what.contains(says) && line.is_none_or(|line| to.len() < 20 || fault.line == line)
        });
        assert!(told, "{to}: {faults:#?}");
    }
}

#[test]
fn bad_keys_are_refused() {
    let default: Vec<u8> = (0x30..0x40).collect();
    assert_eq!(LockKey::new(default.try_into().unwrap()), Err(LockKeyError::Default));
    assert_eq!(LockKey::new([0; 16]), Err(LockKeyError::Weak));
    assert_eq!(LockKey::from_hex("12"), Err(LockKeyError::Form));
}

#[test]
fn keys_are_made_once_and_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("door.toml");
    fs::write(&file, good()).unwrap();
    assert!(Config::load(&file).unwrap_err().to_string().contains("sekisho door init"));
    let made = Config::load_and_make_keys(&file).unwrap();
    let again = Config::load(&file).unwrap();
    assert_eq!(made.doors[0].key, again.doors[0].key);
    assert_ne!(made.doors[0].key, made.doors[1].key);
    let own = folder.path().join("data/controller.key");
    let public = read_or_make_secret(&own).unwrap().public();
    assert_eq!(read_or_make_secret(&own).unwrap().public(), public);
    let key = folder.path().join("keys/cs-room.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let told = Config::load(&file).unwrap_err().to_string();
    assert!(told.contains("door.toml:16:") && told.contains("所有者以外"), "{told}");
}

proptest! {
    #[test]
    fn any_text_is_a_controller_or_has_faults(text in ".{0,400}") {
        if let Err(faults) = parse(&text) {
            prop_assert!(!faults.is_empty());
        }
    }

    #[test]
    fn any_change_of_a_good_file_is_taken_or_told(at in 0usize..1000, length in 0usize..40, put in "[ -~\n]{0,20}") {
        let mut text = good();
        let at = at % text.len();
        let end = (at + length).min(text.len());
        text.replace_range(at..end, &put);
        if let Err(faults) = parse(&text) {
            prop_assert!(!faults.is_empty());
            let lines = text.matches('\n').count() + 1;
            prop_assert!(faults.iter().all(|fault| fault.line <= lines));
        }
    }
}
