//! Whether a signature proves that a card of this city is at this terminal, now.

use crate::limits::MAX_SIGNATURE;
use crate::{CardKind, CardNumber, Challenge, Presence, Slot};
use jiff::Timestamp;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use pki::{Anchor, Certificate, CertificateError, japanese_date, oid};
use x509_parser::asn1_rs::oid as arc;
use x509_parser::oid_registry::Oid;

const SERIAL_NUMBER: Oid<'static> = arc!(2.5.4.5);
const CARD_AUTHENTICATION: Oid<'static> = arc!(2.16.840.1.101.3.6.8);

/// Which cards a verifier takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Only cards whose key cannot leave them: real operation.
    HardwareOnly,
    /// Software cards as well: demonstrations and tests.
    SoftwareToo,
}

/// A card that proved itself. Whether it is in the ledger, not suspended and permitted here is the office's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenCard {
    /// The card's number in the card ledger.
    pub number: CardNumber,
    /// The card's type when its certificate was made.
    pub kind: CardKind,
    /// Serial number of the certificate, lower-case hex.
    pub serial: String,
    /// SHA-256 of the certificate, lower-case hex: for people to compare. Ledgers match by `serial`, because an
    /// ECDSA signature, and with it this, has a second valid form.
    pub fingerprint: String,
    /// The key lies in a file.
    pub software: bool,
    /// Last second of the certificate's validity.
    pub not_after: Timestamp,
}

/// Why a card proved nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Not a certificate, or not one of an operator's card.
    #[error("the certificate is not an operator card's: {0}")]
    Malformed(&'static str),
    /// Issued by somebody else than this city's card authority.
    #[error("the certificate was issued by another authority")]
    ForeignAuthority,
    /// The authority's own certificate is not, or no more, valid.
    #[error("the card authority's own certificate is not valid at this time")]
    AuthorityExpired,
    /// The validity begins later.
    #[error("the certificate is not valid before {0}")]
    NotYetValid(Timestamp),
    /// The validity is over.
    #[error("the certificate expired at {0}")]
    Expired(Timestamp),
    /// A card in a file, where only real cards are taken.
    #[error("software cards are not accepted here")]
    SoftwareRefused,
    /// Signed by another key, or for another origin, terminal, session, nonce or connection.
    #[error("the signature is not this card's over this challenge")]
    WrongSignature,
}

impl CardError {
    /// What the clerk reads, and what to do.
    pub fn japanese(&self) -> String {
        match self {
            Self::Malformed(_) => "このカードは操作者用カードとして読めません。\
                差したカードを確かめ、同じ表示が続くときはアクセス管理責任者に連絡してください。"
                .to_owned(),
            Self::ForeignAuthority => "このカードは本市のカード認証局が発行したものではありません。\
                本市の操作者用カードを差してください。"
                .to_owned(),
            Self::AuthorityExpired => "カード認証局の証明書の有効期間外です。\
                アクセス管理責任者に認証局の更新を依頼してください。"
                .to_owned(),
            Self::NotYetValid(from) => format!(
                "このカードは{}から使えます。それより前に使う必要があるときは、アクセス管理責任者に連絡してください。",
                japanese_date(*from)
            ),
            Self::Expired(until) => format!(
                "このカードの有効期限は{}で切れています。アクセス管理責任者に更新を申請してください。",
                japanese_date(*until)
            ),
            Self::SoftwareRefused => "ソフトウェアカード（演習用）はここでは使えません。\
                交付された操作者用カードを差してください。"
                .to_owned(),
            Self::WrongSignature => "カードの署名を確かめられませんでした。\
                カードを差し直して、もう一度サインインしてください。\
                続くときはカードを使わず、アクセス管理責任者に連絡してください。"
                .to_owned(),
        }
    }
}

/// What is wrong with a certificate, of a card.
impl From<CertificateError> for CardError {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Malformed(why) => Self::Malformed(why),
            CertificateError::ForeignAuthority => Self::ForeignAuthority,
            CertificateError::AuthorityExpired => Self::AuthorityExpired,
            CertificateError::NotYetValid(from) => Self::NotYetValid(from),
            CertificateError::Expired(until) => Self::Expired(until),
            _ => Self::Malformed("not to be read"),
        }
    }
}

/// Checks cards against one authority. Which of them are revoked, the ledger of cards says at once; no list has to
/// be carried to where it is kept.
#[derive(Debug, Clone)]
pub struct Verifier {
    authority: Anchor,
    accept: Accept,
}

impl Verifier {
    /// A verifier for the cards of the authority whose certificate is `authority` (DER).
    pub fn new(authority: &[u8], accept: Accept) -> Result<Self, CardError> {
        Ok(Self { authority: Anchor::from_der(authority)?, accept })
    }

    /// Whether `signature` (DER) is that of the card with `certificate` (DER) over `challenge`, at the time `at`.
    pub fn verify(
        &self,
        certificate: &[u8],
        challenge: &Challenge,
        signature: &[u8],
        at: Timestamp,
    ) -> Result<ProvenCard, CardError> {
        let (card, key) = self.check_certificate(certificate, Slot::SignIn, at)?;
        check_signature(&key, &challenge.digest(), signature)?;
        Ok(card)
    }

    /// Whether `signature` (DER) is that of the card whose slot 9E has `certificate` (DER) over `presence`, at the
    /// time `at`. The card is there; nobody gave its PIN.
    pub fn verify_presence(
        &self,
        certificate: &[u8],
        presence: &Presence,
        signature: &[u8],
        at: Timestamp,
    ) -> Result<ProvenCard, CardError> {
        let (card, key) = self.check_certificate(certificate, Slot::Presence, at)?;
        check_signature(&key, &presence.digest(), signature)?;
        Ok(card)
    }

