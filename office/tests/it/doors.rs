//! What door controllers say to the office, and what they are told.

use door::wire::{
    Acknowledged, Answer, Ask, Decider, Digest, Direction, Happened, Name, Nonce, Outcome, Presented, Record,
    Sealed, SecretKey, Snapshot, Sync, Synced, Upload, Why, WireError,
};
use jiff::{SignedDuration, Timestamp};
use office::{DoorError, Silent};
use register::rooms::{self, Via};
use register::{Fact, PersonId, Receipt, RoomId};
use testbed::{DOOR, Kit, holder, id};

const CONTROLLER: &str = "north";

struct Controller {
    kit: Kit,
    key: SecretKey,
    records: Vec<Record>,
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn nonce() -> Nonce {
    Nonce::fresh().expect("random bytes")
}

impl Controller {
    fn new() -> Self {
        let kit = Kit::founded();
        let key = SecretKey::from_seed(&[9; 32]);
        kit.with_door(CONTROLLER, &key.public().to_string());
        Self { kit, key, records: Vec::new() }
    }

    fn seal<T: door::wire::Message>(&self, message: &T) -> Sealed {
        Sealed::seal(message, &self.key).expect("sealed")
    }

    fn question(&self, seq: u64, direction: Direction, member: u32) -> Ask {
        Ask {
            controller: name(CONTROLLER),
            nonce: nonce(),
            seq,
            at: self.kit.office.now(),
            door: name(DOOR),
            direction,
            presented: Presented::Finger { member },
        }
    }

    fn ask(&self, seq: u64, direction: Direction, member: u32) -> Answer {
        let ask = self.question(seq, direction, member);
        let sealed = self.kit.office.door_ask(&self.seal(&ask)).expect("answered");
        let answer: Answer = sealed.open(&self.kit.office.door_key()).expect("the office's own word");
        assert_eq!((&answer.nonce, answer.seq), (&ask.nonce, seq));
        answer
    }

    fn happens(&mut self, what: Happened) -> u64 {
        let seq = self.records.len() as u64;
        let previous = self.records.last().map_or(Digest::NONE, |record| record.digest().expect("a digest"));
        self.records.push(Record { seq, at: self.kit.office.now(), previous, what });
        seq
    }

    fn asks(&mut self, direction: Direction) -> u64 {
        let presented = Presented::Finger { member: 17 };
        self.happens(Happened::Asked { door: name(DOOR), direction, presented })
    }

    fn decides(&mut self, direction: Direction, asked: u64, by: Decider) {
        self.happens(Happened::Passage {
            door: name(DOOR),
            direction,
            presented: Presented::Finger { member: 17 },
            by,
            asked: Some(asked),
            outcome: Outcome::Granted,
        });
    }

    fn upload(&self, records: &[Record]) -> Result<u64, DoorError> {
        let upload = Upload { controller: name(CONTROLLER), nonce: nonce(), records: records.to_vec() };
        let sealed = self.kit.office.door_upload(&self.seal(&upload))?;
        let acknowledged: Acknowledged = sealed.open(&self.kit.office.door_key()).expect("the office's word");
        Ok(acknowledged.next)
    }

    fn sync(&self, have: u64) -> Option<Snapshot> {
        let sync = Sync {
            controller: name(CONTROLLER),
            nonce: nonce(),
            at: self.kit.office.now(),
            have,
            doors: vec![],
        };
        let sealed = self.kit.office.door_sync(&self.seal(&sync)).expect("answered");
        let synced: Synced = sealed.open(&self.kit.office.door_key()).expect("the office's word");
        synced.snapshot
    }

    fn passages(&self) -> usize {
        self.kit.office.city().rooms.passages().all().len()
    }

