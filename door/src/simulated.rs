//! A simulated electric lock, for tests, the demo and benchmarks: an OSDP peripheral by the `osdp` crate, which
//! shares no code with the controller's LibOSDP. It speaks over a pseudo terminal or TCP on this machine.
//!
//! Its fingers are numbers, its door is a flag. Whoever uses it plays the people at the door.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use osdp::caps::{Capability, FunctionCode};
use osdp::command::{CommandCode, OutputControl, OutputControlCode};
use osdp::packet::{Address, ControlByte, CtrlFlags, PacketBuilder, ParsedPacket, Scb, ScsType, Sqn};
use osdp::reply::{CCrypt, IStatR, LStatR, Nak, NakErrorCode, OStatR, PdCap, PdId, RMacI, Raw, ReplyCode};
use osdp::secure::crypto::{SessionKeys, client_cryptogram};
use osdp::secure::session::{Cryptogrammed, Disconnected, Secure};
use osdp::secure::{Direction, Session, seal, unseal};

use crate::bus::port::{Port, raw};

/// The reader outside.
pub const OUTSIDE: u8 = 0;
/// The reader inside.
pub const INSIDE: u8 = 1;
/// The input of the door's contact.
pub const CONTACT: u8 = 0;
/// The input of the exit button.
pub const EXIT: u8 = 1;
/// The input of the key's switch.
pub const KEY: u8 = 2;

/// How often the line is looked at.
const LOOK: Duration = Duration::from_micros(500);

/// How a lock behaves on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Only over the secure channel, as it has to be.
    Secure,
    /// It knows no secure channel, and answers everything in clear text.
    ClearText,
}

/// A lock.
#[derive(Clone, Debug)]
pub struct LockSettings {
    /// Its address on the bus.
    pub address: u8,
    /// The key of its secure channel.
    pub key: [u8; 16],
    /// How it behaves.
    pub manner: Manner,
}

/// What the people at the door and the bus both touch.
#[derive(Debug, Default)]
struct Body {
    open: bool,
    exit: bool,
    key: bool,
    tamper: bool,
    unpowered: bool,
    unlocked_until: Option<Instant>,
    /// When the last card read went over the line.
    read_sent: Option<Instant>,
    /// When strikes were released.
    strikes: Vec<Instant>,
    /// What is told at the next polls.
    queue: VecDeque<(ReplyCode, Vec<u8>)>,
    /// Commands that were carried out, by code.
    commands: u64,
}

impl Body {
    fn unlocked(&self) -> bool {
        self.unlocked_until.is_some_and(|until| Instant::now() < until)
    }

    fn inputs(&self) -> Vec<u8> {
        vec![u8::from(self.open), u8::from(self.exit), u8::from(self.key)]
    }

    fn tell_inputs(&mut self) {
        let inputs = self.inputs();
        self.queue.push_back((ReplyCode::IStatR, inputs));
    }

    fn local(&self) -> LStatR {
        LStatR { tamper: u8::from(self.tamper), power: u8::from(self.unpowered) }
    }
}

#[derive(Debug, Default)]
struct Shared {
    body: Mutex<Body>,
    changed: Condvar,
}

/// A lock and its door. Dropping the [`Locks`] it came with switches it off.
#[derive(Clone, Debug)]
pub struct Lock {
    shared: Arc<Shared>,
}

impl Lock {
    fn body(&self) -> MutexGuard<'_, Body> {
        self.shared.body.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A finger at the reader [`OUTSIDE`] or [`INSIDE`] matched the one enrolled under `member`.
    pub fn touch(&self, reader: u8, member: u32) {
        let read = Raw { reader, format_code: 0, bit_count: 32, bits: member.to_be_bytes().to_vec() };
        if let Ok(data) = read.encode() {
            self.body().queue.push_back((ReplyCode::Raw, data));
        }
    }

    /// Somebody pushes the door. It gives way when the strike is released, the key turned or the button pushed.
    pub fn open(&self) -> bool {
        let mut body = self.body();
        let gives = body.unlocked() || body.key || body.exit;
        if gives && !body.open {
            body.open = true;
            body.exit = false;
            body.tell_inputs();
        }
        gives
    }

