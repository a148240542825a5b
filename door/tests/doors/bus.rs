//! The line: wrong keys, clear text, frames repeated by somebody between, a cut cable.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use door::config::PortName;
use door::simulated::{Locks, Manner, OUTSIDE};
use door::wire::{AlarmKind, DoorState, Happened};

use crate::stage::{PATIENCE, Stage, lock_settings, wait_until};

fn alarm(wanted: AlarmKind) -> impl Fn(&Happened) -> bool {
    move |happened| matches!(happened, Happened::Alarm { alarm, .. } if *alarm == wanted)
}

#[test]
fn a_lock_with_another_key_is_an_alarm_and_never_opens() {
    let mut settings = lock_settings();
    settings[0].key[15] ^= 1;
    let stage = Stage::with(&settings, |_| {});
    stage.server.wait_for_record(alarm(AlarmKind::WrongKey));
    stage.wait_for_state(0, DoorState::Offline);
    // The other door on the same line works.
    stage.wait_for_state(1, DoorState::Locked);
    stage.locks.locks[0].touch(OUTSIDE, 1);
    stage.locks.locks[1].touch(OUTSIDE, 1);
    assert!(stage.locks.locks[1].wait_for_strikes(1, PATIENCE));
    assert_eq!((stage.locks.locks[0].strikes(), stage.locks.locks[0].commands()), (0, 0));
}

#[test]
fn a_lock_with_the_default_key_is_an_alarm_and_never_opens() {
    let mut settings = lock_settings();
    for (byte, default) in settings[0].key.iter_mut().zip(0x30..) {
        *byte = default;
    }
    let stage = Stage::with(&settings, |_| {});
    stage.server.wait_for_record(alarm(AlarmKind::WrongKey));
    assert_eq!(stage.locks.locks[0].commands(), 0);
}

#[test]
fn a_lock_that_speaks_in_clear_text_is_an_alarm_and_never_opens() {
    let mut settings = lock_settings();
    settings[0].manner = Manner::ClearText;
    let stage = Stage::with(&settings, |_| {});
    stage.server.wait_for_record(alarm(AlarmKind::ClearText));
    stage.locks.locks[0].touch(OUTSIDE, 1);
    thread::sleep(Duration::from_secs(1));
    assert_eq!(stage.locks.locks[0].strikes(), 0);
    let asked = stage.record().iter().any(|happened| matches!(happened, Happened::Asked { .. }));
    assert!(!asked, "what comes in clear text was not said by the lock");
}

#[test]
fn a_lock_that_has_to_be_spoken_to_in_secret_refuses_clear_text() {
    let (_locks, address) = Locks::on_tcp(&lock_settings()).unwrap();
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(PATIENCE)).unwrap();
    // POLL to address 1, sequence 1, with CRC.
    let mut frame = vec![0x53, 0x01, 0x08, 0x00, 0x05, 0x60];
    let crc = osdp_crc(&frame);
    frame.extend_from_slice(&crc.to_le_bytes());
    line.write_all(&frame).unwrap();
    let mut reply = [0; 9];
    line.read_exact(&mut reply).unwrap();
    // NAK 6: only over the secure channel.
    assert_eq!(reply[5..7], [0x41, 0x06]);
}

