//! The judge: one question in, one answer out, closed on every doubt.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityTypeName, EntityUid, PolicySet, Request, Response, Schema,
};
use regulation::Citation;

use crate::answer::{Answer, Ground, Refusal};
use crate::fault::LoadError;
use crate::info::{Effect, PolicyInfo};
use crate::load::{self, File};
use crate::question::{Entity, Question};
use crate::shape::{Misfit, Shapes};
use crate::translate;

/// The policy named by a ground that stands for a question that could not be judged.
pub const UNDECIDED: &str = "undecided";

/// One version of a city's policies, ready to judge.
pub struct Regulator {
    version: String,
    shapes: Shapes,
    authorizer: Authorizer,
    kinds: HashMap<String, EntityTypeName>,
    actions: HashMap<String, Action>,
    infos: BTreeMap<String, PolicyInfo>,
}

/// An action with the policies that speak of it: the others could not match.
struct Action {
    uid: EntityUid,
    policies: PolicySet,
}

/// Why a question could not be judged. What cannot be judged is refused.
enum Doubt {
    /// The question does not say what the schema wants.
    Misfit(Misfit),
    /// Cedar does not take the question.
    Untaken(String),
    /// Policies failed to evaluate. Cedar would skip them, and a forbid that is skipped permits.
    Failed(Vec<String>),
    /// No policy speaks for it.
    Unpermitted,
}

impl Regulator {
    /// Parses and checks policy files, given as (name, text). `known` says whether the regulation has a
    /// citation.
    ///
    /// # Errors
    /// Every fault of every file at once.
    pub fn load<N: AsRef<str>, T: AsRef<str>>(
        files: &[(N, T)],
        known: impl Fn(&Citation) -> bool,
    ) -> Result<Self, LoadError> {
        let files: Vec<File<'_>> =
            files.iter().map(|(name, text)| File { name: name.as_ref(), text: text.as_ref() }).collect();
        let schema = load::schema();
        let loaded = load::load(&files, &schema, &known)?;
        let actions = schema
            .actions()
            .map(|uid| {
                let name = load::action_name(uid);
                let spoken = |id: &str| loaded.infos.get(id).is_some_and(|info| info.actions.contains(&name));
                let policies = loaded.policies.iter().filter(|policy| spoken(policy.id().as_ref()));
                let policies =
                    PolicySet::from_policies(policies.cloned()).expect("the names of loaded policies differ");
                (name.clone(), Action { uid: uid.clone(), policies })
            })
            .collect();
        Ok(Self {
            version: load::version(&files),
            authorizer: Authorizer::new(),
            kinds: schema.entity_types().map(|kind| (kind.to_string(), kind.clone())).collect(),
            actions,
            infos: loaded.infos,
            shapes: load::shapes(),
        })
    }

    /// The answer to `question`, with every article that stands against it. Whatever cannot be judged (an
    /// unknown action, a missing attribute, a policy that fails) is refused as [`UNDECIDED`].
    pub fn judge(&self, question: &Question) -> Answer {
        let response = match self.ask(question) {
            Ok(response) => response,
            Err(doubt) => return refused(vec![doubt.ground()]),
        };
        let mut grounds = self.grounds(&response);
        let failed: Vec<String> =
            response.diagnostics().errors().map(|error| policy_of(error).to_owned()).collect();
        if !failed.is_empty() {
            grounds.push(Doubt::Failed(failed).ground());
        }
        match response.decision() {
            Decision::Allow if grounds.is_empty() => Answer::Permitted,
            Decision::Deny if grounds.is_empty() => refused(vec![Doubt::Unpermitted.ground()]),
            Decision::Allow | Decision::Deny => refused(grounds),
        }
    }

