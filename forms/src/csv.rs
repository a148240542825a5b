//! CSV as the city's spreadsheets want it: UTF-8 with a byte order mark, CRLF, and no cell that calculates.

use std::borrow::Cow;
use std::io::{self, Write};

/// What stands before the first cell.
pub const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// Writes a table, row by row.
pub struct Writer<W: Write>(::csv::Writer<W>);

impl<W: Write> Writer<W> {
    /// Begins a table.
    ///
    /// # Errors
    /// What writing to `out` says.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
        Ok(Self(::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out)))
    }

    /// One row.
    ///
    /// # Errors
    /// What writing says; also that the row has another number of cells than the first.
    pub fn row<I>(&mut self, cells: I) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for cell in cells {
            self.0.write_field(guarded(cell.as_ref()).as_bytes())?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Ends the table.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a spreadsheet would calculate the text, or would take a guard before it for its own.
fn calculates(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The text with an apostrophe before it where a spreadsheet would calculate it.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if calculates(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// The text without the apostrophe that [`guarded`] put there.
pub fn unguarded(cell: &str) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if calculates(cell) => rest.into(),
        _ => cell.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_quoted_and_never_calculate() {
        let mut out = Vec::new();
        let mut table = Writer::new(&mut out).expect("begun");
        table.row(["氏名", "備考"]).expect("written");
        table.row(["佐藤,花", "=1+1"]).expect("written");
        table.row(["\"", "-2"]).expect("written");
        table.finish().expect("ended");
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text, "\u{FEFF}氏名,備考\r\n\"佐藤,花\",'=1+1\r\n\"\"\"\",'-2\r\n");
    }

    #[test]
    fn a_row_of_another_length_is_an_error() {
        let mut table = Writer::new(Vec::new()).expect("begun");
        table.row(["1", "2"]).expect("written");
        assert!(table.row(["1"]).is_err());
    }

    proptest! {
        #[test]
        fn a_guard_comes_off_again(cell in "['=+@a-]{0,4}\\PC{0,8}") {
            let guarded = guarded(&cell).into_owned();
            prop_assert!(!guarded.starts_with(['=', '+', '-', '@']));
            prop_assert_eq!(unguarded(&guarded), cell);
        }
    }
}
