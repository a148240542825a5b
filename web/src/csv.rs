//! Ledgers as files that spreadsheets open.

use std::borrow::Cow;
use std::io;

use forms::csv::Writer;

/// The file.
///
/// # Errors
/// When a row has not as many cells as the first.
pub(crate) fn write<'a>(rows: impl IntoIterator<Item = Vec<Cow<'a, str>>>) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut table = Writer::new(&mut out)?;
    for row in rows {
        table.row(row)?;
    }
    table.finish()?;
    Ok(out)
}
