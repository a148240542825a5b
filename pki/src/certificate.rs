//! Reading a certificate, strictly: whoever shows one may be a stranger.

use crate::limits::MAX_CERTIFICATE;
use crate::text::japanese_date;
use crate::{Serial, tlv};
use jiff::Timestamp;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, ParsedExtension};
use x509_parser::oid_registry::Oid;
use x509_parser::x509::X509Version;

/// Why a certificate says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not a certificate, or not one of this kind.
    #[error("the certificate is not of the expected kind: {0}")]
    Malformed(&'static str),
    /// Issued by somebody else than this authority.
    #[error("the certificate was issued by another authority")]
    ForeignAuthority,
    /// The authority's own certificate is not, or no more, valid.
    #[error("the authority's own certificate is not valid at this time")]
    AuthorityExpired,
    /// The validity begins later.
    #[error("the certificate is not valid before {0}")]
    NotYetValid(Timestamp),
    /// The validity is over.
    #[error("the certificate expired at {0}")]
    Expired(Timestamp),
    /// The revocation list names it.
    #[error("the certificate is revoked")]
    Revoked,
    /// The revocation list is older than it may be: what was revoked since is not known.
    #[error("the revocation list was to be replaced by {0}")]
    ListExpired(Timestamp),
}

impl CertificateError {
    /// What the person in charge of terminals reads, and what to do.
    pub fn japanese(&self) -> String {
        match self {
            Self::Malformed(_) => {
                "証明書の種類が違うか、壊れています。認証局が発行したファイルを確かめてください。".to_owned()
            }
            Self::ForeignAuthority => {
                "証明書は本市の認証局が発行したものではありません。本市の認証局に発行を申し出てください。"
                    .to_owned()
            }
            Self::AuthorityExpired => {
                "認証局の証明書の有効期間外です。時計を確かめ、合っていれば認証局の更新を依頼してください。"
                    .to_owned()
            }
            Self::NotYetValid(from) => {
                format!(
                    "証明書は{}から使えます。時計が合っているかを確かめてください。",
                    japanese_date(*from)
                )
            }
            Self::Expired(until) => {
                format!(
                    "証明書の有効期限は{}で切れています。認証局に更新を申し出てください。",
                    japanese_date(*until)
                )
            }
            Self::Revoked => {
                "証明書は失効しています。この鍵は使わず、アクセス管理責任者に連絡してください。".to_owned()
            }
            Self::ListExpired(next) => format!(
                "失効リストの期限は{}で切れています。認証局で新しい失効リストを作り、置き換えてください。",
                japanese_date(*next)
            ),
        }
    }
}

/// A certificate that was read. Who signed it, and whether it is valid now, is for an [`crate::Anchor`] to say.
#[derive(Debug)]
pub struct Certificate<'a>(X509Certificate<'a>);

