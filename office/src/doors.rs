//! The office's side of the doors: what a controller asks, reports, and is told.
//!
//! A controller is known by the key that it was registered with; everything it says is signed by it, and every
//! answer by the office's own. A question is a passage: judged, recorded, and only then answered.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use door::wire::{
    self, Acknowledged, Answer, Ask, DoorGrants, Grant, Ground, Message, Name, PublicKey, Sealed, SecretKey,
    Snapshot, Sync, Synced, Upload, WireError,
};
use jiff::Timestamp;
use policy::Refusal;
use register::rooms::{self, AlarmKind, Direction, DoorEvent, MemberNo, Pass, Presented, Report, Via};
use register::{
    City, ControllerId, DoorId, Invalid, Occasion, PersonId, Place, Receipt, RequestId, japan_day,
    japan_midnight,
};
use regulation::Citation;
use thiserror::Error;

use crate::declined::Declined;
use crate::files;
use crate::limits;
use crate::open::Office;

/// Why a controller gets no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DoorError {
    /// What it sent is no message of its.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Nobody has registered it, or it is out of use.
    #[error("the controller `{0}` is not registered")]
    Unregistered(String),
    /// Its records do not go on where those before ended.
    #[error("the records do not follow on what is known: {0}")]
    Chain(Invalid),
    /// The office cannot record now.
    #[error("the office declines: {0}")]
    Office(Declined),
}

/// What is heard of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorLink {
    /// When it last spoke.
    pub heard: Timestamp,
    /// The serial of the snapshot that it has.
    pub serial: u64,
}

/// That a controller is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silent {
    /// It has not spoken since the office was opened.
    Always,
    /// It spoke then for the last time.
    Since(Timestamp),
}

/// The office's key, and what is known of the controllers beside the journal.
pub(crate) struct Doors {
    key: SecretKey,
    links: Mutex<HashMap<ControllerId, DoorLink>>,
    issued: Mutex<HashMap<ControllerId, Issued>>,
    held: AtomicUsize,
    hung_up: AtomicBool,
}

/// The last snapshot given out, without its times.
struct Issued {
    serial: u64,
    at: Timestamp,
    lockdown: bool,
    doors: Vec<DoorGrants>,
    changes: u64,
}

/// Opens the key, or makes one.
#[derive(Debug, Error)]
pub(crate) enum DoorsError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Key(#[from] wire::KeyError),
}

impl Doors {
    pub(crate) fn open(data: &Path) -> Result<Self, DoorsError> {
        let path = data.join("keys").join("doors.key");
        let key = match std::fs::read_to_string(&path) {
            Ok(text) => SecretKey::from_base64(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = SecretKey::generate()?;
                files::put(&path, &path.with_extension("draft"), key.to_base64().as_bytes())?;
                key
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            key,
            links: Mutex::default(),
            issued: Mutex::default(),
            held: AtomicUsize::new(0),
            hung_up: AtomicBool::new(false),
        })
    }

    fn links(&self) -> MutexGuard<'_, HashMap<ControllerId, DoorLink>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Office {
    /// The key by which controllers know the office's answers.
    pub fn door_key(&self) -> PublicKey {
        self.doors().key.public()
    }

    /// What was last heard of a controller since the office was opened.
    pub fn door_link(&self, controller: &ControllerId) -> Option<DoorLink> {
        self.doors().links().get(controller).copied()
    }

    /// Whether a controller has not been heard for longer than it ever is silent while all is well, and since when.
    pub fn door_silent(&self, controller: &ControllerId) -> Option<Silent> {
        match self.door_link(controller) {
            Some(link) if self.now().duration_since(link.heard) <= limits::SILENT => None,
            Some(link) => Some(Silent::Since(link.heard)),
            None => Some(Silent::Always),
        }
    }

    /// How many controllers in use are silent.
    pub fn silent_controllers(&self) -> usize {
        let city = self.city();
        let in_use = city.rooms.controllers().filter(|(_, controller)| controller.retired.is_none());
        in_use.filter(|(id, _)| self.door_silent(id).is_some()).count()
    }

