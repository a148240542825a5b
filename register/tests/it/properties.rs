//! What holds for any sequence of acts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use register::access::{self, CardState, LendSpare, Operation, OperationKind, Output, SignIn, SignOutCause};
use register::case::{self, Particulars, Step};
use register::organization::transfer::TransferRow;
use register::organization::{self, Appointment};
use register::rooms::{self, Direction, Means, Pass, Passage, Passed, Via};
use register::{Act, City, Entry, Fact, Owner, PersonId, Receipt, RoomId, State, assets};

use crate::kit::{Given, Outcome, card, designation, id, monday, pass, person, profile, proof, step_of};
use crate::playing::{Played, some_play};

const PEOPLE: [&str; 6] =
    ["clerk", "novice", "technician", "joho-tokei-kacho", "shimin-kacho", "sogo-seisaku-bucho"];

fn someone() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&PEOPLE[..])
}

fn some_organization() -> impl Strategy<Value = Act> {
    let day = || (1_i8..=28).prop_map(|day| jiff::civil::date(2026, 10, day));
    prop_oneof![
        (0..5_u8).prop_map(|n| organization::Act::EnrolPerson(person(&format!("new-{n}"), "shimin")).into()),
        (proptest::option::of(someone()), day()).prop_map(|(person, from)| {
            let office = id("sogo-seisaku-bucho");
            organization::Act::Appoint(Appointment { office, person: person.map(id), from }).into()
        }),
        (any::<bool>(), 1_i64..48).prop_map(|(head_unable, hours)| {
            let until = monday() + SignedDuration::from_hours(hours);
            organization::Act::OpenActing { reason: "出張".to_owned(), head_unable, until }.into()
        }),
        Just(organization::Act::CloseActing.into()),
        Just(organization::Act::Remind("3-2.vacancy:sogo-seisaku-bucho".to_owned()).into()),
        (0..3_u8, someone(), "shimin|joho-tokei|道路公園課|退職", day()).prop_map(|(n, person, to, day)| {
            let row = TransferRow {
                line: 2,
                person: id(person),
                name: format!("架空 {person}"),
                kana: String::new(),
                from_section: "shimin".to_owned(),
                from_post: if person == "shimin-kacho" { "課長" } else { "" }.to_owned(),
                to_section: to,
                to_post: String::new(),
                day,
            };
            organization::Act::Transfer {
                list: id(&format!("t-{n}")),
                digest: format!("{n}{person}"),
                rows: vec![row],
                vacant: vec![id("shimin-kacho")],
            }
            .into()
        }),
        (0..3_u8).prop_map(|n| {
            let list = id(&format!("t-{n}"));
            organization::Act::ReverseTransfer { list, reason: "誤り".to_owned() }.into()
        }),
        (0..60_u64).prop_map(|index| {
            let receipt = Receipt { journal: "register".to_owned(), index };
            organization::Act::SeeActs { receipts: vec![receipt] }.into()
        }),
    ]
}

fn some_access() -> impl Strategy<Value = Act> {
    let state = proptest::sample::select(vec![CardState::Suspended, CardState::Lost, CardState::Revoked]);
    prop_oneof![
        (0..3_u8, someone()).prop_map(|(n, person)| {
            access::Act::ProposeDesignation(designation(&format!("d-{n}"), person)).into()
        }),
        (0..3_u8).prop_map(|n| access::Act::AgreeDesignation(id(&format!("d-{n}"))).into()),
        (0..3_u8).prop_map(|n| access::Act::EndDesignation(id(&format!("d-{n}"))).into()),
        (0..3_u8, someone())
            .prop_map(|(n, holder)| { access::Act::PrepareCard(card(&format!("card-{n}"), holder)).into() }),
        (0..4_u8).prop_map(|n| access::Act::IssueCard(id(&format!("card-{n}"))).into()),
        (0..3_u8, state).prop_map(|(n, state)| {
            access::Act::StopCard { card: id(&format!("card-{n}")), state, reason: "届出".to_owned() }.into()
        }),
        (0..3_u8).prop_map(|n| access::Act::RestoreCard(id(&format!("card-{n}"))).into()),
        (someone(), any::<bool>()).prop_map(|(person, old_proven)| access::Act::SetPassword {
            person: id(person),
            old_proven
        }
        .into()),
    ]
}