    /// Somebody breaks the door open.
    pub fn force(&self) {
        let mut body = self.body();
        body.open = true;
        body.tell_inputs();
    }

    /// The door falls shut.
    pub fn close(&self) {
        let mut body = self.body();
        body.open = false;
        body.tell_inputs();
    }

    /// Somebody inside pushes the exit button: the door gives way once.
    pub fn push_exit(&self) {
        let mut body = self.body();
        body.exit = true;
        body.tell_inputs();
    }

    /// The key in the cylinder.
    pub fn turn_key(&self, turned: bool) {
        let mut body = self.body();
        body.key = turned;
        body.tell_inputs();
    }

    /// The lock's case is opened, or closed.
    pub fn tamper(&self, on: bool) {
        let mut body = self.body();
        body.tamper = on;
        let status = body.local();
        body.queue.extend(status.encode().map(|data| (ReplyCode::LStatR, data)));
    }

    /// Mains power goes away, or comes back.
    pub fn power(&self, on: bool) {
        let mut body = self.body();
        body.unpowered = !on;
        let status = body.local();
        body.queue.extend(status.encode().map(|data| (ReplyCode::LStatR, data)));
    }

    /// Whether the strike is released now.
    pub fn is_unlocked(&self) -> bool {
        self.body().unlocked()
    }

    /// Whether the door stands open.
    pub fn is_open(&self) -> bool {
        self.body().open
    }

    /// Whether the key in the cylinder is turned.
    pub fn is_key_turned(&self) -> bool {
        self.body().key
    }

    /// Whether the lock's case is open.
    pub fn is_tampered(&self) -> bool {
        self.body().tamper
    }

    /// Whether there is mains power.
    pub fn is_powered(&self) -> bool {
        !self.body().unpowered
    }

    /// When the last card read went over the line: some time after the touch, for the controller polls.
    pub fn last_read(&self) -> Option<Instant> {
        self.body().read_sent
    }

    /// How often the strike was released.
    pub fn strikes(&self) -> usize {
        self.body().strikes.len()
    }

    /// When the strike was released last.
    pub fn last_strike(&self) -> Option<Instant> {
        self.body().strikes.last().copied()
    }

    /// How many commands were carried out over the secure channel: it works when this rises.
    pub fn commands(&self) -> u64 {
        self.body().commands
    }

    /// Waits until the strike was released `count` times in all. Gives whether it was, in time.
    pub fn wait_for_strikes(&self, count: usize, timeout: Duration) -> bool {
        self.wait(timeout, |body| body.strikes.len() >= count)
    }

    /// Waits until the lock has carried out a command over the secure channel from now on.
    pub fn wait_for_channel(&self, timeout: Duration) -> bool {
        let before = self.commands();
        self.wait(timeout, |body| body.commands > before)
    }

    fn wait(&self, timeout: Duration, done: impl Fn(&Body) -> bool) -> bool {
        let (body, _) = self
            .shared
            .changed
            .wait_timeout_while(self.body(), timeout, |body| !done(body))
            .unwrap_or_else(PoisonError::into_inner);
        done(&body)
    }
}

/// Locks on one line. Dropped, they go silent.
#[derive(Debug)]
pub struct Locks {
    /// The locks, in the order of their settings.
    pub locks: Vec<Lock>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Locks {
    /// Locks on a pseudo terminal, and the path at which the controller opens it.
    ///
    /// # Errors
    /// When the system has no pseudo terminal to give.
    pub fn on_pty(settings: &[LockSettings]) -> io::Result<(Self, String)> {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&controller)?;
        unlockpt(&controller)?;
        fcntl_setfl(&controller, fcntl_getfl(&controller)? | OFlags::NONBLOCK)?;
        let path = ptsname(&controller, Vec::new())?.into_string().map_err(io::Error::other)?;
        let file = File::from(controller);
        raw(&file, 115_200)?;
        let locks = Self::start(settings, Source::Open(Port::Serial(file)))?;
        Ok((locks, path))
    }

