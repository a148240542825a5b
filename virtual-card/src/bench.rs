//! A card service of one's own, with two readers, for as long as a test takes.

use std::fs::File;
use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

use crate::card::{self, Card};

/// Where the service listens. It knows no other place, so that there can be one service only.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
const PID_FILE: &str = "/run/pcscd/pcscd.pid";
/// Held while a bench stands.
const LOCK: &str = "/run/lock/sekisho-virtual-card.lock";
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// The first reader's port; the second has the next one.
const PORT: u16 = 35963;
/// A service that does not start or stop in this time does not.
const PATIENCE: Duration = Duration::from_secs(10);
/// Names a file in which skipped tests are told, because the runner swallows what passing tests say.
const SKIPPED: &str = "SEKISHO_SKIPPED";

/// Says loudly that `test` is skipped, on stderr and where `./test` repeats it at its end.
///
/// # Panics
/// The file that `./test` names cannot be written.
pub fn skip(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}\n");
    eprint!("\n{line}");
    if let Some(path) = std::env::var_os(SKIPPED) {
        let told = File::options().append(true).create(true).open(path);
        told.and_then(|mut file| file.write_all(line.as_bytes())).expect("the line can be told");
    }
}

/// One of the two readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// `Virtual PCD 00 00`.
    First,
    /// `Virtual PCD 00 01`.
    Second,
}

impl Slot {
    /// The reader's name, as PC/SC gives it.
    pub fn reader(self) -> &'static str {
        match self {
            Self::First => "Virtual PCD 00 00",
            Self::Second => "Virtual PCD 00 01",
        }
    }

    fn port(self) -> u16 {
        PORT + self as u16
    }
}

/// What a bench needs and does not find here.
#[derive(Debug)]
pub enum Missing {
    /// A network of its own takes the rights of root.
    Root,
    /// A program or driver that is not installed, and the Debian package that brings it.
    Package(&'static str),
    /// A card service runs here already, and it is not ours to stop.
    Service,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root => f.write_str("it takes root"),
            Self::Package(name) => write!(f, "the Debian package {name} is not installed"),
            Self::Service => f.write_str("another pcscd runs; stop it (systemctl stop pcscd.socket pcscd)"),
        }
    }
}

/// A card service with two readers, seen by every program of this computer. One at a time: who comes second waits.
/// Dropped, it is gone without a trace.
pub struct Bench {
    service: Option<Service>,
    inserted: [Option<Inserted>; 2],
    work: TempDir,
    /// Let go last.
    _lock: File,
}

impl Bench {
    /// Starts the service, or says what is missing for it.
    ///
    /// # Panics
    /// Everything is there and the service does not start: a fault of the bench, which no test should hide.
    pub fn start() -> Result<Self, Missing> {
        check()?;
        let lock = File::create(LOCK).expect("root may lock");
        lock.lock().expect("root may lock");
        if running_service().is_some() {
            return Err(Missing::Service);
        }
        let work = tempfile::tempdir().expect("there is room for a folder");
        std::fs::create_dir(work.path().join("readers")).expect("the folder is ours");
        let mut bench = Self { service: None, inserted: [None, None], work, _lock: lock };
        bench.plug();
        Ok(bench)
    }

    /// As [`Bench::start`]; where something is missing, says loudly that `test` is skipped and gives nothing.
    pub fn start_or_skip(test: &str) -> Option<Self> {
        let missing = match Self::start() {
            Ok(bench) => return Some(bench),
            Err(missing) => missing,
        };
        skip(test, &format!("no card service can be started: {missing}"));
        None
    }

    /// Plugs the readers in, which they are at first; starts the service where it does not run.
    pub fn plug(&mut self) {
        let config = format!(
            "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:{PORT:#06X}\nLIBPATH {DRIVER}\nCHANNELID {PORT:#06X}\n"
        );
        std::fs::write(self.config(), config).expect("the folder is ours");
        self.restart();
    }

    /// Unplugs the readers; the cards in them are pulled. The virtual reader knows no unplugging: the service starts
    /// anew without it.
    pub fn unplug(&mut self) {
        std::fs::write(self.config(), "").expect("the folder is ours");
        self.restart();
    }

    /// Puts `card` into a reader.
    ///
    /// # Panics
    /// There is a card in it already, or no reader.
    pub fn insert(&mut self, slot: Slot, card: Card) {
        let service = self.service.as_ref().expect("the service runs");
        let namespace = File::open(format!("/proc/{}/ns/net", service.pid.as_raw_pid())).expect("it runs");
        let place = &mut self.inserted[slot as usize];
        assert!(place.is_none(), "there is a card in {slot:?}");
        *place = Some(Inserted::start(card, namespace, slot.port()));
    }

    /// Pulls the card out of a reader.
    pub fn pull(&mut self, slot: Slot) -> Option<Card> {
        self.inserted[slot as usize].take().map(Inserted::end)
    }

    /// Stops the service; the cards in its readers are pulled.
    pub fn stop(&mut self) {
        if let Some(service) = self.service.take() {
            service.end();
        }
        for slot in [Slot::First, Slot::Second] {
            self.pull(slot);
        }
    }

