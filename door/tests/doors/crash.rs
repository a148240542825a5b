//! A controller that is killed again and again, and a server that goes away in between: nothing is lost, nothing
//! is there twice.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use door::clock::SystemClock;
use door::record::list;
use door::simulated::{Locks, OUTSIDE};
use door::wire::Happened;
use door::{Http, Parts};

use crate::server::{Mood, TestServer};
use crate::stage::{config, controller_key, lock_settings, outcome, server_key, snapshot, wait_until};

const PORT: &str = "DOOR_TEST_PORT";
const SERVER: &str = "DOOR_TEST_SERVER";
const FOLDER: &str = "DOOR_TEST_FOLDER";

/// Not a test: the controller that the test below starts in a process of its own.
#[test]
#[ignore = "started by `a_killed_controller_loses_nothing_and_doubles_nothing`"]
fn controller() {
    let Ok(port) = std::env::var(PORT) else { return };
    let folder = PathBuf::from(std::env::var(FOLDER).unwrap());
    let mut config = config(&port, &folder);
    config.server = std::env::var(SERVER).unwrap();
    config.deadline = Duration::from_millis(300);
    let parts = Parts {
        server: Arc::new(Http::new(&config.server, None).unwrap()),
        clock: Box::new(SystemClock::new()),
        key: controller_key(),
    };
    let _running = door::start(&config, parts).unwrap();
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}

fn start(port: &str, server: &str, folder: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "crash::controller", "--nocapture"])
        .envs([(PORT, port), (SERVER, server)])
        .env(FOLDER, folder)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("a process")
}

#[test]
fn a_killed_controller_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (locks, port) = Locks::on_pty(&lock_settings()).unwrap();
    let server = TestServer::new(server_key(), controller_key().public());
    server.change(|state| {
        state.permitted = [1, 2].into();
        state.snapshot = Some(snapshot(1, &[1]));
    });
    let address = format!("http://{}", server.by_http());
    let mut strikes = 0;
    for round in 0..8u64 {
        let mut child = start(&port, &address, folder.path());
        for step in 0..6 {
            server.change(|state| {
                state.mood = if (round + step) % 3 == 0 { Mood::Away } else { Mood::Good };
            });
            locks.locks[usize::try_from(step % 2).unwrap()].touch(OUTSIDE, u32::try_from(step % 3).unwrap());
            thread::sleep(Duration::from_millis(60 + (round * 37 + step * 53) % 190));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        strikes = locks.locks.iter().map(door::simulated::Lock::strikes).sum();
    }
    assert!(strikes > 0, "nobody ever came in");
    server.change(|state| state.mood = Mood::Good);
    let mut child = start(&port, &address, folder.path());
    let data = folder.path().join("controller");
    let starts = |records: &[door::wire::Record]| {
        records.iter().filter(|record| matches!(record.what, Happened::Started { .. })).count()
    };
    assert!(server.wait_for(|records| starts(records) == 9), "{:#?}", server.state().records);
    assert!(wait_until(
        || list(&data).is_ok_and(|(local, whole)| { whole && local.len() == server.state().records.len() })
    ));
    child.kill().unwrap();
    child.wait().unwrap();
    let state = server.state();
    let (local, _) = list(&data).unwrap();
    assert_eq!(local[..state.records.len()], state.records[..]);
    assert!(state.records.iter().enumerate().all(|(place, record)| record.seq == place as u64));
    // Whoever came in has a record, though the kill may have come before the strike.
    let granted = |record: &&door::wire::Record| outcome(&record.what) == Some(door::wire::Outcome::Granted);
    assert!(state.records.iter().filter(granted).count() >= strikes);
}