    /// Locks behind a port on this machine, and its address. One connection is served at a time.
    ///
    /// # Errors
    /// When the system has no port to give.
    pub fn on_tcp(settings: &[LockSettings]) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((Self::start(settings, Source::Listening(listener, None))?, address))
    }

    fn start(settings: &[LockSettings], mut source: Source) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut peripherals: Vec<Peripheral> = settings.iter().cloned().map(Peripheral::new).collect();
        let locks = peripherals.iter().map(|one| Lock { shared: Arc::clone(&one.shared) }).collect();
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("simulated-locks".to_owned()).spawn(move || {
            let mut incoming = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                if !serve(&mut source, &mut incoming, &mut peripherals) {
                    thread::sleep(LOOK);
                }
            }
        })?;
        Ok(Self { locks, stop, thread: Some(thread) })
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Where bytes come from.
enum Source {
    Open(Port),
    Listening(TcpListener, Option<Port>),
}

impl Source {
    fn port(&mut self) -> Option<&mut Port> {
        match self {
            Self::Open(port) => Some(port),
            Self::Listening(listener, port) => {
                if let Ok((stream, _)) = listener.accept() {
                    *port = Port::connected(stream).ok();
                }
                port.as_mut()
            }
        }
    }

    fn lost(&mut self) {
        // A pseudo terminal that the controller has closed is opened by it again.
        if let Self::Listening(_, port) = self {
            *port = None;
        }
    }
}

/// Reads and answers what has come. Gives whether there was anything.
fn serve(source: &mut Source, incoming: &mut Vec<u8>, peripherals: &mut [Peripheral]) -> bool {
    let mut bytes = [0; 512];
    let Some(port) = source.port() else { return false };
    let Ok(read) = port.read(&mut bytes) else {
        source.lost();
        incoming.clear();
        return false;
    };
    if read == 0 {
        return false;
    }
    incoming.extend_from_slice(&bytes[..read]);
    while let Some(frame) = next_frame(incoming) {
        let reply = peripherals.iter_mut().find_map(|one| one.frame(&frame));
        if let (Some(reply), Some(port)) = (reply, source.port()) {
            let _ = port.write(&reply);
        }
    }
    true
}

/// Takes the next whole frame from the front.
fn next_frame(incoming: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        let mark = incoming.iter().position(|byte| *byte == osdp::SOM)?;
        incoming.drain(..mark);
        match ParsedPacket::parse(incoming) {
            Ok((_, used)) => return Some(incoming.drain(..used).collect()),
            Err(osdp::error::Error::Truncated { .. }) => return None,
            Err(_) => {
                incoming.drain(..1);
            }
        }
    }
}

/// Where the handshake of the secure channel is (OSDP 2.2, Annex D).
enum Handshake {
    Idle,
    Challenged(Box<Session<Cryptogrammed>>),
    Secure(Box<Session<Secure>>),
}

/// One lock on the bus.
struct Peripheral {
    settings: LockSettings,
    shared: Arc<Shared>,
    handshake: Handshake,
    /// The last frame that was carried out, and what was answered: repeated, it is answered and not carried out.
    last: Option<(Vec<u8>, Vec<u8>)>,
    sequence: u8,
}

impl Peripheral {
    fn new(settings: LockSettings) -> Self {
        let shared = Arc::default();
        Self { settings, shared, handshake: Handshake::Idle, last: None, sequence: 0 }
    }

    fn body(&self) -> MutexGuard<'_, Body> {
        self.shared.body.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a frame, when it is for this lock.
    fn frame(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (packet, _) = ParsedPacket::parse(bytes).ok()?;
        if packet.addr.is_reply() || packet.addr.pd_addr() != self.settings.address {
            return None;
        }
        if let Some((frame, reply)) = &self.last
            && frame == bytes
        {
            return Some(reply.clone());
        }
        let sequence = packet.ctrl.sqn.value();
        if sequence == 0 {
            self.handshake = Handshake::Idle;
        } else if sequence != self.sequence % 3 + 1 {
            return self.nak(packet.ctrl.sqn, NakErrorCode::UnexpectedSequenceNumber);
        }
        self.sequence = sequence;
        let reply = self.answer(&packet, bytes)?;
        self.last = Some((bytes.to_vec(), reply.clone()));
        Some(reply)
    }

