//! The link to the server: questions, uploads and the long poll, each in threads of its own.

use std::fmt;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::limits::{ASKING, POLL, RETRY, RETRY_AT_MOST, SYNC_TIMEOUT, TAKING, UPLOAD_TIMEOUT};
use crate::wire::{
    Acknowledged, Answer, Ask, DoorNow, Message, Name, Nonce, PublicKey, Record, Sealed, SecretKey, Sync,
    Synced, Upload,
};

/// One of the three requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// May this door be opened?
    Ask,
    /// Records.
    Upload,
    /// Is there a newer snapshot?
    Sync,
}

impl Request {
    /// Where it is posted.
    pub fn path(self) -> &'static str {
        match self {
            Self::Ask => "/door/v1/ask",
            Self::Upload => "/door/v1/upload",
            Self::Sync => "/door/v1/sync",
        }
    }
}

/// The server is away for this request.
#[derive(Debug)]
pub struct Away(String);

impl Away {
    /// Because of this.
    pub fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server is away: {}", self.0)
    }
}

impl std::error::Error for Away {}

/// What carries sealed messages to the server and back. Used by several threads at once.
pub trait Server: Send + std::marker::Sync {
    /// Posts `sealed`, and gives what the server answers within `timeout`.
    ///
    /// # Errors
    /// When it does not.
    fn post(&self, request: Request, sealed: &Sealed, timeout: Duration) -> Result<Sealed, Away>;
}

/// What the link tells the controller.
#[derive(Debug)]
pub(crate) enum Told {
    Answer(Answer),
    NoAnswer {
        seq: u64,
    },
    Acknowledged(Acknowledged),
    NotUploaded,
    /// With its signature, to be kept.
    Synced(Synced, Sealed),
    NotSynced,
}

/// What the long poll says of the controller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Now {
    pub(crate) have: u64,
    pub(crate) doors: Vec<DoorNow>,
    pub(crate) at: jiff::Timestamp,
}

/// Who talks to whom.
#[derive(Clone)]
pub(crate) struct Sides {
    pub(crate) server: Arc<dyn Server>,
    pub(crate) controller: Name,
    pub(crate) ours: SecretKey,
    pub(crate) theirs: PublicKey,
}

impl Sides {
    fn post<Q: Message, A: Message>(
        &self,
        request: Request,
        question: &Q,
        timeout: Duration,
    ) -> Result<(A, Sealed), Away> {
        let sealed = Sealed::seal(question, &self.ours).map_err(Away::new)?;
        let answer = self.server.post(request, &sealed, timeout)?;
        let opened = answer.open(&self.theirs).map_err(Away::new)?;
        Ok((opened, answer))
    }

    /// A second try in the time that is left: the connection may have been an old one.
    fn ask(&self, ask: &Ask, until: Instant) -> Result<Answer, Away> {
        let mut tried = Err(Away::new("no time left"));
        for _ in 0..2 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            tried = self.post::<Ask, Answer>(Request::Ask, ask, left);
            if tried.is_ok() {
                break;
            }
        }
        let (answer, _) = tried?;
        if answer.nonce != ask.nonce || answer.seq != ask.seq {
            return Err(Away::new("an answer to another question"));
        }
        Ok(answer)
    }
}

/// A question without its nonce.
pub(crate) struct Question {
    pub(crate) ask: Ask,
    /// When the controller decides without an answer.
    pub(crate) until: Instant,
}

/// The threads that talk to the server. They end when this is dropped and what they are at has ended.
pub(crate) struct Link {
    questions: Sender<Question>,
    uploads: Sender<Vec<Record>>,
}

