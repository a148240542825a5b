//! Whether the fields of a step are filled in as its definition wants.

use super::{Asked, Choice, Document, FieldDef, FieldKind, Particulars, Value};
use crate::invalid::text;
use crate::{City, Invalid, limits};

/// The fields as they will be recorded: known ones only, each of its kind, none that has to be there missing.
pub(super) fn checked(asked: &Asked<'_>) -> Result<Particulars, Invalid> {
    let fields = asked.step.def().fields;
    if let Some((unknown, _)) = asked.given.iter().find(|(id, _)| !fields.iter().any(|f| f.id == *id)) {
        return Err(Invalid::Unknown { what: "field", id: unknown.to_owned() });
    }
    let mut particulars = Particulars::new();
    for field in fields {
        match asked.given.get(field.id) {
            Some(value) if !is_empty(value) => {
                check(asked, field, value)?;
                particulars = particulars.with(field.id, value.clone());
            }
            _ if field.required => return Err(Invalid::Missing { what: field.id }),
            _ => {}
        }
    }
    Ok(particulars)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.trim().is_empty(),
        Value::Many(many) => many.is_empty(),
        Value::Flag(flag) => !flag,
        Value::Count(_) | Value::Document(_) => false,
    }
}

fn check(asked: &Asked<'_>, field: &'static FieldDef, value: &Value) -> Result<(), Invalid> {
    let malformed = |wants| Err(Invalid::Malformed { what: field.id, wants });
    match (field.kind, value) {
        (FieldKind::Line, Value::Text(line)) => text(field.id, line, limits::TEXT),
        (FieldKind::Text, Value::Text(long)) => text(field.id, long, limits::LONG_TEXT),
        (FieldKind::Lines, Value::Many(lines)) => {
            at_most(field, lines)?;
            lines.iter().try_for_each(|line| text(field.id, line, limits::TEXT))
        }
        (FieldKind::Day, Value::Text(day)) => match day.parse::<jiff::civil::Date>() {
            Ok(_) => Ok(()),
            Err(_) => malformed("日付"),
        },
        (FieldKind::Moment, Value::Text(at)) => match at.parse::<jiff::Timestamp>() {
            Ok(_) => Ok(()),
            Err(_) => malformed("日時"),
        },
        (FieldKind::Flag, Value::Flag(_)) => Ok(()),
        (FieldKind::One(options) | FieldKind::Case(_, options), Value::Text(id)) => {
            among(field, &options(asked.city, asked.on.at), id)
        }
        (FieldKind::Many(options) | FieldKind::Cases(_, options), Value::Many(ids)) => {
            at_most(field, ids)?;
            let choices = options(asked.city, asked.on.at);
            ids.iter().try_for_each(|id| among(field, &choices, id))
        }
        (FieldKind::Document, Value::Document(document)) => whole(field, document),
        (FieldKind::Line | FieldKind::Text, _) => malformed("文字"),
        (FieldKind::Lines | FieldKind::Many(_) | FieldKind::Cases(..), _) => malformed("一覧"),
        (FieldKind::Day, _) => malformed("日付"),
        (FieldKind::Moment, _) => malformed("日時"),
        (FieldKind::Flag, _) => malformed("はい・いいえ"),
        (FieldKind::One(_) | FieldKind::Case(..), _) => malformed("選択"),
        (FieldKind::Document, _) => malformed("文書"),
    }
}

fn at_most(field: &'static FieldDef, many: &[String]) -> Result<(), Invalid> {
    if many.len() > limits::CHOSEN {
        return Err(Invalid::TooMany { what: field.id, most: limits::CHOSEN });
    }
    Ok(())
}

fn among(field: &'static FieldDef, choices: &[Choice], id: &str) -> Result<(), Invalid> {
    if choices.iter().any(|choice| choice.id == id) {
        return Ok(());
    }
    Err(Invalid::Unknown { what: field.id, id: id.to_owned() })
}

fn whole(field: &'static FieldDef, document: &Document) -> Result<(), Invalid> {
    text(field.id, &document.name, limits::NAME)?;
    let hex = document.sha256.len() == 64
        && document.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if hex { Ok(()) } else { Err(Invalid::Malformed { what: field.id, wants: "SHA-256（16進64桁）" }) }
}

impl FieldDef {
    /// What may be chosen at `at`; nothing where the field is no choice.
    pub fn choices(&self, city: &City, at: jiff::Timestamp) -> Vec<Choice> {
        match self.kind {
            FieldKind::One(options)
            | FieldKind::Many(options)
            | FieldKind::Case(_, options)
            | FieldKind::Cases(_, options) => options(city, at),
            _ => Vec::new(),
        }
    }

    /// What people typed into this field, as the journal keeps it; nothing where they left it empty. Days may
    /// be written as the city writes them, moments as `2026-04-01T09:30` in Japan.
    ///
    /// # Errors
    /// [`Invalid::Malformed`] where the text is no day or no moment.
    pub fn read(&'static self, typed: &[&str]) -> Result<Option<Value>, Invalid> {
        let typed: Vec<&str> = typed.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        let Some(first) = typed.first() else { return Ok(None) };
        let malformed = |wants| Invalid::Malformed { what: self.id, wants };
        Ok(Some(match self.kind {
            FieldKind::Line | FieldKind::Text | FieldKind::One(_) | FieldKind::Case(..) => (*first).into(),
            FieldKind::Lines => {
                let lines = first.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.map(str::to_owned).collect::<Vec<_>>().into()
            }
            FieldKind::Many(_) | FieldKind::Cases(..) => {
                typed.into_iter().map(str::to_owned).collect::<Vec<_>>().into()
            }
            FieldKind::Flag => Value::Flag(true),
            FieldKind::Day => regulation::wareki::parse(first)
                .map_err(|_| malformed("日付（例：令和8年4月1日、2026-04-01）"))?
                .into(),
            FieldKind::Moment => {
                moment(first).ok_or(malformed("日時（例：2026-04-01 09:30）"))?.to_string().into()
            }
            // A document comes as content, not as text: whoever took it in knows its hash.
            FieldKind::Document => return Ok(None),
        }))
    }
}

/// A moment in Japan: `2026-04-01T09:30`, with a space or the city's way of writing days as well.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let (day, time) = text.split_once(['T', ' ', '　'])?;
    let day = regulation::wareki::parse(day.trim()).ok()?;
    let time: jiff::civil::Time = time.trim().parse().ok()?;
    jiff::tz::offset(9).to_timestamp(day.to_datetime(time)).ok()
}
