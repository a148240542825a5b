//! From policy files to a set that can be trusted: every fault is found before the first question.

use std::collections::BTreeMap;
use std::str::FromStr;

use cedar_policy::{
    ActionConstraint, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint, ResourceConstraint,
    Schema, SchemaFragment, ValidationMode, Validator,
};
use miette::Diagnostic;
use regulation::Citation;
use sha2::{Digest, Sha256};

use crate::SCHEMA;
use crate::fault::{Fault, LoadError, Problem};
use crate::info::{Effect, PolicyInfo};
use crate::shape::Shapes;

/// Where the faults of the schema's actions are reported.
const SCHEMA_FILE: &str = "schema.cedarschema";

/// One file as given.
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

/// A set without faults.
pub(crate) struct Loaded {
    pub(crate) policies: Vec<Policy>,
    pub(crate) infos: BTreeMap<String, PolicyInfo>,
}

/// The schema that is built in.
pub(crate) fn schema() -> Schema {
    Schema::from_cedarschema_str(SCHEMA).expect("the built-in schema is tested").0
}

/// The same as a table.
pub(crate) fn shapes() -> Shapes {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(SCHEMA).expect("the built-in schema is tested");
    let json = fragment.to_json_value().expect("a schema has a JSON form");
    Shapes::from_json(&json).expect("the built-in schema has only what questions can say")
}