/// CRC-16 of OSDP (2.2, Annex C): polynomial 0x1021, begun with 0x1d0f.
fn osdp_crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0x1d0f, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// Somebody on the line who hears everything and can cut it or say things again.
struct Between {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
    /// Frames from the controller to the locks.
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    to_locks: Arc<Mutex<Option<TcpStream>>>,
    to_controller: Arc<Mutex<Option<TcpStream>>>,
    from_locks: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Between {
    fn new(locks: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let between = Self {
            address: listener.local_addr().expect("an address"),
            cut: Arc::default(),
            heard: Arc::default(),
            to_locks: Arc::default(),
            to_controller: Arc::default(),
            from_locks: Arc::default(),
        };
        let (cut, heard, replies) = (between.cut.clone(), between.heard.clone(), between.from_locks.clone());
        let (to_locks, to_controller) = (between.to_locks.clone(), between.to_controller.clone());
        thread::spawn(move || {
            for controller in listener.incoming().flatten() {
                let Ok(lock) = TcpStream::connect(locks) else { return };
                let (Ok(a), Ok(b)) = (controller.try_clone(), lock.try_clone()) else { return };
                *to_locks.lock().expect("whole") = lock.try_clone().ok();
                *to_controller.lock().expect("whole") = controller.try_clone().ok();
                let (one, two) = (cut.clone(), cut.clone());
                let (heard, replies) = (heard.clone(), replies.clone());
                thread::spawn(move || pass(a, lock, &one, &heard));
                thread::spawn(move || pass(b, controller, &two, &replies));
            }
        });
        between
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool, heard: &Mutex<Vec<Vec<u8>>>) {
    let mut bytes = [0; 512];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        heard.lock().expect("whole").push(bytes[..read].to_vec());
        if !cut.load(Ordering::Relaxed) && to.write_all(&bytes[..read]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

fn over_tcp() -> (Stage, Between) {
    let (locks, address) = Locks::on_tcp(&lock_settings()).expect("a port");
    let between = Between::new(address);
    let port = PortName::new(&format!("tcp://{}", between.address)).expect("on this machine");
    let mut stage = Stage::with(&lock_settings(), |config| config.buses[0].port = port);
    stage.locks = locks;
    (stage.ready(), between)
}

#[test]
fn frames_that_somebody_repeats_open_nothing_again() {
    let (stage, between) = over_tcp();
    let lock = &stage.locks.locks[0];
    lock.touch(OUTSIDE, 1);
    assert!(lock.wait_for_strikes(1, PATIENCE));
    lock.open();
    lock.close();
    assert!(wait_until(|| !lock.is_unlocked()));
    // To the lock: everything that the controller said, the strike among it.
    let said: Vec<Vec<u8>> = between.heard.lock().unwrap().clone();
    let mut line = between.to_locks.lock().unwrap().as_ref().unwrap().try_clone().unwrap();
    for frame in &said {
        line.write_all(frame).unwrap();
        thread::sleep(Duration::from_micros(500));
    }
    assert_eq!(lock.strikes(), 1);
    // To the controller: everything that the lock said, the finger among it.
    let said: Vec<Vec<u8>> = between.from_locks.lock().unwrap().clone();
    let asked = |h: &Happened| matches!(h, Happened::Asked { .. });
    let line = between.to_controller.lock().unwrap().as_ref().and_then(|line| line.try_clone().ok());
    for frame in &said {
        // The controller may hang up in between.
        let _ = line.as_ref().map(|mut line| line.write_all(frame));
        thread::sleep(Duration::from_micros(500));
    }
    thread::sleep(Duration::from_secs(1));
    assert_eq!(stage.record().iter().filter(|h| asked(h)).count(), 1);
    assert_eq!(lock.strikes(), 1);
    // And when it is over the door works.
    let stage = stage.ready();
    let lock = &stage.locks.locks[0];
    lock.touch(OUTSIDE, 2);
    assert!(lock.wait_for_strikes(2, PATIENCE));
}

#[test]
fn a_cut_cable_is_an_alarm_and_what_happens_meanwhile_is_seen_afterwards() {
    let (stage, between) = over_tcp();
    between.cut.store(true, Ordering::Relaxed);
    stage.server.wait_for_record(alarm(AlarmKind::ChannelLost));
    stage.wait_for_state(0, DoorState::Offline);
    stage.locks.locks[0].force();
    between.cut.store(false, Ordering::Relaxed);
    stage.server.wait_for_record(|h| matches!(h, Happened::Ended { alarm: AlarmKind::ChannelLost, .. }));
    stage.server.wait_for_record(alarm(AlarmKind::Forced));
    stage.wait_for_state(1, DoorState::Locked);
    stage.locks.locks[1].touch(OUTSIDE, 1);
    assert!(stage.locks.locks[1].wait_for_strikes(1, PATIENCE));
}
