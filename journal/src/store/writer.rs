//! The one thread that writes: it takes all calls that wait and records them in one transaction.
//!
//! INVARIANT (durable before visible): heads are published and callers answered only after the commit.
//! INVARIANT (all or nothing): `edges` are replaced only after the commit, and the commit names the size and
//! root that it builds upon, so neither a failed commit nor a foreign writer can leave half a call behind.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, RwLock};
use std::time::Instant;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::bundle::Packer;
use super::edge::{Completed, Edge, Sealed};
use super::error::{AppendError, ReadError, StoreError};
use super::reader::sql;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::entry::JournalName;
use crate::limits::{CHECKPOINT_WITHIN, COMMIT_BYTES, COMMIT_ENTRIES, MAX_TREE_SIZE};
use crate::note::SigningKey;
use crate::tree::TreeHead;

/// An entry and the number of its journal.
pub(crate) type Addressed = (usize, Sealed);

/// The answer to a call: the index of each of its entries.
pub(crate) type Appended = Result<Vec<u64>, AppendError>;

/// A call that waits.
pub(crate) struct Call {
    pub(crate) entries: Vec<Addressed>,
    pub(crate) reply: SyncSender<Appended>,
}

/// What the writer is asked for.
pub(crate) enum Request {
    Append(Call),
    /// Sign what has not been signed yet and give the checkpoint of one journal.
    Checkpoint(usize, SyncSender<Result<String, ReadError>>),
    /// Limit the file to so many pages.
    LimitPages(u32, SyncSender<Result<(), StoreError>>),
    /// Sign, close the file and end.
    Close(SyncSender<Result<(), StoreError>>),
}

/// One journal, as the writer holds it.
pub(crate) struct Held {
    pub(crate) id: i64,
    pub(crate) name: JournalName,
    pub(crate) key: SigningKey,
    pub(crate) edge: Edge,
    /// The last checkpoint and its size.
    pub(crate) checkpoint: String,
    pub(crate) signed: Option<u64>,
}

/// The writer's state.
pub(crate) struct Writer {
    pub(crate) db: Connection,
    pub(crate) packer: Packer,
    pub(crate) journals: Vec<Held>,
    pub(crate) heads: Arc<RwLock<Vec<TreeHead>>>,
    /// When entries must have been signed for; `None` when all are.
    pub(crate) due: Option<Instant>,
}

impl Writer {
    /// Serves requests until all handles are gone or one says close.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        let mut next = None;
        let closing = loop {
            let request = match next.take() {
                Some(request) => request,
                None => match self.wait(requests) {
                    Ok(request) => request,
                    Err(RecvTimeoutError::Timeout) => {
                        self.sign_when_due();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break None,
                },
            };
            match request {
                Request::Append(call) => {
                    let (calls, other) = gather(call, requests);
                    next = other;
                    self.append(calls);
                }
                Request::Checkpoint(journal, reply) => {
                    let signed = self.sign().map(|()| self.journals[journal].checkpoint.clone());
                    let _ = reply.send(signed);
                }
                Request::LimitPages(pages, reply) => {
                    let _ = reply.send(self.limit_pages(pages));
                }
                Request::Close(reply) => break Some(reply),
            }
            self.sign_when_due();
        };
        self.close(closing);
    }

