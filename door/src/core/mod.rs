//! The controller itself: what happens, to what is done. Without a clock, a bus, a network or a disk.
//!
//! The caller carries the effects out in their order. INVARIANT (record first): a [`Effect::Strike`] stands
//! behind the [`Effect::Record`] of its passage; when a record cannot be written durably, the caller drops the
//! effects behind it and says [`Event::Recording`]`(false)`.

mod door;
mod grants;

use std::time::Duration;

use jiff::Timestamp;

use crate::limits::{CLOCK_WINDOW, MAX_CLOCK_STEP, MAX_PENDING, MAX_STRIKE};
use crate::wire::{
    AlarmKind, Answer, Decider, Direction, DoorNow, Happened, Name, Outcome, Presented, Snapshot,
    SnapshotError, Why,
};
pub use door::DoorSettings;
use door::{Door, Pending, Released};
use grants::Grants;

/// A moment on two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the clock on the wall, which can be set.
    pub wall: Timestamp,
    /// By the monotonic clock: since the program began.
    pub steady: Duration,
}

/// How the channel to a lock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Secure.
    Up,
    /// The lock does not answer.
    Lost,
    /// The lock does not prove the key.
    WrongKey,
    /// The lock wants to speak in clear text.
    ClearText,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A finger was matched at a reader.
    Read {
        /// The door.
        door: Name,
        /// On which side the reader is.
        direction: Direction,
        /// The lock's member number.
        member: u32,
    },
    /// The key's switch in the cylinder.
    Key {
        /// The door.
        door: Name,
        /// Whether it is turned.
        turned: bool,
    },
    /// The door's contact.
    Contact {
        /// The door.
        door: Name,
        /// Whether it is open.
        open: bool,
    },
    /// The exit button was pushed.
    ExitRequest {
        /// The door.
        door: Name,
    },
    /// The lock's case.
    Tamper {
        /// The door.
        door: Name,
        /// Whether it is open.
        on: bool,
    },
    /// The lock's mains power.
    Power {
        /// The door.
        door: Name,
        /// Whether it is lost.
        lost: bool,
    },
    /// The channel to the lock.
    Channel {
        /// The door.
        door: Name,
        /// How it stands.
        channel: Channel,
    },
    /// The server answered.
    Answer(Answer),
    /// The server cannot be asked.
    NoAnswer {
        /// The question's number.
        seq: u64,
    },
    /// The server sent another snapshot.
    Snapshot(Snapshot),
    /// The snapshot of before a restart was found on the disk.
    Kept(Snapshot),
    /// Whether the record can be written.
    Recording(bool),
    /// The record was found cut.
    RecordCut,
    /// Time passes. Wanted several times a second.
    Tick,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write this down, durably before any effect behind it that is no record.
    Record {
        /// The number that the record gets.
        seq: u64,
        /// What happened.
        what: Happened,
    },
    /// Ask the server.
    Ask {
        /// The number of the record [`Happened::Asked`].
        seq: u64,
        /// When it happened.
        at: Timestamp,
        /// The door.
        door: Name,
        /// In or out.
        direction: Direction,
        /// What was presented.
        presented: Presented,
    },
    /// Release the strike.
    Strike {
        /// The door.
        door: Name,
        /// For how long.
        time: Duration,
    },
    /// Let the strike fall back now.
    Relock {
        /// The door.
        door: Name,
    },
}

/// What a controller is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub controller: Name,
    /// How long it waits for the server's answer.
    pub deadline: Duration,
    /// Its doors.
    pub doors: Vec<DoorSettings>,
}

/// The controller.
#[derive(Debug)]
pub struct Controller {
    controller: Name,
    deadline: Duration,
    doors: Vec<Door>,
    grants: Option<Grants>,
    alarms: Vec<AlarmKind>,
    recording: bool,
    /// The number of the next record.
    next: u64,
    /// The latest moment of which the record told when the controller began.
    floor: Timestamp,
    /// Where the comparison of the clocks began.
    anchor: Moment,
}

impl Controller {
    /// A controller whose next record has the number `next`, and whose last was written at `floor`.
    pub fn new(settings: Settings, next: u64, floor: Timestamp, now: Moment) -> Self {
        let doors = settings.doors.into_iter().map(|mut door| {
            door.strike = door.strike.min(MAX_STRIKE);
            Door::new(door)
        });
        Self {
            controller: settings.controller,
            deadline: settings.deadline,
            doors: doors.collect(),
            grants: None,
            alarms: Vec::new(),
            recording: true,
            next,
            floor,
            // A clock that shows less than the record was set back while the controller was off.
            anchor: Moment { wall: now.wall.max(floor), steady: now.steady },
        }
    }

