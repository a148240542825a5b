//! Sentences: `given(operate()).but("work", …).refused_under([…])`.

use std::sync::LazyLock;

use policy::{Answer, Entity, Question, Record, Regulator, Value};
use regulation::{Folder, Profile};

/// The regulation whose policies are asked.
pub(crate) static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../profiles/tokorozawa-2002");
    Profile::load(&Folder::at(folder)).expect("the profile is good")
});

/// The policy files of the profile, by name.
pub(crate) fn profile() -> Vec<(String, String)> {
    PROFILE.policies().to_vec()
}

/// The profile's policies, loaded once.
pub(crate) static REGULATOR: LazyLock<Regulator> = LazyLock::new(|| {
    Regulator::load(PROFILE.policies(), |place| PROFILE.knows(place))
        .expect("the profile's policies are good")
});

/// A question under construction; by default everything is in order.
#[derive(Clone)]
pub(crate) struct Given(pub(crate) Question);

/// Somebody of a section with posts, officer of sections.
pub(crate) fn person(section: &str, posts: &[&str], officer_of: &[&str]) -> Entity {
    Entity::new("Person", "synthetic-1")
        .with("section", section)
        .with("posts", posts.iter().copied().collect::<Value>())
        .with("officerOf", officer_of.iter().copied().collect::<Value>())
        .with("entryManagerOf", Value::Set(std::collections::BTreeSet::new()))
}

/// A clerk of 市民課 without a post.
pub(crate) fn clerk() -> Entity {
    person("shimin", &[], &[])
}

/// The アクセス管理責任者, whose post comes with the office of 情報統計課長.
pub(crate) fn access_manager() -> Entity {
    person("joho-tokei", &["access-manager", "system-manager"], &[])
}

/// The セキュリティ責任者 of 市民課.
pub(crate) fn officer() -> Entity {
    person("shimin", &[], &["shimin"])
}

/// The セキュリティ統括責任者.
pub(crate) fn head() -> Entity {
    person("sogo-seisaku", &["head"], &[])
}

pub(crate) fn city() -> Entity {
    Entity::new("City", "city")
}

pub(crate) fn section(code: &str) -> Entity {
    Entity::new("Section", code).with("code", code)
}

pub(crate) fn terminal() -> Entity {
    Entity::new("Terminal", "t-01").with("section", "shimin")
}

pub(crate) fn card() -> Entity {
    Entity::new("Card", "c-0001").with("section", "shimin")
}

/// A proof in which nothing is lacking.
pub(crate) fn proof() -> Record {
    Record::from([
        ("cardProven", true.into()),
        ("passwordProven", true.into()),
        ("passwordDemanded", true.into()),
        ("terminalInService", true.into()),
        ("authenticator", true.into()),
        ("cardInLedger", true.into()),
        ("cardInUse", true.into()),
        ("lent", true.into()),
        ("holder", true.into()),
        ("locked", false.into()),
    ])
}

/// Work in which nothing is lacking.
pub(crate) fn work(operation: &'static str) -> Record {
    Record::from([
        ("proof", proof().into()),
        ("sessionOpen", true.into()),
        ("operation", operation.into()),
        ("cardOperations", ["search-name", "consult", "history"].into_iter().collect()),
        ("designated", true.into()),
        ("handler", true.into()),
        ("passwordOwn", true.into()),
        ("rulesRead", true.into()),
    ])
}

pub(crate) fn act(action: &'static str, by: Entity, on: Entity) -> Given {
    Given(Question::new(action, by, on))
}

pub(crate) fn sign_in() -> Given {
    let mut given = act("signIn", clerk(), terminal());
    given.0.context = proof();
    given
}

pub(crate) fn operate() -> Given {
    let mut given = act("operate", clerk(), terminal());
    given.0.context = work("consult");
    given
}

pub(crate) fn view_history(by: Entity, scope: &'static str) -> Given {
    let work = work("history");
    act("viewHistory", by, terminal()).but("work", work).but("scope", scope).but("purposeGiven", true)
}

impl Given {
    /// The same with this circumstance, wherever it belongs: in the context, the work or the proof.
    pub(crate) fn but(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        set(&mut self.0.context, name, value.into());
        self
    }

    pub(crate) fn answer(&self) -> Answer {
        REGULATOR.judge(&self.0)
    }

    #[track_caller]
    pub(crate) fn permitted(self) {
        assert_eq!(self.answer(), Answer::Permitted, "{:#?}", self.0);
    }

    /// Refused under exactly these policies, in this order.
    #[track_caller]
    pub(crate) fn refused_under<const N: usize>(self, policies: [&str; N]) {
        assert_eq!(names(&self.answer()), policies, "{:#?}", self.0);
    }
}

/// The policies of a refusal; none when permitted.
pub(crate) fn names(answer: &Answer) -> Vec<&str> {
    match answer {
        Answer::Permitted => Vec::new(),
        Answer::Refused(refusal) => refusal.grounds.iter().map(|g| g.policy.as_str()).collect(),
    }
}

fn set(context: &mut Record, name: &'static str, value: Value) {
    let inner = ["proof", "work"].into_iter().find(|inner| match context.get(inner) {
        Some(Value::Record(record)) => holds(record, name),
        _ => false,
    });
    match inner.and_then(|inner| context.get_mut(inner)) {
        Some(Value::Record(record)) => set(record, name, value),
        _ => {
            context.insert(name, value);
        }
    }
}

fn holds(record: &Record, name: &str) -> bool {
    record.contains_key(name)
        || record.values().any(|value| matches!(value, Value::Record(inner) if holds(inner, name)))
}
