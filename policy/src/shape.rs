//! Whether a question says all that the schema wants, and nothing else.
//!
//! Cedar has a check of its own. This one does the same faster and says which attribute is at fault; a test
//! holds the two together.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_json::{Map, Value as Json};

use crate::question::{Entity, Question, Record, Value};

/// The schema as a table.
pub(crate) struct Shapes {
    entities: HashMap<String, Fields>,
    actions: HashMap<String, Applies>,
}

/// What an action applies to.
struct Applies {
    principals: Vec<String>,
    resources: Vec<String>,
    context: Fields,
}

/// All of them are required; the schema has no optional attributes.
type Fields = BTreeMap<String, Shape>;

/// The type of a value.
#[derive(Clone)]
enum Shape {
    Bool,
    Long,
    Text,
    Set,
    Record(Fields),
}

/// How a question does not fit. The place is a path such as `context.proof.holder`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The schema has no such action.
    Action(String),
    /// The action does not apply to this type of entity.
    Kind { place: &'static str, kind: String },
    /// An attribute is missing.
    Missing(String),
    /// The schema does not know the attribute.
    Unknown(String),
    /// The value has another type.
    Type { place: String, expected: &'static str },
}

impl Misfit {
    /// What is at fault, in Japanese.
    pub(crate) fn japanese(&self) -> String {
        match self {
            Self::Action(action) => format!("行為 `{action}` が定義されていません"),
            Self::Kind { place, kind } => format!("`{place}` に `{kind}` は取れません"),
            Self::Missing(place) => format!("`{place}` が示されていません"),
            Self::Unknown(place) => format!("`{place}` は定義されていません"),
            Self::Type { place, expected } => format!("`{place}` の値が {expected} ではありません"),
        }
    }
}

impl Shapes {
    /// From the schema in Cedar's JSON form. None for what no question of ours needs: namespaces, optional
    /// attributes, sets of anything but codes, entities as attributes, extension types.
    pub(crate) fn from_json(schema: &Json) -> Option<Self> {
        let [(_, namespace)] = schema.as_object()?.iter().collect::<Vec<_>>()[..] else {
            return None;
        };
        let empty = Map::new();
        let common = namespace.get("commonTypes").map_or(Some(&empty), Json::as_object)?;
        let fields = |json: Option<&Json>| match json.map(|json| Shape::from_json(json, common)) {
            None => Some(Fields::new()),
            Some(Some(Shape::Record(fields))) => Some(fields),
            Some(_) => None,
        };
        let entities = namespace.get("entityTypes")?.as_object()?.iter();
        let entities = entities.map(|(name, entity)| Some((name.clone(), fields(entity.get("shape"))?)));
        let actions = namespace.get("actions")?.as_object()?.iter().map(|(name, action)| {
            let applies = action.get("appliesTo")?;
            let applies = Applies {
                principals: names(applies.get("principalTypes")?)?,
                resources: names(applies.get("resourceTypes")?)?,
                context: fields(applies.get("context"))?,
            };
            Some((name.clone(), applies))
        });
        Some(Self { entities: entities.collect::<Option<_>>()?, actions: actions.collect::<Option<_>>()? })
    }

    /// The first misfit, if any.
    pub(crate) fn check(&self, question: &Question) -> Result<(), Misfit> {
        let applies =
            self.actions.get(question.action).ok_or_else(|| Misfit::Action(question.action.to_owned()))?;
        self.entity(&question.principal, "principal", &applies.principals)?;
        self.entity(&question.resource, "resource", &applies.resources)?;
        fit(&question.context, &applies.context, &Path::Root("context"))
    }

    fn entity(&self, entity: &Entity, place: &'static str, kinds: &[String]) -> Result<(), Misfit> {
        let shape = kinds.iter().find(|kind| *kind == entity.kind).and_then(|kind| self.entities.get(kind));
        let fields = shape.ok_or_else(|| Misfit::Kind { place, kind: entity.kind.to_owned() })?;
        fit(&entity.attributes, fields, &Path::Root(place))
    }
}

impl Shape {
    fn from_json(json: &Json, common: &Map<String, Json>) -> Option<Self> {
        let kind = json.get("type")?.as_str()?;
        match kind {
            "Set" => {
                let element = Self::from_json(json.get("element")?, common)?;
                matches!(element, Self::Text).then_some(Self::Set)
            }
            "Record" => {
                let fields = json.get("attributes")?.as_object()?.iter().map(|(name, field)| {
                    let required = field.get("required").is_none_or(|required| required == &Json::Bool(true));
                    Some((name.clone(), Self::from_json(field, common).filter(|_| required)?))
                });
                Some(Self::Record(fields.collect::<Option<_>>()?))
            }
            "EntityOrCommon" => Self::named(json.get("name")?.as_str()?, common),
            name => Self::named(name, common),
        }
    }

    fn named(name: &str, common: &Map<String, Json>) -> Option<Self> {
        match name.strip_prefix("__cedar::").unwrap_or(name) {
            "Bool" | "Boolean" => Some(Self::Bool),
            "Long" => Some(Self::Long),
            "String" => Some(Self::Text),
            name => Self::from_json(common.get(name)?, common),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Bool => "真偽",
            Self::Long => "整数",
            Self::Text => "文字列",
            Self::Set => "文字列の集まり",
            Self::Record(_) => "項目の集まり",
        }
    }
}

fn names(json: &Json) -> Option<Vec<String>> {
    json.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Where a value stands; put into words only when it does not fit.
enum Path<'p> {
    Root(&'static str),
    In(&'p Path<'p>, &'p str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::In(outer, name) => write!(f, "{outer}.{name}"),
        }
    }
}

/// Both are sorted by name: one walk finds what is missing and what is too much.
fn fit(record: &Record, fields: &Fields, path: &Path<'_>) -> Result<(), Misfit> {
    let mut given = record.iter();
    for (name, shape) in fields {
        let place = Path::In(path, name);
        match given.next() {
            Some((found, value)) if found == name => fit_value(value, shape, &place)?,
            Some((found, _)) if !fields.contains_key(*found) => {
                return Err(Misfit::Unknown(Path::In(path, found).to_string()));
            }
            _ => return Err(Misfit::Missing(place.to_string())),
        }
    }
    match given.next() {
        Some((found, _)) => Err(Misfit::Unknown(Path::In(path, found).to_string())),
        None => Ok(()),
    }
}

fn fit_value(value: &Value, shape: &Shape, path: &Path<'_>) -> Result<(), Misfit> {
    match (value, shape) {
        (Value::Bool(_), Shape::Bool)
        | (Value::Long(_), Shape::Long)
        | (Value::Text(_), Shape::Text)
        | (Value::Set(_), Shape::Set) => Ok(()),
        (Value::Record(record), Shape::Record(fields)) => fit(record, fields, path),
        _ => Err(Misfit::Type { place: path.to_string(), expected: shape.name() }),
    }
}
