//! How a kind of case is defined: its steps, what guards them, what they ask for, what is owed.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Act, Case, Particulars, Value};
use crate::duty::Owner;
use crate::{CaseId, City, Invalid, Occasion};

/// A kind of case.
#[derive(Debug)]
pub struct CaseDef {
    /// Its name in addresses and facts: `matter`.
    pub id: &'static str,
    /// Its name in Japanese: `議題`.
    pub name: &'static str,
    /// The provision it comes from, as short id.
    pub citation: &'static str,
    /// The steps, in the order in which they usually come; the first opens the case.
    pub steps: &'static [StepDef],
    /// The section that the case is addressed to, as the policies see it; empty where there is none.
    pub section: fn(&Case) -> String,
    /// What else the policies may know when a step is asked for.
    pub marks: &'static [Mark],
    /// Nothing more is to come.
    pub closed: fn(&Case) -> bool,
}

/// Something that the policies may know of a case: its code, and when it holds.
pub type Mark = (&'static str, fn(&Asked<'_>) -> bool);

/// A step of a case.
#[derive(Debug)]
pub struct StepDef {
    /// Its name in addresses and facts: `resolve`.
    pub id: &'static str,
    /// What taking it is called: `議決する`.
    pub name: &'static str,
    /// What the timeline says of it: `議決した`.
    pub done: &'static str,
    /// The policies' action.
    pub action: &'static str,
    /// The fact's name, as demands call it: `record:Resolved`.
    pub fact: &'static str,
    /// The provisions that the fact is evidence for.
    pub evidence: fn(&Particulars) -> &'static [&'static str],
    /// Steps that have to stand before this one can be taken.
    pub after: &'static [&'static str],
    /// Steps after which this one is too late.
    pub before: &'static [&'static str],
    /// May be taken again while it stands.
    pub repeats: bool,
    /// Steps that stand no longer once this one is taken, so that they are to be taken anew.
    pub undoes: &'static [&'static str],
    /// What it asks for.
    pub fields: &'static [FieldDef],
    /// What else makes it impossible.
    pub check: fn(&Asked<'_>) -> Result<(), Invalid>,
    /// What the record keeps beside the fields, so that it is complete in itself.
    pub fill: fn(&Asked<'_>) -> Vec<(&'static str, Value)>,
    /// What of it people are shown beside the fields: its name, and its heading.
    pub told: &'static [(&'static str, &'static str)],
    /// By whom this step is owed, and until when, while it can be taken.
    pub owed: Option<Owed>,
}

/// That a step is owed.
#[derive(Debug)]
pub struct Owed {
    /// The rule that makes the duty: `7-4但.report`. The part before the dot is the provision.
    pub rule: &'static str,
    /// What is to be done, after the case's name: `を審議会に報告してください`.
    pub what: &'static str,
    /// By whom; nobody while it is not owed.
    pub by: fn(&City, &Case, Timestamp) -> Vec<Owner>,
    /// Until which day.
    pub due: fn(&City, &Case) -> Option<Date>,
}

/// A field of a step.
#[derive(Debug)]
pub struct FieldDef {
    /// Its name in facts and forms.
    pub id: &'static str,
    /// Its heading.
    pub name: &'static str,
    /// What it takes.
    pub kind: FieldKind,
    /// It may not be left empty.
    pub required: bool,
    /// What helps to fill it in.
    pub hint: &'static str,
}

/// What a field takes.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// A line of text.
    Line,
    /// Text of any length that people write.
    Text,
    /// Several texts, one on each line.
    Lines,
    /// A day.
    Day,
    /// A day and a time of day in Japan.
    Moment,
    /// Yes or no.
    Flag,
    /// One of several.
    One(Options),
    /// Any of several.
    Many(Options),
    /// One case of a kind.
    Case(&'static str, Options),
    /// Any of several cases of a kind.
    Cases(&'static str, Options),
    /// A document.
    Document,
}

/// What may be chosen at a moment.
pub type Options = fn(&City, Timestamp) -> Vec<Choice>;

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

impl Choice {
    /// Something to choose.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }
}

impl CaseDef {
    /// The step of that name.
    pub fn step(&self, id: &str) -> Option<&'static StepDef> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The step that opens a case.
    pub fn opening(&self) -> Option<&'static StepDef> {
        self.steps.first()
    }

    /// All steps of this kind.
    pub fn steps(&'static self) -> impl Iterator<Item = Step> {
        self.steps.iter().map(move |step| Step { case: self, step })
    }

    /// The heading of a field, whichever step asks for it.
    pub fn field(&self, id: &str) -> Option<&'static FieldDef> {
        self.steps.iter().flat_map(|step| step.fields).find(|field| field.id == id)
    }
}

