//! Article by article: what is permitted, and what is refused under exactly which policies.

use crate::given::{
    access_manager, act, card, city, clerk, head, names, officer, operate, person, section, sign_in,
    terminal, view_history,
};
use policy::{Answer, Entity};
use regulation::Citation;

fn deputy() -> Entity {
    person("joho-tokei-jicho", &["deputy"], &[])
}

fn secretary() -> Entity {
    person("joho-tokei", &[], &[])
}

#[test]
fn ordinary_work_is_permitted() {
    sign_in().permitted();
    operate().permitted();
    act("signOut", clerk(), terminal()).permitted();
    view_history(clerk(), "own").permitted();
    view_history(officer(), "resident").permitted();
}

// 第2条

#[test]
fn only_registered_terminals_connect() {
    sign_in().but("terminalInService", false).refused_under(["2(3).terminal"]);
    operate().but("terminalInService", false).refused_under(["2(3).terminal"]);
    view_history(clerk(), "own").but("terminalInService", false).refused_under(["2(3).terminal"]);
}

#[test]
fn a_card_opens_only_what_its_kind_opens() {
    operate().but("operation", "print-form").refused_under(["2(4).card-kind"]);
    view_history(clerk(), "own").but("operation", "print-form").refused_under(["2(4).card-kind"]);
}

// 第3条, 第4条

#[test]
fn a_city_is_founded_once() {
    act("found", clerk(), city()).but("founded", false).permitted();
    act("found", head(), city()).but("founded", true).refused_under(["3-2.founded"]);
}

#[test]
fn the_deputy_acts_when_the_head_says_so_or_is_unable_to() {
    let open = |by, unable: bool, reason: bool| {
        act("openActing", by, city()).but("headUnable", unable).but("reasonGiven", reason)
    };
    open(head(), false, true).permitted();
    open(secretary(), true, true).permitted();
    open(secretary(), false, true).refused_under(["4-2.acting"]);
    open(deputy(), true, true).refused_under(["4-2.acting"]);
    open(clerk(), true, true).refused_under(["4-2.acting"]);
    open(head(), false, false).refused_under(["4-2.reason"]);
    open(clerk(), false, false).refused_under(["4-2.acting", "4-2.reason"]);
}

#[test]
fn acting_ends_by_the_head_the_deputy_or_the_secretariat() {
    for by in [head(), deputy(), secretary()] {
        act("closeActing", by, city()).permitted();
    }
    act("closeActing", clerk(), city()).refused_under(["4-2.closing"]);
}

// 第7条

#[test]
fn the_secretariat_enrols_and_appoints() {
    for action in ["enrolPerson", "appoint"] {
        act(action, secretary(), city()).permitted();
        act(action, clerk(), city()).refused_under(["7-6.secretariat"]);
        act(action, head(), city()).refused_under(["7-6.secretariat"]);
    }
}

// 第14条

#[test]
fn nobody_operates_without_an_open_session() {
    operate().but("sessionOpen", false).refused_under(["14-1.terminal"]);
    view_history(clerk(), "own").but("sessionOpen", false).refused_under(["14-1.terminal"]);
}

#[test]
fn card_and_password_are_both_proven() {
    for given in [sign_in(), operate(), view_history(clerk(), "own")] {
        given.clone().but("cardProven", false).refused_under(["14-2.card"]);
        given.clone().but("passwordProven", false).refused_under(["14-2.password"]);
        given
            .but("cardProven", false)
            .but("passwordProven", false)
            .refused_under(["14-2.card", "14-2.password"]);
    }
}

#[test]
fn a_city_that_reads_the_article_otherwise_demands_no_password_besides_the_pin() {
    for given in [sign_in(), operate(), view_history(clerk(), "own")] {
        given.but("passwordProven", false).but("passwordDemanded", false).permitted();
    }
}

// 第15条