/// What becomes of a card: `card-3` is a spare one.
fn some_life() -> impl Strategy<Value = Act> {
    let number = || (0..4_u8).prop_map(|n| id(&format!("card-{n}")));
    let text = || "届出".to_owned();
    prop_oneof![
        Just(access::Act::PrepareCard(crate::kit::spare("card-3")).into()),
        number().prop_map(move |card| access::Act::InspectCard { card, remark: text() }.into()),
        number().prop_map(move |card| access::Act::ReportLostCard { card, circumstances: text() }.into()),
        number().prop_map(move |card| access::Act::ReportFoundCard { card, circumstances: text() }.into()),
        number().prop_map(move |card| access::Act::DiscardCard { card, reason: text() }.into()),
        someone().prop_map(move |to| {
            access::Act::LendSpare(LendSpare { card: id("card-3"), to: id(to), purpose: text() }).into()
        }),
        Just(access::Act::ReturnSpare { card: id("card-3"), remark: String::new() }.into()),
        any::<bool>().prop_map(|there| {
            let present = there.then(|| id("card-3")).into_iter().collect();
            access::Act::CountSpares { place: "市民課の金庫".to_owned(), present }.into()
        }),
        (0..60_u64).prop_map(move |index| {
            let alarm = Receipt { journal: "operations".to_owned(), index };
            access::Act::CloseCardAlarm { alarm, remark: text() }.into()
        }),
    ]
}

fn some_stay() -> impl Strategy<Value = Act> {
    let kind = proptest::sample::select(OperationKind::ALL.to_vec());
    prop_oneof![
        (0..4_u8, 0..4_u8, any::<bool>(), proptest::option::of(any::<bool>())).prop_map(
            |(s, c, card, password)| {
                let proof = proof(&format!("s-{s}"), &format!("card-{c}"));
                access::Act::SignIn(SignIn { card_proven: card, password_proven: password, ..proof }).into()
            }
        ),
        Just(access::Act::SignOut(SignOutCause::Asked).into()),
        (kind, proptest::option::of("[a-z]{0,4}")).prop_map(|(kind, reason)| {
            let operation = Operation {
                kind,
                condition: String::new(),
                reason,
                touched: Vec::new(),
                hits: 0,
                output: Output::Screen,
                section: None,
                card: None,
                terminal: None,
            };
            access::Act::Operate(operation).into()
        }),
        someone().prop_map(|person| {
            assets::Act::DesignateHandler { person: id(person), section: id("shimin") }.into()
        }),
        someone()
            .prop_map(|person| assets::Act::EndHandler { person: id(person), section: id("shimin") }.into()),
    ]
}

/// A step of any kind of case, of one of a few cases.
fn some_step() -> impl Strategy<Value = Try> {
    let steps: Vec<Step> = case::DEFS.iter().flat_map(|def| def.steps()).collect();
    (0..3_u8, proptest::sample::select(steps)).prop_map(|(n, step)| {
        let kind = step.case().id;
        Try::Step(format!("{kind}-{n}"), step.to_string())
    })
}

/// What is tried: an act, a step whose fields are filled in when its turn comes, or what somebody plays who is
/// found then.
#[derive(Clone, Debug)]
enum Try {
    Act(Act),
    Step(String, String),
    Play(Played),
}

impl Try {
    /// Who does what; `by`, unless it is played.
    fn act(self, by: &str, given: &Given) -> Option<(PersonId, Act)> {
        match self {
            Self::Act(act) => Some((id(by), act)),
            Self::Step(case, step) => {
                Some((id(by), step_of(&given.city, given.now, &case, &step, Particulars::new()).into()))
            }
            Self::Play(played) => played.act(given),
        }
    }
}

fn some_acts() -> impl Strategy<Value = Vec<(&'static str, Try, u16)>> {
    let act = prop_oneof![some_organization(), some_access(), some_life(), some_stay()].prop_map(Try::Act);
    let tried = prop_oneof![act, some_step(), some_play().prop_map(Try::Play)];
    proptest::collection::vec((someone(), tried, 0..2_000_u16), 0..60)
}

/// A failure is reproduced by what it shrinks to, as a sentence, and not by a seed.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn refolding_the_entries_gives_the_live_state(acts in some_acts(), city in 0..3_u8) {
        let mut given = match city {
            0 => Given::city(),
            1 => Given::signed_in(),
            _ => Given::busy(),
        };
        for (by, act, seconds) in acts {
            given.wait(SignedDuration::from_secs(seconds.into()));
            if let Some((by, act)) = act.act(by, &given) {
                given.when(by.as_str(), act);
            }
        }
        let mut anew = City::new(profile());
        for (entry, receipt) in &given.entries {
            // Through the form that the journal keeps.
            let text = serde_json::to_string(entry).expect("written");
            let read: Entry = serde_json::from_str(&text).expect("read");
            prop_assert_eq!(&read, entry);
            anew.fold(&read, receipt);
        }
        prop_assert!(anew == given.city);
        let snapshot = serde_json::to_string(&anew.state()).expect("written");
        let state: State = serde_json::from_str(&snapshot).expect("read");
        prop_assert!(City::with_state(profile(), state) == given.city);
    }

    #[test]
    fn whoever_operates_has_proven_card_and_password_and_is_designated(acts in some_acts()) {
        let mut given = Given::signed_in();
        for (by, act, seconds) in acts {
            given.wait(SignedDuration::from_secs(seconds.into()));
            let before = given.city.clone();
            let Some((by, act)) = act.act(by, &given) else { continue };
            let operates = matches!(&act, Act::Access(access::Act::Operate(_)));
            if let (Outcome::Done(_), true) = (given.when(by.as_str(), act), operates) {
                let (_, stay) = before.access.sessions().find(|(_, stay)| stay.person == by).expect("a stay");
                let card = before.access.card(&stay.card).expect("a card");
                prop_assert_eq!(card.state, CardState::InUse);
                prop_assert_eq!(before.holder_of(&stay.card, given.now), Some(&stay.person));
                prop_assert!(card.prepared.as_ref().is_some_and(|(by, _)| *by != card.issued.0));
                prop_assert!(before.designated(&stay.person, &card.kind, given.now));
            }
        }
    }
}

