//! Operations judged, looked up and recorded: by the office itself and over HTTP; the start; the memory.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use office::clock::{Clock, SystemClock};
use office::{Asked, Office, SignedIn};
use register::access::OperationKind;
use testbed::Kit;

/// How long each measurement runs.
const LONG: Duration = Duration::from_secs(5);

/// Facts that the measured start finds in the journal.
const FACTS: u64 = 100_000;

/// Prints operations per second with 1, 16 and 64 operators at once, by the office and over HTTP, then the time
/// from opening the folder to the first answer with and without a snapshot, and the memory of it all.
pub(crate) fn run() {
    let kit = Kit::new();
    kit.clock.release();
    let (token, stay) = kit.sign_in("card-1");
    let codes: Vec<String> = testbed::residents().iter().map(|one| one.code().to_string()).collect();
    println!("{:<34}{:>14}{:>10}{:>10}", "operations", "a second", "p50 µs", "p99 µs");
    for operators in [1, 16, 64] {
        let figures = many(operators, |round| consult(&kit, &stay, &codes[round % codes.len()]));
        figures.print(&format!("office, {operators} at once"));
    }
    let server = Server::start(kit.office.clone());
    for operators in [1, 16, 64] {
        let address = server.address;
        let figures = many_with(
            operators,
            || {
                let connection = TcpStream::connect(address).expect("the server listens");
                connection.set_nodelay(true).expect("a socket's option");
                connection
            },
            |connection, round| post(connection, token.as_str(), &codes[round % codes.len()]),
        );
        figures.print(&format!("HTTP, {operators} connections"));
    }
    drop(server);
    starts(kit, &stay, &codes);
    println!("resident memory: {} MB", resident_megabytes());
}

fn consult(kit: &Kit, stay: &SignedIn, code: &str) {
    let asked = Asked {
        kind: OperationKind::Consult,
        condition: code.to_owned(),
        reason: Some("転入届-令8-12".to_owned()),
        period: None,
    };
    kit.office.operate(stay, asked, kit.request()).expect("permitted");
}

/// Opens the folder anew: with the snapshot that closing left, and without.
fn starts(kit: Kit, stay: &SignedIn, codes: &[String]) {
    let mut round = 0;
    while kit.office.city().access.operations() < FACTS {
        std::thread::scope(|scope| {
            for code in codes.iter().cycle().skip(round).take(64) {
                scope.spawn(|| consult(&kit, stay, code));
            }
        });
        round += 1;
    }
    kit.office.close();
    let Kit { office, folder, .. } = kit;
    drop(office);
    for (name, snapshot) in [("with its snapshot", true), ("without", false)] {
        if !snapshot {
            std::fs::remove_file(folder.path().join("snapshot.json")).expect("there is a snapshot");
        }
        let begun = Instant::now();
        let office = testbed::open(folder.path(), Arc::new(SystemClock) as Arc<dyn Clock>);
        let operations = office.city().access.operations();
        println!("start {name}, {operations} operations: {:.3} s", begun.elapsed().as_secs_f64());
        office.close();
    }
}

/// Rate and latencies.
struct Figures {
    rate: f64,
    taken: Vec<Duration>,
}

impl Figures {
    fn print(mut self, name: &str) {
        self.taken.sort_unstable();
        let at = |share: usize| self.taken[self.taken.len() * share / 100].as_secs_f64() * 1e6;
        println!("{name:<34}{:>14.0}{:>10.0}{:>10.0}", self.rate, at(50), at(99));
    }
}

fn many(operators: usize, act: impl Fn(usize) + Sync) -> Figures {
    many_with(operators, || (), |(), round| act(round))
}

/// Lets so many operators act over and over, each with what `begin` gives.
fn many_with<T>(
    operators: usize,
    begin: impl Fn() -> T + Sync,
    act: impl Fn(&mut T, usize) + Sync,
) -> Figures {
    let rounds = AtomicU64::new(0);
    let begun = Instant::now();
    let taken = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..operators)
            .map(|_| {
                scope.spawn(|| {
                    let mut with = begin();
                    let mut taken = Vec::new();
                    while begun.elapsed() < LONG {
                        let round = rounds.fetch_add(1, Ordering::Relaxed);
                        let start = Instant::now();
                        act(&mut with, usize::try_from(round).unwrap_or(0));
                        taken.push(start.elapsed());
                    }
                    taken
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no operator fails")).collect::<Vec<_>>()
    });
    Figures { rate: taken.len() as f64 / begun.elapsed().as_secs_f64(), taken }
}

/// The pages and the programming interface on loopback.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Server {
    pub(crate) fn start(office: Office) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let site = web::Site { office, drawer: None, guide: None, hardware: None, tls: false };
        let router = web::router(site).expect("random bytes");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, runtime: Some(runtime) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// One operation over a connection that stays open.
fn post(connection: &mut TcpStream, token: &str, code: &str) {
    let body = format!(r#"{{"kind":"consult","condition":"{code}","reason":"転入届-令8-12"}}"#);
    let request = format!(
        "POST /api/v1/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(connection, &request);
}

/// Asks over a connection that stays open; what is answered must be 200.
pub(crate) fn exchange(connection: &mut TcpStream, request: &str) -> Vec<u8> {
    connection.write_all(request.as_bytes()).expect("written");
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer).expect("a body");
    answer
}

fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    kilobytes.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
