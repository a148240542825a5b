//! An authority of the city (認証局): its key, its certificate, and what it issued.
//!
//! Three files in one folder, all beginning with the authority's name: `.key` (PKCS#8 PEM, its owner's alone) or
//! `.token` (which PKCS#11 token has the key), `.crt` (PEM, public) and `.issued.jsonl` (its owner's alone). Whoever
//! runs it in earnest keeps the folder off the network.

use crate::files::{self, FileError};
use crate::issued::{Book, BookFile, Line, Listed, key_digest};
use crate::key::AuthorityKey;
use crate::limits::{AUTHORITY_VALIDITY, MAX_CRL_VALIDITY};
use crate::request::plain_key;
use crate::text::japanese_date;
use crate::{
    Anchor, CertificateError, Issued, KeyError, KeyStore, PersonNumber, PinSource, Profile, Reason, Record,
    Revoked, Serial, TwoPeople, oid,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DistinguishedName,
    DnType, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, PublicKeyData as _, RevokedCertParams, SerialNumber,
    SubjectPublicKeyInfo,
};
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;

/// Which of the city's authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// For operators' cards.
    Cards,
    /// For terminals and the server that they dial.
    Terminals,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cards, Self::Terminals];

    /// What the names of its files begin with, and its key's label in a token.
    pub fn stem(self) -> &'static str {
        match self {
            Self::Cards => "card-authority",
            Self::Terminals => "terminal-authority",
        }
    }

    /// For people, and in its certificate.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Cards => "操作者カード認証局",
            Self::Terminals => "端末認証局",
        }
    }
}

/// Why an authority could not be made, opened, or did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A file of the authority.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key and the certificate in the folder do not belong together, or are no authority's.
    #[error("the authority's files are damaged: {0}")]
    Damaged(String),
    /// The certificate would be valid for no time or for too long.
    #[error("a certificate of this kind is valid for {} days at most, and ends after it begins", .0.as_secs() / 86_400)]
    Validity(Duration),
    /// The certificate, or the list, would outlive the authority's own.
    #[error("it would not lie within the authority's own validity")]
    OutlivesAuthority,
    /// The public key is not one of P-256.
    #[error("the public key is not a point of P-256")]
    PublicKey,
    /// There is a certificate in force of the same kind for the same number.
    #[error("`{}` has the certificate {} until {}", .0.subject, .0.serial, .0.until)]
    InForce(Box<Issued>),
    /// No certificate of this serial number was issued here.
    #[error("no certificate `{0}` was issued here")]
    Unknown(Serial),
    /// A certificate that is revoked or over cannot be renewed.
    #[error("the certificate `{0}` is revoked, over, or of another subject: it cannot be renewed")]
    NotRenewable(Serial),
    /// The certificate is revoked already.
    #[error("the certificate `{}` was revoked at {}", .0.serial, .0.at)]
    AlreadyRevoked(Box<Revoked>),
    /// The key was lost, or others may have it.
    #[error("the key is compromised: the certificate `{0}` was revoked for that")]
    CompromisedKey(Serial),
    /// The key belongs to something else: it was copied.
    #[error("the key is that of `{0}`")]
    KeyOfAnother(String),
    /// The machine's clock is behind what the authority did last.
    #[error("the clock is behind what was done last, at {0}")]
    ClockBehind(Timestamp),
    /// A revocation list is valid for no time or for too long.
    #[error("a revocation list is valid for 93 days at most, and ends after it begins")]
    ListValidity,
    /// No randomness, or the signing library failed.
    #[error("it could not be signed: {0}")]
    Making(String),
}

