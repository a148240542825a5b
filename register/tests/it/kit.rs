//! A city without a journal: acts are judged by the real policies, decided, and folded at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use policy::{Answer, Refusal, Regulator};
use register::access::{self, NewCard, NewDesignation, NewTerminal, SignIn};
use register::case::{self, Document, FieldDef, FieldKind, Particulars, Step, Value};
use register::organization::{self, Appointment, NewPerson};
use register::rooms::{
    self, Contract, Direction, Means, NewController, NewDoor, NewFinger, NewKey, NewOutsider, Pass, TagNo,
    Via,
};
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
        Self::of(profile())
    }

    /// The same under another regulation.
    pub(crate) fn of(profile: Arc<Profile>) -> Self {
        Self { city: City::new(profile), now: monday(), entries: Vec::new() }
    }

    /// A founded city with a terminal in 市民課: every office is held by a person of the office's name; 市民課 has
    /// the clerks `clerk` and `novice`, 情報統計課 the clerk `technician`.
    pub(crate) fn city() -> Self {
        Self::nothing().founded()
    }

    /// The same founded.
    pub(crate) fn founded(self) -> Self {
        let mut given = self;
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
        let terminal = NewTerminal {
            id: id(TERMINAL),
            room: id("terminal-shimin"),
            section: id("shimin"),
            authenticator: None,
        };
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
        given.issue(card("card-1", "clerk"));
        let password = |old_proven| access::Act::SetPassword { person: id("clerk"), old_proven };
        given.lawful("joho-tokei-kacho", password(false));
        given.lawful("clerk", password(true));
        given
    }

    /// `technician` makes a card, the chief issues it.
    pub(crate) fn issue(&mut self, new: NewCard) {
        let card = new.id.clone();
        self.lawful("technician", access::Act::PrepareCard(new));
        self.lawful("joho-tokei-kacho", access::Act::IssueCard(card));
    }

    /// The same with `clerk` signed in at the terminal as stay `s-1`.
    pub(crate) fn signed_in() -> Self {
        let mut given = Self::equipped();
        given.lawful("clerk", access::Act::SignIn(proof("s-1", "card-1")));
        given
    }

    /// A city whose CS室 has a door with a controller: `technician` and `joho-tokei-kacho` may enter, their fingers
    /// are members 17 and 18, they wear tags 1 and 2; the key K-1 hangs in 管財課; `x-1` is a contractor's person
    /// and `v-1` a visitor.
    pub(crate) fn guarded() -> Self {
        Self::guarded_in(Self::city())
    }

    pub(crate) fn guarded_in(mut given: Self) -> Self {
        given.lawful("technician", rooms::Act::RegisterController(controller("C-1", "A", &["cs-door"])));
        given.lawful("technician", rooms::Act::EnterOutsider(contractor("x-1", "2026-12-31")));
        given.lawful("technician", rooms::Act::EnterOutsider(visitor("v-1")));
        for (number, person) in [(1, "technician"), (2, "joho-tokei-kacho")] {
            given.permit(&format!("pm-{person}"), person, "standing");
            given.lawful("technician", rooms::Act::IssueTag { tag: tag(number), to: id(person) });
            given.lawful("technician", rooms::Act::EnrolFinger(finger(16 + number, person)));
        }
        let key = NewKey { id: id("K-1"), room: id("cs-room"), name: "正鍵".to_owned() };
        given.lawful("kanzai-kacho", rooms::Act::RegisterKey(key));
        given
    }

    /// `person` may enter CS室, as the 情報統計課長 permits; for the month.
    pub(crate) fn permit(&mut self, case: &str, person: &str, term: &str) {
        let until = self.now + SignedDuration::from_hours(24 * 30);
        let said = Particulars::new()
            .with("person", person)
            .with("room", "cs-room")
            .with("term", term)
            .with("until", register::japan_day(until));
        self.takes("technician", case, "permit.apply", said);
        self.takes("joho-tokei-kacho", case, "permit.grant", Particulars::new());
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

    fn occasion(&self, by: &str, act: &Act) -> Occasion {
        let on = self.on(by);
        if at_door(act, &on.by) { Occasion { place: Place::Door(id("C-1")), ..on } } else { on }
    }

    /// Whether an act would be lawful and possible; nothing is recorded.
    pub(crate) fn may(&self, by: &str, act: impl Into<Act>) -> bool {
        let act = act.into();
        let on = self.occasion(by, &act);
        let permitted = regulator().judge(&act.question(&self.city, &on)) == Answer::Permitted;
        permitted && act.decide(&self.city, &on).is_ok()
    }

    /// What would come of an act; nothing is recorded.
    pub(crate) fn would(&self, by: &str, act: impl Into<Act>) -> Outcome {
        self.clone().when(by, act)
    }

    /// Somebody acts.
    pub(crate) fn when(&mut self, by: &str, act: impl Into<Act>) -> Outcome {
        let act = act.into();
        let on = self.occasion(by, &act);
        self.on_occasion(act, on)
    }

    /// Somebody acts at this terminal.
    pub(crate) fn when_at(&mut self, terminal: &str, by: &str, act: impl Into<Act>) -> Outcome {
        let on = Occasion { place: Place::Terminal(id(terminal)), ..self.on(by) };
        self.on_occasion(act.into(), on)
    }

    fn on_occasion(&mut self, act: Act, on: Occasion) -> Outcome {
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

/// What a door says comes from its controller; whoever says so elsewhere is no door.
fn at_door(act: &Act, by: &PersonId) -> bool {
    match act {
        Act::Rooms(rooms::Act::Pass(pass)) => pass.person == *by && pass.via != Via::Hand,
        Act::Rooms(rooms::Act::ReportDoor { .. }) => *by == PersonId::machine(),
        _ => false,
    }
}

pub(crate) fn tag(number: u32) -> TagNo {
    number.try_into().expect("a number")
}

pub(crate) fn finger(member: u32, person: &str) -> NewFinger {
    let member = member.try_into().expect("a number");
    NewFinger { door: id("cs-door"), member, person: id(person), authority: "許可".to_owned() }
}

pub(crate) fn contractor(number: &str, until: &str) -> NewOutsider {
    let contract = Contract {
        name: "架空の保守契約".to_owned(),
        proof: "社員証".to_owned(),
        until: until.parse().expect("a day"),
    };
    NewOutsider { contract: Some(contract), ..visitor(number) }
}

pub(crate) fn visitor(number: &str) -> NewOutsider {
    let (name, organisation) = (format!("架空 {number}"), "架空の会社".to_owned());
    NewOutsider { id: id(number), name, organisation, contract: None }
}

/// A controller with a key of its own, whose doors all lead into CS室.
pub(crate) fn controller(number: &str, key: &str, doors: &[&str]) -> NewController {
    let doors = doors.iter().map(|door| NewDoor { id: id(door), room: id("cs-room") }).collect();
    NewController { id: id(number), key: format!("{}=", key.repeat(43)), doors }
}

/// Somebody at the door of CS室.
/// Somebody at the door of the CS room. Each is a question of its own.
pub(crate) fn pass(person: &str, direction: Direction, means: Means) -> rooms::Act {
    static QUESTIONS: AtomicU64 = AtomicU64::new(1_000);
    pass_asked(QUESTIONS.fetch_add(1, Ordering::Relaxed), person, direction, means)
}

/// The same as the question of that number.
pub(crate) fn pass_asked(seq: u64, person: &str, direction: Direction, means: Means) -> rooms::Act {
    rooms::Act::Pass(Pass {
        person: id(person),
        room: id("cs-room"),
        direction,
        means,
        door: None,
        purpose: String::new(),
        via: Via::Door { controller: id("C-1"), seq },
    })
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
    NewCard { holder: Some(id(holder)), ..spare(number) }
}

/// A spare card of the same kind.
pub(crate) fn spare(number: &str) -> NewCard {
    NewCard {
        id: id(number),
        kind: id("business-clerk"),
        holder: None,
        certificate: "ab12".to_owned(),
        expires: None,
        kept: "市民課の金庫".to_owned(),
    }
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
            // What a case comes from is said where it can be.
            Some(value) if field.required || matches!(field.kind, FieldKind::Case(..)) => {
                particulars.with(field.id, value)
            }
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
