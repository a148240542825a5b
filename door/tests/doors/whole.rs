//! The whole way: finger, bus, record, server, strike.

use std::thread;
use std::time::Duration;

use door::simulated::{INSIDE, OUTSIDE};
use door::wire::{AlarmKind, Decider, DoorState, Happened, Outcome, Snapshot, Why};
use jiff::SignedDuration;

use crate::server::Mood;
use crate::stage::{PATIENCE, Stage, outcome, snapshot, wait_until};

fn refused(why: Why) -> impl Fn(&Happened) -> bool {
    move |happened| outcome(happened) == Some(Outcome::Refused { why })
}

fn alarm(wanted: AlarmKind) -> impl Fn(&Happened) -> bool {
    move |happened| matches!(happened, Happened::Alarm { alarm, .. } if *alarm == wanted)
}

fn ended(wanted: AlarmKind) -> impl Fn(&Happened) -> bool {
    move |happened| matches!(happened, Happened::Ended { alarm, .. } if *alarm == wanted)
}

#[test]
fn a_permitted_finger_opens_once() {
    let stage = Stage::new().ready();
    let lock = &stage.locks.locks[0];
    lock.touch(OUTSIDE, 1);
    assert!(lock.wait_for_strikes(1, PATIENCE), "{:#?}", stage.record());
    stage.wait_for_state(0, DoorState::Unlocked);
    assert!(lock.open());
    stage.server.wait_for_record(|h| matches!(h, Happened::Opened { granted: Some(_), .. }));
    // Relocked as soon as it opened, long before its time is over.
    assert!(wait_until(|| !lock.is_unlocked()));
    lock.close();
    stage.wait_for_state(0, DoorState::Locked);
    assert!(!lock.open());
    assert_eq!(lock.strikes(), 1);
    assert_eq!(stage.locks.locks[1].strikes(), 0);
    let state = stage.server.state();
    let passage = state.records.iter().find(|record| outcome(&record.what).is_some()).unwrap();
    assert!(matches!(&passage.what, Happened::Passage { by: Decider::Server { receipt: Some(_) }, .. }));
}

#[test]
fn a_finger_without_permission_and_one_that_nobody_has_open_nothing() {
    let stage = Stage::new().ready();
    let lock = &stage.locks.locks[0];
    lock.touch(OUTSIDE, 5);
    stage.server.wait_for_record(refused(Why::Server));
    lock.touch(OUTSIDE, 900);
    stage.server.wait_for_record(alarm(AlarmKind::UnknownMember { member: 900 }));
    assert_eq!(lock.strikes(), 0);
}

#[test]
fn forced_held_tamper_power_and_key_are_told() {
    let stage = Stage::with(&crate::stage::lock_settings(), |config| {
        config.doors[0].held = Duration::from_secs(1);
    })
    .ready();
    let lock = &stage.locks.locks[0];
    lock.force();
    stage.server.wait_for_record(alarm(AlarmKind::Forced));
    stage.wait_for_state(0, DoorState::Forced);
    lock.close();
    stage.server.wait_for_record(ended(AlarmKind::Forced));
    lock.push_exit();
    thread::sleep(Duration::from_millis(300));
    assert!(lock.open());
    stage.server.wait_for_record(alarm(AlarmKind::HeldOpen));
    lock.close();
    stage.server.wait_for_record(ended(AlarmKind::HeldOpen));
    lock.tamper(true);
    lock.power(false);
    stage.server.wait_for_record(alarm(AlarmKind::Tamper));
    stage.server.wait_for_record(alarm(AlarmKind::PowerLost));
    lock.tamper(false);
    lock.power(true);
    stage.server.wait_for_record(ended(AlarmKind::Tamper));
    stage.server.wait_for_record(ended(AlarmKind::PowerLost));
    stage.server.change(|state| _ = state.permitted.insert(0));
    lock.turn_key(true);
    stage.server.wait_for_record(|h| outcome(h) == Some(Outcome::Granted));
    assert_eq!(lock.strikes(), 0);
    let alarms = stage.record().iter().filter(|h| alarm(AlarmKind::Forced)(h)).count();
    assert_eq!(alarms, 1);
}

#[test]
fn nobody_opened() {
    let stage = Stage::with(&crate::stage::lock_settings(), |config| {
        config.doors[0].strike = Duration::from_millis(500);
    })
    .ready();
    stage.locks.locks[0].touch(OUTSIDE, 1);
    stage.server.wait_for_record(|h| matches!(h, Happened::NotOpened { .. }));
    assert!(wait_until(|| !stage.locks.locks[0].is_unlocked()));
}

