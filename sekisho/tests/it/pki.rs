//! `sekisho pki`: what it writes is read by OpenSSL, which we did not write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::tool::{Ended, sekisho};

const TWO: &str = "--proposer 1001 --confirmer 1002";

struct Room {
    folder: TempDir,
}

fn room() -> Room {
    let folder = tempfile::tempdir().unwrap();
    let room = Room { folder };
    room.pki("init --folder @ca --city 試験市").well();
    room
}

impl Room {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `sekisho pki`; `@` stands for the folder of this test.
    fn pki(&self, line: &str) -> Ended {
        let folder = format!("{}/", self.folder.path().display());
        sekisho(&format!("pki {}", line.replace('@', &folder)))
    }

    fn terminal(&self, number: &str) -> Ended {
        let ask = format!("request --terminal {number} --key @{number}.key --out @{number}.csr");
        self.pki(&ask).well();
        self.pki(&format!(
            "terminal --number {number} --folder @ca --request @{number}.csr --out @{number}.crt {TWO}"
        ))
    }

    fn serial(&self, certificate: &str) -> String {
        let said = openssl(&["x509", "-noout", "-serial", "-in", &self.text(certificate)]).0;
        said.trim().trim_start_matches("serial=").to_owned()
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Whether OpenSSL takes the certificate, by the authority and its last list.
    fn verified(&self, role: &str, list: u64, certificate: &str) -> (String, bool) {
        let authority = self.text(&format!("ca/{role}.crt"));
        let list = self.text(&format!("{role}-{list}.crl"));
        openssl(&[
            "verify",
            "-x509_strict",
            "-crl_check",
            "-CAfile",
            &authority,
            "-CRLfile",
            &list,
            &self.text(certificate),
        ])
    }
}

/// What OpenSSL says, and whether it is content.
fn openssl(args: &[&str]) -> (String, bool) {
    let output = Command::new("openssl").args(args).output().expect("openssl is installed");
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

#[test]
fn openssl_takes_what_the_terminal_authority_issues_until_it_is_revoked() {
    let room = room();
    assert!(room.terminal("T-104").well().contains("端末「T-104」の証明書を発行しました"));
    let (asked, content) = openssl(&["req", "-noout", "-verify", "-subject", "-in", &room.text("T-104.csr")]);
    assert!(content && asked.contains("verify OK") && asked.contains("T-104"), "{asked}");

    room.pki("crl --folder @ca --out @").well();
    assert_eq!(
        room.verified("terminal-authority", 1, "T-104.crt"),
        (format!("{}: OK\n", room.text("T-104.crt")), true)
    );

    let serial = room.serial("T-104.crt");
    room.pki(&format!("revoke --folder @ca --serial {serial} --reason key-compromise --by 1001")).well();
    room.pki("crl --folder @ca --out @").well();
    let (said, content) = room.verified("terminal-authority", 2, "T-104.crt");
    assert!(!content && said.contains("certificate revoked"), "{said}");
    let (list, _) = openssl(&["crl", "-noout", "-text", "-in", &room.text("terminal-authority-2.crl")]);
    for word in ["Version 2", "Next Update", "X509v3 CRL Number", &serial, "Key Compromise"] {
        assert!(list.contains(word), "`{word}` is not in {list}");
    }
    let table = room.pki("list --folder @ca").well();
    assert!(
        table.contains("T-104") && table.contains("失効（紛失・漏えい") && table.contains("1001、1002"),
        "{table}"
    );
}

#[test]
fn a_server_is_certified_under_its_names_and_renewed_with_a_new_key() {
    let room = room();
    let names = "--server cs.example.jp --server 192.0.2.1";
    room.pki(&format!("request {names} --key @s.key --out @s.csr")).well();
    let issue = |names: &str, out: &str| {
        room.pki(&format!("server {names} --folder @ca --request @s.csr --out @{out} {TWO}"))
    };
    // The request asks for a name that is not to be given.
    issue("--name cs.example.jp", "x.crt").with(1, &["192.0.2.1", "取り違えて"]);
    issue("--name cs.example.jp --name 192.0.2.1", "s.crt").well();
    room.pki("crl --folder @ca --out @").well();
    assert!(room.verified("terminal-authority", 1, "s.crt").1);
    let (said, _) = openssl(&["x509", "-noout", "-text", "-in", &room.text("s.crt")]);
    for word in ["DNS:cs.example.jp", "IP Address:192.0.2.1", "TLS Web Server Authentication", "2.999.15.1.2"]
    {
        assert!(said.contains(word), "`{word}` is not in {said}");
    }
    room.pki(&format!("request {names} --key @new.key --out @new.csr")).well();
    let serial = room.serial("s.crt");
    room.pki(&format!("renew --folder @ca --serial {serial} --request @new.csr --out @new.crt {TWO}")).well();
    // Both count while the old one lasts; only the new one is still to be watched.
    assert!(
        room.verified("terminal-authority", 1, "s.crt").1
            && room.verified("terminal-authority", 1, "new.crt").1
    );
    let due = room.pki("expiring --folder @ca --within 366").with(1, &[]).out;
    assert!(
        due.contains(&room.serial("new.crt").to_lowercase()) && !due.contains(&serial.to_lowercase()),
        "{due}"
    );
    room.pki("expiring --folder @ca --within 30").well();
}

#[test]
fn a_card_is_certified_by_its_public_key_for_each_of_its_slots() {
    let room = room();
    for slot in ["9a", "9e"] {
        let key = room.text(&format!("{slot}.key"));
        assert!(openssl(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", &key]).1);
        assert!(openssl(&["ec", "-in", &key, "-pubout", "-out", &room.text(&format!("{slot}.pub"))]).1);
    }
    let card = "card --number C-0017 --kind search --folder @ca";
    room.pki(&format!("{card} --request @9a.pub --out @9a.crt {TWO}")).well();
    room.pki(&format!("{card} --presence --request @9e.pub --out @9e.crt {TWO}")).well();
    room.pki("crl --folder @ca --out @").well();
    assert!(room.verified("card-authority", 1, "9a.crt").1 && room.verified("card-authority", 1, "9e.crt").1);
    let serial = room.serial("9a.crt");
    room.pki(&format!("renew --folder @ca --serial {serial} --days 731 --out @9a-2.crt {TWO}")).well();
    let purposes = openssl(&["x509", "-noout", "-text", "-in", &room.text("9a-2.crt")]).0;
    assert!(purposes.contains("TLS Web Client Authentication") && purposes.contains("2.999.16.1.1"));
    room.pki(&format!("{card} --request @9a.pub --out @again.crt {TWO}")).with(1, &["更新するか、先に失効"]);
}

#[test]
fn one_person_alone_is_refused_with_the_article() {
    let room = room();
    room.pki("request --terminal T-104 --key @k.key --out @k.csr").well();
    let alone = "--proposer 1001 --confirmer 1001";
    let line = format!("terminal --number T-104 --folder @ca --request @k.csr --out @k.crt {alone}");
    room.pki(&line).with(3, &["規程により認められません", "第16条第2号", "別の職員"]);
    assert!(!room.path("k.crt").exists());
    room.pki("terminal --number T-104 --folder @ca --request @k.csr --out @k.crt --proposer 1001")
        .with(2, &["--confirmer"]);
}

#[test]
fn nothing_is_overwritten_and_what_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = room();
    let before = fs::read(room.path("ca/card-authority.key")).unwrap();
    assert_eq!(room.pki("init --folder @ca --city 試験市").code, 1);
    assert_eq!(fs::read(room.path("ca/card-authority.key")).unwrap(), before);
    room.terminal("T-104").well();
    let certificate = fs::read(room.path("T-104.crt")).unwrap();
    assert_eq!(room.pki("request --terminal T-104 --key @T-104.key --out @other.csr").code, 1);
    let line = format!("terminal --number T-105 --folder @ca --request @T-104.csr --out @T-104.crt {TWO}");
    room.pki(&line).with(1, &["既にあります"]);
    assert_eq!(fs::read(room.path("T-104.crt")).unwrap(), certificate);

    let key: &Path = &room.path("ca/terminal-authority.key");
    assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(key, fs::Permissions::from_mode(0o644)).unwrap();
    room.pki("crl --folder @ca --out @").with(1, &["600"]);
}

#[test]
fn what_is_typed_wrongly_is_said_so() {
    let room = room();
    room.terminal("T-104").well();
    let other = format!("terminal --number T-105 --folder @ca --request @T-104.csr --out @x.crt {TWO}");
    room.pki(&other).with(1, &["「T-104」のもので、「T-105」"]);
    let long =
        format!("renew --folder @ca --serial {} --days 367 --out @x.crt {TWO}", room.serial("T-104.crt"));
    room.pki(&long).with(1, &["366日以内"]);
    room.pki("revoke --folder @ca --serial 4AFF --reason superseded --by 1001")
        .with(1, &["この認証局にありません"]);
    let serial = room.serial("T-104.crt");
    room.pki(&format!("revoke --folder @ca --serial {serial} --reason boredom --by 1001"))
        .with(2, &["boredom", "key-compromise（紛失・漏えい）"]);
    room.pki("request --terminal T/1 --key @y.key --out @y.csr").with(2, &["T/1"]);
    fs::write(room.path("rubbish"), "rubbish").unwrap();
    let line = format!("terminal --number T-9 --folder @ca --request @rubbish --out @x.crt {TWO}");
    room.pki(&line).with(1, &["PKCS#10"]);
    assert!(!room.path("x.crt").exists());
}