    /// Somebody is at a door: the passage is judged and recorded, and then answered. The same question is
    /// answered the same way, however often it comes.
    ///
    /// # Errors
    /// [`DoorError`]: the controller is not known, or nothing can be recorded. It decides alone then.
    pub fn door_ask(&self, sealed: &Sealed) -> Result<Sealed, DoorError> {
        let (controller, ask) = self.opened::<Ask>(sealed)?;
        let at = self.now();
        let (pass, unknown) = self.passage(&controller, &ask, at)?;
        let on = Occasion {
            by: pass.person.clone(),
            place: Place::Door(controller.clone()),
            at,
            request: request_of(&controller, &ask)?,
            session: None,
        };
        let (open, receipt, because) = self.answered(&controller, &ask, pass, on)?;
        let receipt = receipt.map(|receipt| receipt.to_string());
        let answer = Answer { nonce: ask.nonce, seq: ask.seq, open, receipt, because, unknown };
        Ok(Sealed::seal(&answer, &self.doors().key)?)
    }

    /// Whether the door opens, where that is recorded, and on which grounds it does not.
    fn answered(
        &self,
        controller: &ControllerId,
        ask: &Ask,
        pass: Pass,
        on: Occasion,
    ) -> Result<(bool, Option<Receipt>, Vec<Ground>), DoorError> {
        // The answer was lost on the way and the question comes again, or an exit was reported before it was
        // asked for.
        let known = || {
            let city = self.city();
            let passage = city.rooms.passages().of_question(controller, ask.seq);
            passage.filter(|passage| !passage.unmade).map(|passage| passage.receipt.clone())
        };
        if let Some(receipt) = known() {
            return Ok((true, Some(receipt), Vec::new()));
        }
        match self.submit(rooms::Act::Pass(pass).into(), on) {
            Ok(done) => Ok((true, Some(done.receipt), Vec::new())),
            Err(Declined::Refused { refusal, receipt }) => Ok((false, Some(receipt), grounds(&refusal))),
            Err(Declined::Invalid(Invalid::Exists { .. })) => Ok((true, known(), Vec::new())),
            // The controller waited long enough, and the door stayed shut.
            Err(Declined::Invalid(Invalid::State { what: "passage", .. })) => Ok((false, None, Vec::new())),
            Err(declined) => Err(DoorError::Office(declined)),
        }
    }

    /// What a question comes to: whose passage it is, through which door into which room.
    fn passage(
        &self,
        controller: &ControllerId,
        ask: &Ask,
        at: Timestamp,
    ) -> Result<(Pass, bool), DoorError> {
        let city = self.city();
        let door: DoorId = id(&ask.door)?;
        let of_controller = city.rooms.door(&door).filter(|known| known.controller == *controller);
        let Some(room) = of_controller.map(|known| known.room.clone()) else {
            return Err(DoorError::Unregistered(format!("{controller}/{door}")));
        };
        let (person, means) = city.presenter(&door, &presented(ask.presented)?, at);
        let unknown = person == PersonId::nobody();
        let pass = Pass {
            person,
            room,
            direction: direction(ask.direction),
            means,
            door: Some(door),
            purpose: String::new(),
            via: Via::Door { controller: controller.clone(), seq: ask.seq },
        };
        Ok((pass, unknown))
    }

    /// A controller reports what happened: in order, each once, whatever was sent before.
    ///
    /// # Errors
    /// [`DoorError`]; nothing of it is taken then.
    pub fn door_upload(&self, sealed: &Sealed) -> Result<Sealed, DoorError> {
        let (controller, upload) = self.opened::<Upload>(sealed)?;
        let next = self.next_report(&controller);
        let reports = reports(&controller, &upload.records, next)?;
        if !reports.is_empty() {
            let on = Occasion {
                by: PersonId::machine(),
                place: Place::Door(controller.clone()),
                at: self.now(),
                request: self.random_id("r-").map_err(DoorError::Office)?,
                session: None,
            };
            let act = rooms::Act::ReportDoor { controller: controller.clone(), reports };
            self.submit(act.into(), on).map_err(|declined| match declined {
                Declined::Invalid(invalid) => DoorError::Chain(invalid),
                other => DoorError::Office(other),
            })?;
        }
        let next = self.next_report(&controller);
        Ok(Sealed::seal(&Acknowledged { nonce: upload.nonce, next }, &self.doors().key)?)
    }

