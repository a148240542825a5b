//! What an authority issues, to whom it refuses, and what it keeps of it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic, as the tests themselves may")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use pki::{
    Anchor, Authority, AuthorityError, CertificateError, KeyStore, NoToken, Order, Profile, Reason, Request,
    RequestError, Revocations, Role, Serial, TerminalNumber, TerminalVerifier, TwoPeople, make_key,
};
use proptest::prelude::*;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use tempfile::TempDir;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn april() -> Timestamp {
    at("2026-04-01T00:00:00+09:00")
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn number(text: &str) -> TerminalNumber {
    text.parse().unwrap()
}

fn people() -> TwoPeople {
    TwoPeople::new("1001".parse().unwrap(), "1002".parse().unwrap()).unwrap()
}

struct Town {
    folder: TempDir,
    authority: Authority,
}

fn town() -> Town {
    let folder = tempfile::tempdir().unwrap();
    let authority =
        Authority::create(folder.path(), Role::Terminals, "試験市", april(), &KeyStore::File, &NoToken)
            .unwrap();
    Town { folder, authority }
}

impl Town {
    fn issue(&self, terminal: &str, order: &Order) -> Result<Vec<u8>, AuthorityError> {
        self.authority.issue(&Profile::terminal(&number(terminal)), order)
    }

    fn verifier(&self) -> TerminalVerifier {
        TerminalVerifier::new(Anchor::from_der(self.authority.anchor().der()).unwrap())
    }

    fn serial(&self, index: usize) -> Serial {
        self.authority.records().unwrap()[index].issued.serial.clone()
    }

    fn book(&self) -> PathBuf {
        self.folder.path().join("terminal-authority.issued.jsonl")
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn requested(terminal: &str, key: &KeyPair) -> Request {
    Request::read(Request::make(terminal, &[], key).unwrap().as_bytes()).unwrap()
}

fn order(request: &Request) -> Order {
    Order {
        public_key: request.public_key().to_vec(),
        request: Some(request.digest().to_owned()),
        from: april(),
        until: april() + days(365),
        at: april(),
        by: people(),
        renews: None,
    }
}

fn order_of(terminal: &str) -> Order {
    order(&requested(terminal, &key()))
}

#[test]
fn a_terminal_asks_with_its_own_key_and_is_known_by_its_certificate() {
    let town = town();
    let terminal = tempfile::tempdir().unwrap();
    let key = make_key(&terminal.path().join("terminal.key")).unwrap();
    let request = requested("T-104", &key);
    request.expect("T-104", &[]).unwrap();
    let der = town.issue("T-104", &order(&request)).unwrap();
    let proven = town.verifier().read(&der, april() + days(100)).unwrap();
    assert_eq!(proven.number, number("T-104"));
    assert_eq!(proven.until, april() + days(365));
    assert_eq!(proven.serial, town.serial(0));
    let recorded = &town.authority.records().unwrap()[0].issued;
    assert_eq!(recorded.request, request.digest());
    assert_eq!((recorded.proposer.as_str(), recorded.confirmer.as_str()), ("1001", "1002"));
    assert_eq!(town.authority.issued(&proven.serial).unwrap().1, der);
}

#[test]
fn a_certificate_counts_for_its_time_its_authority_and_its_purpose() {
    let town = town();
    let der = town.issue("T-104", &order_of("T-104")).unwrap();
    let verifier = town.verifier();
    let early = verifier.read(&der, april() - days(1));
    assert_eq!(early, Err(CertificateError::AuthorityExpired));
    let late = verifier.read(&der, april() + days(366));
    assert_eq!(late, Err(CertificateError::Expired(april() + days(365))));
    assert_eq!(self::town().verifier().read(&der, april()), Err(CertificateError::ForeignAuthority));

    let server = Profile::server(&["cs.example.jp".to_owned()]).unwrap();
    let server = town.authority.issue(&server, &order_of("cs.example.jp")).unwrap();
    let other = Err(CertificateError::Malformed("made for another purpose"));
    assert_eq!(verifier.read(&server, april()), other);
}

#[test]
fn a_request_that_is_not_its_own_keys_is_refused() {
    let pem = Request::make("T-104", &[], &key()).unwrap();
    let der = pki::der_of(pem.as_bytes(), "CERTIFICATE REQUEST").unwrap();
    assert!(Request::read(&der).is_ok());
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 1;
        assert!(Request::read(&changed).is_err(), "byte {place}");
    }
    let place = der.windows(5).position(|five| five == b"T-104").unwrap();
    let mut other = der.clone();
    other[place + 4] = b'5';
    assert!(matches!(Request::read(&other), Err(RequestError::Signature)));
    let edwards = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let edwards = Request::make("T-104", &[], &edwards).unwrap();
    assert!(matches!(Request::read(edwards.as_bytes()), Err(RequestError::Key)));
}

#[test]
fn a_request_for_another_terminal_or_more_servers_is_refused() {
    let request = requested("T-105", &key());
    assert!(request.expect("T-104", &[]).unwrap_err().japanese().contains("T-105"));
    let names = ["a.example.jp".to_owned(), "192.0.2.1".to_owned()];
    let pem = Request::make("a.example.jp", &names, &key()).unwrap();
    let request = Request::read(pem.as_bytes()).unwrap();
    assert_eq!(request.server_names(), names);
    assert!(request.expect("a.example.jp", &names).is_ok());
    assert!(request.expect("a.example.jp", &names[..1]).is_err());
}

#[test]
fn servers_have_names_that_a_certificate_can_carry() {
    for wrong in ["", "a b", "*.example.jp", "関所", "http://a", "a/b", "-"] {
        assert!(Profile::server(&[wrong.to_owned()]).is_err(), "{wrong:?}");
    }
    assert!(Profile::server(&[]).is_err());
    assert!(Profile::server(&vec!["a.example.jp".to_owned(); 17]).is_err());
    assert!(Profile::server(&["2001:db8::1".to_owned(), "localhost".to_owned()]).is_ok());
}

#[test]
fn a_terminals_certificate_lasts_a_year_and_not_longer_than_the_authority() {
    let town = town();
    let valid = |from: &str, until: &str| {
        town.issue("T-104", &Order { from: at(from), until: at(until), ..order_of("T-104") })
    };
    let too_long = valid("2026-04-01T00:00:00Z", "2027-04-03T00:00:00Z");
    assert!(matches!(too_long, Err(AuthorityError::Validity(_))));
    assert!(matches!(
        valid("2026-04-02T00:00:00Z", "2026-04-01T00:00:00Z"),
        Err(AuthorityError::Validity(_))
    ));
    let outlives = valid("2035-06-01T00:00:00Z", "2036-05-01T00:00:00Z");
    assert!(matches!(outlives, Err(AuthorityError::OutlivesAuthority)));
    assert!(town.authority.records().unwrap().is_empty());
}

#[test]
fn one_certificate_is_in_force_and_a_renewal_overlaps_it() {
    let town = town();
    let first = key();
    let old = town.issue("T-104", &order(&requested("T-104", &first))).unwrap();
    assert!(matches!(town.issue("T-104", &order_of("T-104")), Err(AuthorityError::InForce(_))));

    let later = april() + days(300);
    let renewed = |request: &Request, renews: &Serial| Order {
        at: later,
        from: later,
        until: later + days(365),
        renews: Some(renews.clone()),
        ..order(request)
    };
    let serial = town.serial(0);
    let same_key = town.issue("T-104", &renewed(&requested("T-104", &first), &serial)).unwrap();
    let new_key = town.issue("T-104", &renewed(&requested("T-104", &key()), &serial)).unwrap();
    for der in [&old, &same_key, &new_key] {
        assert_eq!(town.verifier().read(der, later).unwrap().number, number("T-104"));
    }
    let records = town.authority.records().unwrap();
    assert_eq!(records[1].issued.renews, Some(serial.clone()));
    assert_eq!(records[0].issued.key, records[1].issued.key);

    let of_another = town.issue("T-105", &renewed(&requested("T-105", &key()), &serial));
    assert!(matches!(of_another, Err(AuthorityError::NotRenewable(_))));
    let unknown = town.issue("T-104", &renewed(&requested("T-104", &key()), &"4aff".parse().unwrap()));
    assert!(matches!(unknown, Err(AuthorityError::Unknown(_))));
}

#[test]
fn a_lost_key_is_never_certified_again_and_a_copied_one_not_for_another() {
    let town = town();
    let key = key();
    town.issue("T-104", &order(&requested("T-104", &key))).unwrap();
    let copied = town.issue("T-105", &order(&requested("T-105", &key)));
    assert!(matches!(copied, Err(AuthorityError::KeyOfAnother(of)) if of == "T-104"));

    let (serial, by) = (town.serial(0), "1001".parse().unwrap());
    town.authority.revoke(&serial, Reason::KeyCompromise, april(), &by).unwrap();
    let again = town.issue("T-104", &order(&requested("T-104", &key)));
    assert!(matches!(again, Err(AuthorityError::CompromisedKey(_))));
    // With a new key the terminal gets a new certificate.
    assert!(town.issue("T-104", &order_of("T-104")).is_ok());
}

#[test]
fn a_revoked_certificate_is_on_the_next_list_and_refused_by_it() {
    let town = town();
    let der = town.issue("T-104", &order_of("T-104")).unwrap();
    let first = town.authority.revocation_list(april(), april() + days(30)).unwrap();
    let (serial, by) = (town.serial(0), "1001".parse().unwrap());
    let later = april() + days(1);
    town.authority.revoke(&serial, Reason::CessationOfOperation, later, &by).unwrap();
    let twice = town.authority.revoke(&serial, Reason::KeyCompromise, later, &by);
    assert!(matches!(twice, Err(AuthorityError::AlreadyRevoked(_))));
    let second = town.authority.revocation_list(later, later + days(30)).unwrap();
    assert_eq!((first.number, first.revoked, second.number, second.revoked), (1, 0, 2, 1));

    let with = |list: &pki::Crl| {
        let list = Revocations::read(&list.der, town.authority.anchor()).unwrap();
        town.verifier().with_revocations(list)
    };
    assert!(with(&first).read(&der, later).is_ok());
    assert_eq!(with(&second).read(&der, later), Err(CertificateError::Revoked));
    // What was revoked since an old list is not known: nothing passes by it.
    let stale = with(&first).read(&der, april() + days(31));
    assert_eq!(stale, Err(CertificateError::ListExpired(april() + days(30))));
    let foreign = Revocations::read(&second.der, self::town().authority.anchor());
    assert_eq!(foreign.unwrap_err(), CertificateError::ForeignAuthority);
}

#[test]
fn a_list_that_was_changed_is_nobodys() {
    let town = town();
    town.issue("T-104", &order_of("T-104")).unwrap();
    town.authority.revoke(&town.serial(0), Reason::Superseded, april(), &"1".parse().unwrap()).unwrap();
    let list = town.authority.revocation_list(april(), april() + days(7)).unwrap().der;
    for place in 0..list.len() {
        let mut changed = list.clone();
        changed[place] ^= 1;
        assert!(Revocations::read(&changed, town.authority.anchor()).is_err(), "byte {place}");
    }
}

#[test]
fn a_list_lasts_three_months_at_most() {
    let town = town();
    let list = |until: i64| town.authority.revocation_list(april(), april() + days(until));
    assert!(matches!(list(0), Err(AuthorityError::ListValidity)));
    assert!(matches!(list(-1), Err(AuthorityError::ListValidity)));
    assert!(matches!(list(94), Err(AuthorityError::ListValidity)));
    assert!(list(93).is_ok());
}

#[test]
fn a_clock_that_is_behind_dates_nothing() {
    let town = town();
    let tomorrow = april() + days(1);
    town.issue("T-104", &Order { at: tomorrow, ..order_of("T-104") }).unwrap();
    let behind = |what| matches!(what, Err(AuthorityError::ClockBehind(last)) if last == tomorrow);
    assert!(behind(town.issue("T-105", &order_of("T-105")).map(drop)));
    let by = "1001".parse().unwrap();
    assert!(behind(town.authority.revoke(&town.serial(0), Reason::Superseded, april(), &by)));
    assert!(behind(town.authority.revocation_list(april(), tomorrow).map(drop)));
}

#[test]
fn an_authority_is_opened_again_and_never_overwritten() {
    let town = town();
    let der = town.issue("T-104", &order_of("T-104")).unwrap();
    let folder = town.folder.path();
    let twice = Authority::create(folder, Role::Terminals, "試験市", april(), &KeyStore::File, &NoToken);
    assert!(matches!(twice.err(), Some(AuthorityError::File(_))));
    let again = Authority::load(folder, Role::Terminals, &NoToken).unwrap();
    assert_eq!(again.records().unwrap(), town.authority.records().unwrap());
    assert!(matches!(
        again.issue(&Profile::terminal(&number("T-104")), &order_of("T-104")),
        Err(AuthorityError::InForce(_))
    ));
    let anchor = Anchor::load(&folder.join("terminal-authority.crt")).unwrap().unwrap();
    assert!(TerminalVerifier::new(anchor).read(&der, april()).is_ok());
    // The files of two authorities do not mix.
    let other = self::town();
    fs::copy(other.folder.path().join("terminal-authority.crt"), folder.join("terminal-authority.crt"))
        .unwrap();
    assert!(matches!(
        Authority::load(folder, Role::Terminals, &NoToken).err(),
        Some(AuthorityError::Damaged(_))
    ));
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let town = town();
    let shared = |file: &Path| {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
    };
    shared(&town.book());
    assert!(town.issue("T-104", &order_of("T-104")).unwrap_err().japanese().contains("600"));
    shared(&town.folder.path().join("terminal-authority.key"));
    let load = Authority::load(town.folder.path(), Role::Terminals, &NoToken);
    assert!(load.err().unwrap().japanese().contains("600"));
}

#[test]
fn a_line_that_a_crash_cut_off_is_not_believed_and_the_next_one_takes_its_place() {
    let town = town();
    town.issue("T-104", &order_of("T-104")).unwrap();
    town.issue("T-105", &order_of("T-105")).unwrap();
    let whole = fs::read(town.book()).unwrap();
    let first = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    for cut in [first, first + 1, first + 40, whole.len() - 1] {
        fs::write(town.book(), &whole[..cut]).unwrap();
        let left = town.authority.records().unwrap();
        assert_eq!(left.len(), 1, "cut at {cut}");
        town.issue("T-105", &order_of("T-105")).unwrap();
        let again = town.authority.records().unwrap();
        assert_eq!(again.len(), 2);
        assert_eq!(again[0], left[0]);
    }
}

#[test]
fn a_damaged_line_is_named() {
    let town = town();
    town.issue("T-104", &order_of("T-104")).unwrap();
    let mut book = fs::OpenOptions::new().append(true).open(town.book()).unwrap();
    book.write_all(b"{\"revoked\":{}}\n").unwrap();
    let told = town.authority.records().unwrap_err().japanese();
    assert!(told.contains("2行目"), "{told}");
    // The same certificate twice is no line of ours either.
    let whole = fs::read_to_string(town.book()).unwrap();
    let line = whole.lines().next().unwrap();
    fs::write(town.book(), format!("{line}\n{line}\n")).unwrap();
    assert!(town.authority.records().unwrap_err().to_string().contains("twice"));
}

#[test]
fn two_at_once_do_not_write_over_each_other() {
    let town = town();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let town = &town;
            scope.spawn(move || {
                let own = Authority::load(town.folder.path(), Role::Terminals, &NoToken).unwrap();
                for each in 0..5 {
                    let terminal = format!("T-{thread}-{each}");
                    own.issue(&Profile::terminal(&number(&terminal)), &order_of(&terminal)).unwrap();
                }
            });
        }
    });
    assert_eq!(town.authority.records().unwrap().len(), 20);
}

proptest! {
    #[test]
    fn rubbish_is_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Request::read(&bytes).is_err());
        prop_assert!(Anchor::from_der(&bytes).is_err());
    }
}
