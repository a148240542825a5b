//! The two doors of the demo at work: simulated locks on a pseudo terminal, and on its other end a controller as a
//! city has it, with the bus of the standard, its secure channel, its own chained record, and the same messages
//! to the office. Only the people and the locks are played.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use door::clock::SystemClock;
use door::config::{
    Bus, CardFormat, Config, Door, FileFault, Inputs, PortName, Readers, read_or_make_lock_key, read_secret,
};
use door::simulated::{CONTACT, EXIT, INSIDE, KEY, Lock, LockSettings, Locks, Manner, OUTSIDE};
use door::wire::{Answer, Ask, Direction, DoorState, Name, Presented, Sealed};
use door::{Away, Http, Parts, Request, Running, Server};
use office::Office;
use register::DoorId;
use web::{Hardware, Heard, Play, SimulatedDoor};

use super::cast::{ACCESS_MANAGER, LOCK_KEEPER};
use super::rooms::{CONTROLLER, DOORS, FINGERS, FOLDER, OWN_KEY};
use super::stage::id;
use crate::limits;

/// A number that no lock was taught.
const STRANGER: u32 = 99;
const BUS: &str = "bus-1";
/// For how long a grant releases the strike: whoever plays has to find the next button meanwhile.
const STRIKE: Duration = Duration::from_secs(20);
/// How long a door may stand open: long enough to look around on the page.
const HELD: Duration = Duration::from_secs(60);
/// How long the office may take for an answer.
const DEADLINE: Duration = Duration::from_secs(2);
/// How long whoever plays waits for an answer, and for what the controller sees after it.
const PATIENCE: Duration = Duration::from_secs(4);
const SETTLE: Duration = Duration::from_millis(500);
/// How long the play waits for something that has to come.
const SCENE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);

/// The doors with their controller. Dropped, the controller stops first, and then the locks fall silent.
pub(super) struct Doors {
    running: Running,
    locks: Locks,
    office: Office,
    log: Arc<Log>,
}

/// The way to the office.
pub(super) enum Way {
    /// By its programming interface.
    Http,
    /// Within this program, as long as the office serves nobody.
    Within,
}

impl Doors {
    /// Switches the locks on and starts the controller, which goes on with its record in the folder of the demo.
    ///
    /// # Errors
    /// For people: why it cannot be.
    pub(super) fn start(office: &Office, data: &Path, way: &Way) -> Result<Arc<Self>, String> {
        let folder = data.join(FOLDER);
        let mut doors = Vec::new();
        for (address, (door, room)) in (1..).zip(DOORS) {
            doors.push(lock_of(&folder, address, door, room)?);
        }
        let lock = |door: &Door| LockSettings {
            address: door.address,
            key: *door.key.bytes(),
            manner: Manner::Secure,
        };
        let settings: Vec<LockSettings> = doors.iter().map(lock).collect();
        let (locks, port) = Locks::on_pty(&settings).map_err(|error| error.to_string())?;
        let port = PortName::new(&port).map_err(|error| error.to_string())?;
        let config = Config {
            controller: name(CONTROLLER)?,
            server: office.origin().to_owned(),
            server_key: office.door_key(),
            ca: None,
            data: folder.clone(),
            deadline: DEADLINE,
            buses: vec![Bus { name: name(BUS)?, port, baud: 115_200 }],
            doors,
        };
        let log = Arc::new(Log::default());
        let to: Box<dyn Server> = match way {
            Way::Http => Box::new(Http::new(office.origin(), None).map_err(|error| error.to_string())?),
            Way::Within => Box::new(Within(office.clone())),
        };
        let server = Arc::new(Listening { to, office: office.clone(), log: Arc::clone(&log) });
        let key = read_secret(&folder.join(OWN_KEY)).map_err(|fault| told(&fault))?;
        let parts = Parts { server, clock: Box::new(SystemClock::new()), key };
        let running = door::start(&config, parts).map_err(|error| error.to_string())?;
        Ok(Arc::new(Self { running, locks, office: office.clone(), log }))
    }

    fn lock(&self, door: &str) -> Option<&Lock> {
        DOORS.iter().zip(&self.locks.locks).find(|((id, _), _)| *id == door).map(|(_, lock)| lock)
    }

    fn state(&self, door: &str) -> DoorState {
        let doors = self.running.doors();
        doors.iter().find(|now| now.door.as_str() == door).map_or(DoorState::Offline, |now| now.state)
    }

    /// Both locks are on the bus, and the office has answered.
    fn ready(&self) -> bool {
        self.running.silent_for().is_some()
            && DOORS.iter().all(|(door, _)| self.state(door) == DoorState::Locked)
    }