impl AuthorityError {
    /// What the person at the authority reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::File(error) => error.japanese(),
            Self::Key(error) => error.japanese(),
            Self::Damaged(why) => {
                format!("認証局の鍵と証明書が壊れています（{why}）。控えから戻してください。")
            }
            Self::Validity(longest) => format!(
                "有効期間は{}日以内で、終わりは始まりより後にしてください。",
                longest.as_secs() / 86_400
            ),
            Self::OutlivesAuthority => {
                "認証局の有効期間に収まりません。期間を短くするか、認証局を更新してください。".to_owned()
            }
            Self::PublicKey => "公開鍵を読めません。P-256 の鍵を作り直してください。".to_owned(),
            Self::InForce(issued) => format!(
                "{}「{}」には{}まで有効な証明書（{}）があります。更新するか、先に失効させてください。",
                issued.kind.japanese(),
                issued.subject,
                japanese_date(issued.until),
                issued.serial
            ),
            Self::Unknown(serial) => {
                format!("番号 {serial} の証明書はこの認証局にありません。一覧で確かめてください。")
            }
            Self::NotRenewable(serial) => format!(
                "証明書 {serial} は失効したか期限切れか、別のもので、更新できません。新しく発行してください。"
            ),
            Self::AlreadyRevoked(revoked) => format!(
                "証明書 {} は{}に失効しています（{}）。失効リストを作り直して配ってください。",
                revoked.serial,
                japanese_date(revoked.at),
                revoked.reason.japanese()
            ),
            Self::CompromisedKey(serial) => format!(
                "この鍵は紛失・漏えいで失効した証明書 {serial} のものです。新しい鍵を作ってください。"
            ),
            Self::KeyOfAnother(subject) => format!(
                "この鍵は「{subject}」のものです。鍵を写さず、それぞれの機械で新しい鍵を作ってください。"
            ),
            Self::ClockBehind(last) => format!(
                "この機械の時計が、最後の記録（{}）より遅れています。時計を合わせてください。",
                japanese_date(*last)
            ),
            Self::ListValidity => {
                "失効リストの期間は93日以内で、終わりは始まりより後にしてください。".to_owned()
            }
            Self::Making(why) => format!(
                "署名できませんでした（{why}）。もう一度試し、続くときは認証局の鍵を確かめてください。"
            ),
        }
    }

    fn making(error: impl std::fmt::Display) -> Self {
        Self::Making(error.to_string())
    }
}

/// A certificate that is ordered.
#[derive(Debug, Clone)]
pub struct Order {
    /// The key that is certified: `SubjectPublicKeyInfo`, DER, P-256.
    pub public_key: Vec<u8>,
    /// SHA-256, in hex, of the request, where one was made.
    pub request: Option<String>,
    /// First second of validity.
    pub from: Timestamp,
    /// Last second of validity.
    pub until: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// Who answers for it.
    pub by: TwoPeople,
    /// The certificate in force whose place it takes. Both count until the old one is over or revoked.
    pub renews: Option<Serial>,
}

/// A revocation list that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    /// DER.
    pub der: Vec<u8>,
    /// Its number: one more than that of the list before.
    pub number: u64,
    /// When the next one is due at the latest.
    pub next: Timestamp,
    /// How many certificates it names.
    pub revoked: usize,
}

/// An authority with its key.
pub struct Authority {
    role: Role,
    issuer: Issuer<'static, AuthorityKey>,
    anchor: Anchor,
    book: BookFile,
}

