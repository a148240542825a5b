//! 第14条第2項, 第18条: the CS's desk.

use office::{Asked, Declined, View};
use register::access::{self, OperationKind};
use register::{Fact, assets};

use testbed::{CLERK, Kit, articles, holder, id, residents};

#[test]
fn an_operation_is_recorded_before_it_is_shown() {
    let kit = Kit::new();
    let (_, stay) = kit.sign_in("card-1");
    let someone = residents().remove(0);
    let code = someone.code();
    let receipt = kit.operate(&stay, OperationKind::Consult, &code.to_string()).expect("consulted");
    let shown = kit.office.shown(&stay, &receipt).expect("shown");
    assert!(matches!(&shown.view, View::Resident(Some(found)) if found.code() == code));
    let told = kit.office.told(&receipt).expect("read").expect("recorded");
    let Fact::Access(access::Fact::Operated(operation)) = told.entry.fact else { panic!("another fact") };
    assert_eq!(operation.touched, [code]);
    assert_eq!(operation.card, Some(id("card-1")));
    assert_eq!(operation.reason.as_deref(), Some("転入届-令8-12"));
}

#[test]
fn a_search_records_whom_it_showed_and_how_many_it_found() {
    let kit = Kit::new();
    let (_, stay) = kit.sign_in("card-1");
    let someone = residents().remove(3);
    let surname: String = someone.information.name.chars().take(1).collect();
    let receipt = kit.operate(&stay, OperationKind::SearchName, &surname).expect("found");
    let told = kit.office.told(&receipt).expect("read").expect("recorded");
    let Fact::Access(access::Fact::Operated(operation)) = told.entry.fact else { panic!("another fact") };
    assert!(operation.touched.contains(&someone.code()));
    assert!(operation.hits >= operation.touched.len() as u64);
}

#[test]
fn who_is_no_handler_is_refused_under_article_20_and_nothing_is_looked_up() {
    let kit = Kit::new();
    let ended = assets::Act::EndHandler { person: id(CLERK), section: id("shimin") };
    kit.act(&holder("shimin-kacho"), ended).expect("ended");
    let (_, stay) = kit.sign_in("card-1");
    let code = residents()[0].code().to_string();
    let declined = kit.operate(&stay, OperationKind::Consult, &code).expect_err("no handler");
    assert_eq!(articles(&declined), ["20"]);
    let Declined::Refused { receipt, .. } = declined else { panic!("a refusal") };
    assert!(kit.office.shown(&stay, &receipt).is_none());
}

#[test]
fn a_card_opens_only_what_its_kind_opens() {
    let mut kit = Kit::new();
    kit.equip("newcomer", "inquiry-only", "card-2");
    let (_, stay) = kit.sign_in("card-2");
    let code = residents()[0].code().to_string();
    kit.operate(&stay, OperationKind::Consult, &code).expect("a card for consulting consults");
    let declined = kit.operate(&stay, OperationKind::PrintForm, &code).expect_err("but does not print");
    assert_eq!(articles(&declined), ["2(4)"]);
}

#[test]
fn the_history_of_a_resident_names_everybody_who_looked_and_the_view_is_an_operation() {
    let mut kit = Kit::new();
    let (token, stay) = kit.sign_in("card-1");
    let code = residents()[0].code().to_string();
    kit.operate(&stay, OperationKind::Consult, &code).expect("consulted");
    let declined =
        kit.operate(&stay, OperationKind::HistoryResident, &code).expect_err("not a clerk's to see");
    assert_eq!(articles(&declined), ["18"]);
    kit.office.sign_out(token.as_str(), register::access::SignOutCause::Asked).expect("signed out");

    kit.equip_manager();
    let (_, manager) = kit.sign_in("card-m");
    let receipt = kit.operate(&manager, OperationKind::HistoryResident, &code).expect("seen");
    let shown = kit.office.shown(&manager, &receipt).expect("shown");
    let View::History { rows, .. } = &shown.view else { panic!("not a history") };
    let operators: Vec<&str> = rows.iter().map(|row| row.operator.as_str()).collect();
    assert_eq!(operators, [CLERK], "the refused view touched nobody");
    let receipt = kit.operate(&manager, OperationKind::HistoryResident, &code).expect("seen again");
    let shown = kit.office.shown(&manager, &receipt).expect("shown");
    let View::History { rows, .. } = &shown.view else { panic!("not a history") };
    assert_eq!(rows.len(), 2, "the first view of the history stands in the history");
}

#[test]
fn the_same_submission_twice_is_one_operation() {
    let kit = Kit::new();
    let (_, stay) = kit.sign_in("card-1");
    let code = residents()[0].code().to_string();
    let asked = Asked { kind: OperationKind::Consult, condition: code, reason: None, period: None };
    let request = kit.request();
    let first = kit.office.operate(&stay, asked.clone(), request.clone()).expect("done");
    let before = kit.office.city().access.operations();
    let second = kit.office.operate(&stay, asked, request).expect("answered again");
    assert_eq!(first, second);
    assert_eq!(kit.office.city().access.operations(), before);
}

#[test]
fn what_cannot_be_read_is_an_error_at_its_field_and_no_operation() {
    let kit = Kit::new();
    let (_, stay) = kit.sign_in("card-1");
    for typed in ["", "abc", "123", "　", "\u{301}"] {
        let declined = kit.operate(&stay, OperationKind::Consult, typed).expect_err("not a code");
        assert_eq!(declined.field(), Some("condition"), "{typed:?}");
    }
    assert_eq!(kit.office.city().access.operations(), 0);
}
