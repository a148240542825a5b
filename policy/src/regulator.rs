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
use crate::translate;

/// The policy named by a ground that stands for a question that could not be judged.
pub const UNDECIDED: &str = "undecided";

/// One version of a city's policies, ready to judge.
pub struct Regulator {
    version: String,
    schema: Schema,
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
    /// The schema has no such action.
    Action(String),
    /// The schema has no such type of entity.
    Kind(String),
    /// The question does not fit the schema.
    Unfit(String),
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
        let files: Vec<File<'_>> = files
            .iter()
            .map(|(name, text)| File {
                name: name.as_ref(),
                text: text.as_ref(),
            })
            .collect();
        let schema = load::schema();
        let loaded = load::load(&files, &schema, &known)?;
        let actions = schema
            .actions()
            .map(|uid| {
                let name = load::action_name(uid);
                let spoken = |id: &str| {
                    loaded
                        .infos
                        .get(id)
                        .is_some_and(|info| info.actions.contains(&name))
                };
                let policies = loaded
                    .policies
                    .iter()
                    .filter(|policy| spoken(policy.id().as_ref()));
                let policies =
                    PolicySet::from_policies(policies.cloned()).expect("the names of loaded policies differ");
                (
                    name.clone(),
                    Action {
                        uid: uid.clone(),
                        policies,
                    },
                )
            })
            .collect();
        Ok(Self {
            version: load::version(&files),
            authorizer: Authorizer::new(),
            kinds: schema
                .entity_types()
                .map(|kind| (kind.to_string(), kind.clone()))
                .collect(),
            actions,
            infos: loaded.infos,
            schema,
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
        let failed: Vec<String> = response
            .diagnostics()
            .errors()
            .map(|error| policy_of(error).to_owned())
            .collect();
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
        let action = self
            .actions
            .get(question.action)
            .ok_or_else(|| Doubt::Action(question.action.to_owned()))?;
        let (principal, person) = self.entity(&question.principal)?;
        let (resource, thing) = self.entity(&question.resource)?;
        let context = Context::from_pairs(translate::pairs(&question.context)).map_err(unfit)?;
        let request = Request::new(
            principal,
            action.uid.clone(),
            resource,
            context,
            Some(&self.schema),
        )
        .map_err(unfit)?;
        let entities = Entities::from_entities([person, thing], Some(&self.schema)).map_err(unfit)?;
        Ok(self
            .authorizer
            .is_authorized(&request, &action.policies, &entities))
    }

    fn entity(&self, entity: &Entity) -> Result<(EntityUid, cedar_policy::Entity), Doubt> {
        let uid = translate::uid(entity, &self.kinds).ok_or_else(|| Doubt::Kind(entity.kind.to_owned()))?;
        let attributes = translate::pairs(&entity.attributes).collect();
        let entity = cedar_policy::Entity::new(uid.clone(), attributes, HashSet::new()).map_err(unfit)?;
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

impl Doubt {
    fn ground(&self) -> Ground {
        Ground {
            policy: UNDECIDED.to_owned(),
            citation: None,
            reason: format!(
                "規程に照らして判断できないため、お受けできません（{}）",
                self.japanese()
            ),
            remedy: "表示の内容を、そのままシステム管理者に知らせてください".to_owned(),
        }
    }

    fn japanese(&self) -> String {
        match self {
            Self::Action(action) => format!("行為 `{action}` が定義されていません"),
            Self::Kind(kind) => format!("対象の種類 `{kind}` が定義されていません"),
            Self::Unfit(detail) => format!("示された事実が定義に合いません: {detail}"),
            Self::Failed(policies) => format!("ポリシー `{}` を評価できません", policies.join("` `")),
            Self::Unpermitted => "許可するポリシーがありません".to_owned(),
        }
    }
}

fn refused(grounds: Vec<Ground>) -> Answer {
    Answer::Refused(Refusal { grounds })
}

fn unfit(error: impl std::fmt::Display) -> Doubt {
    Doubt::Unfit(error.to_string())
}

fn policy_of(error: &cedar_policy::AuthorizationError) -> &str {
    match error {
        cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id().as_ref(),
    }
}
