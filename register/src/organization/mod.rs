//! 第2章 組織: who holds which office, which posts follow from it, and when the deputy acts.

mod acting;
pub mod council;
pub mod directive;
mod duties;
mod ledgers;
mod people;
mod reminders;
mod state;
pub mod transfer;
mod who;

use jiff::Timestamp;
use jiff::civil::Date;
use policy::Question;
use serde::{Deserialize, Serialize};

pub use acting::{Acted, ActingPeriod};
pub use duties::{AFTER_VIEW, VACANCY};
pub use ledgers::LEDGERS;
pub use people::{Left, Move, Person, Recorded, Workplace};
pub use reminders::{Reminded, Reminders};
pub use state::{Organization, Standing, Tenure};
pub use who::{Deputized, WhoError, WhoWas};

use transfer::{Entered, TransferRow};

use crate::fact::facts;
use crate::invalid::text;
use crate::question::{city as the_city, person};
use crate::{
    Chapter, City, Duty, Entry, Invalid, Occasion, OfficeId, PersonId, Place, Receipt, SectionId, TransferId,
    limits,
};

/// What people ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The city's organization as it stands on the day the system starts: once, at the console.
    Found {
        /// Everybody who works with Juki-Net.
        people: Vec<NewPerson>,
        /// Who holds which office.
        appointments: Vec<Appointment>,
    },
    /// Somebody joins the staff.
    EnrolPerson(NewPerson),
    /// Somebody takes an office (充て職 follow from it).
    Appoint(Appointment),
    /// People work elsewhere, and offices have other holders, from one day on: all of a list or none of it.
    Transfer {
        /// The list's number.
        list: TransferId,
        /// SHA-256 of the file, in hex.
        digest: String,
        /// The people of the list.
        rows: Vec<TransferRow>,
        /// Offices that stand vacant by it: confirmed one by one.
        vacant: Vec<OfficeId>,
    },
    /// A transfer list no longer counts: sections and offices are as they would be without it.
    ReverseTransfer {
        /// Which.
        list: TransferId,
        /// Why.
        reason: String,
    },
    /// 第4条第2項. The deputy acts for the head, who is prevented, from now on.
    OpenActing {
        /// Why the head is prevented.
        reason: String,
        /// The head cannot open the period in person.
        head_unable: bool,
        /// When it ends by itself.
        until: Timestamp,
    },
    /// The head is back.
    CloseActing,
    /// 第4条第2項. The head sees afterwards what was done in the head's place (後閲).
    SeeActs {
        /// Which acts, by the receipt of their first fact.
        receipts: Vec<Receipt>,
    },
    /// Somebody is reminded of a duty, by its key.
    Remind(String),
}

/// Somebody who joins the staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPerson {
    /// 職員番号.
    pub id: PersonId,
    /// 氏名, with the code points that it was given with.
    pub name: String,
    /// フリガナ.
    pub kana: String,
    /// 所属.
    pub section: SectionId,
}

/// Who holds an office from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// 職.
    pub office: OfficeId,
    /// Who holds it. None: it stands vacant from that day.
    pub person: Option<PersonId>,
    /// 発令日.
    pub from: Date,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The organization was entered.
    Founded,
    /// Somebody joined the staff.
    PersonEnrolled(NewPerson),
    /// Somebody took an office, or left it vacant.
    Appointed(Appointment),
    /// A transfer list was entered.
    TransferEntered(Entered),
    /// By a list, somebody joined the staff whom the register did not know.
    PersonJoined {
        /// By which.
        list: TransferId,
        /// 職員番号.
        id: PersonId,
        /// 氏名.
        name: String,
        /// フリガナ.
        kana: String,
        /// 所属.
        to: Workplace,
        /// 発令日.
        from: Date,
    },
    /// By a list, somebody works elsewhere.
    PersonMoved {
        /// By which.
        list: TransferId,
        /// Who.
        person: PersonId,
        /// 所属.
        to: Workplace,
        /// 発令日.
        from: Date,
    },
    /// By a list, somebody took an office, or left it vacant.
    OfficeTransferred {
        /// By which.
        list: TransferId,
        /// Who, and from when on.
        appointment: Appointment,
    },
    /// A transfer list no longer counts.
    TransferReversed {
        /// Which.
        list: TransferId,
        /// Why.
        reason: String,
    },
    /// The deputy acts for the head.
    ActingOpened {
        /// Why.
        reason: String,
        /// It ends by itself then.
        until: Timestamp,
    },
    /// The deputy no longer acts for the head.
    ActingClosed,
    /// The head saw what the deputy had done.
    ActsSeen {
        /// Which acts.
        receipts: Vec<Receipt>,
    },
    /// Somebody was reminded of a duty.
    Reminded(Reminded),
}

facts!(Fact {
    Founded => ["1"],
    PersonEnrolled => [],
    Appointed => ["3-2", "4-3", "5-2", "6-2", "10", "11", "15-2", "19-2"],
    TransferEntered => [],
    PersonJoined => [],
    PersonMoved => [],
    OfficeTransferred => ["3-2", "4-3", "5-2", "6-2", "10", "11", "15-2", "19-2"],
    TransferReversed => [],
    ActingOpened => ["4-2"],
    ActingClosed => ["4-2"],
    ActsSeen => ["4-2"],
    Reminded => ["3-1"],
});

