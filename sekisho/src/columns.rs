//! Tables for the terminal, whose columns line up where Japanese characters are two columns wide.

use std::fmt::Write as _;

/// Columns that a text takes. Good for Japanese and ASCII, which is all that the program prints in tables.
fn width(text: &str) -> usize {
    let of = |c: char| match c {
        '\u{FF61}'..='\u{FFDC}' => 1,
        '\u{1100}'.. => 2,
        _ => 1,
    };
    text.chars().map(of).sum()
}

/// A table: a head, a rule, rows. The last column is not padded.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(width);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let mut text = String::new();
    let mut line = |cells: [&str; N]| {
        let mut row = String::new();
        for (cell, widest) in cells.iter().zip(widths) {
            let _ = write!(row, "{cell}{}  ", " ".repeat(widest.saturating_sub(width(cell))));
        }
        let _ = writeln!(text, "  {}", row.trim_end());
    };
    line(head);
    let rules = widths.map(|widest| "-".repeat(widest));
    line(rules.each_ref().map(String::as_str));
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["関守 明".to_owned(), "T-1".to_owned()], ["ab".to_owned(), "T-22".to_owned()]];
        let table = table(["氏名", "端末"], &rows);
        assert_eq!(table, "  氏名     端末\n  -------  ----\n  関守 明  T-1\n  ab       T-22\n");
    }
}
