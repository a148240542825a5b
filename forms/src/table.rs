//! Reading a table that the city hands in: columns by heading in any order, every fault with its line.
//!
//! The file is UTF-8, with or without a byte order mark, or CP932; lines end with CRLF or LF. A [`Table`] says
//! once which columns there are. Reading it collects all faults of form; what a cell means is for whoever
//! declared the table to say, with the same [`Faults`].

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord};
use encoding_rs::SHIFT_JIS;

use crate::csv::{BYTE_ORDER_MARK, unguarded};
use crate::fault::{Faults, quoted};
use crate::limits;

/// A kind of file that is read: its columns, and how much of it may come.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What it is, for people: 人事異動の一覧.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Rows at most.
    pub rows: usize,
    /// Bytes at most.
    pub bytes: usize,
}

/// A column, by its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: &'static str,
    /// A file without it cannot be read.
    pub required: bool,
}

impl Column {
    /// A column that must be there.
    pub const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }

    /// A column that may be missing: all its cells are empty then.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, required: false }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    header: Vec<String>,
    /// For each column of the table its name and its place in the file.
    places: Vec<(&'static str, Option<usize>)>,
    records: Vec<(usize, StringRecord)>,
    ignored: Vec<String>,
}

impl Sheet {
    /// The rows in the order of the file, without those that are empty.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row { line: *line, places: &self.places, record })
    }

    /// The headings as they stood.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Headings that the table does not have: passed over, and to be told.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The line in the file on which it begins, from 1.
    pub line: usize,
    places: &'a [(&'static str, Option<usize>)],
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The cell of a column as it was exported; empty where the file has no such column.
    pub fn cell(&self, column: &str) -> Cow<'_, str> {
        let place = self.places.iter().find(|(name, _)| *name == column).and_then(|(_, place)| *place);
        unguarded(place.and_then(|place| self.record.get(place)).unwrap_or_default())
    }

    /// The cell of a column without blanks around it.
    pub fn text(&self, column: &str) -> String {
        self.cell(column).trim().to_owned()
    }

    /// All cells as they stood in the file.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.record.iter()
    }
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// Every fault of its form, when there is any: nothing of the file is to be used then.
    pub fn read(&self, bytes: &[u8]) -> Result<Sheet, Faults> {
        let mut faults = Faults::default();
        let sheet = self.sheet(bytes, &mut faults);
        faults.or(sheet)
    }

    /// What can be read of a file, and what is wrong with the rest.
    pub fn sheet(&self, bytes: &[u8], faults: &mut Faults) -> Sheet {
        let mut sheet =
            Sheet { header: Vec::new(), places: Vec::new(), records: Vec::new(), ignored: Vec::new() };
        if bytes.len() > self.bytes {
            faults.note(1, None, format!("{}として大きすぎます（{}バイトまで）", self.name, self.bytes));
            return sheet;
        }
        let text = match decoded(bytes) {
            Ok(text) => text,
            Err((line, what)) => {
                faults.note(line, None, what);
                return sheet;
            }
        };
        let mut records = Records::of(&text);
        let Some((line, header)) = records.next() else {
            faults.note(1, None, format!("見出しの行がありません。{}", self.headings()));
            return sheet;
        };
        sheet.header = header.iter().map(|name| name.trim().to_owned()).collect();
        let Some(places) = self.places(line, &sheet.header, faults) else { return sheet };
        sheet.places = places;
        sheet.ignored = self.unknown(&sheet.header);
        while let Some((line, record)) = records.next() {
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if sheet.records.len() == self.rows {
                faults.note(line, None, format!("{}は一度に{}行までです", self.name, self.rows));
                break;
            }
            let (is, should) = (record.len(), sheet.header.len());
            if records.open_quote() {
                faults.note(line, None, "引用符（\"）が閉じていません");
            } else if is != should {
                faults.note(line, None, format!("見出しは{should}列ですが、この行は{is}列です"));
            } else if self.sound(line, &record, &sheet.places, faults) {
                sheet.records.push((line, record));
            }
        }
        sheet
    }

    fn headings(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        format!("1行目に見出し（{}）を書いてください", names.join("、"))
    }

    fn places(
        &self,
        line: usize,
        header: &[String],
        faults: &mut Faults,
    ) -> Option<Vec<(&'static str, Option<usize>)>> {
        let before = faults.count();
        let mut places = Vec::new();
        for Column { name, required } in self.columns.iter().copied() {
            let mut found = (0..header.len()).filter(|place| header[*place] == name);
            let first = found.next();
            if found.next().is_some() {
                faults.note(line, Some(name), "同じ見出しの列が二つあります");
            }
            if first.is_none() && required {
                faults.note(line, Some(name), format!("この列がありません。{}", self.headings()));
            }
            places.push((name, first));
        }
        (faults.count() == before).then_some(places)
    }

    fn unknown(&self, header: &[String]) -> Vec<String> {
        let known = |name: &str| self.columns.iter().any(|column| column.name == name);
        header.iter().filter(|name| !name.is_empty() && !known(name)).map(|name| quoted(name)).collect()
    }

    /// The cells are text of a bearable length.
    fn sound(
        &self,
        line: usize,
        record: &StringRecord,
        places: &[(&'static str, Option<usize>)],
        faults: &mut Faults,
    ) -> bool {
        let before = faults.count();
        for (name, place) in places {
            let cell = place.and_then(|place| record.get(place)).unwrap_or_default();
            if cell.chars().count() > limits::CELL {
                faults.note(line, Some(name), format!("{}文字までです", limits::CELL));
            } else if cell.chars().any(|c| c.is_control() && !"\t\r\n".contains(c)) {
                faults.note(line, Some(name), "文字でないもの（制御文字）が入っています");
            }
        }
        faults.count() == before
    }
}

/// The text of a file, or the line that cannot be read and why.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, (usize, &'static str)> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err((1, "UTF-16のファイルです。UTF-8（CSV UTF-8）で保存してください"));
    }
    let marked = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes());
    let wrong = match std::str::from_utf8(marked.unwrap_or(bytes)) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(wrong) => wrong,
    };
    if let Some(text) = marked {
        let read = &text[..wrong.valid_up_to()];
        return Err((1 + breaks(read), "UTF-8として読めない文字があります"));
    }
    let cp932 = |bytes| SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
    cp932(bytes).ok_or_else(|| {
        // No byte of a two-byte character is a line feed, so that lines can be tried one by one.
        let bad = bytes.split(|byte| *byte == b'\n').position(|line| cp932(line).is_none());
        (bad.unwrap_or_default() + 1, "UTF-8としてもCP932（Shift_JIS）としても読めない文字があります")
    })
}

