//! Numbers that people read off tags and locks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits;

/// Why a text is no number of a tag or a member.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a number from 1 to {}", limits::NUMBER)]
pub struct NumberError {
    text: String,
}

impl NumberError {
    /// For people.
    pub fn japanese(&self) -> String {
        format!("「{}」は1から{}までの番号として読めません", self.text, limits::NUMBER)
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u32", into = "u32")]
        pub struct $name(u32);

        impl TryFrom<u32> for $name {
            type Error = NumberError;

            fn try_from(number: u32) -> Result<Self, NumberError> {
                let text = || number.to_string();
                if (1..=limits::NUMBER).contains(&number) { Ok(Self(number)) } else { Err(NumberError { text: text() }) }
            }
        }

        impl FromStr for $name {
            type Err = NumberError;

            fn from_str(text: &str) -> Result<Self, NumberError> {
                let malformed = |_| NumberError { text: text.to_owned() };
                regulation::number(text).ok_or(()).map_err(malformed).and_then(Self::try_from)
            }
        }

        impl From<$name> for u32 {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

numbers! {
    /// 名札番号.
    TagNo;
    /// The number under which a fingerprint lock knows somebody.
    MemberNo;
}
