//! 第14条第2項, 第18条: one operation on the CS, as the history keeps it.

use serde::{Deserialize, Serialize};

use crate::terms::ResidentCode;
use crate::{CardId, SectionId, TerminalId};

/// One use of the CS by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What was done.
    pub kind: OperationKind,
    /// What was looked for, as it was typed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// 根拠番号 of the reason on file; for a view of the history its purpose. None: none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Every resident whose data was shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<ResidentCode>,
    /// How many the search found, shown or not.
    #[serde(default)]
    pub hits: u64,
    /// Where the data went.
    pub output: Output,
    /// The operator's section at that time.
    pub section: Option<SectionId>,
    /// With which card.
    pub card: Option<CardId>,
    /// At which terminal.
    pub terminal: Option<TerminalId>,
}

/// The kinds of operation. What a kind of card opens is a set of their codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// 氏名検索.
    SearchName,
    /// 氏名検索, by フリガナ.
    SearchKana,
    /// コード検索.
    SearchCode,
    /// 照会: one resident's items.
    Consult,
    /// 帳票出力.
    PrintForm,
    /// 更新: by other systems whose history is imported.
    Update,
    /// 送信: by other systems whose history is imported.
    Send,
    /// 操作履歴の閲覧: one's own.
    HistoryOwn,
    /// 操作履歴の閲覧: who looked at a resident.
    HistoryResident,
    /// 操作履歴の閲覧: what an operator did.
    HistoryOperator,
    /// 住民票コードの表示: the whole code, and 個人番号, of a resident whose items are shown.
    Reveal,
}

/// Whose operations a view of the history shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryScope {
    /// One's own.
    Own,
    /// Those that touched a resident.
    Resident,
    /// Those of an operator.
    Operator,
}

/// Where an operation's data went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl OperationKind {
    /// All kinds, in the order of the numbers that indexes store for them: new ones go last.
    pub const ALL: [Self; 11] = [
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
        Self::Reveal,
    ];

    /// The code that card kinds and policies know.
    pub fn code(self) -> &'static str {
        match self {
            Self::SearchName => "search-name",
            Self::SearchKana => "search-kana",
            Self::SearchCode => "search-code",
            Self::Consult => "consult",
            Self::PrintForm => "print-form",
            Self::Reveal => "reveal-code",
            Self::Update => "update",
            Self::Send => "send",
            Self::HistoryOwn | Self::HistoryResident | Self::HistoryOperator => "history",
        }
    }

    /// The 操作 column of the operation history.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::SearchName => "氏名検索",
            Self::SearchKana => "氏名検索（カナ）",
            Self::SearchCode => "コード検索",
            Self::Consult => "照会",
            Self::PrintForm => "帳票出力",
            Self::Reveal => "番号の表示",
            Self::Update => "更新",
            Self::Send => "送信",
            Self::HistoryOwn => "履歴閲覧（自分）",
            Self::HistoryResident => "履歴閲覧（住民別）",
            Self::HistoryOperator => "履歴閲覧（操作者別）",
        }
    }

    /// For a view of the history, whose operations it shows.
    pub fn history(self) -> Option<HistoryScope> {
        match self {
            Self::HistoryOwn => Some(HistoryScope::Own),
            Self::HistoryResident => Some(HistoryScope::Resident),
            Self::HistoryOperator => Some(HistoryScope::Operator),
            _ => None,
        }
    }
}

impl HistoryScope {
    /// The code that policies know.
    pub fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Resident => "resident",
            Self::Operator => "operator",
        }
    }
}

impl Output {
    /// All of them, in the order of the numbers that indexes store for them: new ones go last.
    pub const ALL: [Self; 4] = [Self::None, Self::Screen, Self::Form, Self::Media];

    /// The 出力 column of the operation history.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::None => "なし",
            Self::Screen => "画面",
            Self::Form => "帳票",
            Self::Media => "媒体",
        }
    }
}