    fn touch(&self, door: &str, lock: &Lock, member: u32, inside: bool) {
        let side = if inside { "中" } else { "外" };
        self.say(door, format!("番号{member}の指が、室の{side}の読取機に当てられました"));
        let before = self.log.answers();
        lock.touch(if inside { INSIDE } else { OUTSIDE }, member);
        self.log.wait_for_answer(before);
    }

    /// Somebody goes in and comes out again.
    fn in_and_out(&self, door: &str, member: u32) -> Result<(), String> {
        let lock = self.lock(door).ok_or_else(|| format!("no lock at {door}"))?;
        for (strikes, inside) in [(1, false), (2, true)] {
            self.touch(door, lock, member, inside);
            expect("錠が解けません", || lock.strikes() >= strikes)?;
            lock.open();
            expect("扉が開きません", || self.state(door) == DoorState::Open)?;
            lock.close();
            expect("扉が閉まりません", || self.state(door) == DoorState::Locked)?;
        }
        Ok(())
    }

    /// A finger is tried that no lock was taught.
    fn strange(&self, door: &str) {
        if let Some(lock) = self.lock(door) {
            self.touch(door, lock, STRANGER, false);
        }
    }

    fn say(&self, door: &str, text: impl Into<String>) {
        self.log.say(Heard { at: self.office.now(), door: door.to_owned(), text: text.into() });
    }

    /// Whose finger the lock knows under which number, and one that it does not.
    fn fingers(&self, door: &DoorId) -> Vec<(u32, String)> {
        let city = self.office.city();
        let known = city.rooms.members(door).map(|(number, finger)| {
            (u32::from(number), format!("{}（番号{number}）", city.name_of(&finger.person)))
        });
        known.chain([(STRANGER, format!("登録のない指（番号{STRANGER}）"))]).collect()
    }
}

impl Hardware for Doors {
    fn doors(&self) -> Vec<SimulatedDoor> {
        let view = |((door, room), lock): (&(&str, &str), &Lock)| {
            let (state, usual) = japanese(self.state(door));
            SimulatedDoor {
                id: (*door).to_owned(),
                room: self.office.city().room_name(&id(room)),
                state: state.to_owned(),
                usual,
                released: lock.is_unlocked(),
                open: lock.is_open(),
                key: lock.is_key_turned(),
                tampered: lock.is_tampered(),
                powered: lock.is_powered(),
                fingers: self.fingers(&id(door)),
            }
        };
        DOORS.iter().zip(&self.locks.locks).map(view).collect()
    }

    fn heard(&self) -> Vec<Heard> {
        self.log.lines().iter().rev().cloned().collect()
    }

    fn play(&self, door: &str, play: Play) {
        let Some(lock) = self.lock(door) else { return };
        let before = self.state(door);
        let text = match play {
            Play::Touch { member, inside } => {
                self.touch(door, lock, member, inside);
                None
            }
            Play::Open if lock.open() => Some("扉が開きました"),
            Play::Open => Some("扉は開きません。錠が掛かっています"),
            Play::Close => {
                lock.close();
                Some("扉が閉まりました")
            }
            Play::Force => {
                lock.force();
                Some("扉がこじ開けられました")
            }
            Play::Exit => {
                lock.push_exit();
                Some("退室ボタンが押されました。扉が一度開けられます")
            }
            Play::Key(turned) => {
                lock.turn_key(turned);
                Some(if turned { "鍵が回されました" } else { "鍵が戻されました" })
            }
            Play::Tamper(on) => {
                lock.tamper(on);
                Some(if on {
                    "錠のふたが開けられました"
                } else {
                    "錠のふたが閉められました"
                })
            }
            Play::Power(on) => {
                lock.power(on);
                Some(if on { "電源が戻りました" } else { "電源が切れました" })
            }
        };
        text.into_iter().for_each(|text| self.say(door, text));
        wait(SETTLE, || self.state(door) != before);
    }
}

/// A door of the controller's settings, with the key of its lock, which is made once.
fn lock_of(folder: &Path, address: u8, door: &str, room: &str) -> Result<Door, String> {
    let key = folder.join("locks").join(format!("{door}.key"));
    Ok(Door {
        id: name(door)?,
        room: name(room)?,
        bus: name(BUS)?,
        address,
        key: read_or_make_lock_key(&key).map_err(|fault| told(&fault))?,
        strike: STRIKE,
        held: HELD,
        readers: Readers { outside: Some(OUTSIDE), inside: Some(INSIDE) },
        inputs: Inputs { contact: Some(CONTACT), exit: Some(EXIT), key: Some(KEY) },
        output: 0,
        format: CardFormat::Number,
    })
}

fn name(text: &str) -> Result<Name, String> {
    Name::new(text).map_err(|error| error.to_string())
}

fn told(fault: &FileFault) -> String {
    fault.japanese().0
}

