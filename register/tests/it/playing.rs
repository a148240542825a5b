//! 第3章 as it is played at random: what people do at doors and desks, mostly as they should.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use register::case::Particulars;
use register::rooms::{
    Act, AlarmKind, Answered, Direction, DoorEvent, Lend, Means, NewEscort, NewKey, Pass, Passage,
    PassageFile, Presented, Via, import,
};
use register::{Act as AnyAct, ControllerId, DoorId, KeyId, Owner, PersonId, RoomId};

use crate::kit::{Given, contractor, controller, finger, id, step_of, tag, visitor};

const STAFF: [&str; 4] = ["technician", "joho-tokei-kacho", "clerk", "sogo-seisaku-bucho"];
const GUESTS: [&str; 3] = ["x-1", "v-1", "novice"];
const STEPS: [&str; 6] = ["grant", "decline", "review", "suspend", "resume", "withdraw"];

/// What is tried; whatever it is about is looked up when its turn comes.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// A permit is applied for; once it is, a step is taken.
    Permit { case: u8, person: &'static str, once: bool, step: &'static str },
    /// Somebody from outside is listed, or taken off the list.
    Outsider(u8, bool),
    /// A guest is attended from now on.
    Escort(&'static str),
    /// Some escort is over.
    EscortEnds(Index),
    /// Somebody who is outside enters, who is inside leaves; or `oddly` the other way round.
    Walk { person: &'static str, means: Way, oddly: bool },
    /// The door decides alone, some seconds ago.
    Alone { means: Way, direction: Direction, granted: bool, ago: u16 },
    /// The door says what came of a question.
    CameOf(Index, Outcome),
    /// An alarm is raised, or is over.
    Alarm(AlarmKind, bool),
    /// Somebody says what was done about an alarm.
    AlarmCloses(Index),
    /// The key is lent if it hangs, and returned if it does not.
    Key(&'static str, bool),
    /// A key is entered in the ledger, or is out of use.
    KeyLedger(u8),
    /// The keys are counted; some are overlooked.
    Count(bool),
    /// A finger is enrolled under a number that is free, and taken out from one that is not.
    Finger(u32, &'static str),
    /// The lock's list is compared.
    Compare(Vec<u32>),
    /// A tag is handed out to whoever has none, and taken back from whoever has one.
    Tag(&'static str),
    /// Level 2 is locked down, or opened again.
    Lockdown,
    /// Another controller is registered, or is out of use.
    Controller,
    /// A finding is answered; an answer is accepted, or sent back.
    Finding(Index, bool),
    /// The ledgers are held against each other.
    Reconcile,
    /// Another system's records come in.
    Import(u8),
    /// A report of 第13条 is prepared, heard, inspected, concluded.
    Report(u8),
}

/// What a door is passed by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Finger(u32),
    Key,
    /// Written down by somebody of the room's section, with a key or without.
    Hand(bool),
}

/// What a door did about a question that was answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    Opened,
    NotOpened,
    Refused,
}

/// Somebody plays, sometimes somebody who should not, after a while.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) play: Play,
    pub(crate) stranger: Option<&'static str>,
    pub(crate) after: SignedDuration,
}

pub(crate) fn some_play() -> impl Strategy<Value = Played> {
    let play = prop_oneof![3 => at_the_door(), 2 => at_the_desks(), 1 => about_the_ledgers()];
    let stranger =
        prop::option::weighted(0.1, select(&["clerk", "kanzai-kacho", "shimin-kacho", "nobody"][..]));
    let seconds = prop_oneof![9 => 0..1_800_i64, 1 => 50_000..90_000_i64];
    (play, stranger, seconds).prop_map(|(play, stranger, seconds)| Played {
        play,
        stranger,
        after: SignedDuration::from_secs(seconds),
    })
}

fn a_way() -> impl Strategy<Value = Way> {
    prop_oneof![
        5 => (17..20_u32).prop_map(Way::Finger),
        2 => Just(Way::Key),
        1 => any::<bool>().prop_map(Way::Hand),
    ]
}

fn a_direction() -> impl Strategy<Value = Direction> {
    select(&[Direction::In, Direction::Out][..])
}

fn at_the_door() -> impl Strategy<Value = Play> {
    let outcome = select(&[Outcome::Opened, Outcome::NotOpened, Outcome::Refused][..]);
    let kind = select(&[AlarmKind::Forced, AlarmKind::HeldOpen, AlarmKind::ChannelLost][..]);
    prop_oneof![
        8 => (select(&STAFF[..]), a_way(), prop::bool::weighted(0.15))
            .prop_map(|(person, means, oddly)| Play::Walk { person, means, oddly }),
        3 => (a_way(), a_direction(), prop::bool::weighted(0.8), 0..3_000_u16)
            .prop_map(|(means, direction, granted, ago)| Play::Alone { means, direction, granted, ago }),
        3 => (any::<Index>(), outcome).prop_map(|(which, outcome)| Play::CameOf(which, outcome)),
        2 => select(&GUESTS[..]).prop_map(Play::Escort),
        1 => any::<Index>().prop_map(Play::EscortEnds),
        1 => (kind, any::<bool>()).prop_map(|(kind, over)| Play::Alarm(kind, over)),
    ]
}

fn at_the_desks() -> impl Strategy<Value = Play> {
    let permit =
        (0..6_u8, select(&["technician", "clerk", "x-1", "v-1"][..]), any::<bool>(), select(&STEPS[..]));
    prop_oneof![
        6 => permit.prop_map(|(case, person, once, step)| Play::Permit { case, person, once, step }),
        2 => (1..4_u8, any::<bool>()).prop_map(|(n, contract)| Play::Outsider(n, contract)),
        4 => (select(&["technician", "joho-tokei-kacho", "x-1"][..]), prop::bool::weighted(0.9))
            .prop_map(|(to, proven)| Play::Key(to, proven)),
        1 => (1..4_u8).prop_map(Play::KeyLedger),
        3 => (17..20_u32, select(&["technician", "joho-tokei-kacho", "x-1"][..]))
            .prop_map(|(member, person)| Play::Finger(member, person)),
        3 => select(&["technician", "joho-tokei-kacho", "x-1", "v-1"][..]).prop_map(Play::Tag),
        1 => Just(Play::Lockdown),
        1 => Just(Play::Controller),
    ]
}

fn about_the_ledgers() -> impl Strategy<Value = Play> {
    let members = prop::collection::vec(17..20_u32, 0..3);
    prop_oneof![
        1 => any::<bool>().prop_map(Play::Count),
        1 => members.prop_map(Play::Compare),
        4 => (any::<Index>(), prop::bool::weighted(0.7)).prop_map(|(which, well)| Play::Finding(which, well)),
        1 => any::<Index>().prop_map(Play::AlarmCloses),
        1 => Just(Play::Reconcile),
        1 => (0..3_u8).prop_map(Play::Import),
        2 => (0..2_u8).prop_map(Play::Report),
    ]
}

impl Given {
    /// A guarded city in which a clerk is signed in, and two guests may be let in once.
    pub(crate) fn busy() -> Self {
        let mut given = Self::guarded_in(Self::signed_in());
        for (number, guest) in [(3, "x-1"), (4, "v-1")] {
            given.permit(&format!("pm-{guest}"), guest, "once");
            given.lawful("technician", Act::IssueTag { tag: tag(number), to: id(guest) });
        }
        given
    }
}

fn c_1() -> ControllerId {
    id("C-1")
}

fn cs_room() -> RoomId {
    id("cs-room")
}

fn cs_door() -> DoorId {
    id("cs-door")
}

fn number(index: &Index, of: usize) -> Option<usize> {
    (of > 0).then(|| index.index(of))
}

impl Played {
    /// Who does what, as things stand; none where there is nothing to do it about.
    pub(crate) fn act(&self, given: &Given) -> Option<(PersonId, AnyAct)> {
        let (by, act) = self.play.act(given)?;
        Some((self.stranger.map_or(by, id), act))
    }
}

impl Play {
    fn act(&self, given: &Given) -> Option<(PersonId, AnyAct)> {
        match self {
            Self::Permit { case, person, once, step } => {
                let case = format!("pm-{case}");
                let known = given.city.cases.get(&id(&case)).is_some();
                let term = if *once { "once" } else { "standing" };
                let said =
                    Particulars::new().with("person", *person).with("room", "cs-room").with("term", term);
                let (by, step, said) = match known {
                    false => ("technician", "permit.apply".to_owned(), said),
                    true => ("joho-tokei-kacho", format!("permit.{step}"), Particulars::new()),
                };
                Some((id(by), step_of(&given.city, given.now, &case, &step, said).into()))
            }
            Self::Report(n) => {
                let case = format!("e-{n}");
                let steps = ["prepare", "hear", "inspect", "conclude"];
                let known = given.city.cases.get(&id(&case));
                let next = steps.into_iter().find(|step| !known.is_some_and(|case| case.has(step)))?;
                let by = if next == "prepare" { "joho-tokei-kacho" } else { "sogo-seisaku-bucho" };
                let step = format!("entry-report.{next}");
                let said = Particulars::new();
                let said = if next == "prepare" { said.with("room", "cs-room") } else { said };
                Some((id(by), step_of(&given.city, given.now, &case, &step, said).into()))
            }
            _ => self.of_rooms(given).map(|(by, act)| (by, act.into())),
        }
    }

    fn of_rooms(&self, given: &Given) -> Option<(PersonId, Act)> {
        match self {
            Self::Walk { person, means, oddly } => Some(walk(given, person, *means, *oddly)),
            Self::Alone { means, direction, granted, ago } => {
                let event = alone(given, *means, *direction, *granted)?;
                let at = given.now - SignedDuration::from_secs((*ago).into());
                reported(given, at, &[event])
            }
            Self::CameOf(which, outcome) => {
                let events = came_of(given, which, *outcome)?;
                reported(given, given.now, &events)
            }
            Self::Alarm(kind, over) => {
                let (door, kind) = (Some(cs_door()), *kind);
                let raised = DoorEvent::Alarm { door: door.clone(), kind, detail: String::new() };
                let event = if *over { DoorEvent::Ended { door, kind } } else { raised };
                reported(given, given.now, &[event])
            }
            Self::AlarmCloses(which) => {
                let open: Vec<_> = given.city.rooms.alarms().iter().filter(|a| a.closed.is_none()).collect();
                let alarm = open.get(number(which, open.len())?)?.receipt.clone();
                Some((id("joho-tokei-kacho"), Act::CloseAlarm { alarm, remark: "確かめた".to_owned() }))
            }
            Self::Escort(guest) => {
                let new = NewEscort {
                    id: id(&format!("e-{}", given.entries.len())),
                    guest: id(guest),
                    room: cs_room(),
                    purpose: "保守".to_owned(),
                    necessity: "故障した".to_owned(),
                };
                Some((id("technician"), Act::OpenEscort(new)))
            }
            Self::EscortEnds(which) => {
                let all: Vec<_> = given.city.rooms.escorts().collect();
                let (escort, known) = all.get(number(which, all.len())?)?;
                Some((known.by.clone(), Act::CloseEscort((*escort).clone())))
            }
            Self::Finding(which, well) => finding(given, which, *well),
            Self::Reconcile => Some((id("joho-tokei-kacho"), Act::ReconcileLedgers { until: given.now })),
            Self::Import(n) => Some((id("technician"), Act::ImportPassages(file(*n)))),
            _ => Some(self.at_desk(given)),
        }
    }

    fn at_desk(&self, given: &Given) -> (PersonId, Act) {
        let rooms = &given.city.rooms;
        match self {
            Self::Outsider(n, contract) => (id("technician"), outsider(given, *n, *contract)),
            Self::Key(to, proven) => (id("kanzai-kacho"), key(given, to, *proven)),
            Self::KeyLedger(n) => {
                let key: KeyId = id(&format!("K-{n}"));
                let new = NewKey { id: key.clone(), room: cs_room(), name: "予備鍵".to_owned() };
                let act = match rooms.key(&key) {
                    None => Act::RegisterKey(new),
                    Some(_) => Act::RetireKey { key, reason: "紛失".to_owned() },
                };
                (id("kanzai-kacho"), act)
            }
            Self::Count(all) => {
                let hanging = rooms.keys().in_use().map(|(key, _)| key.clone());
                (id("kanzai-kacho"), Act::CountKeys(hanging.skip(usize::from(!all)).collect()))
            }
            Self::Finger(number, person) => {
                let new = finger(*number, person);
                let act = match rooms.member(&new.door, new.member) {
                    None => Act::EnrolFinger(new),
                    Some(_) => {
                        Act::RemoveFinger { door: new.door, member: new.member, reason: "異動".to_owned() }
                    }
                };
                (id("technician"), act)
            }
            Self::Compare(members) => {
                let members = members.iter().filter_map(|member| (*member).try_into().ok()).collect();
                (id("technician"), Act::CompareMembers { door: cs_door(), members })
            }
            Self::Tag(to) => {
                let free = (1..).map(tag).find(|tag| rooms.tags().worn().all(|(_, worn)| worn != *tag));
                let issue = |tag| Act::IssueTag { tag, to: id(to) };
                let act =
                    rooms.tag_of(&id(to)).map_or_else(|| issue(free.expect("a number")), Act::ReturnTag);
                (id("technician"), act)
            }
            Self::Controller => {
                let fresh = format!("C-{}", rooms.controllers().count() + 1);
                let key = ["A", "B", "D", "E", "F", "G"][rooms.controllers().count() % 6];
                let other = rooms.controllers().find(|(id, known)| **id != c_1() && known.retired.is_none());
                let act = match other {
                    Some((other, _)) => Act::RetireController(other.clone()),
                    None => Act::RegisterController(controller(&fresh, key, &["back-door"])),
                };
                (id("technician"), act)
            }
            _ => {
                let reason = "侵入のおそれ".to_owned();
                let act = match rooms.lockdown() {
                    None => Act::LockDown { reason },
                    Some(_) => Act::LiftLockdown { reason },
                };
                (id("joho-tokei-kacho"), act)
            }
        }
    }
}

fn outsider(given: &Given, n: u8, contract: bool) -> Act {
    let person = format!("x-{n}");
    let known = given.city.rooms.outsider(&id(&person));
    match known {
        None if contract => Act::EnterOutsider(contractor(&person, "2026-12-31")),
        None => Act::EnterOutsider(visitor(&person)),
        Some(_) => Act::EndOutsider { person: id(&person), reason: "契約の終了".to_owned() },
    }
}

fn key(given: &Given, to: &str, proven: bool) -> Act {
    let keys = given.city.rooms.keys();
    let out = given.city.rooms.loans_out().next();
    let hanging = keys.in_use().map(|(key, _)| key).find(|key| keys.out(key).is_none());
    match (out, hanging) {
        (Some(loan), _) => Act::ReturnKey { key: loan.key.clone(), remark: String::new() },
        (None, key) => Act::LendKey(Lend {
            key: key.cloned().unwrap_or_else(|| id("K-1")),
            to: id(to),
            purpose: "点検".to_owned(),
            due: given.now + SignedDuration::from_hours(4),
            card: None,
            proven,
        }),
    }
}

/// Whose passage it is, as the register knows fingers and keys.
fn presenter(given: &Given, means: Way) -> (PersonId, Means) {
    let rooms = &given.city.rooms;
    match means {
        Way::Finger(number) => {
            let number = number.try_into().expect("a number");
            let person = rooms.member(&cs_door(), number).map(|finger| finger.person.clone());
            (person.unwrap_or_else(PersonId::nobody), Means::Fingerprint(Some(number)))
        }
        Way::Key | Way::Hand(_) => match rooms.loans_out().last() {
            Some(loan) => (loan.to.clone(), Means::Key(Some(loan.key.clone()))),
            None => (PersonId::nobody(), Means::Key(None)),
        },
    }
}

fn walk(given: &Given, person: &str, means: Way, oddly: bool) -> (PersonId, Act) {
    let by_hand = matches!(means, Way::Hand(_));
    let (room, person, means, via) = match means {
        // Where there is no electric lock, people of the section write down who comes.
        Way::Hand(false) => (id("terminal-shimin"), id(person), Means::Attended, Via::Hand),
        Way::Hand(true) => (cs_room(), id(person), presenter(given, Way::Key).1, Via::Hand),
        _ => {
            let (person, means) = presenter(given, means);
            let seq = given.entries.len() as u64;
            (cs_room(), person, means, Via::Door { controller: c_1(), seq })
        }
    };
    let inside = given.city.rooms.passages().is_inside(&room, &person);
    let direction = if inside == oddly { Direction::In } else { Direction::Out };
    let by = match (by_hand, room.as_str()) {
        (false, _) => person.clone(),
        (true, "cs-room") => id("technician"),
        (true, _) => id("novice"),
    };
    let purpose = String::new();
    (by, Act::Pass(Pass { person, room, direction, means, door: None, purpose, via }))
}

fn reported(given: &Given, at: Timestamp, events: &[DoorEvent]) -> Option<(PersonId, Act)> {
    given.city.rooms.controller(&c_1())?;
    let mut reports = given.following(events);
    reports.iter_mut().for_each(|report| report.at = at);
    Some((PersonId::machine(), Act::ReportDoor { controller: c_1(), reports }))
}

fn alone(given: &Given, means: Way, direction: Direction, granted: bool) -> Option<DoorEvent> {
    let presented = match means {
        Way::Finger(number) => Presented::Finger(number.try_into().ok()?),
        Way::Key | Way::Hand(_) => Presented::Key,
    };
    let asked = given.entries.len() as u64;
    Some(DoorEvent::Decided { door: cs_door(), direction, presented, asked, snapshot: Some(1), granted })
}

/// What the door says about one of the last passages through it.
fn came_of(given: &Given, which: &Index, outcome: Outcome) -> Option<Vec<DoorEvent>> {
    let of_door = |passage: &Passage| match &passage.passed.via {
        Via::Door { seq, .. } => Some((*seq, passage.passed.direction, true)),
        Via::Snapshot { seq, .. } => Some((*seq, passage.passed.direction, false)),
        _ => None,
    };
    let last: Vec<_> = given.city.rooms.passages().all().iter().rev().filter_map(of_door).take(4).collect();
    let (asked, direction, online) = *last.get(number(which, last.len())?)?;
    let decided = |granted| {
        let snapshot = if online { None } else { Some(1) };
        DoorEvent::Decided { door: cs_door(), direction, presented: Presented::Key, asked, snapshot, granted }
    };
    Some(match outcome {
        Outcome::Opened => vec![DoorEvent::Opened(cs_door())],
        Outcome::Refused if online => vec![decided(false)],
        // What was not used is named by the record of the passage, which is the one before.
        _ => {
            let granted = given.city.rooms.controller(&c_1())?.next;
            vec![decided(true), DoorEvent::NotOpened { door: cs_door(), granted }]
        }
    })
}

/// Somebody who is among those whom `owner` names.
pub(crate) fn one_of(owner: &Owner) -> PersonId {
    match owner {
        Owner::Office(office) => id(office.as_str()),
        Owner::Post(post) if post == "key-officer" => id("kanzai-kacho"),
        Owner::Person(person) => person.clone(),
        Owner::Post(_) | Owner::Section(_) => id("joho-tokei-kacho"),
    }
}

fn finding(given: &Given, which: &Index, well: bool) -> Option<(PersonId, Act)> {
    let open: Vec<Answered> = given.city.findings(given.now);
    let open: Vec<&Answered> = open.iter().filter(|found| found.accepted.is_none()).collect();
    let found = open.get(number(which, open.len())?)?;
    let (finding, owner) = (found.finding.id.clone(), &found.finding.owed_by);
    if found.answer.is_none() {
        return Some((one_of(owner), Act::AnswerFinding { finding, answer: "書き忘れた".to_owned() }));
    }
    let act = match well {
        true => Act::SettleFinding(finding),
        false => Act::SendBackAnswer { finding, correction: "いつのことか".to_owned() },
    };
    Some((id("sogo-seisaku-bucho"), act))
}

/// Records of strangers; in one file more of them than an entry of the journal has room for findings.
fn file(n: u8) -> PassageFile {
    let day = n + 1;
    let stranger = |minute| format!("2026/10/0{day} 10:{minute}:00,CS室,入室,見知らぬ人,架空の会社,,鍵,,,\n");
    let text = format!(
        "日時,室,方向,氏名,所属,職員番号,方法,立会者,名札番号,目的\n\
         2026/10/0{day} 09:00:00,CS室,入室,架空 technician,情報統計課,technician,指紋,,1,点検\n{}",
        (10..10 + 6 * u32::from(day)).map(stranger).collect::<String>()
    );
    import::read(text.as_bytes()).expect("read")
}
