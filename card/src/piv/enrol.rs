//! Enrolment: a blank card becomes an operator's.

use super::{Application, ManagementError, ManagementKey, Puk, PukError, Transport};
use crate::piv::PivCard;
use crate::{AuthorityError, Card, CardId, Pin, PinError, SignError, Slot, Unreachable};
use jiff::civil::Date;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;

/// What a card is to become.
#[derive(Debug)]
pub struct Enrolment {
    /// The card's new identity.
    pub id: CardId,
    /// The last day on which the card is used, as its CHUID says it.
    pub last_day: Date,
    /// The PIN that the operator is handed.
    pub pin: Pin,
    /// The management key that the card has now: [`ManagementKey::factory`] for a new one.
    pub management_key: ManagementKey,
}

/// The public keys that the card made: `SubjectPublicKeyInfo`, DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    /// Of slot 9A.
    pub sign_in: Vec<u8>,
    /// Of slot 9E.
    pub presence: Vec<u8>,
}

/// Their certificates, DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// Of slot 9A.
    pub sign_in: Vec<u8>,
    /// Of slot 9E.
    pub presence: Vec<u8>,
}

/// What opens the card beside the operator's PIN, and never goes into the operator's hands.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Unblocks the PIN.
    pub puk: Puk,
    /// Makes keys and writes certificates.
    pub management_key: ManagementKey,
}

/// Why no operator's card came of it. Whatever the card has by then, wiping makes it blank again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// The card does not let itself be administered.
    #[error(transparent)]
    Management(#[from] ManagementError),
    /// The authority issued no certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The card's secrets could not be put into the escrow, so the card was not given them.
    #[error("the escrow takes nothing: {0}")]
    Escrow(#[from] crate::escrow::EscrowError),
    /// The card does not have the PUK that a blank card has.
    #[error("the card's PUK is not the factory's: {0}")]
    Puk(#[from] PukError),
    /// The card does not have the PIN that a blank card has.
    #[error("the card's PIN is not the factory's: {0}")]
    Pin(#[from] PinError),
    /// The finished card does not do what it should.
    #[error("the enrolled card fails its test: {0}")]
    Failed(String),
    /// The card or its reader does not answer.
    #[error("the card cannot be reached: {0}")]
    Unreachable(#[from] Unreachable),
}

impl EnrolError {
    /// What the person who issues cards reads.
    pub fn japanese(&self) -> String {
        const AGAIN: &str = "カードを消去（sekisho card wipe）してから、発行をやり直してください。";
        match self {
            Self::Management(error) => error.japanese(),
            Self::Authority(error) => error.japanese(),
            Self::Escrow(error) => error.japanese(),
            Self::Puk(PukError::Unreachable(why))
            | Self::Pin(PinError::Unreachable(why))
            | Self::Unreachable(why) => {
                format!("{}発行は途中です。{AGAIN}", why.japanese())
            }
            Self::Puk(_) | Self::Pin(_) => format!("このカードは出荷時の状態ではありません。{AGAIN}"),
            Self::Failed(_) => format!(
                "発行したカードが確認の署名に合格しません。{AGAIN}それでも合格しなければ、別のカードに替えてください。"
            ),
        }
    }
}

/// What a blank card comes with.
fn factory_pin() -> Pin {
    Pin::new("123456").expect("six digits are a PIN")
}

/// Makes an operator's card: keys made on the card, their certificates from `certify`, PIN, and PUK and management
/// key of its own, which `keep` puts into the escrow.
///
/// INVARIANT (escrow first): the card gets no secret that is not in the escrow. A card that is pulled half-way is
/// wiped and enrolled anew; what the escrow kept of it is worth nothing then.
pub fn enrol<T: Transport>(
    mut application: Application<T>,
    enrolment: &Enrolment,
    certify: impl FnOnce(&PublicKeys) -> Result<Certificates, AuthorityError>,
    keep: impl FnOnce(&Secrets) -> Result<(), crate::escrow::EscrowError>,
) -> Result<PivCard<T>, EnrolError> {
    let mut administration = application.administer(&enrolment.management_key)?;
    let keys = PublicKeys {
        sign_in: administration.make_key(Slot::SignIn)?,
        presence: administration.make_key(Slot::Presence)?,
    };
    let certificates = certify(&keys)?;
    administration.write_certificate(Slot::SignIn, &certificates.sign_in)?;
    administration.write_certificate(Slot::Presence, &certificates.presence)?;
    administration.write_id(&enrolment.id, enrolment.last_day)?;

    // Of the card's own algorithm: a card that knows no other would be shut for ever.
    let algorithm = administration.algorithm();
    let secrets = Secrets {
        puk: Puk::fresh().map_err(ManagementError::from)?,
        management_key: ManagementKey::fresh(algorithm).map_err(ManagementError::from)?,
    };
    keep(&secrets)?;
    administration.set_key(algorithm, &secrets.management_key)?;
    application.change_puk(&Puk::factory(), &secrets.puk)?;
    application.change_pin(&factory_pin(), &enrolment.pin)?;

    let mut card = PivCard::of(application)?;
    test(&mut card, enrolment, &keys, &certificates)?;
    Ok(card)
}

/// Whether the finished card says and signs what it should. Slot 9A is shut afterwards.
fn test<T: Transport>(
    card: &mut PivCard<T>,
    enrolment: &Enrolment,
    keys: &PublicKeys,
    certificates: &Certificates,
) -> Result<(), EnrolError> {
    let failed = |what: &str| EnrolError::Failed(what.to_owned());
    if card.id() != enrolment.id
        || card.certificate() != certificates.sign_in
        || card.presence_certificate() != Some(&certificates.presence)
    {
        return Err(failed("another identity or certificate was read back"));
    }
    card.verify_pin(&enrolment.pin)?;
    let mut digest = [0; 32];
    getrandom::fill(&mut digest).map_err(ManagementError::from)?;
    for (slot, key) in [(Slot::SignIn, &keys.sign_in), (Slot::Presence, &keys.presence)] {
        let signature = card.application().sign(slot, &digest).map_err(|error| match error {
            SignError::Unreachable(why) => EnrolError::Unreachable(why),
            other => EnrolError::Failed(other.to_string()),
        })?;
        let signature = Signature::from_der(&signature).map_err(|_| failed("no signature"))?;
        let key = VerifyingKey::from_public_key_der(key).map_err(|_| AuthorityError::PublicKey)?;
        key.verify_prehash(&digest, &signature).map_err(|_| failed("another key signed"))?;
    }
    Ok(card.application().forget_pin()?)
}
