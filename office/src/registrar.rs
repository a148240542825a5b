//! The registrar: takes acts one after the other, lets the regulation judge them, and records what follows.
//!
//! Acts that wait together share one transaction of the journal. The state is locked until the transaction is
//! durable, so nobody ever sees what is not recorded; if it cannot be recorded, the state is folded anew from
//! the journal and every act of the batch is told so.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};

use journal::{Draft, Journal};
use policy::{Answer, Regulator};
use register::{Act, City, Entry, Fact, Occasion, Receipt, Refused};

use crate::declined::{Declined, Done};
use crate::limits;
use crate::records::{self, Records};

/// Tells everybody the same. Nothing was recorded.
fn turn_away(submissions: Vec<Submission>, declined: &Declined) -> u64 {
    for submission in submissions {
        let _ = submission.answer.send(Err(declined.clone()));
    }
    0
}

/// What the registrar answers.
pub(crate) type Verdict = Result<Done, Declined>;

struct Submission {
    act: Act,
    on: Occasion,
    answer: SyncSender<Verdict>,
}

/// The way to the registrar's desk.
#[derive(Clone)]
pub(crate) struct Desk(SyncSender<Submission>);

impl Desk {
    /// Hands in an act and waits for the answer.
    pub(crate) fn submit(&self, act: Act, on: Occasion) -> Verdict {
        let (answer, verdict) = sync_channel(1);
        match self.0.try_send(Submission { act, on, answer }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Declined::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(gone()),
        }
        verdict.recv().unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> Declined {
    Declined::Unrecordable { cause: "the registrar has stopped".to_owned() }
}

/// Whether a fact changes what pages of 第3章 show.
fn about_rooms(fact: &Fact) -> bool {
    match fact {
        Fact::Rooms(_) => true,
        Fact::Case(step) => step.kind == "permit",
        _ => false,
    }
}

/// Who sits at the desk.
pub(crate) struct Registrar {
    pub(crate) city: Arc<RwLock<City>>,
    pub(crate) journal: Journal,
    pub(crate) regulator: Arc<Regulator>,
    pub(crate) records: Records,
    /// What the next entry will be, over all journals.
    pub(crate) next_seq: u64,
    /// How often something of 第3章 was recorded: pages that show the rooms are told when it moves.
    pub(crate) room_changes: Arc<AtomicU64>,
}

/// An act of the batch, and what it is answered once the batch is durable.
struct Pending {
    answer: SyncSender<Verdict>,
    outcome: Outcome,
}

enum Outcome {
    Told(Verdict),
    /// The same submission came before; its answer stands in the journal by the time of the answer.
    Again(Receipt),
}

/// The entries of one batch, in order.
#[derive(Default)]
struct Batch {
    drafts: Vec<Draft>,
    pending: Vec<Pending>,
    /// Something of it is about rooms.
    rooms: bool,
}

impl Registrar {
    /// Opens the desk. The thread ends when every [`Desk`] is gone.
    pub(crate) fn start(self) -> std::io::Result<(Desk, std::thread::JoinHandle<()>)> {
        let (desk, waiting) = sync_channel(limits::WAITING);
        let thread =
            std::thread::Builder::new().name("registrar".to_owned()).spawn(move || self.sit(&waiting))?;
        Ok((Desk(desk), thread))
    }

    fn sit(mut self, waiting: &Receiver<Submission>) {
        let mut since_snapshot = 0;
        while let Ok(first) = waiting.recv() {
            let mut batch = vec![first];
            while batch.len() < limits::BATCH
                && let Ok(next) = waiting.try_recv()
            {
                batch.push(next);
            }
            since_snapshot += self.take(batch);
            if since_snapshot >= limits::SNAPSHOT_EVERY {
                self.save();
                since_snapshot = 0;
            }
        }
        self.save();
    }

    /// Judges, decides, folds and records a batch; answers everybody. Returns the number of new entries.
    fn take(&mut self, submissions: Vec<Submission>) -> u64 {
        let shared = Arc::clone(&self.city);
        let mut city = shared.write().unwrap_or_else(PoisonError::into_inner);
        let before = self.next_seq;
        let mut batch = Batch::default();
        let mut heads = match self.records.heads(&self.journal) {
            Ok(heads) => heads,
            Err(error) => {
                drop(city);
                return turn_away(submissions, &Declined::broken(error));
            }
        };
        for submission in submissions {
            self.judge(&mut city, &mut batch, &mut heads, submission);
        }
        if batch.drafts.is_empty() {
            drop(city);
            self.reply(batch, None);
            return 0;
        }
        match self.journal.append(std::mem::take(&mut batch.drafts)) {
            Ok(_) => {
                drop(city);
                if batch.rooms {
                    self.room_changes.fetch_add(1, Ordering::Release);
                }
                self.reply(batch, None);
                self.next_seq - before
            }
            Err(error) => {
                // Nothing of the batch happened: forget what was folded ahead of the journal.
                tracing::error!(%error, "the journal cannot be written; acts are refused");
                self.next_seq = before;
                match self.records.fold(&self.journal) {
                    Ok(folded) => *city = folded.city,
                    Err(error) => tracing::error!(%error, "the journal cannot be read"),
                }
                drop(city);
                self.reply(batch, Some(&Declined::Unrecordable { cause: error.to_string() }));
                0
            }
        }
    }

    /// One act. Its facts are folded at once, so that the next act of the batch is judged on them.
    fn judge(
        &mut self,
        city: &mut City,
        batch: &mut Batch,
        heads: &mut records::Heads,
        submission: Submission,
    ) {
        let Submission { act, on, answer } = submission;
        if let Some(receipt) = city.answered(&on.request).cloned() {
            batch.pending.push(Pending { answer, outcome: Outcome::Again(receipt) });
            return;
        }
        let question = act.question(city, &on);
        let (facts, refusal) = match self.regulator.judge(&question) {
            Answer::Permitted => match act.decide(city, &on) {
                Ok(facts) => (facts, None),
                Err(invalid) => {
                    batch.pending.push(Pending { answer, outcome: Outcome::Told(Err(invalid.into())) });
                    return;
                }
            },
            Answer::Refused(refusal) => {
                let refused = Refused {
                    action: question.action.to_owned(),
                    resource: question.resource.id.clone(),
                    detail: act.detail(),
                    operation: act.operation(city, &on).map(Box::new),
                    refusal: refusal.clone(),
                };
                let mut facts = vec![Fact::Refused(refused)];
                facts.extend(act.refused(city, &refusal, &on));
                (facts, Some(refusal))
            }
        };
        // Marked only where it was the head's post that made the act lawful (職務代理, 第4条第2項).
        let acting = refusal.is_none()
            && city.standing(&on.by, on.at).acting
            && matches!(self.regulator.judge(&register::in_own_name(&question)), Answer::Refused(_));
        let receipt = self.write(city, batch, heads, &on, acting, &facts);
        let verdict = match (refusal, receipt) {
            (Some(refusal), Some(receipt)) => Err(Declined::Refused { refusal, receipt }),
            (None, Some(receipt)) => Ok(Done { receipt, facts, again: false }),
            (_, None) => Err(Declined::broken("an act without a fact")),
        };
        batch.pending.push(Pending { answer, outcome: Outcome::Told(verdict) });
    }

    /// Puts the facts of one act into the batch and folds them. Returns the receipt of the first.
    fn write(
        &mut self,
        city: &mut City,
        batch: &mut Batch,
        heads: &mut records::Heads,
        on: &Occasion,
        acting: bool,
        facts: &[Fact],
    ) -> Option<Receipt> {
        let mut first = None;
        for fact in facts {
            let entry = Entry {
                seq: self.next_seq,
                at: on.at,
                by: on.by.clone(),
                acting,
                place: on.place.clone(),
                request: on.request.clone(),
                session: on.session.clone(),
                regulation: city.profile().id().to_string(),
                policy: self.regulator.version().to_owned(),
                fact: fact.clone(),
            };
            let receipt = heads.next(fact.journal());
            batch.drafts.push(records::draft(&entry));
            city.fold(&entry, &receipt);
            batch.rooms |= about_rooms(fact);
            self.next_seq += 1;
            first.get_or_insert(receipt);
        }
        first
    }

    fn save(&self) {
        let city = self.city.read().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.records.save(&self.journal, &city, self.next_seq) {
            tracing::warn!(%error, "the snapshot could not be written; the next start folds more");
        }
    }

    /// Answers everybody; with `instead` to those who would have been told of a record.
    fn reply(&self, batch: Batch, instead: Option<&Declined>) {
        for Pending { answer, outcome } in batch.pending {
            let verdict = match (outcome, instead) {
                (
                    Outcome::Told(Ok(_) | Err(Declined::Refused { .. })) | Outcome::Again(_),
                    Some(declined),
                ) => Err(declined.clone()),
                (Outcome::Told(verdict), _) => verdict,
                (Outcome::Again(receipt), None) => self.records.again(&self.journal, receipt),
            };
            // Whoever asked may have gone; the record stands all the same.
            let _ = answer.send(verdict);
        }
    }
}