fn breaks(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// The records of a text, each with the line on which it begins.
struct Records<'a> {
    text: &'a [u8],
    reader: ::csv::Reader<&'a [u8]>,
    /// Where the record that was read last stands in the text.
    last: std::ops::Range<usize>,
    /// The lines before `last`, counted as an editor does: the reader's own count goes astray at blank lines.
    lines: usize,
}

impl<'a> Records<'a> {
    fn of(text: &'a str) -> Self {
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        Self { text: text.as_bytes(), reader, last: 0..0, lines: 0 }
    }

    /// The last record has a quotation mark without its other half, and with it swallowed what follows.
    fn open_quote(&self) -> bool {
        self.text[self.last.clone()].iter().filter(|byte| **byte == b'"').count() % 2 == 1
    }
}

impl Iterator for Records<'_> {
    type Item = (usize, StringRecord);

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = StringRecord::new();
        // Reading text from memory does not fail, and rows may be of any length.
        if !self.reader.read_record(&mut record).unwrap_or(false) {
            return None;
        }
        let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        let begin = place(record.position().map_or(0, ::csv::Position::byte)).max(self.last.start);
        let blank = self.text[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = begin + blank;
        let end = place(self.reader.position().byte()).max(begin);
        self.lines += breaks(&self.text[self.last.start..begin]);
        self.last = begin..end;
        Some((self.lines + 1, record))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::csv::Writer;

    const PEOPLE: Table = Table {
        name: "名簿",
        columns: &[Column::required("番号"), Column::required("氏名"), Column::optional("備考")],
        rows: 50,
        bytes: 100_000,
    };

    fn faults(bytes: &[u8]) -> Vec<String> {
        PEOPLE.read(bytes).map(|sheet| panic!("{sheet:?}")).unwrap_or_else(|faults| faults.japanese())
    }

    fn names(bytes: &[u8]) -> Vec<(usize, String)> {
        let sheet = PEOPLE.read(bytes).unwrap_or_else(|faults| panic!("{:?}", faults.japanese()));
        sheet.rows().map(|row| (row.line, row.text("氏名"))).collect()
    }

    #[test]
    fn every_encoding_and_line_end_gives_the_same() {
        let text = "番号,氏名,備考\n1,髙橋　一郎,\"二行の\n備考\"\n\n2,架空,\n";
        let should = [(2, "髙橋　一郎".to_owned()), (5, "架空".to_owned())];
        let crlf = text.replace('\n', "\r\n");
        let (cp932, _, lost) = SHIFT_JIS.encode(&crlf);
        assert!(!lost);
        for bytes in [text.as_bytes(), crlf.as_bytes(), format!("\u{FEFF}{crlf}").as_bytes(), &cp932] {
            assert_eq!(names(bytes), should);
        }
    }

    #[test]
    fn columns_are_found_by_heading_and_unknown_ones_told() {
        let sheet = PEOPLE.read("内線, 氏名 ,番号\n101,架空,'=1\n".as_bytes()).expect("read");
        assert_eq!(sheet.ignored(), ["内線"]);
        let row = sheet.rows().next().expect("a row");
        assert_eq!((&*row.cell("番号"), &*row.text("氏名"), &*row.cell("備考")), ("=1", "架空", ""));
    }

    #[test]
    fn all_faults_are_told_with_their_lines() {
        let text = "番号,氏名,備考\n1,a\n\n2,b,\u{7}\n3,c,d,e\n4,\"f,\n5,g,\n";
        assert_eq!(
            faults(text.as_bytes()),
            [
                "2行目: 見出しは3列ですが、この行は2列です",
                "4行目「備考」: 文字でないもの（制御文字）が入っています",
                "5行目: 見出しは3列ですが、この行は4列です",
                "6行目: 引用符（\"）が閉じていません",
            ]
        );
    }

    #[test]
    fn a_file_that_is_no_table_says_why() {
        let cases: [(&[u8], &str); 7] = [
            (b"", "1行目: 見出しの行がありません"),
            ("番号\n1\n".as_bytes(), "1行目「氏名」: この列がありません"),
            ("番号,氏名,氏名\n".as_bytes(), "1行目「氏名」: 同じ見出しの列が二つあります"),
            (b"a,b\nx\n\x82\n", "3行目: UTF-8としてもCP932"),
            (b"\xEF\xBB\xBFa,b\n\xFF\n", "2行目: UTF-8として読めない"),
            (b"\xFF\xFEa\0", "1行目: UTF-16のファイルです"),
            (&[b'a'; 100_001], "1行目: 名簿として大きすぎます（100000バイトまで）"),
        ];
        for (bytes, says) in cases {
            assert!(faults(bytes)[0].starts_with(says), "{:?}", faults(bytes));
        }
    }

    #[test]
    fn rows_and_faults_have_a_limit() {
        let many = |row: &str, n: usize| format!("番号,氏名\n{}", row.repeat(n));
        assert_eq!(names(many("1,a\n", 50).as_bytes()).len(), 50);
        assert_eq!(faults(many("1,a\n", 51).as_bytes()), ["52行目: 名簿は一度に50行までです"]);
        let told = faults(many("1\n", 130).as_bytes());
        assert_eq!((told.len(), &*told[100]), (101, "ほかに30件あります"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = PEOPLE.read(&bytes);
            let _ = PEOPLE.read(&[b"\x94\xD4\x8D\x86,\x8E\x81\x96\xBC\n", &bytes[..]].concat());
        }

        #[test]
        fn any_text_is_answered(text in "([a,\"\r\n]|\\PC){0,60}") {
            let text = format!("番号,氏名\n{text}");
            if let Err(faults) = PEOPLE.read(text.as_bytes()) {
                let last = text.matches('\n').count() + 1;
                prop_assert!(faults.iter().all(|fault| (1..=last).contains(&fault.line)));
            }
        }

        #[test]
        fn what_is_written_is_read(cells in proptest::collection::vec("[=+@'\",\r\na-]{0,4}\\PC{0,6}", 1..10)) {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out).expect("begun");
            writer.row(["氏名", "番号"]).expect("written");
            for cell in &cells {
                writer.row([cell.as_str(), "1"]).expect("written");
            }
            writer.finish().expect("ended");
            let sheet = PEOPLE.read(&out).expect("sound");
            let read: Vec<_> = sheet.rows().map(|row| row.cell("氏名").into_owned()).collect();
            prop_assert_eq!(read, cells);
        }
    }
}