#[test]
fn without_the_server_the_snapshot_decides_and_all_of_it_is_told_later_in_order() {
    let stage = Stage::new().ready().with_snapshot(snapshot(1, &[1]));
    let lock = &stage.locks.locks[0];
    stage.mood(Mood::Away);
    let before = stage.server.state().records.len();
    lock.touch(OUTSIDE, 1);
    assert!(lock.wait_for_strikes(1, PATIENCE), "{:#?}", stage.record());
    assert!(lock.open());
    stage.wait_for_local(|h| matches!(h, Happened::Opened { .. }));
    lock.close();
    stage.wait_for_local(|h| matches!(h, Happened::Closed { .. }));
    lock.touch(OUTSIDE, 2);
    stage.wait_for_local(refused(Why::NotPermitted));
    lock.touch(INSIDE, 2);
    assert!(lock.wait_for_strikes(2, PATIENCE), "{:#?}", stage.record());
    assert_eq!(stage.server.state().records.len(), before);
    stage.mood(Mood::Good);
    stage.server.wait_for_record(refused(Why::NotPermitted));
    let all = stage.record().len();
    assert!(stage.server.wait_for(|records| records.len() >= all));
    let state = stage.server.state();
    for pair in state.records.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert_eq!(pair[1].previous, pair[0].digest().unwrap());
    }
    let by_snapshot =
        |h: &Happened| matches!(h, Happened::Passage { by: Decider::Snapshot { serial: 1 }, .. });
    assert_eq!(state.records.iter().filter(|record| by_snapshot(&record.what)).count(), 3);
}

#[test]
fn a_slow_server_is_not_waited_for_and_what_it_says_later_opens_nothing() {
    let stage = Stage::with(&crate::stage::lock_settings(), |config| {
        config.deadline = Duration::from_millis(300);
    })
    .ready()
    .with_snapshot(snapshot(1, &[2]));
    let lock = &stage.locks.locks[0];
    stage.mood(Mood::Slow(Duration::from_millis(1500)));
    lock.touch(OUTSIDE, 1);
    stage.wait_for_local(refused(Why::NotPermitted));
    thread::sleep(Duration::from_millis(2000));
    assert_eq!(lock.strikes(), 0);
}

#[test]
fn a_forged_and_a_stale_yes_open_nothing() {
    for mood in [Mood::Forged, Mood::Stale] {
        let stage = Stage::new().ready();
        stage.mood(mood);
        stage.locks.locks[0].touch(OUTSIDE, 1);
        stage.wait_for_local(refused(Why::NoSnapshot));
        assert_eq!(stage.locks.locks[0].strikes(), 0);
    }
}

#[test]
fn an_expired_snapshot_opens_nothing_and_exit_is_free() {
    let mut old = snapshot(1, &[1]);
    old.issued -= SignedDuration::from_hours(23);
    old.expires = old.issued + SignedDuration::from_hours(20);
    let stage = Stage::new().ready().with_snapshot(old);
    stage.server.wait_for_record(alarm(AlarmKind::SnapshotExpired));
    stage.mood(Mood::Away);
    let lock = &stage.locks.locks[0];
    lock.touch(OUTSIDE, 1);
    stage.wait_for_local(refused(Why::SnapshotExpired));
    assert_eq!(lock.strikes(), 0);
    lock.touch(INSIDE, 77);
    assert!(lock.wait_for_strikes(1, PATIENCE), "{:#?}", stage.record());
}

#[test]
fn a_snapshot_for_longer_than_a_day_or_for_others_is_not_taken() {
    let stage = Stage::new().ready();
    let mut long = snapshot(1, &[1]);
    long.expires = long.issued + SignedDuration::from_hours(25);
    stage.server.change(|state| state.snapshot = Some(long));
    thread::sleep(Duration::from_millis(500));
    assert_eq!(stage.running.as_ref().unwrap().serial(), 0);
    let other = Snapshot { controller: crate::stage::name("south"), ..snapshot(2, &[1]) };
    stage.server.change(|state| state.snapshot = Some(other));
    thread::sleep(Duration::from_millis(500));
    assert_eq!(stage.running.as_ref().unwrap().serial(), 0);
    assert!(stage.with_snapshot(snapshot(3, &[1])).running.is_some());
}

#[test]
fn lockdown_closes_entry_and_leaves_exit_free() {
    let stage = Stage::new().ready().with_snapshot(snapshot(1, &[1]));
    let lock = &stage.locks.locks[0];
    lock.touch(OUTSIDE, 1);
    assert!(lock.wait_for_strikes(1, PATIENCE), "{:#?}", stage.record());
    let stage = stage.with_snapshot(Snapshot { lockdown: true, ..snapshot(2, &[1]) });
    let lock = &stage.locks.locks[0];
    // Also what was granted a moment ago, before the door opened.
    assert!(wait_until(|| !lock.is_unlocked()));
    lock.touch(OUTSIDE, 1);
    stage.server.wait_for_record(refused(Why::Lockdown));
    assert_eq!(lock.strikes(), 1);
    lock.touch(INSIDE, 1);
    assert!(lock.wait_for_strikes(2, PATIENCE), "{:#?}", stage.record());
    let stage = stage.with_snapshot(snapshot(3, &[1]));
    let lock = &stage.locks.locks[0];
    assert!(lock.open());
    stage.wait_for_state(0, DoorState::Open);
    lock.close();
    stage.wait_for_state(0, DoorState::Locked);
    lock.touch(OUTSIDE, 1);
    assert!(lock.wait_for_strikes(3, PATIENCE), "{:#?}", stage.record());
}

