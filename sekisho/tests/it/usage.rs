//! What cannot be understood: exit code 2, one line in Japanese, and what to write instead.

use crate::tool::sekisho;

#[test]
fn a_wrong_command_line_is_usage() {
    for line in
        ["jurnal", "journal", "journal list", "demo --once --data d --speed 3", "history trace --data d"]
    {
        let ended = sekisho(line).with(2, &["sekisho --help"]);
        assert_eq!((ended.out.as_str(), ended.err.lines().count()), ("", 1), "{line}");
    }
}

#[test]
fn help_is_in_japanese() {
    for line in ["--help", "journal --help", "journal verify --help", "regulation coverage -h"] {
        let help = sekisho(line).well();
        assert!(help.contains("使い方: sekisho"), "{help}");
        for english in ["Usage", "Commands", "Options", "Arguments", "Print help"] {
            assert!(!help.contains(english), "{english} in: {help}");
        }
    }
    assert_eq!(sekisho("--version").well(), format!("sekisho {}\n", env!("CARGO_PKG_VERSION")));
}

#[cfg(not(feature = "cards"))]
#[test]
fn a_program_without_readers_says_how_to_get_one_that_has_them() {
    sekisho("card list").with(1, &["カードリーダーを扱えません", "--features cards"]);
}

#[test]
fn plain_http_stays_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for line in ["demo --addr 192.0.2.1:8080", "serve --plain-http --addr 0.0.0.0:8443"] {
        sekisho(&format!("{line} --data {}", data.display())).with(2, &["HTTP", "受け付けません"]);
    }
    assert!(!data.exists(), "nothing was made");
}
