//! One row of the history: one operation, seen from one resident that it touched.

use jiff::Timestamp;
use register::terms::ResidentCode;
use serde::{Deserialize, Serialize};

/// What was done at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 氏名検索.
    SearchName,
    /// 氏名検索, by フリガナ.
    SearchKana,
    /// コード検索.
    SearchCode,
    /// 照会.
    Consult,
    /// 帳票出力.
    PrintForm,
    /// 更新.
    Update,
    /// 送信.
    Send,
    /// 操作履歴の閲覧: one's own.
    HistoryOwn,
    /// 操作履歴の閲覧: who looked at a resident.
    HistoryResident,
    /// 操作履歴の閲覧: what an operator did.
    HistoryOperator,
}

impl Kind {
    /// In the order of their stored numbers, which never change.
    pub const ALL: [Self; 10] = [
        Self::SearchName,
        Self::SearchKana,
        Self::SearchCode,
        Self::Consult,
        Self::PrintForm,
        Self::Update,
        Self::Send,
        Self::HistoryOwn,
        Self::HistoryResident,
        Self::HistoryOperator,
    ];

    /// The 操作 of an operations file.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::SearchName | Self::SearchKana => "氏名検索",
            Self::SearchCode => "コード検索",
            Self::Consult | Self::HistoryOwn | Self::HistoryResident | Self::HistoryOperator => "照会",
            Self::PrintForm => "帳票出力",
            Self::Update => "更新",
            Self::Send => "送信",
        }
    }

    /// The 業務 of an operations file: looking at the history is not looking at a resident's record.
    pub fn business_japanese(self) -> &'static str {
        match self {
            Self::HistoryOwn | Self::HistoryResident | Self::HistoryOperator => "操作履歴",
            _ => "本人確認情報",
        }
    }
}

/// Where the data went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// なし.
    None,
    /// 画面.
    Screen,
    /// 帳票.
    Form,
    /// 媒体.
    Media,
}

impl Output {
    /// In the order of their stored numbers, which never change.
    pub const ALL: [Self; 4] = [Self::None, Self::Screen, Self::Form, Self::Media];

    /// As an operations file has it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::None => "なし",
            Self::Screen => "画面",
            Self::Form => "帳票",
            Self::Media => "媒体",
        }
    }
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
    pub kind: Kind,
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
