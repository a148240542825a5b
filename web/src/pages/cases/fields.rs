//! A step's fields as a form, and a form as a step's particulars.

use jiff::Timestamp;
use register::case::{
    Case, CaseDef, Choice as Option_, Document, FieldDef, FieldKind, Particulars, StepDef, Value,
};
use register::{City, Invalid};

use crate::ask::Ask;
use crate::guard;
use crate::typed::Problems;
use crate::upload::Upload;
use crate::view::{Choice, Field, Form, Kind};
use crate::words;

/// Lists longer than this are written into, one name to a line, instead of ticked.
const BOXES: usize = 40;
/// Lists longer than this open instead of standing there.
const RADIOS: usize = 5;
/// What browsers offer first when a document is chosen.
const DOCUMENTS: &str = ".pdf,.csv,.txt,.xlsx,.docx";

/// The form of a step. Ids are told apart by the step: a page has the forms of several.
pub(super) fn form(action: String, step: &'static StepDef, city: &City, at: Timestamp) -> Form {
    let mut form = Form::new(action, step.name, guard::random_hex()).field(Field::hidden("step", step.id));
    for def in step.fields {
        form = form.field(field(step, def, city, at));
    }
    form
}

/// A form with what was said before, where a step is taken anew: it was sent back, or it changes what the case
/// began with.
pub(super) fn again(mut form: Form, def: &CaseDef, step: &StepDef, case: &Case) -> Form {
    let redone = case.last(step.id).is_some() && !case.has(step.id);
    let first = def.opening().map_or(&[] as &[_], |opening| opening.fields);
    for field in &mut form.fields {
        let changed = !step.undoes.is_empty() && first.iter().any(|known| known.id == field.name);
        if let Some(value) = case.value(field.name).filter(|_| redone || changed) {
            field.value = written(value, &field.kind);
        }
    }
    form
}

/// What was said, as a form's field carries it.
fn written(value: &Value, kind: &Kind) -> String {
    match value {
        Value::Flag(flag) => if *flag { "yes" } else { "" }.to_owned(),
        Value::Count(count) => count.to_string(),
        Value::Text(text) => match (kind, text.parse()) {
            (Kind::Moment, Ok(at)) => words::moment_field(at),
            _ => text.clone(),
        },
        Value::Many(many) => many.join("\n"),
        Value::Document(Document { name, sha256, bytes }) => {
            Upload { name: name.clone(), sha256: sha256.clone(), bytes: *bytes }.text()
        }
    }
}

fn field(step: &StepDef, def: &'static FieldDef, city: &City, at: Timestamp) -> Field {
    let options = def.choices(city, at);
    let none = options.is_empty();
    let mut hint = def.hint.to_owned();
    let kind = match def.kind {
        FieldKind::Line => Kind::Text,
        FieldKind::Text => Kind::Long,
        FieldKind::Lines => {
            hint.push_str("　1行に一つずつ書きます");
            Kind::Area
        }
        FieldKind::Day => {
            hint.clear();
            Kind::Day
        }
        FieldKind::Moment => {
            hint.clear();
            Kind::Moment
        }
        FieldKind::Flag => Kind::Check,
        FieldKind::One(_) if options.len() <= RADIOS && !none => Kind::Radio(choices(options)),
        FieldKind::One(_) | FieldKind::Case(..) => {
            let first = std::iter::once(Choice::new("", "選んでください"));
            Kind::Select(first.chain(choices(options)).collect())
        }
        FieldKind::Many(_) | FieldKind::Cases(..) if options.len() <= BOXES => Kind::Boxes(choices(options)),
        FieldKind::Many(_) | FieldKind::Cases(..) => {
            hint.push_str("　番号か氏名を、1行に一人ずつ書きます");
            Kind::Area
        }
        FieldKind::Document => {
            hint.push_str("　20メガバイトまで。内容のハッシュ値を原簿に記録します");
            Kind::File(DOCUMENTS)
        }
    };
    let chosen = matches!(
        def.kind,
        FieldKind::One(_) | FieldKind::Case(..) | FieldKind::Many(_) | FieldKind::Cases(..)
    );
    if chosen && none {
        hint.push_str("　選べるものが、いまはありません");
    }
    let field = Field::new(def.id, def.name, kind).id(format!("{}-{}", step.id, def.id));
    let field = if def.required { field.need() } else { field };
    match hint.trim_matches('　') {
        "" => field,
        hint => field.hint(hint),
    }
}

