//! The controller by itself: sentences, and properties over any sequence of events.

use std::time::Duration;

use door::core::{Channel, Controller, DoorSettings, Effect, Event, Moment, Settings};
use door::wire::{
    AlarmKind, Answer, Decider, Direction, DoorGrants, DoorState, Grant, Happened, Name, Nonce, Outcome,
    Presented, Snapshot, Why,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const DOORS: [&str; 2] = ["cs-room", "server-room"];

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn wall(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a moment")
}

fn snapshot(serial: u64, issued: i64) -> Snapshot {
    let grant =
        |member| Grant { member, person: format!("p-{member}"), from: wall(-50), until: wall(500_000) };
    let ended = Grant { member: 3, person: "p-3".to_owned(), from: wall(-50), until: wall(-10) };
    let door = |door| DoorGrants {
        door: name(door),
        room: name(door),
        grants: vec![grant(1), grant(2), ended.clone()],
    };
    Snapshot {
        controller: name("north"),
        serial,
        issued: wall(issued),
        expires: wall(issued + 3600),
        lockdown: false,
        doors: DOORS.map(door).to_vec(),
    }
}

/// A controller, its clocks, and what it did.
struct Bench {
    controller: Controller,
    now: Moment,
    done: Vec<Effect>,
}

impl Bench {
    fn new() -> Self {
        Self::begun(Timestamp::MIN)
    }

    /// Its last record was written at `floor`.
    fn begun(floor: Timestamp) -> Self {
        let doors = DOORS.map(|door| DoorSettings {
            door: name(door),
            strike: Duration::from_secs(5),
            held: Duration::from_secs(30),
        });
        let settings =
            Settings { controller: name("north"), deadline: Duration::from_secs(1), doors: doors.to_vec() };
        let now = Moment { wall: wall(0), steady: Duration::ZERO };
        let controller = Controller::new(settings, 0, floor, now);
        let mut bench = Self { controller, now, done: Vec::new() };
        for door in DOORS {
            bench.take(Event::Channel { door: name(door), channel: Channel::Up });
        }
        bench
    }

    fn with_snapshot() -> Self {
        let mut bench = Self::new();
        bench.take(Event::Snapshot(snapshot(1, 0)));
        bench
    }

    fn take(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.controller.take(event, self.now);
        self.done.extend(effects.clone());
        effects
    }

    fn wait(&mut self, time: Duration) -> Vec<Effect> {
        self.now.steady += time;
        self.now.wall += SignedDuration::try_from(time).expect("short");
        self.take(Event::Tick)
    }

    fn read(&mut self, direction: Direction, member: u32) -> Vec<Effect> {
        self.take(Event::Read { door: name("cs-room"), direction, member })
    }

    fn answer(&mut self, seq: u64, open: bool) -> Vec<Effect> {
        let nonce = Nonce::fresh().expect("random bytes");
        self.take(Event::Answer(Answer {
            nonce,
            seq,
            open,
            receipt: None,
            because: Vec::new(),
            unknown: false,
        }))
    }

    fn contact(&mut self, open: bool) -> Vec<Effect> {
        self.take(Event::Contact { door: name("cs-room"), open })
    }

    fn state(&self) -> DoorState {
        self.controller.doors()[0].state
    }
}

fn question(effects: &[Effect]) -> u64 {
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Ask { seq, .. } => Some(*seq),
        _ => None,
    });
    asked.expect("a question")
}

fn strikes(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Strike { .. })).count()
}

fn refused(effects: &[Effect]) -> Option<Why> {
    effects.iter().find_map(|effect| match effect {
        Effect::Record { what: Happened::Passage { outcome: Outcome::Refused { why }, .. }, .. } => {
            Some(*why)
        }
        _ => None,
    })
}

fn alarms(effects: &[Effect]) -> Vec<AlarmKind> {
    let alarm = |effect: &Effect| match effect {
        Effect::Record { what: Happened::Alarm { alarm, .. }, .. } => Some(*alarm),
        _ => None,
    };
    effects.iter().filter_map(alarm).collect()
}

#[test]
fn the_server_says_yes_and_one_opening_follows() {
    let mut bench = Bench::new();
    let seq = question(&bench.read(Direction::In, 1));
    let effects = bench.answer(seq, true);
    assert!(matches!(effects[0], Effect::Record { what: Happened::Passage { .. }, .. }));
    assert!(matches!(effects[1], Effect::Strike { .. }));
    assert_eq!(strikes(&bench.answer(seq, true)), 0);
    assert_eq!(bench.state(), DoorState::Unlocked);
    assert!(matches!(bench.contact(true)[0], Effect::Relock { .. }));
    assert_eq!(bench.state(), DoorState::Open);
    bench.contact(false);
    assert_eq!(bench.state(), DoorState::Locked);
    assert_eq!(alarms(&bench.contact(true)), [AlarmKind::Forced]);
}

