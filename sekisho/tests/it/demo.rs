//! The demo city: played once, looked at from all sides, and tampered with in a copy.

use std::path::Path;
use std::process::{Command, Output};

use crate::journal::copy_files;
use crate::tool::{Ended, root, sekisho};

/// A city takes a while to play, so all that is asked of it is asked of one.
#[test]
fn a_city_is_played_and_proves_what_happened_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("city");
    played(&data);
    played_only_once(&data);
    #[cfg(feature = "doors")]
    doors::work(&data);
    crate::terminal::works(&data, folder.path());
    refuses_at_the_console(&data);
    posts_are_told_with_proof(&data);
    lists_are_previewed(&data, folder.path());
    passages_are_previewed(&data, folder.path());
    journals_hold(&data);
    others_accept_it(&data, folder.path());
    tampering_is_found(&data, &folder.path().join("copy"));
}

fn played(data: &Path) {
    let ended = sekisho(&format!("demo --once --data {}", data.display()));
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("架空の住民を記録しています"), "{}", ended.err);
    for words in [
        "すべて架空です",
        "架空 花子（カクウ ハナコ）",
        "C-2105-2",
        "住民 20000人",
        "第2条第4号",
        "第4条第2項",
        "第7条第6項",
        "第9条第2項",
        "第10条第1項",
        "第11条",
        "第12条",
        "第13条",
        "第14条第1項",
        "第14条第2項",
        "第16条第2号",
        "第16条第3号",
        "第18条",
        "第20条",
        "規程の要求 49件のうち",
        "residents",
        "鍵 8件、立会い 6件、取込み 10件",
        "関守 明が回答し、確かめを待つ",
        "（関守 明）の回答を待つ",
        "回答を関守 明が確かめた",
        "データ保管室",
    ] {
        assert!(ended.out.contains(words), "`{words}` is not in: {}", ended.out);
    }
    #[cfg(feature = "doors")]
    for words in ["関口 守が入室、関口 守が退室", "関守 明が入室、関守 明が退室", "登録簿にない指紋の番号"]
    {
        assert!(ended.out.contains(words), "`{words}` is not in: {}{}", ended.out, ended.err);
    }
    assert!(!data.with_file_name("city.unfinished").exists());
}

fn played_only_once(data: &Path) {
    let before = sekisho(&format!("journal list --data {}", data.display())).well();
    let again = sekisho(&format!("demo --once --data {}", data.display())).well();
    assert!(again.contains("架空 花子"), "{again}");
    assert_eq!(sekisho(&format!("journal list --data {}", data.display())).well(), before);
}

/// Looking into the history is an operation, and the console has neither card nor password.
fn refuses_at_the_console(data: &Path) {
    let trace = format!("history trace --operator 2101 --from 2026-04-01 --data {}", data.display());
    sekisho(&trace).with(3, &["第14条第1項", "第14条第2項", "第16条第3号", "第18条", "第20条"]);
    sekisho(&format!("history trace --operator 職員 --data {}", data.display())).with(2, &["職員番号"]);
    sekisho(&format!("history trace --resident 1 --data {}", data.display())).with(2, &["住民票コード"]);
    let out = sekisho(&format!("demo --once --data {}", data.display())).well();
    assert!(out.contains("第2条第3号"), "the refusal is recorded: {out}");
}

fn posts_are_told_with_proof(data: &Path) {
    let who = |rest: &str| sekisho(&format!("posts who --data {} --post {rest}", data.display()));
    let told = who("security-officer --section 市民課 --at 2099-07-03T14:00").well();
    assert!(told.contains("セキュリティ責任者（市民課）は、市民課長の窓辺 静江（職員番号 1005）"), "{told}");
    let prove = told.lines().find_map(|line| line.strip_prefix("証明: sekisho ")).unwrap();
    assert!(sekisho(prove).well().starts_with("c2sp.org/tlog-proof@v1\n"));
    let json = who("head --at 2099-07-03T14:00 --json").well();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["holder"]["id"], "1001");
    assert_eq!(json["receipt"]["journal"], "register");
    assert!(json["proof"].as_str().unwrap().starts_with("c2sp.org/tlog-proof@v1\n"), "{json}");
    assert!(who("head --at 1999-01-01").well().contains("発令の登録がありません"));
    who("mayor --at 2099-07-03T14:00").with(1, &["充て職「mayor」はありません", "access-manager"]);
    who("security-officer --at 2099-07-03T14:00").with(1, &["課所ごとの充て職", "shimin（市民課）"]);
    let nobody = who("entry-manager --section コミュニティ推進課 --at 2099-07-03T14:00");
    nobody.with(1, &["規程はコミュニティ推進課に入退室管理者を置いていません"]);
    who("head --at いつか").with(2, &["日時として読めません"]);
}

