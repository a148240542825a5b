//! Every fact that the journal may keep, by chapter; and the refusal, which belongs to all of them.

use policy::Refusal;
use serde::{Deserialize, Serialize};

use crate::{access, assets, case, organization, rooms};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// 第2章 組織.
    Organization(organization::Fact),
    /// 第3章 入退室管理.
    Rooms(rooms::Fact),
    /// 第4章 アクセス管理.
    Access(access::Fact),
    /// 第5章 情報資産管理.
    Assets(assets::Fact),
    /// A step of a case.
    Case(case::Fact),
    /// An act was refused.
    Refused(Refused),
}

/// An act that the regulation refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The action's name in the policy.
    pub action: String,
    /// What it was to be done to.
    pub resource: String,
    /// What about it matters to whoever reads the refusal, such as the search that was refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// For a refused operation on the CS, what it was to be: the history shows it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Box<access::Operation>>,
    /// Every article against it.
    #[serde(flatten)]
    pub refusal: Refusal,
}

/// The journals, by what may one day be pruned: 第18条 demands seven years of operations, while the register
/// and the residents' file are kept for as long as the system runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JournalKind {
    /// Organization, cards, designations, refusals of administrative acts.
    Register,
    /// Sign-ins and operations on the CS, and the refusals of these.
    Operations,
    /// Passages through doors.
    Passages,
    /// 本人確認情報 as it was entered.
    Residents,
}

impl JournalKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Register, Self::Operations, Self::Passages, Self::Residents];

    /// The journal's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Operations => "operations",
            Self::Passages => "passages",
            Self::Residents => "residents",
        }
    }
}

impl Fact {
    /// The journal that keeps this fact.
    pub fn journal(&self) -> JournalKind {
        match self {
            Self::Organization(_) | Self::Case(_) => JournalKind::Register,
            Self::Rooms(fact) => fact.journal(),
            Self::Access(fact) => fact.journal(),
            Self::Assets(fact) => fact.journal(),
            Self::Refused(refused) => match refused.action.as_str() {
                "signIn" | "operate" | "viewHistory" => JournalKind::Operations,
                "pass" => JournalKind::Passages,
                _ => JournalKind::Register,
            },
        }
    }

    /// The fact's name, as demands call it: `record:Operated`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Organization(fact) => fact.name(),
            Self::Rooms(fact) => fact.name(),
            Self::Access(fact) => fact.name(),
            Self::Assets(fact) => fact.name(),
            Self::Case(fact) => fact.name(),
            Self::Refused(_) => "Refused",
        }
    }

    /// The provisions that this fact is evidence for, as short ids.
    pub fn evidence_for(&self) -> &'static [&'static str] {
        match self {
            Self::Organization(fact) => fact.evidence_for(),
            Self::Rooms(fact) => fact.evidence_for(),
            Self::Access(fact) => fact.evidence_for(),
            Self::Assets(fact) => fact.evidence_for(),
            Self::Case(fact) => fact.evidence_for(),
            Self::Refused(_) => &[],
        }
    }

    /// The names of all facts.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let chapters =
            [organization::Fact::NAMES, rooms::Fact::NAMES, access::Fact::NAMES, assets::Fact::NAMES];
        chapters.into_iter().flatten().copied().chain(case::Fact::names()).chain(["Refused"])
    }
}

/// Names a chapter's facts, once: the name, the provisions they are evidence for.
macro_rules! facts {
    ($fact:ident { $($variant:ident => $provisions:expr,)* }) => {
        impl $fact {
            /// The names of this chapter's facts.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($variant)),*];

            /// This fact's name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => stringify!($variant),)* }
            }

            /// The provisions that this fact is evidence for.
            pub fn evidence_for(&self) -> &'static [&'static str] {
                match self { $(Self::$variant { .. } => &$provisions,)* }
            }
        }
    };
}
pub(crate) use facts;
