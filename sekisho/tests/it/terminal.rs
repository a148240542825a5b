//! `sekisho terminal`: the whole way from the reader to the page, and back when the card is pulled.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use pki::{Authority, KeyStore, NoToken, Order, Profile, Request, Role, TwoPeople, make_key};
use sha2::{Digest as _, Sha256};

use crate::serve::Server;
use crate::tool::{SEKISHO, sekisho};

const PATIENCE: Duration = Duration::from_secs(30);

/// The terminal authority, and what it issued for the server.
pub(crate) struct Town {
    folder: PathBuf,
    authority: Authority,
    /// SHA-256 of the server's public key.
    server_key: String,
}

impl Town {
    pub(crate) fn new(folder: &Path) -> Self {
        let folder = folder.join("pki");
        let create = Authority::create(
            &folder,
            Role::Terminals,
            "試験市",
            now() - SignedDuration::from_hours(1),
            &KeyStore::File,
            &NoToken,
        );
        let authority = create.expect("an authority");
        let names = ["127.0.0.1".to_owned()];
        let key = make_key(&folder.join("server.key")).expect("a key");
        let asked = Request::make("127.0.0.1", &names, &key).expect("a request");
        let request = Request::read(asked.as_bytes()).expect("a request");
        let der =
            authority.issue(&Profile::server(&names).expect("names"), &order(&request)).expect("issued");
        fs::write(folder.join("server.crt"), pki::to_pem("CERTIFICATE", &der)).unwrap();
        let server_key = hex::encode(Sha256::digest(request.public_key()));
        Self { folder, authority, server_key }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn ca(&self) -> String {
        self.path("terminal-authority.crt")
    }

    /// Serves pages and terminals.
    pub(crate) fn serve(&self, command: &str, data: &Path, more: &[&str]) -> Server {
        let (certificate, key, ca) = (self.path("server.crt"), self.path("server.key"), self.ca());
        let mut args = vec!["--terminals", "127.0.0.1:0", "--terminals-cert", &certificate];
        args.extend(["--terminals-key", &key, "--terminals-ca", &ca]);
        args.extend(more);
        Server::run(command, data, &args)
    }

    /// Installs the program of `terminal` and certifies it. The browser and the prompt write down what they were
    /// asked, `reader` says where cards are.
    pub(crate) fn install(&self, terminal: &str, server: &Server, folder: &Path, reader: &str) -> Installed {
        let called = server.terminals.as_ref().expect("terminals are attended to");
        let (key, origin, ca) = (&self.server_key, &server.origin, self.ca());
        let said = sekisho(&format!(
            "terminal install --terminal {terminal} --server {called} --server-key {key} --origin {origin} --ca {ca} --folder {}",
            folder.display()
        ))
        .well();
        assert!(said.contains("terminal.csr") && said.contains("systemctl"), "{said}");
        let request = Request::read(&fs::read(folder.join("terminal.csr")).unwrap()).expect("a request");
        let profile = Profile::terminal(&terminal.parse().expect("a number"));
        let der = self.authority.issue(&profile, &order(&request)).expect("issued");
        fs::write(folder.join("terminal.crt"), pki::to_pem("CERTIFICATE", &der)).unwrap();
        let config = folder.join("terminal.toml");
        let kept = fs::read_to_string(&config).unwrap();
        let kept: String = kept
            .lines()
            .filter(|line| !line.starts_with("browser"))
            .map(|line| format!("{line}\n"))
            .collect();
        let script = folder.join("browser.sh");
        let shown = folder.join("shown").display().to_string();
        fs::write(&script, format!("echo \"$1\" > {shown}.new && mv {shown}.new {shown}; exec sleep 600\n"))
            .unwrap();
        // Asked again, it gives the second one.
        let prompt = folder.join("prompt.sh");
        let pins = folder.join("pins").display().to_string();
        fs::write(
            &prompt,
            format!("if [ \"$1\" = --wrong ]; then tail -n 1 {pins}; else head -n 1 {pins}; fi\n"),
        )
        .unwrap();
        let more = format!(
            "browser = [\"sh\", \"{}\", \"{{url}}\"]\nprompt = [\"sh\", \"{}\"]\n{reader}\n",
            script.display(),
            prompt.display()
        );
        fs::write(&config, kept + &more).unwrap();
        Installed { folder: folder.to_owned(), child: None }
    }
}

fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the program that is tested tells the real time")]
    Timestamp::now()
}

fn order(request: &Request) -> Order {
    let now = now();
    Order {
        public_key: request.public_key().to_vec(),
        request: Some(request.digest().to_owned()),
        from: now - SignedDuration::from_secs(5),
        until: now + SignedDuration::from_hours(24 * 300),
        at: now,
        by: TwoPeople::new("1003".parse().expect("a number"), "2901".parse().expect("a number"))
            .expect("two"),
        renews: None,
    }
}

/// A terminal's program, which is ended however the test ends.
pub(crate) struct Installed {
    folder: PathBuf,
    child: Option<Child>,
}

impl Installed {
    /// What the clerk types, the first time and then.
    pub(crate) fn set_pins(&self, first: &str, then: &str) {
        fs::write(self.folder.join("pins"), format!("{first}\n{then}\n")).unwrap();
    }

    pub(crate) fn start(&mut self) {
        let config = self.folder.join("terminal.toml");
        let check = sekisho(&format!("terminal check --config {}", config.display())).well();
        assert!(check.contains("誤りはありません"), "{check}");
        let mut command = Command::new(SEKISHO);
        command.args(["terminal", "run", "--config"]).arg(&config).stdin(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap());
    }

    fn status(&self) -> String {
        fs::read_to_string(self.folder.join("state/status.html")).unwrap_or_default()
    }

