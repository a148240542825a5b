//! What is proven of the policies, by solver.
//!
//! A test tries some requests; a proof speaks of all requests that the schema allows. The policies are
//! translated to logic by `cedar-policy-symcc` and put before cvc5 (Debian package `cvc5`, or the program
//! that the environment variable `CVC5` names).
//!
//! Proofs take the circumstances of a request for true: that a password was really checked is for the
//! program to see to that says so.

mod limits;
mod profile;
mod properties;
mod prover;

pub use profile::Profile;
pub use properties::{ALWAYS, PROPERTIES, Property};
pub use prover::{Counterexample, ProofError, Prover};