#[test]
fn the_server_says_no() {
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.read(Direction::In, 1));
    assert_eq!(refused(&bench.answer(seq, false)), Some(Why::Server));
    assert_eq!(bench.state(), DoorState::Locked);
}

#[test]
fn without_the_server_the_snapshot_decides() {
    for (member, why) in [(1, None), (3, Some(Why::NotNow)), (9, Some(Why::NotPermitted))] {
        let mut bench = Bench::with_snapshot();
        let seq = question(&bench.read(Direction::In, member));
        let effects = bench.take(Event::NoAnswer { seq });
        assert_eq!(refused(&effects), why);
        assert_eq!(strikes(&effects), usize::from(why.is_none()));
        assert_eq!(alarms(&effects).is_empty(), member != 9);
        // Too late: it was decided.
        assert_eq!(bench.answer(seq, true), []);
    }
}

#[test]
fn a_silent_server_is_waited_for_until_the_deadline() {
    let mut bench = Bench::with_snapshot();
    bench.read(Direction::In, 1);
    assert_eq!(strikes(&bench.wait(Duration::from_millis(900))), 0);
    assert_eq!(strikes(&bench.wait(Duration::from_millis(100))), 1);
}

#[test]
fn an_expired_snapshot_and_none_open_nothing_but_exit_is_free() {
    for mut bench in [Bench::new(), Bench::with_snapshot()] {
        let none = bench.controller.serial() == 0;
        let effects = bench.wait(Duration::from_secs(3600));
        assert_eq!(alarms(&effects).contains(&AlarmKind::SnapshotExpired), !none);
        let seq = question(&bench.read(Direction::In, 1));
        let why = if none { Why::NoSnapshot } else { Why::SnapshotExpired };
        assert_eq!(refused(&bench.take(Event::NoAnswer { seq })), Some(why));
        assert_eq!(strikes(&bench.read(Direction::Out, 77)), 1);
    }
}

#[test]
fn a_clock_set_back_is_an_alarm_and_prolongs_nothing() {
    let mut bench = Bench::with_snapshot();
    bench.wait(Duration::from_secs(3000));
    bench.now.wall = wall(0);
    let told = alarms(&bench.take(Event::Tick));
    assert!(matches!(told[..], [AlarmKind::ClockStepped { by_ms: -3_000_000 }]), "{told:?}");
    bench.wait(Duration::from_secs(700));
    let seq = question(&bench.read(Direction::In, 1));
    assert_eq!(refused(&bench.take(Event::NoAnswer { seq })), Some(Why::SnapshotExpired));
}

#[test]
fn a_clock_set_back_while_the_controller_was_off_revives_no_snapshot() {
    let mut bench = Bench::begun(wall(5000));
    assert!(matches!(alarms(&bench.done)[..], [AlarmKind::ClockStepped { by_ms: -5_000_000 }]));
    bench.take(Event::Kept(snapshot(1, 0)));
    let seq = question(&bench.read(Direction::In, 1));
    assert_eq!(refused(&bench.take(Event::NoAnswer { seq })), Some(Why::SnapshotExpired));
    // What the server sends now is worth what it says.
    bench.take(Event::Snapshot(snapshot(2, 0)));
    let seq = question(&bench.read(Direction::In, 1));
    assert_eq!(refused(&bench.take(Event::NoAnswer { seq })), None);
}

#[test]
fn lockdown_takes_back_what_was_granted_and_leaves_exit_free() {
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.read(Direction::In, 1));
    bench.answer(seq, true);
    let down = Snapshot { lockdown: true, ..snapshot(2, 1) };
    let effects = bench.take(Event::Snapshot(down));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Relock { .. })));
    assert_eq!(bench.state(), DoorState::Locked);
    assert_eq!(refused(&bench.read(Direction::In, 1)), Some(Why::Lockdown));
    assert_eq!(strikes(&bench.read(Direction::Out, 1)), 1);
    // An older snapshot does not end it.
    assert_eq!(bench.take(Event::Snapshot(snapshot(1, 0))), []);
}

#[test]
fn lockdown_between_question_and_answer_counts() {
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.read(Direction::In, 1));
    bench.take(Event::Snapshot(Snapshot { lockdown: true, ..snapshot(2, 1) }));
    assert_eq!(refused(&bench.answer(seq, true)), Some(Why::Lockdown));
}

