//! 第5章 情報資産管理: who may handle 本人確認情報, its entering into the residents' file, and the run sheet.

pub mod plan;
pub mod runs;

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::Question;
use serde::{Deserialize, Serialize};

pub use runs::{Run, RunResult, Runs, Tick};

use crate::fact::facts;
use crate::ledger::columns;
use crate::organization::Left;
use crate::question::{city as the_city, person, section};
use crate::terms::Resident;
use crate::{
    Cell, Chapter, City, Duty, Entry, Invalid, JournalKind, LedgerDef, Occasion, PersonId, Receipt, Row,
    Rows, SectionId, limits,
};

/// What people ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 第20条第1項. The section's 本人確認情報管理責任者 names somebody who may handle 本人確認情報.
    DesignateHandler {
        /// Whom; somebody of another section too, such as who administers the system.
        person: PersonId,
        /// For the data of which section.
        section: SectionId,
    },
    /// 第20条第1項. Somebody may no longer handle it.
    EndHandler {
        /// Who.
        person: PersonId,
        /// In which section.
        section: SectionId,
    },
    /// 第19条第2項. Residents are entered into the CS's file.
    EnterResidents(Vec<Resident>),
    /// 第21条第2項. Something of the operation plan is done.
    Tick(Tick),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// Somebody may handle 本人確認情報.
    HandlerDesignated {
        /// Who.
        person: PersonId,
        /// In which section.
        section: SectionId,
    },
    /// Somebody may no longer handle it.
    HandlerEnded {
        /// Who.
        person: PersonId,
        /// In which section.
        section: SectionId,
    },
    /// A resident stands in the CS's file.
    ResidentEntered(Box<Resident>),
    /// Something of the operation plan was done.
    Ticked(Tick),
}

facts!(Fact {
    HandlerDesignated => ["20"],
    HandlerEnded => ["20"],
    ResidentEntered => ["19-2"],
    Ticked => ["21-2"],
});

impl Fact {
    /// The journal that keeps this fact.
    pub fn journal(&self) -> JournalKind {
        match self {
            Self::ResidentEntered(_) => JournalKind::Residents,
            _ => JournalKind::Register,
        }
    }
}

/// The state of 第5章. The residents themselves are too many for it: `cs` folds them into its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assets {
    /// The latest of each person.
    handlers: BTreeMap<PersonId, Handler>,
    /// Those that a later one followed.
    past: Vec<(PersonId, Handler)>,
    residents: u64,
    #[serde(default)]
    runs: Runs,
}

/// Somebody who may handle 本人確認情報, or might once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handler {
    /// In which section.
    pub section: SectionId,
    /// Who said so, and when.
    pub named: (PersonId, Timestamp),
    /// Until when.
    pub ended: Option<Timestamp>,
}

impl Assets {
    /// Who is listed, or was: the latest of each person.
    pub fn handlers(&self) -> impl Iterator<Item = (&PersonId, &Handler)> {
        self.handlers.iter()
    }

    /// What of the operation plan was done.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// How many residents were entered.
    pub fn residents(&self) -> u64 {
        self.residents
    }
}

impl City {
    /// The person is listed as handler of 本人確認情報 at `at`.
    pub fn handles(&self, person: &PersonId, at: Timestamp) -> bool {
        self.handler(person, at).is_some()
    }

    /// As what the person is listed at `at`. Whoever went to another section is listed no longer.
    pub fn handler(&self, person: &PersonId, at: Timestamp) -> Option<&Handler> {
        let handler = self.assets.handlers.get(person)?;
        (handler.ended.is_none() && self.handler_left(person, handler, at).is_none()).then_some(handler)
    }

    /// The person went to another section after having been listed.
    fn handler_left(&self, person: &PersonId, handler: &Handler, at: Timestamp) -> Option<Left> {
        self.organization.person(person)?.left(&handler.section, handler.named.1, at)
    }
}

impl Chapter for Assets {
    type Act = Act;
    type Fact = Fact;

    fn question(city: &City, act: &Act, on: &Occasion) -> Question {
        let actor = person(city, &on.by, on);
        match act {
            Act::DesignateHandler { section: of, .. } => {
                Question::new("designateHandler", actor, section(of))
            }
            Act::EndHandler { section: of, .. } => Question::new("endHandler", actor, section(of)),
            Act::EnterResidents(_) => Question::new("enterResidents", actor, the_city()),
            Act::Tick(_) => Question::new("tickRun", actor, the_city()),
        }
    }

    fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        match act {
            Act::DesignateHandler { person, section } => {
                let unknown = |what, id| Err(Invalid::Unknown { what, id });
                match city.organization.person(&person) {
                    None => unknown("person", person.to_string()),
                    Some(_) if city.handles(&person, on.at) => {
                        Err(Invalid::Exists { what: "handler", id: person.to_string() })
                    }
                    Some(_) => Ok(vec![Fact::HandlerDesignated { person, section }]),
                }
            }
            Act::EndHandler { person, section } => match city.assets.handlers.get(&person) {
                Some(handler) if handler.ended.is_none() && handler.section == section => {
                    Ok(vec![Fact::HandlerEnded { person, section }])
                }
                _ => Err(Invalid::Unknown { what: "handler", id: person.to_string() }),
            },
            Act::EnterResidents(residents) => {
                if residents.len() > limits::ENTERED {
                    return Err(Invalid::TooMany { what: "touched", most: limits::ENTERED });
                }
                Ok(residents.into_iter().map(|resident| Fact::ResidentEntered(Box::new(resident))).collect())
            }
            Act::Tick(tick) => {
                runs::check(city, &tick, on)?;
                Ok(vec![Fact::Ticked(tick)])
            }
        }
    }

    fn fold(&mut self, fact: &Fact, entry: &Entry, _receipt: &Receipt) {
        match fact {
            Fact::HandlerDesignated { person, section } => {
                let handler =
                    Handler { section: section.clone(), named: (entry.by.clone(), entry.at), ended: None };
                if let Some(earlier) = self.handlers.insert(person.clone(), handler) {
                    self.past.push((person.clone(), earlier));
                }
            }
            Fact::HandlerEnded { person, .. } => {
                if let Some(handler) = self.handlers.get_mut(person) {
                    handler.ended = Some(entry.at);
                }
            }
            Fact::ResidentEntered(_) => self.residents += 1,
            Fact::Ticked(tick) => self.runs.take(tick, &entry.by, entry.at),
        }
    }

    fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
        runs::duties(city, at)
    }
}

/// The ledgers of this chapter.
pub const LEDGERS: &[LedgerDef] = &[HANDLERS, runs::LEDGER];

const HANDLERS: LedgerDef = LedgerDef {
    id: "handlers",
    name: "本人確認情報取扱者名簿",
    citation: "20",
    keeper: "resident-data-manager",
    columns: columns![
        ("person", "職員番号"),
        ("name", "氏名"),
        ("section", "課所"),
        ("named_by", "指定者"),
        ("named_at", "指定日時"),
        ("ended_at", "終了日時"),
    ],
    rows: Rows::OfCity(handlers),
};

fn handlers(city: &City, at: Timestamp) -> Vec<Row> {
    let past = city.assets.past.iter().map(|(id, handler)| (id, handler));
    let handlers = past.chain(city.assets.handlers());
    handlers
        .map(|(id, handler)| {
            vec![
                Cell::code(id),
                city.name_of(id).into(),
                city.section_name(&handler.section).into(),
                city.name_of(&handler.named.0).into(),
                handler.named.1.into(),
                handler.ended.or(city.handler_left(id, handler, at).map(|left| left.at)).into(),
            ]
        })
        .collect()
}
