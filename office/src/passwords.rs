//! 第16条第1号: how passwords come to be: handed over once, then changed by their owners.

use register::access::{self, Fact as AccessFact};
use register::{Fact, Occasion, PersonId, RequestId};

use crate::credentials::{About, Password, PasswordFault, Verdict, fresh_initial_password};
use crate::declined::{Declined, Done};
use crate::open::Office;
use crate::sign_in::SignedIn;

impl Office {
    /// The アクセス管理責任者 hands a password over to somebody who has none or has lost it. It is shown once.
    ///
    /// # Errors
    /// As [`Office::submit`].
    pub fn hand_over_password(&self, on: Occasion, person: &PersonId) -> Result<(Done, Password), Declined> {
        let password = fresh_initial_password().map_err(Declined::broken)?;
        let done = self.keep_password(on, person, &password, false)?;
        Ok((done, password))
    }

    /// An operator changes the own password.
    ///
    /// # Errors
    /// A fault of the new password at its field; else as [`Office::submit`].
    pub fn change_password(
        &self,
        stay: &SignedIn,
        old: &Password,
        new: &Password,
        request: RequestId,
    ) -> Result<Done, Declined> {
        let (version, name, locked) = {
            let city = self.city();
            let locked = city.access.locked(&stay.person, Some(&stay.terminal), self.now());
            let version = city.access.password_version(&stay.person).unwrap_or(0);
            (version, city.name_of(&stay.person), locked)
        };
        let person = stay.person.as_str();
        let broken = Declined::broken;
        // While locked nothing is looked at.
        let proven = !locked
            && self.passwords().verify(person, version.into(), old).map_err(broken)? == Verdict::Right;
        let about = About { user: stay.person.as_str(), also: &[&name, stay.card.as_str()] };
        self.password_rules().check(new, about).map_err(unfit)?;
        // Only to whoever knows the present one it is told what the ones before were not.
        let before = self.settings().password_history;
        if proven && self.passwords().used(person, version.into(), before, new).map_err(broken)? {
            return Err(unfit(PasswordFault::Used));
        }
        self.keep_password(self.occasion(stay, request), &stay.person, new, proven)
    }

    /// The hash is kept under the number that the journal will name: until it does, the old one counts.
    fn keep_password(
        &self,
        on: Occasion,
        person: &PersonId,
        password: &Password,
        old_proven: bool,
    ) -> Result<Done, Declined> {
        let act = access::Act::SetPassword { person: person.clone(), old_proven }.into();
        if self.would_refuse(&act, &on) {
            return self.submit(act, on);
        }
        let version = self.city().access.password_version(person).unwrap_or(0) + 1;
        let kept = self.settings().password_history;
        let store = self.passwords();
        store.set(person.as_str(), version.into(), password, on.at, kept).map_err(Declined::broken)?;
        let done = self.submit(act, on)?;
        let ours = |fact: &Fact| matches!(fact, Fact::Access(AccessFact::PasswordSet { version: set, .. }) if *set == version);
        if done.facts.iter().any(ours) {
            Ok(done)
        } else {
            // Somebody else's change came between: the number that counts now has no hash of this password.
            Err(Declined::Busy)
        }
    }
}

fn unfit(fault: PasswordFault) -> Declined {
    Declined::Unreadable { field: "new", japanese: fault.japanese() }
}
