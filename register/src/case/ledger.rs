//! The rows of a case's ledger, from its definition.

use super::{Case, Value};
use crate::{Cell, City, Row};

/// The cases of `kind`, oldest first, with a cell for each of `fields`: `number`, `title` and `state` of the
/// case, `step:at` and `step:by` of a step, or what a field says.
pub fn rows(city: &City, kind: &str, fields: &[&str]) -> Vec<Row> {
    let cases = city.cases.of_kind(kind);
    cases.into_iter().map(|(_, case)| fields.iter().map(|field| cell(city, case, field)).collect()).collect()
}

fn cell(city: &City, case: &Case, field: &str) -> Cell {
    match field.split_once(':') {
        Some((step, "at")) => case.last(step).map(|taken| taken.at).into(),
        Some((step, "by")) => case.last(step).map(|taken| city.name_of(&taken.by)).into(),
        Some((step, "receipt")) => case.last(step).map_or(Cell::Empty, |taken| Cell::code(&taken.receipt)),
        _ if field == "number" => case.label().into(),
        _ if field == "state" => case.state_name().into(),
        _ => said(city, case, field),
    }
}

fn said(city: &City, case: &Case, field: &str) -> Cell {
    case.value(field).map_or(Cell::Empty, |value| city.told(case, field, value).into())
}

impl Case {
    /// Where it stands: the last step that stands, or that nothing more is to come.
    pub fn state_name(&self) -> String {
        let last = self.timeline().last().and_then(|taken| self.def()?.step(&taken.step));
        let done = last.map_or("", |step| step.done);
        if self.closed() { format!("{done}（完結）") } else { done.to_owned() }
    }
}

impl City {
    /// What a field of a case says, as people read it.
    pub fn told(&self, case: &Case, field: &str, value: &Value) -> String {
        let field = case.def().and_then(|def| def.field(field));
        let name = |id: &str| match field.map(|field| field.kind) {
            Some(super::FieldKind::Day) => id.parse().map_or(id.to_owned(), regulation::wareki::print),
            Some(super::FieldKind::Moment) => id.parse().map_or(id.to_owned(), moment),
            Some(super::FieldKind::Case(..) | super::FieldKind::Cases(..)) => self.case_name(id),
            Some(super::FieldKind::One(_) | super::FieldKind::Many(_)) => self.choice_name(field, id, case),
            _ => id.to_owned(),
        };
        match value {
            Value::Flag(flag) => if *flag { "はい" } else { "いいえ" }.to_owned(),
            Value::Count(count) => count.to_string(),
            Value::Text(text) => name(text),
            Value::Many(many) => many.iter().map(|id| name(id)).collect::<Vec<_>>().join("、"),
            Value::Document(document) => document.name.clone(),
        }
    }

    /// `議題 令和8年度第3号「…」`.
    pub fn case_name(&self, id: &str) -> String {
        let case = id.parse().ok().and_then(|id| self.cases.get(&id));
        case.map_or(id.to_owned(), |case| format!("{}「{}」", case.label(), case.title()))
    }

    /// What was chosen, by the name it has among the choices on the day of the step; else the id.
    fn choice_name(&self, field: Option<&super::FieldDef>, id: &str, case: &Case) -> String {
        let at = case.timeline().last().map(|taken| taken.at);
        let choices = field.zip(at).map(|(field, at)| field.choices(self, at)).unwrap_or_default();
        choices.into_iter().find(|choice| choice.id == id).map_or(id.to_owned(), |choice| choice.name)
    }
}

/// `令和8年4月1日（水） 9時30分`.
fn moment(at: jiff::Timestamp) -> String {
    let there = jiff::tz::offset(9).to_datetime(at);
    let day = regulation::wareki::print_with_weekday(there.date());
    format!("{day} {}時{:02}分", there.hour(), there.minute())
}
