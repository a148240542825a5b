//! Where the hashes of passwords lie, and how one is compared.

use super::gate::Gate;
use super::limits::{HASH_LANES_MAX, HASH_MEMORY_MAX_KIB, HASH_PASSES_MAX, PERSON_MAX_BYTES};
use super::password::Password;
use super::pepper::{Pepper, PepperError};
use crate::files::ensure_private;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashFault, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const FILE: &str = "credentials.db";
const SCHEMA: i64 = 1;
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS credentials (
        person TEXT NOT NULL,
        version INTEGER NOT NULL,
        phc TEXT NOT NULL,
        set_at TEXT NOT NULL,
        PRIMARY KEY (person, version)
    ) STRICT, WITHOUT ROWID;";

/// How much work one hash is (Argon2id, version 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashingCost {
    /// 64 MiB, 3 passes, 1 lane: about 170 ms of one core.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }
}

/// What a comparison came to. Only the first opens anything; the other two look the same to a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is the password.
    Right,
    /// It is another one.
    Wrong,
    /// There is no such version of this person's password here.
    Missing,
}

/// Why the store could not answer. Nobody signs in on an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database.
    #[error("the password store cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database's file.
    #[error("`{}` cannot be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Written by a newer release.
    #[error("the password store has schema {found}, this release knows {SCHEMA}")]
    Newer {
        /// Its schema.
        found: i64,
    },
    /// The pepper beside it.
    #[error(transparent)]
    Pepper(#[from] PepperError),
    /// Costs that cannot be, or that no machine should be asked for.
    #[error("{0:?} are no costs for hashing")]
    Cost(HashingCost),
    /// A hash that was not made here, or that could not be made.
    #[error("a password could not be hashed: {0}")]
    Hash(HashFault),
    /// Too many sign-ins at once.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// A password longer than any, a person's id that is too long, or a version beyond reason.
    #[error("the {0} is out of bounds")]
    OutOfBounds(&'static str),
}

impl StoreError {
    /// What the person at the screen reads.
    pub fn japanese(&self) -> String {
        match self {
            Self::Busy => "サインインが混み合っています。しばらく待って、もう一度お試しください。".to_owned(),
            Self::Pepper(error) => error.japanese(),
            Self::Newer { .. } => {
                "パスワードの保管ファイルが新しい版のものです。プログラムを更新してください。".to_owned()
            }
            Self::Cost(_) => "パスワードのハッシュの設定値が範囲外です。設定を直してください。".to_owned(),
            Self::OutOfBounds(_) => "パスワードまたは利用者番号が長すぎます。".to_owned(),
            Self::Database(_) | Self::File { .. } | Self::Hash(_) => {
                "パスワードを確認できませんでした。アクセス管理責任者に連絡してください。".to_owned()
            }
        }
    }
}

/// The passwords' hashes, in `DIR/credentials.db`.
pub struct PasswordStore {
    db: Mutex<Connection>,
    pepper: Pepper,
    argon2: Argon2<'static>,
    /// A hash of nothing that anybody can type, to spend the same time on people who are not here.
    nobody: PasswordHash,
    gate: Gate,
}

impl PasswordStore {
    /// Opens the store in `dir`, making it and `dir/keys/pepper` where there is none.
    pub fn open(dir: &Path, cost: HashingCost) -> Result<Self, StoreError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
        let db = open_database(&dir.join(FILE))?;
        let known: Option<String> =
            db.query_row("SELECT value FROM meta WHERE key = 'pepper'", [], |row| row.get(0)).optional()?;
        let pepper = Pepper::open(dir, known.is_none())?;
        match known {
            None => {
                db.execute("INSERT INTO meta (key, value) VALUES ('pepper', ?1)", [pepper.id()])?;
            }
            Some(id) if id != pepper.id() => return Err(pepper.other().into()),
            Some(_) => {}
        }
        let mut noise = [0; 32];
        getrandom::fill(&mut noise).map_err(PepperError::Random)?;
        let nobody = argon2.hash_password(&noise).map_err(StoreError::Hash)?;
        Ok(Self { db: Mutex::new(db), pepper, argon2, nobody, gate: Gate::default() })
    }

    /// Keeps `password` as this `version` of the person's. The version before stays, because it counts until the
    /// journal has the new one, and so do the `kept` before that one, which must not come again; older ones go.
    /// Rules are checked before ([`super::PasswordRules`], [`Self::used`]).
    pub fn set(
        &self,
        person: &str,
        version: u64,
        password: &Password,
        at: Timestamp,
        kept: u32,
    ) -> Result<(), StoreError> {
        let row = row(person, version)?;
        let text = password.normalized().ok_or(StoreError::OutOfBounds("password"))?;
        let phc = self.hash(person, version, &text)?;
        let mut db = self.db();
        let change = db.transaction()?;
        change.execute(
            "INSERT OR REPLACE INTO credentials (person, version, phc, set_at) VALUES (?1, ?2, ?3, ?4)",
            params![person, row, phc, at.to_string()],
        )?;
        change.execute(
            "DELETE FROM credentials WHERE person = ?1 AND version + ?3 <
                (SELECT max(version) FROM credentials WHERE person = ?1 AND version < ?2)",
            params![person, row, kept],
        )?;
        change.commit()?;
        Ok(())
    }

    /// Whether `password` is this `version` of the person's. Takes as long for people who are not here.
    pub fn verify(&self, person: &str, version: u64, password: &Password) -> Result<Verdict, StoreError> {
        let row = row(person, version)?;
        let stored: Option<String> = self
            .db()
            .query_row(
                "SELECT phc FROM credentials WHERE person = ?1 AND version = ?2",
                params![person, row],
                |row| row.get(0),
            )
            .optional()?;
        let known = stored.as_deref().map(read_phc).transpose()?;
        // What is longer than any password is compared as an empty one, which nobody has.
        let text = password.normalized().unwrap_or_default();
        let seasoned = self.pepper.season(person, version, &text);
        let place = self.gate.enter().ok_or(StoreError::Busy)?;
        let compared =
            self.argon2.verify_password(seasoned.as_slice(), known.as_ref().unwrap_or(&self.nobody));
        drop(place);
        let right = match compared {
            Ok(()) => true,
            Err(HashFault::PasswordInvalid) => false,
            Err(fault) => return Err(StoreError::Hash(fault)),
        };
        match (stored, known) {
            (Some(phc), Some(hash)) if right => {
                self.renew(person, version, &text, &phc, &hash);
                Ok(Verdict::Right)
            }
            (Some(_), _) => Ok(Verdict::Wrong),
            (None, _) => Ok(Verdict::Missing),
        }
    }

    /// Whether `password` was this `version` of the person's, or one of the `before` versions before it.
    pub fn used(
        &self,
        person: &str,
        version: u64,
        before: u32,
        password: &Password,
    ) -> Result<bool, StoreError> {
        for version in version.saturating_sub(before.into())..=version {
            if self.verify(person, version, password)? == Verdict::Right {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets all of a person's passwords: somebody who has left.
    pub fn forget(&self, person: &str) -> Result<(), StoreError> {
        self.db().execute("DELETE FROM credentials WHERE person = ?1", [person])?;
        Ok(())
    }

    /// When this version was set.
    pub fn set_at(&self, person: &str, version: u64) -> Result<Option<Timestamp>, StoreError> {
        let row = row(person, version)?;
        let text: Option<String> = self
            .db()
            .query_row(
                "SELECT set_at FROM credentials WHERE person = ?1 AND version = ?2",
                params![person, row],
                |row| row.get(0),
            )
            .optional()?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    fn hash(&self, person: &str, version: u64, text: &str) -> Result<String, StoreError> {
        let seasoned = self.pepper.season(person, version, text);
        let _place = self.gate.enter().ok_or(StoreError::Busy)?;
        let hash = self.argon2.hash_password(seasoned.as_slice()).map_err(StoreError::Hash)?;
        Ok(hash.to_string())
    }

    /// Hashes a right password again when the costs have risen since. Nobody is kept out when that fails.
    fn renew(&self, person: &str, version: u64, text: &str, old: &str, hash: &PasswordHash) {
        if !self.is_cheaper(hash) {
            return;
        }
        let renewed = self.hash(person, version, text).and_then(|phc| {
            // Only in place of the one that was compared: it may have been replaced in the meantime.
            let change = "UPDATE credentials SET phc = ?4 WHERE person = ?1 AND version = ?2 AND phc = ?3";
            Ok(self.db().execute(change, params![person, row(person, version)?, old, phc])?)
        });
        if let Err(error) = renewed {
            tracing::warn!(%error, "a password's hash was not renewed");
        }
    }

    fn is_cheaper(&self, hash: &PasswordHash) -> bool {
        let now = self.argon2.params();
        Params::try_from(hash).is_ok_and(|then| {
            then.m_cost() < now.m_cost() || then.t_cost() < now.t_cost() || then.p_cost() < now.p_cost()
        })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // Every change is one transaction, so a panic in between left nothing half done.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HashingCost {
    fn params(self) -> Result<Params, StoreError> {
        let Self { memory_kib, passes, lanes } = self;
        let sane = memory_kib <= HASH_MEMORY_MAX_KIB && passes <= HASH_PASSES_MAX && lanes <= HASH_LANES_MAX;
        if !sane {
            return Err(StoreError::Cost(self));
        }
        Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| StoreError::Cost(self))
    }
}

fn open_database(path: &Path) -> Result<Connection, StoreError> {
    ensure_private(path).map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Old hashes are overwritten, not only unlinked.
    db.pragma_update(None, "secure_delete", "ON")?;
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > SCHEMA {
        return Err(StoreError::Newer { found });
    }
    db.execute_batch(TABLES)?;
    db.pragma_update(None, "user_version", SCHEMA)?;
    Ok(db)
}

/// A stored hash, if it is one that this store makes: nobody who can write to the database may have us spend
/// gigabytes, or compare with a weaker function.
fn read_phc(text: &str) -> Result<PasswordHash, StoreError> {
    let hash = PasswordHash::new(text).map_err(|_| StoreError::Hash(HashFault::EncodingInvalid))?;
    let cost = Params::try_from(&hash).map_err(StoreError::Hash)?;
    let ours = hash.algorithm == argon2::ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    let sane = cost.m_cost() <= HASH_MEMORY_MAX_KIB
        && cost.t_cost() <= HASH_PASSES_MAX
        && cost.p_cost() <= HASH_LANES_MAX;
    let whole = hash.salt.is_some() && hash.hash.is_some_and(|output| output.len() == 32);
    if ours && sane && whole { Ok(hash) } else { Err(StoreError::Hash(HashFault::ParamsInvalid)) }
}

fn row(person: &str, version: u64) -> Result<i64, StoreError> {
    if person.len() > PERSON_MAX_BYTES {
        return Err(StoreError::OutOfBounds("person's id"));
    }
    i64::try_from(version).map_err(|_| StoreError::OutOfBounds("version"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const TINY: HashingCost = HashingCost { memory_kib: 8, passes: 1, lanes: 1 };

    fn at() -> Timestamp {
        "2026-04-01T08:30:00+09:00".parse().unwrap()
    }

    fn store() -> (TempDir, PasswordStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = PasswordStore::open(dir.path(), TINY).unwrap();
        (dir, store)
    }

    fn phc(store: &PasswordStore, person: &str, version: u64) -> String {
        let query = "SELECT phc FROM credentials WHERE person = ?1 AND version = ?2";
        store.db().query_row(query, params![person, version.cast_signed()], |row| row.get(0)).unwrap()
    }

    #[test]
    fn passwords_before_are_known_for_as_many_as_are_kept() {
        let (_dir, store) = store();
        for (version, word) in [(1, "kumo"), (2, "neko"), (3, "mado"), (4, "ishi")] {
            store.set("p1", version, &word.into(), at(), 1).unwrap();
        }
        let used = |before, word: &str| store.used("p1", 4, before, &word.into()).unwrap();
        assert!(used(0, "ishi") && !used(0, "mado"));
        assert!(used(2, "neko"));
        assert!(!used(24, "kumo"), "older ones are gone");
    }

    #[test]
    fn the_right_password_of_the_right_version() {
        let (dir, store) = store();
        store.set("p1", 1, &"みかんの木の下で雨宿り".into(), at(), 0).unwrap();
        let verify = |store: &PasswordStore, person: &str, version, text: &str| {
            store.verify(person, version, &text.into()).unwrap()
        };
        assert_eq!(verify(&store, "p1", 1, "みかんの木の下で雨宿り"), Verdict::Right);
        assert_eq!(verify(&store, "p1", 1, "みかんの木の下で雨宿"), Verdict::Wrong);
        assert_eq!(verify(&store, "p1", 1, ""), Verdict::Wrong);
        assert_eq!(verify(&store, "p1", 1, &"x".repeat(5000)), Verdict::Wrong);
        assert_eq!(verify(&store, "p1", 2, "みかんの木の下で雨宿り"), Verdict::Missing);
        assert_eq!(verify(&store, "p2", 1, "みかんの木の下で雨宿り"), Verdict::Missing);
        drop(store);
        let again = PasswordStore::open(dir.path(), TINY).unwrap();
        assert_eq!(verify(&again, "p1", 1, "みかんの木の下で雨宿り"), Verdict::Right);
        assert_eq!(again.set_at("p1", 1).unwrap(), Some(at()));
    }

    #[test]
    fn widths_do_not_matter() {
        let (_dir, store) = store();
        store.set("p1", 1, &"ｋｕｍｏ　９７".into(), at(), 0).unwrap();
        assert_eq!(store.verify("p1", 1, &"kumo 97".into()).unwrap(), Verdict::Right);
    }

    #[test]
    fn the_version_before_stays_until_the_next_and_older_ones_go() {
        let (_dir, store) = store();
        for version in [1, 2, 5] {
            store.set("p1", version, &format!("password {version}").into(), at(), 0).unwrap();
        }
        let verify =
            |version: u64| store.verify("p1", version, &format!("password {version}").into()).unwrap();
        assert_eq!([verify(1), verify(2), verify(5)], [Verdict::Missing, Verdict::Right, Verdict::Right]);
        store.forget("p1").unwrap();
        assert_eq!([verify(2), verify(5)], [Verdict::Missing, Verdict::Missing]);
    }

    #[test]
    fn a_hash_copied_to_another_row_is_worth_nothing() {
        let (_dir, store) = store();
        store.set("mallory", 1, &"known to mallory".into(), at(), 0).unwrap();
        store.set("p1", 1, &"the true one".into(), at(), 0).unwrap();
        let copied = phc(&store, "mallory", 1);
        store.db().execute("UPDATE credentials SET phc = ?1", [copied]).unwrap();
        assert_eq!(store.verify("p1", 1, &"known to mallory".into()).unwrap(), Verdict::Wrong);
        assert_eq!(store.verify("mallory", 1, &"known to mallory".into()).unwrap(), Verdict::Right);
    }

    #[test]
    fn risen_costs_renew_a_hash_at_the_next_right_password() {
        let (dir, store) = store();
        store.set("p1", 1, &"kumo no ue".into(), at(), 0).unwrap();
        assert!(phc(&store, "p1", 1).starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        drop(store);
        let dearer = HashingCost { memory_kib: 16, passes: 2, lanes: 1 };
        let store = PasswordStore::open(dir.path(), dearer).unwrap();
        assert_eq!(store.verify("p1", 1, &"wrong".into()).unwrap(), Verdict::Wrong);
        assert!(phc(&store, "p1", 1).contains("m=8,t=1"), "a wrong one renews nothing");
        assert_eq!(store.verify("p1", 1, &"kumo no ue".into()).unwrap(), Verdict::Right);
        let renewed = phc(&store, "p1", 1);
        assert!(renewed.contains("m=16,t=2"));
        assert_eq!(store.set_at("p1", 1).unwrap(), Some(at()));
        assert_eq!(store.verify("p1", 1, &"kumo no ue".into()).unwrap(), Verdict::Right);
        assert_eq!(phc(&store, "p1", 1), renewed, "once is enough");
        drop(store);
        let store = PasswordStore::open(dir.path(), TINY).unwrap();
        assert_eq!(store.verify("p1", 1, &"kumo no ue".into()).unwrap(), Verdict::Right);
        assert_eq!(phc(&store, "p1", 1), renewed, "fallen costs weaken nothing");
    }

    #[test]
    fn the_real_costs_are_those_of_the_rules() {
        let dir = tempfile::tempdir().unwrap();
        let store = PasswordStore::open(dir.path(), HashingCost::default()).unwrap();
        store.set("p1", 1, &"kumo no ue".into(), at(), 0).unwrap();
        let hash = phc(&store, "p1", 1);
        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{hash}");
        let parsed = PasswordHash::new(&hash).unwrap();
        assert_eq!((parsed.salt.unwrap().len(), parsed.hash.unwrap().len()), (16, 32));
        assert_eq!(store.verify("p1", 1, &"kumo no ue".into()).unwrap(), Verdict::Right);
    }

    #[test]
    fn odd_hashes_and_odd_costs_are_errors_and_open_nothing() {
        let (_dir, store) = store();
        store.set("p1", 1, &"kumo no ue".into(), at(), 0).unwrap();
        let good = phc(&store, "p1", 1);
        let odd = [
            String::new(),
            "plain".to_owned(),
            good.replace("m=8", "m=4294967295"),
            good.replace("t=1", "t=4000000"),
            good.replace("argon2id", "argon2d"),
            good.replace("v=19", "v=16"),
            good.rsplit_once('$').unwrap().0.to_owned(),
        ];
        for phc in odd {
            store.db().execute("UPDATE credentials SET phc = ?1", [&phc]).unwrap();
            assert!(store.verify("p1", 1, &"kumo no ue".into()).is_err(), "{phc}");
        }
        let dir = tempfile::tempdir().unwrap();
        for cost in [
            HashingCost { memory_kib: 0, ..TINY },
            HashingCost { memory_kib: u32::MAX, ..TINY },
            HashingCost { passes: 0, ..TINY },
            HashingCost { lanes: 99, ..TINY },
        ] {
            assert!(matches!(PasswordStore::open(dir.path(), cost), Err(StoreError::Cost(_))), "{cost:?}");
        }
    }

    #[test]
    fn without_its_own_pepper_the_store_stays_shut() {
        let (dir, store) = store();
        store.set("p1", 1, &"kumo no ue".into(), at(), 0).unwrap();
        drop(store);
        let pepper = dir.path().join("keys/pepper");
        let open = || PasswordStore::open(dir.path(), TINY).map(|_| ());
        let bytes = std::fs::read(&pepper).unwrap();
        assert_eq!(bytes.len(), 32);

        std::fs::write(&pepper, [7; 32]).unwrap();
        assert!(matches!(open(), Err(StoreError::Pepper(PepperError::Other { .. }))));
        std::fs::write(&pepper, &bytes[..31]).unwrap();
        assert!(matches!(open(), Err(StoreError::Pepper(PepperError::Damaged { .. }))));
        std::fs::remove_file(&pepper).unwrap();
        assert!(matches!(open(), Err(StoreError::Pepper(PepperError::Lost { .. }))));
        assert!(!pepper.exists(), "no new one is made in its place");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_secret_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, store) = store();
        drop(store);
        let mode =
            |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("keys"), mode("keys/pepper"), mode(FILE)), (0o700, 0o600, 0o600));
        let pepper = dir.path().join("keys/pepper");
        std::fs::set_permissions(&pepper, std::fs::Permissions::from_mode(0o644)).unwrap();
        let shared = PasswordStore::open(dir.path(), TINY).err().unwrap();
        assert!(matches!(&shared, StoreError::Pepper(PepperError::Shared { .. })));
        assert!(shared.japanese().contains("600"));
    }

    #[test]
    fn a_store_of_a_newer_release_is_left_alone() {
        let (dir, store) = store();
        store.db().pragma_update(None, "user_version", SCHEMA + 1).unwrap();
        drop(store);
        assert!(matches!(PasswordStore::open(dir.path(), TINY), Err(StoreError::Newer { found: 2 })));
    }

    #[test]
    fn neither_password_nor_pepper_is_in_the_database() {
        let (dir, store) = store();
        store.set("p1", 1, &"kumo-no-ue-no-neko".into(), at(), 0).unwrap();
        drop(store);
        let database = std::fs::read(dir.path().join(FILE)).unwrap();
        let holds = |needle: &[u8]| database.windows(needle.len()).any(|window| window == needle);
        assert!(holds(b"argon2id"), "the search finds what is there");
        assert!(!holds(b"kumo-no-ue") && !holds(&std::fs::read(dir.path().join("keys/pepper")).unwrap()));
    }
}
