//! The controller's own record: a file of chained lines, to which lines are only added.
//!
//! `record.jsonl` has one [`Record`] per line. Records are written and synced in one go by [`Store::commit`];
//! what a kill leaves half written behind the last of them was acted upon by nobody and is cut off. A file
//! whose chain does not hold is set aside as it is, and the record goes on with an alarm. When the beginning
//! was acknowledged by the server it may be dropped: the first line is then a base, the number and digest from
//! which the rest goes on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits::{KEEP_ACKNOWLEDGED, MAX_LINE, MAX_UPLOAD};
use crate::wire::{AlarmKind, Digest, Happened, Record};

const FILE: &str = "record.jsonl";

/// Why the record cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The operating system said no.
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another controller writes it.
    #[error("`{}` is in use by another controller", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A record that has no text, or too long a one.
    #[error("a record cannot be written as a line")]
    Line,
}

/// How the record was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Whole, or new.
    Whole,
    /// A line was half written when the program was killed; it was cut off.
    Torn,
    /// Changed or cut: set aside under this name, and an alarm was recorded.
    Broken {
        /// The file that was set aside.
        aside: PathBuf,
    },
}

/// Where a chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    /// The number of the next record.
    next: u64,
    /// The digest of the last.
    last: Digest,
    /// The file's length, in bytes.
    length: u64,
}

/// The first line of a file whose beginning was dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    base: u64,
    digest: Digest,
}

/// The record of a controller.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    /// What is on the disk.
    durable: Head,
    /// With what waits to be written.
    head: Head,
    waiting: Vec<u8>,
    last_at: Timestamp,
    /// Number and place from which the server has not yet said to have it.
    unacknowledged: (u64, u64),
    /// Number and place at which this run began.
    began: (u64, u64),
}

/// What was found in a file.
struct Scan {
    head: Head,
    last_at: Timestamp,
    /// Bytes behind the last good line.
    rest: Vec<u8>,
    first: (u64, u64),
}

impl Store {
    /// Opens or makes the record in `folder`. When it is broken, `now` is the moment of the alarm.
    ///
    /// # Errors
    /// When the file cannot be read or written, or another process has it.
    pub fn open(folder: &Path, now: Timestamp) -> Result<(Self, Found), RecordError> {
        let path = folder.join(FILE);
        let io = |source| RecordError::Io { path: path.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
        let mut file = open_file(&path).map_err(io)?;
        lock(&file, &path)?;
        let scan = scan(&file).map_err(io)?;
        let torn = !scan.rest.is_empty() && !scan.rest.contains(&b'\n') && scan.rest.len() <= MAX_LINE;
        let mut found = Found::Whole;
        let mut jump = None;
        if torn {
            file.set_len(scan.head.length).and_then(|()| file.sync_all()).map_err(io)?;
            found = Found::Torn;
        } else if !scan.rest.is_empty() {
            let aside = set_aside(&path, scan.head.length).map_err(io)?;
            file = open_file(&path).map_err(io)?;
            lock(&file, &path)?;
            // As many numbers are passed over as the rest may have used.
            let lines = scan.rest.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            jump = Some(scan.head.next.saturating_add(lines));
            found = Found::Broken { aside };
        }
        sync_folder(folder).map_err(io)?;
        let began = (scan.head.next, scan.head.length);
        let mut store = Self {
            path,
            file,
            durable: scan.head,
            head: scan.head,
            waiting: Vec::new(),
            last_at: scan.last_at,
            unacknowledged: scan.first,
            began,
        };
        if let Some(seq) = jump {
            store.cut(seq, now)?;
            store.commit()?;
        }
        Ok((store, found))
    }

    /// The number of the next record.
    pub fn next(&self) -> u64 {
        self.head.next
    }

    /// When the last record was written; the beginning of time when there is none.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// Puts a record behind the others; it counts when it was [committed](Store::commit). Gives its number.
    ///
    /// # Errors
    /// When it has no text: nothing is put there then.
    pub fn append(&mut self, at: Timestamp, what: Happened) -> Result<u64, RecordError> {
        let record = Record { seq: self.head.next, at, previous: self.head.last, what };
        self.push(&record)?;
        Ok(record.seq)
    }

    fn push(&mut self, record: &Record) -> Result<(), RecordError> {
        let line = record.line().map_err(|_| RecordError::Line)?;
        if line.len() >= MAX_LINE {
            return Err(RecordError::Line);
        }
        let next = record.seq.checked_add(1).ok_or(RecordError::Line)?;
        self.waiting.extend_from_slice(line.as_bytes());
        self.waiting.push(b'\n');
        let length = self.head.length + line.len() as u64 + 1;
        self.head = Head { next, last: Digest::of(line.as_bytes()), length };
        self.last_at = record.at;
        Ok(())
    }

    /// An alarm that begins the chain anew at `seq`.
    fn cut(&mut self, seq: u64, at: Timestamp) -> Result<(), RecordError> {
        let what = Happened::Alarm { door: None, alarm: AlarmKind::RecordCut };
        self.push(&Record { seq, at, previous: Digest::NONE, what })
    }

    /// Makes everything appended durable.
    ///
    /// # Errors
    /// When it cannot: then none of it is in the record, and [`Store::next`] is what it was before.
    pub fn commit(&mut self) -> Result<(), RecordError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        // From the durable end on: a write that failed before may have left something behind it.
        let result = self
            .file
            .set_len(self.durable.length)
            .and_then(|()| self.file.seek(SeekFrom::Start(self.durable.length)))
            .and_then(|_| self.file.write_all(&self.waiting))
            .and_then(|()| self.file.sync_data());
        self.waiting.clear();
        match result {
            Ok(()) => {
                self.durable = self.head;
                Ok(())
            }
            Err(source) => {
                self.head = self.durable;
                Err(RecordError::Io { path: self.path.clone(), source })
            }
        }
    }

