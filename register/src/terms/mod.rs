//! 第1章 総則: what the words of the regulation mean as types: 本人確認情報 and 住民票コード (第2条第1号).
//!
//! Other words of 第2条 live where they are used: the terminals and cards in the access chapter, the assets in
//! the assets chapter. Nothing here reads a clock or a file.

mod change;
mod code;
pub mod limits;
mod names;
mod number;
mod resident;

pub use change::{Change, ChangeKind, ChangeReason};
pub use code::{CheckDigit, CodeFault, ParsedCode, ResidentCode, WrongCheckDigit, check_digit};
pub use names::NAMES;
pub use number::{IndividualNumber, NumberFault};
pub use resident::{
    Fault, Field, HouseholdId, IdentificationInformation, Problem, Resident, Schema, Sex, UnknownWord,
};
