//! The shapes of answers that several parts of the interface share.

use serde::Serialize;
use utoipa::ToSchema;

/// A resident's record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResidentShape {
    /// 住民票コード, eleven digits.
    pub(crate) code: String,
    /// 氏名, with the code points as entered.
    pub(crate) name: String,
    /// フリガナ.
    pub(crate) kana: String,
    /// 生年月日.
    pub(crate) birth: String,
    /// 性別.
    pub(crate) sex: &'static str,
    /// 住所; null in lists where the person is protected.
    pub(crate) address: Option<String>,
    /// 支援措置.
    pub(crate) protected: bool,
    /// 世帯番号.
    pub(crate) household: Option<String>,
}

/// One operation of the history, seen from one resident.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryShape {
    /// Where it is recorded, as `journal/index`.
    pub(crate) receipt: String,
    /// When, RFC 3339.
    pub(crate) at: String,
    /// 操作者ID.
    pub(crate) operator: String,
    /// カード番号.
    pub(crate) card: Option<String>,
    /// 端末番号.
    pub(crate) terminal: Option<String>,
    /// The operator's section.
    pub(crate) section: Option<String>,
    /// What was done.
    pub(crate) kind: &'static str,
    /// Whose data was shown.
    pub(crate) resident: Option<String>,
    /// How many were found.
    pub(crate) hits: u64,
    /// Where the data went.
    pub(crate) output: &'static str,
    /// 根拠番号.
    pub(crate) reason: Option<String>,
    /// What was looked for.
    pub(crate) condition: String,
    /// 正常, 拒否 or 異常.
    pub(crate) outcome: &'static str,
}

/// One table of a ledger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerShape {
    /// Its id.
    pub(crate) id: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The provision that wants it.
    pub(crate) citation: &'static str,
    /// The post that keeps it.
    pub(crate) keeper: &'static str,
    /// Ids of its columns.
    pub(crate) columns: Vec<&'static str>,
    /// Its rows; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<Vec<Vec<String>>>,
}