    fn inside(&self) -> Vec<PersonId> {
        let room: RoomId = id("cs-room");
        let city = self.kit.office.city();
        city.rooms.passages().inside(&room).map(|(person, _)| person.clone()).collect()
    }
}

#[test]
fn who_is_permitted_is_let_in_once_the_passage_is_recorded() {
    let controller = Controller::new();
    let answer = controller.ask(0, Direction::In, 17);
    assert!(answer.open && !answer.unknown && answer.because.is_empty());
    assert_eq!(controller.inside(), [holder("joho-tokei-kacho")]);
    let receipt = answer.receipt.expect("recorded");
    let (journal, index) = receipt.split_once('/').expect("journal/index");
    let receipt = Receipt { journal: journal.to_owned(), index: index.parse().expect("a number") };
    let told = controller.kit.office.told(&receipt).expect("read").expect("there");
    assert!(matches!(told.entry.fact, Fact::Rooms(rooms::Fact::Passed(_))));
}

#[test]
fn a_question_that_comes_again_is_answered_again_and_recorded_once() {
    let controller = Controller::new();
    let first = controller.ask(3, Direction::In, 17);
    let again = controller.ask(3, Direction::In, 17);
    assert!(again.open);
    assert_eq!(first.receipt, again.receipt);
    assert_eq!(controller.passages(), 1);
}

#[test]
fn an_unknown_finger_opens_nothing_and_hears_the_articles() {
    let controller = Controller::new();
    let answer = controller.ask(0, Direction::In, 99);
    assert!(!answer.open && answer.unknown && answer.receipt.is_some());
    assert!(
        answer
            .because
            .iter()
            .any(|ground| ground.article.contains("第９条") || ground.article.contains("第9条"))
    );
    assert_eq!(controller.passages(), 0);
}

#[test]
fn what_another_key_has_sealed_is_nobodys_word() {
    let mut controller = Controller::new();
    let own = std::mem::replace(&mut controller.key, SecretKey::from_seed(&[8; 32]));
    let forged = controller.seal(&controller.question(0, Direction::In, 17));
    let before = controller.kit.office.city().clone();
    let declined = controller.kit.office.door_ask(&forged).expect_err("forged");
    assert!(matches!(declined, DoorError::Wire(WireError::Signature)), "{declined}");
    controller.key = own;
    // An upload is no question, though its key is right.
    let upload = controller.seal(&Upload { controller: name(CONTROLLER), nonce: nonce(), records: vec![] });
    assert!(matches!(controller.kit.office.door_ask(&upload), Err(DoorError::Wire(_))));
    assert!(before == *controller.kit.office.city());
}

#[test]
fn a_controller_out_of_use_is_not_answered() {
    let controller = Controller::new();
    let retire = rooms::Act::RetireController(id(CONTROLLER));
    controller.kit.act(&holder("joho-tokei-kacho"), retire).expect("retired");
    assert!(matches!(controller.upload(&[]), Err(DoorError::Unregistered(_))));
    let stranger = Ask { controller: name("south"), ..controller.question(0, Direction::In, 17) };
    let answer = controller.kit.office.door_ask(&controller.seal(&stranger));
    assert!(matches!(answer, Err(DoorError::Unregistered(_))));
}

#[test]
fn an_exit_is_recorded_once_whether_it_is_asked_or_reported_first() {
    let mut controller = Controller::new();
    controller.ask(0, Direction::In, 17);
    controller.asks(Direction::In);
    controller.decides(Direction::In, 0, Decider::Server { receipt: None });
    // Reported first: the strike of an exit is released before anybody is asked.
    let seq = controller.asks(Direction::Out);
    controller.decides(Direction::Out, seq, Decider::Snapshot { serial: 1 });
    assert_eq!(controller.upload(&controller.records).expect("taken"), 4);
    assert!(controller.inside().is_empty());
    assert!(controller.ask(seq, Direction::Out, 17).open);
    assert_eq!(controller.passages(), 2);

    // And asked first.
    let seq = controller.asks(Direction::In);
    controller.ask(seq, Direction::In, 17);
    controller.decides(Direction::In, seq, Decider::Server { receipt: None });
    let seq = controller.asks(Direction::Out);
    assert!(controller.ask(seq, Direction::Out, 17).open);
    controller.decides(Direction::Out, seq, Decider::Snapshot { serial: 1 });
    controller.upload(&controller.records).expect("taken");
    assert_eq!(controller.passages(), 4);
    assert!(controller.kit.office.city().rooms.alarms().is_empty());
}

#[test]
fn reports_are_taken_in_order_and_each_once() {
    let mut controller = Controller::new();
    controller.happens(Happened::Started { version: "1".to_owned() });
    let seq = controller.asks(Direction::In);
    controller.decides(Direction::In, seq, Decider::Snapshot { serial: 7 });
    controller.happens(Happened::Opened { door: name(DOOR), granted: Some(seq) });
    assert_eq!(controller.upload(&controller.records[..3]).expect("taken"), 3);
    assert_eq!(controller.upload(&controller.records).expect("taken"), 4);
    assert_eq!(controller.upload(&controller.records).expect("taken"), 4);
    let city = controller.kit.office.city();
    let [passage] = city.rooms.passages().all() else { panic!("one passage") };
    assert!(matches!(passage.passed.via, Via::Snapshot { serial: 7, .. }));
    assert_eq!(city.rooms.controller(&id(CONTROLLER)).expect("known").next, 4);
    let state = city.rooms.door(&id(DOOR)).expect("known").state;
    assert_eq!(state, rooms::DoorState::Open);
}

#[test]
fn records_that_do_not_follow_are_not_taken() {
    let mut controller = Controller::new();
    controller.happens(Happened::Started { version: "1".to_owned() });
    controller.happens(Happened::Closed { door: name(DOOR) });
    controller.happens(Happened::Closed { door: name(DOOR) });
    controller.upload(&controller.records[..1]).expect("taken");
    // One is left out …
    assert!(matches!(controller.upload(&controller.records[2..]), Err(DoorError::Chain(_))));
    // … or changed, so that the next does not follow on it.
    let mut changed = controller.records.clone();
    changed[1].what = Happened::Opened { door: name(DOOR), granted: None };
    assert!(matches!(controller.upload(&changed[1..]), Err(DoorError::Chain(_))));
    assert_eq!(controller.upload(&controller.records).expect("taken"), 3);
}

#[test]
fn a_snapshot_names_whom_the_regulation_would_let_in_and_holds_a_day_at_most() {
    let controller = Controller::new();
    let snapshot = controller.sync(0).expect("news");
    let [door] = snapshot.doors.as_slice() else { panic!("one door") };
    assert_eq!((door.door.as_str(), door.room.as_str()), (DOOR, "cs-room"));
    let [grant] = door.grants.as_slice() else { panic!("one grant") };
    assert_eq!((grant.member, grant.person.as_str()), (17, "p-joho-tokei-kacho"));
    let midnight: Timestamp = "2027-01-01T00:00:00+09:00".parse().expect("a time");
    assert_eq!(grant.until, midnight);
    let now = controller.kit.office.now();
    assert!(snapshot.expires <= now + SignedDuration::from_hours(24) && snapshot.expires > now);
    snapshot.check(&name(CONTROLLER)).expect("a controller takes it");
}

#[test]
fn a_lockdown_reaches_a_controller_that_waits_for_news() {
    let controller = Controller::new();
    let first = controller.sync(0).expect("news");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| controller.sync(first.serial));
        let lock = rooms::Act::LockDown { reason: "不審者の侵入".to_owned() };
        controller.kit.act(&holder("sogo-seisaku-bucho"), lock).expect("locked down");
        let news = waiting.join().expect("it waited").expect("news");
        assert!(news.lockdown && news.serial > first.serial);
        assert!(news.doors.iter().all(|door| door.grants.is_empty()));
    });
}