    /// Starts the service anew.
    pub fn restart(&mut self) {
        self.stop();
        self.service = Some(Service::start(self.work.path()));
    }

    fn config(&self) -> PathBuf {
        self.work.path().join("readers").join("virtual")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop();
    }
}

fn check() -> Result<(), Missing> {
    if !rustix::process::geteuid().is_root() {
        return Err(Missing::Root);
    }
    let programs =
        [("/usr/sbin/pcscd", "pcscd"), (DRIVER, "vsmartcard-vpcd"), ("/usr/bin/unshare", "util-linux")];
    let absent = programs.into_iter().find(|(path, _)| !Path::new(path).exists());
    match absent {
        Some((_, package)) => Err(Missing::Package(package)),
        None if !Path::new("/sbin/ip").exists() && !Path::new("/bin/ip").exists() => {
            Err(Missing::Package("iproute2"))
        }
        None => Ok(()),
    }
}

/// A `pcscd` that runs, by its own file. What a killed one left behind is cleared away.
fn running_service() -> Option<String> {
    let pid = std::fs::read_to_string(PID_FILE).ok()?.trim().to_owned();
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    if name.trim() == "pcscd" {
        return Some(pid);
    }
    for left in [PID_FILE, SOCKET] {
        let _ = std::fs::remove_file(left);
    }
    None
}

/// A `pcscd` in a network of its own.
struct Service {
    pid: Pid,
    stop: Option<Sender<()>>,
    keeper: JoinHandle<()>,
}

impl Service {
    fn start(work: &Path) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let work = work.to_owned();
        // The service is killed when the thread that started it ends, whatever becomes of the test: so it has one.
        let keeper = std::thread::spawn(move || {
            let mut child = spawn(&work);
            let pid = Pid::from_child(&child);
            tell.send(pid).expect("the bench waits for it");
            // An error is the bench's end.
            let _ = stopped.recv();
            let _ = kill_process(pid, Signal::TERM);
            if !wait_for(|| matches!(child.try_wait(), Ok(Some(_)))) {
                let _ = child.kill();
                let _ = child.wait();
            }
        });
        let pid = told.recv().expect("the service was spawned");
        let up = wait_for(|| UnixStream::connect(SOCKET).is_ok());
        assert!(up, "pcscd does not listen on {SOCKET}");
        Self { pid, stop: Some(stop), keeper }
    }

    fn end(mut self) {
        self.stop = None;
        self.keeper.join().expect("the keeper does not panic");
    }
}

/// The virtual reader listens on every address: in a network of its own that is nobody's but ours. The programs
/// replace each other, so the process that is spawned is the service.
fn spawn(work: &Path) -> Child {
    let log = File::create(work.join("log")).expect("the folder is ours");
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--", "unshare", "--net", "--", "sh", "-c"])
        .arg("ip link set lo up && exec pcscd --foreground --config \"$1\"")
        .arg("pcscd")
        .arg(work.join("readers"))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file can be shared"))
        .stderr(log)
        .spawn()
        .expect("setpriv is there, as unshare is")
}

fn wait_for(mut done: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if done() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

/// A card in a reader: the line to the reader, and who answers on it.
struct Inserted {
    line: TcpStream,
    answering: JoinHandle<Card>,
}

impl Inserted {
    fn start(card: Card, namespace: File, port: u16) -> Self {
        let (tell, told) = mpsc::channel();
        let answering = std::thread::spawn(move || {
            move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), Some(LinkNameSpaceType::Network))
                .expect("root may enter the service's network");
            let mut line = None;
            wait_for(|| {
                line = TcpStream::connect(("127.0.0.1", port)).ok();
                line.is_some()
            });
            let line = line.expect("the reader listens");
            tell.send(line.try_clone().expect("a line can be shared")).expect("the bench waits for it");
            answer(&card, line);
            card
        });
        Self { line: told.recv().expect("the card is in the reader"), answering }
    }

    fn end(self) -> Card {
        // A reader that is gone has ended the line already.
        let _ = self.line.shutdown(Shutdown::Both);
        self.answering.join().expect("the card does not panic")
    }
}

/// Answers the reader until it is gone. Each time the card loses its power, it starts afresh.
fn answer(card: &Card, line: TcpStream) {
    let mut line = vpicc::Connection::from(line);
    let mut there = true;
    while there {
        there = card::session(card.folder(), |transmit| {
            let mut chip = Chip { transmit, powerless: false };
            while !chip.powerless {
                if line.poll(&mut chip).is_err() {
                    return false;
                }
            }
            true
        });
    }
}

struct Chip<'a> {
    transmit: &'a mut dyn FnMut(&[u8]) -> Vec<u8>,
    powerless: bool,
}

impl vpicc::VSmartCard for Chip<'_> {
    fn power_off(&mut self) {
        self.powerless = true;
    }

    fn reset(&mut self) {
        self.powerless = true;
    }

    fn execute(&mut self, apdu: &[u8]) -> Vec<u8> {
        (self.transmit)(apdu)
    }
}
