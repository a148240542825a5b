//! `passages.csv`: records of an existing door system, held against the same ledgers.

use std::collections::HashSet;

use forms::{Column, Faults, Row, Table};
use jiff::Timestamp;
use regulation::wareki;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::findings::{self, Finding, of_passages};
use super::passage::{Direction, Means, Passage, Passed, Via};
use super::{Fact, TagNo};
use crate::{City, Occasion, PersonId, Receipt, RoomId, limits};

const AT: &str = "日時";
const ROOM: &str = "室";
const DIRECTION: &str = "方向";
const NAME: &str = "氏名";
const SECTION: &str = "所属";
const PERSON: &str = "職員番号";
const MEANS: &str = "方法";
const ESCORT: &str = "立会者";
const TAG: &str = "名札番号";
const PURPOSE: &str = "目的";

/// The file's columns and limits.
pub const TABLE: Table = Table {
    name: "入退室の記録",
    columns: &[
        Column::required(AT),
        Column::required(ROOM),
        Column::required(DIRECTION),
        Column::required(NAME),
        Column::optional(SECTION),
        Column::required(PERSON),
        Column::required(MEANS),
        Column::optional(ESCORT),
        Column::optional(TAG),
        Column::optional(PURPOSE),
    ],
    rows: limits::IMPORT,
    bytes: limits::IMPORT_BYTES,
};

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The line, from 1.
    pub line: usize,
    /// 日時.
    pub at: Timestamp,
    /// 室: name or code, as written.
    pub room: String,
    /// 方向.
    pub direction: Direction,
    /// 氏名.
    pub name: String,
    /// 所属, as written.
    pub organisation: String,
    /// 職員番号, where there is one.
    pub person: Option<PersonId>,
    /// 方法, as written.
    pub means: String,
    /// 立会者: number or name, as written.
    pub escort: String,
    /// 名札番号.
    pub tag: Option<TagNo>,
    /// 目的.
    pub purpose: String,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageFile {
    /// Its lines.
    pub rows: Vec<ImportRow>,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// Headings that were passed over.
    pub ignored: Vec<String>,
}

/// Reads the file.
///
/// # Errors
/// Every fault of its form, with line and column; nothing is taken then.
pub fn read(bytes: &[u8]) -> Result<PassageFile, Faults> {
    let mut faults = Faults::default();
    let sheet = TABLE.sheet(bytes, &mut faults);
    let rows = sheet.rows().filter_map(|row| import_row(&row, &mut faults)).collect();
    let digest = hex::encode(Sha256::digest(bytes));
    faults.or(PassageFile { rows, digest, ignored: sheet.ignored().to_vec() })
}

fn import_row(row: &Row<'_>, faults: &mut Faults) -> Option<ImportRow> {
    let at = moment(&row.text(AT));
    if at.is_none() {
        faults.note(row.line, Some(AT), "日時として読めません（例：2026/04/01 08:30:00）");
    }
    let direction = match row.text(DIRECTION).as_str() {
        "入" | "入室" => Some(Direction::In),
        "出" | "退" | "退室" => Some(Direction::Out),
        _ => None,
    };
    if direction.is_none() {
        faults.note(row.line, Some(DIRECTION), "「入室」か「退室」で書いてください");
    }
    let number = row.text(PERSON);
    let person = (!number.is_empty()).then(|| number.parse::<PersonId>());
    let person = match person.transpose() {
        Ok(person) => Some(person),
        Err(error) => {
            faults.note(row.line, Some(PERSON), error.japanese());
            None
        }
    };
    let tag = row.text(TAG);
    let tag = match (tag.is_empty(), tag.parse::<TagNo>()) {
        (true, _) => Some(None),
        (false, Ok(tag)) => Some(Some(tag)),
        (false, Err(error)) => {
            faults.note(row.line, Some(TAG), error.japanese());
            None
        }
    };
    for (column, most) in [(ROOM, limits::NAME), (NAME, limits::NAME), (SECTION, limits::NAME)] {
        too_long(row, column, most, faults);
    }
    for column in [MEANS, ESCORT, PURPOSE] {
        too_long(row, column, limits::TEXT, faults);
    }
    Some(ImportRow {
        line: row.line,
        at: at?,
        room: row.text(ROOM),
        direction: direction?,
        name: row.text(NAME),
        organisation: row.text(SECTION),
        person: person?,
        means: row.text(MEANS),
        escort: row.text(ESCORT),
        tag: tag?,
        purpose: row.text(PURPOSE),
    })
}

fn too_long(row: &Row<'_>, column: &'static str, most: usize, faults: &mut Faults) {
    if row.text(column).chars().count() > most {
        faults.note(row.line, Some(column), format!("{most}文字までです"));
    }
}

/// RFC 3339, or `2026/04/01 08:30:00` meaning Japan time; the day as the city writes days as well.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let (day, time) = text.split_once([' ', '　', 'T'])?;
    let day = wareki::parse(&day.replace('/', "-")).ok()?;
    let time: jiff::civil::Time = time.trim().parse().ok()?;
    jiff::tz::offset(9).to_timestamp(day.to_datetime(time)).ok()
}

/// What a file would bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The passages that are new.
    pub new: Vec<Passed>,
    /// How many lines are known already.
    pub again: usize,
    /// What does not fit about the new ones.
    pub findings: Vec<Finding>,
}