#[test]
fn after_a_restart_without_the_server_the_kept_snapshot_decides() {
    let mut stage = Stage::new().ready().with_snapshot(snapshot(7, &[1]));
    assert!(wait_until(|| stage.config.data.join("snapshot.json").exists()));
    stage.running = None;
    stage.mood(Mood::Away);
    stage.start();
    stage.wait_for_state(0, DoorState::Locked);
    stage.locks.locks[0].touch(OUTSIDE, 1);
    assert!(stage.locks.locks[0].wait_for_strikes(1, PATIENCE), "{:#?}", stage.record());
    // Somebody else's snapshot in its place is none.
    stage.running = None;
    let other = door::wire::Sealed::seal(
        &door::wire::Synced {
            nonce: door::wire::Nonce::fresh().unwrap(),
            snapshot: Some(snapshot(8, &[1, 2, 3])),
        },
        &door::wire::SecretKey::from_seed(&[5; 32]),
    )
    .unwrap();
    std::fs::write(stage.config.data.join("snapshot.json"), serde_json::to_vec(&other).unwrap()).unwrap();
    stage.start();
    assert_eq!(stage.running.as_ref().unwrap().serial(), 0);
}

#[test]
fn a_record_that_was_cut_while_the_controller_was_off_is_an_alarm() {
    let mut stage = Stage::new().ready();
    stage.locks.locks[0].touch(OUTSIDE, 1);
    stage.server.wait_for_record(|h| outcome(h) == Some(Outcome::Granted));
    stage.running = None;
    std::fs::remove_file(stage.config.data.join("record.jsonl")).unwrap();
    stage.start();
    stage.server.wait_for_record(alarm(AlarmKind::RecordCut));
    let stage = stage.ready();
    stage.locks.locks[1].touch(OUTSIDE, 2);
    assert!(stage.locks.locks[1].wait_for_strikes(1, PATIENCE), "{:#?}", stage.record());
}

/// A bus that looks into the record on the disk before it believes a command.
struct Suspicious {
    record: std::path::PathBuf,
    strikes: std::sync::Arc<std::sync::Mutex<Vec<Vec<Happened>>>>,
}

impl door::bus::DoorBus for Suspicious {
    fn command(&mut self, _door: &door::wire::Name, command: door::bus::DoorCommand) {
        if let door::bus::DoorCommand::Strike { .. } = command {
            let (records, _) = door::record::list(&self.record).expect("a record");
            let happened = records.into_iter().map(|record| record.what).collect();
            self.strikes.lock().expect("whole").push(happened);
        }
    }
}

#[test]
fn every_grant_is_on_the_disk_before_the_strike() {
    use door::core::{Channel, Event};
    use door::wire::Direction;
    let folder = tempfile::tempdir().unwrap();
    let config = crate::stage::config("/dev/null", folder.path());
    let ours = crate::stage::controller_key();
    let server = crate::server::TestServer::new(crate::stage::server_key(), ours.public());
    server.change(|state| {
        state.permitted = [1].into();
        state.snapshot = Some(snapshot(1, &[1]));
    });
    let strikes = std::sync::Arc::default();
    let bus = Suspicious { record: config.data.clone(), strikes: std::sync::Arc::clone(&strikes) };
    let clock = Box::new(door::clock::SystemClock::new());
    let parts = door::Parts { server: server.clone(), clock, key: ours };
    let mut events = None;
    let running = door::start_with(&config, parts, |to| {
        events = Some(to);
        Ok(Box::new(bus))
    })
    .unwrap();
    let tell = events.unwrap();
    let door = crate::stage::name("cs-room");
    tell(Event::Channel { door: door.clone(), channel: Channel::Up });
    assert!(wait_until(|| running.serial() == 1 && running.silent_for().is_some()));
    for round in 0..6 {
        let direction = if round % 2 == 0 { Direction::In } else { Direction::Out };
        server.change(|state| state.mood = if round < 3 { Mood::Good } else { Mood::Away });
        tell(Event::Read { door: door.clone(), direction, member: 1 });
        assert!(wait_until(|| strikes.lock().unwrap().len() == round + 1));
        tell(Event::Contact { door: door.clone(), open: true });
        tell(Event::Contact { door: door.clone(), open: false });
    }
    for (before, happened) in strikes.lock().unwrap().iter().enumerate() {
        let granted = happened.iter().filter(|h| outcome(h) == Some(Outcome::Granted)).count();
        assert_eq!(granted, before + 1);
    }
}