impl StepDef {
    /// What most steps have: no conditions, no fields, nothing owed.
    pub(crate) const PLAIN: Self = Self {
        id: "",
        name: "",
        done: "",
        action: "",
        fact: "",
        evidence: |_| &[],
        after: &[],
        before: &[],
        repeats: false,
        undoes: &[],
        fields: &[],
        check: |_| Ok(()),
        fill: |_| Vec::new(),
        told: &[],
        owed: None,
    };
}

impl FieldDef {
    pub(crate) const fn need(id: &'static str, name: &'static str, kind: FieldKind) -> Self {
        Self { id, name, kind, required: true, hint: "" }
    }

    pub(crate) const fn may(id: &'static str, name: &'static str, kind: FieldKind) -> Self {
        Self { id, name, kind, required: false, hint: "" }
    }

    pub(crate) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
}

/// A step of a kind of case, as `matter.resolve`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Step {
    case: &'static CaseDef,
    step: &'static StepDef,
}

/// A text names no step of any kind of case.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no step `{text}`")]
pub struct StepError {
    text: String,
}

impl Step {
    /// The step of that name in that kind of case.
    pub fn of(kind: &str, step: &str) -> Option<Self> {
        let case = super::def(kind)?;
        case.step(step).map(|step| Self { case, step })
    }

    /// The kind of case.
    pub fn case(&self) -> &'static CaseDef {
        self.case
    }

    /// The step.
    pub fn def(&self) -> &'static StepDef {
        self.step
    }

    /// The step opens a case.
    pub fn opens(&self) -> bool {
        self.case.opening().is_some_and(|first| first.id == self.step.id)
    }
}

impl FromStr for Step {
    type Err = StepError;

    fn from_str(text: &str) -> Result<Self, StepError> {
        let found = text.split_once('.').and_then(|(kind, step)| Self::of(kind, step));
        found.ok_or_else(|| StepError { text: text.to_owned() })
    }
}

impl TryFrom<String> for Step {
    type Error = StepError;

    fn try_from(text: String) -> Result<Self, StepError> {
        text.parse()
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.to_string()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.case.id, self.step.id)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        (self.case.id, self.step.id) == (other.case.id, other.step.id)
    }
}

impl Eq for Step {}

/// Somebody asks for a step: what definitions look at.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The city as it is.
    pub city: &'a City,
    /// Which case.
    pub id: &'a CaseId,
    /// The case, if it is open or was.
    pub case: Option<&'a Case>,
    /// The step.
    pub step: Step,
    /// What its fields say.
    pub given: &'a Particulars,
    /// Who asks, and when.
    pub on: &'a Occasion,
}

impl<'a> Asked<'a> {
    pub(super) fn new(city: &'a City, act: &'a Act, on: &'a Occasion) -> Self {
        let (id, given) = (&act.case, &act.particulars);
        Self { city, id, case: city.cases.get(id), step: act.step, given, on }
    }

    /// The step can be taken now, whoever asks.
    pub(super) fn possible(&self) -> Result<(), Invalid> {
        match self.case {
            None if self.step.opens() => Ok(()),
            None => Err(Invalid::Unknown { what: "case", id: self.id.to_string() }),
            Some(_) if self.step.opens() => Err(Invalid::Exists { what: "case", id: self.id.to_string() }),
            Some(case) => case.possible(self.step),
        }
    }

    /// What a field says: as given now, else as last said in the case.
    pub fn value(&self, field: &str) -> Option<&'a Value> {
        self.given.get(field).or_else(|| self.case?.value(field))
    }

    /// The text of a field, as given now or as last said in the case.
    pub fn text(&self, field: &str) -> &'a str {
        self.value(field).and_then(Value::text).unwrap_or_default()
    }

    /// The case that a field names.
    pub fn linked(&self, field: &str) -> Option<&'a Case> {
        self.city.cases.get(&self.text(field).parse().ok()?)
    }
}