impl Authority {
    /// Makes an authority of `city` in `folder`, valid for ten years from `from`. An authority that is there already
    /// is never overwritten.
    pub fn create(
        folder: &Path,
        role: Role,
        city: &str,
        from: Timestamp,
        store: &KeyStore,
        pins: &dyn PinSource,
    ) -> Result<Self, AuthorityError> {
        let until = from.checked_add(AUTHORITY_VALIDITY).map_err(AuthorityError::making)?;
        files::private_folder(folder)?;
        if Self::exists(folder, role) || certificate_file(folder, role).exists() {
            let there = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(FileError::io(&folder.join(role.stem()), there).into());
        }
        let key = AuthorityKey::create(folder, role.stem(), store, pins)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, city);
        params.distinguished_name.push(DnType::CommonName, role.japanese());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(random_serial()?);
        set_validity(&mut params, from, until)?;
        let certificate = params.self_signed(&key).map_err(AuthorityError::making)?;
        book_file(folder, role).create()?;
        files::write_new_public(&certificate_file(folder, role), certificate.pem().as_bytes())?;
        Self::with_key(folder, role, key)
    }

    /// Opens the authority in `folder`. `pins` is asked only when its key is in a token.
    pub fn load(folder: &Path, role: Role, pins: &dyn PinSource) -> Result<Self, AuthorityError> {
        Self::with_key(folder, role, AuthorityKey::load(folder, role.stem(), pins)?)
    }

    fn with_key(folder: &Path, role: Role, key: AuthorityKey) -> Result<Self, AuthorityError> {
        let anchor = Self::anchor_in(folder, role)?;
        let damaged = |error: &dyn std::fmt::Display| AuthorityError::Damaged(error.to_string());
        let certificate = crate::Certificate::parse(anchor.der()).map_err(|error| damaged(&error))?;
        if certificate.public_key() != key.subject_public_key_info() {
            return Err(damaged(&"the key is not the certificate's"));
        }
        let issuer = Issuer::from_ca_cert_der(&anchor.der().into(), key).map_err(|error| damaged(&error))?;
        Ok(Self { role, issuer, anchor, book: book_file(folder, role) })
    }

    /// The certificate of the authority in `folder`, where its key need not be.
    pub fn anchor_in(folder: &Path, role: Role) -> Result<Anchor, AuthorityError> {
        let read = Anchor::load(&certificate_file(folder, role))?;
        read.map_err(|error| AuthorityError::Damaged(error.to_string()))
    }

    /// Whether `folder` holds an authority with its key.
    pub fn exists(folder: &Path, role: Role) -> bool {
        AuthorityKey::exists(folder, role.stem())
    }

    /// Which authority it is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What everything that it issues is held against.
    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// Makes a certificate, DER. What was ordered, and by whom, is durable before it is given.
    pub fn issue(&self, profile: &Profile, order: &Order) -> Result<Vec<u8>, AuthorityError> {
        self.check_validity(profile, order)?;
        let key = plain_key(&order.public_key).map_err(|_| AuthorityError::PublicKey)?;
        let mut open = self.book.open()?;
        check_clock(&open.book, order.at)?;
        check_key(&open.book, profile, &key)?;
        check_renewal(&open.book, profile, order)?;
        let der = self.sign(profile, order, &key)?;
        open.write(Line::Issued(self.written(profile, order, &key, &der)?))?;
        Ok(der)
    }

    fn check_validity(&self, profile: &Profile, order: &Order) -> Result<(), AuthorityError> {
        let too_long = || AuthorityError::Validity(profile.longest);
        let length = Duration::try_from(order.until.duration_since(order.from)).map_err(|_| too_long())?;
        if length.is_zero() || length > profile.longest {
            return Err(too_long());
        }
        let (from, until) = self.anchor.validity();
        if order.from < from || order.until > until {
            return Err(AuthorityError::OutlivesAuthority);
        }
        Ok(())
    }

    fn sign(&self, profile: &Profile, order: &Order, key: &[u8]) -> Result<Vec<u8>, AuthorityError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = profile.name.clone();
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![profile.purpose.clone()];
        params.subject_alt_names = profile.server_names.clone();
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(random_serial()?);
        params.custom_extensions = vec![CustomExtension::from_oid_content(
            oid::CERTIFICATE_POLICIES,
            oid::policies(&profile.policy),
        )];
        set_validity(&mut params, order.from, order.until)?;
        let key = SubjectPublicKeyInfo::from_der(key).map_err(|_| AuthorityError::PublicKey)?;
        let made = params.signed_by(&key, &self.issuer).map_err(AuthorityError::making)?;
        Ok(made.der().to_vec())
    }

    /// What is recorded of a certificate: read back from it, so that a token which signed wrongly is noticed here.
    fn written(
        &self,
        profile: &Profile,
        order: &Order,
        key: &[u8],
        der: &[u8],
    ) -> Result<Issued, AuthorityError> {
        let certificate = self.anchor.issued(der).map_err(AuthorityError::making)?;
        let (from, until) = certificate.validity().map_err(AuthorityError::making)?;
        let key = key_digest(key);
        Ok(Issued {
            serial: certificate.serial().map_err(AuthorityError::making)?,
            kind: profile.kind,
            subject: profile.subject.clone(),
            from,
            until,
            at: order.at,
            proposer: order.by.proposer().clone(),
            confirmer: order.by.confirmer().clone(),
            request: order.request.clone().unwrap_or_else(|| key.clone()),
            key,
            renews: order.renews.clone(),
            certificate: BASE64.encode(der),
        })
    }

    /// Takes a certificate back, at `at` by `by`. The next revocation list names it.
    pub fn revoke(
        &self,
        serial: &Serial,
        reason: Reason,
        at: Timestamp,
        by: &PersonNumber,
    ) -> Result<(), AuthorityError> {
        let mut open = self.book.open()?;
        check_clock(&open.book, at)?;
        let record = open.book.record(serial).ok_or_else(|| AuthorityError::Unknown(serial.clone()))?;
        if let Some(revoked) = &record.revoked {
            return Err(AuthorityError::AlreadyRevoked(Box::new(revoked.clone())));
        }
        let revoked = Revoked { serial: serial.clone(), at, reason, by: by.clone() };
        Ok(open.write(Line::Revoked(revoked))?)
    }

    /// Signs a revocation list as of `at`, whose successor is due by `next`.
    pub fn revocation_list(&self, at: Timestamp, next: Timestamp) -> Result<Crl, AuthorityError> {
        let length = Duration::try_from(next.duration_since(at)).map_err(|_| AuthorityError::ListValidity)?;
        if length < Duration::from_secs(1) || length > MAX_CRL_VALIDITY {
            return Err(AuthorityError::ListValidity);
        }
        let (from, until) = self.anchor.validity();
        if at < from || next > until {
            return Err(AuthorityError::OutlivesAuthority);
        }
        let mut open = self.book.open()?;
        check_clock(&open.book, at)?;
        let number = open.book.list + 1;
        let revoked: Vec<&Revoked> =
            open.book.records.iter().filter_map(|record| record.revoked.as_ref()).collect();
        let count = revoked.len();
        let params = CertificateRevocationListParams {
            this_update: date_time(at)?,
            next_update: date_time(next)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().map(entry).collect::<Result<_, _>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let der = params.signed_by(&self.issuer).map_err(AuthorityError::making)?.der().to_vec();
        let read = crate::Revocations::read(&der, &self.anchor);
        read.map_err(|error: CertificateError| AuthorityError::making(error))?;
        open.write(Line::Listed(Listed { number, at, next }))?;
        Ok(Crl { der, number, next, revoked: count })
    }

    /// Everything that was issued, in order, with what became of it.
    pub fn records(&self) -> Result<Vec<Record>, AuthorityError> {
        Ok(self.book.read()?.records)
    }

    /// The same, of the authority in `folder`, without its key.
    pub fn records_in(folder: &Path, role: Role) -> Result<Vec<Record>, AuthorityError> {
        Ok(book_file(folder, role).read()?.records)
    }

    /// The certificate of this serial number, DER, with its record.
    pub fn issued(&self, serial: &Serial) -> Result<(Record, Vec<u8>), AuthorityError> {
        let book = self.book.read()?;
        let record = book.record(serial).ok_or_else(|| AuthorityError::Unknown(serial.clone()))?.clone();
        let der = BASE64
            .decode(&record.issued.certificate)
            .map_err(|error| AuthorityError::Damaged(error.to_string()))?;
        self.anchor.issued(&der).map_err(|error| AuthorityError::Damaged(error.to_string()))?;
        Ok((record, der))
    }
}

