//! Revocation: why a certificate is taken back, and the list that says so (CRL).

use crate::certificate::properly_signed;
use crate::{Anchor, CertificateError, Serial};
use jiff::Timestamp;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Verifier as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

/// Why a certificate is taken back: the reasons of RFC 5280, section 5.3.1, that can apply to a card, a terminal or
/// a server. A suspension is none of them: the ledger of cards suspends, and restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The key, card or machine is lost, or somebody else may have had it.
    KeyCompromise,
    /// Who or what it names has moved on: a transfer, another section.
    AffiliationChanged,
    /// Another certificate takes its place.
    Superseded,
    /// The card, terminal or server is out of use.
    CessationOfOperation,
    /// Its holder may no longer do what it allows.
    PrivilegeWithdrawn,
}

impl Reason {
    /// All of them, as they are offered.
    pub const ALL: [Self; 5] = [
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// As it is typed and recorded.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeyCompromise => "key-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
        }
    }

    /// For people.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::KeyCompromise => "紛失・漏えい",
            Self::AffiliationChanged => "異動",
            Self::Superseded => "差替え",
            Self::CessationOfOperation => "使用終了",
            Self::PrivilegeWithdrawn => "権限の取消し",
        }
    }

    pub(crate) fn code(self) -> rcgen::RevocationReason {
        match self {
            Self::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
            Self::AffiliationChanged => rcgen::RevocationReason::AffiliationChanged,
            Self::Superseded => rcgen::RevocationReason::Superseded,
            Self::CessationOfOperation => rcgen::RevocationReason::CessationOfOperation,
            Self::PrivilegeWithdrawn => rcgen::RevocationReason::PrivilegeWithdrawn,
        }
    }
}

/// A revocation list as those read it who check certificates.
#[derive(Debug, Clone)]
pub struct Revocations {
    from: Timestamp,
    next: Timestamp,
    serials: BTreeSet<Serial>,
}

impl Revocations {
    /// Reads a list, DER, that `anchor` signed.
    pub fn read(der: &[u8], anchor: &Anchor) -> Result<Self, CertificateError> {
        const MALFORMED: CertificateError = CertificateError::Malformed("no revocation list");
        let (rest, list) = CertificateRevocationList::from_der(der).map_err(|_| MALFORMED)?;
        if !rest.is_empty() {
            return Err(MALFORMED);
        }
        let signed = list.tbs_cert_list.as_ref();
        let ours = list.issuer().as_raw() == anchor.name()
            && Signature::from_der(&list.signature_value.data).is_ok_and(|signature| {
                der == properly_signed(signed, &signature) && anchor.key().verify(signed, &signature).is_ok()
            });
        if !ours {
            return Err(CertificateError::ForeignAuthority);
        }
        let second = |time: i64| Timestamp::from_second(time).map_err(|_| MALFORMED);
        let next = list.next_update().ok_or(MALFORMED)?;
        let serial = |serial: &[u8]| hex::encode(serial).parse().map_err(|_| MALFORMED);
        Ok(Self {
            from: second(list.last_update().timestamp())?,
            next: second(next.timestamp())?,
            serials: list
                .iter_revoked_certificates()
                .map(|revoked| serial(revoked.raw_serial()))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whether the list names this certificate.
    pub fn names(&self, serial: &Serial) -> bool {
        self.serials.contains(serial)
    }

    /// From when the list is, and when the next one is due at the latest.
    pub fn period(&self) -> (Timestamp, Timestamp) {
        (self.from, self.next)
    }

    /// That the list is not out of date at `at`.
    pub fn expect_current(&self, at: Timestamp) -> Result<(), CertificateError> {
        if at > self.next {
            return Err(CertificateError::ListExpired(self.next));
        }
        Ok(())
    }
}