    /// The next records that the server has not acknowledged, at most [`MAX_UPLOAD`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn unacknowledged(&self) -> Result<Vec<Record>, RecordError> {
        let mut records = self.read_from(self.unacknowledged.1, MAX_UPLOAD)?;
        records.retain(|(record, _)| record.seq >= self.unacknowledged.0);
        Ok(records.into_iter().map(|(record, _)| record).collect())
    }

    /// Up to `limit` records from `place` on, each with the place behind it.
    fn read_from(&self, place: u64, limit: usize) -> Result<Vec<(Record, u64)>, RecordError> {
        let io = |source| RecordError::Io { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(io)?;
        file.seek(SeekFrom::Start(place)).map_err(io)?;
        let mut lines = BufReader::new(file.take(self.durable.length.saturating_sub(place)));
        let mut records = Vec::new();
        let mut place = place;
        let mut line = Vec::new();
        while records.len() < limit {
            line.clear();
            let read = lines.read_until(b'\n', &mut line).map_err(io)?;
            if read == 0 {
                break;
            }
            place += read as u64;
            if let Ok(record) = serde_json::from_slice::<Record>(&line) {
                records.push((record, place));
            }
        }
        Ok(records)
    }

    /// The server has everything below `next`. When it has more than was ever written here, the record was
    /// cut: it goes on behind the server's, with an alarm, and what this run wrote is written once more under
    /// new numbers. Gives then from which number on they rose by how much.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn acknowledged(&mut self, next: u64, now: Timestamp) -> Result<Option<(u64, u64)>, RecordError> {
        self.commit()?;
        if next > self.durable.next {
            return self.go_on_behind(next, now).map(Some);
        }
        let (mut seq, mut place) = self.unacknowledged;
        if next < seq {
            // The server went back (restored from a copy): it gets again what is still here.
            (seq, place) = scan(&self.file).map_err(|source| self.io(source))?.first;
        }
        'reading: while seq < next {
            let records = self.read_from(place, MAX_UPLOAD)?;
            if records.is_empty() {
                break;
            }
            for (record, behind) in records {
                if record.seq >= next {
                    break 'reading;
                }
                (seq, place) = (record.seq + 1, behind);
            }
        }
        self.unacknowledged = (seq.max(next), place);
        if place > KEEP_ACKNOWLEDGED { self.drop_acknowledged().map(|()| None) } else { Ok(None) }
    }

    fn go_on_behind(&mut self, next: u64, now: Timestamp) -> Result<(u64, u64), RecordError> {
        let (from, place) =
            if self.began.0 >= self.unacknowledged.0 { self.began } else { self.unacknowledged };
        let mut again = Vec::new();
        let mut at = place;
        loop {
            let records = self.read_from(at, MAX_UPLOAD)?;
            let Some((_, behind)) = records.last() else { break };
            at = *behind;
            again.extend(records.into_iter().map(|(record, _)| record).filter(|record| record.seq >= from));
        }
        let begin = (next, self.head.length);
        let by = next.checked_add(1).and_then(|n| n.checked_sub(from)).ok_or(RecordError::Line)?;
        self.cut(next, now)?;
        for record in again {
            self.append(record.at, renumbered(record.what, from, by))?;
        }
        self.commit()?;
        self.unacknowledged = begin;
        self.began = begin;
        Ok((from, by))
    }

    /// Writes the file anew without what the server has.
    fn drop_acknowledged(&mut self) -> Result<(), RecordError> {
        let (next, place) = self.unacknowledged;
        let records = self.read_from(place, 1)?;
        let digest = records.first().map_or(self.durable.last, |(record, _)| record.previous);
        let first = records.first().map_or(next, |(record, _)| record.seq);
        self.rewrite(&Base { base: first, digest }, place).map_err(|source| self.io(source))
    }

    fn rewrite(&mut self, base: &Base, place: u64) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        let mut line = serde_json::to_vec(base)?;
        line.push(b'\n');
        let mut to = File::create(&fresh)?;
        to.write_all(&line)?;
        let mut from = File::open(&self.path)?;
        from.seek(SeekFrom::Start(place))?;
        io::copy(&mut from.take(self.durable.length - place), &mut to)?;
        to.sync_all()?;
        drop(to);
        fs::rename(&fresh, &self.path)?;
        if let Some(folder) = self.path.parent() {
            sync_folder(folder)?;
        }
        self.file = open_file(&self.path)?;
        // Ours already: nobody else opens the name while the controller runs.
        self.file.try_lock().map_err(io::Error::other)?;
        let moved = line.len() as u64;
        self.durable.length = self.durable.length - place + moved;
        self.head = self.durable;
        self.began = (self.began.0, (self.began.1 + moved).saturating_sub(place).max(moved));
        self.unacknowledged.1 = moved;
        Ok(())
    }

    /// Puts another file in place of the one that is written, and gives that one.
    #[cfg(test)]
    pub(crate) fn replace_file(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }

    fn io(&self, source: io::Error) -> RecordError {
        RecordError::Io { path: self.path.clone(), source }
    }
}

