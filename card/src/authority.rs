//! The city's card authority (操作者カード認証局): makes the certificates that cards carry.
//!
//! Two files in one folder: `card-authority.key` (PKCS#8 PEM, its owner's alone) and `card-authority.crt` (PEM,
//! public). Whoever runs it in earnest keeps the folder off the network.

use crate::files::{self, FileError};
use crate::limits::{AUTHORITY_VALIDITY, MAX_CARD_FILE, MAX_CARD_VALIDITY};
use crate::verifier::{Accept, CardError, Verifier};
use crate::{CardKind, CardNumber, Slot, oid};
use jiff::Timestamp;
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    SerialNumber, SubjectPublicKeyInfo,
};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

const KEY_FILE: &str = "card-authority.key";
const CERTIFICATE_FILE: &str = "card-authority.crt";

/// Where a card keeps its key. The certificate says it, so that a verifier can refuse software.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStorage {
    /// The key was made on the card and cannot leave it. Whoever asks for such a certificate has seen to that.
    Hardware,
    /// The key lies in a file: demonstrations and tests.
    Software,
}

/// A certificate that is asked for.
#[derive(Debug, Clone)]
pub struct IssueRequest {
    /// The card's number in the card ledger.
    pub number: CardNumber,
    /// The card's type.
    pub kind: CardKind,
    /// Which of the card's keys the certificate is for.
    pub slot: Slot,
    /// That key's public half: `SubjectPublicKeyInfo`, DER, P-256.
    pub public_key: Vec<u8>,
    /// Where the key lies.
    pub storage: KeyStorage,
    /// First second of validity.
    pub from: Timestamp,
    /// Last second of validity, at most two years after `from`.
    pub until: Timestamp,
}

/// Why the authority could not be made, opened, or did not issue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A file of the authority.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key and the certificate in the folder do not belong together, or are no authority's.
    #[error("the card authority's files are damaged: {0}")]
    Damaged(String),
    /// The certificate would be valid for no time or for too long.
    #[error("a card's certificate is valid for two years at most, and ends after it begins")]
    Validity,
    /// The certificate would outlive the authority's own.
    #[error("the certificate would not lie within the authority's own validity")]
    OutlivesAuthority,
    /// The public key is not one of P-256.
    #[error("the card's public key is not a point of P-256")]
    PublicKey,
    /// No randomness, or the signing library failed.
    #[error("no certificate could be made: {0}")]
    Making(String),
}

impl AuthorityError {
    /// What the clerk who issues cards reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::File(error) => error.japanese(),
            Self::Damaged(why) => {
                format!("カード認証局の鍵と証明書が壊れています（{why}）。控えから戻してください。")
            }
            Self::Validity => "カードの有効期間は2年以内で、終わりは始まりより後にしてください。".to_owned(),
            Self::OutlivesAuthority => {
                "カードの有効期間がカード認証局の有効期間に収まりません。期間を短くするか、認証局を更新してください。"
                    .to_owned()
            }
            Self::PublicKey => {
                "カードの公開鍵を読めません。カードを差し直し、鍵を作り直してください。".to_owned()
            }
            Self::Making(why) => format!("証明書を作れませんでした（{why}）。"),
        }
    }

    fn making(error: impl std::fmt::Display) -> Self {
        Self::Making(error.to_string())
    }
}

/// The authority with its key.
pub struct CardAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
}

impl CardAuthority {
    /// Makes an authority of `city` in `folder`, valid for ten years from `from`. An authority that is there
    /// already is never overwritten.
    pub fn create(folder: &Path, city: &str, from: Timestamp) -> Result<Self, AuthorityError> {
        let until = from.checked_add(AUTHORITY_VALIDITY).map_err(AuthorityError::making)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(AuthorityError::making)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, city);
        params.distinguished_name.push(DnType::CommonName, "操作者カード認証局");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(random_serial()?);
        set_validity(&mut params, from, until)?;
        let certificate = params.self_signed(&key).map_err(AuthorityError::making)?;

