//! 第14条第2項, 第18条: the CS's desk. Every look is judged before the file is opened, and recorded before the
//! page shows.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use cs::Count;
use jiff::Timestamp;
use jiff::civil::Date;
use register::access::{self, Operation, OperationKind, Output};
use register::terms::{CheckDigit, Resident, ResidentCode};
use register::{Act, JournalKind, PersonId, Receipt, RequestId, SessionId};

use crate::declined::Declined;
use crate::limits;
use crate::open::Office;
use crate::sign_in::SignedIn;

/// What an operator asks of the CS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done.
    pub kind: OperationKind,
    /// What is looked for, as typed: a name, a reading, a resident's code, an operator.
    pub condition: String,
    /// 根拠番号; for a view of the history its purpose.
    pub reason: Option<String>,
    /// For a view of the history: from which day to which, both included.
    pub period: Option<(Date, Date)>,
}

/// What an operation showed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Where the operation is recorded.
    pub receipt: Receipt,
    /// When.
    pub at: Timestamp,
    /// What was asked.
    pub asked: Asked,
    /// What was shown.
    pub view: View,
}

/// What was shown.
#[derive(Clone, Debug)]
pub enum View {
    /// Residents found by a search.
    Hits {
        /// The first of them.
        shown: Vec<Resident>,
        /// All of them.
        count: Count,
    },
    /// One resident's items; none with that code.
    Resident(Option<Resident>),
    /// One resident's items, on a form; none with that code.
    Form(Option<Resident>),
    /// Rows of the history.
    History {
        /// Newest first.
        rows: Vec<history::Row>,
        /// There are more than one page shows.
        more: bool,
    },
}

/// Results that can be shown again in the same stay, without a second operation.
#[derive(Default)]
pub(crate) struct Results {
    by_receipt: HashMap<Receipt, (SessionId, Arc<Shown>)>,
    order: VecDeque<Receipt>,
}

impl Results {
    fn keep(&mut self, session: &SessionId, shown: Arc<Shown>) {
        self.order.push_back(shown.receipt.clone());
        self.by_receipt.insert(shown.receipt.clone(), (session.clone(), shown));
        if self.order.len() > limits::SHOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_receipt.remove(&oldest);
        }
    }
}

impl Office {
    /// One operation: judged, looked up, recorded, and only then to be shown with [`Office::shown`].
    ///
    /// # Errors
    /// [`Declined`]; a refusal is recorded as well, and then nothing was looked up.
    pub fn operate(&self, stay: &SignedIn, asked: Asked, request: RequestId) -> Result<Receipt, Declined> {
        if let Some(receipt) = self.city().answered(&request).cloned() {
            return Ok(receipt);
        }
        let subject = self.subject(&asked)?;
        let on = self.occasion(stay, request);
        let mut operation = Operation {
            kind: asked.kind,
            condition: asked.recorded_condition(),
            reason: asked.reason.clone().filter(|reason| !reason.trim().is_empty()),
            touched: Vec::new(),
            hits: 0,
            output: output_of(asked.kind),
            section: None,
            card: None,
            terminal: None,
        };
        let act = |operation: &Operation| Act::from(access::Act::Operate(operation.clone()));
        if self.would_refuse(&act(&operation), &on) {
            // The registrar judges again, and records the refusal. The file was not opened.
            return self.submit(act(&operation), on).map(|done| done.receipt);
        }
        let view = self.look(&asked, &subject, stay)?;
        operation.touched = view.touched(&subject);
        operation.hits = view.count();
        let at = on.at;
        let receipt = self.submit(act(&operation), on)?.receipt;
        let shown = Shown { receipt: receipt.clone(), at, asked, view };
        self.results().keep(&stay.session, Arc::new(shown));
        Ok(receipt)
    }

    /// What an operation of this stay showed. It is not an operation again.
    pub fn shown(&self, stay: &SignedIn, receipt: &Receipt) -> Option<Arc<Shown>> {
        let results = self.results();
        let (session, shown) = results.by_receipt.get(receipt)?;
        (*session == stay.session).then(|| Arc::clone(shown))
    }