impl Chapter for Organization {
    type Act = Act;
    type Fact = Fact;

    fn question(city: &City, act: &Act, on: &Occasion) -> Question {
        let question = |action| Question::new(action, person(city, &on.by, on), the_city());
        match act {
            Act::Found { .. } => question("found").with("founded", city.organization.founded()),
            Act::EnrolPerson(_) => question("enrolPerson"),
            Act::Appoint(_) => question("appoint"),
            Act::Transfer { .. } => question("transfer"),
            Act::ReverseTransfer { .. } => question("reverseTransfer"),
            Act::OpenActing { reason, head_unable, .. } => question("openActing")
                .with("reasonGiven", !reason.trim().is_empty())
                .with("headUnable", *head_unable || city.head(on.at).is_none()),
            Act::CloseActing => question("closeActing"),
            Act::SeeActs { .. } => {
                question("seeActs").with("headInPerson", city.head_in_person(&on.by, on.at))
            }
            Act::Remind(_) => question("remind"),
        }
    }

    fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        match act {
            // Before there is any office, only whoever stands at the server can be told from anybody else.
            Act::Found { .. } if on.place != Place::Console => {
                Err(Invalid::State {
                    what: "city", id: String::new(), state: "操作卓以外からの設置"
                })
            }
            Act::Found { people, appointments } => found(city, people, appointments),
            Act::EnrolPerson(new) => Ok(vec![enrol(city, new)?]),
            Act::Appoint(appointment) => Ok(vec![appoint(city, appointment)?]),
            Act::Transfer { list, digest, rows, vacant } => {
                transfer::transfer(city, list, digest, &rows, &vacant)
            }
            Act::ReverseTransfer { list, reason } => transfer::reverse(city, list, reason),
            Act::OpenActing { reason, until, .. } => acting::open(city, reason, until, on),
            Act::CloseActing => acting::close(city, on),
            Act::SeeActs { receipts } => acting::see(city, receipts),
            Act::Remind(duty) => reminders::decide(city, &duty, on),
        }
    }

    fn fold(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        self.take(fact, entry, receipt);
    }

    fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
        let mut duties = duties::vacancies(city, at);
        duties.extend(duties::after_view(city, at));
        duties
    }
}

/// Everything of a founding holds, or nothing of it is recorded.
fn found(city: &City, people: Vec<NewPerson>, appointments: Vec<Appointment>) -> Result<Vec<Fact>, Invalid> {
    if people.len() + appointments.len() > limits::FOUNDING {
        return Err(Invalid::TooMany { what: "person", most: limits::FOUNDING });
    }
    let mut organization = city.organization.clone();
    let mut facts = vec![Fact::Founded];
    for new in people {
        check_person(city, &organization, &new)?;
        organization.enrol(&new);
        facts.push(Fact::PersonEnrolled(new));
    }
    for appointment in appointments {
        check_appointment(city, &organization, &appointment)?;
        organization.expect(&appointment);
        facts.push(Fact::Appointed(appointment));
    }
    Ok(facts)
}

fn enrol(city: &City, new: NewPerson) -> Result<Fact, Invalid> {
    check_person(city, &city.organization, &new)?;
    Ok(Fact::PersonEnrolled(new))
}

fn appoint(city: &City, appointment: Appointment) -> Result<Fact, Invalid> {
    check_appointment(city, &city.organization, &appointment)?;
    Ok(Fact::Appointed(appointment))
}

fn check_person(city: &City, organization: &Organization, new: &NewPerson) -> Result<(), Invalid> {
    text("name", &new.name, limits::NAME)?;
    text("kana", &new.kana, limits::NAME)?;
    if organization.person(&new.id).is_some() {
        return Err(Invalid::Exists { what: "person", id: new.id.to_string() });
    }
    if city.profile().section(new.section.as_str()).is_none() {
        return Err(Invalid::Unknown { what: "section", id: new.section.to_string() });
    }
    Ok(())
}

fn check_appointment(city: &City, organization: &Organization, new: &Appointment) -> Result<(), Invalid> {
    if city.profile().office(new.office.as_str()).is_none() {
        return Err(Invalid::Unknown { what: "office", id: new.office.to_string() });
    }
    if let Some(id) = &new.person {
        let unknown = || Invalid::Unknown { what: "person", id: id.to_string() };
        let person = organization.person(id).ok_or_else(unknown)?;
        if *person.workplace_on(new.from) == Workplace::Nowhere {
            return Err(Invalid::State {
                what: "person",
                id: id.to_string(),
                state: "その日には市にいない職員",
            });
        }
    }
    match organization.in_the_way(&new.office, new.from) {
        Some(later) => Err(Invalid::Overlap {
            office: new.office.to_string(),
            holder: later.person.as_ref().map_or("（空席）".to_owned(), ToString::to_string),
        }),
        None => Ok(()),
    }
}
