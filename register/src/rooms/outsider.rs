//! 外部の人: people of contractors, one by one with the employer proven, and visitors.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::invalid::text;
use crate::occasion::japan_day;
use crate::{City, Invalid, Occasion, PersonId, limits};

/// Somebody from outside to be entered in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOutsider {
    /// The number by which the person is known here.
    pub id: PersonId,
    /// 氏名.
    pub name: String,
    /// 所属: company or body.
    pub organisation: String,
    /// The contract that the person works under; none for a visitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
}

/// What ties a contractor's person to the city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Which contract.
    pub name: String,
    /// By what the employment was proven, such as 社員証・労働者名簿の写し.
    pub proof: String,
    /// Its last day: whatever the person was granted ends with it.
    pub until: Date,
}

/// Somebody from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outsider {
    /// 氏名.
    pub name: String,
    /// 所属.
    pub organisation: String,
    /// The contract, if it is a contractor's person.
    pub contract: Option<Contract>,
    /// Since when in the list, and by whom.
    pub entered: (Timestamp, PersonId),
    /// When the person was taken off, and why.
    pub ended: Option<(Timestamp, String)>,
}

impl Outsider {
    /// In the list at `at`, and not beyond the contract.
    pub fn with_us(&self, at: Timestamp) -> bool {
        self.entered.0 <= at
            && self.ended.as_ref().is_none_or(|(end, _)| at < *end)
            && self.contract.as_ref().is_none_or(|contract| japan_day(at) <= contract.until)
    }
}

pub(super) fn check(city: &City, new: &NewOutsider, on: &Occasion) -> Result<(), Invalid> {
    if city.knows(&new.id) {
        return Err(Invalid::Exists { what: "person", id: new.id.to_string() });
    }
    text("name", &new.name, limits::NAME)?;
    text("organisation", &new.organisation, limits::NAME)?;
    if let Some(contract) = &new.contract {
        text("contract", &contract.name, limits::TEXT)?;
        text("employment", &contract.proof, limits::TEXT)?;
        if contract.until < on.day() {
            return Err(Invalid::Past { what: "until" });
        }
    }
    Ok(())
}