#[test]
fn a_door_that_stands_open_is_told_and_closing_ends_it() {
    let mut bench = Bench::new();
    bench.take(Event::ExitRequest { door: name("cs-room") });
    assert_eq!(alarms(&bench.contact(true)), []);
    assert_eq!(alarms(&bench.wait(Duration::from_secs(30))), [AlarmKind::HeldOpen]);
    assert_eq!(bench.state(), DoorState::HeldOpen);
    let effects = bench.contact(false);
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Record { what: Happened::Ended { .. }, .. }))
    );
    assert_eq!(bench.state(), DoorState::Locked);
}

#[test]
fn a_key_is_compared_with_its_loan_and_nobody_releases_the_strike_for_it() {
    for (open, outcome) in [(true, Outcome::Granted), (false, Outcome::Refused { why: Why::Server })] {
        let mut bench = Bench::new();
        let seq = question(&bench.take(Event::Key { door: name("cs-room"), turned: true }));
        let effects = bench.answer(seq, open);
        assert_eq!(strikes(&effects), 0);
        assert!(effects.iter().any(|effect| matches!(
            effect,
            Effect::Record { what: Happened::Passage { outcome: o, .. }, .. } if *o == outcome
        )));
        assert_eq!(alarms(&effects).is_empty(), open);
        assert_eq!(alarms(&bench.contact(true)), []);
    }
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.take(Event::Key { door: name("cs-room"), turned: true }));
    let effects = bench.take(Event::NoAnswer { seq });
    assert!(matches!(
        &effects[..],
        [Effect::Record { what: Happened::Passage { outcome: Outcome::Unjudged, .. }, .. }]
    ));
}

#[test]
fn a_key_that_nobody_turns_frees_nothing() {
    let mut bench = Bench::new();
    bench.take(Event::Key { door: name("cs-room"), turned: false });
    assert_eq!(alarms(&bench.contact(true)), [AlarmKind::Forced]);
}

#[test]
fn without_a_channel_nothing_is_granted() {
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.read(Direction::In, 1));
    let door = name("cs-room");
    let lost = bench.take(Event::Channel { door: door.clone(), channel: Channel::Lost });
    assert_eq!(alarms(&lost), [AlarmKind::ChannelLost]);
    assert_eq!(refused(&bench.answer(seq, true)), Some(Why::ChannelLost));
    assert_eq!(bench.state(), DoorState::Offline);
    bench.take(Event::Channel { door, channel: Channel::Up });
    assert_eq!(bench.state(), DoorState::Locked);
}

#[test]
fn what_cannot_be_recorded_is_not_granted() {
    let mut bench = Bench::with_snapshot();
    bench.take(Event::Recording(false));
    assert_eq!(bench.read(Direction::In, 1), []);
    assert_eq!(bench.read(Direction::Out, 1), []);
    bench.take(Event::Recording(true));
    question(&bench.read(Direction::In, 1));
}

#[test]
fn the_second_finger_waits_for_the_first() {
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.read(Direction::In, 1));
    assert_eq!(refused(&bench.read(Direction::In, 2)), Some(Why::Busy));
    bench.answer(seq, true);
    assert_eq!(refused(&bench.read(Direction::In, 2)), Some(Why::Busy));
}

#[test]
fn numbers_are_raised_with_the_record() {
    let mut bench = Bench::with_snapshot();
    let seq = question(&bench.read(Direction::In, 1));
    bench.controller.renumber(0, 100);
    let effects = bench.answer(seq + 100, true);
    let Effect::Record { seq: passage, what: Happened::Passage { asked, .. } } = &effects[0] else {
        panic!("{effects:?}")
    };
    assert_eq!((*passage, *asked), (seq + 101, Some(seq + 100)));
}

