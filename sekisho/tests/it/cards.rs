//! `sekisho card`: from a blank card to an operator's and back, in the readers of a real card service.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use card::CardAuthority;
use card::escrow::Escrow;
use jiff::SignedDuration;
use office::clock::{Clock as _, SystemClock};
use virtual_card::{Bench, Card, Slot};

use crate::tool::{Ended, SEKISHO};

/// Runs `sekisho card` with what somebody types, line by line.
fn card(line: &str, typed: &[&str]) -> Ended {
    let mut command = Command::new(SEKISHO);
    command.arg("card").args(line.split(' ')).env_remove("RUST_LOG");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let input: String = typed.iter().map(|line| format!("{line}\n")).collect();
    // A program that asks for nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ended::of(&child.wait_with_output().unwrap())
}

/// Waits until the card service has seen what happened to the readers.
fn until(what: &str) {
    let listed = || card("list", &[]).out;
    crate::terminal::until(
        || listed().contains(what).then_some(()),
        || format!("`{what}` is not in: {}", listed()),
    );
}

const PASSPHRASE: &str = "封筒の中にある長い合言葉です";

fn authority(folder: &Path) {
    let now = SystemClock.now();
    CardAuthority::create(folder, "試験市", now - SignedDuration::from_hours(1)).unwrap();
}

#[test]
fn a_blank_card_becomes_an_operators_is_blocked_unblocked_and_wiped() {
    let Some(mut bench) = Bench::start_or_skip("sekisho card") else { return };
    let work = tempfile::tempdir().unwrap();
    let (ca, escrow) = (work.path().join("ca"), work.path().join("escrow"));
    authority(&ca);
    card("inspect", &[]).with(1, &["操作者用カードをリーダーに差してください"]);

    bench.insert(Slot::First, Card::blank().unwrap());
    until("Virtual PCD 00 00: 発行前のカード");
    assert!(card(&format!("escrow {}", escrow.display()), &[PASSPHRASE, PASSPHRASE]).well().contains("封筒"));
    let until_day = (SystemClock.now() + SignedDuration::from_hours(24 * 300)).to_string();
    let enrol = format!(
        "enrol --number C-0001 --kind search --proposer 1001 --confirmer 1002 --until {} --authority {} --escrow {}",
        &until_day[..10],
        ca.display(),
        escrow.display()
    );
    card(&enrol, &["246810", "246811"]).with(1, &["二度の入力が違います"]);
    card(&enrol, &["12345", "12345"]).with(1, &["6桁から8桁の数字"]);
    let made = card(&enrol, &["246810", "246810"]).well();
    assert!(made.contains("カード C-0001 を発行しました") && made.contains(&until_day[..10]), "{made}");
    card(&enrol, &["246810", "246810"]).with(1, &["既に発行されたカード", "消去"]);

    let shown = card(&format!("inspect --authority {}", ca.display()), &[]).well();
    for part in [
        "暗証番号の残り回数: 3",
        "管理鍵の方式: 3DES",
        "カード C-0001、種類 search",
        "9E（在席の証明）: 証明書",
    ] {
        assert!(shown.contains(part), "`{part}` is not in: {shown}");
    }
    assert!(card("change-pin", &["246810", "135790", "135790"]).well().contains("変えました"));
    for left in ["あと2回", "あと1回", "解除を申し出て", "解除を申し出て"] {
        card("change-pin", &["111111", "135790", "135790"]).with(1, &[left]);
    }
    let unblock = format!("unblock --number C-0001 --escrow {}", escrow.display());
    card(&unblock, &["違う合言葉を入力してみます"]).with(1, &["合言葉が違います"]);
    assert!(card(&unblock, &[PASSPHRASE, "97531000", "97531000"]).well().contains("解除し"));
    assert!(card("change-pin", &["97531000", "246810", "246810"]).well().contains("変えました"));

    let (_, id) = Escrow::open(&escrow).unwrap().cards().unwrap().remove(0);
    card("wipe --card blank", &[]).with(1, &["消去していません", &id.to_string()]);
    assert!(card(&format!("wipe --card {id}"), &[]).well().contains("失効を忘れない"));
    until("Virtual PCD 00 00: 発行前のカード");
    bench.insert(Slot::Second, Card::blank().unwrap());
    until("Virtual PCD 00 01: 発行前のカード");
    card("inspect", &[]).with(1, &["2台のリーダー", "ほかを抜いて"]);
    assert!(
        card("inspect --reader Virtual", &[]).with(1, &["リーダー「Virtual」はありません"]).out.is_empty()
    );
    bench.stop();
    card("list", &[]).with(1, &["カードサービス（PC/SC）が動いていません"]);
}
