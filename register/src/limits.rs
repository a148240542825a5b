//! A limit on everything that people may write into the register.

/// Longest identifier, in bytes.
pub const IDENTIFIER: usize = 64;
/// Longest name of a person, in characters as people count them.
pub const NAME: usize = 100;
/// Longest reason, purpose, condition or remark, in characters.
pub const TEXT: usize = 500;
/// Longest text that people write at length: minutes, answers, in characters.
pub const LONG_TEXT: usize = 20_000;
/// Things chosen or listed in one field.
pub const CHOSEN: usize = 500;
/// Lines of the operation plan's run sheet.
pub const SHEET: usize = 100;
/// Residents that one operation may touch: what one page of results shows.
pub const TOUCHED: usize = 200;
/// People and appointments that one founding may bring.
pub const FOUNDING: usize = 5_000;
/// People whom one transfer list may move.
pub const TRANSFER: usize = 2_000;
/// Longest file of a transfer list, in bytes.
pub const TRANSFER_BYTES: usize = 4 * 1024 * 1024;
/// Acts of the deputy that the head may see at once.
pub const SEEN: usize = 1_000;
/// Highest number of a tag or a lock's member.
pub const NUMBER: u32 = 99_999;
/// Records that a door controller may report at once.
pub const REPORTS: usize = 500;
/// Questions of a controller of which it may still say what came of them.
pub const DECIDED: usize = 256;
/// Passages among which one that a door did not carry out is looked for.
pub const UNMADE_WITHIN: usize = 2_000;
/// Findings that one entry of a journal holds.
pub const FINDINGS: usize = 10;
/// Lines that one file of another door system may have.
pub const IMPORT: usize = 20_000;
/// Longest such file, in bytes.
pub const IMPORT_BYTES: usize = 8 * 1024 * 1024;
/// Days within which a card that was issued signs in for the first time.
pub const RECEIPT_DAYS: i64 = 14;
/// Days ahead of a transfer in which a card that comes back is counted to it.
pub const COLLECTED_AHEAD: i64 = 31;
/// Days for which a lost card may be looked for before it is revoked.
pub const LOST_DAYS: i64 = 14;
/// Days ahead of which an inspection of cards is announced.
pub const INSPECTION_NOTICE: i64 = 30;
/// Requests remembered, so that a second submission is told from a second act.
pub const REQUESTS: usize = 20_000;
/// Refusals kept in memory; all of them stay in the journal.
pub const REFUSALS: usize = 2_000;
/// Receipts kept in memory as evidence for one provision.
pub const EVIDENCE: usize = 50;
/// Residents that one act may enter into the CS's file.
pub const ENTERED: usize = 1_000;