fn lists_are_previewed(data: &Path, work: &Path) {
    let file = work.join("personnel.csv");
    let preview = |rows: &str| {
        let heading = "職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職,発令日\r\n";
        std::fs::write(&file, format!("{heading}{rows}")).unwrap();
        sekisho(&format!("posts transfer --data {} {}", data.display(), file.display()))
    };
    let told = preview("2101,架空　花子,カクウ　ハナコ,市民課,主事,松井出張所,主任,2099-04-01\r\n").well();
    assert!(told.contains("市民課 → 松井出張所") && told.contains("引継ぎ: 操作者用ICカード"), "{told}");
    preview("2101,架空 太郎,,管財課,,市民課,,2099-04-01\r\n")
        .with(1, &["2行目「氏名」: 登録では「架空 花子」です", "2行目「旧所属」: 登録では「市民課」です"]);
}

fn passages_are_previewed(data: &Path, work: &Path) {
    let file = work.join("passages.csv");
    let preview = |rows: &str| {
        let heading = "日時,室,方向,氏名,職員番号,方法,機種\r\n";
        std::fs::write(&file, format!("{heading}{rows}")).unwrap();
        sekisho(&format!("rooms import --data {} {}", data.display(), file.display()))
    };
    let told =
        preview("2001-04-02 08:30,CS室,入室,関口　守,2901,鍵,\r\n2001-04-02 09:10,CS室,退室,客野 某,,,\r\n")
            .well();
    for words in [
        "2行のうち、新しい記録 2件、既にある記録 0件",
        "列「機種」は使わない",
        "職員番号のわからない人の記録: 1件",
        "許可や鍵の貸出しに合わないもの: 2件",
        "2行目 平成13年4月2日 08:30 CS室 関口 守が入室（鍵）: 貸出しのない鍵での入室",
        "これは確認だけです",
    ] {
        assert!(told.contains(words), "`{words}` is not in: {told}");
    }
    preview("きのう,CS室,入室,関口 守,2901,鍵,\r\n").with(1, &["2行目「日時」: 日時として読めません"]);
    preview("2001-04-02 08:30,奥の院,入室,関口 守,2901,鍵,\r\n")
        .with(1, &["2行目「室」: 「奥の院」という室はありません"]);
    sekisho(&format!("rooms import --data {} nowhere.csv", data.display())).with(1, &["passages.csv"]);
}

fn journals_hold(data: &Path) {
    let verified = sekisho(&format!("journal verify --data {}", data.display())).well();
    assert_eq!(verified.lines().count(), 4, "{verified}");
    for line in verified.lines() {
        assert!(line.contains(" entries, root ") && line.ends_with(", ok"), "{line}");
    }
    assert!(verified.contains("residents: 20000 entries"), "{verified}");
}

fn others_accept_it(data: &Path, work: &Path) {
    let Some(verifier) = go_verifier(work) else { return };
    let (export, data) = (work.join("export"), data.display());
    sekisho(&format!("journal export --data {data} --journal operations {}", export.display())).well();
    let key = sekisho(&format!("journal vkey --data {data} --journal operations")).well();
    let check = || run(Command::new(&verifier).arg(&export).arg(key.trim())).status.success();
    assert!(check(), "the verifier accepts the export");
    let entries = export.join("tile/entries/000");
    let good = std::fs::read(&entries).unwrap();
    let mut bad = good.clone();
    bad[good.len() / 2] ^= 1;
    std::fs::write(&entries, bad).unwrap();
    assert!(!check(), "the verifier rejects what was tampered with");
}

