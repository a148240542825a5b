//! A limit on everything that a browser or a program may send, and on what is kept for it.

use jiff::SignedDuration;

/// Bytes of a request's body.
pub(crate) const BODY: usize = 1024 * 1024;
/// Bytes of a form that carries files: two of the largest documents and some text.
pub(crate) const UPLOAD: usize = 48 * 1024 * 1024;
/// Bytes of one file of a form.
pub(crate) const DOCUMENT: usize = 20 * 1024 * 1024;
/// Files of one form.
pub(crate) const FILES: usize = 8;
/// Characters of a file's name.
pub(crate) const FILE_NAME: usize = 100;
/// Forms with files that are read at once; others wait.
pub(crate) const UPLOADS: usize = 4;
/// Fields of one form.
pub(crate) const FIELDS: usize = 600;
/// Characters of one field; longer ones are cut and said to be too long.
pub(crate) const FIELD: usize = 20_000;
/// Characters of an address's query that are looked at.
pub(crate) const QUERY: usize = 4_000;
/// Forms kept for people whose stay ended while they typed, or whose act was refused.
pub(crate) const KEPT: usize = 500;
/// How long such a form is kept.
pub(crate) const KEPT_FOR: SignedDuration = SignedDuration::from_mins(30);
/// Browsers that wait for a password with a proven card.
pub(crate) const WAITING: usize = 1_000;
/// Rows that one page of a list shows.
pub(crate) const ROWS: usize = 50;
/// Operations of open stays that are remembered for their pages.
pub(crate) const NOTED: usize = 5_000;
/// Operations shown below the searches.
pub(crate) const RECENT: usize = 10;
/// Facts shown as evidence on an article's page.
pub(crate) const EVIDENCE: usize = 10;
/// Days that the count of refusals looks back.
pub(crate) const REFUSALS_DAYS: i64 = 30;
/// Rows that one page of 入退室管理簿 shows.
pub(crate) const PASSAGES: usize = 100;
/// Browsers that are told of changes as they happen.
pub(crate) const STREAMS: usize = 64;
/// Milliseconds between two looks for a change.
pub(crate) const STREAM_LOOKS: u64 = 250;
/// Looks between two on whether the stay is still open.
pub(crate) const STREAM_STAY: u64 = 8;
/// Looks without a change after which a stream says that it is still there.
pub(crate) const STREAM_SILENT: u64 = 60;
/// Loans that the key desk shows.
pub(crate) const LOANS: usize = 20;
/// Alarms that a page shows.
pub(crate) const ALARMS: usize = 50;
