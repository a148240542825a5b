//! Identifiers: one type each, so that a card's number is never taken for a person's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not an identifier: 1 to {} ASCII letters, digits and -_.@", limits::IDENTIFIER)]
pub struct IdError {
    text: String,
}

impl IdError {
    /// For people.
    pub fn japanese(&self) -> String {
        format!(
            "「{}」は番号として読めません。半角の英数字と - _ . @ で{}文字までです",
            self.text,
            limits::IDENTIFIER
        )
    }
}

fn valid(text: &str) -> bool {
    (1..=limits::IDENTIFIER).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
}

macro_rules! identifier {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                if valid(&text) { Ok(Self(text)) } else { Err(IdError { text }) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

identifier! {
    /// 職員番号: a member of staff, or a person of a contractor.
    PersonId;
    /// 課所: a section of the city.
    SectionId;
    /// 職: an office in the city's organization, such as 情報統計課長.
    OfficeId;
    /// 充て職: a function of the regulation held by whoever holds an office.
    PostId;
    /// 室: a room of 第9条.
    RoomId;
    /// 端末番号: a CS terminal in the register of terminals.
    TerminalId;
    /// カード番号: an operator's card in the ledger of cards.
    CardId;
    /// カードの種類: a kind of operator's card.
    CardKindId;
    /// 指定番号: a designation under 第16条第2号.
    DesignationId;
    /// A case: a matter of the council, a directive, a rule.
    CaseId;
    /// 一覧の番号: a transfer list.
    TransferId;
    /// 制御器: a door controller.
    ControllerId;
    /// 扉: a door with a lock.
    DoorId;
    /// 鍵番号: a key of a room.
    KeyId;
    /// 立会番号: an escort.
    EscortId;
    /// A finding: a place at which ledgers disagree.
    FindingId;
    /// A stay at a terminal between sign-in and sign-out.
    SessionId;
    /// One submission: the same number twice is the same act, not a second one.
    RequestId;
}

impl PersonId {
    /// Who acts when nobody is proven: at a sign-in that fails before the card is known.
    pub fn nobody() -> Self {
        Self("nobody".to_owned())
    }

    /// Who reports when a machine does: a door controller, known by its key.
    pub fn machine() -> Self {
        Self("machine".to_owned())
    }

    /// Who founds the city at the console, before there is any office to hold.
    pub fn founder() -> Self {
        Self("founder".to_owned())
    }
}

impl FindingId {
    /// What no receipt names.
    pub(crate) fn unnamed() -> Self {
        Self("unnamed".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_short_and_ascii() {
        assert!("P0001".parse::<PersonId>().is_ok());
        assert!("T-01.a@b".parse::<TerminalId>().is_ok());
        for wrong in ["", "職員1", "a b", "a/b", &"x".repeat(65)] {
            assert!(wrong.parse::<PersonId>().is_err(), "{wrong}");
        }
    }
}