/// The verifier of Go's module transparency, around which nobody here wrote more than a reader of files.
fn go_verifier(work: &Path) -> Option<std::path::PathBuf> {
    let there = Command::new("go").arg("version").output().is_ok_and(|output| output.status.success());
    if !there {
        assert!(
            std::env::var_os("CI").is_none(),
            "go is missing: apt-get install golang-go golang-golang-x-mod-dev"
        );
        eprintln!("go is not installed: the independent verifier is skipped");
        return None;
    }
    let program = work.join("verifier");
    let built = run(Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(root().join("journal/tests/oracle/verify.go"))
        .envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode"), ("GOFLAGS", "")])
        .env("GOCACHE", work.join("go-cache")));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Some(program)
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// One year of one entry, in a copy: verification names the entry.
fn tampering_is_found(data: &Path, copy: &Path) {
    copy_files(data, copy);
    let db = rusqlite::Connection::open(copy.join("sekisho.db")).unwrap();
    let (journal, index, lines): (i64, i64, String) = db
        .query_row(
            "SELECT tail.journal, idx, lines FROM tail JOIN journal ON journal.id = tail.journal \
             WHERE journal.name = 'operations' ORDER BY idx LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let changed = lines.replacen("\"at\":\"20", "\"at\":\"19", 1);
    assert_ne!(changed, lines);
    let rows = db
        .execute("UPDATE tail SET lines = ?1 WHERE journal = ?2 AND idx = ?3", (changed, journal, index))
        .unwrap();
    assert_eq!(rows, 1);
    drop(db);
    let ended = sekisho(&format!("journal verify --data {}", copy.display()));
    let Ended { out, .. } = ended.with(1, &["原簿 operations", "記録時と異なります"]);
    assert!(out.contains(&format!("operations: first bad index {index}")), "{out}");
    assert!(out.contains("register: ") && out.contains(", ok"), "the other journals are sound: {out}");
}

/// The two doors, over the real bus and the real programming interface.
#[cfg(feature = "doors")]
mod doors {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use crate::serve::{Server, get};
    use crate::tool::sekisho;

    const PAGE: &str = "/tour/doors";

    /// They are at work for as long as pages are served, and go on where they stopped.
    pub(super) fn work(data: &Path) {
        for _ in 0..2 {
            let server = Server::run("demo", data, &[]);
            ready(&server);
            press(&server, "door=cs-door&act=touch&member=18&side=outside");
            press(&server, "door=cs-door&act=open");
            let page = press(&server, "door=cs-door&act=close");
            assert!(page.contains("入室を認めて記録し、錠を解きました（原簿 passages/"), "{page}");
            press(&server, "door=cs-door&act=touch&member=18&side=inside");
            press(&server, "door=cs-door&act=open");
            let page = press(&server, "door=cs-door&act=close");
            assert!(page.contains("退室を記録しました（原簿 passages/"), "{page}");
            let page = press(&server, "door=store-door&act=touch&member=99&side=outside");
            assert!(page.contains("入室を認めません。第9条第2項 "), "{page}");
            assert_eq!(server.stop(), Some(0));
        }
        let told = sekisho(&format!("demo --once --data {}", data.display())).well();
        assert!(
            told.contains("記田 録子が入室、記田 録子が退室、記田 録子が入室、記田 録子が退室"),
            "{told}"
        );
        sekisho(&format!("journal verify --data {}", data.display())).well();
    }

    /// Both locks are on the bus.
    fn ready(server: &Server) {
        let began = Instant::now();
        while get(server.addr(), PAGE).matches("施錠</span>").count() < 2 {
            assert!(began.elapsed() < Duration::from_secs(30), "{}", get(server.addr(), PAGE));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A form of the page is sent; gives the page that it leads to.
    fn press(server: &Server, fields: &str) -> String {
        let page = get(server.addr(), PAGE);
        let within = |before: &str, after: char| {
            let (_, rest) = page.split_once(before).expect(before);
            rest.split(after).next().unwrap().to_owned()
        };
        let body = format!("_csrf={}&_once=1&{fields}", within("name=\"_csrf\" value=\"", '"'));
        let (addr, origin, length) = (server.addr(), &server.origin, body.len());
        let cookie = within("set-cookie: ", ';');
        let mut stream = TcpStream::connect(addr).unwrap();
        write!(
            stream,
            "POST {PAGE} HTTP/1.1\r\nHost: {addr}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        get(addr, PAGE)
    }
}
