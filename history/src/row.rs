//! One row of the history: one operation, seen from one resident that it touched.

use jiff::Timestamp;
use register::access::{OperationKind, Output};
use register::terms::ResidentCode;
use serde::{Deserialize, Serialize};

/// The 操作 of an operations file : coarser than the kinds.
pub(crate) fn operation_column(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::SearchName | OperationKind::SearchKana => "氏名検索",
        OperationKind::SearchCode => "コード検索",
        OperationKind::Consult
        | OperationKind::HistoryOwn
        | OperationKind::HistoryResident
        | OperationKind::HistoryOperator => "照会",
        OperationKind::PrintForm => "帳票出力",
        OperationKind::Reveal => "番号の表示",
        OperationKind::Update => "更新",
        OperationKind::Send => "送信",
    }
}

/// The 業務 of an operations file: looking at the history is not looking at a resident's record.
pub(crate) fn business_column(kind: OperationKind) -> &'static str {
    if kind.history().is_some() { "操作履歴" } else { "本人確認情報" }
}

/// How the operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// 正常.
    Done,
    /// 拒否.
    Refused,
    /// 異常.
    Failed,
}

impl Outcome {
    /// In the order of their stored numbers, which never change.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// As an operations file has it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Done => "正常",
            Self::Refused => "拒否",
            Self::Failed => "異常",
        }
    }
}

/// One operation, seen from one resident that it touched. An operation that touched nobody is one row without a
/// resident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The entry of the journal of operations, where the proof is.
    pub index: u64,
    /// When.
    pub at: Timestamp,
    /// 操作者ID.
    pub operator: String,
    /// カード番号.
    pub card: Option<String>,
    /// 端末番号.
    pub terminal: Option<String>,
    /// The operator's section at that time.
    pub section: Option<String>,
    /// What was done.
    pub kind: OperationKind,
    /// Who was touched.
    pub resident: Option<ResidentCode>,
    /// How many residents the operation found, shown or not.
    pub hits: u64,
    /// Where the data went.
    pub output: Output,
    /// 根拠番号. None: none was given.
    pub reason: Option<String>,
    /// What was looked for, as it was typed.
    pub condition: String,
    /// How it ended.
    pub outcome: Outcome,
}
