//! Who held a post, with proof; a transfer in a city with a journal.

use jiff::Timestamp;
use journal::leaf_hash;
use office::clock::Clock as _;
use register::organization::{self, transfer};
use register::{Entry, Fact};

use testbed::{Kit, holder, id, open};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

#[test]
fn an_answer_comes_with_the_entry_and_a_proof_of_it() {
    let kit = Kit::founded();
    let shimin = id("shimin");
    let then = at("2026-07-03T14:00:00+09:00");
    let proven = kit.office.who_was("security-officer", Some(&shimin), None, then).expect("an answer");
    assert_eq!(proven.was.holder, Some(holder("shimin-kacho")));
    let shown = proven.entry.expect("it is recorded");
    let appointed = Fact::Organization(organization::Fact::Appointed(organization::Appointment {
        office: id("shimin-kacho"),
        person: Some(holder("shimin-kacho")),
        from: "2026-04-01".parse().expect("a day"),
    }));
    assert_eq!(shown.told.entry.fact, appointed);
    let name = journal::JournalName::new("register").expect("a name");
    let stored = kit.office.journal().get(&name, shown.told.receipt.index).expect("stored");
    let entry: Entry = serde_json::from_slice(&stored.bytes).expect("an entry");
    assert_eq!(entry, shown.told.entry);
    let key = shown.key.parse().expect("a key");
    shown.proof.verify(&leaf_hash(&stored.bytes), &key).expect("the entry is in the tree");
    kit.office.who_was("mayor", None, None, then).expect_err("no such post");
}

#[test]
fn a_transfer_is_one_act_whose_past_stays_as_it_was() {
    let kit = Kit::founded();
    let text = "発令日,職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職\r\n\
                2026/12/01,p-kanzai-kacho,架空 p-kanzai-kacho,カクウ,管財課,課長,市民課,課長\r\n\
                R8.12.1,p-shimin-kacho,架空 p-shimin-kacho,カクウ,市民課,課長,管財課,課長\r\n";
    let mut text = text.to_owned();
    for number in ["p-kanzai-kacho", "p-shimin-kacho"] {
        let name = kit.office.city().name_of(&id(number));
        text = text.replace(&format!("架空 {number}"), &name);
    }
    let file = transfer::read(text.as_bytes()).unwrap_or_else(|faults| panic!("{:?}", faults.japanese()));
    let act = organization::Act::Transfer {
        list: id("R8-12"),
        digest: file.digest,
        rows: file.rows,
        vacant: Vec::new(),
    };
    let secretary = holder("joho-tokei-kacho");
    let receipt = kit.act(&secretary, act).expect("applied");
    assert_eq!(receipt.journal, "register");
    let officer =
        |city: &register::City, at| city.standing(&holder("kanzai-kacho"), at).officer_of.contains("shimin");
    let midnight = at("2026-12-01T00:00:00+09:00");
    let eve = at("2026-11-30T23:59:59+09:00");
    assert!(!officer(&kit.office.city(), eve) && officer(&kit.office.city(), midnight));
    kit.clock.set(at("2026-12-03T09:00:00+09:00"));
    let applied = kit.clock.now();
    let reverse =
        organization::Act::ReverseTransfer { list: id("R8-12"), reason: "発令の取消し".to_owned() };
    kit.act(&secretary, reverse).expect("reversed");
    assert!(!officer(&kit.office.city(), midnight));
    assert!(officer(&kit.office.as_of(applied).expect("folded"), midnight), "history is intact");
    let shimin = id("shimin");
    let was =
        kit.office.city().who_was("security-officer", Some(&shimin), None, at("2026-12-02T09:00:00+09:00"));
    let was = was.expect("an answer");
    assert_eq!((was.holder, was.then), (Some(holder("shimin-kacho")), Some(Some(holder("kanzai-kacho")))));
    kit.office.close();
    let Kit { office, folder, clock, .. } = kit;
    let live = office.city().clone();
    drop(office);
    let again = open(folder.path(), clock);
    assert!(live == *again.city());
}