    fn answer(&mut self, packet: &ParsedPacket<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        let sqn = packet.ctrl.sqn;
        match packet.scb.map(|block| block.ty) {
            None => self.in_clear(packet),
            Some(ScsType::Scs11) => self.challenge(packet),
            Some(ScsType::Scs13) => self.cryptogram(packet),
            Some(ScsType::Scs15 | ScsType::Scs17) => {
                let Handshake::Secure(session) = &mut self.handshake else {
                    return self.nak(sqn, NakErrorCode::SecurityBlockTypeNotSupported);
                };
                let Ok(data) = unseal(session, packet, bytes) else {
                    self.handshake = Handshake::Idle;
                    return self.nak(sqn, NakErrorCode::SecurityBlockTypeNotSupported);
                };
                let (code, data) = self.carry_out(packet.code, &data);
                {
                    self.body().commands += 1;
                    self.shared.changed.notify_all();
                }
                let Handshake::Secure(session) = &mut self.handshake else { return None };
                let address = Address::reply(self.settings.address).ok()?;
                seal(session, address, sqn, Direction::PdToAcu, !data.is_empty(), code.as_byte(), &data).ok()
            }
            Some(_) => self.nak(sqn, NakErrorCode::SecurityBlockTypeNotSupported),
        }
    }

    /// Without the secure channel a lock only says what it is.
    fn in_clear(&mut self, packet: &ParsedPacket<'_>) -> Option<Vec<u8>> {
        let sqn = packet.ctrl.sqn;
        let harmless = [CommandCode::Id.as_byte(), CommandCode::Cap.as_byte()].contains(&packet.code);
        if !harmless && self.settings.manner == Manner::Secure {
            return self.nak(sqn, NakErrorCode::EncryptedCommunicationRequired);
        }
        let (code, data) = self.carry_out(packet.code, packet.data);
        self.plain(sqn, code, data)
    }

    fn challenge(&mut self, packet: &ParsedPacket<'_>) -> Option<Vec<u8>> {
        let sqn = packet.ctrl.sqn;
        let own_key = packet.scb.is_some_and(|block| block.data == [1]);
        let challenge: Result<[u8; 8], _> = packet.data.try_into();
        let (Manner::Secure, true, Ok(theirs)) = (self.settings.manner, own_key, challenge) else {
            return self.nak(sqn, NakErrorCode::SecurityBlockTypeNotSupported);
        };
        let (mut cuid, mut ours) = ([0; 8], [0; 8]);
        cuid[7] = self.settings.address;
        getrandom::fill(&mut ours).ok()?;
        let keys = SessionKeys::derive(&self.settings.key, &theirs);
        let client_cryptogram = client_cryptogram(&keys.s_enc, &theirs, &ours);
        let reply = CCrypt { cuid, rnd_b: ours, client_cryptogram };
        let session = Session::<Disconnected>::new(self.settings.key).challenge(theirs);
        let session = session.receive_ccrypt(&reply).ok()?;
        self.handshake = Handshake::Challenged(Box::new(session));
        self.with_block(sqn, ScsType::Scs12, ReplyCode::CCrypt, reply.encode().ok()?)
    }

    fn cryptogram(&mut self, packet: &ParsedPacket<'_>) -> Option<Vec<u8>> {
        let sqn = packet.ctrl.sqn;
        let Handshake::Challenged(session) = std::mem::replace(&mut self.handshake, Handshake::Idle) else {
            return self.nak(sqn, NakErrorCode::SecurityBlockTypeNotSupported);
        };
        if session.server_cryptogram() != packet.data {
            return self.nak(sqn, NakErrorCode::SecurityBlockTypeNotSupported);
        }
        let r_mac_i = session.initial_rmac();
        let session = session.confirm_rmac_i(&r_mac_i).ok()?;
        self.handshake = Handshake::Secure(Box::new(session));
        self.with_block(sqn, ScsType::Scs14, ReplyCode::RMacI, RMacI { r_mac_i }.encode().ok()?)
    }