    fn wait(&self, requests: &Receiver<Request>) -> Result<Request, RecvTimeoutError> {
        match self.due {
            Some(due) => requests.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn close(mut self, closing: Option<SyncSender<Result<(), StoreError>>>) {
        let signed = self.sign().map_err(|error| match error {
            ReadError::Store(error) => error,
            other => StoreError::Sqlite(other.to_string()),
        });
        let closed = signed.and_then(|()| self.db.close().map_err(|(_, error)| error.into()));
        if let Some(reply) = closing {
            let _ = reply.send(closed);
        }
    }

    fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }

    /// Records `calls` in one transaction and answers each.
    fn append(&mut self, calls: Vec<Call>) {
        let recorded = self.record(&calls);
        let indexes = match recorded {
            Ok(indexes) => indexes,
            Err(error) => {
                for call in calls {
                    let _ = call.reply.send(Err(error.clone()));
                }
                return;
            }
        };
        self.due.get_or_insert_with(|| Instant::now() + CHECKPOINT_WITHIN);
        for (call, indexes) in calls.into_iter().zip(indexes) {
            // A caller that went away has its entries recorded all the same.
            let _ = call.reply.send(Ok(indexes));
        }
    }

    fn record(&mut self, calls: &[Call]) -> Result<Vec<Vec<u64>>, AppendError> {
        let mut grown: Vec<Option<(Edge, Completed)>> = self.journals.iter().map(|_| None).collect();
        let mut indexes = Vec::with_capacity(calls.len());
        for call in calls {
            let mut of_call = Vec::with_capacity(call.entries.len());
            for (journal, entry) in &call.entries {
                let (edge, completed) = grown[*journal]
                    .get_or_insert_with(|| (self.journals[*journal].edge.clone(), Completed::default()));
                if edge.size() == MAX_TREE_SIZE {
                    return Err(AppendError::TreeFull);
                }
                of_call.push(edge.size());
                edge.push(entry.clone(), completed);
            }
            indexes.push(of_call);
        }
        self.commit(&grown)?;
        let mut heads = self.heads.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (journal, grown) in grown.into_iter().enumerate() {
            if let Some((edge, _)) = grown {
                heads[journal] = edge.head();
                self.journals[journal].edge = edge;
            }
        }
        Ok(indexes)
    }

    fn commit(&mut self, grown: &[Option<(Edge, Completed)>]) -> Result<(), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (held, grown) in self.journals.iter().zip(grown) {
            if let Some((edge, completed)) = grown {
                write_journal(&tx, &mut self.packer, held, edge, completed)?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    fn sign_when_due(&mut self) {
        if self.due.is_some_and(|due| due <= Instant::now()) && self.sign().is_err() {
            // Whoever asks for a checkpoint hears why; meanwhile it is tried again.
            self.due = Some(Instant::now() + CHECKPOINT_WITHIN);
        }
    }

    /// Signs and stores a checkpoint for every journal that has grown since its last.
    pub(crate) fn sign(&mut self) -> Result<(), ReadError> {
        let mut notes = Vec::new();
        for (journal, held) in self.journals.iter().enumerate() {
            if held.signed != Some(held.edge.size()) {
                let origin = held.key.verifier().name().to_owned();
                let checkpoint = Checkpoint { origin, head: held.edge.head() };
                let note = checkpoint.sign(&held.key).map_err(CheckpointError::from)?;
                notes.push((journal, note.to_string()));
            }
        }
        if !notes.is_empty() {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (journal, note) in &notes {
                let held = &self.journals[*journal];
                let changed = tx
                    .prepare_cached("UPDATE journal SET checkpoint = ?2 WHERE id = ?1 AND size = ?3")?
                    .execute(params![held.id, note, sql(held.edge.size())])?;
                expect_one(changed, held)?;
            }
            tx.commit()?;
        }
        for (journal, note) in notes {
            let held = &mut self.journals[journal];
            held.signed = Some(held.edge.size());
            held.checkpoint = note;
        }
        self.due = None;
        Ok(())
    }
}

/// All calls that wait already, up to what one commit takes, and a request of another kind that ended them.
fn gather(first: Call, requests: &Receiver<Request>) -> (Vec<Call>, Option<Request>) {
    let weight = |call: &Call| call.entries.iter().map(|(_, entry)| entry.bytes.len()).sum::<usize>();
    let (mut entries, mut bytes) = (first.entries.len(), weight(&first));
    let mut calls = vec![first];
    while entries < COMMIT_ENTRIES && bytes < COMMIT_BYTES {
        match requests.try_recv() {
            Ok(Request::Append(call)) => {
                entries += call.entries.len();
                bytes += weight(&call);
                calls.push(call);
            }
            Ok(other) => return (calls, Some(other)),
            Err(_) => break,
        }
    }
    (calls, None)
}

fn expect_one(changed: usize, held: &Held) -> Result<(), StoreError> {
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::damaged(
        &held.name,
        held.edge.size(),
        "size and root in the file are not the last written",
    ))
}

/// Writes what `held` grew to: head, bundles, tiles and the new rows of the tail.
fn write_journal(
    tx: &Transaction<'_>,
    packer: &mut Packer,
    held: &Held,
    edge: &Edge,
    completed: &Completed,
) -> Result<(), StoreError> {
    let (old, new) = (held.edge.head(), edge.head());
    let changed = tx
        .prepare_cached("UPDATE journal SET size = ?2, root = ?3 WHERE id = ?1 AND size = ?4 AND root = ?5")?
        .execute(params![held.id, sql(new.size), new.root.as_bytes(), sql(old.size), old.root.as_bytes()])?;
    expect_one(changed, held)?;
    if !completed.bundles.is_empty() {
        tx.prepare_cached("DELETE FROM tail WHERE journal = ?1")?.execute([held.id])?;
    }
    for bundle in &completed.bundles {
        let lines = packer.pack(&bundle.entries)?;
        tx.prepare_cached("INSERT INTO bundle (journal, n, lines, root) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![held.id, sql(bundle.n), lines, bundle.root.as_bytes()])?;
    }
    for tile in &completed.tiles {
        let hashes: Vec<u8> = tile.hashes.iter().flat_map(|hash| hash.0).collect();
        tx.prepare_cached("INSERT INTO tile (journal, level, n, hashes) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![held.id, tile.level, sql(tile.n), hashes])?;
    }
    let (first, entries, leaves) = edge.tail_from(old.size);
    if !entries.is_empty() {
        let leaves: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
        tx.prepare_cached(
            "INSERT INTO tail (journal, idx, lines, leaves, root) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            held.id,
            sql(first),
            packer.lines(entries)?,
            leaves,
            new.root.as_bytes()
        ])?;
    }
    Ok(())
}