    fn next_report(&self, controller: &ControllerId) -> u64 {
        self.city().rooms.controller(controller).map_or(0, |known| known.next)
    }

    /// A controller wants the permissions anew: told at once when they are other than those that it has, else
    /// when they change, else after five seconds that there is nothing new.
    ///
    /// # Errors
    /// [`DoorError`] when the controller is not known.
    pub fn door_sync(&self, sealed: &Sealed) -> Result<Sealed, DoorError> {
        let (controller, sync) = self.opened::<Sync>(sealed)?;
        let link = DoorLink { heard: self.now(), serial: sync.have };
        self.doors().links().insert(controller.clone(), link);
        let held = self.doors().held.fetch_add(1, Ordering::Relaxed) < limits::SYNCS_HELD;
        let snapshot =
            self.news(&controller, sync.have, if held { limits::SYNC_HELD } else { Duration::ZERO });
        self.doors().held.fetch_sub(1, Ordering::Relaxed);
        Ok(Sealed::seal(&Synced { nonce: sync.nonce, snapshot: snapshot? }, &self.doors().key)?)
    }

    /// Controllers that wait for news are answered now, and none waits any more: the program is about to end.
    pub fn hang_up(&self) {
        self.doors().hung_up.store(true, Ordering::Relaxed);
    }

    /// The snapshot that is other than the one of the serial `have`, as soon as there is one.
    fn news(
        &self,
        controller: &ControllerId,
        have: u64,
        patience: Duration,
    ) -> Result<Option<Snapshot>, DoorError> {
        let mut waited = Duration::ZERO;
        loop {
            let seen = self.room_changes();
            let snapshot = self.snapshot_for(controller)?;
            if snapshot.serial != have {
                return Ok(Some(snapshot));
            }
            while self.room_changes() == seen {
                if waited >= patience || self.doors().hung_up.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                thread::sleep(limits::SYNC_LOOKS);
                waited += limits::SYNC_LOOKS;
            }
        }
    }

    /// The permissions as they are now, under the serial of their last change.
    fn snapshot_for(&self, controller: &ControllerId) -> Result<Snapshot, DoorError> {
        let (now, changes) = (self.now(), self.room_changes());
        let mut issued = self.doors().issued.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |known: &Issued| now.duration_since(known.at) < limits::SNAPSHOT_RENEWED;
        if let Some(known) = issued.get(controller).filter(|known| known.changes == changes && fresh(known)) {
            return snapshot(controller, known);
        }
        let (lockdown, doors) = self.grants(controller, now)?;
        let before = issued.remove(controller);
        let same = before.as_ref().is_some_and(|b| b.lockdown == lockdown && b.doors == doors && fresh(b));
        let made = match before {
            Some(known) if same => Issued { changes, ..known },
            known => {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or(1);
                let serial = known.map_or(0, |known| known.serial + 1).max(millis);
                Issued { serial, at: now, lockdown, doors, changes }
            }
        };
        let snapshot = snapshot(controller, &made);
        issued.insert(controller.clone(), made);
        snapshot
    }

