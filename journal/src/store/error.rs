//! What can go wrong between the journal and its file.

use crate::entry::{EntryError, JournalName};
use crate::note::NoteError;

/// Why the file could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such file.
    #[error("there is no `{0}`")]
    Missing(String),
    /// The disk, or the limit set for the file, is full.
    #[error("no room left on the disk")]
    Full,
    /// The file or its disk may not be written.
    #[error("the journals' file is read-only")]
    ReadOnly,
    /// The file could not be opened.
    #[error("the journals' file cannot be opened")]
    CannotOpen,
    /// Another program holds a lock on it.
    #[error("another program holds the journals' file")]
    Busy,
    /// Written by another version, or not by this program.
    #[error("the journals' file has another form (application {id:#x}, version {version})")]
    Form {
        /// SQLite's `application_id`.
        id: i32,
        /// SQLite's `user_version`.
        version: i32,
    },
    /// The operating system failed.
    #[error("input or output failed: {0}")]
    Io(String),
    /// What the file holds does not fit together.
    #[error("journal `{journal}` is damaged at entry {index}: {what}")]
    Damaged {
        /// The journal.
        journal: String,
        /// The first entry that it concerns.
        index: u64,
        /// What is wrong.
        what: String,
    },
    /// The file is no intact SQLite database.
    #[error("the journals' file is damaged: {0}")]
    Corrupt(String),
    /// Anything else that SQLite says.
    #[error("the journals' file: {0}")]
    Sqlite(String),
}

impl StoreError {
    pub(crate) fn io(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io(error.to_string()),
        }
    }

    pub(crate) fn damaged(journal: &JournalName, index: u64, what: &str) -> Self {
        Self::Damaged { journal: journal.to_string(), index, what: what.to_owned() }
    }

    /// The same for the people who work with the program.
    pub fn japanese(&self) -> String {
        match self {
            Self::Missing(path) => format!("原簿のファイル {path} がありません"),
            Self::Full => "ディスクに空きがありません".to_owned(),
            Self::ReadOnly => "原簿のファイルが書込み禁止になっています".to_owned(),
            Self::CannotOpen => "原簿のファイルを開けません".to_owned(),
            Self::Busy => "ほかのプログラムが原簿のファイルを使用しています".to_owned(),
            Self::Form { .. } => "原簿のファイルの形式が異なります".to_owned(),
            Self::Io(error) => format!("入出力に失敗しました（{error}）"),
            Self::Damaged { journal, index, .. } => {
                format!("原簿 {journal} の第{index}項に破損があります")
            }
            Self::Corrupt(error) => format!("原簿のファイルが壊れています（{error}）"),
            Self::Sqlite(error) => format!("原簿のファイルを読み書きできません（{error}）"),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full,
            Some(Code::ReadOnly) => Self::ReadOnly,
            Some(Code::CannotOpen) => Self::CannotOpen,
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::SystemIoFailure) => Self::Io(error.to_string()),
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Corrupt(error.to_string()),
            _ => Self::Sqlite(error.to_string()),
        }
    }
}

/// Why the journals of a data directory could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process appends to this data directory.
    #[error("another process has `{0}` open")]
    InUse(String),
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key file that others may read.
    #[error("`{0}` can be read by others; its mode must be 0600")]
    KeyExposed(String),
    /// A journal exists but its key does not.
    #[error("the key of journal `{journal}` is missing: `{path}`")]
    KeyMissing {
        /// The journal.
        journal: String,
        /// Where its key should be.
        path: String,
    },
    /// The key is not the one that the journal was made with.
    #[error("`{0}` is not the key that this journal was made with")]
    OtherKey(String),
    /// The key file holds no key, or none could be made.
    #[error("key of journal `{journal}`: {error}")]
    Key {
        /// The journal.
        journal: String,
        /// What is wrong.
        error: NoteError,
    },
    /// More journals than the limit.
    #[error("more than {} journals", crate::limits::MAX_JOURNALS)]
    TooMany,
    /// The writer's thread could not be started.
    #[error("no thread for the writer: {0}")]
    Thread(String),
}

/// Why a call of `append` recorded nothing. Nothing of it is visible, now or later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A draft that cannot be an entry.
    #[error("draft {position}: {error}")]
    Draft {
        /// Which of the call's drafts, from 0.
        position: usize,
        /// What is wrong with it.
        error: EntryError,
    },
    /// A draft for a journal that is not open here.
    #[error("there is no journal `{0}`")]
    UnknownJournal(JournalName),
    /// More entries or bytes than one call may have.
    #[error("too much for one call: {entries} entries, {bytes} bytes")]
    TooMuch {
        /// Entries of the call.
        entries: usize,
        /// Bytes of them.
        bytes: usize,
    },
    /// More calls are waiting than the limit.
    #[error("too many calls are waiting")]
    Overloaded,
    /// The journal is at its largest size.
    #[error("the journal is full")]
    TreeFull,
    /// The system gave no random bytes for the salts.
    #[error("no random bytes: {0}")]
    Random(String),
    /// The file could not be written.
    #[error("not recorded: {0}")]
    Store(#[from] StoreError),
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
}

impl AppendError {
    /// The same for the people who work with the program.
    pub fn japanese(&self) -> String {
        match self {
            Self::Draft { error, .. } => format!("原簿に記録できない内容です（{error}）"),
            Self::UnknownJournal(name) => format!("原簿 {name} がありません"),
            Self::TooMuch { .. } => "一度に記録できる量を超えています".to_owned(),
            Self::Overloaded => "記録待ちが多すぎます。しばらくしてからやり直してください".to_owned(),
            Self::TreeFull => "原簿がいっぱいです".to_owned(),
            Self::Random(_) => "乱数が得られないため原簿に記録できません".to_owned(),
            Self::Store(error) => format!("原簿に記録できません：{}", error.japanese()),
            Self::Closed => "原簿は閉じられています".to_owned(),
        }
    }
}

/// Why something could not be read from a journal, proved or signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No such journal.
    #[error("there is no journal `{0}`")]
    UnknownJournal(JournalName),
    /// No such entry or tree yet.
    #[error("journal `{journal}` has {size} entries, not {asked}")]
    BeyondEnd {
        /// The journal.
        journal: JournalName,
        /// Its size, or that of its last checkpoint.
        size: u64,
        /// The index or size asked for.
        asked: u64,
    },
    /// The file, or what is in it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A checkpoint could not be signed or opened.
    #[error(transparent)]
    Checkpoint(#[from] crate::checkpoint::CheckpointError),
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
}

impl ReadError {
    /// The same for the people who work with the program.
    pub fn japanese(&self) -> String {
        match self {
            Self::UnknownJournal(name) => format!("原簿 {name} がありません"),
            Self::BeyondEnd { journal, size, .. } => format!("原簿 {journal} は{size}項までです"),
            Self::Store(error) => error.japanese(),
            Self::Checkpoint(error) => format!("署名付き検査点を扱えません（{error}）"),
            Self::Closed => "原簿は閉じられています".to_owned(),
        }
    }
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
