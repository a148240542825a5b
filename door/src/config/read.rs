//! Reads the TOML file of a controller, and tells every fault of it with its line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{Document, Item, TableLike};

use super::{Bus, CardFormat, Config, Door, FileFault, Inputs, LockKey, PortError, PortName, Readers};
use crate::limits::{MAX_CONFIG, MAX_DOORS, MAX_STRIKE};
use crate::wire::Name;

const BAUDS: [i64; 6] = [9600, 19200, 38400, 57600, 115_200, 230_400];

/// One fault. For people, hence in Japanese.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub what_to_do: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, what_to_do } = self;
        write!(f, "{file}:{line}:{column}: {what}\n    → {what_to_do}")
    }
}

/// A file that cannot be used: every fault of it, in the order of lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(Vec<Fault>);

impl ConfigFaults {
    /// The faults; at least one.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.0 {
            writeln!(f, "{fault}")?;
        }
        write!(f, "扉の設定に誤りが{}件あります", self.0.len())
    }
}

type KeyOf<'a> = &'a dyn Fn(&Path) -> Result<LockKey, FileFault>;

pub(super) fn load(
    path: &Path,
    key: impl Fn(&Path) -> Result<LockKey, FileFault>,
) -> Result<Config, ConfigFaults> {
    let file = path.display().to_string();
    let fault = |what: String, what_to_do: &str| {
        let what_to_do = what_to_do.to_owned();
        ConfigFaults(vec![Fault { file: file.clone(), line: 1, column: 1, what, what_to_do }])
    };
    let size = std::fs::metadata(path).map(|metadata| metadata.len());
    if size.is_ok_and(|size| size > MAX_CONFIG) {
        return Err(fault("ファイルが大きすぎます".to_owned(), "扉の設定のファイルを指定してください"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        fault(format!("ファイルを読めません（{error}）"), "場所と権限、文字コード（UTF-8）を確かめてください")
    })?;
    parse(&file, &text, path.parent().unwrap_or(Path::new("")), &key)
}

pub(super) fn parse(file: &str, text: &str, folder: &Path, key: KeyOf<'_>) -> Result<Config, ConfigFaults> {
    let source = Source { file, text, faults: RefCell::default() };
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let reason = error.message().lines().next().unwrap_or_default().to_owned();
            let at = error.span().map_or(0, |span| span.start);
            source.note(at, format!("TOMLとして読めません（{reason}）"), "この行の書き方を直してください");
            return Err(source.into_faults());
        }
    };
    let root = Node::new(&source, document.as_table(), 0);
    let config = controller(&root, folder, key);
    root.finish();
    match config {
        Some(config) if source.faults.borrow().is_empty() => Ok(config),
        _ => Err(source.into_faults()),
    }
}

/// The text, and the faults found in it so far.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
    faults: RefCell<Vec<Fault>>,
}

impl Source<'_> {
    fn note(&self, at: usize, what: impl Into<String>, what_to_do: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let (file, what, what_to_do) = (self.file.to_owned(), what.into(), what_to_do.into());
        self.faults.borrow_mut().push(Fault { file, line, column, what, what_to_do });
    }

    fn into_faults(self) -> ConfigFaults {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults.dedup();
        ConfigFaults(faults)
    }
}

