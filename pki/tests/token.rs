//! An authority whose key is in a PKCS#11 token, played by SoftHSM.

#![cfg(feature = "pkcs11")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic, as the tests themselves may")]

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use pki::{
    Authority, AuthorityError, KeyError, KeyStore, NoToken, Order, PinSource, Profile, Request, Role,
    TerminalVerifier, TokenName, TwoPeople,
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use zeroize::Zeroizing;

const TOKEN: &str = "sekisho-test";
const PIN: &str = "13572468";

/// Where SoftHSM's library is; none on a machine that does not have it.
fn module() -> Option<PathBuf> {
    let found = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so"].map(PathBuf::from);
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        eprintln!("SKIPPED: no SoftHSM here (apt-get install softhsm2): keys in tokens are NOT tested");
    }
    found
}

struct Pin(&'static str);

impl PinSource for Pin {
    fn pin(&self, token: &str) -> Result<Zeroizing<String>, KeyError> {
        assert_eq!(token, TOKEN);
        Ok(Zeroizing::new(self.0.to_owned()))
    }
}

/// SoftHSM finds its tokens by an environment variable, which a process has to be born with.
fn with_token(folder: &Path, inner: &str) {
    let tokens = folder.join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let settings = folder.join("softhsm2.conf");
    std::fs::write(&settings, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()))
        .unwrap();
    let mut init = Command::new("softhsm2-util");
    init.env("SOFTHSM2_CONF", &settings).args(["--init-token", "--free", "--label", TOKEN]);
    let made = init.args(["--so-pin", "00000000", "--pin", PIN]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.env("SOFTHSM2_CONF", &settings).env("SEKISHO_TOKEN_FOLDER", folder);
    let played = again.args(["--exact", inner, "--ignored", "--nocapture"]).output().unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success() && said.contains("1 passed"), "{said}{played:?}");
}

#[test]
fn an_authority_signs_with_a_key_that_never_leaves_its_token() {
    if module().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    with_token(folder.path(), "signs_in_a_token");
    let inside = std::fs::read_dir(folder.path().join("authority")).unwrap();
    let names: Vec<_> = inside.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".key")), "{names:?}");
}

#[test]
#[ignore = "played by the test above, with a token of its own"]
fn signs_in_a_token() {
    let folder = PathBuf::from(std::env::var_os("SEKISHO_TOKEN_FOLDER").unwrap()).join("authority");
    let store = KeyStore::Token(TokenName { module: module().unwrap(), token: TOKEN.to_owned() });
    let from: Timestamp = "2026-04-01T00:00:00+09:00".parse().unwrap();
    let create = |role, pin| Authority::create(&folder, role, "試験市", from, &store, &Pin(pin));

    let wrong = create(Role::Terminals, "00000001").err();
    assert!(matches!(wrong, Some(AuthorityError::Key(KeyError::Token { .. }))));
    let made = create(Role::Terminals, PIN).unwrap();
    // The other authority has its own key in the same token.
    let cards = create(Role::Cards, PIN).unwrap();
    assert_ne!(cards.anchor().key_digest(), made.anchor().key_digest());
    drop(made);

    let without = Authority::load(&folder, Role::Terminals, &NoToken).err();
    assert!(matches!(without, Some(AuthorityError::Key(KeyError::PinNeeded(_)))));
    let authority = Authority::load(&folder, Role::Terminals, &Pin(PIN)).unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let request = Request::read(Request::make("T-104", &[], &key).unwrap().as_bytes()).unwrap();
    let order = Order {
        public_key: request.public_key().to_vec(),
        request: Some(request.digest().to_owned()),
        from,
        until: from + SignedDuration::from_hours(24 * 365),
        at: from,
        by: TwoPeople::synthetic(),
        renews: None,
    };
    let der = authority.issue(&Profile::terminal(&"T-104".parse().unwrap()), &order).unwrap();
    let verifier = TerminalVerifier::new(authority.anchor().clone());
    assert_eq!(verifier.read(&der, from).unwrap().number.as_str(), "T-104");
    let list = authority.revocation_list(from, from + SignedDuration::from_hours(24)).unwrap();
    assert_eq!((list.number, list.revoked), (1, 0));
    // Closing the one that was made has not closed the other one.
    assert!(cards.revocation_list(from, from + SignedDuration::from_hours(24)).is_ok());
    // A second pair of the same label would leave open which one is meant.
    std::fs::remove_file(folder.join("terminal-authority.token")).unwrap();
    std::fs::remove_file(folder.join("terminal-authority.crt")).unwrap();
    assert!(matches!(create(Role::Terminals, PIN).err(), Some(AuthorityError::Key(KeyError::Token { .. }))));
}
