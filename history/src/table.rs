//! `operations.csv`: the history as a table, one row per resident touched.
//!
//! UTF-8 with a byte order mark, CRLF, codes as text, cells that a spreadsheet would calculate made safe with an
//! apostrophe. Times are Japan's.

use std::borrow::Cow;
use std::io::{self, Write};

use forms::csv::Writer;

use crate::row::{Row, business_column, operation_column};
use crate::year::JAPAN;

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 12] = [
    "日時",
    "操作者ID",
    "カード番号",
    "端末番号",
    "業務",
    "操作",
    "検索条件",
    "住民票コード",
    "結果件数",
    "出力",
    "結果",
    "根拠番号",
];

/// Writes rows until the first that cannot be had.
pub fn write<E>(out: impl Write, rows: impl IntoIterator<Item = Result<Row, E>>) -> io::Result<()>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let mut writer = Writer::new(out)?;
    writer.row(COLUMNS)?;
    for row in rows {
        let row = row.map_err(io::Error::other)?;
        writer.row(cells(&row))?;
    }
    writer.finish()
}

fn cells(row: &Row) -> [Cow<'_, str>; COLUMNS.len()] {
    let at = JAPAN.to_datetime(row.at).strftime("%Y-%m-%dT%H:%M:%S");
    [
        format!("{at}+09:00").into(),
        row.operator.as_str().into(),
        row.card.as_deref().unwrap_or_default().into(),
        row.terminal.as_deref().unwrap_or_default().into(),
        business_column(row.kind).into(),
        operation_column(row.kind).into(),
        row.condition.as_str().into(),
        row.resident.map_or_else(String::new, |code| code.to_string()).into(),
        row.hits.to_string().into(),
        row.output.japanese().into(),
        row.outcome.japanese().into(),
        row.reason.as_deref().unwrap_or_default().into(),
    ]
}