/// A table. What is not asked for is a fault.
struct Node<'a> {
    source: &'a Source<'a>,
    table: &'a dyn TableLike,
    at: usize,
    known: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Node<'a> {
    fn new(source: &'a Source<'a>, table: &'a dyn TableLike, at: usize) -> Self {
        Self { source, table, at, known: RefCell::default() }
    }

    fn find(&self, key: &'static str) -> Option<&'a Item> {
        self.known.borrow_mut().insert(key);
        self.table.get(key).filter(|item| !item.is_none())
    }

    fn fault(&self, key: &str, what: impl Into<String>, what_to_do: impl Into<String>) {
        let item = self.table.get(key).and_then(Item::span);
        let span = item.or_else(|| self.table.key(key).and_then(toml_edit::Key::span));
        self.source.note(span.map_or(self.at, |span| span.start), what, what_to_do);
    }

    fn optional(&self, key: &'static str) -> Option<&'a str> {
        let text = self.find(key)?.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.fault(key, format!("「{key}」の値が文字ではありません"), "\"…\" の形で書いてください");
        }
        text
    }

    fn text(&self, key: &'static str) -> Option<&'a str> {
        if self.find(key).is_none() {
            self.fault(
                key,
                format!("「{key}」がありません"),
                format!("「{key} = \"…\"」を書き足してください"),
            );
            return None;
        }
        self.optional(key)
    }

    fn name(&self, key: &'static str) -> Option<Name> {
        let text = self.text(key)?;
        let name = Name::new(text).ok();
        if name.is_none() {
            self.fault(
                key,
                format!("「{text}」は符号として使えません"),
                "英数字と - _ . @ を使い、64字までで書いてください",
            );
        }
        name
    }

    fn number(&self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = self.find(key)?.as_integer().filter(|number| range.contains(number));
        if number.is_none() {
            self.fault(
                key,
                format!("「{key}」の値が使えません"),
                format!("{}から{}までの整数を書いてください", range.start(), range.end()),
            );
        }
        number
    }

    fn small(&self, key: &'static str, most: u8) -> Option<u8> {
        self.number(key, 0..=i64::from(most)).and_then(|number| u8::try_from(number).ok())
    }

    fn seconds(&self, key: &'static str, usual: u64, most: Duration) -> Duration {
        let most = i64::try_from(most.as_secs()).unwrap_or(i64::MAX);
        let number = self.number(key, 1..=most).and_then(|number| u64::try_from(number).ok());
        Duration::from_secs(number.unwrap_or(usual))
    }

    fn tables(&self, key: &'static str) -> Vec<Node<'a>> {
        let tables = self.find(key).and_then(Item::as_array_of_tables);
        let Some(tables) = tables.filter(|tables| !tables.is_empty()) else {
            self.fault(
                key,
                format!("「[[{key}]]」がありません"),
                format!("「[[{key}]]」を書き足してください"),
            );
            return Vec::new();
        };
        let node = |table: &'a toml_edit::Table| {
            Node::new(self.source, table, table.span().map_or(0, |span| span.start))
        };
        tables.iter().map(node).collect()
    }

    /// Whatever was not asked for is a slip of the pen.
    fn finish(&self) {
        for (key, _) in self.table.iter() {
            if !self.known.borrow().contains(key) {
                self.fault(
                    key,
                    format!("「{key}」という項目はありません"),
                    "綴りを確かめるか、消してください",
                );
            }
        }
    }
}

fn controller(root: &Node<'_>, folder: &Path, key: KeyOf<'_>) -> Option<Config> {
    let name = root.name("controller");
    let server = server(root);
    let ca = root.optional("ca").map(|path| folder.join(path));
    if let (Some(server), None) = (&server, &ca)
        && server.starts_with("https://")
    {
        let to_do = "「ca = \"…\"」にサーバーの認証局の証明書（PEM）を書いてください";
        root.fault("server", "サーバーの認証局がありません", to_do);
    }
    let server_key = root.text("server-key").and_then(|text| {
        let key = text.parse();
        if key.is_err() {
            root.fault(
                "server-key",
                "サーバーの公開鍵として読めません",
                "サーバーで示される公開鍵（base64、44字）を書いてください",
            );
        }
        key.ok()
    });
    let data = root.text("data").map(|path| folder.join(path));
    let deadline = root.number("ask-deadline-ms", 50..=10_000).unwrap_or(1000);
    let buses = buses(root);
    let doors = doors(root, &buses, folder, key);
    Some(Config {
        controller: name?,
        server: server?,
        server_key: server_key?,
        ca,
        data: data?,
        deadline: Duration::from_millis(u64::try_from(deadline).ok()?),
        buses,
        doors,
    })
}

/// `https://` anywhere, `http://` only on this machine.
fn server(root: &Node<'_>) -> Option<String> {
    let text = root.text("server")?;
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    let plain = local.iter().any(|start| {
        text.strip_prefix(start).is_some_and(|port| port.trim_end_matches('/').parse::<u16>().is_ok())
    });
    let secure = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    if !plain && !secure {
        let to_do = "https:// で始まる番地を書いてください（http:// はこの機械の中だけです）";
        root.fault("server", format!("「{text}」へは安全につなげません"), to_do);
        return None;
    }
    Some(text.to_owned())
}

fn buses(root: &Node<'_>) -> Vec<Bus> {
    let mut buses: Vec<Bus> = Vec::new();
    for node in root.tables("bus") {
        let name = node.name("name");
        let port = node.text("port").and_then(|text| port(&node, text));
        let baud = node.number("baud", 9600..=230_400).unwrap_or(9600);
        if !BAUDS.contains(&baud) {
            node.fault("baud", "「baud」の値が使えません", format!("{BAUDS:?} のどれかを書いてください"));
        }
        node.finish();
        let (Some(name), Some(port), Ok(baud)) = (name, port, u32::try_from(baud)) else { continue };
        if buses.iter().any(|other| other.name == name) {
            node.fault("name", format!("線「{name}」が二つあります"), "別の符号にしてください");
        }
        if buses.iter().any(|other| other.port == port) {
            node.fault(
                "port",
                format!("「{port}」を二つの線が使っています"),
                "線ごとに別の口を書いてください",
            );
        }
        buses.push(Bus { name, port, baud });
    }
    buses
}

fn port(node: &Node<'_>, text: &str) -> Option<PortName> {
    match PortName::new(text) {
        Ok(port) => Some(port),
        Err(PortError::Form(_)) => {
            let to_do = "/dev/ttyS0 か tcp://127.0.0.1:9000 の形で書いてください";
            node.fault("port", format!("「{text}」は線の口ではありません"), to_do);
            None
        }
        Err(PortError::Remote(_)) => {
            let to_do =
                "暗号化した通り道（WireGuard など）のこちら側の口を tcp://127.0.0.1:… で書いてください";
            node.fault("port", format!("「{text}」は別の機械です。RS-485 をそのまま網に流せません"), to_do);
            None
        }
    }
}

fn doors(root: &Node<'_>, buses: &[Bus], folder: &Path, key: KeyOf<'_>) -> Vec<Door> {
    let mut doors: Vec<Door> = Vec::new();
    let nodes = root.tables("door");
    if nodes.len() > MAX_DOORS {
        root.fault("door", "扉が多すぎます", format!("一台の制御器に{MAX_DOORS}までにしてください"));
        return doors;
    }
    for node in nodes {
        let door = door(&node, folder, key);
        node.finish();
        let Some(door) = door else { continue };
        if !buses.iter().any(|bus| bus.name == door.bus) {
            let to_do = "「[[bus]]」の name のどれかを書いてください";
            node.fault("bus", format!("線「{}」がありません", door.bus), to_do);
        }
        for other in &doors {
            if other.id == door.id {
                node.fault("id", format!("扉「{}」が二つあります", door.id), "別の符号にしてください");
            }
            if other.bus == door.bus && other.address == door.address {
                let what = format!("線「{}」の番地{}が二つの扉にあります", door.bus, door.address);
                node.fault("address", what, "錠ごとに別の番地にしてください");
            }
            if other.key == door.key {
                let what = format!("扉「{}」と同じ鍵です", other.id);
                node.fault("key-file", what, "錠ごとに別の鍵を作ってください");
            }
        }
        doors.push(door);
    }
    doors
}

fn door(node: &Node<'_>, folder: &Path, key: KeyOf<'_>) -> Option<Door> {
    let (id, room, bus) = (node.name("id"), node.name("room"), node.name("bus"));
    let address = node.small("address", 126);
    if node.find("address").is_none() {
        node.fault("address", "「address」がありません", "錠の番地（0から126）を書き足してください");
    }
    let path: Option<PathBuf> = node.text("key-file").map(|path| folder.join(path));
    let key = path.and_then(|path| match key(&path) {
        Ok(key) => Some(key),
        Err(fault) => {
            let (what, what_to_do) = fault.japanese();
            node.fault("key-file", what, what_to_do);
            None
        }
    });
    let strike = node.seconds("strike-seconds", 5, MAX_STRIKE);
    let held = node.seconds("held-seconds", 30, Duration::from_secs(600));
    let outside = node.small("reader-in", 7);
    let inside = node.small("reader-out", 7);
    if outside.is_none() && inside.is_none() {
        let to_do = "「reader-in = 0」のように、外側の読取装置の番号を書いてください";
        node.fault("reader-in", "読取装置がありません", to_do);
    } else if outside == inside {
        let to_do = "外側と内側を別の番号にしてください";
        node.fault("reader-out", "入と出の読取装置が同じです", to_do);
    }
    let inputs = inputs(node);
    let output = node.small("output", 7).unwrap_or(0);
    let format = match node.optional("card") {
        None | Some("number") => CardFormat::Number,
        Some("wiegand26") => CardFormat::Wiegand26,
        Some(other) => {
            let to_do = "number か wiegand26 を書いてください";
            node.fault("card", format!("「{other}」という形式はありません"), to_do);
            CardFormat::Number
        }
    };
    Some(Door {
        id: id?,
        room: room?,
        bus: bus?,
        address: address?,
        key: key?,
        strike,
        held,
        readers: Readers { outside, inside },
        inputs,
        output,
        format,
    })
}

fn inputs(node: &Node<'_>) -> Inputs {
    let inputs = Inputs {
        contact: node.small("contact", 63),
        exit: node.small("exit", 63),
        key: node.small("key", 63),
    };
    if node.find("contact").is_none() {
        let to_do = "「contact = 0」のように、開閉を知らせる入力の番号を書いてください";
        node.fault("contact", "開閉を知らせる入力がありません", to_do);
    }
    let numbers = [("exit", inputs.exit), ("key", inputs.key)];
    let twice = inputs.exit.is_some() && inputs.exit == inputs.key;
    for (key, number) in numbers {
        if number.is_some() && (number == inputs.contact || twice) {
            node.fault(key, "同じ入力が二つの用に書いてあります", "入力ごとに別の番号にしてください");
        }
    }
    inputs
}