/// sha256 over the schema and the files, whatever their order: `sha256:…` in hexadecimal.
pub(crate) fn version(files: &[File<'_>]) -> String {
    let mut parts: Vec<(&str, &str)> = files.iter().map(|file| (file.name, file.text)).collect();
    parts.sort_unstable();
    parts.insert(0, (SCHEMA_FILE, SCHEMA));
    let mut hash = Sha256::new();
    for part in parts.into_iter().flat_map(|(name, text)| [name, text]) {
        // The length before each part: no two sets of files run together into the same bytes.
        hash.update(u64::try_from(part.len()).expect("a file's length fits").to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("sha256:{}", hex::encode(hash.finalize()))
}

/// Parses and checks all files.
pub(crate) fn load(
    files: &[File<'_>],
    schema: &Schema,
    known: &impl Fn(&Citation) -> bool,
) -> Result<Loaded, LoadError> {
    let mut loader = Loader {
        validator: Validator::new(schema.clone()),
        known,
        faults: Vec::new(),
        loaded: Loaded { policies: Vec::new(), infos: BTreeMap::new() },
        permits: BTreeMap::new(),
        unread: false,
    };
    for file in files {
        loader.file(file);
    }
    if !loader.unread {
        loader.every_action_has_its_permit(schema);
    }
    if loader.faults.is_empty() { Ok(loader.loaded) } else { Err(LoadError::new(loader.faults)) }
}

struct Loader<'k, K> {
    validator: Validator,
    known: &'k K,
    faults: Vec<Fault>,
    loaded: Loaded,
    /// The permit of each action.
    permits: BTreeMap<EntityUid, String>,
    /// A file could not be read: what it would have permitted is not known.
    unread: bool,
}

impl<K: Fn(&Citation) -> bool> Loader<'_, K> {
    fn file(&mut self, file: &File<'_>) {
        let set = match PolicySet::from_str(file.text) {
            Ok(set) => set,
            Err(errors) => {
                self.unread = true;
                for error in errors.iter() {
                    let problem = Problem::Syntax { detail: detail(error) };
                    self.faults.push(Fault::new(file.name, labelled_line(error, file.text), problem));
                }
                return;
            }
        };
        for template in set.templates() {
            let line = line_of(file.text, &template.to_string(), 0).0;
            self.faults.push(Fault::new(file.name, line, Problem::Template));
        }
        self.validate(file, &set);
        let mut from = 0;
        for policy in in_order(&set) {
            let (line, next) = line_of(file.text, &policy.to_string(), from);
            from = next;
            if let Err(problems) = self.policy(file, line, policy) {
                self.faults.extend(problems.into_iter().map(|problem| Fault::new(file.name, line, problem)));
            }
        }
    }

    /// A warning is a fault as well: a policy that never speaks, or a look-alike in a code, is a mistake.
    fn validate(&mut self, file: &File<'_>, set: &PolicySet) {
        let result = self.validator.validate(set, ValidationMode::Strict);
        let errors = result.validation_errors().map(|e| (e.policy_id(), e as &dyn Diagnostic));
        let warnings = result.validation_warnings().map(|w| (w.policy_id(), w as &dyn Diagnostic));
        for (policy, found) in errors.chain(warnings) {
            let id = set.annotation(policy, "id").unwrap_or_default().to_owned();
            let problem = Problem::Unfit { id, detail: detail(found) };
            self.faults.push(Fault::new(file.name, labelled_line(found, file.text), problem));
        }
    }

    fn policy(&mut self, file: &File<'_>, line: usize, policy: &Policy) -> Result<(), Vec<Problem>> {
        let Some(id) = annotation(policy, "id") else {
            return Err(vec![Problem::NoId]);
        };
        if let Some(first) = self.loaded.infos.get(id) {
            let other = format!("{}:{}", first.file, first.line);
            return Err(vec![Problem::DuplicateId { id: id.to_owned(), other }]);
        }
        let effect = match policy.effect() {
            cedar_policy::Effect::Permit => Effect::Permit,
            cedar_policy::Effect::Forbid => Effect::Forbid,
        };
        let citation = match effect {
            Effect::Permit => self.permit(id, policy).map(|()| None),
            Effect::Forbid => self.forbid(id, policy).map(Some),
        };
        let (citation, problems) = match citation {
            Ok(citation) => (citation, Vec::new()),
            Err(problems) => (None, problems),
        };
        let text = |name| annotation(policy, name).unwrap_or_default().to_owned();
        let info = PolicyInfo {
            id: id.to_owned(),
            effect,
            citation,
            reason: text("message"),
            remedy: text("remedy"),
            actions: self.actions(policy),
            file: file.name.to_owned(),
            line,
            source: policy.to_string(),
        };
        self.loaded.infos.insert(id.to_owned(), info);
        self.loaded.policies.push(policy.new_id(PolicyId::new(id)));
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// A permit says only that an action is in scope.
    fn permit(&mut self, id: &str, policy: &Policy) -> Result<(), Vec<Problem>> {
        let broad = !policy.has_non_scope_constraint()
            && policy.principal_constraint() == PrincipalConstraint::Any
            && policy.resource_constraint() == ResourceConstraint::Any;
        let (true, ActionConstraint::Eq(action)) = (broad, policy.action_constraint()) else {
            return Err(vec![Problem::NarrowPermit { id: id.to_owned() }]);
        };
        if let Some(other) = self.permits.get(&action) {
            let (action, other) = (action_name(&action), other.clone());
            return Err(vec![Problem::SecondPermit { action, other }]);
        }
        self.permits.insert(action, id.to_owned());
        Ok(())
    }

    /// A forbid says which article, what is lacking and what would help.
    fn forbid(&self, id: &str, policy: &Policy) -> Result<Citation, Vec<Problem>> {
        let mut problems: Vec<Problem> = ["article", "message", "remedy"]
            .into_iter()
            .filter(|name| annotation(policy, name).is_none())
            .map(|name| Problem::NoAnnotation { id: id.to_owned(), name })
            .collect();
        let Some(article) = annotation(policy, "article") else {
            return Err(problems);
        };
        match self.citation(id, article) {
            Ok(citation) if problems.is_empty() => return Ok(citation),
            Ok(_) => {}
            Err(problem) => problems.push(problem),
        }
        Err(problems)
    }

    fn citation(&self, id: &str, article: &str) -> Result<Citation, Problem> {
        let (id, article) = (id.to_owned(), article.to_owned());
        let citation = match Citation::from_str(&article) {
            Ok(citation) => citation,
            Err(error) => {
                return Err(Problem::BadArticle { id, article, detail: error.to_string() });
            }
        };
        if !(self.known)(&citation) {
            return Err(Problem::UnknownArticle { id, article });
        }
        let expected = citation.to_string();
        if id.split_once('.').is_none_or(|(prefix, name)| prefix != expected || name.is_empty()) {
            return Err(Problem::WrongPrefix { id, expected });
        }
        Ok(citation)
    }

    fn actions(&self, policy: &Policy) -> Vec<String> {
        let mut actions: Vec<String> = match policy.action_constraint() {
            ActionConstraint::Any => self.validator.schema().actions().map(action_name).collect(),
            ActionConstraint::Eq(action) => vec![action_name(&action)],
            ActionConstraint::In(actions) => actions.iter().map(action_name).collect(),
        };
        actions.sort_unstable();
        actions
    }

    fn every_action_has_its_permit(&mut self, schema: &Schema) {
        for action in schema.actions().filter(|action| !self.permits.contains_key(*action)) {
            let name = action_name(action);
            let line = SCHEMA.lines().position(|line| declares(line, &name)).map_or(1, |index| index + 1);
            self.faults.push(Fault::new(SCHEMA_FILE, line, Problem::NoPermit { action: name }));
        }
    }
}

/// The action's name without its type.
pub(crate) fn action_name(action: &EntityUid) -> String {
    action.id().unescaped().to_owned()
}

/// An annotation that says something.
fn annotation<'p>(policy: &'p Policy, name: &str) -> Option<&'p str> {
    policy.annotation(name).filter(|text| !text.trim().is_empty())
}

fn declares(line: &str, action: &str) -> bool {
    line.strip_prefix("action ").is_some_and(|rest| rest.split([' ', ',']).any(|word| word == action))
}

/// Cedar names the policies of one text `policy0`, `policy1`, … as they stand.
fn in_order(set: &PolicySet) -> Vec<&Policy> {
    let mut policies: Vec<&Policy> = set.policies().collect();
    policies.sort_by_key(|policy| {
        let id: &str = policy.id().as_ref();
        id.strip_prefix("policy").and_then(|n| n.parse::<usize>().ok())
    });
    policies
}

/// The line of `part` in `text` at or after byte `from`, and where it ends.
fn line_of(text: &str, part: &str, from: usize) -> (usize, usize) {
    match text.get(from..).and_then(|rest| rest.find(part)) {
        Some(at) => (line_at(text, from + at), from + at + part.len()),
        None => (line_at(text, from), from),
    }
}

/// The line, counted from 1, of a byte.
fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn labelled_line<D: Diagnostic + ?Sized>(found: &D, text: &str) -> usize {
    let label = found.labels().and_then(|mut labels| labels.next());
    label.map_or(1, |label| line_at(text, label.offset()))
}

fn detail<D: Diagnostic + ?Sized>(found: &D) -> String {
    match found.help() {
        Some(help) => format!("{found}; {help}"),
        None => found.to_string(),
    }
}
