//! `residents.csv`: residents in and out of the file as a table.
//!
//! In: UTF-8 with or without a byte order mark, or CP932; columns found by name in any order; every fault with
//! its line and column; all or nothing unless the caller goes on with the good rows. Out: UTF-8 with a byte
//! order mark, CRLF, codes as text, cells that a spreadsheet would calculate made safe.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use forms::csv::{BYTE_ORDER_MARK, Writer, unguarded};
use jiff::civil::Date;
use register::terms::{CheckDigit, Field, IdentificationInformation, Resident, ResidentCode, Schema};
use regulation::wareki;

use crate::limits;

/// The columns, in the order in which they are written.
const COLUMNS: [Field; 7] =
    [Field::Code, Field::Name, Field::Kana, Field::Birth, Field::Sex, Field::Address, Field::Protected];

/// The file cannot be read as a table at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// More bytes than are read.
    #[error("the file has {0} bytes, more than are read")]
    TooLarge(usize),
    /// Neither UTF-8 nor CP932.
    #[error("line {line} is neither UTF-8 nor CP932")]
    Encoding {
        /// From 1.
        line: u64,
    },
    /// No header row.
    #[error("the file has no header row")]
    NoHeader,
    /// Columns that must be there.
    #[error("columns are missing: {}", .0.join(", "))]
    MissingColumns(Vec<&'static str>),
    /// A column twice.
    #[error("the column `{0}` is there twice")]
    DoubleColumn(String),
}

impl FileFault {
    /// For the person who imports.
    pub fn japanese(&self) -> String {
        match self {
            Self::TooLarge(bytes) => format!("ファイルが大きすぎます（{bytes}バイト）"),
            Self::Encoding { line } => format!("{line}行目の文字をUTF-8としてもCP932としても読めません"),
            Self::NoHeader => "見出し行がありません".to_owned(),
            Self::MissingColumns(names) => format!("列がありません: {}", names.join("、")),
            Self::DoubleColumn(name) => format!("列「{name}」が2つあります"),
        }
    }
}

/// What is wrong, or worth saying, at one place of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// From 1, the header included.
    pub line: u64,
    /// The column's name. None when the row as a whole is wrong.
    pub column: Option<&'static str>,
    /// For the person who imports.
    pub japanese: String,
}

impl Note {
    /// `3行目 氏名: …`.
    pub fn at_japanese(&self) -> String {
        match self.column {
            Some(column) => format!("{}行目 {column}: {}", self.line, self.japanese),
            None => format!("{}行目: {}", self.line, self.japanese),
        }
    }
}

/// A row that was not read, as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// From 1, the header included.
    pub line: u64,
    /// The cells as they stood.
    pub cells: Vec<String>,
    /// Why, all reasons in one text.
    pub japanese: String,
}

/// A table as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The header as it stood.
    pub header: Vec<String>,
    /// Columns that mean nothing here and were passed over.
    pub ignored_columns: Vec<String>,
    /// The good rows.
    pub residents: Vec<Resident>,
    /// Rows that were taken, but with a doubt (a wrong check digit under [`CheckDigit::Warn`]).
    pub warnings: Vec<Note>,
    /// What is wrong, in the order of the lines; the first [`limits::FAULTS_LISTED`].
    pub faults: Vec<Note>,
    /// How many faults there are in all.
    pub fault_count: usize,
    /// The rows that are wrong.
    pub rejected: Vec<RejectedRow>,
}

impl Reading {
    /// All residents if nothing is wrong, else what is wrong: an import is all or nothing.
    pub fn whole(self) -> Result<Vec<Resident>, Box<Self>> {
        if self.fault_count == 0 { Ok(self.residents) } else { Err(Box::new(self)) }
    }

    /// Writes the rows that are wrong, with the reason in a column of its own, to be mended and imported again.
    pub fn write_rejected(&self, out: impl Write) -> io::Result<()> {
        let mut writer = Writer::new(out)?;
        writer.row(self.header.iter().map(String::as_str).chain(["行", "理由"]))?;
        for row in &self.rejected {
            let cells = (0..self.header.len()).map(|at| row.cells.get(at).map_or("", String::as_str));
            let line = row.line.to_string();
            writer.row(cells.chain([line.as_str(), row.japanese.as_str()]))?;
        }
        writer.finish()
    }
}

