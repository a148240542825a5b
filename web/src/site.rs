//! What the pages are served with: the office, the drawer of the demo's cards, the tour, and what is kept for
//! browsers between two requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card::Drawer;
use jiff::Timestamp;
use office::Office;
use register::{PersonId, SessionId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits;
use crate::metrics::Metrics;

/// One person of the demo, with everything to sign in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// 氏名.
    pub name: String,
    /// フリガナ.
    pub kana: String,
    /// Section and post, in Japanese.
    pub role: String,
    /// The same in English.
    pub role_en: String,
    /// The terminal to sign in at.
    pub terminal: String,
    /// カード番号.
    pub card: String,
    /// The card's PIN.
    pub pin: String,
    /// The password.
    pub password: String,
}

/// What the guided tour tells its guest.
#[derive(Clone, Debug)]
pub struct Guide {
    /// A clerk who may look residents up, but not into the history of others.
    pub clerk: Actor,
    /// Somebody who may see who looked at a resident.
    pub officer: Actor,
    /// The resident's name, as to be typed.
    pub resident: String,
    /// The resident's code.
    pub code: String,
    /// A 根拠番号 to type.
    pub reason: String,
    /// Everybody with a card in the drawer.
    pub people: Vec<Actor>,
}

/// What people do at a simulated door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// A finger that the lock knows under this number is put on a reader.
    Touch {
        /// The number.
        member: u32,
        /// On the reader inside; else on the one outside.
        inside: bool,
    },
    /// The door is pushed open, if it gives way.
    Open,
    /// The door is closed.
    Close,
    /// The door is broken open.
    Force,
    /// The exit button is pushed.
    Exit,
    /// The key in the cylinder is turned, or turned back.
    Key(bool),
    /// The lock's case is opened, or closed.
    Tamper(bool),
    /// Mains power is there, or goes away.
    Power(bool),
}

/// A simulated door, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedDoor {
    /// Its number.
    pub id: String,
    /// The room that it leads into.
    pub room: String,
    /// How its controller says that it stands.
    pub state: String,
    /// Nothing about that wants a person.
    pub usual: bool,
    /// The strike is released now.
    pub released: bool,
    /// The door stands open.
    pub open: bool,
    /// The key is turned.
    pub key: bool,
    /// The lock's case is open.
    pub tampered: bool,
    /// It has mains power.
    pub powered: bool,
    /// Fingers to put on its readers: the number in the lock, and whose it is.
    pub fingers: Vec<(u32, String)>,
}

/// What was heard from a simulated door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Timestamp,
    /// Of which door.
    pub door: String,
    /// What.
    pub text: String,
}

/// The locks of the demo, which a browser plays: behind it are a real bus and a real controller.
pub trait Hardware: Send + Sync {
    /// The doors.
    fn doors(&self) -> Vec<SimulatedDoor>;

    /// What happened lately, newest first.
    fn heard(&self) -> Vec<Heard>;

    /// Somebody does something at one of the doors. Waits for what comes of it, for some seconds at most.
    fn play(&self, door: &str, play: Play);
}

/// What [`crate::router`] serves.
pub struct Site {
    /// The office.
    pub office: Office,
    /// The software cards of the demo; none at work, where terminals present cards.
    pub drawer: Option<Drawer>,
    /// The guided tour of the demo.
    pub guide: Option<Guide>,
    /// The simulated locks of the demo.
    pub hardware: Option<Arc<dyn Hardware>>,
    /// The pages come over TLS: cookies say so.
    pub tls: bool,
}

/// The site as handlers see it. Cloning gives another handle.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    site: Site,
    key: [u8; 32],
    kept: Mutex<VecDeque<Kept>>,
    waiting: Mutex<VecDeque<(String, SessionId)>>,
    noted: Mutex<VecDeque<(SessionId, u64)>>,
    verified: Mutex<Option<Verified>>,
    metrics: Metrics,
    uploads: Semaphore,
    streams: Arc<Semaphore>,
}

/// What somebody typed, kept to be given back. Never a password or a PIN.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its own number.
    pub(crate) key: String,
    /// Since when.
    pub(crate) at: Timestamp,
    /// For whom; none before anybody signed in.
    pub(crate) person: Option<PersonId>,
    /// For which browser.
    pub(crate) visitor: String,
    /// The page with the form.
    pub(crate) page: String,
    /// Names and texts.
    pub(crate) fields: Vec<(String, String)>,
    /// The stay ended before it was sent; else the act was refused.
    pub(crate) unsent: bool,
}

/// The last verification on the spot.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    /// When.
    pub(crate) at: Timestamp,
    /// What was verified.
    pub(crate) what: String,
    /// Whether it was found sound.
    pub(crate) sound: bool,
    /// What verification said, line by line.
    pub(crate) lines: Vec<String>,
}

