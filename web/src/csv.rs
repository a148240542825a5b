//! Ledgers as files that spreadsheets open: UTF-8 with BOM, CRLF, and cells that are never formulas.

/// The file.
pub(crate) fn write<'a>(rows: impl IntoIterator<Item = Vec<std::borrow::Cow<'a, str>>>) -> String {
    let mut out = String::from('\u{feff}');
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            field(&mut out, cell);
        }
        out.push_str("\r\n");
    }
    out
}

fn field(out: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !cell.contains([',', '"', '\n', '\r']) {
        out.push_str(cell);
        return;
    }
    out.push('"');
    // A quotation mark of its own makes a spreadsheet read it as text.
    if formula {
        out.push('\'');
    }
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let rows = [
            vec!["氏名".into(), "備考".into()],
            vec!["佐藤,花".into(), "=1+1".into()],
            vec!["\"".into(), "-2".into()],
        ];
        let text = write(rows);
        assert_eq!(text, "\u{feff}氏名,備考\r\n\"佐藤,花\",\"'=1+1\"\r\n\"\"\"\",\"'-2\"\r\n");
    }
}