/// Reads a table of residents as of `today`, whose version of the items they get.
pub fn read(bytes: &[u8], today: Date, check: CheckDigit) -> Result<Reading, FileFault> {
    let text = decode(bytes)?;
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // Text cannot fail to be read from memory: it is UTF-8, and rows may be of any length.
    if !rows.read_record(&mut record).unwrap_or(false) {
        return Err(FileFault::NoHeader);
    }
    let header: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
    let columns = Columns::find(&header)?;
    let ignored_columns =
        header.iter().filter(|name| !name.is_empty() && known(name).is_none()).cloned().collect();
    let mut reading = Reading {
        header,
        ignored_columns,
        residents: Vec::new(),
        warnings: Vec::new(),
        faults: Vec::new(),
        fault_count: 0,
        rejected: Vec::new(),
    };
    let mut lines_of_codes = HashMap::new();
    let mut lines = Lines { text: text.as_bytes(), counted: 0, line: 1 };
    while rows.read_record(&mut record).unwrap_or(false) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte) as usize);
        let mut row =
            Row { record: &record, columns: &columns, line, faults: Vec::new(), warnings: Vec::new() };
        let resident = row.resident(today, check);
        if let Some(resident) = &resident
            && let Some(earlier) = lines_of_codes.insert(resident.code(), line)
        {
            row.fault(Field::Code, format!("{earlier}行目と同じ住民票コードです"));
        }
        let (faults, warnings) = (row.faults, row.warnings);
        reading.take(resident, line, &record, faults, warnings);
    }
    Ok(reading)
}

/// Writes a table of residents.
pub fn write<'a>(out: impl Write, residents: impl IntoIterator<Item = &'a Resident>) -> io::Result<()> {
    let mut writer = Writer::new(out)?;
    writer.row(COLUMNS.map(Field::japanese))?;
    for resident in residents {
        let information = &resident.information;
        let (code, birth) = (information.code.to_string(), information.birth.to_string());
        let cells = [
            code.as_str(),
            &information.name,
            &information.kana,
            &birth,
            information.sex.japanese(),
            &information.address,
            if resident.protected { "有" } else { "無" },
        ];
        writer.row(cells)?;
    }
    writer.finish()
}

impl Reading {
    fn take(
        &mut self,
        resident: Option<Resident>,
        line: u64,
        record: &csv::StringRecord,
        faults: Vec<Note>,
        warnings: Vec<Note>,
    ) {
        match resident {
            Some(resident) if faults.is_empty() => {
                self.residents.push(resident);
                self.warnings.extend(warnings);
            }
            _ => {
                let reasons: Vec<&str> = faults.iter().map(|fault| fault.japanese.as_str()).collect();
                self.rejected.push(RejectedRow {
                    line,
                    cells: record.iter().map(str::to_owned).collect(),
                    japanese: reasons.join("。"),
                });
                self.fault_count += faults.len();
                let room = limits::FAULTS_LISTED.saturating_sub(self.faults.len());
                self.faults.extend(faults.into_iter().take(room));
            }
        }
    }
}

/// Counts lines as an editor does. The reader's own count names the line before where lines are blank.
struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that begins at a byte or after the line ends that stand there. Rows come in order.
    fn at(&mut self, byte: usize) -> u64 {
        let start = byte.clamp(self.counted, self.text.len());
        let ends = self.text[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &self.text[self.counted..start + ends];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = start + ends;
        self.line
    }
}

/// Where each column stands.
struct Columns([usize; COLUMNS.len()]);

impl Columns {
    fn find(header: &[String]) -> Result<Self, FileFault> {
        let mut places = [None; COLUMNS.len()];
        for (place, name) in header.iter().enumerate() {
            let before = known(name).and_then(|column| places[column].replace(place));
            if before.is_some() {
                return Err(FileFault::DoubleColumn(name.clone()));
            }
        }
        let missing: Vec<_> = COLUMNS
            .iter()
            .zip(places)
            .filter(|(_, place)| place.is_none())
            .map(|(f, _)| f.japanese())
            .collect();
        if missing.len() == COLUMNS.len() && header.iter().all(String::is_empty) {
            return Err(FileFault::NoHeader);
        }
        if !missing.is_empty() {
            return Err(FileFault::MissingColumns(missing));
        }
        Ok(Self(places.map(|place| place.unwrap_or_default())))
    }
}

