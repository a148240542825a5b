//! A city without a journal: acts are judged by the real policies, decided, and folded at once.

use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use policy::{Answer, Refusal, Regulator};
use register::access::{self, NewCard, NewDesignation, NewTerminal, SignIn};
use register::case::{self, Document, FieldDef, FieldKind, Particulars, Step, Value};
use register::organization::{self, Appointment, NewPerson};
use register::{Act, City, Entry, Fact, Invalid, Occasion, PersonId, Place, Receipt, Refused, assets};
use regulation::Profile;

pub(crate) const TERMINAL: &str = "T-01";

pub(crate) fn profile() -> Arc<Profile> {
    static PROFILE: OnceLock<Arc<Profile>> = OnceLock::new();
    let load = || {
        let files = regulation::embedded("tokorozawa-2002").expect("the profile comes with the program");
        Arc::new(Profile::load(&files).expect("the profile is in order"))
    };
    Arc::clone(PROFILE.get_or_init(load))
}

pub(crate) fn regulator() -> &'static Regulator {
    static REGULATOR: OnceLock<Regulator> = OnceLock::new();
    let load = || {
        let profile = profile();
        Regulator::load(profile.policies(), |place| profile.knows(place)).expect("the policies are in order")
    };
    REGULATOR.get_or_init(load)
}

pub(crate) fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is an identifier"))
}

/// Monday, 5 October 2026, 9:00 in Japan.
pub(crate) fn monday() -> Timestamp {
    "2026-10-05T09:00:00+09:00".parse().expect("a timestamp")
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done(Vec<Fact>),
    Refused(Refusal),
    Invalid(Invalid),
}

impl Outcome {
    pub(crate) fn articles(&self) -> Vec<String> {
        match self {
            Self::Refused(refusal) => refusal.citations().iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }
}

/// A city, the time in it, and everything recorded so far.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) city: City,
    pub(crate) now: Timestamp,
    pub(crate) entries: Vec<(Entry, Receipt)>,
}

impl Given {
    /// A city in which nothing has happened.
    pub(crate) fn nothing() -> Self {
        Self { city: City::new(profile()), now: monday(), entries: Vec::new() }
    }

    /// A founded city with a terminal in 市民課: every office is held by a person of the office's name; 市民課 has
    /// the clerks `clerk` and `novice`, 情報統計課 the clerk `technician`.
    pub(crate) fn city() -> Self {
        let mut given = Self::nothing();
        let profile = profile();
        let mut people: Vec<NewPerson> =
            profile.offices().iter().map(|office| person(&office.id, &office.section)).collect();
        people.extend([
            person("clerk", "shimin"),
            person("novice", "shimin"),
            person("technician", "joho-tokei"),
        ]);
        let appointments = profile.offices().iter().map(|office| Appointment {
            office: id(&office.id),
            person: Some(id(&office.id)),
            from: "2026-04-01".parse().expect("a day"),
        });
        let found = organization::Act::Found { people, appointments: appointments.collect() };
        given.lawful("founder", found);
        let terminal = NewTerminal { id: id(TERMINAL), room: id("terminal-shimin"), section: id("shimin") };
        given.lawful("joho-tokei-kacho", access::Act::RegisterTerminal(terminal));
        given
    }

    /// The same with `clerk` as a handler, designated, with card `card-1` and a password.
    pub(crate) fn equipped() -> Self {
        let mut given = Self::city();
        let handler = assets::Act::DesignateHandler { person: id("clerk"), section: id("shimin") };
        given.lawful("shimin-kacho", handler);
        given.lawful("shimin-kacho", access::Act::ProposeDesignation(designation("d-1", "clerk")));
        given.lawful("joho-tokei-kacho", access::Act::AgreeDesignation(id("d-1")));
        given.lawful("joho-tokei-kacho", access::Act::IssueCard(card("card-1", "clerk")));
        let password = access::Act::SetPassword { person: id("clerk"), old_proven: false };
        given.lawful("joho-tokei-kacho", password);
        given
    }

    /// The same with `clerk` signed in at the terminal as stay `s-1`.
    pub(crate) fn signed_in() -> Self {
        let mut given = Self::equipped();
        given.lawful("clerk", access::Act::SignIn(proof("s-1", "card-1")));
        given
    }

    pub(crate) fn on(&self, by: &str) -> Occasion {
        let stay = self.city.access.sessions().find(|(_, stay)| stay.person.as_str() == by);
        Occasion {
            by: id(by),
            place: if by == "founder" { Place::Console } else { Place::Terminal(id(TERMINAL)) },
            at: self.now,
            request: id(&format!("r-{}", self.entries.len())),
            session: stay.map(|(session, _)| session.clone()),
        }
    }

    /// What would come of an act; nothing is recorded.
    pub(crate) fn would(&self, by: &str, act: impl Into<Act>) -> Outcome {
        self.clone().when(by, act)
    }

