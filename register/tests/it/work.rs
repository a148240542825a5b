//! 第4章: cards, signing in, operations.

use jiff::SignedDuration;
use register::access::{self, Act, CardState, SignIn};
use register::{Fact, assets};

use crate::kit::{Given, Outcome, card, designation, id, proof};

#[test]
fn a_card_is_issued_only_to_who_is_designated_for_its_kind() {
    let mut given = Given::city();
    given.lawful("shimin-kacho", Act::ProposeDesignation(designation("d-1", "clerk")));
    given.lawful("technician", Act::PrepareCard(card("card-1", "clerk")));
    let proposed_only = given.when("joho-tokei-kacho", Act::IssueCard(id("card-1")));
    assert_eq!(proposed_only.articles(), ["16(2)"]);
    given.lawful("joho-tokei-kacho", Act::AgreeDesignation(id("d-1")));
    given.lawful("joho-tokei-kacho", Act::IssueCard(id("card-1")));
}

#[test]
fn the_officer_of_another_section_does_not_propose() {
    let mut given = Given::city();
    let refused = given.when("community-suishin-kacho", Act::ProposeDesignation(designation("d-1", "clerk")));
    assert_eq!(refused.articles(), ["16(2)"]);
}

#[test]
fn a_copy_of_a_card_s_number_with_another_certificate_is_not_in_the_ledger() {
    let mut given = Given::equipped();
    let copied = SignIn { certificate: "ffff".to_owned(), ..proof("s-1", "card-1") };
    let refused = given.when("clerk", Act::SignIn(copied));
    assert!(refused.articles().contains(&"16(3)".to_owned()), "{refused:?}");
}

#[test]
fn somebody_else_s_card_opens_nothing() {
    let mut given = Given::equipped();
    let refused = given.when("novice", Act::SignIn(proof("s-1", "card-1")));
    assert!(refused.articles().contains(&"17".to_owned()), "{refused:?}");
}

#[test]
fn the_card_s_step_alone_lets_nobody_in() {
    let mut given = Given::equipped();
    let card_only = SignIn { password_proven: None, ..proof("s-1", "card-1") };
    assert!(matches!(given.when("clerk", Act::SignIn(card_only)), Outcome::Invalid(_)));
}

#[test]
fn failures_lock_out_and_success_clears_them() {
    let mut given = Given::equipped();
    let wrong = SignIn { password_proven: Some(false), ..proof("s-1", "card-1") };
    for _ in 0..5 {
        given.when("clerk", Act::SignIn(wrong.clone()));
    }
    let locked = given.when("clerk", Act::SignIn(proof("s-1", "card-1")));
    assert_eq!(locked.articles(), ["16(1)"]);
    assert_eq!(given.city.access.attempts(&id("clerk")).failed, 5, "what is not looked at is not counted");
    given.wait(SignedDuration::from_mins(16));
    given.lawful("clerk", Act::SignIn(proof("s-1", "card-1")));
    assert_eq!(given.city.access.attempts(&id("clerk")).failed, 0);
}

#[test]
fn a_stay_ends_with_its_card() {
    let mut given = Given::signed_in();
    assert!(given.city.access.session(&id("s-1")).is_some());
    let lost = Act::ReportLostCard { card: id("card-1"), circumstances: "紛失".to_owned() };
    given.lawful("clerk", lost);
    assert!(given.city.access.session(&id("s-1")).is_none());
}

#[test]
fn a_revoked_card_stays_revoked() {
    let mut given = Given::equipped();
    let stop = |state| Act::StopCard { card: id("card-1"), state, reason: "返納".to_owned() };
    given.lawful("joho-tokei-kacho", stop(CardState::Revoked));
    for state in [CardState::Suspended, CardState::Lost, CardState::Revoked] {
        assert!(matches!(given.when("joho-tokei-kacho", stop(state)), Outcome::Invalid(_)));
    }
    assert!(matches!(given.when("joho-tokei-kacho", Act::RestoreCard(id("card-1"))), Outcome::Invalid(_)));
}

#[test]
fn a_handler_is_named_once_and_ended_once() {
    let mut given = Given::city();
    let name = assets::Act::DesignateHandler { person: id("novice"), section: id("shimin") };
    let end = assets::Act::EndHandler { person: id("novice"), section: id("shimin") };
    given.lawful("shimin-kacho", name.clone());
    assert!(matches!(given.when("shimin-kacho", name), Outcome::Invalid(_)));
    given.lawful("shimin-kacho", end.clone());
    assert!(matches!(given.when("shimin-kacho", end), Outcome::Invalid(_)));
}

#[test]
fn every_refusal_is_a_fact_with_its_articles() {
    let mut given = Given::city();
    given.when("novice", Act::AgreeDesignation(id("d-1")));
    let (entry, _) = given.entries.last().expect("recorded");
    let Fact::Refused(refused) = &entry.fact else { panic!("not a refusal") };
    assert_eq!(refused.action, "agreeDesignation");
    assert!(refused.refusal.grounds.iter().all(|g| !g.reason.is_empty() && !g.remedy.is_empty()));
    assert_eq!(given.city.refusals().count(), 1);
}

#[test]
fn ledgers_have_as_many_cells_as_columns() {
    let given = Given::signed_in();
    for ledger in register::ledgers() {
        assert!(ledger.citation.parse::<regulation::Citation>().is_ok(), "{}", ledger.id);
        if let register::Rows::OfCity(rows) = ledger.rows {
            for row in rows(&given.city, given.now) {
                assert_eq!(row.len(), ledger.columns.len(), "{}", ledger.id);
            }
        }
    }
    let access::CardState::InUse = given.city.access.card(&id("card-1")).expect("issued").state else {
        panic!("in use")
    };
}