fn known(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|field| field.japanese() == name)
}

/// One row while it is read.
struct Row<'a> {
    record: &'a csv::StringRecord,
    columns: &'a Columns,
    line: u64,
    faults: Vec<Note>,
    warnings: Vec<Note>,
}

impl Row<'_> {
    fn resident(&mut self, today: Date, check: CheckDigit) -> Option<Resident> {
        let code = self.code(check);
        let birth = wareki::parse(&self.cell(Field::Birth));
        let birth = birth.map_err(|fault| self.fault(Field::Birth, fault.japanese())).ok();
        let sex = self.cell(Field::Sex).parse();
        let sex =
            sex.map_err(|fault: register::terms::UnknownWord| self.fault(Field::Sex, fault.japanese())).ok();
        let protected = match self.cell(Field::Protected).trim() {
            "有" => Some(true),
            "無" => Some(false),
            other => {
                let shown: String = other.chars().take(20).collect();
                self.fault(
                    Field::Protected,
                    format!("「{shown}」は使えません。有・無のいずれかにしてください"),
                );
                None
            }
        };
        let resident = Resident {
            information: IdentificationInformation {
                schema: Schema::in_force_on(today).unwrap_or(Schema::Heisei14),
                code: code?,
                name: self.cell(Field::Name).into_owned(),
                kana: self.cell(Field::Kana).into_owned(),
                former_surname: None,
                birth: birth?,
                sex: sex?,
                address: self.cell(Field::Address).into_owned(),
                individual_number: None,
                change: None,
            },
            protected: protected?,
            household: None,
        };
        for problem in resident.problems(today) {
            self.fault(problem.field, problem.japanese());
        }
        Some(resident)
    }

    fn code(&mut self, check: CheckDigit) -> Option<ResidentCode> {
        match ResidentCode::parse(&self.cell(Field::Code), check) {
            Ok(parsed) => {
                if let Some(warning) = parsed.warning {
                    let note = self.note(Field::Code, warning.japanese());
                    self.warnings.push(note);
                }
                Some(parsed.code)
            }
            Err(fault) => {
                self.fault(Field::Code, fault.japanese());
                None
            }
        }
    }

    fn cell(&self, field: Field) -> Cow<'_, str> {
        let place = COLUMNS.iter().position(|column| *column == field).map(|column| self.columns.0[column]);
        unguarded(place.and_then(|place| self.record.get(place)).unwrap_or_default())
    }

    fn note(&self, field: Field, japanese: String) -> Note {
        Note { line: self.line, column: Some(field.japanese()), japanese }
    }

    fn fault(&mut self, field: Field, japanese: String) {
        let note = self.note(field, japanese);
        self.faults.push(note);
    }
}

/// The text of a file in UTF-8, with or without its mark, or in CP932.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FileFault> {
    if bytes.len() > limits::IMPORT_BYTES {
        return Err(FileFault::TooLarge(bytes.len()));
    }
    let marked = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes());
    let wrong = match std::str::from_utf8(marked.unwrap_or(bytes)) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(wrong) => wrong,
    };
    let cp932 = |bytes| encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
    match (marked, cp932(bytes)) {
        (None, Some(text)) => Ok(text),
        (None, None) => {
            // No byte of a two-byte character is a line feed, so lines can be tried one by one.
            let bad = bytes.split(|byte| *byte == b'\n').position(|line| cp932(line).is_none());
            Err(FileFault::Encoding { line: bad.unwrap_or_default() as u64 + 1 })
        }
        (Some(text), _) => {
            let before = text.iter().take(wrong.valid_up_to());
            Err(FileFault::Encoding { line: before.filter(|byte| **byte == b'\n').count() as u64 + 1 })
        }
    }
}