#[test]
fn terminals_and_cards_are_the_access_managers() {
    act("keepTerminals", access_manager(), terminal()).permitted();
    act("keepTerminals", officer(), terminal()).refused_under(["15.terminals"]);
    let issue = |by| act("issueCard", by, card()).but("designated", true).but("byAnother", true);
    issue(access_manager()).permitted();
    issue(officer()).refused_under(["15.cards"]);
    act("prepareCard", access_manager(), card()).permitted();
    act("prepareCard", officer(), card()).refused_under(["15.prepare"]);
    act("restoreCard", access_manager(), card()).permitted();
    act("restoreCard", officer(), card()).refused_under(["15.cards"]);
}

#[test]
fn a_card_is_stopped_by_its_holder_the_sections_officer_or_the_access_manager() {
    let stop = |by, holder: bool| act("stopCard", by, card()).but("holder", holder);
    stop(clerk(), true).permitted();
    stop(officer(), false).permitted();
    stop(access_manager(), false).permitted();
    stop(clerk(), false).refused_under(["15.stop-card"]);
    stop(person("community", &[], &["community"]), false).refused_under(["15.stop-card"]);
}

// 第16条

#[test]
fn after_too_many_failures_nothing_goes() {
    for given in [sign_in(), operate(), view_history(clerk(), "own")] {
        given.but("locked", true).refused_under(["16(1).lock-out"]);
    }
}

#[test]
fn a_password_is_changed_by_its_owner_and_first_set_by_the_access_manager() {
    let set = |by, own: bool, proven: bool, first: bool| {
        let whose = Entity { id: "synthetic-2".to_owned(), ..clerk() };
        act("setPassword", by, whose).but("own", own).but("oldProven", proven).but("first", first)
    };
    set(clerk(), true, true, false).permitted();
    set(access_manager(), false, false, true).permitted();
    set(clerk(), true, false, false).refused_under(["16(1).password"]);
    set(clerk(), false, true, false).refused_under(["16(1).password"]);
    set(clerk(), true, false, true).refused_under(["16(1).password"]);
    // Whoever has forgotten it is handed another; one's own, nobody gives oneself without the old one.
    set(access_manager(), false, false, false).permitted();
    set(officer(), false, false, false).refused_under(["16(1).password"]);
    set(access_manager(), true, false, false).refused_under(["16(1).password"]);
}

#[test]
fn somebody_may_act_on_themselves() {
    act("setPassword", clerk(), clerk())
        .but("own", true)
        .but("oldProven", true)
        .but("first", false)
        .permitted();
}

#[test]
fn a_designation_takes_the_officer_and_the_access_manager() {
    let shimin = || section("shimin");
    act("proposeDesignation", officer(), shimin()).permitted();
    act("proposeDesignation", officer(), section("community")).refused_under(["16(2).officer"]);
    act("proposeDesignation", access_manager(), shimin()).refused_under(["16(2).officer"]);
    act("agreeDesignation", access_manager(), shimin()).permitted();
    act("agreeDesignation", officer(), shimin()).refused_under(["16(2).agreement"]);
    act("endDesignation", officer(), shimin()).permitted();
    act("endDesignation", access_manager(), shimin()).permitted();
    act("endDesignation", officer(), section("community")).refused_under(["16(2).end"]);
}

#[test]
fn without_a_designation_there_is_no_card_and_no_operation() {
    operate().but("designated", false).refused_under(["16(2).designation"]);
    view_history(clerk(), "own").but("designated", false).refused_under(["16(2).designation"]);
    let issue = |designated, another| {
        act("issueCard", access_manager(), card()).but("designated", designated).but("byAnother", another)
    };
    issue(false, true).refused_under(["16(2).designation"]);
    issue(true, false).refused_under(["16(3).two-people"]);
    let lend =
        |by, designated, own| act("lendSpare", by, card()).but("designated", designated).but("own", own);
    lend(officer(), true, false).permitted();
    lend(officer(), false, false).refused_under(["16(2).designation"]);
    lend(officer(), true, true).refused_under(["16(3).confirmer"]);
    lend(clerk(), true, true).refused_under(["16(3).confirmer", "16(3).lender"]);
}