/// What a file would bring: the passages that are new, and what does not fit about them.
///
/// # Errors
/// Every fault of what its cells mean, with line and column.
pub fn preview(city: &City, file: &PassageFile) -> Result<Preview, Faults> {
    let mut faults = Faults::default();
    let people = Names::of(city);
    let known: HashSet<_> = city.rooms.passages().all().iter().map(|p| key_of(&p.passed)).collect();
    let mut seen = HashSet::new();
    let mut new = Vec::new();
    for row in &file.rows {
        let Some(one) = people.passed(city, row, &file.digest, &mut faults) else { continue };
        let key = key_of(&one);
        if !known.contains(&key) && seen.insert(key) {
            new.push(one);
        }
    }
    let mut new = faults.or(new)?;
    for one in &mut new {
        one.permit = city.permit(&one.person, &one.room, one.at).map(|permit| permit.case.clone());
    }
    let findings = compare(city, &new, &file.digest);
    Ok(Preview { again: file.rows.len() - new.len(), new, findings })
}

/// What a file brings, as facts.
pub(super) fn decide(city: &City, file: &PassageFile, _on: &Occasion) -> Result<Vec<Fact>, crate::Invalid> {
    let Preview { new, again, findings } = preview(city, file).map_err(crate::Invalid::List)?;
    let found = findings.len();
    let (findings, rest) = findings::in_entries(findings);
    let imported = Imported { file: file.digest.clone(), lines: file.rows.len(), again, found, findings };
    let passed = new.into_iter().map(|one| Fact::Passed(Box::new(one)));
    Ok(std::iter::once(Fact::PassagesImported(Box::new(imported))).chain(rest).chain(passed).collect())
}

/// A file that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// SHA-256 of it, in hex.
    pub file: String,
    /// How many lines it has.
    pub lines: usize,
    /// How many of them were known already.
    pub again: usize,
    /// How much did not fit.
    #[serde(default)]
    pub found: usize,
    /// What did not fit; as many as one entry holds, the others follow.
    pub findings: Vec<Finding>,
}

type Key = (Timestamp, RoomId, Direction, PersonId, String);

fn key_of(passed: &Passed) -> Key {
    (passed.at, passed.room.clone(), passed.direction, passed.person.clone(), passed.name.clone())
}

/// The findings about imported passages: the file and its line stand for the receipt, which is yet to come.
fn compare(city: &City, passed: &[Passed], file: &str) -> Vec<Finding> {
    let as_recorded: Vec<Passage> = passed
        .iter()
        .map(|one| {
            let line = if let Via::Import { line, .. } = one.via { line as u64 } else { 0 };
            let journal = format!("import-{}", file.get(..12).unwrap_or(file));
            let receipt = Receipt { journal, index: line };
            Passage { passed: one.clone(), receipt, by: PersonId::nobody(), unmade: false }
        })
        .collect();
    of_passages(city, &as_recorded.iter().collect::<Vec<_>>())
}

/// Rooms and people by the names that other systems write.
struct Names {
    people: std::collections::HashMap<String, Option<PersonId>>,
}

impl Names {
    fn of(city: &City) -> Self {
        let mut people = std::collections::HashMap::new();
        let staff = city.organization.people().map(|(id, person)| (id, &person.name));
        let outside = city.rooms.outsiders().map(|(id, outsider)| (id, &outsider.name));
        for (id, name) in staff.chain(outside) {
            // Two of one name: the name alone names neither.
            let same = people.entry(plain(name)).or_insert_with(|| Some(id.clone()));
            if same.as_ref() != Some(id) {
                *same = None;
            }
        }
        Self { people }
    }

    fn person(&self, name: &str) -> Option<PersonId> {
        self.people.get(&plain(name)).cloned().flatten()
    }

    fn passed(&self, city: &City, row: &ImportRow, file: &str, faults: &mut Faults) -> Option<Passed> {
        let rooms = city.profile().rooms();
        let room = rooms.iter().find(|room| room.id == row.room || room.name == row.room);
        let Some(room) = room.and_then(|room| room.id.parse().ok()) else {
            faults.note(row.line, Some(ROOM), format!("「{}」という室はありません", row.room));
            return None;
        };
        let known = row.person.clone().filter(|id| city.knows(id)).or_else(|| self.person(&row.name));
        let attended = |by: &str| by.parse().ok().filter(|id| city.knows(id)).or_else(|| self.person(by));
        let means = match (row.escort.is_empty(), row.means.as_str()) {
            (false, _) => {
                Means::Escorted { by: attended(&row.escort).unwrap_or_else(PersonId::nobody), escort: None }
            }
            (true, means) if means.contains('鍵') => Means::Key(None),
            (true, means) if means.contains("指紋") => Means::Fingerprint(None),
            (true, "受付") => Means::Attended,
            (true, _) => Means::Unstated,
        };
        Some(Passed {
            person: known.clone().unwrap_or_else(PersonId::nobody),
            name: if known.is_none() { row.name.clone() } else { String::new() },
            room,
            direction: row.direction,
            at: row.at,
            means,
            tag: row.tag,
            permit: None,
            door: None,
            purpose: row.purpose.clone(),
            via: Via::Import { file: file.to_owned(), line: row.line },
        })
    }
}

/// A name without the blanks between family name and given name.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}
