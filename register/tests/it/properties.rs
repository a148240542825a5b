//! What holds for any sequence of acts.

use jiff::SignedDuration;
use proptest::prelude::*;
use register::access::{self, CardState, Operation, OperationKind, Output, SignIn, SignOutCause};
use register::case::{self, Particulars, Step};
use register::organization::transfer::TransferRow;
use register::organization::{self, Appointment};
use register::{Act, City, Entry, Receipt, State, assets};

use crate::kit::{Given, card, designation, id, monday, person, profile, proof, step_of};

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
            .prop_map(|(n, holder)| { access::Act::IssueCard(card(&format!("card-{n}"), holder)).into() }),
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

fn some_stay() -> impl Strategy<Value = Act> {
    let kind = proptest::sample::select(OperationKind::ALL.to_vec());
    prop_oneof![
        (0..4_u8, 0..3_u8, any::<bool>(), proptest::option::of(any::<bool>())).prop_map(
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

/// What is tried: an act, or a step whose fields are filled in when its turn comes.
#[derive(Clone, Debug)]
enum Try {
    Act(Act),
    Step(String, String),
}

impl Try {
    fn act(self, given: &Given) -> Act {
        match self {
            Self::Act(act) => act,
            Self::Step(case, step) => {
                step_of(&given.city, given.now, &case, &step, Particulars::new()).into()
            }
        }
    }
}

fn some_acts() -> impl Strategy<Value = Vec<(&'static str, Try, u16)>> {
    let act = prop_oneof![some_organization(), some_access(), some_stay()].prop_map(Try::Act);
    let tried = prop_oneof![act, some_step()];
    proptest::collection::vec((someone(), tried, 0..2_000_u16), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn refolding_the_entries_gives_the_live_state(acts in some_acts(), equipped: bool) {
        let mut given = if equipped { Given::signed_in() } else { Given::city() };
        for (by, act, seconds) in acts {
            given.wait(SignedDuration::from_secs(seconds.into()));
            let act = act.act(&given);
            given.when(by, act);
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
            let act = act.act(&given);
            let operates = matches!(&act, Act::Access(access::Act::Operate(_)));
            if let (crate::kit::Outcome::Done(_), true) = (given.when(by, act), operates) {
                let (_, stay) = before.access.sessions().find(|(_, stay)| stay.person.as_str() == by).expect("a stay");
                let card = before.access.card(&stay.card).expect("a card");
                prop_assert_eq!(card.state, CardState::InUse);
                prop_assert_eq!(&card.holder, &stay.person);
                prop_assert!(before.designated(&stay.person, &card.kind, given.now));
            }
        }
    }
}
