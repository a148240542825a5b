//! Opening the office: the journal, the city folded from it, and everything at hand.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use card::{Accept, CardAuthority, Verifier};
use cs::ResidentsFile;
use history::HistoryIndex;
use jiff::Timestamp;
use journal::Journal;
use policy::{Answer, Regulator};
use register::{Act, City, JournalKind, Occasion, Receipt};
use regulation::Profile;
use thiserror::Error;

use crate::clock::Clock;
use crate::credentials::{HashingCost, PasswordRules, PasswordStore, RulesFault};
use crate::cs_desk::Results;
use crate::declined::{Declined, Done};
use crate::doors::Doors;
use crate::records::{self, RecordError, Records, Told};
use crate::registrar::{Desk, Registrar};
use crate::sign_in::Stays;
use crate::terminals::Links;

/// Whether this is a city at work, or one to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A city at work: only cards whose key cannot leave them.
    Serve,
    /// A city to be shown, with software cards and invented people.
    Demo,
}

/// What an office is opened with.
pub struct Config {
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// The regulation in force.
    pub profile: Profile,
    /// At work, or to be shown.
    pub mode: Mode,
    /// What the pages' address begins with; cards sign it.
    pub origin: String,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How much work one hash of a password is; the default but in tests.
    pub hashing: HashingCost,
}

