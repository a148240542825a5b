//! 第11条 at the key desk: whoever borrows a key proves by card who it is.

use register::access::CardState;
use register::{CardId, PersonId, SessionId};

use crate::declined::Declined;
use crate::open::Office;

/// Somebody whose card answered a fresh challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The card.
    pub card: CardId,
    /// Whose it is, by the ledger of cards.
    pub person: PersonId,
}

impl Office {
    /// The card's answer to the challenge `session` of [`Office::challenge`]: whose card it is, if it is in the
    /// ledger under this certificate and in use. Nobody signs in by it.
    ///
    /// # Errors
    /// [`Declined::Unreadable`] at the field `card`, saying what can be done about the card.
    pub fn prove_holder(
        &self,
        session: &SessionId,
        certificate: &[u8],
        signature: &[u8],
    ) -> Result<Holder, Declined> {
        let unreadable = |japanese: String| Declined::Unreadable { field: "card", japanese };
        let late = || unreadable("カードの確認の時間が過ぎました。もう一度カードを置いてください".to_owned());
        let challenge = self.take_challenge(session).ok_or_else(late)?;
        let proven = self.verifier().verify(certificate, &challenge, signature, self.now());
        let proven = proven.map_err(|error| unreadable(error.japanese().to_string()))?;
        let id: CardId = proven.number.as_str().parse().map_err(Declined::broken)?;
        let city = self.city();
        let known = city.access.card(&id).filter(|card| card.certificate == proven.fingerprint);
        let in_use = known.filter(|card| card.state == CardState::InUse);
        let holder = in_use.and_then(|_| city.holder_of(&id, self.now())).cloned();
        let unusable =
            || unreadable("このカードは、操作者用ICカード管理簿で使えるカードではありません".to_owned());
        Ok(Holder { card: id, person: holder.ok_or_else(unusable)? })
    }
}
