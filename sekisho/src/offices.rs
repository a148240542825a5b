//! Opening the office on a folder, and what to tell people when it cannot be opened.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use office::clock::Clock;
use office::credentials::HashingCost;
use office::{Config, Mode, Office, OpenError};
use regulation::Profile;

use crate::failure::Failure;

/// The office of the city kept in `data`.
pub(crate) fn open(
    data: &Path,
    profile: Profile,
    mode: Mode,
    origin: String,
    clock: Arc<dyn Clock>,
) -> Result<Office, Failure> {
    make_private(data).map_err(|error| {
        let cause = error.to_string();
        not_opened(data, &OpenError::File { path: data.to_owned(), cause })
    })?;
    let hashing = HashingCost::default();
    let config = Config { data: data.to_owned(), profile, mode, origin, clock, hashing };
    Office::open(config).map_err(|error| not_opened(data, &error))
}

/// A folder that its owner alone can look into, made where there is none: residents' data stands in it.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn not_opened(data: &Path, error: &OpenError) -> Failure {
    let folder = data.display();
    let damaged = "`sekisho journal verify` で原簿を検証し、システム管理者に知らせてください";
    let (what, what_to_do) = match error {
        OpenError::Journal(journal::OpenError::InUse(_)) => (
            format!("{folder} はほかの sekisho が使っています"),
            "先に動いている方を止めるか、別のフォルダーを --data に指定してください",
        ),
        OpenError::Journal(journal::OpenError::KeyExposed(path)) => (
            format!("署名鍵 {path} を所有者以外が読めます"),
            "権限を 600 にしてください。ほかの人が読んだおそれがあれば、システム管理者に知らせてください",
        ),
        OpenError::Journal(journal::OpenError::Store(error)) => (error.japanese(), damaged),
        OpenError::File { path, cause } => (
            format!("{} を使えません（{cause}）", path.display()),
            "フォルダーの場所と権限、ディスクの空きを確かめてください",
        ),
        OpenError::Policies(_) => {
            ("規程の設定のポリシーを読めません".to_owned(), "`sekisho regulation check` で点検してください")
        }
        OpenError::Records(_) | OpenError::Journal(_) => (format!("原簿を読めません（{error}）"), damaged),
        _ => {
            (format!("{folder} を開けません（{error}）"), "フォルダーの中のファイルの権限を確かめてください")
        }
    };
    Failure::failed(what, what_to_do)
}