    /// Whether `certificate` (DER) is that of a card of this authority, valid at `at` and taken here. It proves
    /// nothing about who holds the card: a card just put in is greeted by its number with this.
    pub fn read(&self, certificate: &[u8], at: Timestamp) -> Result<ProvenCard, CardError> {
        self.check_certificate(certificate, Slot::SignIn, at).map(|(card, _)| card)
    }

    fn check_certificate(
        &self,
        der: &[u8],
        slot: Slot,
        at: Timestamp,
    ) -> Result<(ProvenCard, VerifyingKey), CardError> {
        let certificate = self.authority.issued(der)?;
        // For this slot and for no other.
        certificate.expect_purpose(|purpose| {
            let presence = purpose.other.contains(&CARD_AUTHENTICATION);
            (purpose.client_auth, presence) == (slot == Slot::SignIn, slot == Slot::Presence)
        })?;
        let software = is_software(&certificate)?;
        let not_after = self.authority.expect_valid(&certificate, at)?;
        if software && self.accept == Accept::HardwareOnly {
            return Err(CardError::SoftwareRefused);
        }
        let card = ProvenCard {
            number: certificate
                .one_name(&SERIAL_NUMBER)?
                .parse()
                .map_err(|_| CardError::Malformed("odd card number"))?,
            kind: certificate
                .one_name(&x509_parser::oid_registry::OID_X509_COMMON_NAME)?
                .parse()
                .map_err(|_| CardError::Malformed("odd card type"))?,
            serial: certificate.serial()?.to_string(),
            fingerprint: certificate.fingerprint(),
            software,
            not_after,
        };
        Ok((card, certificate.key()?))
    }
}

fn check_signature(key: &VerifyingKey, digest: &[u8; 32], signature: &[u8]) -> Result<(), CardError> {
    if signature.len() > MAX_SIGNATURE {
        return Err(CardError::WrongSignature);
    }
    let signature = Signature::from_der(signature).map_err(|_| CardError::WrongSignature)?;
    key.verify_prehash(digest, &signature).map_err(|_| CardError::WrongSignature)
}

/// What the certificate says of where the key lies. Saying nothing, or both, is a fault: nothing passes as
/// hardware by leaving the mark out.
fn is_software(certificate: &Certificate<'_>) -> Result<bool, CardError> {
    match (certificate.has_policy(&oid::HARDWARE), certificate.has_policy(&oid::SOFTWARE)) {
        (true, false) => Ok(false),
        (false, true) => Ok(true),
        _ => Err(CardError::Malformed("it does not say where the key lies")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CardAuthority;
    use rcgen::{
        BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    };

    /// What the verifier says of a certificate that the right authority signed, changed by `change`.
    fn read(change: impl FnOnce(&mut CertificateParams)) -> Result<ProvenCard, CardError> {
        let folder = tempfile::tempdir().unwrap();
        let at: Timestamp = "2026-04-01T00:00:00Z".parse().unwrap();
        let authority = CardAuthority::create(folder.path(), "試験市", at).unwrap();
        let verifier = authority.verifier(Accept::HardwareOnly).unwrap();
        verifier.read(&CardAuthority::issue_changed(folder.path(), change), at)
    }

    fn policy(oid: &Oid<'_>) -> CustomExtension {
        CustomExtension::from_oid_content(oid::CERTIFICATE_POLICIES, oid::policies(oid))
    }

    #[test]
    fn an_unchanged_certificate_is_read() {
        assert_eq!(read(|_| ()).unwrap().number.as_str(), "C-1");
    }

    #[test]
    fn a_certificate_that_does_not_say_where_its_key_lies_does_not_pass_as_hardware() {
        let silent = Err(CardError::Malformed("it does not say where the key lies"));
        assert_eq!(read(|params| params.custom_extensions.clear()), silent);
        let other = Oid::from(&[1, 2, 3]).unwrap();
        assert_eq!(read(|params| params.custom_extensions = vec![policy(&other)]), silent);
        assert_eq!(
            read(|params| params.custom_extensions.push(policy(&oid::SOFTWARE))),
            Err(CardError::Malformed("an extension stands twice"))
        );
    }

    #[test]
    fn a_certificate_for_another_purpose_is_no_card() {
        let other = Err(CardError::Malformed("made for another purpose"));
        assert_eq!(read(|params| params.key_usages.clear()), other);
        assert_eq!(read(|params| params.extended_key_usages.clear()), other);
        assert_eq!(
            read(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
            other
        );
        assert_eq!(read(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), other);
    }

    #[test]
    fn a_critical_extension_that_nobody_here_understands_is_refused() {
        let unknown = |critical| {
            let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
            extension.set_criticality(critical);
            extension
        };
        assert!(read(|params| params.custom_extensions.push(unknown(false))).is_ok());
        assert_eq!(
            read(|params| params.custom_extensions.push(unknown(true))),
            Err(CardError::Malformed("a critical extension is unknown"))
        );
    }

    #[test]
    fn a_subject_names_one_card_number_and_one_type() {
        let odd = Err(CardError::Malformed("odd subject"));
        assert_eq!(read(|params| assert!(params.distinguished_name.remove(DnType::CommonName))), odd);
        assert_eq!(
            read(|params| params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), "C/1")),
            Err(CardError::Malformed("odd card number"))
        );
    }
}
