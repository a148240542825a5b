//! 案件: whatever goes in steps, by one mechanism.
//!
//! A matter of the council, a directive, a rule: each is a case with steps, guards, deadlines and papers. Its
//! chapter defines it once, as a [`CaseDef`]; the pages, the timeline, the print, the ledger, the duties and the
//! policies' questions come from the definition.
//!
//! Guards are of two kinds, as everywhere: what is *impossible* (an answer to a directive that nobody has
//! received) is checked here and by the definition's `check`; what is *unlawful* (a resolution without the
//! opinion it needs) is for the policies, which see the case as `Case { kind, section, taken, marks }`.

mod def;
mod duties;
mod fill;
mod ledger;
mod state;
mod value;

use jiff::Timestamp;
use policy::{Entity, Question};
use serde::{Deserialize, Serialize};

pub use def::{Asked, CaseDef, Choice, FieldDef, FieldKind, Mark, Options, Owed, Step, StepDef, StepError};
pub use ledger::rows;
pub use state::{Case, Cases, Number, Taken};
pub use value::{Document, Particulars, Value};

use crate::organization::{council, directive};
use crate::question::person;
use crate::{CaseId, Chapter, City, Duty, Entry, Invalid, Occasion, Receipt, rooms, rules};

/// Every definition, in the order of the regulation.
pub const DEFS: &[&CaseDef] = &[
    &council::MEETING,
    &council::MATTER,
    &directive::DIRECTIVE,
    &directive::REQUEST,
    &rooms::permit::PERMIT,
    &rooms::report::ENTRY_REPORT,
    &rules::RULE,
];

/// The definition of a kind of case.
pub fn def(kind: &str) -> Option<&'static CaseDef> {
    DEFS.iter().copied().find(|def| def.id == kind)
}

/// Somebody asks to take a step of a case; the first step of its kind opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Which case.
    pub case: CaseId,
    /// Which step, as `matter.resolve`.
    pub step: Step,
    /// What the step's fields say.
    #[serde(default)]
    pub particulars: Particulars,
}

/// A step was taken. It names kind and step as text: what was recorded can be read after definitions change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The kind of case.
    pub kind: String,
    /// Which case.
    pub case: CaseId,
    /// The step.
    pub step: String,
    /// What its fields say, and what the definition added at that moment.
    #[serde(default, skip_serializing_if = "Particulars::is_empty")]
    pub particulars: Particulars,
}

impl Fact {
    /// The definition of the step that was taken, if there still is one.
    pub fn step(&self) -> Option<&'static StepDef> {
        def(&self.kind)?.step(&self.step)
    }

    /// This fact's name.
    pub fn name(&self) -> &'static str {
        self.step().map_or("StepTaken", |step| step.fact)
    }

    /// The provisions that this fact is evidence for.
    pub fn evidence_for(&self) -> &'static [&'static str] {
        self.step().map_or(&[], |step| (step.evidence)(&self.particulars))
    }

    /// The names of all steps' facts.
    pub fn names() -> impl Iterator<Item = &'static str> {
        DEFS.iter().flat_map(|def| def.steps).map(|step| step.fact)
    }
}

/// The rules of all duties that steps make.
pub fn rules() -> impl Iterator<Item = &'static str> {
    let owed = DEFS.iter().flat_map(|def| def.steps).filter_map(|step| step.owed.as_ref());
    owed.map(|owed| owed.rule)
}

/// What a step's fact says to people, by the fact's name: `議決した`.
pub fn done(fact: &str) -> Option<&'static str> {
    DEFS.iter().flat_map(|def| def.steps).find(|step| step.fact == fact).map(|step| step.done)
}

/// The Japanese name of a step's action.
pub(crate) fn action_name(action: &str) -> Option<&'static str> {
    DEFS.iter().flat_map(|def| def.steps).find(|step| step.action == action).map(|step| step.name)
}

/// The heading of a field.
pub(crate) fn field_name(field: &str) -> Option<&'static str> {
    let fields = DEFS.iter().flat_map(|def| def.steps).flat_map(|step| step.fields);
    fields.into_iter().find(|known| known.id == field).map(|known| known.name)
}

impl Chapter for Cases {
    type Act = Act;
    type Fact = Fact;

    fn question(city: &City, act: &Act, on: &Occasion) -> Question {
        let asked = Asked::new(city, act, on);
        let def = act.step.case();
        let section = asked.case.map_or(String::new(), |case| (def.section)(case));
        let taken = asked.case.map(|case| case.standing().map(str::to_owned).collect::<policy::Value>());
        let marks = def.marks.iter().filter(|(_, holds)| holds(&asked));
        let resource = Entity::new("Case", act.case.as_str())
            .with("kind", def.id)
            .with("section", section)
            .with("taken", taken.unwrap_or_else(|| std::iter::empty::<String>().collect()))
            .with("marks", marks.map(|(code, _)| *code).collect::<policy::Value>());
        Question::new(act.step.def().action, person(city, &on.by, on), resource)
    }

    fn decide(city: &City, act: Act, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        let particulars = {
            let asked = Asked::new(city, &act, on);
            asked.possible()?;
            let mut particulars = fill::checked(&asked)?;
            (act.step.def().check)(&asked)?;
            particulars.extend((act.step.def().fill)(&asked));
            particulars
        };
        let (kind, step) = (act.step.case().id.to_owned(), act.step.def().id.to_owned());
        Ok(vec![Fact { kind, case: act.case, step, particulars }])
    }

    fn fold(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        self.take(fact, entry, receipt);
    }

    fn duties(city: &City, at: Timestamp) -> Vec<Duty> {
        duties::owed(city, at)
    }
}
