//! Every act that the product knows, by chapter.

use policy::{Question, Refusal};
use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::assets::Assets;
use crate::case::Cases;
use crate::organization::Organization;
use crate::rooms::Rooms;
use crate::{Chapter, City, Fact, Invalid, Occasion, access, assets, case, organization, rooms};

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 第2章 組織.
    Organization(organization::Act),
    /// 第3章 入退室管理.
    Rooms(rooms::Act),
    /// 第4章 アクセス管理.
    Access(access::Act),
    /// 第5章 情報資産管理.
    Assets(assets::Act),
    /// A step of a case.
    Case(case::Act),
}

impl Act {
    /// What the policy must know to judge this act.
    pub fn question(&self, city: &City, on: &Occasion) -> Question {
        match self {
            Self::Organization(act) => Organization::question(city, act, on),
            Self::Rooms(act) => Rooms::question(city, act, on),
            Self::Access(act) => Access::question(city, act, on),
            Self::Assets(act) => Assets::question(city, act, on),
            Self::Case(act) => Cases::question(city, act, on),
        }
    }

    /// The act is lawful. What follows from it.
    ///
    /// # Errors
    /// [`Invalid`] when the act is impossible in the present state.
    pub fn decide(self, city: &City, on: &Occasion) -> Result<Vec<Fact>, Invalid> {
        Ok(match self {
            Self::Organization(act) => wrap(Organization::decide(city, act, on)?),
            Self::Rooms(act) => wrap(Rooms::decide(city, act, on)?),
            Self::Access(act) => wrap(Access::decide(city, act, on)?),
            Self::Assets(act) => wrap(Assets::decide(city, act, on)?),
            Self::Case(act) => wrap(Cases::decide(city, act, on)?),
        })
    }

    /// What about this act matters to whoever reads its refusal.
    pub fn detail(&self) -> String {
        match self {
            Self::Rooms(act) => act.detail(),
            Self::Access(act) => act.detail(),
            _ => String::new(),
        }
    }

    /// The operation on the CS that this act is, if it is one, complete as the history keeps it.
    pub fn operation(&self, city: &City, on: &Occasion) -> Option<access::Operation> {
        match self {
            Self::Access(act) => act.operation(city, on),
            _ => None,
        }
    }

    /// What follows from the refusal of this act, beside the refusal.
    pub fn refused(&self, city: &City, refusal: &Refusal, on: &Occasion) -> Vec<Fact> {
        match self {
            Self::Organization(act) => wrap(Organization::refused(city, act, refusal, on)),
            Self::Rooms(act) => wrap(Rooms::refused(city, act, refusal, on)),
            Self::Access(act) => wrap(Access::refused(city, act, refusal, on)),
            Self::Assets(act) => wrap(Assets::refused(city, act, refusal, on)),
            Self::Case(act) => wrap(Cases::refused(city, act, refusal, on)),
        }
    }
}

fn wrap<F: Into<Fact>>(facts: Vec<F>) -> Vec<Fact> {
    facts.into_iter().map(Into::into).collect()
}

macro_rules! from_chapter {
    ($($variant:ident($chapter:ident);)*) => {$(
        impl From<$chapter::Act> for Act {
            fn from(act: $chapter::Act) -> Self {
                Self::$variant(act)
            }
        }

        impl From<$chapter::Fact> for Fact {
            fn from(fact: $chapter::Fact) -> Self {
                Self::$variant(fact)
            }
        }
    )*};
}

from_chapter! {
    Organization(organization);
    Rooms(rooms);
    Access(access);
    Assets(assets);
    Case(case);
}