/// Something that happens, in small numbers so that sequences meet.
#[derive(Clone, Debug)]
enum Step {
    Read(usize, Direction, u32),
    Contact(usize, bool),
    Key(usize, bool),
    Exit(usize),
    Channel(usize, Channel),
    Answer(u64, bool),
    NoAnswer(u64),
    Wait(u64),
    Set(i64),
    Snapshot(bool),
    Recording(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let door = 0..DOORS.len();
    let channel = prop_oneof![4 => Just(Channel::Up), 1 => Just(Channel::Lost), 1 => Just(Channel::WrongKey)];
    prop_oneof![
        6 => (door.clone(), any::<bool>(), 0u32..5).prop_map(|(door, out, member)| {
            Step::Read(door, if out { Direction::Out } else { Direction::In }, member)
        }),
        3 => (door.clone(), any::<bool>()).prop_map(|(door, open)| Step::Contact(door, open)),
        1 => (door.clone(), any::<bool>()).prop_map(|(door, turned)| Step::Key(door, turned)),
        1 => door.clone().prop_map(Step::Exit),
        1 => (door, channel).prop_map(|(door, channel)| Step::Channel(door, channel)),
        5 => (0u64..6, any::<bool>()).prop_map(|(back, open)| Step::Answer(back, open)),
        3 => (0u64..6).prop_map(Step::NoAnswer),
        3 => prop_oneof![0u64..2_000, 0u64..4_000_000].prop_map(Step::Wait),
        1 => (-100_000i64..100_000).prop_map(Step::Set),
        1 => prop::bool::weighted(0.3).prop_map(Step::Snapshot),
        1 => prop::bool::weighted(0.7).prop_map(Step::Recording),
    ]
}

fn play(bench: &mut Bench, step: &Step, next: u64, serial: &mut u64) -> Vec<Effect> {
    let door = |index: usize| name(DOORS[index]);
    let event = match *step {
        Step::Read(index, direction, member) => Event::Read { door: door(index), direction, member },
        Step::Contact(index, open) => Event::Contact { door: door(index), open },
        Step::Key(index, turned) => Event::Key { door: door(index), turned },
        Step::Exit(index) => Event::ExitRequest { door: door(index) },
        Step::Channel(index, channel) => Event::Channel { door: door(index), channel },
        Step::Answer(back, open) => return bench.answer(next.saturating_sub(back), open),
        Step::NoAnswer(back) => Event::NoAnswer { seq: next.saturating_sub(back) },
        Step::Wait(ms) => return bench.wait(Duration::from_millis(ms)),
        Step::Set(by) => {
            bench.now.wall += SignedDuration::from_secs(by);
            Event::Tick
        }
        Step::Snapshot(lockdown) => {
            *serial += 1;
            let issued = bench.now.wall.duration_since(wall(0)).as_secs();
            Event::Snapshot(Snapshot { lockdown, ..snapshot(*serial, issued) })
        }
        Step::Recording(recording) => Event::Recording(recording),
    };
    bench.take(event)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_happens(steps in proptest::collection::vec(step(), 0..80)) {
        let mut bench = Bench::with_snapshot();
        let mut next = bench.done.iter().filter(|e| matches!(e, Effect::Record { .. })).count() as u64;
        let mut serial = 1;
        let mut expired_at = Some(Duration::from_secs(3600));
        let mut lockdown = false;
        let mut recording = true;
        let mut up = [true; 2];
        // Passages for which the strike was released, and questions that were decided.
        let mut decided = std::collections::HashSet::new();
        for step in &steps {
            let effects = play(&mut bench, step, next, &mut serial);
            match step {
                Step::Snapshot(down) => {
                    lockdown = *down;
                    expired_at = Some(bench.now.steady + Duration::from_secs(3600));
                }
                Step::Recording(now) => recording = *now,
                Step::Channel(index, channel) => up[*index] = *channel == Channel::Up,
                _ => {}
            }
            let mut granted: Option<(Name, Direction)> = None;
            let mut exits = 0;
            for effect in &effects {
                match effect {
                    Effect::Record { seq, what } => {
                        prop_assert_eq!(*seq, next, "numbers without a gap");
                        next += 1;
                        if let Happened::Passage { door, direction, presented, by, asked, outcome } = what {
                            let entry = *direction == Direction::In;
                            if let Some(seq) = asked {
                                prop_assert!(decided.insert(*seq), "one decision for one question");
                            }
                            if *outcome == Outcome::Granted && matches!(presented, Presented::Finger { .. }) {
                                granted = Some((door.clone(), *direction));
                                prop_assert!(!(entry && lockdown), "no entry in lockdown");
                                let by_snapshot = matches!(by, Decider::Snapshot { .. });
                                let expired = expired_at.is_none_or(|at| bench.now.steady >= at);
                                prop_assert!(!(entry && by_snapshot && expired), "no entry when expired");
                            }
                            prop_assert!(entry || *outcome == Outcome::Granted, "exit is always granted");
                            exits += usize::from(!entry);
                        }
                    }
                    Effect::Strike { door, .. } => {
                        prop_assert!(recording, "no strike without a record");
                        let of = granted.take();
                        prop_assert_eq!(of.map(|(door, _)| door), Some(door.clone()), "a passage before it");
                        let index = DOORS.iter().position(|name| *name == door.as_str());
                        prop_assert!(index.is_some_and(|index| up[index]), "a channel");
                    }
                    Effect::Ask { .. } | Effect::Relock { .. } => {}
                }
            }
            if let Step::Read(_, Direction::Out, _) = step {
                prop_assert_eq!(exits, usize::from(recording), "every exit is recorded");
            }
        }
    }
}