    /// Whom the regulation would let in through each door of the controller, as it answers now.
    fn grants(&self, controller: &ControllerId, at: Timestamp) -> Result<(bool, Vec<DoorGrants>), DoorError> {
        let city = self.city();
        let doors = city.rooms.doors().filter(|(_, known)| known.controller == *controller);
        let mut all = Vec::new();
        // The moment of asking is not a change: grants run from the day's beginning.
        let from = japan_midnight(japan_day(at));
        for (door, known) in doors {
            let grants = city.rooms.members(door).filter_map(|(member, finger)| {
                let until = self.would_enter(&city, controller, door, member, at)?;
                Some(Grant { member: member.into(), person: finger.person.to_string(), from, until })
            });
            let (grants, room) = (grants.collect(), name(known.room.as_str())?);
            all.push(DoorGrants { door: name(door.as_str())?, room, grants });
        }
        Ok((city.rooms.lockdown().is_some(), all))
    }

    /// Until when the member may enter, as far as is known now; none who may not.
    fn would_enter(
        &self,
        city: &City,
        controller: &ControllerId,
        door: &DoorId,
        member: MemberNo,
        at: Timestamp,
    ) -> Option<Timestamp> {
        let room = city.room_of(door)?;
        let (person, means) = city.presenter(door, &Presented::Finger(member), at);
        let pass = Pass {
            person: person.clone(),
            room: room.clone(),
            direction: Direction::In,
            means,
            door: Some(door.clone()),
            purpose: String::new(),
            via: Via::Door { controller: controller.clone(), seq: 0 },
        };
        let on = Occasion {
            by: person.clone(),
            place: Place::Door(controller.clone()),
            at,
            request: "snapshot".parse().ok()?,
            session: None,
        };
        if !self.permits(city, &rooms::Act::Pass(pass).into(), &on) {
            return None;
        }
        let last = city.permit(&person, room, at).map(|permit| permit.until)?;
        last.tomorrow().ok().map(japan_midnight)
    }

    /// The message of a controller that is registered and in use.
    fn opened<T: Message>(&self, sealed: &Sealed) -> Result<(ControllerId, T), DoorError> {
        let claimed = sealed.controller_unchecked()?;
        let unregistered = || DoorError::Unregistered(claimed.to_string());
        let controller: ControllerId = claimed.as_str().parse().map_err(|_| unregistered())?;
        let key = {
            let city = self.city();
            let known = city.rooms.controller(&controller).filter(|known| known.retired.is_none());
            known.map(|known| known.key.clone()).ok_or_else(unregistered)?
        };
        let key: PublicKey = key.parse().map_err(|_| unregistered())?;
        let message = sealed.open::<T>(&key)?;
        let serial = self.door_link(&controller).map_or(0, |link| link.serial);
        self.doors().links().insert(controller.clone(), DoorLink { heard: self.now(), serial });
        Ok((controller, message))
    }
}

/// A question's own number: the same question, sent again, is the same submission.
fn request_of(controller: &ControllerId, ask: &Ask) -> Result<RequestId, DoorError> {
    let text = format!("door-{controller}-{}", String::from(ask.nonce.clone()));
    text.parse().map_err(|_| DoorError::Unregistered(controller.to_string()))
}

fn grounds(refusal: &Refusal) -> Vec<Ground> {
    let ground = |ground: &policy::Ground| Ground {
        article: ground.citation.map(Citation::japanese).unwrap_or_default(),
        reason: ground.reason.clone(),
        remedy: ground.remedy.clone(),
    };
    refusal.grounds.iter().map(ground).collect()
}

fn snapshot(controller: &ControllerId, issued: &Issued) -> Result<Snapshot, DoorError> {
    Ok(Snapshot {
        controller: name(controller.as_str())?,
        serial: issued.serial,
        issued: issued.at,
        expires: issued.at + limits::SNAPSHOT_HOLDS,
        lockdown: issued.lockdown,
        doors: issued.doors.clone(),
    })
}

fn name(text: &str) -> Result<Name, DoorError> {
    Name::new(text).map_err(|_| DoorError::Unregistered(text.to_owned()))
}

fn id<T: std::str::FromStr>(name: &Name) -> Result<T, DoorError> {
    name.as_str().parse().map_err(|_| DoorError::Unregistered(name.to_string()))
}

