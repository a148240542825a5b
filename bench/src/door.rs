//! How long a door takes to decide, how long from the finger to the strike, and whether anything is lost.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use door::bus::{DoorBus, DoorCommand};
use door::clock::{Clock as _, SystemClock};
use door::config::{Bus, CardFormat, Config, Door, Inputs, LockKey, PortName, Readers};
use door::core::{Channel, Controller, DoorSettings, Effect, Event, Moment, Settings};
use door::simulated::{CONTACT, INSIDE, LockSettings, Locks, Manner, OUTSIDE};
use door::wire::{
    Acknowledged, Answer, Ask, Direction, DoorGrants, Grant, Happened, Message, Name, Outcome, Record,
    Sealed, SecretKey, Snapshot, Sync, Synced, Upload,
};
use door::{Away, Parts, Request, Running, Server};
use jiff::{SignedDuration, Timestamp};

/// Decisions that are measured.
const DECISIONS: usize = 50_000;
/// Doors of the controller, and people with a grant at each.
const DOORS: u32 = 20;
const GRANTS: u32 = 2_000;
/// Fingers on the bus.
const FINGERS: usize = 300;
/// Passages while the server comes and goes.
pub(crate) const PASSAGES: usize = 10_000;

/// Measures all three and prints the figures. Works in a new folder in `dir`.
pub(crate) fn run(dir: &Path, passages: usize) {
    decisions();
    fingers(&dir.join("fingers"));
    losses(&dir.join("losses"), passages);
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn percentiles(mut taken: Vec<Duration>) -> (Duration, Duration, Duration) {
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() * share / 100).min(taken.len() - 1)];
    (at(50), at(99), taken[taken.len() - 1])
}

fn print(what: &str, taken: Vec<Duration>, comparator: &str) {
    let (p50, p99, max) = percentiles(taken);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{what:<44}{:>10.3}{:>10.3}{:>10.3}   {comparator}", ms(p50), ms(p99), ms(max));
}

fn snapshot(doors: u32, grants: u32, now: Timestamp) -> Snapshot {
    let hours = |hours| now + SignedDuration::from_hours(hours);
    let grant = |member| Grant { member, person: format!("p-{member}"), from: hours(-1), until: hours(12) };
    let door = |number| DoorGrants {
        door: name(&format!("door-{number}")),
        room: name(&format!("room-{number}")),
        grants: (1..=grants).map(grant).collect(),
    };
    let doors = (0..doors).map(door).collect();
    Snapshot { controller: name("north"), serial: 1, issued: now, expires: hours(20), lockdown: false, doors }
}

/// (a) A question that nobody answers, decided from the snapshot.
fn decisions() {
    let doors: Vec<DoorSettings> = (0..DOORS)
        .map(|number| DoorSettings {
            door: name(&format!("door-{number}")),
            strike: Duration::from_secs(5),
            held: Duration::from_secs(30),
        })
        .collect();
    let settings = Settings { controller: name("north"), deadline: Duration::from_secs(1), doors };
    let mut now = SystemClock::new().now();
    let mut controller = Controller::new(settings, 0, Timestamp::MIN, now);
    for number in 0..DOORS {
        let door = name(&format!("door-{number}"));
        controller.take(Event::Channel { door, channel: Channel::Up }, now);
    }
    let begun = Instant::now();
    controller.take(Event::Snapshot(snapshot(DOORS, GRANTS, now.wall)), now);
    println!("door: a snapshot of {DOORS} doors with {GRANTS} grants each is taken in {:?}", begun.elapsed());
    println!("{:<44}{:>10}{:>10}{:>10}", "milliseconds", "p50", "p99", "max");
    let mut taken = Vec::with_capacity(DECISIONS);
    for round in 0..DECISIONS {
        let number = u32::try_from(round).expect("few");
        let door = name(&format!("door-{}", number % DOORS));
        let begun = Instant::now();
        let granted = decide(&mut controller, &door, number % GRANTS + 1, now);
        taken.push(begun.elapsed());
        assert!(granted, "the case is not what it says");
        controller.take(Event::Contact { door: door.clone(), open: true }, now);
        controller.take(Event::Contact { door, open: false }, now);
        now.steady += Duration::from_millis(1);
        now.wall += SignedDuration::from_millis(1);
    }
    print("decision by the snapshot", taken, "goal: p99 < 5");
}

fn decide(controller: &mut Controller, door: &Name, member: u32, now: Moment) -> bool {
    let read = Event::Read { door: door.clone(), direction: Direction::In, member };
    let asked = controller.take(read, now).into_iter().find_map(|effect| match effect {
        Effect::Ask { seq, .. } => Some(seq),
        _ => None,
    });
    let Some(seq) = asked else { return false };
    let effects = controller.take(Event::NoAnswer { seq }, now);
    effects.iter().any(|effect| matches!(effect, Effect::Strike { .. }))
}