impl Link {
    pub(crate) fn start(
        sides: &Sides,
        now: &Arc<Mutex<Now>>,
        tell: &(impl Fn(Told) -> bool + Clone + Send + 'static),
    ) -> std::io::Result<Self> {
        let (questions, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..ASKING {
            let (sides, queue, tell) = (sides.clone(), Arc::clone(&queue), tell.clone());
            thread::Builder::new().name("ask".to_owned()).spawn(move || asking(&sides, &queue, &tell))?;
        }
        let (uploads, waiting) = mpsc::channel();
        let (ours, told) = (sides.clone(), tell.clone());
        thread::Builder::new().name("upload".to_owned()).spawn(move || uploading(&ours, &waiting, &told))?;
        let (ours, now, told) = (sides.clone(), Arc::clone(now), tell.clone());
        thread::Builder::new().name("sync".to_owned()).spawn(move || syncing(&ours, &now, &told))?;
        Ok(Self { questions, uploads })
    }

    pub(crate) fn ask(&self, question: Question) {
        // The threads live as long as this does.
        let _ = self.questions.send(question);
    }

    pub(crate) fn upload(&self, records: Vec<Record>) {
        let _ = self.uploads.send(records);
    }
}

fn asking(sides: &Sides, queue: &Mutex<Receiver<Question>>, tell: &impl Fn(Told) -> bool) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = next else { return };
        let seq = question.ask.seq;
        let told = match sides.ask(&question.ask, question.until) {
            Ok(answer) => Told::Answer(answer),
            Err(away) => {
                log::info!("question {seq}: {away}");
                Told::NoAnswer { seq }
            }
        };
        if !tell(told) {
            return;
        }
    }
}

fn uploading(sides: &Sides, waiting: &Receiver<Vec<Record>>, tell: &impl Fn(Told) -> bool) {
    while let Ok(records) = waiting.recv() {
        let told = match upload(sides, records) {
            Ok(acknowledged) => Told::Acknowledged(acknowledged),
            Err(away) => {
                log::info!("upload: {away}");
                Told::NotUploaded
            }
        };
        if !tell(told) {
            return;
        }
    }
}

fn upload(sides: &Sides, records: Vec<Record>) -> Result<Acknowledged, Away> {
    let nonce = Nonce::fresh().map_err(Away::new)?;
    let upload = Upload { controller: sides.controller.clone(), nonce, records };
    let (told, _) = sides.post::<_, Acknowledged>(Request::Upload, &upload, UPLOAD_TIMEOUT)?;
    if told.nonce != upload.nonce {
        return Err(Away::new("an acknowledgement of something else"));
    }
    Ok(told)
}

fn syncing(sides: &Sides, now: &Mutex<Now>, tell: &impl Fn(Told) -> bool) {
    let mut wait = RETRY;
    let mut told = 0;
    loop {
        let now = now.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let began = Instant::now();
        match sync(sides, now) {
            Ok((synced, sealed)) => {
                wait = RETRY;
                let serial = synced.snapshot.as_ref().map_or(0, |snapshot| snapshot.serial);
                let newer = serial > told;
                told = told.max(serial);
                if !tell(Told::Synced(synced, sealed)) {
                    return;
                }
                // The controller takes a new one meanwhile; a server that does not hold the poll is not pressed.
                let pause = if newer { TAKING } else { POLL.saturating_sub(began.elapsed()) };
                thread::sleep(pause);
            }
            Err(away) => {
                log::info!("sync: {away}");
                thread::sleep(wait);
                wait = (wait * 2).min(RETRY_AT_MOST);
                // Ends with the controller, also while the server is away.
                if !tell(Told::NotSynced) {
                    return;
                }
            }
        }
    }
}

fn sync(sides: &Sides, now: Now) -> Result<(Synced, Sealed), Away> {
    let nonce = Nonce::fresh().map_err(Away::new)?;
    let controller = sides.controller.clone();
    let sync = Sync { controller, nonce, at: now.at, have: now.have, doors: now.doors };
    let (synced, sealed) = sides.post::<_, Synced>(Request::Sync, &sync, SYNC_TIMEOUT)?;
    if synced.nonce != sync.nonce {
        return Err(Away::new("an answer to another sync"));
    }
    Ok((synced, sealed))
}