fn presented(presented: wire::Presented) -> Result<Presented, DoorError> {
    Ok(match presented {
        wire::Presented::Finger { member } => {
            let number = MemberNo::try_from(member);
            Presented::Finger(number.map_err(|_| DoorError::Unregistered(format!("member {member}")))?)
        }
        wire::Presented::Key => Presented::Key,
    })
}

fn direction(direction: wire::Direction) -> Direction {
    match direction {
        wire::Direction::In => Direction::In,
        wire::Direction::Out => Direction::Out,
    }
}

/// The records that are not known yet, as the register takes them, each with its own digest.
fn reports(controller: &ControllerId, records: &[wire::Record], next: u64) -> Result<Vec<Report>, DoorError> {
    let new = records.iter().filter(|record| record.seq >= next).take(limits::REPORTS_AT_ONCE);
    let each = new.map(|record| {
        Ok(Report {
            controller: controller.clone(),
            seq: record.seq,
            at: record.at,
            previous: record.previous.to_string(),
            digest: record.digest().map_err(WireError::Json)?.to_string(),
            what: event(record)?,
        })
    });
    each.collect()
}

fn event(record: &wire::Record) -> Result<DoorEvent, DoorError> {
    use wire::Happened as H;
    let optional = |door: &Option<Name>| door.as_ref().map(id).transpose();
    Ok(match &record.what {
        H::Started { version } => DoorEvent::Noted(format!("始動 {version}")),
        H::SnapshotTaken { serial, .. } => DoorEvent::Noted(format!("許可の控え {serial}")),
        H::Asked { door, .. } => DoorEvent::Noted(format!("問い合わせ {door}")),
        H::Passage { door, direction: way, presented: what, by, asked, outcome } => DoorEvent::Decided {
            door: id(door)?,
            direction: direction(*way),
            presented: presented(*what)?,
            // Too many waited at once: nothing was asked, and the record's own number is nobody else's.
            asked: asked.unwrap_or(record.seq),
            snapshot: match by {
                wire::Decider::Server { .. } => None,
                wire::Decider::Snapshot { serial } => Some(*serial),
            },
            // A key that turned while the server was away has opened: whether it was lent shows afterwards.
            granted: !matches!(outcome, wire::Outcome::Refused { .. }),
        },
        H::Opened { door, .. } => DoorEvent::Opened(id(door)?),
        H::Closed { door } => DoorEvent::Closed(id(door)?),
        H::NotOpened { door, granted } => DoorEvent::NotOpened { door: id(door)?, granted: *granted },
        H::Alarm { door, alarm } => {
            let (kind, detail) = alarm_kind(*alarm);
            DoorEvent::Alarm { door: optional(door)?, kind, detail }
        }
        H::Ended { door, alarm } => DoorEvent::Ended { door: optional(door)?, kind: alarm_kind(*alarm).0 },
    })
}

fn alarm_kind(alarm: wire::AlarmKind) -> (AlarmKind, String) {
    use wire::AlarmKind as A;
    let plain = |kind| (kind, String::new());
    match alarm {
        A::Forced => plain(AlarmKind::Forced),
        A::HeldOpen => plain(AlarmKind::HeldOpen),
        A::Tamper => plain(AlarmKind::Tamper),
        A::PowerLost => plain(AlarmKind::PowerLost),
        A::ChannelLost => plain(AlarmKind::ChannelLost),
        A::WrongKey => plain(AlarmKind::WrongKey),
        A::ClearText => plain(AlarmKind::ClearText),
        A::ClockStepped { by_ms } => (AlarmKind::ClockStepped, format!("{}秒", by_ms / 1000)),
        A::RecordCut => plain(AlarmKind::RecordCut),
        A::UnknownMember { member } => (AlarmKind::UnknownMember, format!("番号 {member}")),
        A::SnapshotExpired => plain(AlarmKind::SnapshotExpired),
    }
}

/// How long a snapshot opens doors. The standing limit of the protocol is a day.
const _: () = assert!(limits::SNAPSHOT_HOLDS.as_hours() <= 24 && limits::SNAPSHOT_HOLDS.as_hours() > 0);