impl App {
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn new(site: Site) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(Arc::new(Inner {
            site,
            key,
            kept: Mutex::default(),
            waiting: Mutex::default(),
            noted: Mutex::default(),
            verified: Mutex::default(),
            metrics: Metrics::default(),
            uploads: Semaphore::new(limits::UPLOADS),
            streams: Arc::new(Semaphore::new(limits::STREAMS)),
        })))
    }

    pub(crate) fn office(&self) -> &Office {
        &self.0.site.office
    }

    pub(crate) fn drawer(&self) -> Option<&Drawer> {
        self.0.site.drawer.as_ref()
    }

    pub(crate) fn guide(&self) -> Option<&Guide> {
        self.0.site.guide.as_ref()
    }

    pub(crate) fn hardware(&self) -> Option<&dyn Hardware> {
        self.0.site.hardware.as_deref()
    }

    pub(crate) fn tls(&self) -> bool {
        self.0.site.tls
    }

    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.0.key
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Whoever sends files waits here for a place.
    pub(crate) fn uploads(&self) -> &Semaphore {
        &self.0.uploads
    }

    /// A place among those who are told of changes, if one is free.
    pub(crate) fn stream(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.streams).try_acquire_owned().ok()
    }

    /// Keeps what was typed.
    pub(crate) fn keep(&self, kept: Kept) {
        let mut all = lock(&self.0.kept);
        let now = kept.at;
        all.retain(|old| now.duration_since(old.at) <= limits::KEPT_FOR && old.key != kept.key);
        if all.len() >= limits::KEPT {
            all.pop_front();
        }
        all.push_back(kept);
    }

    /// What was kept under `key`, for this browser and this person only.
    pub(crate) fn kept(&self, key: &str, visitor: &str, person: Option<&PersonId>) -> Option<Kept> {
        let now = self.office().now();
        lock(&self.0.kept)
            .iter()
            .find(|kept| {
                kept.key == key
                    && kept.visitor == visitor
                    && (kept.person.is_none() || kept.person.as_ref() == person)
                    && now.duration_since(kept.at) <= limits::KEPT_FOR
            })
            .cloned()
    }

    /// The form that this person was filling in at this browser when the stay ended.
    pub(crate) fn unsent(&self, visitor: &str, person: &PersonId) -> Option<Kept> {
        let now = self.office().now();
        lock(&self.0.kept)
            .iter()
            .rev()
            .find(|kept| {
                kept.unsent
                    && kept.visitor == visitor
                    && kept.person.as_ref() == Some(person)
                    && now.duration_since(kept.at) <= limits::KEPT_FOR
            })
            .cloned()
    }

    /// A form was given back after sign-in; the next sign-in begins at the desk again.
    pub(crate) fn given_back(&self, key: &str) {
        for kept in lock(&self.0.kept).iter_mut().filter(|kept| kept.key == key) {
            kept.unsent = false;
        }
    }

    /// A proven card waits at this browser.
    pub(crate) fn set_waiting(&self, visitor: &str, session: Option<SessionId>) {
        let mut all = lock(&self.0.waiting);
        all.retain(|(other, _)| other != visitor);
        if all.len() >= limits::WAITING {
            all.pop_front();
        }
        all.extend(session.map(|session| (visitor.to_owned(), session)));
    }

    /// The card that waits at this browser.
    pub(crate) fn waiting(&self, visitor: &str) -> Option<SessionId> {
        let all = lock(&self.0.waiting);
        all.iter().find(|(other, _)| other == visitor).map(|(_, session)| session.clone())
    }

    /// An operation of a stay, so that the stay's page can list it.
    pub(crate) fn note(&self, session: &SessionId, index: u64) {
        let mut all = lock(&self.0.noted);
        if all.iter().any(|(other, known)| *known == index && other == session) {
            return;
        }
        if all.len() >= limits::NOTED {
            all.pop_front();
        }
        all.push_back((session.clone(), index));
    }

    /// The operations of a stay, newest first.
    pub(crate) fn noted(&self, session: &SessionId) -> Vec<u64> {
        let all = lock(&self.0.noted);
        all.iter().rev().filter(|(other, _)| other == session).map(|(_, index)| *index).collect()
    }

    pub(crate) fn verified(&self) -> Option<Verified> {
        lock(&self.0.verified).clone()
    }

    /// One verification at a time: the lock is held while it runs.
    pub(crate) fn verify(&self, run: impl FnOnce() -> Option<Verified>) {
        let mut verified = lock(&self.0.verified);
        if let Some(found) = run() {
            *verified = Some(found);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