/// What must be so after anything that happens at doors and desks.
mod must {
    use super::*;

    type Checked = Result<(), TestCaseError>;

    /// Whoever is inside entered last, and is there once, by that passage.
    pub(super) fn nobody_is_inside_twice(given: &Given) -> Checked {
        let passages = given.city.rooms.passages();
        let live = passages.all().iter().filter(|passage| {
            let imported = matches!(passage.passed.via, Via::Import { .. });
            !imported && !passage.unmade && passage.passed.person != PersonId::nobody()
        });
        let mut last: BTreeMap<(&RoomId, &PersonId), &Passage> = BTreeMap::new();
        for passage in live {
            let passed = &passage.passed;
            let of = last.entry((&passed.room, &passed.person)).or_insert(passage);
            if of.passed.at <= passed.at {
                *of = passage;
            }
        }
        let mut inside: BTreeMap<(&RoomId, &PersonId), &Receipt> = BTreeMap::new();
        let rooms: Vec<RoomId> = given.city.profile().rooms().iter().map(|room| id(&room.id)).collect();
        for room in &rooms {
            inside.extend(passages.inside(room).map(|(person, inside)| ((room, person), &inside.receipt)));
        }
        last.retain(|_, passage| passage.passed.direction == Direction::In);
        let last: BTreeMap<_, _> = last.into_iter().map(|(who, passage)| (who, &passage.receipt)).collect();
        prop_assert_eq!(inside, last);
        Ok(())
    }

    /// A key hangs on the board, or one person has it.
    pub(super) fn a_key_is_at_one_place(given: &Given) -> Checked {
        let mut out = BTreeSet::new();
        for loan in given.city.rooms.loans_out() {
            prop_assert!(given.city.rooms.key(&loan.key).is_some(), "{loan:?} of no key");
            prop_assert!(out.insert(&loan.key), "{} is lent twice", loan.key);
        }
        for (key, _) in given.city.rooms.keys().all() {
            prop_assert_eq!(given.city.rooms.keys().out(key).is_some(), out.contains(key));
        }
        Ok(())
    }

    /// What the live state has of passages is what the journal has, in the same order.
    pub(super) fn every_passage_has_its_fact(given: &Given) -> Checked {
        let recorded = given.entries.iter().filter_map(|(entry, receipt)| match &entry.fact {
            Fact::Rooms(rooms::Fact::Passed(passed)) => Some((&**passed, receipt)),
            _ => None,
        });
        let live =
            given.city.rooms.passages().all().iter().map(|passage| (&passage.passed, &passage.receipt));
        prop_assert!(recorded.eq(live));
        Ok(())
    }

    /// Somebody owes an answer to what does not fit, and somebody else looks at the answer.
    pub(super) fn an_open_finding_has_its_owner(given: &Given) -> Checked {
        let duties = given.city.duties(given.now);
        for found in given.city.findings(given.now).iter().filter(|found| found.accepted.is_none()) {
            let named = |owner: &Owner| match owner {
                Owner::Post(post) => given.city.profile().post(post).is_some(),
                Owner::Office(office) => given.city.profile().office(office.as_str()).is_some(),
                Owner::Section(_) | Owner::Person(_) => false,
            };
            let (rule, answerer) =
                (if found.answer.is_none() { "12.answer" } else { "12.settle" }, &found.finding.owed_by);
            let owed: Vec<_> = duties
                .iter()
                .filter(|duty| duty.id == rule && duty.subject == found.finding.id.as_str())
                .collect();
            let [duty] = owed[..] else { return Err(TestCaseError::fail(format!("{found:?}: {owed:?}"))) };
            prop_assert!(named(&duty.owed_by), "{duty:?}");
            prop_assert_eq!(duty.owed_by == *answerer, found.answer.is_none());
        }
        Ok(())
    }