    /// Who or what is looked for, read before anything is judged: what cannot be read is no operation.
    fn subject(&self, asked: &Asked) -> Result<Subject, Declined> {
        let unreadable = |field, japanese: String| Declined::Unreadable { field, japanese };
        let typed = asked.condition.trim();
        match asked.kind {
            OperationKind::SearchName | OperationKind::SearchKana => {
                if !cs::shadow::name(typed).is_empty() {
                    Ok(Subject::Text(typed.to_owned()))
                } else {
                    let japanese = "検索する氏名を1文字以上入力してください".to_owned();
                    Err(unreadable("condition", japanese))
                }
            }
            OperationKind::SearchCode
            | OperationKind::Consult
            | OperationKind::PrintForm
            | OperationKind::Reveal
            | OperationKind::HistoryResident => {
                let check = if self.setting_values().resident_code_check_refuses {
                    CheckDigit::Refuse
                } else {
                    CheckDigit::Warn
                };
                ResidentCode::parse(typed, check)
                    .map(|parsed| Subject::Resident(parsed.code))
                    .map_err(|fault| unreadable("condition", fault.japanese()))
            }
            OperationKind::Update | OperationKind::Send => {
                Err(unreadable("kind", "更新と送信は、この画面からは行えません".to_owned()))
            }
            OperationKind::HistoryOwn => Ok(Subject::Own),
            OperationKind::HistoryOperator => match typed.parse::<PersonId>() {
                Ok(person) if self.city().organization.person(&person).is_some() => {
                    Ok(Subject::Operator(person))
                }
                Ok(person) => Err(unreadable("condition", format!("操作者「{person}」は登録されていません"))),
                Err(error) => Err(unreadable("condition", error.japanese())),
            },
        }
    }

    fn look(&self, asked: &Asked, subject: &Subject, stay: &SignedIn) -> Result<View, Declined> {
        self.follow(JournalKind::Residents)?;
        let residents = self.residents();
        let hits = |found: Result<cs::Hits, cs::StoreError>| {
            let found = found.map_err(Declined::broken)?;
            let shown = found.shown.into_iter().take(limits::HITS).collect();
            Ok(View::Hits { shown, count: found.count })
        };
        let one = |code: &ResidentCode| residents.consult(*code).map_err(Declined::broken);
        match (asked.kind, subject) {
            (OperationKind::SearchName, Subject::Text(name)) => hits(residents.search_name(name)),
            (OperationKind::SearchKana, Subject::Text(kana)) => hits(residents.search_kana(kana)),
            (OperationKind::SearchCode, Subject::Resident(code)) => hits(residents.search_code(*code)),
            (OperationKind::Consult | OperationKind::Reveal, Subject::Resident(code)) => {
                Ok(View::Resident(one(code)?))
            }
            (OperationKind::PrintForm, Subject::Resident(code)) => Ok(View::Form(one(code)?)),
            (OperationKind::HistoryResident, Subject::Resident(code)) => {
                self.history_of_resident(code, asked)
            }
            (OperationKind::HistoryOperator, Subject::Operator(person)) => {
                self.history_of_operator(person, asked)
            }
            (OperationKind::HistoryOwn, _) => self.history_of_operator(&stay.person, asked),
            _ => Err(Declined::broken("a subject of another kind of operation")),
        }
    }
}

/// Who or what an operation looks for.
#[derive(Clone, Debug)]
enum Subject {
    Text(String),
    Resident(ResidentCode),
    Operator(PersonId),
    Own,
}

impl Asked {
    /// The condition as the history keeps it: the period of a view of the history is part of it.
    fn recorded_condition(&self) -> String {
        match self.period {
            Some((from, to)) => format!("{} {from}/{to}", self.condition.trim()).trim_start().to_owned(),
            None => self.condition.trim().to_owned(),
        }
    }
}

impl View {
    /// Whose data the page will show.
    fn touched(&self, subject: &Subject) -> Vec<ResidentCode> {
        match (self, subject) {
            (Self::Hits { shown, .. }, _) => shown.iter().map(Resident::code).collect(),
            (Self::Resident(found) | Self::Form(found), _) => found.iter().map(Resident::code).collect(),
            (Self::History { .. }, Subject::Resident(code)) => vec![*code],
            (Self::History { .. }, _) => Vec::new(),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Hits { count, .. } => count.number().into(),
            Self::Resident(found) | Self::Form(found) => found.is_some().into(),
            Self::History { rows, .. } => rows.len() as u64,
        }
    }
}

fn output_of(kind: OperationKind) -> Output {
    if kind == OperationKind::PrintForm { Output::Form } else { Output::Screen }
}