fn config(folder: PathBuf, port: &str, doors: u8, server: &SecretKey) -> Config {
    let lock_key = |number: u8| {
        let mut key = [0xa5; 16];
        key[0] = number;
        key
    };
    let door = |number: u8| Door {
        id: name(&format!("door-{number}")),
        room: name(&format!("room-{number}")),
        bus: name("bus"),
        address: number,
        key: LockKey::new(lock_key(number)).expect("a key"),
        strike: Duration::from_secs(5),
        held: Duration::from_secs(30),
        readers: Readers { outside: Some(OUTSIDE), inside: Some(INSIDE) },
        inputs: Inputs { contact: Some(CONTACT), exit: None, key: None },
        output: 0,
        format: CardFormat::Number,
    };
    Config {
        controller: name("north"),
        server: "http://127.0.0.1:1".to_owned(),
        server_key: server.public(),
        ca: None,
        data: folder,
        deadline: Duration::from_secs(1),
        buses: vec![Bus { name: name("bus"), port: PortName::new(port).expect("a port"), baud: 115_200 }],
        doors: (0..doors).map(door).collect(),
    }
}

/// (b) From the finger at a lock on a pseudo terminal to the strike, with a server in the same process.
fn fingers(folder: &Path) {
    let (server_key, ours) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
    let mut key = [0xa5; 16];
    key[0] = 0;
    let settings = [LockSettings { address: 0, key, manner: Manner::Secure }];
    let (locks, port) = Locks::on_pty(&settings).expect("a pseudo terminal");
    let config = config(folder.to_owned(), &port, 1, &server_key);
    let server = Arc::new(Counting::new(server_key, &ours));
    let clock = Box::new(SystemClock::new());
    let running = door::start(&config, Parts { server, clock, key: ours }).expect("a controller");
    wait(|| ready(&running));
    let lock = &locks.locks[0];
    let (mut whole, mut bus) = (Vec::new(), Vec::new());
    for round in 0..FINGERS {
        // Not in step with the polls.
        std::thread::sleep(Duration::from_micros(7_919 * (round as u64 % 13)));
        let touched = Instant::now();
        lock.touch(OUTSIDE, 1);
        assert!(lock.wait_for_strikes(round + 1, Duration::from_secs(10)), "no strike");
        let struck = lock.last_strike().expect("just now");
        whole.push(struck - touched);
        bus.push(struck - lock.last_read().expect("just now"));
        lock.open();
        wait(|| !lock.is_unlocked());
        lock.close();
        wait(|| ready(&running));
    }
    print("card read on the bus → strike at the lock", bus, "goal: p99 < 50");
    print("finger → strike, with the wait for the poll", whole, "LibOSDP polls every 50 ms");
}

fn ready(running: &Running) -> bool {
    let locked = running.doors().iter().all(|door| door.state == door::wire::DoorState::Locked);
    locked && running.silent_for().is_some()
}

fn wait(done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < until, "it does not come to an end");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A bus without a line: the strike is counted.
struct Counter(Arc<AtomicU64>);

