//! What is recorded is what is so, and what cannot be recorded is refused.

use std::sync::Arc;

use office::Declined;
use office::clock::Clock;
use register::access::{self, OperationKind};
use register::organization;
use register::{City, PersonId};

use testbed::{Kit, articles, holder, id, open, residents};

fn busy(kit: &Kit) {
    let (_, stay) = kit.sign_in("card-1");
    for resident in residents().iter().take(5) {
        kit.operate(&stay, OperationKind::Consult, &resident.code().to_string()).expect("consulted");
    }
    kit.operate(&stay, OperationKind::HistoryOperator, "clerk").expect_err("not a clerk's");
}

#[test]
fn folding_anew_gives_the_live_state() {
    let kit = Kit::new();
    busy(&kit);
    let live: City = kit.office.city().clone();
    let anew = kit.office.as_of(kit.clock.now()).expect("folded");
    assert!(live == anew);
}

#[test]
fn a_start_from_the_snapshot_gives_the_same_city_as_a_start_without() {
    let kit = Kit::new();
    busy(&kit);
    let live: City = kit.office.city().clone();
    kit.office.close();
    let Kit { office, folder, clock, .. } = kit;
    drop(office);
    assert!(folder.path().join("snapshot.json").exists());
    let again = open(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>);
    assert!(live == *again.city());
    again.close();
    drop(again);
    std::fs::remove_file(folder.path().join("snapshot.json")).expect("removed");
    let anew = open(folder.path(), clock as Arc<dyn Clock>);
    assert!(live == *anew.city());
}

#[test]
fn the_past_is_as_it_was() {
    let kit = Kit::new();
    let before = kit.clock.now();
    let stop = access::Act::EndDesignation(id("D-clerk"));
    kit.act(&holder("joho-tokei-kacho"), stop).expect("ended");
    let then = kit.office.as_of(before).expect("folded");
    assert!(then.designated(&id("clerk"), &id("business-clerk"), kit.clock.now()));
    assert!(!kit.office.city().designated(&id("clerk"), &id("business-clerk"), kit.clock.now()));
}

#[test]
fn with_a_full_disk_acts_are_refused_and_reading_goes_on() {
    let kit = Kit::new();
    let (_, stay) = kit.sign_in("card-1");
    let code = residents()[0].code().to_string();
    kit.office.journal().limit_pages(1).expect("limited");
    let before: City = kit.office.city().clone();
    let mut full = None;
    for _ in 0..2_000 {
        if let Err(declined) = kit.operate(&stay, OperationKind::Consult, &code) {
            full = Some(declined);
            break;
        }
    }
    let Some(Declined::Unrecordable { .. }) = full else { panic!("{full:?}") };
    let anew = kit.office.as_of(kit.clock.now()).expect("reading goes on");
    assert!(anew == *kit.office.city(), "nothing is so that is not recorded");
    kit.office.journal().limit_pages(1_000_000).expect("space again");
    kit.operate(&stay, OperationKind::Consult, &code).expect("and acts go on");
    assert!(kit.office.city().access.operations() > before.access.operations());
}

#[test]
fn a_founded_city_is_not_founded_again() {
    let kit = Kit::new();
    let found = organization::Act::Found { people: Vec::new(), appointments: Vec::new() };
    let declined = kit.act(&PersonId::founder(), found).expect_err("founded already");
    assert_eq!(articles(&declined), ["3-2"]);
}

#[test]
fn many_at_once_share_the_registrar_and_everybody_is_answered() {
    let kit = Kit::new();
    let office = &kit.office;
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|n| {
                let on = kit.at_console(&holder("joho-tokei-kacho"));
                scope.spawn(move || {
                    let new = register::access::NewTerminal {
                        id: id(&format!("T-{n}x")),
                        room: id("terminal-shimin"),
                        section: id("shimin"),
                        authenticator: None,
                    };
                    office.submit(access::Act::RegisterTerminal(new).into(), on)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(kit.office.city().access.terminals().count(), 17);
}
