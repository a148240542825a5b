//! A server that counts, and that can be away, slow, or lying.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use door::wire::{
    Acknowledged, Answer, Ask, Direction, Happened, Message, Presented, PublicKey, Record, Sealed, SecretKey,
    Snapshot, Sync, Synced, Upload,
};
use door::{Away, Request, Server};

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    /// No answer at all.
    Away,
    /// Answers to questions take this long.
    Slow(Duration),
    /// Says yes with another's signature.
    Forged,
    /// Says yes to a question of yesterday.
    Stale,
}

pub(crate) struct State {
    pub(crate) mood: Mood,
    pub(crate) permitted: HashSet<u32>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) records: Vec<Record>,
    pub(crate) next: u64,
    pub(crate) answers: HashMap<u64, bool>,
    /// Questions that came, also repeated ones.
    pub(crate) asked: usize,
}

pub(crate) struct TestServer {
    key: SecretKey,
    controller: PublicKey,
    state: Mutex<State>,
    changed: Condvar,
}

impl TestServer {
    pub(crate) fn new(key: SecretKey, controller: PublicKey) -> Arc<Self> {
        let state = State {
            mood: Mood::Good,
            permitted: HashSet::new(),
            snapshot: None,
            records: Vec::new(),
            next: 0,
            answers: HashMap::new(),
            asked: 0,
        };
        Arc::new(Self { key, controller, state: Mutex::new(state), changed: Condvar::new() })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panicked here")
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits until the records that came are as `wanted`.
    pub(crate) fn wait_for(&self, wanted: impl Fn(&[Record]) -> bool) -> bool {
        let until = Instant::now() + Duration::from_secs(30);
        let mut state = self.state();
        while !wanted(&state.records) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).expect("no test panicked here").0;
        }
        true
    }

    pub(crate) fn wait_for_record(&self, wanted: impl Fn(&Happened) -> bool) {
        let came = self.wait_for(|records| records.iter().any(|record| wanted(&record.what)));
        assert!(came, "not among {:#?}", self.state().records);
    }

    fn ask(&self, ask: &Ask) -> Result<Sealed, Away> {
        let mood = self.state().mood;
        if let Mood::Slow(time) = mood {
            thread::sleep(time);
        }
        let mut state = self.state();
        state.asked += 1;
        let (open, unknown) = match ask.presented {
            Presented::Finger { member } => {
                (ask.direction == Direction::Out || state.permitted.contains(&member), member >= 900)
            }
            Presented::Key => (state.permitted.contains(&0), false),
        };
        let open = *state.answers.entry(ask.seq).or_insert(open);
        let mut answer = Answer {
            nonce: ask.nonce.clone(),
            seq: ask.seq,
            open,
            receipt: open.then(|| format!("passages/{}", ask.seq)),
            because: Vec::new(),
            unknown,
        };
        if mood == Mood::Stale {
            answer.open = true;
            answer.nonce = door::wire::Nonce::fresh().map_err(Away::new)?;
        }
        if mood == Mood::Forged {
            answer.open = true;
            return Sealed::seal(&answer, &SecretKey::from_seed(&[99; 32])).map_err(Away::new);
        }
        self.seal(&answer)
    }

    fn upload(&self, upload: Upload) -> Result<Sealed, Away> {
        let mut state = self.state();
        for record in upload.records {
            let cut = matches!(
                record.what,
                Happened::Alarm { door: None, alarm: door::wire::AlarmKind::RecordCut }
            );
            if record.seq == state.next || (cut && record.seq > state.next) {
                state.next = record.seq + 1;
                state.records.push(record);
            }
        }
        let next = state.next;
        drop(state);
        self.changed.notify_all();
        self.seal(&Acknowledged { nonce: upload.nonce, next })
    }

    fn sync(&self, sync: Sync) -> Result<Sealed, Away> {
        let until = Instant::now() + Duration::from_secs(2);
        let mut state = self.state();
        loop {
            let newer = state.snapshot.as_ref().filter(|snapshot| snapshot.serial != sync.have);
            if state.mood == Mood::Away {
                return Err(Away::new("cut"));
            }
            let left = until.saturating_duration_since(Instant::now());
            if newer.is_some() || left.is_zero() {
                let snapshot = newer.cloned();
                drop(state);
                return self.seal(&Synced { nonce: sync.nonce, snapshot });
            }
            state = self.changed.wait_timeout(state, left).expect("no test panicked here").0;
        }
    }

    fn seal<T: Message>(&self, message: &T) -> Result<Sealed, Away> {
        Sealed::seal(message, &self.key).map_err(Away::new)
    }

    fn open<T: Message>(&self, sealed: &Sealed) -> Result<T, Away> {
        sealed.open(&self.controller).map_err(Away::new)
    }

    /// Serves by HTTP on this machine until the process ends.
    pub(crate) fn by_http(self: &Arc<Self>) -> SocketAddr {
        self.listen(|server, stream| server.serve(stream))
    }

    /// The same by TLS.
    pub(crate) fn by_https(self: &Arc<Self>, config: Arc<rustls::ServerConfig>) -> SocketAddr {
        self.listen(move |server, stream| {
            if let Ok(connection) = rustls::ServerConnection::new(Arc::clone(&config)) {
                server.serve(rustls::StreamOwned::new(connection, stream));
            }
        })
    }

    fn listen(self: &Arc<Self>, serve: impl Fn(&Self, TcpStream) + Clone + Send + 'static) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = Arc::clone(self);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (server, serve) = (Arc::clone(&server), serve.clone());
                thread::spawn(move || serve(&server, stream));
            }
        });
        address
    }

    fn serve(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        while self.one(&mut stream).is_some() {}
    }

    fn one(&self, stream: &mut BufReader<impl Read + Write>) -> Option<()> {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let path = line.split(' ').nth(1)?.to_owned();
        let mut length = 0;
        loop {
            line.clear();
            stream.read_line(&mut line).ok()?;
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let sealed: Sealed = serde_json::from_slice(&body).ok()?;
        let requests = [Request::Ask, Request::Upload, Request::Sync];
        let request = requests.into_iter().find(|request| request.path() == path)?;
        let (status, body) = match self.post(request, &sealed, Duration::from_secs(5)) {
            Ok(sealed) => ("200 OK", serde_json::to_string(&sealed).ok()?),
            Err(_) => ("503 Service Unavailable", String::new()),
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.get_mut().write_all(answer.as_bytes()).and_then(|()| stream.get_mut().flush()).ok()
    }
}

impl Server for TestServer {
    fn post(&self, request: Request, sealed: &Sealed, _timeout: Duration) -> Result<Sealed, Away> {
        if self.state().mood == Mood::Away {
            return Err(Away::new("cut"));
        }
        match request {
            Request::Ask => self.ask(&self.open(sealed)?),
            Request::Upload => self.upload(self.open(sealed)?),
            Request::Sync => self.sync(self.open(sealed)?),
        }
    }
}