impl DoorBus for Counter {
    fn command(&mut self, _door: &Name, command: DoorCommand) {
        if let DoorCommand::Strike { .. } = command {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// (c) Passages while the server dies, the link is cut, and the controller is restarted.
fn losses(folder: &Path, passages: usize) {
    let (server_key, ours) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
    let mut config = config(folder.to_owned(), "/dev/null", 1, &server_key);
    config.deadline = Duration::from_millis(200);
    let server = Arc::new(Counting::new(server_key, &ours));
    let strikes = Arc::new(AtomicU64::new(0));
    let door = name("door-0");
    let begun = Instant::now();
    let (mut running, mut tell) = begin(&config, &server, &ours, &strikes);
    let (mut restarts, mut cuts, mut chance) = (0, 0, 0x9e37_79b9_7f4a_7c15u64);
    for passage in 0..passages {
        // xorshift64: the same course each time.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        if chance.is_multiple_of(40) {
            cuts += u32::from(!server.away.fetch_xor(true, Ordering::Relaxed));
        }
        if chance % 1000 == 1 {
            restarts += 1;
            drop(running);
            (running, tell) = begin(&config, &server, &ours, &strikes);
        }
        let before = strikes.load(Ordering::Relaxed);
        tell(Event::Read { door: door.clone(), direction: Direction::In, member: 1 });
        wait(|| strikes.load(Ordering::Relaxed) > before);
        assert_eq!(strikes.load(Ordering::Relaxed), passage as u64 + 1, "one strike for one finger");
        tell(Event::Contact { door: door.clone(), open: true });
        tell(Event::Contact { door: door.clone(), open: false });
    }
    server.away.store(false, Ordering::Relaxed);
    let (local, whole) = {
        let wanted = || server.granted().len() >= passages;
        wait(wanted);
        drop(running);
        door::record::list(&config.data).expect("a record")
    };
    assert!(whole, "the chain holds");
    let granted = server.granted();
    let different: HashSet<u64> = granted.iter().copied().collect();
    println!(
        "{passages} passages, server away {cuts} times, {restarts} restarts, {:.0} s: {} lost, {} doubled   goal: 0, 0",
        begun.elapsed().as_secs_f64(),
        passages - different.len().min(passages),
        granted.len() - different.len(),
    );
    println!("records kept at the controller: {}; answers lost or late are decided there", local.len());
}

fn begin(
    config: &Config,
    server: &Arc<Counting>,
    ours: &SecretKey,
    strikes: &Arc<AtomicU64>,
) -> (Running, door::Events) {
    let parts = Parts { server: server.clone(), clock: Box::new(SystemClock::new()), key: ours.clone() };
    let mut events = None;
    let running = door::start_with(config, parts, |to| {
        events = Some(to);
        Ok(Box::new(Counter(Arc::clone(strikes))))
    })
    .expect("a controller");
    let tell = events.expect("given");
    tell(Event::Channel { door: name("door-0"), channel: Channel::Up });
    wait(|| running.serial() > 0);
    (running, tell)
}

/// A server that permits member 1, counts, and is sometimes away: before or after it has done what it was asked.
struct Counting {
    key: SecretKey,
    controller: door::wire::PublicKey,
    away: AtomicBool,
    turn: AtomicU64,
    records: Mutex<(u64, Vec<Record>)>,
    answers: Mutex<HashMap<u64, bool>>,
}

impl Counting {
    fn new(key: SecretKey, controller: &SecretKey) -> Self {
        Self {
            key,
            controller: controller.public(),
            away: AtomicBool::new(false),
            turn: AtomicU64::new(0),
            records: Mutex::default(),
            answers: Mutex::default(),
        }
    }

    /// The numbers of the passages that were granted.
    fn granted(&self) -> Vec<u64> {
        let records = self.records.lock().expect("whole");
        let granted = |record: &Record| match record.what {
            Happened::Passage { outcome: Outcome::Granted, .. } => Some(record.seq),
            _ => None,
        };
        records.1.iter().filter_map(granted).collect()
    }

    fn seal<T: Message>(&self, message: &T) -> Result<Sealed, Away> {
        Sealed::seal(message, &self.key).map_err(Away::new)
    }

    fn ask(&self, ask: &Ask) -> Result<Sealed, Away> {
        let open = *self.answers.lock().expect("whole").entry(ask.seq).or_insert(true);
        let receipt = Some(format!("passages/{}", ask.seq));
        let nonce = ask.nonce.clone();
        self.seal(&Answer { nonce, seq: ask.seq, open, receipt, because: Vec::new(), unknown: false })
    }

    fn upload(&self, upload: Upload) -> Result<Sealed, Away> {
        let mut records = self.records.lock().expect("whole");
        for record in upload.records {
            if record.seq == records.0 {
                records.0 += 1;
                records.1.push(record);
            }
        }
        self.seal(&Acknowledged { nonce: upload.nonce, next: records.0 })
    }

    fn sync(&self, sync: &Sync) -> Result<Sealed, Away> {
        let nonce = sync.nonce.clone();
        if sync.have == 0 {
            let snapshot = Some(snapshot(1, 10, SystemClock::new().now().wall));
            return self.seal(&Synced { nonce, snapshot });
        }
        std::thread::sleep(Duration::from_secs(1));
        self.seal(&Synced { nonce, snapshot: None })
    }
}

impl Server for Counting {
    fn post(&self, request: Request, sealed: &Sealed, _timeout: Duration) -> Result<Sealed, Away> {
        if self.away.load(Ordering::Relaxed) && self.turn.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            return Err(Away::new("dead"));
        }
        let answered = match request {
            Request::Ask => self.ask(&sealed.open(&self.controller).map_err(Away::new)?),
            Request::Upload => self.upload(sealed.open(&self.controller).map_err(Away::new)?),
            Request::Sync => self.sync(&sealed.open(&self.controller).map_err(Away::new)?),
        };
        // The link was cut on the way back.
        if self.away.load(Ordering::Relaxed) { Err(Away::new("cut")) } else { answered }
    }
}