    /// What tells this version of the policies from others: `sha256:…` over the schema and all files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// All policies, in the order of their names.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyInfo> {
        self.infos.values()
    }

    /// The policy of this name.
    pub fn policy(&self, id: &str) -> Option<&PolicyInfo> {
        self.infos.get(id)
    }

    fn ask(&self, question: &Question) -> Result<Response, Doubt> {
        // INVARIANT (checked): Cedar sees only what fits the schema; its own check would find nothing more.
        self.shapes.check(question).map_err(Doubt::Misfit)?;
        self.evaluate(question, None)
    }

    /// Puts the question to Cedar, which checks it again when given a schema.
    fn evaluate(&self, question: &Question, schema: Option<&Schema>) -> Result<Response, Doubt> {
        let unknown = || Doubt::Misfit(Misfit::Action(question.action.to_owned()));
        let action = self.actions.get(question.action).ok_or_else(unknown)?;
        let (principal, person) = self.entity("principal", &question.principal)?;
        let (resource, thing) = self.entity("resource", &question.resource)?;
        let context = Context::from_pairs(translate::pairs(&question.context)).map_err(untaken)?;
        let request =
            Request::new(principal, action.uid.clone(), resource, context, schema).map_err(untaken)?;
        let entities = Entities::from_entities([person, thing], schema).map_err(untaken)?;
        Ok(self.authorizer.is_authorized(&request, &action.policies, &entities))
    }

    fn entity(
        &self,
        place: &'static str,
        entity: &Entity,
    ) -> Result<(EntityUid, cedar_policy::Entity), Doubt> {
        let unknown = || Doubt::Misfit(Misfit::Kind { place, kind: entity.kind.to_owned() });
        let uid = translate::uid(entity, &self.kinds).ok_or_else(unknown)?;
        let attributes = translate::pairs(&entity.attributes).collect();
        let entity = cedar_policy::Entity::new(uid.clone(), attributes, HashSet::new()).map_err(untaken)?;
        Ok((uid, entity))
    }

    /// The forbids that stand against the act, in the order of the regulation.
    fn grounds(&self, response: &Response) -> Vec<Ground> {
        let reasons = response.diagnostics().reason();
        let mut forbids: Vec<&PolicyInfo> = reasons
            .filter_map(|id| self.infos.get(AsRef::<str>::as_ref(id)))
            .filter(|info| info.effect == Effect::Forbid)
            .collect();
        forbids.sort_by_key(|info| (info.citation, &info.id));
        forbids
            .into_iter()
            .map(|info| Ground {
                policy: info.id.clone(),
                citation: info.citation,
                reason: info.reason.clone(),
                remedy: info.remedy.clone(),
            })
            .collect()
    }
}

impl std::fmt::Debug for Regulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Regulator")
            .field("version", &self.version)
            .field("policies", &self.infos.len())
            .finish()
    }
}

impl Doubt {
    fn ground(&self) -> Ground {
        Ground {
            policy: UNDECIDED.to_owned(),
            citation: None,
            reason: format!("規程に照らして判断できないため、お受けできません（{}）", self.japanese()),
            remedy: "表示の内容を、そのままシステム管理者に知らせてください".to_owned(),
        }
    }

    fn japanese(&self) -> String {
        match self {
            Self::Misfit(misfit) => misfit.japanese(),
            Self::Untaken(detail) => format!("示された事実を扱えません: {detail}"),
            Self::Failed(policies) => format!("ポリシー `{}` を評価できません", policies.join("` `")),
            Self::Unpermitted => "許可するポリシーがありません".to_owned(),
        }
    }
}

fn refused(grounds: Vec<Ground>) -> Answer {
    Answer::Refused(Refusal { grounds })
}

fn untaken(error: impl std::fmt::Display) -> Doubt {
    Doubt::Untaken(error.to_string())
}

