//! 入退室の許可 (第9条第2項, 第10条第2項): applied for, granted by the room's 入退室管理者, reviewed, withdrawn.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::{self, Asked, Case, CaseDef, Choice, FieldDef, FieldKind, Owed, StepDef, Value};
use crate::duty::Owner;
use crate::occasion::japan_day;
use crate::{CaseId, City, Entry, Invalid, OfficeId, PersonId, RoomId, SectionId};

/// 入退室許可: one person, one room, one period.
pub static PERMIT: CaseDef = CaseDef {
    id: "permit",
    name: "入退室許可",
    citation: "9-2",
    steps: STEPS,
    section: |case| case.text("section").to_owned(),
    marks: &[
        ("entry-manager", |asked| manages(asked, asked.text("room"))),
        ("own", |asked| asked.text("person") == asked.on.by.as_str()),
    ],
    closed: |case| case.has("decline") || case.has("withdraw"),
};

const STEPS: &[StepDef] = &[
    StepDef {
        id: "apply",
        name: "許可を申請する",
        done: "許可を申請した",
        action: "applyPermit",
        fact: "PermitApplied",
        fields: &[
            FieldDef::need("person", "許可を受ける人", FieldKind::One(people))
                .hint("外部の人は、先に外部の人の名簿に登録します"),
            FieldDef::need("room", "室", FieldKind::One(rooms)),
            FieldDef::need("term", "許可の種類", FieldKind::One(terms)),
            FieldDef::need("from", "始まりの日", FieldKind::Day),
            FieldDef::need("until", "終わりの日", FieldKind::Day),
            FieldDef::need("purpose", "目的", FieldKind::Text),
        ],
        check: application,
        fill: |asked| {
            let (person, room) = (asked.text("person"), asked.text("room"));
            let name = person.parse().map_or(String::new(), |id| asked.city.name_of(&id));
            let room = asked.city.profile().room(room).map_or("", |room| room.name.as_str());
            vec![("title", format!("{name}／{room}").into())]
        },
        ..StepDef::PLAIN
    },
    StepDef {
        id: "grant",
        name: "許可する",
        done: "許可した",
        action: "grantPermit",
        fact: "PermitGranted",
        evidence: |_| &["9-2 L2", "9-2 L1", "10-2"],
        after: &["apply"],
        fields: &[FieldDef::may("condition", "許可の条件", FieldKind::Text)],
        check: still_sound,
        fill: workplace,
        owed: Some(Owed {
            rule: "10-2.decide",
            what: "の申請を許可するか、許可しないかを決めてください",
            by: manager,
            due: |_, case| case.day("from"),
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "decline",
        name: "許可しない",
        done: "許可しなかった",
        action: "declinePermit",
        fact: "PermitDeclined",
        after: &["apply"],
        before: &["grant"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "review",
        name: "見直して、続ける",
        done: "見直して、続けることにした",
        action: "reviewPermit",
        fact: "PermitReviewed",
        evidence: |_| &["10-2"],
        after: &["grant"],
        repeats: true,
        fields: &[FieldDef::need("finding", "見直した結果", FieldKind::Text)
            .hint("例：今も保守の担当。週に1回入っている")],
        owed: Some(Owed {
            rule: "10-2.review",
            what: "を見直してください。要らなくなっていれば取り消します",
            by: |city, case, at| {
                if review_near(city, case, at) { manager(city, case, at) } else { Vec::new() }
            },
            due: review_due,
        }),
        ..StepDef::PLAIN
    },
    StepDef {
        id: "suspend",
        name: "止める",
        done: "止めた",
        action: "suspendPermit",
        fact: "PermitSuspended",
        evidence: |_| &["10-2"],
        after: &["grant"],
        undoes: &["resume"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "resume",
        name: "再び有効にする",
        done: "再び有効にした",
        action: "resumePermit",
        fact: "PermitResumed",
        evidence: |_| &["10-2"],
        after: &["suspend"],
        undoes: &["suspend"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
    StepDef {
        id: "withdraw",
        name: "取り消す",
        done: "取り消した",
        action: "withdrawPermit",
        fact: "PermitWithdrawn",
        evidence: |_| &["10-2"],
        after: &["apply"],
        fields: &[FieldDef::need("reason", "理由", FieldKind::Text)],
        ..StepDef::PLAIN
    },
];

/// A permit, as doors and ledgers want to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// The case: 許可番号.
    pub case: CaseId,
    /// Whose.
    pub person: PersonId,
    /// For which room.
    pub room: RoomId,
    /// For one entry only.
    pub once: bool,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Where the person worked when it was granted, if in a section of the profile: moving away ends it.
    pub section: Option<SectionId>,
    /// Since when it has been granted.
    pub granted: Timestamp,
    /// When it did not count: suspended from, until.
    pub suspended: Vec<(Timestamp, Option<Timestamp>)>,
    /// When it was withdrawn.
    pub withdrawn: Option<Timestamp>,
    /// When a permit for one entry was used.
    pub used: Option<Timestamp>,
}

/// The permits that were granted, by person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permits {
    applied: BTreeMap<CaseId, Applied>,
    granted: BTreeMap<PersonId, Vec<Permit>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Applied {
    person: PersonId,
    room: RoomId,
    once: bool,
    from: Date,
    until: Date,
}

impl Permit {
    /// It counts at `at`, as far as it alone says: granted, in its period, neither suspended nor withdrawn.
    pub fn counts(&self, at: Timestamp) -> bool {
        let resting = |(from, until): &(Timestamp, Option<Timestamp>)| {
            *from <= at && until.is_none_or(|until| at < until)
        };
        self.granted <= at
            && (self.from..=self.until).contains(&japan_day(at))
            && self.withdrawn.is_none_or(|end| at < end)
            && !self.suspended.iter().any(resting)
            && self.used.is_none_or(|used| at <= used)
    }
}

impl Permits {
    /// Every permit that was granted.
    pub fn granted(&self) -> impl Iterator<Item = &Permit> {
        self.granted.values().flatten()
    }

    fn of(&self, person: &PersonId) -> &[Permit] {
        self.granted.get(person).map_or(&[], Vec::as_slice)
    }

    fn get_mut(&mut self, case: &CaseId) -> Option<&mut Permit> {
        let person = &self.applied.get(case)?.person;
        self.granted.get_mut(person)?.iter_mut().find(|permit| permit.case == *case)
    }

    pub(super) fn take(&mut self, fact: &case::Fact, entry: &Entry) {
        if fact.step == "apply" {
            if let Some(applied) = Applied::read(fact) {
                self.applied.insert(fact.case.clone(), applied);
            }
            return;
        }
        if fact.step == "grant" {
            self.grant(fact, entry.at);
        }
        let Some(permit) = self.get_mut(&fact.case) else { return };
        match fact.step.as_str() {
            "suspend" => permit.suspended.push((entry.at, None)),
            "resume" => {
                if let Some((_, until)) = permit.suspended.last_mut() {
                    *until = Some(entry.at);
                }
            }
            "withdraw" => permit.withdrawn = Some(entry.at),
            _ => {}
        }
    }

    fn grant(&mut self, fact: &case::Fact, at: Timestamp) {
        let Some(applied) = self.applied.get(&fact.case) else { return };
        let permit = Permit {
            case: fact.case.clone(),
            person: applied.person.clone(),
            room: applied.room.clone(),
            once: applied.once,
            from: applied.from,
            until: applied.until,
            section: fact.particulars.text("section").parse().ok(),
            granted: at,
            suspended: Vec::new(),
            withdrawn: None,
            used: None,
        };
        self.granted.entry(applied.person.clone()).or_default().push(permit);
    }

    /// Somebody entered by a permit; or did not after all.
    pub(super) fn use_up(&mut self, case: &CaseId, at: Option<Timestamp>) {
        if let Some(permit) = self.get_mut(case).filter(|permit| permit.once) {
            permit.used = at;
        }
    }
}

impl Applied {
    fn read(fact: &case::Fact) -> Option<Self> {
        let said = &fact.particulars;
        Some(Self {
            person: said.text("person").parse().ok()?,
            room: said.text("room").parse().ok()?,
            once: said.text("term") == "once",
            from: said.day("from")?,
            until: said.day("until")?,
        })
    }
}

impl City {
    /// The permit by which `person` may enter `room` at `at`.
    pub fn permit(&self, person: &PersonId, room: &RoomId, at: Timestamp) -> Option<&Permit> {
        let of = self.rooms.permits().of(person).iter().filter(|permit| permit.room == *room);
        of.rev().find(|permit| self.in_force(permit, at))
    }

    /// A permit counts at `at`, and its holder is still who it was granted to: somebody of the same section, or
    /// an outside person whose contract runs.
    pub fn in_force(&self, permit: &Permit, at: Timestamp) -> bool {
        permit.counts(at) && self.still_entitled(permit, at)
    }

    fn still_entitled(&self, permit: &Permit, at: Timestamp) -> bool {
        if let Some(outsider) = self.rooms.outsider(&permit.person) {
            return outsider.with_us(at);
        }
        let Some(person) = self.organization.person(&permit.person) else { return false };
        let here = *person.workplace_on(japan_day(at)) != crate::organization::Workplace::Nowhere;
        let left = permit.section.as_ref().and_then(|section| person.left(section, permit.granted, at));
        here && left.is_none()
    }

    /// Somebody of the staff, or an outside person in the list of those.
    pub fn knows(&self, person: &PersonId) -> bool {
        self.organization.person(person).is_some() || self.rooms.outsider(person).is_some()
    }
}

fn people(city: &City, at: Timestamp) -> Vec<Choice> {
    let staff = city.staff(at).map(|(id, _)| {
        let place = city.workplace_of(id, at);
        Choice::new(id.as_str(), format!("{}（{place}）", city.name_of(id)))
    });
    let outside = city.rooms.outsiders().filter(|(_, outsider)| outsider.with_us(at));
    let outside = outside.map(|(id, outsider)| {
        Choice::new(id.as_str(), format!("{}（{}）", outsider.name, outsider.organisation))
    });
    staff.chain(outside).collect()
}

fn rooms(city: &City, _: Timestamp) -> Vec<Choice> {
    let rooms = city.profile().rooms().iter();
    rooms.map(|room| Choice::new(&room.id, format!("{}（レベル{}）", room.name, room.level))).collect()
}

fn terms(_: &City, _: Timestamp) -> Vec<Choice> {
    vec![Choice::new("standing", "期間中いつでも"), Choice::new("once", "1回だけ")]
}

fn manages(asked: &Asked<'_>, room: &str) -> bool {
    asked.city.standing(&asked.on.by, asked.on.at).entry_manager_of.contains(room)
}

/// The office that is the entry manager of a room.
pub(super) fn manager_of(city: &City, room: &str) -> Vec<Owner> {
    let office = city.profile().room(room).and_then(|room| room.entry_manager.parse::<OfficeId>().ok());
    office.map(Owner::Office).into_iter().collect()
}

fn manager(city: &City, case: &Case, _: Timestamp) -> Vec<Owner> {
    manager_of(city, case.text("room"))
}

fn review_due(city: &City, case: &Case) -> Option<Date> {
    let last = case.last("review").or(case.last("grant"))?;
    let days = city.settings(last.at).permit_review_days;
    japan_day(last.at).checked_add(jiff::Span::new().days(i64::from(days))).ok()
}

/// A standing permit is to be reviewed within the next month.
fn review_near(city: &City, case: &Case, at: Timestamp) -> bool {
    let near =
        |due: Date| due.checked_sub(jiff::Span::new().days(30)).is_ok_and(|from| from <= japan_day(at));
    case.text("term") == "standing"
        && case.day("until").is_some_and(|until| japan_day(at) <= until)
        && review_due(city, case).is_some_and(near)
}

/// What makes an application impossible: a period that cannot be, an outside person beyond the contract.
fn application(asked: &Asked<'_>) -> Result<(), Invalid> {
    let (Some(from), Some(until)) = (day(asked, "from"), day(asked, "until")) else {
        return Err(Invalid::Missing { what: "until" });
    };
    if until < from {
        return Err(Invalid::Period);
    }
    if until < asked.on.day() {
        return Err(Invalid::Past { what: "until" });
    }
    let most = i64::from(asked.city.settings(asked.on.at).permit_max_days);
    if from.until(until).is_ok_and(|span| i64::from(span.get_days()) >= most) {
        return Err(Invalid::TooLong { days: most });
    }
    let outsider = asked.text("person").parse().ok().and_then(|id| asked.city.rooms.outsider(&id));
    let Some(outsider) = outsider else { return Ok(()) };
    let unsound = |what, why: &str| Err(Invalid::Unsound { what, why: why.to_owned() });
    match &outsider.contract {
        None if asked.text("term") != "once" => {
            unsound("term", "うち「期間中いつでも」は、職員と、契約のある委託先の人だけが受けられます")
        }
        Some(contract) if contract.until < until => {
            unsound("until", "うち、委託の契約が終わった後の日は認められません")
        }
        _ => Ok(()),
    }
}

/// What was sound when it was applied for still is.
fn still_sound(asked: &Asked<'_>) -> Result<(), Invalid> {
    application(asked)
}

fn day(asked: &Asked<'_>, field: &str) -> Option<Date> {
    asked.text(field).parse().ok()
}

/// Where the person works now: a permit ends when that changes.
fn workplace(asked: &Asked<'_>) -> Vec<(&'static str, Value)> {
    let person: Option<PersonId> = asked.text("person").parse().ok();
    let section = person.and_then(|person| asked.city.section_of(&person, asked.on.at).cloned());
    section.map(|section| ("section", Value::from(section.to_string()))).into_iter().collect()
}
