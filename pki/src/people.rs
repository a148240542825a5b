//! The two people who answer for a certificate: one proposes, another one confirms.

use crate::PersonNumber;

/// Two different people. There is no way to make one of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoPeople {
    proposer: PersonNumber,
    confirmer: PersonNumber,
}

/// One person cannot be both.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot both propose and confirm")]
pub struct SamePerson(PersonNumber);

impl SamePerson {
    /// What the person at the authority reads.
    pub fn japanese(&self) -> String {
        format!("{}が一人で申し出て確かめることはできません。別の職員に確かめてもらってください。", self.0)
    }
}

impl TwoPeople {
    /// `proposer` has checked what is asked for, `confirmer` has checked it again.
    pub fn new(proposer: PersonNumber, confirmer: PersonNumber) -> Result<Self, SamePerson> {
        // Numbers are told apart by people, who do not see the difference between `a` and `A` either.
        if proposer.as_str().eq_ignore_ascii_case(confirmer.as_str()) {
            return Err(SamePerson(proposer));
        }
        Ok(Self { proposer, confirmer })
    }

    /// Nobody: who answers for what is made for demonstrations and tests alone.
    pub fn synthetic() -> Self {
        let number = |text: &str| text.parse().expect("letters and a hyphen are a number");
        Self { proposer: number("synthetic-1"), confirmer: number("synthetic-2") }
    }

    /// Who proposed it.
    pub fn proposer(&self) -> &PersonNumber {
        &self.proposer
    }

    /// Who confirmed it.
    pub fn confirmer(&self) -> &PersonNumber {
        &self.confirmer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_not_two() {
        let people = |one: &str, other: &str| TwoPeople::new(one.parse().unwrap(), other.parse().unwrap());
        assert_eq!(people("1001", "1002").unwrap().confirmer().as_str(), "1002");
        assert!(people("1001", "1001").unwrap_err().japanese().contains("1001"));
        assert!(people("a-1", "A-1").is_err());
    }
}