fn policy_of(error: &cedar_policy::AuthorizationError) -> &str {
    match error {
        cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id().as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SCHEMA;
    use crate::question::{Record, Value};

    /// One policy per action, enough to ask.
    fn regulator() -> Regulator {
        let actions: Vec<String> = load::schema().actions().map(load::action_name).collect();
        let permit = |a: &String| {
            format!("@id(\"permit.{a}\") permit (principal, action == Action::\"{a}\", resource);")
        };
        Regulator::load(&[("permits", actions.iter().map(permit).collect::<String>())], |_| true)
            .expect("permits")
    }

    fn person() -> Entity {
        let none = || Value::Set(std::collections::BTreeSet::new());
        let person = Entity::new("Person", "p").with("section", "s");
        person.with("posts", none()).with("officerOf", none()).with("entryManagerOf", none())
    }

    /// Questions that fit, of different depth.
    fn fitting() -> Vec<Question> {
        let flags = ["cardProven", "passwordProven", "passwordDemanded", "terminalInService", "cardInLedger"];
        let flags = flags.into_iter().chain(["authenticator", "cardInUse", "lent", "holder", "locked"]);
        let proof: Record = flags.map(|name| (name, Value::Bool(true))).collect();
        let terminal = || Entity::new("Terminal", "t").with("section", "s");
        let work = Question::new("operate", person(), terminal())
            .with("proof", proof.clone())
            .with("sessionOpen", true)
            .with("operation", "consult")
            .with("cardOperations", ["consult"].into_iter().collect::<Value>())
            .with("designated", true)
            .with("handler", true)
            .with("passwordOwn", true)
            .with("rulesRead", true);
        let history = Question::new("viewHistory", person(), terminal())
            .with("work", work.context.clone())
            .with("scope", "own")
            .with("purposeGiven", true);
        let sign_in = Question { context: proof, ..Question::new("signIn", person(), terminal()) };
        let city = Question::new("appoint", person(), Entity::new("City", "c"));
        vec![work, history, sign_in, city]
    }

    /// The record with one thing wrong, at every place and in every way.
    fn spoiled(record: &Record) -> Vec<Record> {
        let mut all = Vec::new();
        for (name, value) in record {
            let mut less = record.clone();
            less.remove(name);
            all.push(less);
            let others = [
                Value::Bool(true),
                Value::Long(1),
                Value::Text("x".to_owned()),
                ["x"].into_iter().collect(),
                Value::Record(Record::new()),
            ];
            all.extend(others.map(|other| replaced(record, name, other)));
            if let Value::Record(inner) = value {
                all.extend(spoiled(inner).into_iter().map(|inner| replaced(record, name, inner.into())));
            }
        }
        for extra in ["aaa", "proof", "zzz"] {
            all.push(replaced(record, extra, true.into()));
        }
        all
    }

    fn replaced(record: &Record, name: &'static str, value: Value) -> Record {
        let mut record = record.clone();
        record.insert(name, value);
        record
    }

    fn variants(question: &Question) -> Vec<Question> {
        let mut all = vec![question.clone()];
        all.extend(
            spoiled(&question.context).into_iter().map(|context| Question { context, ..question.clone() }),
        );
        for attributes in spoiled(&question.principal.attributes) {
            let principal = Entity { attributes, ..question.principal.clone() };
            all.push(Question { principal, ..question.clone() });
        }
        for attributes in spoiled(&question.resource.attributes) {
            let resource = Entity { attributes, ..question.resource.clone() };
            all.push(Question { resource, ..question.clone() });
        }
        for entity in ["Person", "City", "Section", "Terminal", "Card", "Nothing"] {
            let swap = |entity_of: &Entity| Entity { kind: entity, ..entity_of.clone() };
            all.push(Question { principal: swap(&question.principal), ..question.clone() });
            all.push(Question { resource: swap(&question.resource), ..question.clone() });
        }
        let actions = ["found", "appoint", "signIn", "signOut", "operate", "viewHistory", "nothing"];
        all.extend(actions.map(|action| Question { action, ..question.clone() }));
        all
    }

    #[test]
    fn the_table_and_cedar_take_the_same_questions() {
        let (regulator, schema) = (regulator(), load::schema());
        let (mut taken, mut not) = (0, 0);
        for question in fitting().iter().flat_map(variants) {
            let table = regulator.shapes.check(&question);
            let cedar = regulator.evaluate(&question, Some(&schema));
            assert_eq!(table.is_ok(), cedar.is_ok(), "{table:?} of {question:#?}");
            if table.is_ok() { taken += 1 } else { not += 1 }
        }
        assert!(taken >= 20 && not >= 300, "too few to mean anything: {taken} taken, {not} not");
    }

    #[test]
    fn the_schema_has_no_groups_of_actions() {
        // A policy is found for its action by name; a group would have to be expanded there.
        assert_eq!(load::schema().action_groups().count(), 0, "{SCHEMA}");
    }
}
