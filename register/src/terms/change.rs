//! 異動事由: why identification information changed. The list is closed (住民基本台帳法施行規則第11条).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ResidentCode;

/// What was done to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// 記載.
    Entered,
    /// 消除.
    Struck,
    /// 修正 of name, birth date, sex or address.
    Corrected,
    /// 修正 of the code.
    Recoded,
}

/// Why it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeReason {
    /// 転入等.
    MovedIn,
    /// 出生.
    Born,
    /// 職権記載等.
    EnteredByOffice,
    /// 転出.
    MovedOut,
    /// 死亡.
    Died,
    /// 職権消除等.
    StruckByOffice,
    /// 転居.
    MovedWithin,
    /// 軽微な修正.
    Minor,
    /// 職権修正等.
    CorrectedByOffice,
    /// 住民票コードの記載の変更請求.
    CodeOnRequest,
    /// 住民票コードの職権記載等.
    CodeByOffice,
}

impl ChangeReason {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 11] = [
        Self::MovedIn,
        Self::Born,
        Self::EnteredByOffice,
        Self::MovedOut,
        Self::Died,
        Self::StruckByOffice,
        Self::MovedWithin,
        Self::Minor,
        Self::CorrectedByOffice,
        Self::CodeOnRequest,
        Self::CodeByOffice,
    ];

    /// The kind of change that this is a reason of.
    pub fn kind(self) -> ChangeKind {
        match self {
            Self::MovedIn | Self::Born | Self::EnteredByOffice => ChangeKind::Entered,
            Self::MovedOut | Self::Died | Self::StruckByOffice => ChangeKind::Struck,
            Self::MovedWithin | Self::Minor | Self::CorrectedByOffice => ChangeKind::Corrected,
            Self::CodeOnRequest | Self::CodeByOffice => ChangeKind::Recoded,
        }
    }

    /// As the list names it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::MovedIn => "転入等",
            Self::Born => "出生",
            Self::EnteredByOffice => "職権記載等",
            Self::MovedOut => "転出",
            Self::Died => "死亡",
            Self::StruckByOffice => "職権消除等",
            Self::MovedWithin => "転居",
            Self::Minor => "軽微な修正",
            Self::CorrectedByOffice => "職権修正等",
            Self::CodeOnRequest => "住民票コードの記載の変更請求",
            Self::CodeByOffice => "住民票コードの職権記載等",
        }
    }
}

impl ChangeKind {
    /// As people call it.
    pub fn japanese(self) -> &'static str {
        match self {
            Self::Entered => "記載",
            Self::Struck => "消除",
            Self::Corrected => "修正",
            Self::Recoded => "住民票コードの修正",
        }
    }
}

/// The particulars of a change, which belong to identification information (住民基本台帳法施行令第30条の5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Why.
    pub reason: ChangeReason,
    /// The day on which it came about; for [`ChangeReason::MovedOut`] the day that was announced.
    pub on: Date,
    /// The code before a change of code. None also where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_code: Option<ResidentCode>,
}