/// For people, and whether it is as usual.
fn japanese(state: DoorState) -> (&'static str, bool) {
    match state {
        DoorState::Locked => ("施錠", true),
        DoorState::Unlocked => ("解錠", true),
        DoorState::Open => ("開", true),
        DoorState::HeldOpen => ("開いたまま", false),
        DoorState::Forced => ("許可なく開いた", false),
        DoorState::Fault => ("故障（錠のふたか電源）", false),
        DoorState::Offline => ("通信断", false),
    }
}

fn wait(at_most: Duration, done: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while !done() {
        if began.elapsed() > at_most {
            return false;
        }
        thread::sleep(LOOK);
    }
    true
}

/// What was heard, and how many questions were answered.
#[derive(Default)]
struct Log {
    lines: Mutex<VecDeque<Heard>>,
    answers: Mutex<u64>,
    answered: Condvar,
}

impl Log {
    fn lines(&self) -> MutexGuard<'_, VecDeque<Heard>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, heard: Heard) {
        let mut lines = self.lines();
        if lines.len() >= limits::HEARD {
            lines.pop_front();
        }
        lines.push_back(heard);
    }

    fn answers(&self) -> u64 {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, heard: Heard) {
        self.say(heard);
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.answered.notify_all();
    }

    fn wait_for_answer(&self, before: u64) {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // Without an answer in time the page shows what there is.
        let _ = self.answered.wait_timeout_while(answers, PATIENCE, |answers| *answers <= before);
    }
}

/// Carries what the controller says, and tells those who play what was answered.
struct Listening {
    to: Box<dyn Server>,
    office: Office,
    log: Arc<Log>,
}

impl Server for Listening {
    fn post(&self, request: Request, sealed: &Sealed, timeout: Duration) -> Result<Sealed, Away> {
        let answer = self.to.post(request, sealed, timeout);
        if request == Request::Ask
            && let Ok(ask) = serde_json::from_str::<Ask>(&sealed.body)
        {
            let text = match &answer {
                Ok(answer) => {
                    serde_json::from_str(&answer.body).map_or_else(|_| String::new(), |a| said(&ask, &a))
                }
                Err(_) => "サーバーから答えがありません。制御器が、手元の許可の控えで決めます".to_owned(),
            };
            self.log.answer(Heard { at: self.office.now(), door: ask.door.to_string(), text });
        }
        answer
    }
}

/// What the office said, for people.
fn said(ask: &Ask, answer: &Answer) -> String {
    let recorded = answer.receipt.as_ref().map_or_else(String::new, |at| format!("（原簿 {at}）"));
    let finger = matches!(ask.presented, Presented::Finger { .. });
    match (ask.direction, answer.open) {
        (Direction::Out, _) if answer.unknown => format!("登録簿にない番号の退室を記録しました{recorded}"),
        (Direction::Out, _) => format!("退室を記録しました{recorded}"),
        (Direction::In, true) if finger => format!("入室を認めて記録し、錠を解きました{recorded}"),
        (Direction::In, true) => format!("鍵の貸出しがあり、入室を記録しました{recorded}"),
        (Direction::In, false) => {
            let because = |ground: &door::wire::Ground| format!("{} {}", ground.article, ground.reason);
            let because: Vec<String> = answer.because.iter().map(because).collect();
            format!("入室を認めません。{}{recorded}", because.join("／"))
        }
    }
}

/// The office without a network between.
struct Within(Office);

impl Server for Within {
    fn post(&self, request: Request, sealed: &Sealed, _timeout: Duration) -> Result<Sealed, Away> {
        let answer = match request {
            Request::Ask => self.0.door_ask(sealed),
            Request::Upload => self.0.door_upload(sealed),
            Request::Sync => self.0.door_sync(sealed),
        };
        answer.map_err(Away::new)
    }
}

/// At each door somebody with a permit goes in and out, and at the first somebody tries a finger that no lock was
/// taught.
///
/// # Errors
/// For people: what did not come to pass.
pub(super) fn play(office: &Office, data: &Path) -> Result<(), String> {
    let doors = Doors::start(office, data, &Way::Within)?;
    expect("錠と通信できません", || doors.ready())?;
    for ((door, _), who) in DOORS.into_iter().zip([LOCK_KEEPER, ACCESS_MANAGER]) {
        let member = FINGERS.iter().find(|(person, _)| *person == who).map_or(0, |(_, member)| *member);
        doors.in_and_out(door, member)?;
    }
    let alarms = || office.city().rooms.alarms().len();
    let before = alarms();
    doors.strange(DOORS[0].0);
    expect("登録のない指の警報が届きません", || alarms() > before)
}

fn expect(otherwise: &str, done: impl Fn() -> bool) -> Result<(), String> {
    if wait(SCENE, done) { Ok(()) } else { Err(otherwise.to_owned()) }
}
