//! 第18条: the files folded from the journal (residents, history), and views of the history.

use history::{Order, Outcome, Period, Query, Row, Subject};
use jiff::Timestamp;
use jiff::civil::Date;
use register::access::{Operation, Output};
use register::terms::ResidentCode;
use register::{Fact, JournalKind, PersonId, Place, Refused, access, assets};

use crate::cs_desk::{Asked, View};
use crate::declined::Declined;
use crate::open::Office;
use crate::records::{self, Told};

/// Entries folded into a file in one transaction.
const CHUNK: usize = 16_384;

impl Office {
    /// Brings the file that is folded from a journal up to the journal's size.
    ///
    /// # Errors
    /// [`Declined::Broken`] when the journal or the file cannot be read or written.
    pub(crate) fn follow(&self, kind: JournalKind) -> Result<(), Declined> {
        let mut applied = match kind {
            JournalKind::Residents => self.residents().applied_size().map_err(Declined::broken)?,
            _ => self.history().applied_size(),
        };
        let size = records::head(self.journal(), kind).map_err(Declined::broken)?.size;
        if applied == size {
            return Ok(());
        }
        if applied > size {
            // The file was folded from another journal, such as one since restored: fold it anew.
            match kind {
                JournalKind::Residents => self.residents().clear().map_err(Declined::broken)?,
                _ => self.history().clear().map_err(Declined::broken)?,
            }
            applied = 0;
        }
        let mut told = self.stream(kind, applied).map_err(Declined::broken)?;
        loop {
            let chunk: Vec<Told> =
                told.by_ref().take(CHUNK).collect::<Result<_, _>>().map_err(Declined::broken)?;
            let Some(last) = chunk.last() else { return Ok(()) };
            let size = last.receipt.index + 1;
            match kind {
                JournalKind::Residents => {
                    let entered = chunk.into_iter().filter_map(|told| match told.entry.fact {
                        Fact::Assets(assets::Fact::ResidentEntered(resident)) => {
                            Some((told.receipt.index, *resident))
                        }
                        _ => None,
                    });
                    self.residents().apply(entered, size).map_err(Declined::broken)?;
                }
                _ => {
                    let rows = chunk.iter().flat_map(rows_of);
                    self.history().apply(rows, size).map_err(Declined::broken)?;
                }
            }
        }
    }

    /// Brings every file up to the journal. The edge calls it now and then, so that no view has to wait.
    ///
    /// # Errors
    /// [`Declined::Broken`] when the journal or a file cannot be read or written.
    pub fn follow_all(&self) -> Result<(), Declined> {
        self.follow(JournalKind::Residents)?;
        self.follow(JournalKind::Operations)
    }

    /// Who looked at a resident, newest first.
    pub(crate) fn history_of_resident(&self, code: &ResidentCode, asked: &Asked) -> Result<View, Declined> {
        self.page(Subject::Resident(*code), asked)
    }

    /// What an operator did, newest first.
    pub(crate) fn history_of_operator(&self, person: &PersonId, asked: &Asked) -> Result<View, Declined> {
        self.page(Subject::Operator(person.to_string()), asked)
    }

    fn page(&self, subject: Subject, asked: &Asked) -> Result<View, Declined> {
        self.follow(JournalKind::Operations)?;
        let query = Query {
            period: period(asked.period),
            order: Order::NewestFirst,
            limit: self.setting_values().history_page_size as usize,
            after: None,
        };
        let page = self.history().page(&subject, &query).map_err(Declined::broken)?;
        Ok(View::History { rows: page.rows, more: page.next.is_some() })
    }
}

/// From the first moment of the first day to the first after the last, in Japan.
fn period(days: Option<(Date, Date)>) -> Period {
    let Some((from, to)) = days else { return Period::ALL };
    let midnight = |day: Date| jiff::tz::offset(9).to_timestamp(day.at(0, 0, 0, 0));
    Period {
        from: midnight(from).unwrap_or(Timestamp::MIN),
        to: to.tomorrow().and_then(midnight).unwrap_or(Timestamp::MAX),
    }
}

/// The rows of the history that an entry brings: one for each resident touched, or one without a resident.
fn rows_of(told: &Told) -> Vec<Row> {
    match &told.entry.fact {
        Fact::Access(access::Fact::Operated(operation)) => operated(told, operation),
        Fact::Refused(refused) => refused_row(told, refused).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn operated(told: &Told, operation: &Operation) -> Vec<Row> {
    let row = |resident| Row {
        index: told.receipt.index,
        at: told.entry.at,
        operator: told.entry.by.to_string(),
        card: operation.card.as_ref().map(ToString::to_string),
        terminal: operation.terminal.as_ref().map(ToString::to_string),
        section: operation.section.as_ref().map(ToString::to_string),
        kind: operation.kind,
        resident,
        hits: operation.hits,
        output: operation.output,
        reason: operation.reason.clone(),
        condition: operation.condition.clone(),
        outcome: Outcome::Done,
    };
    match operation.touched.as_slice() {
        [] => vec![row(None)],
        touched => touched.iter().map(|code| row(Some(*code))).collect(),
    }
}

/// A refused operation touched nobody; what was looked for stands in the refusal.
fn refused_row(told: &Told, refused: &Refused) -> Option<Row> {
    let operation = refused.operation.as_ref()?;
    let row = operated(told, operation).into_iter().next()?;
    let terminal = match &told.entry.place {
        Place::Terminal(terminal) => Some(terminal.to_string()),
        Place::Console | Place::Door(_) => None,
    };
    Some(Row { terminal, outcome: Outcome::Refused, output: Output::None, ..row })
}
