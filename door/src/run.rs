//! The controller at work: bus, core, record and link in one loop.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::bus::{DoorBus, DoorCommand, Osdp, OsdpError};
use crate::clock::Clock;
use crate::config::Config;
use crate::core::{Controller, Effect, Event, Moment};
use crate::limits::{HEARTBEAT, MAX_BODY, RETRY, RETRY_AT_MOST, RETRY_RECORD, TICK};
use crate::link::{Link, Now, Question, Server, Sides, Told};
use crate::record::{Found, RecordError, Store};
use crate::wire::{
    AlarmKind, Ask, DoorNow, Happened, KeyError, Nonce, PublicKey, Sealed, SecretKey, Snapshot, Synced,
};

const SNAPSHOT: &str = "snapshot.json";

/// Why a controller cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Its record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Its buses.
    #[error(transparent)]
    Bus(#[from] OsdpError),
    /// Its keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A thread could not be started.
    #[error("no thread: {0}")]
    Thread(#[from] io::Error),
    /// The loop ended by a fault of the program.
    #[error("the controller's loop broke off")]
    BrokeOff,
}

/// What a controller works with besides its settings.
pub struct Parts {
    /// The way to the server.
    pub server: Arc<dyn Server>,
    /// The clocks.
    pub clock: Box<dyn Clock>,
    /// The controller's own key.
    pub key: SecretKey,
}

/// A controller at work. Dropped, it stops.
pub struct Running {
    inputs: Sender<Input>,
    thread: Option<JoinHandle<()>>,
    now: Arc<Mutex<Now>>,
    heard: Arc<Mutex<Option<Instant>>>,
}

impl Running {
    /// How the doors stand.
    pub fn doors(&self) -> Vec<DoorNow> {
        held(&self.now).doors.clone()
    }

    /// The serial of the snapshot in force, 0 when there is none.
    pub fn serial(&self) -> u64 {
        held(&self.now).have
    }

    /// For how long the server has not acknowledged anything; none when it never did.
    pub fn silent_for(&self) -> Option<Duration> {
        held(&self.heard).map(|at| at.elapsed())
    }

    /// Stops it: what was decided is carried out, everything recorded is on the disk.
    ///
    /// # Errors
    /// When its loop broke off.
    pub fn stop(mut self) -> Result<(), RunError> {
        let _ = self.inputs.send(Input::Stop);
        match self.thread.take().map(JoinHandle::join) {
            Some(Err(_)) => Err(RunError::BrokeOff),
            Some(Ok(())) | None => Ok(()),
        }
    }

    /// Whether its loop has ended.
    pub fn ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.inputs.send(Input::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

enum Input {
    Event(Event),
    Told(Told),
    Stop,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a controller on its OSDP buses.
///
/// # Errors
/// When its record cannot be opened or a thread cannot be started.
pub fn start(config: &Config, parts: Parts) -> Result<Running, RunError> {
    start_with(config, parts, |events| {
        let bus = Osdp::start(&config.buses, &config.doors, &move |event| events(event))?;
        Ok(Box::new(bus))
    })
}

/// What a bus tells its events to.
pub type Events = Arc<dyn Fn(Event) + Send + Sync>;

/// Starts a controller on a bus of the caller's.
///
/// # Errors
/// As [`start`].
pub fn start_with(
    config: &Config,
    parts: Parts,
    bus: impl FnOnce(Events) -> Result<Box<dyn DoorBus>, OsdpError>,
) -> Result<Running, RunError> {
    let (working, inputs, queue) = prepare(config, parts, bus)?;
    let (now, heard) = (Arc::clone(&working.now), Arc::clone(&working.heard));
    let thread = thread::Builder::new().name("door".to_owned()).spawn(move || working.run(&queue))?;
    Ok(Running { inputs, thread: Some(thread), now, heard })
}

fn prepare(
    config: &Config,
    parts: Parts,
    bus: impl FnOnce(Events) -> Result<Box<dyn DoorBus>, OsdpError>,
) -> Result<(Working, Sender<Input>, Receiver<Input>), RunError> {
    let moment = parts.clock.now();
    let (store, found) = Store::open(&config.data, moment.wall)?;
    if found != Found::Whole {
        log::warn!("the record was not whole: {found:?}");
    }
    let controller = Controller::new(config.settings(), store.next(), store.last_at(), moment);
    let (inputs, queue) = mpsc::channel();
    let now = Arc::new(Mutex::new(Now { have: 0, doors: controller.doors(), at: moment.wall }));
    let to = inputs.clone();
    let bus = bus(Arc::new(move |event| {
        // Nobody listens any more: the controller has stopped.
        let _ = to.send(Input::Event(event));
    }))?;
    let sides = Sides {
        server: parts.server,
        controller: config.controller.clone(),
        ours: parts.key,
        theirs: config.server_key,
    };
    let to = inputs.clone();
    let link = Link::start(&sides, &now, &move |told| to.send(Input::Told(told)).is_ok())?;
    let working = Working {
        controller,
        store,
        bus,
        link,
        clock: parts.clock,
        folder: config.data.clone(),
        name: config.controller.clone(),
        deadline: config.deadline,
        server_key: config.server_key,
        now,
        heard: Arc::default(),
        aligned: false,
        uploading: false,
        upload_at: Instant::now(),
        upload_wait: RETRY,
        dirty: true,
        sent: None,
        later: VecDeque::new(),
        broken_since: None,
    };
    Ok((working, inputs, queue))
}

/// The loop's own.
struct Working {
    controller: Controller,
    store: Store,
    bus: Box<dyn DoorBus>,
    link: Link,
    clock: Box<dyn Clock>,
    folder: PathBuf,
    name: crate::wire::Name,
    deadline: Duration,
    server_key: PublicKey,
    now: Arc<Mutex<Now>>,
    heard: Arc<Mutex<Option<Instant>>>,
    /// Whether our numbers are known to be the server's. Before that it is not asked.
    aligned: bool,
    uploading: bool,
    /// When the next upload is due, and how long after a failure.
    upload_at: Instant,
    upload_wait: Duration,
    /// Whether there may be records that were not uploaded.
    dirty: bool,
    /// The first record of the upload that is under way.
    sent: Option<u64>,
    /// What follows from the effects that are being carried out.
    later: VecDeque<Event>,
    /// Since when the record cannot be written.
    broken_since: Option<Instant>,
}

impl Working {
    fn run(mut self, queue: &Receiver<Input>) {
        self.begin();
        let mut ticked = Instant::now();
        loop {
            match queue.recv_timeout(TICK.saturating_sub(ticked.elapsed())) {
                Ok(Input::Event(event)) => self.take(event),
                Ok(Input::Told(told)) => self.told(told),
                Ok(Input::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.try_record_again();
                self.take(Event::Tick);
                self.show();
            }
            self.upload();
        }
    }

    fn begin(&mut self) {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let at = self.clock.now().wall;
        let started = self.store.append(at, Happened::Started { version });
        if started.and_then(|_| self.store.commit()).is_err() {
            self.cannot_record();
        }
        self.controller.number_from(self.store.next());
        if let Some(snapshot) = kept_snapshot(&self.folder, &self.server_key) {
            self.take(Event::Kept(snapshot));
        }
        self.show();
    }

    fn take(&mut self, event: Event) {
        let now = self.clock.now();
        let effects = self.controller.take(event, now);
        self.carry_out(effects, now);
        // Behind all effects of this event: their numbers are given already.
        while let Some(event) = self.later.pop_front() {
            let effects = self.controller.take(event, now);
            self.carry_out(effects, now);
        }
    }

    /// INVARIANT (record first): nothing but a record, or what makes a door safer, happens while a record
    /// before it is not on the disk.
    fn carry_out(&mut self, effects: Vec<Effect>, now: Moment) {
        let mut failed = false;
        for effect in effects {
            match effect {
                Effect::Relock { door } => self.bus.command(&door, DoorCommand::Relock),
                _ if failed => {}
                Effect::Record { seq, what } => {
                    self.dirty = true;
                    failed = !matches!(self.store.append(now.wall, what), Ok(given) if given == seq);
                }
                other => {
                    failed = self.store.commit().is_err();
                    if !failed {
                        self.act(other);
                    }
                }
            }
        }
        if failed || self.store.commit().is_err() {
            self.cannot_record();
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Strike { door, time } => self.bus.command(&door, DoorCommand::Strike { time }),
            Effect::Ask { seq, at, door, direction, presented } => {
                let nonce = Nonce::fresh();
                let (Ok(nonce), true) = (nonce, self.aligned) else {
                    return self.later.push_back(Event::NoAnswer { seq });
                };
                let ask = Ask { controller: self.name.clone(), nonce, seq, at, door, direction, presented };
                self.link.ask(Question { ask, until: Instant::now() + self.deadline });
            }
            Effect::Record { .. } | Effect::Relock { .. } => {}
        }
    }

    fn cannot_record(&mut self) {
        if self.broken_since.is_none() {
            log::error!("the record cannot be written: nothing is granted");
        }
        self.broken_since = Some(Instant::now());
        let now = self.clock.now();
        for effect in self.controller.take(Event::Recording(false), now) {
            if let Effect::Relock { door } = effect {
                self.bus.command(&door, DoorCommand::Relock);
            }
        }
        self.controller.number_from(self.store.next());
    }

    /// What happened meanwhile is not in the record, and the record says so.
    fn try_record_again(&mut self) {
        if self.broken_since.is_none_or(|since| since.elapsed() < RETRY_RECORD) {
            return;
        }
        let what = Happened::Alarm { door: None, alarm: AlarmKind::RecordCut };
        let at = self.clock.now().wall;
        let written = self.store.append(at, what).and_then(|_| self.store.commit());
        self.controller.number_from(self.store.next());
        match written {
            Ok(()) => {
                self.broken_since = None;
                self.dirty = true;
                self.take(Event::Recording(true));
            }
            Err(_) => self.broken_since = Some(Instant::now()),
        }
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Answer(answer) => self.take(Event::Answer(answer)),
            Told::NoAnswer { seq } => self.take(Event::NoAnswer { seq }),
            Told::Acknowledged(acknowledged) => self.acknowledged(acknowledged.next),
            Told::NotUploaded => self.not_uploaded(),
            Told::NotSynced => {}
            Told::Synced(synced, sealed) => {
                let Some(snapshot) = synced.snapshot else { return };
                if snapshot.serial <= self.controller.serial() {
                    return;
                }
                if let Err(error) = self.controller.check(&snapshot) {
                    return log::error!("a snapshot is not taken: {error}");
                }
                let serial = snapshot.serial;
                self.take(Event::Snapshot(snapshot));
                self.show();
                if let Err(error) = keep_snapshot(&self.folder, &sealed) {
                    log::error!("snapshot {serial} cannot be kept for a restart: {error}");
                }
            }
        }
    }

    fn not_uploaded(&mut self) {
        self.uploading = false;
        self.upload_at = Instant::now() + self.upload_wait;
        self.upload_wait = (self.upload_wait * 2).min(RETRY_AT_MOST);
    }

    fn acknowledged(&mut self, next: u64) {
        // A server that takes nothing is tried again with patience.
        if self.sent.take().is_some_and(|first| next == first) {
            return self.not_uploaded();
        }
        self.uploading = false;
        self.upload_wait = RETRY;
        *held(&self.heard) = Some(Instant::now());
        match self.store.acknowledged(next, self.clock.now().wall) {
            Ok(renumbered) => {
                if let Some((from, by)) = renumbered {
                    log::error!("the server knows {next} records of us, more than we do: the record was cut");
                    self.controller.renumber(from, by);
                    self.controller.number_from(self.store.next());
                }
                self.aligned = true;
                self.dirty = next < self.store.next();
                self.upload_at = Instant::now() + if self.dirty { Duration::ZERO } else { HEARTBEAT };
            }
            Err(error) => {
                log::error!("{error}");
                self.upload_at = Instant::now() + RETRY_AT_MOST;
            }
        }
    }

    /// Sends what the server does not have yet. The first upload is empty: it only asks for the numbering.
    fn upload(&mut self) {
        let due = Instant::now() >= self.upload_at;
        // After a failure it waits; else new records go at once.
        let fresh = self.dirty && self.aligned && self.upload_wait == RETRY;
        if self.uploading || !(due || fresh) {
            return;
        }
        let records = if self.aligned { self.store.unacknowledged() } else { Ok(Vec::new()) };
        match records {
            Ok(records) => {
                self.uploading = true;
                self.sent = records.first().map(|record| record.seq);
                self.link.upload(records);
            }
            Err(error) => {
                log::error!("{error}");
                self.upload_at = Instant::now() + RETRY_AT_MOST;
            }
        }
    }

    /// What others see of the controller.
    fn show(&self) {
        let at = self.clock.now().wall;
        *held(&self.now) = Now { have: self.controller.serial(), doors: self.controller.doors(), at };
    }
}

/// The snapshot of before the restart, when the server's signature on it holds.
fn kept_snapshot(folder: &Path, server: &PublicKey) -> Option<Snapshot> {
    let path = folder.join(SNAPSHOT);
    if fs::metadata(&path).ok()?.len() > 2 * MAX_BODY as u64 {
        return None;
    }
    let sealed: Sealed = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    sealed.open::<Synced>(server).ok()?.snapshot
}

fn keep_snapshot(folder: &Path, sealed: &Sealed) -> io::Result<()> {
    let fresh = folder.join("snapshot.new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&serde_json::to_vec(sealed)?)?;
    file.sync_all()?;
    fs::rename(fresh, folder.join(SNAPSHOT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::config::{Bus, CardFormat, Door, Inputs, LockKey, PortName, Readers};
    use crate::core::Channel;
    use crate::link::{Away, Request};
    use crate::wire::{Direction, Name};

    struct Nobody;

    impl Server for Nobody {
        fn post(&self, _: Request, _: &Sealed, _: Duration) -> Result<Sealed, Away> {
            Err(Away::new("nobody"))
        }
    }

    #[derive(Clone, Default)]
    struct Listening(Arc<Mutex<Vec<DoorCommand>>>);

    impl DoorBus for Listening {
        fn command(&mut self, _: &Name, command: DoorCommand) {
            held(&self.0).push(command);
        }
    }

    fn config(folder: &Path, server: &SecretKey) -> Config {
        let name = |text| Name::new(text).expect("a name");
        let door = Door {
            id: name("cs-room"),
            room: name("cs-room"),
            bus: name("bus"),
            address: 1,
            key: LockKey::from_hex("000102030405060708090a0b0c0d0e0f").expect("a key"),
            strike: Duration::from_secs(5),
            held: Duration::from_secs(30),
            readers: Readers { outside: Some(0), inside: Some(1) },
            inputs: Inputs { contact: Some(0), exit: None, key: None },
            output: 0,
            format: CardFormat::Number,
        };
        Config {
            controller: name("north"),
            server: String::new(),
            server_key: server.public(),
            ca: None,
            data: folder.to_owned(),
            deadline: Duration::from_secs(1),
            buses: vec![Bus {
                name: name("bus"),
                port: PortName::new("/dev/null").expect("a port"),
                baud: 9600,
            }],
            doors: vec![door],
        }
    }

    /// INVARIANT (record first).
    #[test]
    fn what_cannot_be_written_opens_nothing_and_afterwards_the_record_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let key = SecretKey::from_seed(&[1; 32]);
        let config = config(folder.path(), &key);
        let bus = Listening::default();
        let parts = Parts { server: Arc::new(Nobody), clock: Box::new(SystemClock::new()), key };
        let commands = bus.clone();
        let (mut working, _inputs, _queue) = prepare(&config, parts, |_| Ok(Box::new(bus))).unwrap();
        working.begin();
        let door = config.doors[0].id.clone();
        working.take(Event::Channel { door: door.clone(), channel: Channel::Up });
        let read = |direction| Event::Read { door: door.clone(), direction, member: 1 };
        working.take(read(Direction::Out));
        let strike = DoorCommand::Strike { time: Duration::from_secs(5) };
        assert_eq!(held(&commands.0)[..], [strike]);

        let whole = working.store.replace_file(fs::File::open(folder.path().join("record.jsonl")).unwrap());
        working.take(read(Direction::Out));
        working.take(read(Direction::In));
        // What was released is taken back, and nothing is released.
        assert!(held(&commands.0)[1..].iter().all(|command| *command == DoorCommand::Relock));

        working.store.replace_file(whole);
        working.broken_since = working.broken_since.map(|since| since - RETRY_RECORD);
        working.try_record_again();
        working.take(read(Direction::Out));
        assert_eq!(held(&commands.0).last(), Some(&strike));
        drop(working);
        let (records, whole) = crate::record::list(folder.path()).unwrap();
        assert!(whole);
        let cut = Happened::Alarm { door: None, alarm: AlarmKind::RecordCut };
        assert!(records.iter().any(|record| record.what == cut));
    }
}
