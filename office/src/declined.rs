//! What comes of an act: done, refused by the regulation, impossible, or not recordable.

use policy::Refusal;
use register::{Fact, Invalid, Receipt};
use thiserror::Error;

/// An act was done and is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Where the first of its facts stands.
    pub receipt: Receipt,
    /// What happened.
    pub facts: Vec<Fact>,
    /// This very submission had been answered before; nothing was done a second time.
    pub again: bool,
}

/// An act was not done. Which layer says so: the regulation ([`Refused`](Declined::Refused)), a chapter
/// ([`Invalid`](Declined::Invalid)), or the journal ([`Unrecordable`](Declined::Unrecordable)).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Declined {
    /// Unlawful: the articles stand in the refusal, and the refusal is recorded.
    #[error("refused by the regulation")]
    Refused {
        /// Every article against it.
        refusal: Refusal,
        /// Where the refusal is recorded.
        receipt: Receipt,
    },
    /// Impossible in the present state.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What was typed cannot be read.
    #[error("`{field}` cannot be read: {japanese}")]
    Unreadable {
        /// The field.
        field: &'static str,
        /// Why, for people.
        japanese: String,
    },
    /// If it cannot be recorded, it is refused.
    #[error("cannot be recorded: {cause}")]
    Unrecordable {
        /// Why, for the administrator.
        cause: String,
    },
    /// Too much at once.
    #[error("too many acts are waiting")]
    Busy,
    /// A file beside the journal could not be read.
    #[error("cannot be read: {cause}")]
    Broken {
        /// Why, for the administrator.
        cause: String,
    },
}

impl Declined {
    /// For people; a refusal's grounds are shown one by one instead.
    pub fn japanese(&self) -> String {
        match self {
            Self::Refused { .. } => "規程により認められません".to_owned(),
            Self::Invalid(invalid) => invalid.japanese(),
            Self::Unreadable { japanese, .. } => japanese.clone(),
            Self::Unrecordable { .. } => {
                "記録を残すことができないため、この操作は受け付けられません。システム管理者に連絡してください。\
                 閲覧はできます"
                    .to_owned()
            }
            Self::Busy => "混み合っています。少し待ってからもう一度お試しください".to_owned(),
            Self::Broken { .. } => {
                "データを読み出せませんでした。システム管理者に連絡してください".to_owned()
            }
        }
    }

    /// The field of the form that it belongs to, if to one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field()),
            Self::Unreadable { field, .. } => Some(field),
            _ => None,
        }
    }

    /// Something beside the journal failed.
    pub fn broken(cause: impl ToString) -> Self {
        Self::Broken { cause: cause.to_string() }
    }
}