/// A clock that is behind would date what is issued now before what was done, and let the lists' times fall.
fn check_clock(book: &Book, at: Timestamp) -> Result<(), AuthorityError> {
    match book.last {
        Some(last) if at < last => Err(AuthorityError::ClockBehind(last)),
        _ => Ok(()),
    }
}

/// A key belongs to one card, terminal or server, and to nothing any more once others may have it.
fn check_key(book: &Book, profile: &Profile, key: &[u8]) -> Result<(), AuthorityError> {
    let key = key_digest(key);
    for record in book.records.iter().filter(|record| record.issued.key == key) {
        let issued = &record.issued;
        if matches!(&record.revoked, Some(revoked) if revoked.reason == Reason::KeyCompromise) {
            return Err(AuthorityError::CompromisedKey(issued.serial.clone()));
        }
        if (issued.kind, &issued.subject) != (profile.kind, &profile.subject) {
            return Err(AuthorityError::KeyOfAnother(issued.subject.clone()));
        }
    }
    Ok(())
}

/// One certificate of a kind is in force for a subject, but for the overlap of a renewal.
fn check_renewal(book: &Book, profile: &Profile, order: &Order) -> Result<(), AuthorityError> {
    let ours = |record: &&Record| {
        let issued = &record.issued;
        issued.kind == profile.kind && issued.subject == profile.subject && record.stands(order.at)
    };
    let mut standing = book.records.iter().filter(ours);
    let Some(renews) = &order.renews else {
        return standing
            .next()
            .map_or(Ok(()), |record| Err(AuthorityError::InForce(Box::new(record.issued.clone()))));
    };
    if book.record(renews).is_none() {
        return Err(AuthorityError::Unknown(renews.clone()));
    }
    let found = standing.any(|record| record.issued.serial == *renews);
    found.then_some(()).ok_or_else(|| AuthorityError::NotRenewable(renews.clone()))
}

fn entry(revoked: &Revoked) -> Result<RevokedCertParams, AuthorityError> {
    let serial = hex::decode(revoked.serial.as_str()).map_err(AuthorityError::making)?;
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(&serial),
        revocation_time: date_time(revoked.at)?,
        reason_code: Some(revoked.reason.code()),
        invalidity_date: None,
    })
}

fn certificate_file(folder: &Path, role: Role) -> PathBuf {
    folder.join(format!("{}.crt", role.stem()))
}

fn book_file(folder: &Path, role: Role) -> BookFile {
    BookFile::new(folder.join(format!("{}.issued.jsonl", role.stem())))
}

fn set_validity(
    params: &mut CertificateParams,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), AuthorityError> {
    params.not_before = date_time(from)?;
    params.not_after = date_time(until)?;
    Ok(())
}

/// A moment as X.509 has it, in whole seconds.
fn date_time(at: Timestamp) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(AuthorityError::making)
}

/// 16 random bytes, positive and never shortened by DER.
fn random_serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(AuthorityError::making)?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}
