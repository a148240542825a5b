//! What is so of the cases: every step taken, and which of them stand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use regulation::wareki::FiscalYear;
use serde::{Deserialize, Serialize};

use super::{CaseDef, Fact, Particulars, Step, StepDef, Value, def};
use crate::occasion::japan_day;
use crate::{CaseId, Entry, Invalid, PersonId, Receipt};

/// Every case, open or closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cases {
    cases: BTreeMap<CaseId, Case>,
    /// How many cases of a kind were opened in a fiscal year: the last number given.
    numbers: BTreeMap<String, BTreeMap<i16, u32>>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    kind: String,
    number: Number,
    timeline: Vec<Taken>,
    standing: BTreeSet<String>,
}

/// What people call a case by: the fiscal year (年度) it was opened in, and the place in its order, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number {
    /// 年度, by the year in which it begins.
    pub year: i16,
    /// 第何号.
    pub place: u32,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Which.
    pub step: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// By the deputy for the head (職務代理).
    pub acting: bool,
    /// Where it is recorded.
    pub receipt: Receipt,
    /// What its fields say.
    pub particulars: Particulars,
}

impl Cases {
    /// A case.
    pub fn get(&self, id: &CaseId) -> Option<&Case> {
        self.cases.get(id)
    }

    /// Every case.
    pub fn iter(&self) -> impl Iterator<Item = (&CaseId, &Case)> {
        self.cases.iter()
    }

    /// The cases of a kind, oldest first.
    pub fn of_kind(&self, kind: &str) -> Vec<(&CaseId, &Case)> {
        let mut cases: Vec<_> = self.cases.iter().filter(|(_, case)| case.kind == kind).collect();
        cases.sort_by_key(|(_, case)| case.number);
        cases
    }

    /// The cases that name `id` in a field: the directives of a resolution, the meetings of a matter.
    pub fn naming(&self, id: &CaseId) -> Vec<(&CaseId, &Case)> {
        self.cases.iter().filter(|(_, case)| case.names(id)).collect()
    }

    pub(super) fn take(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        let numbers = self.numbers.entry(fact.kind.clone()).or_default();
        let case = self.cases.entry(fact.case.clone()).or_insert_with(|| {
            let day = japan_day(entry.at);
            let year = FiscalYear::of(day).map_or(day.year(), FiscalYear::year);
            let last = numbers.entry(year).or_default();
            *last += 1;
            let number = Number { year, place: *last };
            Case { kind: fact.kind.clone(), number, timeline: Vec::new(), standing: BTreeSet::new() }
        });
        case.take(fact, entry, receipt);
    }
}

impl Case {
    /// Its definition, if there still is one.
    pub fn def(&self) -> Option<&'static CaseDef> {
        def(&self.kind)
    }

    /// The kind of case.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What people call it by.
    pub fn number(&self) -> Number {
        self.number
    }

    /// `議題 令和8年度第3号`.
    pub fn label(&self) -> String {
        let year = FiscalYear::starting(self.number.year)
            .map_or_else(|| format!("{}年度", self.number.year), FiscalYear::japanese);
        format!("{} {year}第{}号", self.def().map_or(self.kind.as_str(), |def| def.name), self.number.place)
    }

    /// What it is about: the field `title`.
    pub fn title(&self) -> &str {
        self.text("title")
    }

    /// Every step taken, oldest first.
    pub fn timeline(&self) -> &[Taken] {
        &self.timeline
    }

    /// The steps that stand.
    pub fn standing(&self) -> impl Iterator<Item = &str> {
        self.standing.iter().map(String::as_str)
    }

    /// Whether a step stands.
    pub fn has(&self, step: &str) -> bool {
        self.standing.contains(step)
    }

    /// The last time a step was taken, whether it still stands or not.
    pub fn last(&self, step: &str) -> Option<&Taken> {
        self.timeline.iter().rev().find(|taken| taken.step == step)
    }

    /// The day on which a step was last taken.
    pub fn day_of(&self, step: &str) -> Option<Date> {
        self.last(step).map(|taken| japan_day(taken.at))
    }

    /// What a field says, as last said.
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.timeline.iter().rev().find_map(|taken| taken.particulars.get(field))
    }

    /// The text of a field, as last said.
    pub fn text(&self, field: &str) -> &str {
        self.value(field).and_then(Value::text).unwrap_or_default()
    }

    /// The day that a field names, as last said.
    pub fn day(&self, field: &str) -> Option<Date> {
        self.text(field).parse().ok()
    }

    /// The texts of a field that may have several, as last said.
    pub fn many(&self, field: &str) -> &[String] {
        match self.value(field) {
            Some(Value::Many(many)) => many,
            _ => &[],
        }
    }

    /// Whether a field says yes, as last said.
    pub fn flag(&self, field: &str) -> bool {
        self.value(field) == Some(&Value::Flag(true))
    }

    /// Nothing more is to come.
    pub fn closed(&self) -> bool {
        self.def().is_none_or(|def| (def.closed)(self))
    }

    /// The steps that can be taken now, by whoever may.
    pub fn next(&self) -> Vec<Step> {
        let steps = self.def().into_iter().flat_map(CaseDef::steps);
        steps.filter(|step| self.possible(*step).is_ok()).collect()
    }

    /// The step can be taken now, whoever asks.
    ///
    /// # Errors
    /// [`Invalid`] says why it cannot.
    pub fn possible(&self, step: Step) -> Result<(), Invalid> {
        let (def, step) = (step.case(), step.def());
        let missing = step.after.iter().find(|before| !self.has(before));
        if def.id != self.kind || self.closed() {
            Err(Invalid::Closed { what: self.label() })
        } else if let Some(missing) = missing {
            Err(Invalid::TooEarly { step: step.name, needs: name_of(def, missing) })
        } else if let Some(late) = step.before.iter().find(|late| self.has(late)) {
            Err(Invalid::TooLate { step: step.name, because: name_of(def, late) })
        } else if (self.has(step.id) && !step.repeats) || def.opening().is_some_and(|o| o.id == step.id) {
            Err(Invalid::TooLate { step: step.name, because: step.name })
        } else {
            Ok(())
        }
    }

    fn names(&self, id: &CaseId) -> bool {
        let fields = self.timeline.iter().flat_map(|taken| taken.particulars.iter());
        fields.into_iter().any(|(_, value)| match value {
            Value::Text(text) => text == id.as_str(),
            Value::Many(many) => many.iter().any(|text| text == id.as_str()),
            _ => false,
        })
    }

    fn take(&mut self, fact: &Fact, entry: &Entry, receipt: &Receipt) {
        for undone in fact.step().map_or(&[] as &[_], |step: &StepDef| step.undoes) {
            self.standing.remove(*undone);
        }
        self.standing.insert(fact.step.clone());
        self.timeline.push(Taken {
            step: fact.step.clone(),
            at: entry.at,
            by: entry.by.clone(),
            acting: entry.acting,
            receipt: receipt.clone(),
            particulars: fact.particulars.clone(),
        });
    }
}

fn name_of(def: &CaseDef, step: &str) -> &'static str {
    def.step(step).map_or("", |step| step.name)
}