    /// The serial of the snapshot in force, 0 when there is none.
    pub fn serial(&self) -> u64 {
        self.grants.as_ref().map_or(0, |grants| grants.serial)
    }

    /// How the doors stand.
    pub fn doors(&self) -> Vec<DoorNow> {
        let now = |door: &Door| DoorNow { door: door.settings.door.clone(), state: door.state() };
        self.doors.iter().map(now).collect()
    }

    /// Whether `snapshot` can be taken: ours, valid, and not older than what is in force.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        snapshot.check(&self.controller)
    }

    /// The record was continued under other numbers: those from `from` on are `by` higher.
    pub fn renumber(&mut self, from: u64, by: u64) {
        let shift = |seq: &mut u64| {
            if *seq >= from {
                *seq += by;
            }
        };
        shift(&mut self.next);
        for door in &mut self.doors {
            door.pending.iter_mut().for_each(|pending| shift(&mut pending.seq));
            if let Some(released) = &mut door.released {
                shift(&mut released.granted);
            }
        }
    }

    /// The number that the next record gets: asked for after one could not be written.
    pub fn number_from(&mut self, next: u64) {
        self.next = next;
    }

    /// What is to be done about `event`.
    pub fn take(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        let mut out = Vec::new();
        self.compare_clocks(now, &mut out);
        match event {
            Event::Read { door, direction: Direction::In, member } => {
                self.entry(&door, member, now, &mut out)
            }
            Event::Read { door, direction: Direction::Out, member } => {
                self.exit(&door, member, now, &mut out)
            }
            Event::Key { door, turned } => self.key(&door, turned, now, &mut out),
            Event::Contact { door, open } => self.contact(&door, open, now, &mut out),
            Event::ExitRequest { door } => {
                if let Some(door) = self.door(&door) {
                    let door = &mut self.doors[door];
                    door.free_until = Some(now.steady + door.settings.strike);
                }
            }
            Event::Tamper { door, on } => self.set_alarm(&door, AlarmKind::Tamper, on, &mut out),
            Event::Power { door, lost } => self.set_alarm(&door, AlarmKind::PowerLost, lost, &mut out),
            Event::Channel { door, channel } => self.channel(&door, channel, &mut out),
            Event::Answer(answer) => self.answer(answer, &mut out, now),
            Event::NoAnswer { seq } => self.unanswered(|pending| pending.seq == seq, now, &mut out),
            Event::Snapshot(snapshot) => self.snapshot(snapshot, Timestamp::MIN, now, &mut out),
            // The monotonic clock began anew: the record tells how late it was at least.
            Event::Kept(snapshot) => self.snapshot(snapshot, self.floor, now, &mut out),
            Event::Recording(recording) => self.set_recording(recording, &mut out),
            Event::RecordCut => {
                self.record(Happened::Alarm { door: None, alarm: AlarmKind::RecordCut }, &mut out);
            }
            Event::Tick => self.tick(now, &mut out),
        }
        out
    }

    fn door(&self, name: &Name) -> Option<usize> {
        self.doors.iter().position(|door| &door.settings.door == name)
    }

    /// Numbers and writes down `what`.
    fn record(&mut self, what: Happened, out: &mut Vec<Effect>) -> u64 {
        let seq = self.next;
        self.next += 1;
        out.push(Effect::Record { seq, what });
        seq
    }

    /// Somebody wants in: ask, unless it is certain already that nobody may.
    fn entry(&mut self, name: &Name, member: u32, now: Moment, out: &mut Vec<Effect>) {
        let Some(index) = self.door(name).filter(|_| self.recording) else { return };
        let door = &self.doors[index];
        let refused = if self.grants.as_ref().is_some_and(|grants| grants.lockdown) {
            Some(Why::Lockdown)
        } else if !door.channel {
            Some(Why::ChannelLost)
        } else if door.busy() {
            Some(Why::Busy)
        } else {
            None
        };
        let presented = Presented::Finger { member };
        let Some(why) = refused else {
            return self.ask(index, Direction::In, presented, now, out);
        };
        let by = Decider::Snapshot { serial: self.serial() };
        let outcome = Outcome::Refused { why };
        self.passage(index, Direction::In, presented, by, None, outcome, out);
    }

    /// Somebody wants out: never refused. The server is told, but not waited for.
    fn exit(&mut self, name: &Name, member: u32, now: Moment, out: &mut Vec<Effect>) {
        let Some(index) = self.door(name).filter(|_| self.recording) else { return };
        let presented = Presented::Finger { member };
        let full = self.doors[index].pending.len() >= MAX_PENDING;
        let asked = (!full).then(|| self.asked(index, Direction::Out, presented, out));
        let by = Decider::Snapshot { serial: self.serial() };
        let passage = self.passage(index, Direction::Out, presented, by, asked, Outcome::Granted, out);
        self.release(index, Direction::Out, passage, now, out);
        if let Some(seq) = asked {
            self.put_question(index, seq, Direction::Out, presented, now, out);
        }
    }

    fn key(&mut self, name: &Name, turned: bool, now: Moment, out: &mut Vec<Effect>) {
        let Some(index) = self.door(name) else { return };
        let door = &mut self.doors[index];
        let before = std::mem::replace(&mut door.key_turned, turned);
        // A switch that only says again that nobody turned it frees nothing.
        if turned || before {
            door.free_until = Some(now.steady + door.settings.strike);
        }
        let full = door.pending.len() >= MAX_PENDING;
        if !turned || before || !self.recording {
            return;
        }
        if full {
            let by = Decider::Snapshot { serial: self.serial() };
            self.passage(index, Direction::In, Presented::Key, by, None, Outcome::Unjudged, out);
        } else {
            self.ask(index, Direction::In, Presented::Key, now, out);
        }
    }

    fn ask(&mut self, i: usize, direction: Direction, what: Presented, now: Moment, out: &mut Vec<Effect>) {
        let seq = self.asked(i, direction, what, out);
        self.put_question(i, seq, direction, what, now, out);
    }

    fn asked(&mut self, i: usize, direction: Direction, presented: Presented, out: &mut Vec<Effect>) -> u64 {
        let door = self.doors[i].settings.door.clone();
        self.record(Happened::Asked { door, direction, presented }, out)
    }

    fn put_question(
        &mut self,
        index: usize,
        seq: u64,
        direction: Direction,
        presented: Presented,
        now: Moment,
        out: &mut Vec<Effect>,
    ) {
        let deadline = now.steady + self.deadline;
        let door = &mut self.doors[index];
        door.pending.push(Pending { seq, direction, presented, deadline });
        out.push(Effect::Ask { seq, at: now.wall, door: door.settings.door.clone(), direction, presented });
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one record")]
    fn passage(
        &mut self,
        index: usize,
        direction: Direction,
        presented: Presented,
        by: Decider,
        asked: Option<u64>,
        outcome: Outcome,
        out: &mut Vec<Effect>,
    ) -> u64 {
        let door = self.doors[index].settings.door.clone();
        self.record(Happened::Passage { door, direction, presented, by, asked, outcome }, out)
    }

    /// INVARIANT (record first): the passage was pushed to `out` before.
    fn release(&mut self, i: usize, direction: Direction, granted: u64, now: Moment, out: &mut Vec<Effect>) {
        if !self.doors[i].channel {
            return;
        }
        self.fall_back(i, out);
        let door = &mut self.doors[i];
        let time = door.settings.strike;
        door.released = Some(Released { granted, direction, until: now.steady + time });
        out.push(Effect::Strike { door: door.settings.door.clone(), time });
    }

    /// Nobody opened: the grant is used up.
    fn fall_back(&mut self, index: usize, out: &mut Vec<Effect>) {
        let Some(released) = self.doors[index].released.take() else { return };
        let door = self.doors[index].settings.door.clone();
        out.push(Effect::Relock { door: door.clone() });
        self.record(Happened::NotOpened { door, granted: released.granted }, out);
    }

    fn answer(&mut self, answer: Answer, out: &mut Vec<Effect>, now: Moment) {
        let found = self.doors.iter().enumerate().find_map(|(index, door)| {
            let at = door.pending.iter().position(|pending| pending.seq == answer.seq)?;
            Some((index, at))
        });
        // Decided already: what comes late changes nothing, and the record tells the server what was done.
        let Some((index, at)) = found.filter(|_| self.recording) else { return };
        let pending = self.doors[index].pending.remove(at);
        let by = Decider::Server { receipt: answer.receipt };
        match (pending.direction, pending.presented) {
            (Direction::Out, _) => {}
            (Direction::In, Presented::Finger { .. }) => {
                let outcome = self.may_open(index, answer.open);
                let seq = pending.seq;
                let passage =
                    self.passage(index, Direction::In, pending.presented, by, Some(seq), outcome, out);
                if outcome == Outcome::Granted {
                    self.release(index, Direction::In, passage, now, out);
                }
            }
            (Direction::In, Presented::Key) => {
                let refused = Outcome::Refused { why: Why::Server };
                let outcome = if answer.open { Outcome::Granted } else { refused };
                self.passage(index, Direction::In, Presented::Key, by, Some(pending.seq), outcome, out);
                if !answer.open {
                    self.raise(index, AlarmKind::Forced, out);
                }
            }
        }
        if let (true, Presented::Finger { member }) = (answer.unknown, pending.presented) {
            self.unknown_member(index, member, out);
        }
    }

    /// What the server's answer comes to at a door whose state may have changed since the question.
    fn may_open(&self, index: usize, open: bool) -> Outcome {
        let door = &self.doors[index];
        let why = if !open {
            Why::Server
        } else if self.grants.as_ref().is_some_and(|grants| grants.lockdown) {
            Why::Lockdown
        } else if !door.channel {
            Why::ChannelLost
        } else if door.busy() {
            Why::Busy
        } else {
            return Outcome::Granted;
        };
        Outcome::Refused { why }
    }

    /// Decides by the snapshot on the questions that `which` names.
    fn unanswered(&mut self, which: impl Fn(&Pending) -> bool, now: Moment, out: &mut Vec<Effect>) {
        for index in 0..self.doors.len() {
            while let Some(at) = self.doors[index].pending.iter().position(&which) {
                let pending = self.doors[index].pending.remove(at);
                if self.recording {
                    self.decide(index, pending, now, out);
                }
            }
        }
    }

    fn decide(&mut self, index: usize, pending: Pending, now: Moment, out: &mut Vec<Effect>) {
        let by = Decider::Snapshot { serial: self.serial() };
        let Presented::Finger { member } = pending.presented else {
            let asked = Some(pending.seq);
            self.passage(index, pending.direction, Presented::Key, by, asked, Outcome::Unjudged, out);
            return;
        };
        let unknown = self.grants.as_ref().is_some_and(|g| !g.expired(now) && !g.knows(member));
        if pending.direction == Direction::In {
            let door = &self.doors[index];
            let judged = match &self.grants {
                None => Err(Why::NoSnapshot),
                Some(_) if !door.channel => Err(Why::ChannelLost),
                Some(_) if door.busy() => Err(Why::Busy),
                Some(grants) => grants.judge(&door.settings.door, member, now),
            };
            let outcome = judged.map_or_else(|why| Outcome::Refused { why }, |()| Outcome::Granted);
            let passage =
                self.passage(index, Direction::In, pending.presented, by, Some(pending.seq), outcome, out);
            if outcome == Outcome::Granted {
                self.release(index, Direction::In, passage, now, out);
            }
        }
        if unknown {
            self.unknown_member(index, member, out);
        }
    }

    /// An alarm without a state: it is over when it is told.
    fn unknown_member(&mut self, index: usize, member: u32, out: &mut Vec<Effect>) {
        let door = Some(self.doors[index].settings.door.clone());
        self.record(Happened::Alarm { door, alarm: AlarmKind::UnknownMember { member } }, out);
    }

    fn contact(&mut self, name: &Name, open: bool, now: Moment, out: &mut Vec<Effect>) {
        let Some(index) = self.door(name) else { return };
        let door = &mut self.doors[index];
        // A lock that says "closed" as its first word says nothing new.
        let before = door.contact.replace(open).unwrap_or(false);
        if before == open {
            return;
        }
        if !open {
            door.open_since = None;
            self.record(Happened::Closed { door: name.clone() }, out);
            self.end(index, AlarmKind::Forced, out);
            self.end(index, AlarmKind::HeldOpen, out);
            return;
        }
        door.open_since = Some(now.steady);
        let free = door.key_turned || door.free_until.is_some_and(|until| now.steady <= until);
        let released = door.released.take();
        if released.is_some() {
            // Not at the end of the time: whoever follows has to be matched as well.
            out.push(Effect::Relock { door: name.clone() });
        }
        let granted = released.map(|released| released.granted);
        self.record(Happened::Opened { door: name.clone(), granted }, out);
        if granted.is_none() && !free {
            self.raise(index, AlarmKind::Forced, out);
        }
    }

    fn channel(&mut self, name: &Name, channel: Channel, out: &mut Vec<Effect>) {
        let Some(index) = self.door(name) else { return };
        let alarm = match channel {
            Channel::Up => {
                self.doors[index].channel = true;
                for alarm in [AlarmKind::ChannelLost, AlarmKind::WrongKey, AlarmKind::ClearText] {
                    self.end(index, alarm, out);
                }
                return;
            }
            Channel::Lost => AlarmKind::ChannelLost,
            Channel::WrongKey => AlarmKind::WrongKey,
            Channel::ClearText => AlarmKind::ClearText,
        };
        self.doors[index].channel = false;
        self.fall_back(index, out);
        self.raise(index, alarm, out);
    }

    fn set_alarm(&mut self, name: &Name, alarm: AlarmKind, on: bool, out: &mut Vec<Effect>) {
        match self.door(name) {
            Some(index) if on => self.raise(index, alarm, out),
            Some(index) => self.end(index, alarm, out),
            None => {}
        }
    }

    fn raise(&mut self, index: usize, alarm: AlarmKind, out: &mut Vec<Effect>) {
        let door = &mut self.doors[index];
        if door.alarms.contains(&alarm) {
            return;
        }
        door.alarms.push(alarm);
        let door = Some(door.settings.door.clone());
        self.record(Happened::Alarm { door, alarm }, out);
    }

    fn end(&mut self, index: usize, alarm: AlarmKind, out: &mut Vec<Effect>) {
        let door = &mut self.doors[index];
        let Some(at) = door.alarms.iter().position(|other| *other == alarm) else { return };
        door.alarms.remove(at);
        let door = Some(door.settings.door.clone());
        self.record(Happened::Ended { door, alarm }, out);
    }

    fn snapshot(&mut self, snapshot: Snapshot, floor: Timestamp, now: Moment, out: &mut Vec<Effect>) {
        // Never back to an older one.
        if self.check(&snapshot).is_err() || snapshot.serial <= self.serial() {
            return;
        }
        let grants = Grants::new(snapshot, now, floor);
        self.record(Happened::SnapshotTaken { serial: grants.serial, expires: grants.expires }, out);
        if !grants.expired(now) {
            self.end_own(AlarmKind::SnapshotExpired, out);
        }
        let lockdown = grants.lockdown;
        self.grants = Some(grants);
        if lockdown {
            let entry = |released: &Released| released.direction == Direction::In;
            for index in 0..self.doors.len() {
                if self.doors[index].released.as_ref().is_some_and(entry) {
                    self.fall_back(index, out);
                }
            }
        }
    }

    /// INVARIANT (record first): what cannot be recorded is not granted, and what was is taken back.
    fn set_recording(&mut self, recording: bool, out: &mut Vec<Effect>) {
        self.recording = recording;
        if recording {
            return;
        }
        for door in &mut self.doors {
            door.pending.clear();
            if door.released.take().is_some() {
                out.push(Effect::Relock { door: door.settings.door.clone() });
            }
        }
    }

    fn tick(&mut self, now: Moment, out: &mut Vec<Effect>) {
        self.unanswered(|pending| pending.deadline <= now.steady, now, out);
        for index in 0..self.doors.len() {
            let door = &self.doors[index];
            let released = door.released.is_some_and(|released| released.until <= now.steady);
            let held = door.open_since.is_some_and(|since| now.steady - since >= door.settings.held);
            if released {
                self.fall_back(index, out);
            }
            if held {
                self.raise(index, AlarmKind::HeldOpen, out);
            }
        }
        if self.grants.as_ref().is_some_and(|grants| grants.expired(now)) {
            self.raise_own(AlarmKind::SnapshotExpired, out);
        }
    }

    fn compare_clocks(&mut self, now: Moment, out: &mut Vec<Effect>) {
        let steady = now.steady.saturating_sub(self.anchor.steady);
        let by = now.wall.duration_since(self.anchor.wall).as_millis() - steady.as_millis() as i128;
        if by.unsigned_abs() > MAX_CLOCK_STEP.as_millis() {
            let by_ms = i64::try_from(by).unwrap_or(if by > 0 { i64::MAX } else { i64::MIN });
            self.record(Happened::Alarm { door: None, alarm: AlarmKind::ClockStepped { by_ms } }, out);
            self.anchor = now;
        } else if steady >= CLOCK_WINDOW {
            self.anchor = now;
        }
    }

    fn raise_own(&mut self, alarm: AlarmKind, out: &mut Vec<Effect>) {
        if !self.alarms.contains(&alarm) {
            self.alarms.push(alarm);
            self.record(Happened::Alarm { door: None, alarm }, out);
        }
    }

    fn end_own(&mut self, alarm: AlarmKind, out: &mut Vec<Effect>) {
        if let Some(at) = self.alarms.iter().position(|other| *other == alarm) {
            self.alarms.remove(at);
            self.record(Happened::Ended { door: None, alarm }, out);
        }
    }
}