#[test]
fn the_card_stands_in_the_ledger_and_in_use() {
    for given in [sign_in(), operate(), view_history(clerk(), "own")] {
        given.clone().but("cardInLedger", false).refused_under(["16(3).ledger"]);
        given.clone().but("lent", false).refused_under(["16(3).spare"]);
        given.but("cardInUse", false).refused_under(["16(3).in-use"]);
    }
}

// 第17条, 第18条

#[test]
fn nobody_works_with_the_card_of_another() {
    for given in [sign_in(), operate(), view_history(clerk(), "own")] {
        given.but("holder", false).refused_under(["17.holder"]);
    }
}

#[test]
fn the_history_of_others_is_for_those_who_answer_for_it() {
    for scope in ["resident", "operator", "anything-else"] {
        for by in [head(), access_manager(), officer()] {
            view_history(by, scope).permitted();
        }
        view_history(clerk(), scope).refused_under(["18.history-scope"]);
        view_history(officer(), scope).but("purposeGiven", false).refused_under(["18.purpose"]);
    }
    view_history(clerk(), "own").but("purposeGiven", false).permitted();
}

// 第19条, 第20条

#[test]
fn residents_are_entered_by_the_officer_of_shimin() {
    act("enterResidents", officer(), city()).permitted();
    act("enterResidents", person("community", &[], &["community"]), city()).refused_under(["19-2.residents"]);
    act("enterResidents", clerk(), city()).refused_under(["19-2.residents"]);
}

#[test]
fn identification_information_is_for_listed_handlers() {
    operate().but("handler", false).refused_under(["20.handler"]);
    view_history(officer(), "resident").but("handler", false).refused_under(["20.handler"]);
    view_history(clerk(), "own").but("handler", false).permitted();
}

#[test]
fn handlers_are_designated_by_the_sections_officer() {
    for action in ["designateHandler", "endHandler"] {
        act(action, officer(), section("shimin")).permitted();
        act(action, officer(), section("community")).refused_under(["20.designation"]);
        act(action, access_manager(), section("shimin")).refused_under(["20.designation"]);
    }
}

// All at once

#[test]
fn a_refusal_names_every_article_in_the_order_of_the_regulation() {
    let worst = operate()
        .but("terminalInService", false)
        .but("operation", "print-form")
        .but("sessionOpen", false)
        .but("cardProven", false)
        .but("passwordProven", false)
        .but("locked", true)
        .but("designated", false)
        .but("cardInLedger", false)
        .but("cardInUse", false)
        .but("lent", false)
        .but("authenticator", false)
        .but("holder", false)
        .but("handler", false)
        .but("passwordOwn", false)
        .but("rulesRead", false);
    let expected = [
        "2(3).terminal",
        "2(4).card-kind",
        "14-1.terminal",
        "14-2.authenticator",
        "14-2.card",
        "14-2.password",
        "16(1).lock-out",
        "16(1).own-password",
        "16(2).designation",
        "16(3).in-use",
        "16(3).ledger",
        "16(3).spare",
        "17.holder",
        "17.rules-read",
        "20.handler",
    ];
    let Answer::Refused(refusal) = worst.answer() else { panic!("permitted") };
    assert_eq!(names(&Answer::Refused(refusal.clone())), expected);
    let citations: Vec<String> = refusal.citations().iter().map(Citation::to_string).collect();
    assert_eq!(citations, ["2(3)", "2(4)", "14-1", "14-2", "16(1)", "16(2)", "16(3)", "17", "20"]);
    assert!(refusal.grounds.iter().all(|ground| !ground.reason.is_empty() && !ground.remedy.is_empty()));
}
