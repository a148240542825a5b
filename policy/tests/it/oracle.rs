//! The policies against the same demands written by hand in Rust: never a different answer.

use policy::{Record, Value};
use proptest::prelude::*;

use crate::given::{Given, REGULATOR, access_manager, act, clerk, head, names, officer, terminal};

const OPERATIONS: [&str; 6] =
    ["search-name", "search-kana", "search-code", "consult", "print-form", "history"];

/// The circumstances of one operation, drawn at random.
#[derive(Clone, Debug)]
struct Drawn {
    card: bool,
    password: bool,
    password_demanded: bool,
    terminal: bool,
    authenticator: bool,
    ledger: bool,
    in_use: bool,
    lent: bool,
    holder: bool,
    locked: bool,
    session: bool,
    designated: bool,
    handler: bool,
    password_own: bool,
    rules_read: bool,
    operation: &'static str,
    opened: Vec<&'static str>,
}

/// True nine times of ten, so that answers with few grounds are drawn as often as those with many.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let proof =
        (mostly(), mostly(), any::<bool>(), mostly(), mostly(), mostly(), mostly(), mostly(), mostly());
    let work = (mostly(), mostly(), mostly(), mostly(), mostly(), mostly());
    let opened = prop::sample::subsequence(OPERATIONS.to_vec(), 0..=OPERATIONS.len());
    (proof, work, prop::sample::select(OPERATIONS.to_vec()), opened).prop_map(
        |(
            (card, password, password_demanded, terminal, ledger, in_use, lent, holder, unlocked),
            (session, designated, handler, password_own, rules_read, authenticator),
            operation,
            opened,
        )| {
            Drawn {
                card,
                password,
                password_demanded,
                terminal,
                authenticator,
                ledger,
                in_use,
                lent,
                holder,
                locked: !unlocked,
                session,
                designated,
                handler,
                password_own,
                rules_read,
                operation,
                opened,
            }
        },
    )
}

impl Drawn {
    fn work(&self) -> Record {
        let proof = Record::from([
            ("cardProven", self.card.into()),
            ("passwordProven", self.password.into()),
            ("passwordDemanded", self.password_demanded.into()),
            ("terminalInService", self.terminal.into()),
            ("authenticator", self.authenticator.into()),
            ("cardInLedger", self.ledger.into()),
            ("cardInUse", self.in_use.into()),
            ("lent", self.lent.into()),
            ("holder", self.holder.into()),
            ("locked", self.locked.into()),
        ]);
        Record::from([
            ("proof", proof.into()),
            ("sessionOpen", self.session.into()),
            ("operation", self.operation.into()),
            ("cardOperations", self.opened.iter().copied().collect::<Value>()),
            ("designated", self.designated.into()),
            ("handler", self.handler.into()),
            ("passwordOwn", self.password_own.into()),
            ("rulesRead", self.rules_read.into()),
        ])
    }

    /// What the regulation wants of any work at a terminal, in its order.
    fn against(&self, handler_needed: bool) -> Vec<&'static str> {
        [
            (self.terminal, "2(3).terminal"),
            (self.opened.contains(&self.operation), "2(4).card-kind"),
            (self.session, "14-1.terminal"),
            (self.authenticator, "14-2.authenticator"),
            (self.card, "14-2.card"),
            (self.password || !self.password_demanded, "14-2.password"),
            (!self.locked, "16(1).lock-out"),
            (self.password_own, "16(1).own-password"),
            (self.designated, "16(2).designation"),
            (self.in_use, "16(3).in-use"),
            (self.ledger, "16(3).ledger"),
            (self.lent, "16(3).spare"),
            (self.holder, "17.holder"),
            (self.rules_read, "17.rules-read"),
            (self.handler || !handler_needed, "20.handler"),
        ]
        .into_iter()
        .filter_map(|(met, policy)| (!met).then_some(policy))
        .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn operations_are_judged_as_by_hand(drawn in drawn()) {
        let Given(mut question) = act("operate", clerk(), terminal());
        question.context = drawn.work();
        let answer = REGULATOR.judge(&question);
        prop_assert_eq!(names(&answer), drawn.against(true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn looking_into_the_history_is_judged_as_by_hand(
        drawn in drawn(),
        who in 0_usize..4,
        scope in prop::sample::select(vec!["own", "resident", "operator"]),
        purpose in any::<bool>(),
    ) {
        let by = [clerk(), officer(), access_manager(), head()][who].clone();
        let Given(question) = act("viewHistory", by, terminal());
        let question = question.with("work", drawn.work()).with("scope", scope).with("purposeGiven", purpose);
        let own = scope == "own";
        let mut expected = drawn.against(!own);
        let at = expected.len() - usize::from(expected.last() == Some(&"20.handler"));
        if !own && !purpose {
            expected.insert(at, "18.purpose");
        }
        if !own && who == 0 {
            expected.insert(at, "18.history-scope");
        }
        let answer = REGULATOR.judge(&question);
        prop_assert_eq!(names(&answer), expected);
    }
}
