//! The tour's last scene: a copy of the journal is changed in one place, and verification says where.
//!
//! Only a copy in a folder of its own is touched, and the folder is taken away again.

use std::path::Path;

use journal::Report;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

/// What was done to the copy, and what verification said of it.
pub(crate) struct Tampered {
    /// Which entry of which journal was changed.
    pub(crate) what: String,
    /// What verification said.
    pub(crate) report: Report,
}

/// Copies the journals of `data`, changes one entry of the operations, and verifies the copy.
///
/// None when there is nothing yet to change.
///
/// # Errors
/// In words for the administrator, when the copy cannot be made.
pub(crate) fn tamper(data: &Path) -> Result<Option<Tampered>, String> {
    let name = format!("sekisho-copy-{}", crate::guard::random_hex());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder).map_err(|error| error.to_string())?;
    let outcome = change_copy(data, &folder);
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        tracing::warn!(%error, "the copy of the journal cannot be removed");
    }
    outcome
}

fn change_copy(data: &Path, folder: &Path) -> Result<Option<Tampered>, String> {
    let copy = folder.join("sekisho.db");
    let text = |error: rusqlite::Error| error.to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(data.join("sekisho.db"), flags).map_err(text)?;
    source.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map_err(text)?;
    drop(source);
    let db = Connection::open(&copy).map_err(text)?;
    let newest =
        "SELECT tail.journal, tail.idx, tail.lines FROM tail JOIN journal ON journal.id = tail.journal
                  WHERE journal.name = 'operations' ORDER BY tail.idx DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
    };
    let Some((journal, index, lines)) = db.query_row(newest, [], row).optional().map_err(text)? else {
        return Ok(None);
    };
    let (first, rest) = lines.split_once('\n').ok_or("the newest row has no line")?;
    let (changed, by, other) = another_name(first)?;
    let lines = format!("{changed}\n{rest}");
    db.execute("UPDATE tail SET lines = ?1 WHERE journal = ?2 AND idx = ?3", (lines, journal, index))
        .map_err(text)?;
    drop(db);
    let report = journal::verify(folder, &[]).map_err(|error| error.to_string())?;
    let what = format!("写しの操作の原簿 第{index}号の操作者を「{by}」から「{other}」に書き換えました");
    Ok(Some(Tampered { what, report }))
}

/// What somebody who wants to hide would do: another name under the operation.
fn another_name(entry: &str) -> Result<(String, String, String), String> {
    let mut body: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(entry).map_err(|error| error.to_string())?;
    let by = body.get("by").and_then(|by| by.as_str()).unwrap_or_default().to_owned();
    let other = format!("{by}0");
    body.insert("by".to_owned(), other.clone().into());
    let changed = serde_json::to_string(&body).map_err(|error| error.to_string())?;
    Ok((changed, by, other))
}