fn choices(options: Vec<Option_>) -> Vec<Choice> {
    options.into_iter().map(|option| Choice::new(option.id, option.name)).collect()
}

/// What was typed into a step's fields. All that is missing or cannot be read is told at once.
pub(super) fn read(ask: &Ask, step: &'static StepDef) -> Result<Particulars, Problems> {
    let mut problems = Problems::default();
    let mut particulars = Particulars::new();
    for def in step.fields {
        match value(ask, def) {
            Ok(Some(value)) => particulars = particulars.with(def.id, value),
            Ok(None) if def.required => problems.add(def.id, missing(def)),
            Ok(None) => {}
            Err(why) => problems.add(def.id, why),
        }
    }
    if problems.is_empty() { Ok(particulars) } else { Err(problems) }
}

fn missing(def: &FieldDef) -> &'static str {
    match def.kind {
        FieldKind::Line | FieldKind::Text | FieldKind::Lines => "入力してください",
        FieldKind::Flag => "確かめて印を付けてください",
        _ => "選んでください",
    }
}

fn value(ask: &Ask, def: &'static FieldDef) -> Result<Option<Value>, String> {
    if matches!(def.kind, FieldKind::Document) {
        let upload = ask.upload(def.id)?;
        return Ok(upload.map(|upload| {
            let (name, sha256, bytes) = (upload.name, upload.sha256, upload.bytes);
            Value::Document(Document { name, sha256, bytes })
        }));
    }
    let typed: Vec<&str> = ask.typed.all(def.id).collect();
    let told = |invalid: Invalid| invalid.japanese();
    if !matches!(def.kind, FieldKind::Many(_) | FieldKind::Cases(..)) {
        return def.read(&typed).map_err(told);
    }
    let options = {
        let office = ask.app.office();
        let now = office.now();
        def.choices(&office.city(), now)
    };
    let named: Result<Vec<String>, String> = typed
        .iter()
        .flat_map(|text| text.lines())
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| named(&options, line))
        .collect();
    let named = named?;
    def.read(&named.iter().map(String::as_str).collect::<Vec<_>>()).map_err(told)
}

/// The option that a line names: by its id, or by a name that no other has.
fn named(options: &[Option_], line: &str) -> Result<String, String> {
    if options.iter().any(|option| option.id == line) {
        return Ok(line.to_owned());
    }
    let plain = |text: &str| text.split('（').next().unwrap_or_default().replace([' ', '　'], "");
    let mut same = options.iter().filter(|option| option.name == line || plain(&option.name) == plain(line));
    match (same.next(), same.next()) {
        (Some(one), None) => Ok(one.id.clone()),
        (None, _) => Err(format!("「{line}」は選べるものの中にありません")),
        (Some(_), Some(_)) => Err(format!("「{line}」は何人もいます。番号で書いてください")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_by_number_or_by_a_name_of_one() {
        let options = [
            Option_::new("p1", "佐藤　花子（p1）"),
            Option_::new("p2", "鈴木　一郎（p2）"),
            Option_::new("p3", "鈴木　一郎（p3）"),
        ];
        assert_eq!(named(&options, "p2").as_deref(), Ok("p2"));
        assert_eq!(named(&options, "佐藤 花子").as_deref(), Ok("p1"));
        assert!(named(&options, "鈴木一郎").unwrap_err().contains("番号で"));
        assert!(named(&options, "山田").unwrap_err().contains("山田"));
    }
}
