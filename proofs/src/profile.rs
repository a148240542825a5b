//! The policies of the profile, as they stand, less one, or in other words.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use cedar_policy::{EntityUid, PolicyId, PolicySet, RequestEnv, Schema};
use policy::{Effect, PolicyInfo, Regulator};

use crate::properties::Property;
use crate::prover::{ProofError, Prover};

/// The schema and the policies that the program loads.
pub struct Profile {
    schema: Schema,
    policies: PolicySet,
    regulator: Regulator,
}

impl Profile {
    /// The profile of this repository.
    ///
    /// # Panics
    /// When it cannot be read or does not load: there is nothing to prove then.
    pub fn load() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/tokorozawa-2002/policy");
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .expect("the profile has policies")
            .map(|entry| entry.expect("a readable folder").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "cedar"))
            .map(|path| {
                let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).expect("a readable policy"))
            })
            .collect();
        files.sort();
        // What is proven is what is loaded: the same checks, the same names.
        let regulator = Regulator::load(&files, |_| true).expect("the profile's policies load");
        let mut policies = PolicySet::new();
        for info in regulator.policies() {
            let policy = cedar_policy::Policy::parse(Some(PolicyId::new(&info.id)), &info.source);
            policies.add(policy.expect("a loaded policy parses")).expect("names of loaded policies differ");
        }
        let schema = Schema::from_cedarschema_str(policy::SCHEMA).expect("the program loads it").0;
        Self { schema, policies, regulator }
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// All policies.
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// What is known of each policy that states a demand.
    pub fn forbids(&self) -> impl Iterator<Item = &PolicyInfo> {
        self.regulator.policies().filter(|info| info.effect == Effect::Forbid)
    }

    /// All policies less one.
    ///
    /// # Panics
    /// When there is no such policy.
    pub fn without(&self, id: &str) -> PolicySet {
        let mut policies = self.policies.clone();
        policies.remove_static(PolicyId::new(id)).expect("a policy of the profile");
        policies
    }

    /// Who may ask what of what: one environment per action and pair of types, by the action's name.
    pub fn environments(&self) -> BTreeMap<String, Vec<RequestEnv>> {
        let mut all: BTreeMap<String, Vec<RequestEnv>> = BTreeMap::new();
        for environment in self.schema.request_envs() {
            all.entry(name(environment.action())).or_default().push(environment);
        }
        all
    }

    /// The properties that break when `forbid` is dropped, with the action at which they do.
    ///
    /// # Errors
    /// When the solver gives no answer.
    pub fn noticed_by(
        &self,
        prover: &mut Prover,
        forbid: &PolicyInfo,
    ) -> Result<Vec<(String, &'static str)>, ProofError> {
        let rest = self.without(&forbid.id);
        let environments = self.environments();
        let mut noticed = Vec::new();
        for action in &forbid.actions {
            for environment in environments.get(action).into_iter().flatten() {
                for property in Property::of(action) {
                    let condition = property.condition(action);
                    if prover.permitted_unless(&rest, &condition, environment)?.is_some() {
                        noticed.push((action.clone(), property.name));
                    }
                }
            }
        }
        Ok(noticed)
    }
}

/// One permit on `condition`, as a set.
///
/// # Panics
/// When the condition is not Cedar.
pub(crate) fn permit_when(condition: &str) -> PolicySet {
    let text = format!("permit (principal, action, resource) when {{ {condition} }};");
    PolicySet::from_str(&text).expect("a property's condition is Cedar")
}

fn name(action: &EntityUid) -> String {
    action.id().unescaped().to_owned()
}