#[test]
fn without_news_a_controller_keeps_what_it_has() {
    let controller = Controller::new();
    let first = controller.sync(0).expect("news");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| controller.sync(first.serial));
        controller.kit.office.hang_up();
        assert_eq!(waiting.join().expect("it waited"), None);
    });
    assert!(controller.kit.office.door_link(&id(CONTROLLER)).is_some_and(|link| link.serial == first.serial));
}

#[test]
fn a_yes_that_comes_after_the_doors_own_no_is_none() {
    let mut controller = Controller::new();
    controller.happens(Happened::Started { version: "1".to_owned() });
    let seq = controller.asks(Direction::In);
    controller.happens(Happened::Passage {
        door: name(DOOR),
        direction: Direction::In,
        presented: Presented::Finger { member: 17 },
        by: Decider::Snapshot { serial: 0 },
        asked: Some(seq),
        outcome: Outcome::Refused { why: Why::NoSnapshot },
    });
    controller.upload(&controller.records).expect("taken");
    assert!(!controller.ask(seq, Direction::In, 17).open);
    assert!(controller.inside().is_empty());
    assert!(controller.kit.office.city().rooms.alarms().is_empty());
}

#[test]
fn a_controller_that_says_nothing_for_a_minute_is_silent() {
    let controller = Controller::new();
    let silent = || controller.kit.office.door_silent(&id(CONTROLLER));
    assert_eq!(silent(), Some(Silent::Always));
    controller.upload(&[]).expect("heard");
    let heard = controller.kit.office.now();
    assert_eq!(silent(), None);
    controller.kit.wait(SignedDuration::from_secs(61));
    assert_eq!(silent(), Some(Silent::Since(heard)));
    assert_eq!(controller.kit.office.silent_controllers(), 1);
}

#[test]
fn a_strike_that_nobody_used_lets_nobody_in() {
    let mut controller = Controller::new();
    controller.happens(Happened::Started { version: "1".to_owned() });
    let seq = controller.asks(Direction::In);
    assert!(controller.ask(seq, Direction::In, 17).open);
    controller.decides(Direction::In, seq, Decider::Server { receipt: None });
    controller.happens(Happened::NotOpened { door: name(DOOR), granted: seq + 1 });
    controller.upload(&controller.records).expect("taken");
    assert!(controller.inside().is_empty());
    assert!(controller.kit.office.city().rooms.passages().all()[0].unmade);
}
