//! The OSDP control panel: LibOSDP, one thread for each line.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use libosdp::{
    ControlPanel, ControlPanelBuilder, OsdpCommand, OsdpCommandOutput, OsdpEvent, OsdpFlag, OsdpStatusReport,
    OsdpStatusReportType, PdInfoBuilder,
};

use super::frames::Frames;
use super::port::Port;
use super::{DoorBus, DoorCommand};
use crate::config::{Bus, CardFormat, Door, PortName};
use crate::core::{Channel, Event};
use crate::limits::{CHANNEL_GRACE, MAX_STRIKE, RECONNECT, RECONNECT_AT_MOST, REFRESH};
use crate::wire::{Direction, Name};

/// Why a bus cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OsdpError {
    /// A thread could not be started.
    #[error("no thread for bus `{bus}`: {source}")]
    Thread {
        /// The bus.
        bus: Name,
        /// What the system said.
        source: io::Error,
    },
}

/// All buses of a controller.
#[derive(Debug)]
pub struct Osdp {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    doors: Vec<Name>,
    commands: Option<Sender<(usize, DoorCommand)>>,
    thread: Option<JoinHandle<()>>,
}

impl Osdp {
    /// Starts the buses. What the locks say goes to `events`.
    ///
    /// # Errors
    /// When a thread cannot be started. A line that cannot be opened is an alarm and tried again, no error.
    pub fn start(
        buses: &[Bus],
        doors: &[Door],
        events: &(impl Fn(Event) + Clone + Send + 'static),
    ) -> Result<Self, OsdpError> {
        let mut lines = Vec::new();
        for bus in buses {
            let doors: Vec<Door> = doors.iter().filter(|door| door.bus == bus.name).cloned().collect();
            let names = doors.iter().map(|door| door.id.clone()).collect();
            let (commands, queue) = mpsc::channel();
            let (port, baud, events) = (bus.port.clone(), bus.baud, events.clone());
            let thread = thread::Builder::new()
                .name(format!("bus-{}", bus.name))
                .spawn(move || Panel::new(port, baud, doors, events).run(&queue))
                .map_err(|source| OsdpError::Thread { bus: bus.name.clone(), source })?;
            lines.push(Line { doors: names, commands: Some(commands), thread: Some(thread) });
        }
        Ok(Self { lines })
    }
}

impl DoorBus for Osdp {
    fn command(&mut self, door: &Name, command: DoorCommand) {
        for line in &self.lines {
            if let (Some(index), Some(commands)) =
                (line.doors.iter().position(|name| name == door), &line.commands)
            {
                // A thread that has ended has no channel either: the strike stays locked.
                let _ = commands.send((index, command));
            }
        }
    }
}

impl Drop for Osdp {
    fn drop(&mut self) {
        for line in &mut self.lines {
            line.commands = None;
        }
        for line in &mut self.lines {
            if let Some(thread) = line.thread.take() {
                let _ = thread.join();
            }
        }
    }
}

/// What LibOSDP calls back into, and what the thread reads.
#[derive(Debug, Default)]
struct Shared {
    events: Mutex<VecDeque<(usize, OsdpEvent)>>,
    frames: Mutex<Frames>,
    port: Mutex<Option<Port>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A line as LibOSDP sees it.
struct Wire {
    shared: Arc<Shared>,
}

impl libosdp::Channel for Wire {
    fn get_id(&self) -> i32 {
        1
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, libosdp::ChannelError> {
        let mut port = held(&self.shared.port);
        let Some(open) = port.as_mut() else { return Ok(0) };
        match open.read(into) {
            Ok(read) => {
                held(&self.shared.frames).received(&into[..read], Instant::now());
                Ok(read)
            }
            Err(_) => {
                *port = None;
                Ok(0)
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, libosdp::ChannelError> {
        let mut port = held(&self.shared.port);
        held(&self.shared.frames).sent(bytes);
        // A cut line is a lock that does not answer.
        let Some(open) = port.as_mut() else { return Ok(bytes.len()) };
        if !matches!(open.write(bytes), Ok(written) if written == bytes.len()) {
            *port = None;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), libosdp::ChannelError> {
        Ok(())
    }

    fn close(&mut self) -> Result<(), libosdp::ChannelError> {
        *held(&self.shared.port) = None;
        Ok(())
    }
}

/// A lock on the line.
struct Lock {
    door: Door,
    /// What was last told of its channel.
    told: Option<Channel>,
    /// Since when it has no channel.
    down_since: Instant,
    /// Whether LibOSDP has a channel with it.
    active: bool,
    inputs: Vec<u8>,
}

/// One line and its locks.
struct Panel<F> {
    port: PortName,
    baud: u32,
    locks: Vec<Lock>,
    events: F,
    shared: Arc<Shared>,
    panel: Option<ControlPanel>,
    /// When the panel was made anew, and how long until the next time.
    made: Instant,
    patience: Duration,
}

impl<F: Fn(Event)> Panel<F> {
    fn new(port: PortName, baud: u32, doors: Vec<Door>, events: F) -> Self {
        let now = Instant::now();
        let lock = |door| Lock { door, told: None, down_since: now, active: false, inputs: Vec::new() };
        Self {
            port,
            baud,
            locks: doors.into_iter().map(lock).collect(),
            events,
            shared: Arc::default(),
            panel: None,
            made: now,
            patience: RECONNECT,
        }
    }

    fn run(mut self, commands: &Receiver<(usize, DoorCommand)>) {
        self.make();
        loop {
            match commands.recv_timeout(REFRESH) {
                Ok((index, command)) => self.command(index, command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(panel) = &mut self.panel {
                panel.refresh();
            }
            self.look();
        }
    }

    /// Opens the line and begins anew with every lock on it. LibOSDP itself waits 300 s for a lock that went away.
    fn make(&mut self) {
        self.panel = None;
        self.made = Instant::now();
        self.shared = Arc::default();
        let opened = match &self.port {
            PortName::Serial(path) => Port::serial(path, self.baud),
            PortName::Tcp(address) => Port::tcp(SocketAddr::from(*address)),
        };
        match opened {
            Ok(port) => *held(&self.shared.port) = Some(port),
            Err(error) => return log::warn!("the line {} cannot be opened: {error}", self.port),
        }
        held(&self.shared.frames).reset();
        match self.build() {
            Ok(mut panel) => {
                let shared = Arc::clone(&self.shared);
                // Only queues: the callback must not call back into the panel.
                panel.set_event_callback(move |index, event| {
                    if let Ok(index) = usize::try_from(index) {
                        held(&shared.events).push_back((index, event));
                    }
                    0
                });
                self.panel = Some(panel);
            }
            Err(error) => log::warn!("no control panel for the line {}: {error}", self.port),
        }
    }

    fn build(&self) -> Result<ControlPanel, libosdp::OsdpError> {
        let mut infos = Vec::new();
        for lock in &self.locks {
            let info = PdInfoBuilder::new()
                .name(lock.door.id.as_str())?
                .address(i32::from(lock.door.address))?
                .baud_rate(i32::try_from(self.baud).unwrap_or(9600))?
                .flag(OsdpFlag::EnforceSecure)
                .secure_channel_key(*lock.door.key.bytes());
            infos.push(info);
        }
        let wire = Box::new(Wire { shared: Arc::clone(&self.shared) });
        ControlPanelBuilder::new().add_channel(wire, infos).build()
    }

    fn command(&mut self, index: usize, command: DoorCommand) {
        let (Some(panel), Ok(number)) = (&mut self.panel, i32::try_from(index)) else { return };
        // INVARIANT (secure): nothing is said to a lock outside of a secure channel.
        if !panel.is_sc_active(number) {
            return;
        }
        let (control_code, timer_count) = match command {
            // 5: on for a time, then back; in tenths of a second.
            DoorCommand::Strike { time } => {
                (5, u16::try_from(time.min(MAX_STRIKE).as_millis() / 100).unwrap_or(0))
            }
            // 1: off, and the running time is over.
            DoorCommand::Relock => (1, 0),
        };
        let output =
            OsdpCommandOutput { output_no: self.locks[index].door.output, control_code, timer_count };
        if let Err(error) = panel.send_command(number, OsdpCommand::Output(output)) {
            log::warn!("`{}` takes no command: {error}", self.locks[index].door.id);
        }
    }

    /// Tells what the locks said, and how their channels stand.
    fn look(&mut self) {
        let now = Instant::now();
        for index in 0..self.locks.len() {
            self.look_at_channel(index, now);
        }
        let events: Vec<_> = held(&self.shared.events).drain(..).collect();
        for (index, event) in events {
            // INVARIANT (secure): what did not come over a secure channel was not said by the lock.
            if self.locks.get(index).is_some_and(|lock| lock.active) {
                self.tell(index, event);
            }
        }
        let down = self.locks.iter().filter(|lock| !lock.active).count();
        if down == 0 {
            self.patience = RECONNECT;
            return;
        }
        // One dead lock must not take the others off the line again and again.
        let wait = if down == self.locks.len() { self.patience } else { RECONNECT_AT_MOST };
        if now.duration_since(self.made) >= wait {
            self.patience = (self.patience * 2).min(RECONNECT_AT_MOST);
            self.make();
        }
    }

    fn look_at_channel(&mut self, index: usize, now: Instant) {
        let lock = &mut self.locks[index];
        let seen = held(&self.shared.frames).of(lock.door.address);
        let secure = match (&self.panel, i32::try_from(index)) {
            (Some(panel), Ok(number)) => panel.is_online(number) && panel.is_sc_active(number),
            _ => false,
        };
        let heard = seen.heard.is_some_and(|at| now.duration_since(at) < CHANNEL_GRACE);
        let fault = seen.fault(now);
        let active = secure && heard && fault != Some(Channel::ClearText);
        if active && !lock.active {
            ask_status(&mut self.panel, index);
        }
        if lock.active && !active {
            lock.down_since = now;
        }
        lock.active = active;
        let state = if active {
            Channel::Up
        } else if let Some(fault) = fault {
            fault
        } else if let (Some(told), true) = (lock.told, now.duration_since(lock.down_since) < CHANNEL_GRACE) {
            told
        } else if now.duration_since(lock.down_since) < CHANNEL_GRACE {
            return;
        } else {
            Channel::Lost
        };
        // A lock that is begun with anew has not come back, nor does it fail for another reason.
        let same = lock.told == Some(state) || (state == Channel::Lost && lock.told.is_some_and(is_down));
        if !same {
            lock.told = Some(state);
            (self.events)(Event::Channel { door: lock.door.id.clone(), channel: state });
        }
    }

    fn tell(&mut self, index: usize, event: OsdpEvent) {
        let lock = &mut self.locks[index];
        let door = lock.door.id.clone();
        match event {
            OsdpEvent::CardRead(read) => {
                let reader = u8::try_from(read.reader_no).unwrap_or(u8::MAX);
                let direction = if Some(reader) == lock.door.readers.inside {
                    Direction::Out
                } else if Some(reader) == lock.door.readers.outside {
                    Direction::In
                } else {
                    return;
                };
                let member = member(lock.door.format, read.nr_bits, &read.data);
                (self.events)(Event::Read { door, direction, member });
            }
            OsdpEvent::Status(status) => match status.type_ {
                OsdpStatusReportType::Local => {
                    let set = |at: usize| status.nr_entries > at && status.report[at] != 0;
                    (self.events)(Event::Tamper { door: door.clone(), on: set(0) });
                    (self.events)(Event::Power { door, lost: set(1) });
                }
                OsdpStatusReportType::Input => {
                    let inputs = status.report[..status.nr_entries.min(status.report.len())].to_vec();
                    let before = std::mem::replace(&mut lock.inputs, inputs.clone());
                    let input = |at: Option<u8>| at.and_then(|at| inputs.get(usize::from(at)).copied());
                    let settings = &lock.door.inputs;
                    if let Some(exit) = input(settings.exit).filter(|exit| *exit != 0) {
                        let at = settings.exit.map_or(0, usize::from);
                        if before.get(at) != Some(&exit) {
                            (self.events)(Event::ExitRequest { door: door.clone() });
                        }
                    }
                    // The key before the contact: whoever turns it opens the door with it.
                    if let Some(key) = input(settings.key) {
                        (self.events)(Event::Key { door: door.clone(), turned: key != 0 });
                    }
                    if let Some(contact) = input(settings.contact) {
                        (self.events)(Event::Contact { door, open: contact != 0 });
                    }
                }
                OsdpStatusReportType::Output | OsdpStatusReportType::Remote => {}
            },
            OsdpEvent::KeyPress(_) | OsdpEvent::MfgReply(_) => {}
        }
    }
}

fn is_down(channel: Channel) -> bool {
    channel != Channel::Up
}

/// After an absence the inputs are asked for: nobody knows what happened meanwhile.
fn ask_status(panel: &mut Option<ControlPanel>, index: usize) {
    let (Some(panel), Ok(number)) = (panel, i32::try_from(index)) else { return };
    for type_ in [OsdpStatusReportType::Input, OsdpStatusReportType::Local] {
        let report = OsdpStatusReport { type_, nr_entries: 0, report: [0; 64] };
        if let Err(error) = panel.send_command(number, OsdpCommand::Status(report)) {
            log::warn!("the state of lock {index} cannot be asked for: {error}");
        }
    }
}

/// The member number in a card read, 0 when there is none: nobody is enrolled under 0.
fn member(format: CardFormat, bits: usize, data: &[u8]) -> u32 {
    let bit = |at: usize| data.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let number = |from: usize, to: usize| {
        (from..to).try_fold(0u32, |number, at| Some(number.checked_mul(2)? | u32::from(bit(at))))
    };
    let read = match format {
        CardFormat::Number => number(0, bits),
        // Parity, 8 bits of facility, 16 bits of number, parity.
        CardFormat::Wiegand26 => (bits == 26).then(|| number(1, 25)).flatten(),
    };
    read.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_number_is_read_as_the_lock_sends_it() {
        assert_eq!(member(CardFormat::Number, 32, &17u32.to_be_bytes()), 17);
        assert_eq!(member(CardFormat::Number, 16, &[1, 2]), 258);
        assert_eq!(member(CardFormat::Number, 64, &[0, 0, 0, 0, 0, 0, 0, 9]), 9);
        // Larger than any number, or than what was sent.
        assert_eq!(member(CardFormat::Number, 64, &[1, 0, 0, 0, 0, 0, 0, 9]), 0);
        assert_eq!(member(CardFormat::Number, 4000, &[0xff; 4]), 0);
        // Parity 1, facility 1, number 513, parity 0.
        let card = [0b1000_0000, 0b1000_0001, 0b0000_0000, 0b1000_0000];
        assert_eq!(member(CardFormat::Wiegand26, 26, &card), (1 << 16) + 513);
        assert_eq!(member(CardFormat::Wiegand26, 25, &card), 0);
    }
}