impl<'a> Certificate<'a> {
    /// Reads one certificate, DER, with nothing after it.
    pub fn parse(der: &'a [u8]) -> Result<Self, CertificateError> {
        const MALFORMED: fn(&'static str) -> CertificateError = CertificateError::Malformed;
        if der.len() > MAX_CERTIFICATE {
            return Err(MALFORMED("too long"));
        }
        let (rest, certificate) =
            x509_parser::parse_x509_certificate(der).map_err(|_| MALFORMED("no X.509 certificate"))?;
        if !rest.is_empty() {
            return Err(MALFORMED("something follows the certificate"));
        }
        if certificate.version() != X509Version::V3 {
            return Err(MALFORMED("not version 3"));
        }
        if certificate.extensions_map().is_err() {
            return Err(MALFORMED("an extension stands twice"));
        }
        Ok(Self(certificate))
    }

    /// Its serial number.
    pub fn serial(&self) -> Result<Serial, CertificateError> {
        hex::encode(self.0.raw_serial()).parse().map_err(|_| CertificateError::Malformed("odd serial number"))
    }

    /// SHA-256 of the whole, lower-case hex: for people to compare. Ledgers match by serial number, because an ECDSA
    /// signature, and with it this, has a second valid form.
    pub fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_raw()))
    }

    /// First and last second of its validity.
    pub fn validity(&self) -> Result<(Timestamp, Timestamp), CertificateError> {
        let validity = self.0.validity();
        let second = |time: i64| {
            Timestamp::from_second(time).map_err(|_| CertificateError::Malformed("odd time of validity"))
        };
        Ok((second(validity.not_before.timestamp())?, second(validity.not_after.timestamp())?))
    }

    /// Its key, which is one of P-256.
    pub fn key(&self) -> Result<VerifyingKey, CertificateError> {
        VerifyingKey::from_public_key_der(self.public_key())
            .map_err(|_| CertificateError::Malformed("the key is not of P-256"))
    }

    /// Its key as it stands: `SubjectPublicKeyInfo`, DER.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().raw
    }

    /// Whom it is for: the name, DER.
    pub(crate) fn subject(&self) -> &[u8] {
        self.0.subject().as_raw()
    }

    /// Who signed it, by its own word: the name, DER.
    pub(crate) fn issuer(&self) -> &[u8] {
        self.0.issuer().as_raw()
    }

    /// Whether `key` signed it. What lies around the signed part is compared with its one proper encoding, because
    /// the parser forgives odd tags and lengths there, and a certificate must not come in two spellings.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let certificate = &self.0;
        if certificate.tbs_certificate.signature != certificate.signature_algorithm {
            return false;
        }
        let Ok(signature) = Signature::from_der(&certificate.signature_value.data) else {
            return false;
        };
        let signed = certificate.tbs_certificate.as_ref();
        certificate.as_raw() == properly_signed(signed, &signature) && key.verify(signed, &signature).is_ok()
    }

    /// Whether it is an authority's.
    pub fn is_authority(&self) -> bool {
        let signs = matches!(self.0.key_usage(), Ok(Some(usage)) if usage.value.key_cert_sign());
        signs && matches!(self.0.basic_constraints(), Ok(Some(limits)) if limits.value.ca)
    }

    /// That it is a signing key for the purpose that `fits`, no authority's, and has nothing critical that is not
    /// understood.
    pub fn expect_purpose(
        &self,
        fits: impl FnOnce(&ExtendedKeyUsage<'_>) -> bool,
    ) -> Result<(), CertificateError> {
        let signs = matches!(self.0.key_usage(), Ok(Some(usage)) if usage.value.digital_signature());
        let purposes = self.0.extended_key_usage().ok().flatten();
        if !signs || !purposes.is_some_and(|usage| fits(usage.value)) || self.0.is_ca() {
            return Err(CertificateError::Malformed("made for another purpose"));
        }
        let known = |extension: &ParsedExtension<'_>| {
            matches!(
                extension,
                ParsedExtension::KeyUsage(_)
                    | ParsedExtension::ExtendedKeyUsage(_)
                    | ParsedExtension::BasicConstraints(_)
                    | ParsedExtension::CertificatePolicies(_)
            )
        };
        if self.0.extensions().iter().any(|e| e.critical && !known(e.parsed_extension())) {
            return Err(CertificateError::Malformed("a critical extension is unknown"));
        }
        Ok(())
    }

    /// Whether it was issued under `policy`.
    pub fn has_policy(&self, policy: &Oid<'_>) -> bool {
        let policies = self.0.extensions().iter().find_map(|e| match e.parsed_extension() {
            ParsedExtension::CertificatePolicies(policies) => Some(policies),
            _ => None,
        });
        policies.is_some_and(|all| all.iter().any(|each| each.policy_id == *policy))
    }

    /// The one value of `attribute` in the subject.
    pub fn one_name(&self, attribute: &Oid<'_>) -> Result<&str, CertificateError> {
        one_name(self.0.subject(), attribute).ok_or(CertificateError::Malformed("odd subject"))
    }

    /// The names of the server whose certificate it is, as text.
    pub fn server_names(&self) -> Vec<String> {
        let names = self.0.subject_alternative_name().ok().flatten();
        names.map(|names| names_of(names.value)).unwrap_or_default()
    }
}

/// The one value of `attribute` in a name; none when there are several, or it is no plain text.
pub(crate) fn one_name<'a>(
    name: &'a x509_parser::x509::X509Name<'_>,
    attribute: &Oid<'_>,
) -> Option<&'a str> {
    let mut values = name.iter_attributes().filter(|entry| entry.attr_type() == attribute);
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let tag = value.attr_value().header.tag();
    if tag != Tag::PrintableString && tag != Tag::Utf8String {
        return None;
    }
    value.as_str().ok()
}

/// DNS names and IP addresses, as text; anything else as a text that is neither.
pub(crate) fn names_of(names: &x509_parser::extensions::SubjectAlternativeName<'_>) -> Vec<String> {
    use x509_parser::extensions::GeneralName;
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => (*name).to_owned(),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).ok().map(|v4| std::net::IpAddr::from(v4).to_string());
            let v6 = || <[u8; 16]>::try_from(*bytes).ok().map(|v6| std::net::IpAddr::from(v6).to_string());
            v4.or_else(v6).unwrap_or_else(|| format!("ip:{}", hex::encode(bytes)))
        }
        other => format!("other:{other}"),
    };
    names.general_names.iter().map(text).collect()
}

/// `AlgorithmIdentifier` of ecdsa-with-SHA256, DER: the one algorithm that is taken.
const ECDSA_WITH_SHA256: &[u8] = &[0x30, 10, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// The one proper encoding of something signed: a certificate, a request, a revocation list.
pub(crate) fn properly_signed(signed: &[u8], signature: &Signature) -> Vec<u8> {
    let bits = tlv::value(0x03, &[&[0], signature.to_der().as_bytes()].concat());
    tlv::value(0x30, &[signed, ECDSA_WITH_SHA256, &bits].concat())
}
