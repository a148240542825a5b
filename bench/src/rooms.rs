//! 入退室管理簿 with many years in it: how long its pages, filters and downloads take over HTTP.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use door::wire::{Name, Nonce, Sealed, SecretKey, Sync, Synced};
use jiff::{SignedDuration, Timestamp};
use register::rooms::{Act, import};
use testbed::{Kit, holder};

use crate::office::{Server, exchange};

/// Passages in the ledger.
pub(crate) const PASSAGES: usize = 200_000;
const CONTROLLER: &str = "north";
/// Lines of one file.
const FILE: usize = 20_000;
/// How often each page is asked for.
const ROUNDS: usize = 30;

const PAGES: &[(&str, &str)] = &[
    ("the ledger opens", "/rooms/passages"),
    ("its last page", "/rooms/passages?page=2000"),
    ("one person, one day", "/rooms/passages?person=p-joho-tokei-kacho&from=2026-12-01&until=2026-12-01"),
    ("entries by fingerprint in one room", "/rooms/passages?room=cs-room&direction=in&means=fingerprint"),
    ("nothing fits", "/rooms/passages?person=nobody-at-all"),
    ("the board of the rooms", "/rooms"),
    ("one room", "/rooms/cs-room"),
];

/// Prints how long each page takes.
pub(crate) fn run(passages: usize) {
    let mut kit = Kit::new();
    kit.equip_manager();
    let chief = holder("joho-tokei-kacho");
    let key = SecretKey::from_seed(&[9; 32]);
    kit.with_door(CONTROLLER, &key.public().to_string());
    let begun = Instant::now();
    for file in 0..passages.div_ceil(FILE) {
        let read = import::read(lines(file * FILE, FILE.min(passages - file * FILE)).as_bytes());
        kit.act(&chief, Act::ImportPassages(read.expect("a file in order"))).expect("imported");
    }
    println!("{passages} passages imported in {:.1} s", begun.elapsed().as_secs_f64());
    let (token, _) = kit.sign_in("card-m");
    let server = Server::start(kit.office.clone());
    let mut connection = TcpStream::connect(server.address).expect("the server listens");
    connection.set_nodelay(true).expect("a socket's option");
    println!("{:<40}{:>10}{:>10}{:>10}", "over HTTP", "p50 ms", "p99 ms", "KB");
    for (name, path) in PAGES {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sekisho-stay={}\r\n\r\n",
            token.as_str()
        );
        let mut bytes = 0;
        let mut taken: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                bytes = exchange(&mut connection, &request).len();
                start.elapsed()
            })
            .collect();
        taken.sort_unstable();
        let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!("{name:<40}{:>10.1}{:>10.1}{:>10}", at(50), at(99), bytes / 1024);
    }
    drop(server);
    lockdowns(&kit, &key);
}

/// How often Level 2 is locked down.
const LOCKDOWNS: usize = 50;

/// Prints how long it takes from the head's word until a controller that waits has it, signed.
fn lockdowns(kit: &Kit, key: &SecretKey) {
    let (head, office) = (holder("sogo-seisaku-bucho"), &kit.office);
    let news = |have: u64| {
        let (controller, nonce) = (Name::new(CONTROLLER).expect("a name"), Nonce::fresh().expect("random"));
        let sync = Sync { controller, nonce, at: office.now(), have, doors: Vec::new() };
        let answer = office.door_sync(&Sealed::seal(&sync, key).expect("sealed")).expect("answered");
        answer.open::<Synced>(&office.door_key()).expect("the office's word").snapshot
    };
    let mut have = news(0).map_or(0, |snapshot| snapshot.serial);
    let mut taken: Vec<Duration> = (0..LOCKDOWNS)
        .map(|_| {
            let (told, at) = std::thread::scope(|scope| {
                let waiting = scope.spawn(|| (news(have).expect("news"), Instant::now()));
                std::thread::sleep(Duration::from_millis(50));
                let begun = Instant::now();
                kit.act(&head, Act::LockDown { reason: "試験".to_owned() }).expect("locked down");
                let (snapshot, heard) = waiting.join().expect("it waited");
                (snapshot, heard - begun)
            });
            assert!(told.lockdown, "what came is the lockdown");
            kit.act(&head, Act::LiftLockdown { reason: "試験の終わり".to_owned() }).expect("lifted");
            have = news(told.serial).map_or(told.serial, |snapshot| snapshot.serial);
            at
        })
        .collect();
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_secs_f64() * 1e3;
    println!("lockdown, from the word to a waiting controller: p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
}

/// Entries and exits of the chief, four a minute from December on.
fn lines(from: usize, count: usize) -> String {
    let start: Timestamp = "2026-11-23T10:00:00+09:00".parse().expect("a time");
    let mut text = "日時,室,方向,氏名,職員番号,方法,名札番号\n".to_owned();
    for number in from..from + count {
        let at = start + SignedDuration::from_secs(i64::try_from(number).unwrap_or(0) * 15);
        let at = jiff::tz::offset(9).to_datetime(at).strftime("%Y-%m-%d %H:%M:%S");
        let direction = if number % 2 == 0 { "入室" } else { "退室" };
        let line = format!("{at},CS室,{direction},架空,p-joho-tokei-kacho,指紋,1");
        writeln!(text, "{line}").expect("text takes text");
    }
    text
}