/// The records in `folder`, in order, and whether all of the file is good. Nothing is changed.
///
/// # Errors
/// When the file cannot be read.
pub fn list(folder: &Path) -> Result<(Vec<Record>, bool), RecordError> {
    let path = folder.join(FILE);
    let io = |source| RecordError::Io { path: path.clone(), source };
    let file = File::open(&path).map_err(io)?;
    let found = scan(&file).map_err(io)?;
    let lines = BufReader::new(File::open(&path).map_err(io)?.take(found.head.length));
    let mut records = Vec::new();
    for line in lines.split(b'\n') {
        records.extend(serde_json::from_slice::<Record>(&line.map_err(io)?));
    }
    Ok((records, found.rest.is_empty()))
}

/// The same with the numbers of other records in it raised.
fn renumbered(mut what: Happened, from: u64, by: u64) -> Happened {
    let seq = match &mut what {
        Happened::Passage { asked: Some(seq), .. }
        | Happened::Opened { granted: Some(seq), .. }
        | Happened::NotOpened { granted: seq, .. } => seq,
        _ => return what,
    };
    if *seq >= from {
        *seq = seq.saturating_add(by);
    }
    what
}

/// Reads `file` from its beginning for as long as the chain holds.
fn scan(file: &File) -> io::Result<Scan> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0))?;
    let mut head = Head { next: 0, last: Digest::NONE, length: 0 };
    let mut last_at = Timestamp::MIN;
    let mut first = (0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(Scan { head, last_at, rest: Vec::new(), first });
        }
        let Some(text) = line.strip_suffix(b"\n") else { break };
        let length = head.length + read as u64;
        if let (0, Ok(base)) = (head.length, serde_json::from_slice::<Base>(text)) {
            head = Head { next: base.base, last: base.digest, length };
            first = (base.base, length);
            continue;
        }
        let Some(record) = follows(text, head) else { break };
        let Some(next) = record.seq.checked_add(1) else { break };
        head = Head { next, last: Digest::of(text), length };
        last_at = record.at;
    }
    reader.read_to_end(&mut line)?;
    Ok(Scan { head, last_at, rest: line, first })
}

/// The record of this line, when it is the one after `head`, or an alarm that begins anew.
fn follows(line: &[u8], head: Head) -> Option<Record> {
    let record: Record = serde_json::from_slice(line).ok()?;
    // One spelling only, or the digest that the server reckons is another.
    if record.line().ok()?.as_bytes() != line {
        return None;
    }
    let cut = record.what == Happened::Alarm { door: None, alarm: AlarmKind::RecordCut };
    let next = record.seq == head.next && record.previous == head.last;
    let anew = cut && record.seq >= head.next && record.previous == Digest::NONE;
    (next || anew).then_some(record)
}

/// Renames the file, and writes what is good of it anew.
fn set_aside(path: &Path, good: u64) -> io::Result<PathBuf> {
    let aside = (0..u32::MAX)
        .map(|number| path.with_extension(format!("broken-{number}.jsonl")))
        .find(|aside| !aside.exists())
        .ok_or(io::ErrorKind::AlreadyExists)?;
    let fresh = path.with_extension("new");
    let mut to = File::create(&fresh)?;
    io::copy(&mut File::open(path)?.take(good), &mut to)?;
    to.sync_all()?;
    fs::hard_link(path, &aside)?;
    fs::rename(&fresh, path)?;
    Ok(aside)
}

fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn lock(file: &File, path: &Path) -> Result<(), RecordError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(fs::TryLockError::WouldBlock) => Err(RecordError::InUse { path: path.to_owned() }),
        Err(fs::TryLockError::Error(source)) => Err(RecordError::Io { path: path.to_owned(), source }),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}