    /// Somebody acts.
    pub(crate) fn when(&mut self, by: &str, act: impl Into<Act>) -> Outcome {
        let act = act.into();
        let on = self.on(by);
        let question = act.question(&self.city, &on);
        let mut acting = self.city.standing(&on.by, on.at).acting
            && matches!(regulator().judge(&register::in_own_name(&question)), Answer::Refused(_));
        let (facts, outcome) = match regulator().judge(&question) {
            Answer::Permitted => match act.decide(&self.city, &on) {
                Ok(facts) => (facts.clone(), Outcome::Done(facts)),
                Err(invalid) => return Outcome::Invalid(invalid),
            },
            Answer::Refused(refusal) => {
                let refused = Refused {
                    action: question.action.to_owned(),
                    resource: question.resource.id.clone(),
                    detail: act.detail(),
                    operation: act.operation(&self.city, &on).map(Box::new),
                    refusal: refusal.clone(),
                };
                let mut facts = vec![Fact::Refused(refused)];
                facts.extend(act.refused(&self.city, &refusal, &on));
                acting = false;
                (facts, Outcome::Refused(refusal))
            }
        };
        for fact in facts {
            self.record(fact, &on, acting);
        }
        outcome
    }

    /// Somebody acts, and that is lawful and possible.
    pub(crate) fn lawful(&mut self, by: &str, act: impl Into<Act>) -> Vec<Fact> {
        match self.when(by, act) {
            Outcome::Done(facts) => facts,
            other => panic!("{by}: {other:?}"),
        }
    }

    /// Somebody takes a step of a case, with whatever its fields want and `particulars` besides.
    pub(crate) fn step(&mut self, by: &str, case: &str, step: &str, particulars: Particulars) -> Outcome {
        let act = step_of(&self.city, self.now, case, step, particulars);
        self.when(by, act)
    }

    /// Somebody takes a step of a case, and that is lawful and possible.
    pub(crate) fn takes(&mut self, by: &str, case: &str, step: &str, particulars: Particulars) {
        match self.step(by, case, step, particulars) {
            Outcome::Done(_) => {}
            other => panic!("{by}, {step}: {other:?}"),
        }
    }

    pub(crate) fn wait(&mut self, time: SignedDuration) {
        self.now += time;
    }

    fn record(&mut self, fact: Fact, on: &Occasion, acting: bool) {
        let index = self.entries.len() as u64;
        let entry = Entry {
            seq: index,
            at: on.at,
            by: on.by.clone(),
            acting,
            place: on.place.clone(),
            request: on.request.clone(),
            session: on.session.clone(),
            regulation: profile().id().to_string(),
            policy: regulator().version().to_owned(),
            fact,
        };
        let receipt = Receipt { journal: entry.fact.journal().name().to_owned(), index };
        self.city.fold(&entry, &receipt);
        self.entries.push((entry, receipt));
    }
}

pub(crate) fn person(number: &str, section: &str) -> NewPerson {
    NewPerson {
        id: id(number),
        name: format!("架空 {number}"),
        kana: "カクウ".to_owned(),
        section: id(section),
    }
}

pub(crate) fn designation(number: &str, person: &str) -> NewDesignation {
    NewDesignation { id: id(number), person: id(person), kind: id("business-clerk"), section: id("shimin") }
}

pub(crate) fn card(number: &str, holder: &str) -> NewCard {
    NewCard { id: id(number), kind: id("business-clerk"), holder: id(holder), certificate: "ab12".to_owned() }
}

pub(crate) fn proof(session: &str, card: &str) -> SignIn {
    SignIn {
        session: id(session),
        card: id(card),
        certificate: "ab12".to_owned(),
        card_proven: true,
        password_proven: Some(true),
    }
}

/// The number of a person as an identifier.
pub(crate) fn who(number: &str) -> PersonId {
    id(number)
}

/// A step of a case, its fields filled in with whatever they take.
pub(crate) fn step_of(city: &City, now: Timestamp, case: &str, step: &str, said: Particulars) -> case::Act {
    let step: Step = step.parse().expect("a step");
    let mut particulars = Particulars::new();
    for field in step.def().fields {
        particulars = match some_value(city, now, field) {
            Some(value) if field.required => particulars.with(field.id, value),
            _ => particulars,
        };
    }
    particulars.extend(said.iter().map(|(field, value)| (field.to_owned(), value.clone())));
    case::Act { case: id(case), step, particulars }
}

fn some_value(city: &City, now: Timestamp, field: &FieldDef) -> Option<Value> {
    let choices: Vec<String> = field.choices(city, now).into_iter().map(|choice| choice.id).collect();
    Some(match field.kind {
        FieldKind::Line | FieldKind::Text => "架空の記載".into(),
        FieldKind::Lines => vec!["架空の記載".to_owned()].into(),
        FieldKind::Day => register::japan_day(now).into(),
        FieldKind::Moment => (now + SignedDuration::from_hours(1)).to_string().into(),
        FieldKind::Flag => true.into(),
        FieldKind::One(_) | FieldKind::Case(..) => choices.into_iter().next()?.into(),
        FieldKind::Many(_) | FieldKind::Cases(..) => choices.into(),
        FieldKind::Document => document().into(),
    })
}

pub(crate) fn document() -> Document {
    Document { name: "架空.pdf".to_owned(), sha256: "ab".repeat(32), bytes: 1_024 }
}