    /// Waits until the status page says so. Gives how long it took.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> Duration {
        let begun = Instant::now();
        until(
            || self.status().contains(words).then_some(()),
            || format!("`{words}` is not in: {}", self.status()),
        );
        begun.elapsed()
    }

    /// What the browser shows, once it is a page of the office.
    #[track_caller]
    pub(crate) fn browses(&self, origin: &str) -> String {
        let shown = || fs::read_to_string(self.folder.join("shown")).unwrap_or_default();
        let page = || Some(shown().trim().to_owned()).filter(|url| url.starts_with(origin));
        until(page, || format!("the browser shows {}; {}", shown(), self.status()))
    }

    /// SIGTERM, as the service is stopped.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let told = Command::new("kill").arg(child.id().to_string()).status().unwrap();
            assert!(told.success());
            assert!(child.wait().unwrap().success());
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // So that it closes the browser that it has started.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

#[track_caller]
pub(crate) fn until<T>(mut done: impl FnMut() -> Option<T>, why: impl Fn() -> String) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(done) = done() {
            return done;
        }
        assert!(Instant::now() < end, "{}", why());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A browser without a screen.
pub(crate) struct Browser {
    addr: String,
    jar: BTreeMap<String, String>,
    page: String,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Self {
        Self { addr: server.addr().to_owned(), jar: BTreeMap::new(), page: String::new() }
    }

    /// The status, and where it leads.
    fn ask(&mut self, head: &str, body: &str) -> (u16, String) {
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.addr,
            cookies.join("; "),
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        let mut location = String::new();
        for line in head.lines() {
            let (name, value) = line.split_once(": ").unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "set-cookie" => {
                    let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                    self.jar.insert(name.to_owned(), value.to_owned());
                }
                "location" => value.clone_into(&mut location),
                _ => {}
            }
        }
        page.clone_into(&mut self.page);
        (head.split(' ').nth(1).unwrap().parse().unwrap(), location)
    }

    pub(crate) fn get(&mut self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path}"), "")
    }

    pub(crate) fn post(&mut self, path: &str, fields: &str) -> (u16, String) {
        let hidden = |name: &str| {
            let mark = format!("name=\"{name}\" value=\"");
            let at = self.page.find(&mark).map(|at| at + mark.len()).expect("a form");
            self.page[at..].split('"').next().unwrap_or_default().to_owned()
        };
        let body = format!("_csrf={}&_once={}&{fields}", hidden("_csrf"), hidden("_once"));
        self.ask(&format!("POST {path}"), &body)
    }

    /// The page that the terminal's program opened, and the password.
    pub(crate) fn sign_in(&mut self, url: &str, origin: &str, password: &str) -> (u16, String) {
        assert_eq!(self.get(url.strip_prefix(origin).unwrap()), (303, "/sign-in/password".to_owned()));
        assert_eq!(self.get("/sign-in/password").0, 200);
        let password = password.replace(' ', "+");
        self.post("/sign-in/password", &format!("password={password}"))
    }
}

/// In the demo's city a software card signs in at its terminal's program, and all is over when it is pulled.
pub(crate) fn works(data: &Path, folder: &Path) {
    let town = Town::new(folder);
    let server = town.serve("demo", data, &[]);
    let script: serde_json::Value =
        serde_json::from_slice(&fs::read(data.join("demo.json")).unwrap()).unwrap();
    let player = &script["people"][0];
    let text = |key: &str| player[key].as_str().expect("a word").to_owned();
    let slot = folder.join("slot");
    let drawer = data.join("drawer");
    let reader = format!(
        "reader = {{ soft = {{ drawer = \"{}\", file = \"{}\" }} }}",
        drawer.display(),
        slot.display()
    );
    let mut terminal = town.install(&text("terminal"), &server, &folder.join("terminal"), &reader);
    terminal.set_pins("000000", &text("pin"));
    terminal.start();
    terminal.says("カードを差してください");

    let begun = Instant::now();
    fs::write(&slot, text("card")).unwrap();
    let url = terminal.browses(&server.origin);
    let mut browser = Browser::new(&server);
    let (status, to) = browser.sign_in(&url, &server.origin, &text("password"));
    assert_eq!(status, 303, "{}", browser.page);
    println!("signed in {:?} after the card was put in", begun.elapsed());
    assert!(!to.starts_with("/terminals"), "{to}");
    assert_eq!(browser.get("/duties/mine").0, 200);
    terminal.says("サインインしています");
    // The page of the proven card opens once.
    assert_eq!(
        Browser::new(&server).get(url.strip_prefix(&server.origin).unwrap()).1,
        "/terminals?needed=yes"
    );

    let begun = Instant::now();
    fs::write(&slot, "").unwrap();
    until(|| (browser.get("/duties/mine").0 == 303).then_some(()), || browser_still("/duties/mine"));
    println!("out {:?} after the card was pulled", begun.elapsed());
    terminal.says("カードを差してください");
    assert!(fs::read_to_string(folder.join("terminal/shown")).unwrap().starts_with("file://"));

    // A terminal that is told to stop takes the stay along; so does one whose server goes.
    fs::write(&slot, text("card")).unwrap();
    let url = terminal.browses(&server.origin);
    assert_eq!(browser.sign_in(&url, &server.origin, &text("password")).0, 303);
    terminal.stop();
    until(|| (browser.get("/duties/mine").0 == 303).then_some(()), || browser_still("/duties/mine"));
    terminal.start();
    terminal.browses(&server.origin);
    assert_eq!(server.stop(), Some(0));
    terminal.says("サーバーとつながっていません");
    assert!(fs::read_to_string(folder.join("terminal/shown")).unwrap().starts_with("file://"));
    terminal.stop();
}

fn browser_still(page: &str) -> String {
    format!("{page} is still shown")
}
