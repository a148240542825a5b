//! The city's card authority (操作者カード認証局): makes the certificates that cards carry.
//!
//! How it keeps its key, signs, revokes and records is [`pki::Authority`]; here is what a card's certificate says.

use crate::limits::MAX_CARD_VALIDITY;
use crate::verifier::{Accept, CardError, Verifier};
use crate::{CardKind, CardNumber, Slot};
use jiff::Timestamp;
use pki::{Authority, Certificate, KeyStore, Kind, NoToken, Order, Profile, Role, oid};
use rcgen::string::PrintableString;
use rcgen::{DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose};
use std::path::Path;

pub use pki::AuthorityError;

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
    /// Where the key lies.
    pub storage: KeyStorage,
    /// The key's public half, how long its certificate is valid (two years at most), and which two people answer
    /// for it.
    pub order: Order,
}

impl IssueRequest {
    fn profile(&self) -> Result<Profile, AuthorityError> {
        let policy = match self.storage {
            KeyStorage::Hardware => oid::HARDWARE,
            KeyStorage::Software => oid::SOFTWARE,
        };
        let number = PrintableString::try_from(self.number.as_str());
        let number = number.map_err(|error| AuthorityError::Making(error.to_string()))?;
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, self.kind.as_str());
        name.push(DnType::CustomDnType(oid::SERIAL_NUMBER.to_vec()), DnValue::PrintableString(number));
        // What a certificate is for says which slot it belongs to: what slot 9E signs, without a PIN, signs nobody in.
        let (kind, purpose) = match self.slot {
            Slot::SignIn => (Kind::Card, ExtendedKeyUsagePurpose::ClientAuth),
            Slot::Presence => {
                (Kind::CardPresence, ExtendedKeyUsagePurpose::Other(oid::CARD_AUTHENTICATION.to_vec()))
            }
        };
        Ok(Profile {
            kind,
            subject: self.number.to_string(),
            name,
            purpose,
            policy,
            server_names: Vec::new(),
            longest: MAX_CARD_VALIDITY,
        })
    }
}

/// The authority with its key.
pub struct CardAuthority(Authority);

impl CardAuthority {
    /// Makes an authority of `city` in `folder`, its key in a file, valid for ten years from `from`. An authority
    /// that is there already is never overwritten.
    pub fn create(folder: &Path, city: &str, from: Timestamp) -> Result<Self, AuthorityError> {
        Authority::create(folder, Role::Cards, city, from, &KeyStore::File, &NoToken).map(Self)
    }

    /// Opens the authority in `folder`, whose key is in a file.
    pub fn load(folder: &Path) -> Result<Self, AuthorityError> {
        Authority::load(folder, Role::Cards, &NoToken).map(Self)
    }

    /// The authority for cards, wherever its key is.
    pub fn new(authority: Authority) -> Result<Self, AuthorityError> {
        if authority.role() != Role::Cards {
            return Err(AuthorityError::Damaged("not the authority for cards".to_owned()));
        }
        Ok(Self(authority))
    }

    /// Whether `folder` holds an authority.
    pub fn exists(folder: &Path) -> bool {
        Authority::exists(folder, Role::Cards)
    }

    /// The authority as the one mechanism of all: what it issued, revocation and its list.
    pub fn authority(&self) -> &Authority {
        &self.0
    }

    /// The authority's certificate, DER, for [`Verifier::new`].
    pub fn certificate(&self) -> &[u8] {
        self.0.anchor().der()
    }

    /// Makes a certificate, DER.
    pub fn issue(&self, request: &IssueRequest) -> Result<Vec<u8>, AuthorityError> {
        self.0.issue(&request.profile()?, &request.order)
    }

    /// Makes the certificate that takes the place of the one that `order` renews: for the same slot of the same card,
    /// of the same type. The key may be another one.
    pub fn renew(&self, order: Order) -> Result<Vec<u8>, AuthorityError> {
        let damaged = |error: &dyn std::fmt::Display| AuthorityError::Damaged(error.to_string());
        let serial = order.renews.clone().ok_or_else(|| damaged(&"nothing is renewed"))?;
        let (record, der) = self.0.issued(&serial)?;
        let old = Certificate::parse(&der).map_err(|error| damaged(&error))?;
        let kind = old.one_name(&x509_parser::oid_registry::OID_X509_COMMON_NAME);
        let kind = kind.map_err(|error| damaged(&error))?;
        let storage =
            if old.has_policy(&oid::HARDWARE) { KeyStorage::Hardware } else { KeyStorage::Software };
        self.issue(&IssueRequest {
            number: record.issued.subject.parse().map_err(|error| damaged(&error))?,
            kind: kind.parse().map_err(|error| damaged(&error))?,
            slot: if record.issued.kind == Kind::CardPresence { Slot::Presence } else { Slot::SignIn },
            storage,
            order,
        })
    }

    /// A verifier of this authority's cards.
    pub fn verifier(&self, accept: Accept) -> Result<Verifier, CardError> {
        Verifier::new(self.certificate(), accept)
    }
}

#[cfg(test)]
impl CardAuthority {
    /// A certificate as the authority in `folder` would make it, after `change`: for tests of what a verifier must
    /// refuse.
    pub(crate) fn issue_changed(
        folder: &Path,
        change: impl FnOnce(&mut rcgen::CertificateParams),
    ) -> Vec<u8> {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let key = rcgen::KeyPair::from_pem(&read("card-authority.key")).unwrap();
        let issuer = rcgen::Issuer::from_ca_cert_pem(&read("card-authority.crt"), key).unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "search");
        params.distinguished_name.push(DnType::CustomDnType(oid::SERIAL_NUMBER.to_vec()), "C-1");
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.custom_extensions = vec![rcgen::CustomExtension::from_oid_content(
            oid::CERTIFICATE_POLICIES,
            oid::policies(&oid::HARDWARE),
        )];
        (params.not_before, params.not_after) =
            (rcgen::date_time_ymd(2026, 4, 1), rcgen::date_time_ymd(2028, 4, 1));
        change(&mut params);
        let own = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        params.signed_by(&own, &issuer).unwrap().der().to_vec()
    }
}