    fn carry_out(&mut self, code: u8, data: &[u8]) -> (ReplyCode, Vec<u8>) {
        let refused = |error| (ReplyCode::Nak, Nak::simple(error).encode().unwrap_or_default());
        let reply = match CommandCode::from_byte(code) {
            Ok(CommandCode::Poll) => {
                let mut body = self.body();
                let told = body.queue.pop_front().unwrap_or((ReplyCode::Ack, Vec::new()));
                if told.0 == ReplyCode::Raw {
                    body.read_sent = Some(Instant::now());
                }
                return told;
            }
            Ok(CommandCode::Id) => (ReplyCode::PdId, identity(self.settings.address).encode()),
            Ok(CommandCode::Cap) => (ReplyCode::PdCap, capabilities(self.settings.manner).encode()),
            Ok(CommandCode::IStat) => (ReplyCode::IStatR, IStatR { inputs: self.body().inputs() }.encode()),
            Ok(CommandCode::LStat) => (ReplyCode::LStatR, self.body().local().encode()),
            Ok(CommandCode::OStat) => (ReplyCode::OStatR, self.outputs().encode()),
            Ok(CommandCode::Out) => match OutputControl::decode(data) {
                Ok(control) => {
                    self.output(&control);
                    (ReplyCode::OStatR, self.outputs().encode())
                }
                Err(_) => return refused(NakErrorCode::CommandLengthError),
            },
            _ => return refused(NakErrorCode::UnknownCommandCode),
        };
        match reply {
            (code, Ok(data)) => (code, data),
            (_, Err(_)) => refused(NakErrorCode::UnableToProcessCommandRecord),
        }
    }

    fn outputs(&self) -> OStatR {
        OStatR { outputs: vec![u8::from(self.body().unlocked())] }
    }

    fn output(&mut self, control: &OutputControl) {
        let now = Instant::now();
        let mut body = self.body();
        for record in &control.records {
            match record.code {
                OutputControlCode::TemporaryOnResume => {
                    body.unlocked_until = Some(now + Duration::from_millis(100) * u32::from(record.timer));
                    body.strikes.push(now);
                }
                OutputControlCode::PermanentOffAbortTimed => body.unlocked_until = None,
                // Nobody holds this lock open.
                _ => {}
            }
        }
        drop(body);
        self.shared.changed.notify_all();
    }

    fn nak(&self, sqn: Sqn, error: NakErrorCode) -> Option<Vec<u8>> {
        self.plain(sqn, ReplyCode::Nak, Nak::simple(error).encode().ok()?)
    }

    fn plain(&self, sqn: Sqn, code: ReplyCode, data: Vec<u8>) -> Option<Vec<u8>> {
        let address = Address::reply(self.settings.address).ok()?;
        let control = ControlByte::new(sqn, CtrlFlags::USE_CRC);
        PacketBuilder::plain(address, control, code.as_byte(), data).encode().ok()
    }

    fn with_block(&self, sqn: Sqn, ty: ScsType, code: ReplyCode, data: Vec<u8>) -> Option<Vec<u8>> {
        let addr = Address::reply(self.settings.address).ok()?;
        let ctrl = ControlByte::new(sqn, CtrlFlags::USE_CRC | CtrlFlags::HAS_SCB);
        PacketBuilder { addr, ctrl, scb: Some(Scb::new(ty, [1])), code: code.as_byte(), data }.encode().ok()
    }
}

fn identity(address: u8) -> PdId {
    PdId { vendor_oui: [0; 3], model: 1, version: 1, serial: u32::from(address), firmware: [0, 0, 1] }
}

fn capabilities(manner: Manner) -> PdCap {
    let entry = |code: FunctionCode, compliance, number_of| Capability {
        code: code.as_byte(),
        compliance,
        number_of,
    };
    PdCap::new(vec![
        entry(FunctionCode::ContactStatus, 1, 3),
        entry(FunctionCode::OutputControl, 1, 1),
        entry(FunctionCode::CardDataFormat, 1, 0),
        entry(FunctionCode::CheckCharacter, 1, 0),
        entry(FunctionCode::CommunicationSecurity, u8::from(manner == Manner::Secure), 0),
        entry(FunctionCode::Readers, 0, 2),
        entry(FunctionCode::OsdpVersion, 2, 0),
    ])
}
