//! Questions to the solver, in the words of the policies.

use std::path::{Path, PathBuf};

use cedar_policy::{Authorizer, Decision, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use thiserror::Error;
use tokio::process::Command;
use tokio::runtime::Runtime;

use crate::limits;
use crate::profile::permit_when;

/// Where Debian's package puts the solver.
const DEBIAN: &str = "/usr/bin/cvc5";

/// Why something could be neither proven nor refuted.
#[derive(Debug, Error)]
pub enum ProofError {
    /// No solver.
    #[error(
        "the solver `{0}` cannot be started ({1}): install it with `apt-get install cvc5`, \
         or name it in the environment variable CVC5"
    )]
    NoSolver(PathBuf, std::io::Error),
    /// The solver gave up, or its answer made no sense.
    #[error("the solver gave no answer: {0}")]
    NoAnswer(Box<cedar_policy_symcc::err::Error>),
    /// The solver's example is none for Cedar's own evaluator: the translation cannot be trusted.
    #[error("the solver's example is not confirmed by evaluation: {0}")]
    Unconfirmed(Counterexample),
}

impl From<cedar_policy_symcc::err::Error> for ProofError {
    fn from(error: cedar_policy_symcc::err::Error) -> Self {
        Self::NoAnswer(Box::new(error))
    }
}

/// A request that refutes a sentence, readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample(String);

impl std::fmt::Display for Counterexample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A running solver.
pub struct Prover {
    schema: Schema,
    runtime: Runtime,
    compiler: CedarSymCompiler<LocalSolver>,
}

impl Prover {
    /// Starts the solver. It ends with the prover.
    ///
    /// # Errors
    /// When there is no solver: nothing is skipped in silence.
    pub fn start(schema: &Schema) -> Result<Self, ProofError> {
        let path = std::env::var_os("CVC5").map_or_else(|| PathBuf::from(DEBIAN), PathBuf::from);
        Self::start_with(&path, schema)
    }

    /// Starts the solver at `path`.
    ///
    /// # Errors
    /// When there is no solver.
    pub fn start_with(path: &Path, schema: &Schema) -> Result<Self, ProofError> {
        let failed = |error| ProofError::NoSolver(path.to_owned(), error);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let solver = runtime.block_on(async {
            let limit = format!("--tlimit-per={}", limits::QUESTION_MS);
            let mut command = Command::new(path);
            command.args(["--lang", "smt", &limit]).kill_on_drop(true);
            LocalSolver::from_command(&mut command)
        });
        let solver = solver.map_err(|error| failed(std::io::Error::other(error)))?;
        let compiler = CedarSymCompiler::new(solver)?;
        Ok(Self { schema: schema.clone(), runtime, compiler })
    }

    /// Whether no request at all makes the policy fail.
    ///
    /// # Errors
    /// When the solver gives no answer.
    pub fn never_fails(
        &mut self,
        policy: &cedar_policy::Policy,
        environment: &RequestEnv,
    ) -> Result<bool, ProofError> {
        let compiled = CompiledPolicy::compile(policy, environment, &self.schema)?;
        Ok(self.runtime.block_on(self.compiler.check_never_errors_opt(&compiled))?)
    }

    /// A request that is permitted, if there is one.
    ///
    /// # Errors
    /// When the solver gives no answer, or one that evaluation does not confirm.
    pub fn some_permitted(
        &mut self,
        policies: &PolicySet,
        environment: &RequestEnv,
    ) -> Result<Option<Counterexample>, ProofError> {
        let compiled = CompiledPolicySet::compile(policies, environment, &self.schema)?;
        let check = self.compiler.check_always_denies_with_counterexample_opt(&compiled);
        let example = self.runtime.block_on(check)?;
        example.map(|example| confirmed(&example, policies, &PolicySet::new())).transpose()
    }

    /// A permitted request for which `condition` does not hold, if there is one.
    ///
    /// # Errors
    /// When the solver gives no answer, or one that evaluation does not confirm.
    pub fn permitted_unless(
        &mut self,
        policies: &PolicySet,
        condition: &str,
        environment: &RequestEnv,
    ) -> Result<Option<Counterexample>, ProofError> {
        self.only_first(policies, &permit_when(condition), environment)
    }

    /// A request that is refused though `condition` holds, if there is one.
    ///
    /// # Errors
    /// When the solver gives no answer, or one that evaluation does not confirm.
    pub fn refused_though(
        &mut self,
        policies: &PolicySet,
        condition: &str,
        environment: &RequestEnv,
    ) -> Result<Option<Counterexample>, ProofError> {
        self.only_first(&permit_when(condition), policies, environment)
    }

    /// A request that the first set permits and the second does not.
    fn only_first(
        &mut self,
        first: &PolicySet,
        second: &PolicySet,
        environment: &RequestEnv,
    ) -> Result<Option<Counterexample>, ProofError> {
        let compiled = CompiledPolicySet::compile(first, environment, &self.schema)?;
        let other = CompiledPolicySet::compile(second, environment, &self.schema)?;
        let check = self.compiler.check_implies_with_counterexample_opt(&compiled, &other);
        let example = self.runtime.block_on(check)?;
        example.map(|example| confirmed(&example, first, second)).transpose()
    }
}

/// Cedar's own evaluator has the last word on an example.
fn confirmed(
    example: &Env,
    permitting: &PolicySet,
    refusing: &PolicySet,
) -> Result<Counterexample, ProofError> {
    let decided =
        |policies| Authorizer::new().is_authorized(&example.request, policies, &example.entities).decision();
    let readable = Counterexample(example.to_string());
    if decided(permitting) == Decision::Allow && decided(refusing) == Decision::Deny {
        Ok(readable)
    } else {
        Err(ProofError::Unconfirmed(readable))
    }
}