/// Why the office cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A folder or file.
    #[error("`{path}`: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The policies.
    #[error("the policies cannot be loaded: {0}")]
    Policies(#[from] policy::LoadError),
    /// The journal.
    #[error("the journal cannot be opened: {0}")]
    Journal(#[from] journal::OpenError),
    /// What the journal holds.
    #[error(transparent)]
    Records(#[from] RecordError),
    /// The card authority.
    #[error("the card authority cannot be opened: {0}")]
    Authority(String),
    /// A file folded from the journal, or the passwords.
    #[error("{what} cannot be opened: {cause}")]
    Part {
        /// Which.
        what: &'static str,
        /// Why.
        cause: String,
    },
}

/// The application. Cloning gives another handle of the same office.
#[derive(Clone)]
pub struct Office(Arc<Inner>);

struct Inner {
    mode: Mode,
    origin: String,
    clock: Arc<dyn Clock>,
    city: Arc<RwLock<City>>,
    /// None once the office is closing.
    desk: Mutex<Option<Desk>>,
    registrar: Mutex<Option<std::thread::JoinHandle<()>>>,
    room_changes: Arc<AtomicU64>,
    journal: Journal,
    regulator: Arc<Regulator>,
    records: Records,
    authority: CardAuthority,
    verifier: Verifier,
    passwords: PasswordStore,
    password_rules: PasswordRules,
    residents: ResidentsFile,
    history: HistoryIndex,
    stays: Mutex<Stays>,
    links: Mutex<Links>,
    results: Mutex<Results>,
    doors: Doors,
    data: PathBuf,
}

impl Office {
    /// Opens the office on a folder; an empty one becomes a city in which nothing has happened.
    ///
    /// # Errors
    /// [`OpenError`], which says what cannot be opened and why.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let Config { data, profile, mode, origin, clock, hashing } = config;
        make_folder(&data)?;
        make_folder(&data.join("keys"))?;
        let profile = Arc::new(profile);
        let regulator = Arc::new(load_policies(&profile)?);
        let journal = Journal::open(&data, &journal_origin(&profile), &records::names())?;
        let records = Records { profile: Arc::clone(&profile), snapshot: data.join("snapshot.json") };
        let folded = records.fold(&journal)?;
        tracing::info!(facts = folded.next_seq, folded = folded.entries, "the city is folded");
        let city = Arc::new(RwLock::new(folded.city));
        let authority = open_authority(&data.join("keys").join("card-authority"), &profile, clock.now())?;
        let accept = match mode {
            Mode::Serve => Accept::HardwareOnly,
            Mode::Demo => Accept::SoftwareToo,
        };
        let verifier = authority.verifier(accept).map_err(|error| OpenError::Authority(error.to_string()))?;
        let part = |what| {
            move |error: Box<dyn std::error::Error>| OpenError::Part { what, cause: error.to_string() }
        };
        let password_rules = rules_of(&profile).map_err(|e| part("the rules for passwords")(e.into()))?;
        let passwords = PasswordStore::open(&data, hashing).map_err(|e| part("the passwords")(e.into()))?;
        let residents = ResidentsFile::open(&data).map_err(|e| part("the residents' file")(e.into()))?;
        let history = HistoryIndex::open(&data).map_err(|e| part("the history's index")(e.into()))?;
        let doors = Doors::open(&data).map_err(|e| part("the key for door controllers")(e.into()))?;
        let room_changes = Arc::new(AtomicU64::new(0));
        let registrar = Registrar {
            city: Arc::clone(&city),
            journal: journal.clone(),
            regulator: Arc::clone(&regulator),
            records: records.clone(),
            next_seq: folded.next_seq,
            room_changes: Arc::clone(&room_changes),
        };
        let (desk, thread) = registrar.start().map_err(|e| part("the registrar")(e.into()))?;
        Ok(Self(Arc::new(Inner {
            mode,
            origin,
            clock,
            city,
            desk: Mutex::new(Some(desk)),
            registrar: Mutex::new(Some(thread)),
            room_changes,
            journal,
            regulator,
            records,
            authority,
            verifier,
            passwords,
            password_rules,
            residents,
            history,
            stays: Mutex::default(),
            links: Mutex::default(),
            results: Mutex::default(),
            doors,
            data,
        })))
    }

    /// The only way in: an act is judged, decided, recorded, and only then is it so.
    ///
    /// # Errors
    /// [`Declined`]: by the regulation, because it is impossible, or because it cannot be recorded.
    pub fn submit(&self, act: Act, on: Occasion) -> Result<Done, Declined> {
        self.knows_documents(&act)?;
        let desk = lock(&self.0.desk).clone();
        match desk {
            Some(desk) => desk.submit(act, on),
            None => Err(Declined::Unrecordable { cause: "the office is closed".to_owned() }),
        }
    }

    /// Whether the regulation would refuse this act now. Nothing is recorded, nothing is promised.
    pub fn would_refuse(&self, act: &Act, on: &Occasion) -> bool {
        let question = act.question(&self.city(), on);
        matches!(self.0.regulator.judge(&question), Answer::Refused(_))
    }

    /// What the regulation would answer to this act now, for pages that show what a post may do and what not.
    pub fn ask(&self, act: &Act, on: &Occasion) -> Answer {
        let question = act.question(&self.city(), on);
        self.0.regulator.judge(&question)
    }

    /// Whether the regulation permits this act, for whoever holds the city already.
    pub(crate) fn permits(&self, city: &City, act: &Act, on: &Occasion) -> bool {
        matches!(self.0.regulator.judge(&act.question(city, on)), Answer::Permitted)
    }

    /// The city as it is. Acts wait while this is held: take what you need and let go.
    pub fn city(&self) -> RwLockReadGuard<'_, City> {
        self.0.city.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that moves whenever something of 第3章 has been recorded since the office was opened. It moves
    /// only once the record is durable and the city shows it.
    pub fn room_changes(&self) -> u64 {
        self.0.room_changes.load(Ordering::Acquire)
    }

    /// The city as it was at `at`, folded anew from the journal.
    ///
    /// # Errors
    /// [`RecordError`] when the journal cannot be read.
    pub fn as_of(&self, at: Timestamp) -> Result<City, RecordError> {
        let profile = Arc::clone(&self.0.records.profile);
        Ok(self.0.records.as_of(&self.0.journal, profile, at)?.city)
    }

    /// One entry of the journal, if there is one.
    ///
    /// # Errors
    /// [`RecordError`] when the journal cannot be read.
    pub fn told(&self, receipt: &Receipt) -> Result<Option<Told>, RecordError> {
        self.0.records.told(&self.0.journal, receipt)
    }

    /// The entries of one journal from an index on.
    pub(crate) fn stream(
        &self,
        kind: JournalKind,
        from: u64,
    ) -> Result<impl Iterator<Item = Result<Told, RecordError>> + use<>, RecordError> {
        self.0.records.stream(&self.0.journal, kind, from, None)
    }

    /// Finishes what waits, writes the snapshot, and closes. Later acts are declined; reading goes on.
    pub fn close(&self) {
        drop(lock(&self.0.desk).take());
        if let Some(thread) = lock(&self.0.registrar).take()
            && thread.join().is_err()
        {
            tracing::error!("the registrar broke down");
        }
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// At work, or to be shown.
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// What the pages' address begins with.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The folder of everything that is kept.
    pub fn data(&self) -> &Path {
        &self.0.data
    }

    /// The journal, for its sizes, checkpoints and proofs. Appending is the registrar's alone.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// The policies in force.
    pub fn regulator(&self) -> &Regulator {
        &self.0.regulator
    }

    /// The regulation in force.
    pub fn profile(&self) -> &Profile {
        &self.0.records.profile
    }

    /// Who issues the city's cards.
    pub fn authority(&self) -> &CardAuthority {
        &self.0.authority
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// Where passwords are kept.
    pub(crate) fn passwords(&self) -> &PasswordStore {
        &self.0.passwords
    }

    /// What a password must be like, now.
    pub fn password_rules(&self) -> PasswordRules {
        let settings = self.settings();
        self.0.password_rules.in_force(
            settings.password_min_length as usize,
            settings.password_max_length as usize,
            settings.password_kinds as usize,
            settings.password_blocklist,
        )
    }

    /// The value of every setting now: the rule's in force, where one lays it down, else the profile's.
    pub fn setting_values(&self) -> regulation::SettingValues {
        self.city().setting_values(self.now())
    }

    /// The settings in force now.
    pub fn settings(&self) -> register::Settings {
        self.city().settings(self.now())
    }

    pub(crate) fn stays(&self) -> MutexGuard<'_, Stays> {
        lock(&self.0.stays)
    }

    pub(crate) fn links(&self) -> MutexGuard<'_, Links> {
        lock(&self.0.links)
    }

    pub(crate) fn results(&self) -> MutexGuard<'_, Results> {
        lock(&self.0.results)
    }

    pub(crate) fn doors(&self) -> &Doors {
        &self.0.doors
    }

    pub(crate) fn residents(&self) -> &ResidentsFile {
        &self.0.residents
    }

    pub(crate) fn history(&self) -> &HistoryIndex {
        &self.0.history
    }

    /// 32 random bytes in hex.
    pub(crate) fn random_hex(&self) -> Result<String, Declined> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(Declined::broken)?;
        Ok(hex::encode(bytes))
    }

    /// A number that nobody had before.
    pub(crate) fn random_id<T: std::str::FromStr>(&self, prefix: &str) -> Result<T, Declined> {
        let text = format!("{prefix}{}", &self.random_hex()?[..32]);
        text.parse().map_err(|_| Declined::broken("an identifier of our own"))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The journals' checkpoints are those of this city; `.invalid` because nobody can look the name up.
fn journal_origin(profile: &Profile) -> String {
    format!("sekisho.invalid/{}", profile.municipality_code())
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    std::fs::create_dir_all(path)
        .map_err(|error| OpenError::File { path: path.to_owned(), cause: error.to_string() })
}

/// Words that a stranger would try first, beside those of the person: the city's and the system's.
fn rules_of(profile: &Profile) -> Result<PasswordRules, RulesFault> {
    let settings = profile.settings().values();
    let words = [profile.municipality(), "住基", "住基ネット", "juki", "jukinet", "sekisho"];
    PasswordRules::new(
        settings.password_min_length as usize,
        settings.password_blocklist,
        words.map(str::to_owned).to_vec(),
    )
}

fn load_policies(profile: &Profile) -> Result<Regulator, OpenError> {
    Ok(Regulator::load(profile.policies(), |citation| profile.knows(citation))?)
}

fn open_authority(folder: &Path, profile: &Profile, at: Timestamp) -> Result<CardAuthority, OpenError> {
    let authority = if CardAuthority::exists(folder) {
        CardAuthority::load(folder)
    } else {
        CardAuthority::create(folder, profile.municipality(), at)
    };
    authority.map_err(|error| OpenError::Authority(error.to_string()))
}
