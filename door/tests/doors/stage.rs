//! A controller with its locks and its server.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use door::clock::{Clock, SystemClock};
use door::config::{Bus, CardFormat, Config, Door, Inputs, LockKey, PortName, Readers};
use door::simulated::{CONTACT, EXIT, INSIDE, KEY, LockSettings, Locks, Manner, OUTSIDE};
use door::wire::{DoorGrants, DoorState, Grant, Happened, Name, Outcome, SecretKey, Snapshot};
use door::{Parts, Running};
use jiff::SignedDuration;
use tempfile::TempDir;

use crate::server::{Mood, TestServer};

pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const DOORS: [&str; 2] = ["cs-room", "server-room"];

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

pub(crate) fn lock_key(number: u8) -> [u8; 16] {
    let mut key = [0xa5; 16];
    key[0] = number;
    key
}

pub(crate) fn lock_settings() -> Vec<LockSettings> {
    let lock = |address| LockSettings { address, key: lock_key(address), manner: Manner::Secure };
    vec![lock(1), lock(2)]
}

pub(crate) fn server_key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

pub(crate) fn controller_key() -> SecretKey {
    SecretKey::from_seed(&[2; 32])
}

pub(crate) fn config(port: &str, folder: &Path) -> Config {
    let door = |(number, id): (usize, &str)| Door {
        id: name(id),
        room: name(id),
        bus: name("bus-1"),
        address: u8::try_from(number).expect("few") + 1,
        key: LockKey::new(lock_key(u8::try_from(number).expect("few") + 1)).expect("a key"),
        strike: Duration::from_secs(20),
        held: Duration::from_secs(30),
        readers: Readers { outside: Some(OUTSIDE), inside: Some(INSIDE) },
        inputs: Inputs { contact: Some(CONTACT), exit: Some(EXIT), key: Some(KEY) },
        output: 0,
        format: CardFormat::Number,
    };
    Config {
        controller: name("north"),
        server: "http://127.0.0.1:1".to_owned(),
        server_key: server_key().public(),
        ca: None,
        data: folder.join("controller"),
        deadline: Duration::from_secs(5),
        buses: vec![Bus { name: name("bus-1"), port: PortName::new(port).expect("a port"), baud: 115_200 }],
        doors: DOORS.into_iter().enumerate().map(door).collect(),
    }
}

pub(crate) fn snapshot(serial: u64, members: &[u32]) -> Snapshot {
    let now = SystemClock::new().now().wall;
    let hours = |hours| now + SignedDuration::from_hours(hours);
    let grant = |member: &u32| Grant {
        member: *member,
        person: format!("p-{member}"),
        from: hours(-1),
        until: hours(8),
    };
    let door =
        |door| DoorGrants { door: name(door), room: name(door), grants: members.iter().map(grant).collect() };
    Snapshot {
        controller: name("north"),
        serial,
        issued: now,
        expires: hours(20),
        lockdown: false,
        doors: DOORS.map(door).to_vec(),
    }
}

pub(crate) struct Stage {
    pub(crate) locks: Locks,
    pub(crate) server: Arc<TestServer>,
    pub(crate) running: Option<Running>,
    pub(crate) config: Config,
    /// Kept until the test ends.
    _folder: TempDir,
}

impl Stage {
    /// Two doors on one pseudo terminal; members 1 and 2 are permitted.
    pub(crate) fn new() -> Self {
        Self::with(&lock_settings(), |_| {})
    }

    pub(crate) fn with(settings: &[LockSettings], change: impl FnOnce(&mut Config)) -> Self {
        let (locks, port) = Locks::on_pty(settings).expect("a pseudo terminal");
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = config(&port, folder.path());
        change(&mut config);
        let server = TestServer::new(server_key(), controller_key().public());
        server.change(|state| state.permitted = [1, 2].into());
        let mut stage = Self { locks, server, running: None, config, _folder: folder };
        stage.start();
        stage
    }

    pub(crate) fn start(&mut self) {
        let parts =
            Parts { server: self.server.clone(), clock: Box::new(SystemClock::new()), key: controller_key() };
        self.running = Some(door::start(&self.config, parts).expect("a controller"));
    }

    /// Waits until both locks are on the bus and the server has acknowledged something.
    pub(crate) fn ready(self) -> Self {
        let ready = wait_until(|| {
            let running = self.running.as_ref().expect("running");
            let heard = running.silent_for().is_some();
            heard && running.doors().iter().all(|door| door.state == DoorState::Locked)
        });
        assert!(ready, "not ready: {:?}", self.running.as_ref().expect("running").doors());
        self
    }

    pub(crate) fn with_snapshot(self, snapshot: Snapshot) -> Self {
        let serial = snapshot.serial;
        self.server.change(|state| state.snapshot = Some(snapshot));
        assert!(wait_until(|| self.running.as_ref().expect("running").serial() == serial));
        self
    }

    pub(crate) fn mood(&self, mood: Mood) {
        self.server.change(|state| state.mood = mood);
    }

    pub(crate) fn state(&self, door: usize) -> DoorState {
        self.running.as_ref().expect("running").doors()[door].state
    }

    pub(crate) fn wait_for_state(&self, door: usize, state: DoorState) {
        assert!(wait_until(|| self.state(door) == state), "{:?} instead of {state:?}", self.state(door));
    }

    /// All that is in the local record.
    pub(crate) fn record(&self) -> Vec<Happened> {
        let (records, whole) = door::record::list(&self.config.data).expect("a record");
        assert!(whole);
        records.into_iter().map(|record| record.what).collect()
    }

    pub(crate) fn wait_for_local(&self, wanted: impl Fn(&Happened) -> bool) {
        assert!(wait_until(|| self.record().iter().any(&wanted)), "not in {:#?}", self.record());
    }
}

pub(crate) fn wait_until(done: impl Fn() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if done() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

pub(crate) fn outcome(happened: &Happened) -> Option<Outcome> {
    match happened {
        Happened::Passage { outcome, .. } => Some(*outcome),
        _ => None,
    }
}
