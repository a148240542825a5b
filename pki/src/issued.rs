//! What an authority did (発行簿): every certificate, revocation and revocation list, one line of JSON each.
//!
//! The file only grows. A line is durable before what it says is handed out, so nothing is out there that the file
//! does not know of. What follows the last line break was cut off by a crash: nobody was told of it, and the next
//! line takes its place.

use crate::files::{self, FileError};
use crate::limits::MAX_ISSUED_FILE;
use crate::request::digest;
use crate::{Kind, PersonNumber, Reason, Serial};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A certificate that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// Its serial number.
    pub serial: Serial,
    /// What it is of.
    pub kind: Kind,
    /// Whose: the number in its ledger, or the server's first name.
    pub subject: String,
    /// First second of its validity.
    pub from: Timestamp,
    /// Last second of its validity.
    pub until: Timestamp,
    /// When it was issued.
    pub at: Timestamp,
    /// Who proposed it.
    pub proposer: PersonNumber,
    /// Who confirmed it.
    pub confirmer: PersonNumber,
    /// SHA-256, in hex, of the request; of the public key, where no request was made.
    pub request: String,
    /// SHA-256, in hex, of its public key.
    pub key: String,
    /// The certificate whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<Serial>,
    /// The certificate itself, DER in Base64: what is lost can be handed out again.
    pub certificate: String,
}

/// A certificate that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// Which.
    pub serial: Serial,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// By whom. One person is enough: whoever hears of a loss does not wait for another.
    pub by: PersonNumber,
}

/// A revocation list that was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    /// One more than the one before.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) next: Timestamp,
}

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Issued(Issued),
    Revoked(Revoked),
    Listed(Listed),
}

/// A certificate and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// As it was issued.
    pub issued: Issued,
    /// When and why it was taken back.
    pub revoked: Option<Revoked>,
}

impl Record {
    /// Whether it counts at `at`, or will: it is neither revoked nor over.
    pub fn stands(&self, at: Timestamp) -> bool {
        self.revoked.is_none() && at <= self.issued.until
    }
}

/// The file, folded.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// In the order in which they were issued.
    pub(crate) records: Vec<Record>,
    places: HashMap<Serial, usize>,
    /// The number of the last revocation list.
    pub(crate) list: u64,
    /// When the last line was written.
    pub(crate) last: Option<Timestamp>,
}

impl Book {
    fn fold(&mut self, line: Line) -> Result<(), &'static str> {
        let at = match line {
            Line::Issued(issued) => {
                let at = issued.at;
                if self.places.insert(issued.serial.clone(), self.records.len()).is_some() {
                    return Err("a serial number stands twice");
                }
                self.records.push(Record { issued, revoked: None });
                at
            }
            Line::Revoked(revoked) => {
                let at = revoked.at;
                let place = self.places.get(&revoked.serial).copied();
                let record = place.and_then(|place| self.records.get_mut(place));
                record.ok_or("a certificate is revoked that was not issued")?.revoked.get_or_insert(revoked);
                at
            }
            Line::Listed(listed) => {
                if listed.number <= self.list {
                    return Err("the numbers of revocation lists do not rise");
                }
                self.list = listed.number;
                listed.at
            }
        };
        self.last = self.last.max(Some(at));
        Ok(())
    }

    pub(crate) fn record(&self, serial: &Serial) -> Option<&Record> {
        self.places.get(serial).and_then(|place| self.records.get(*place))
    }
}

/// The file on disk.
#[derive(Debug)]
pub(crate) struct BookFile {
    path: PathBuf,
}

/// A book that nobody else writes meanwhile.
pub(crate) struct OpenBook<'a> {
    pub(crate) book: Book,
    file: File,
    /// Where the last whole line ends.
    end: u64,
    path: &'a Path,
}

impl BookFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes the file, empty. One that is there already is an error.
    pub(crate) fn create(&self) -> Result<(), FileError> {
        files::write_new_private(&self.path, &[])
    }

    /// What was done so far.
    pub(crate) fn read(&self) -> Result<Book, FileError> {
        let file = files::open_private(&self.path)?;
        file.lock_shared().map_err(|source| FileError::io(&self.path, source))?;
        self.folded(&file).map(|(book, _)| book)
    }

    /// The same, to write on: held until dropped, by one process at a time.
    pub(crate) fn open(&self) -> Result<OpenBook<'_>, FileError> {
        let io = |source| FileError::io(&self.path, source);
        let file = files::append_private(&self.path)?;
        file.lock().map_err(io)?;
        let (book, end) = self.folded(&file)?;
        Ok(OpenBook { book, file, end, path: &self.path })
    }

    fn folded(&self, mut file: &File) -> Result<(Book, u64), FileError> {
        let io = |source| FileError::io(&self.path, source);
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        file.take(MAX_ISSUED_FILE + 1).read_to_end(&mut text).map_err(io)?;
        if text.len() as u64 > MAX_ISSUED_FILE {
            return Err(FileError::TooLarge { path: self.path.clone() });
        }
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        let mut book = Book::default();
        for (index, line) in text[..whole].split_inclusive(|&byte| byte == b'\n').enumerate() {
            let damaged = |why: String| FileError::Line { path: self.path.clone(), line: index + 1, why };
            let line = serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
            book.fold(line).map_err(|why| damaged(why.to_owned()))?;
        }
        Ok((book, whole as u64))
    }
}

impl OpenBook<'_> {
    /// Writes a line. It is durable when this returns.
    pub(crate) fn write(&mut self, line: Line) -> Result<(), FileError> {
        let mut text = serde_json::to_vec(&line)
            .map_err(|error| FileError::io(self.path, io::Error::new(io::ErrorKind::InvalidData, error)))?;
        text.push(b'\n');
        let full = self.end + text.len() as u64 > MAX_ISSUED_FILE;
        if full {
            return Err(FileError::TooLarge { path: self.path.to_owned() });
        }
        let written = self.append(&text);
        written.map_err(|source| FileError::io(self.path, source))?;
        self.end += text.len() as u64;
        self.book.fold(line).map_err(|why| FileError::Line {
            path: self.path.to_owned(),
            line: 0,
            why: why.to_owned(),
        })
    }

    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        // What a crash left behind the last line break was never believed.
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(text)?;
        self.file.sync_all()
    }
}

/// SHA-256, in hex, of a public key.
pub(crate) fn key_digest(public_key: &[u8]) -> String {
    digest(public_key)
}
