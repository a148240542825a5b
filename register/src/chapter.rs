//! What every chapter of the regulation has.

use jiff::Timestamp;
use policy::{Question, Refusal};

use crate::{City, Duty, Entry, Invalid, Occasion, Receipt};

/// A chapter: its acts, facts, state, duties. The implementing type is the chapter's state.
pub trait Chapter {
    /// What people ask for.
    type Act;
    /// What happened: past tense, complete in itself, never reinterpreted.
    type Fact;

    /// What the policy must know to judge `act`: principal, action, resource, circumstances.
    fn question(city: &City, act: &Self::Act, on: &Occasion) -> Question;

    /// The act is lawful. What follows from it, or why it is impossible.
    ///
    /// # Errors
    /// [`Invalid`] when the act makes no sense in the present state.
    fn decide(city: &City, act: Self::Act, on: &Occasion) -> Result<Vec<Self::Fact>, Invalid>;

    /// What follows from the refusal of `act`, beside the refusal itself.
    fn refused(_city: &City, _act: &Self::Act, _refusal: &Refusal, _on: &Occasion) -> Vec<Self::Fact> {
        Vec::new()
    }

    // INVARIANT (total fold): a fact that was recorded can always be folded, in any state.
    /// The state after `fact`, which `entry` holds and which stands at `receipt`.
    fn fold(&mut self, fact: &Self::Fact, entry: &Entry, receipt: &Receipt);

    /// What is owed in this chapter at `at`, by whom, under which provision.
    fn duties(city: &City, at: Timestamp) -> Vec<Duty>;
}
