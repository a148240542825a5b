//! Passwords of operators (第14条第2項, 第16条第1項第1号): what may be one, where its hash lies, how it is compared.
//!
//! The register knows which *version* of a person's password counts; this store holds the hash for (person,
//! version). So the journal decides, and a restored old copy of the store answers [`Verdict::Missing`] instead of
//! letting an old password in.

mod gate;
mod guess;
mod initial;
pub mod limits;
mod password;
mod pepper;
mod rules;
mod store;
mod words;

pub use initial::{fresh_initial_password, initial_password};
pub use password::Password;
pub use pepper::PepperError;
pub use rules::{About, GuessablePart, PasswordFault, PasswordRules, RulesFault};
pub use store::{HashingCost, PasswordStore, StoreError, Verdict};
