//! A question in Cedar's types.

use std::collections::HashMap;

use cedar_policy::{EntityTypeName, EntityUid, RestrictedExpression};

use crate::question::{Entity, Record, Value};

/// A value as Cedar takes it.
pub(crate) fn expression(value: &Value) -> RestrictedExpression {
    match value {
        Value::Bool(value) => RestrictedExpression::new_bool(*value),
        Value::Long(value) => RestrictedExpression::new_long(*value),
        Value::Text(value) => RestrictedExpression::new_string(value.clone()),
        Value::Set(values) => {
            RestrictedExpression::new_set(values.iter().cloned().map(RestrictedExpression::new_string))
        }
        Value::Record(record) => {
            RestrictedExpression::new_record(pairs(record)).expect("a map has no key twice")
        }
    }
}

/// Named values as Cedar takes them.
pub(crate) fn pairs(record: &Record) -> impl Iterator<Item = (String, RestrictedExpression)> + '_ {
    record.iter().map(|(name, value)| ((*name).to_owned(), expression(value)))
}

/// The entity's name in Cedar; None for a type that the schema does not know.
pub(crate) fn uid(entity: &Entity, kinds: &HashMap<String, EntityTypeName>) -> Option<EntityUid> {
    let kind = kinds.get(entity.kind)?;
    Some(EntityUid::from_type_name_and_id(kind.clone(), cedar_policy::EntityId::new(&entity.id)))
}