    /// Whoever stands inside a door may leave, and whoever is inside may be written down as having left.
    pub(super) fn nobody_is_kept_inside(given: &Given) -> Checked {
        let member = 17.try_into().expect("a number");
        for person in ["technician", "clerk", "novice", "x-1", "v-1", "nobody"] {
            for means in [Means::Fingerprint(Some(member)), Means::Key(None), Means::Unstated] {
                let rooms::Act::Pass(leaving) = pass(person, Direction::Out, means) else { continue };
                let via = Via::Door { controller: id("C-1"), seq: u64::MAX };
                prop_assert!(
                    given.may(person, rooms::Act::Pass(Pass { via, ..leaving })),
                    "{person} is kept inside"
                );
            }
        }
        for (person, _) in given.city.rooms.passages().inside(&id("cs-room")) {
            let rooms::Act::Pass(leaving) = pass(person.as_str(), Direction::Out, Means::Unstated) else {
                continue;
            };
            let leaving = rooms::Act::Pass(Pass { via: Via::Hand, ..leaving });
            prop_assert!(given.may("technician", leaving), "{person} cannot be written down as having left");
        }
        Ok(())
    }

    /// Nobody was let into Level 2 in a lockdown, nor without permit, tag and means. `before` is how it stood.
    pub(super) fn nobody_was_let_in_unlawfully(before: &City, facts: &[Fact]) -> Checked {
        let entries = facts.iter().filter_map(|fact| match fact {
            Fact::Rooms(rooms::Fact::Passed(passed)) => Some(&**passed),
            _ => None,
        });
        let level_2 = |passed: &&Passed| passed.room == id("cs-room") && passed.direction == Direction::In;
        // What a door decided alone, and what another system recorded, was not judged here.
        let judged = |passed: &&Passed| matches!(passed.via, Via::Door { .. } | Via::Hand);
        for passed in entries.filter(level_2).filter(judged) {
            prop_assert!(before.rooms.lockdown().is_none(), "{passed:?}");
            prop_assert!(passed.permit.is_some() && passed.tag.is_some(), "{passed:?}");
            let entitled = match &passed.means {
                Means::Fingerprint(_) => before.enrolled(&passed.person, &passed.room),
                Means::Key(_) => before.rooms.loans_out().any(|loan| {
                    let of_room = before.rooms.key(&loan.key).is_some_and(|key| key.retired.is_none());
                    loan.to == passed.person && of_room
                }),
                Means::Escorted { by, escort } => {
                    let open = escort.as_ref().and_then(|escort| before.rooms.escort(escort));
                    let attended = open.is_some_and(|escort| escort.open() && escort.by == *by);
                    attended && before.enrolled(by, &passed.room)
                }
                Means::Attended | Means::Unstated => false,
            };
            prop_assert!(entitled, "{passed:?}");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn doors_and_desks_keep_the_ledgers_whole(plays in proptest::collection::vec(some_play(), 0..80)) {
        let mut given = Given::busy();
        for played in plays {
            given.wait(played.after);
            let Some((by, act)) = played.act(&given) else { continue };
            let before = given.city.clone();
            if let Outcome::Done(facts) = given.when(by.as_str(), act) {
                must::nobody_was_let_in_unlawfully(&before, &facts)?;
            }
            must::nobody_is_inside_twice(&given)?;
            must::a_key_is_at_one_place(&given)?;
        }
        must::every_passage_has_its_fact(&given)?;
        must::an_open_finding_has_its_owner(&given)?;
        must::nobody_is_kept_inside(&given)?;
    }
}

/// Properties of acts that are all refused would say nothing: what is played mostly succeeds, and everything that
/// can happen in 第3章 happens.
#[test]
fn what_is_played_at_doors_and_desks_mostly_succeeds() {
    let mut runner = TestRunner::deterministic();
    let plays = proptest::collection::vec(some_play(), 60);
    let (mut done, mut refused, mut all) = (0, 0, 0);
    let mut happened = BTreeSet::new();
    for _ in 0..24 {
        let mut given = Given::busy();
        for played in plays.new_tree(&mut runner).expect("plays").current() {
            given.wait(played.after);
            let Some((by, act)) = played.act(&given) else { continue };
            all += 1;
            match given.when(by.as_str(), act) {
                Outcome::Done(facts) => {
                    done += 1;
                    happened.extend(facts.iter().map(Fact::name));
                }
                Outcome::Refused(_) => refused += 1,
                Outcome::Invalid(_) => {}
            }
        }
    }
    assert!(2 * done > all, "{done} of {all} succeed, {refused} are refused");
    assert!(10 * refused > all, "{refused} of {all} are refused");
    let never: Vec<_> = rooms::Fact::NAMES.iter().filter(|name| !happened.contains(*name)).collect();
    assert!(never.is_empty(), "{never:?} never happens");
}