        files::private_folder(folder)?;
        let pem = Zeroizing::new(key.serialize_pem());
        files::write_new_private(&folder.join(KEY_FILE), pem.as_bytes())?;
        files::write_new_public(&folder.join(CERTIFICATE_FILE), certificate.pem().as_bytes())?;
        Self::load(folder)
    }

    /// Opens the authority in `folder`.
    pub fn load(folder: &Path) -> Result<Self, AuthorityError> {
        let damaged = |error: &dyn std::fmt::Display| AuthorityError::Damaged(error.to_string());
        let pem = Zeroizing::new(files::read_private(&folder.join(KEY_FILE), MAX_CARD_FILE)?);
        let pem = std::str::from_utf8(&pem).map_err(|error| damaged(&error))?;
        let key = KeyPair::from_pem(pem).map_err(|error| damaged(&error))?;
        let certificate = read_certificate(folder)?;

        let (_, parsed) =
            x509_parser::parse_x509_certificate(&certificate).map_err(|error| damaged(&error))?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err(damaged(&"the key is not the certificate's"));
        }
        let second = |time: i64| Timestamp::from_second(time).map_err(|error| damaged(&error));
        let from = second(parsed.validity().not_before.timestamp())?;
        let until = second(parsed.validity().not_after.timestamp())?;
        let issuer =
            Issuer::from_ca_cert_der(&certificate.as_slice().into(), key).map_err(|error| damaged(&error))?;
        Ok(Self { issuer, certificate, from, until })
    }

    /// Whether `folder` holds an authority.
    pub fn exists(folder: &Path) -> bool {
        folder.join(KEY_FILE).exists()
    }

    /// The authority's certificate, DER, for [`Verifier::new`].
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Makes a certificate, DER.
    pub fn issue(&self, request: &IssueRequest) -> Result<Vec<u8>, AuthorityError> {
        let (from, until) = (request.from, request.until);
        let length = Duration::try_from(until.duration_since(from)).map_err(|_| AuthorityError::Validity)?;
        if length.is_zero() || length > MAX_CARD_VALIDITY {
            return Err(AuthorityError::Validity);
        }
        if from < self.from || until > self.until {
            return Err(AuthorityError::OutlivesAuthority);
        }
        let key = plain_key(&request.public_key)?;

        let mut params = CertificateParams::default();
        params.distinguished_name = subject(request)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose(request.slot)];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(random_serial()?);
        let policy = match request.storage {
            KeyStorage::Hardware => oid::HARDWARE,
            KeyStorage::Software => oid::SOFTWARE,
        };
        params.custom_extensions =
            vec![CustomExtension::from_oid_content(oid::CERTIFICATE_POLICIES, oid::policies(&policy))];
        set_validity(&mut params, from, until)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(AuthorityError::making)?;
        Ok(certificate.der().to_vec())
    }

    /// A verifier of this authority's cards.
    pub fn verifier(&self, accept: Accept) -> Result<Verifier, CardError> {
        Verifier::new(&self.certificate, accept)
    }
}

fn read_certificate(folder: &Path) -> Result<Vec<u8>, AuthorityError> {
    let pem = files::read_public(&folder.join(CERTIFICATE_FILE), MAX_CARD_FILE)?;
    let (_, pem) =
        x509_parser::pem::parse_x509_pem(&pem).map_err(|error| AuthorityError::Damaged(error.to_string()))?;
    Ok(pem.contents)
}

/// The key in its one plain encoding, so that odd but valid encodings do not reach a certificate.
fn plain_key(public_key: &[u8]) -> Result<SubjectPublicKeyInfo, AuthorityError> {
    let key = p256::PublicKey::from_public_key_der(public_key).map_err(|_| AuthorityError::PublicKey)?;
    let plain = key.to_public_key_der().map_err(|_| AuthorityError::PublicKey)?;
    SubjectPublicKeyInfo::from_der(plain.as_bytes()).map_err(|_| AuthorityError::PublicKey)
}

fn subject(request: &IssueRequest) -> Result<DistinguishedName, AuthorityError> {
    let number = PrintableString::try_from(request.number.as_str()).map_err(AuthorityError::making)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, request.kind.as_str());
    name.push(DnType::CustomDnType(oid::SERIAL_NUMBER.to_vec()), DnValue::PrintableString(number));
    Ok(name)
}

/// What a certificate is for says which slot it belongs to: what slot 9E signs, without a PIN, signs nobody in.
fn purpose(slot: Slot) -> ExtendedKeyUsagePurpose {
    match slot {
        Slot::SignIn => ExtendedKeyUsagePurpose::ClientAuth,
        Slot::Presence => ExtendedKeyUsagePurpose::Other(oid::CARD_AUTHENTICATION.to_vec()),
    }
}

fn set_validity(
    params: &mut CertificateParams,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), AuthorityError> {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    // Before 1970 is a fault; after 9999 cannot happen, because a Timestamp ends there.
    let since_epoch = |at: Timestamp| {
        u64::try_from(at.as_second()).map(Duration::from_secs).map_err(|_| AuthorityError::Validity)
    };
    params.not_before = epoch + since_epoch(from)?;
    params.not_after = epoch + since_epoch(until)?;
    Ok(())
}

/// 16 random bytes, positive and never shortened by DER.
fn random_serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(AuthorityError::making)?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

#[cfg(test)]
impl CardAuthority {
    /// A certificate as the authority would make it, after `change`: for tests of what a verifier must refuse.
    pub(crate) fn issue_changed(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "search");
        params.distinguished_name.push(DnType::CustomDnType(oid::SERIAL_NUMBER.to_vec()), "C-1");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.custom_extensions =
            vec![CustomExtension::from_oid_content(oid::CERTIFICATE_POLICIES, oid::policies(&oid::HARDWARE))];
        set_validity(&mut params, self.from, self.until).unwrap();
        change(&mut params);
        params.signed_by(&key, &self.issuer).unwrap().der().to_vec()
    }
}
