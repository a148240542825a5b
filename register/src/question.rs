//! How people and things appear to the policy: the entities of `policy/src/schema.cedarschema`.

use policy::{Entity, Question, Value};

use crate::{City, Occasion, PersonId, SectionId};

/// The person who acts, with the posts held at this moment.
pub(crate) fn person(city: &City, person: &PersonId, on: &Occasion) -> Entity {
    let standing = city.standing(person, on.at);
    Entity::new("Person", person.as_str())
        .with("section", standing.section.map_or(String::new(), String::from))
        .with("posts", standing.posts.into_iter().collect::<Value>())
        .with("officerOf", standing.officer_of.into_iter().collect::<Value>())
        .with("entryManagerOf", standing.entry_manager_of.into_iter().collect::<Value>())
}

/// The question as the deputy would have to put it without the head's post (第4条第2項): what is refused then is
/// done for the head.
pub fn in_own_name(question: &Question) -> Question {
    let mut own = question.clone();
    for entity in [&mut own.principal, &mut own.resource] {
        let same = entity.kind == question.principal.kind && entity.id == question.principal.id;
        if same && let Some(Value::Set(posts)) = entity.attributes.get_mut("posts") {
            posts.remove("head");
        }
    }
    own
}

/// The city as a whole.
pub(crate) fn city() -> Entity {
    Entity::new("City", "city")
}

/// A section.
pub(crate) fn section(section: &SectionId) -> Entity {
    Entity::new("Section", section.as_str()).with("code", section.as_str())
}
