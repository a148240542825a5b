//! `personnel.csv`: a transfer list as the city's staff system writes it.

use forms::{Column, Faults, Row, Table};
use jiff::civil::Date;
use regulation::wareki;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{PersonId, limits};

pub(super) const PERSON: &str = "職員番号";
pub(super) const NAME: &str = "氏名";
pub(super) const KANA: &str = "フリガナ";
pub(super) const OLD_SECTION: &str = "旧所属";
pub(super) const OLD_POST: &str = "旧役職";
pub(super) const NEW_SECTION: &str = "新所属";
pub(super) const NEW_POST: &str = "新役職";
pub(super) const DAY: &str = "発令日";

/// The file's columns and limits.
pub const TABLE: Table = Table {
    name: "人事異動の一覧",
    columns: &[
        Column::required(PERSON),
        Column::required(NAME),
        Column::required(KANA),
        Column::required(OLD_SECTION),
        Column::required(OLD_POST),
        Column::required(NEW_SECTION),
        Column::required(NEW_POST),
        Column::required(DAY),
    ],
    rows: limits::TRANSFER,
    bytes: limits::TRANSFER_BYTES,
};

/// One person of a transfer list, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferRow {
    /// The line of the file, from 1.
    pub line: usize,
    /// 職員番号.
    pub person: PersonId,
    /// 氏名.
    pub name: String,
    /// フリガナ.
    pub kana: String,
    /// 旧所属; empty or 採用 for somebody who joins.
    pub from_section: String,
    /// 旧役職.
    pub from_post: String,
    /// 新所属; empty or 退職 for somebody who leaves.
    pub to_section: String,
    /// 新役職.
    pub to_post: String,
    /// 発令日.
    pub day: Date,
}

impl TransferRow {
    /// Its texts, by column.
    pub(super) fn texts(&self) -> [(&'static str, &str); 6] {
        [
            (NAME, &self.name),
            (KANA, &self.kana),
            (OLD_SECTION, &self.from_section),
            (OLD_POST, &self.from_post),
            (NEW_SECTION, &self.to_section),
            (NEW_POST, &self.to_post),
        ]
    }
}

/// A transfer list as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferFile {
    /// The people, in the order of the file.
    pub rows: Vec<TransferRow>,
    /// SHA-256 of the file, in hex: the same file is the same list.
    pub digest: String,
    /// Headings that were passed over.
    pub ignored: Vec<String>,
}

/// Reads a transfer list.
///
/// # Errors
/// Every fault of its form, with line and column.
pub fn read(bytes: &[u8]) -> Result<TransferFile, Faults> {
    let mut faults = Faults::default();
    let sheet = TABLE.sheet(bytes, &mut faults);
    let rows = sheet.rows().filter_map(|row| transfer_row(&row, &mut faults)).collect();
    let digest = hex::encode(Sha256::digest(bytes));
    faults.or(TransferFile { rows, digest, ignored: sheet.ignored().to_vec() })
}

fn transfer_row(row: &Row<'_>, faults: &mut Faults) -> Option<TransferRow> {
    let person = row.text(PERSON).parse::<PersonId>();
    let person = person.map_err(|error| faults.note(row.line, Some(PERSON), error.japanese())).ok();
    let day = wareki::parse(&row.text(DAY));
    let day = day.map_err(|error| faults.note(row.line, Some(DAY), error.japanese())).ok();
    Some(TransferRow {
        line: row.line,
        person: person?,
        name: row.text(NAME),
        kana: row.text(KANA),
        from_section: row.text(OLD_SECTION),
        from_post: row.text(OLD_POST),
        to_section: row.text(NEW_SECTION),
        to_post: row.text(NEW_POST),
        day: day?,
    })
}
