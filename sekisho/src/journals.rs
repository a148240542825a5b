//! `sekisho journal`: the journals seen from outside, beside a running server or without one.

use std::fs;
use std::path::Path;

use journal::{ExportError, JournalName, ReadError, StoreError, VerifyError};

use crate::cli::JournalCommand;
use crate::failure::Failure;
use crate::limits;
use crate::output::print;

const CHECK_DATA: &str = "--data に指定したフォルダーを確かめてください";
const SEE_NAMES: &str = "原簿の名前と大きさは `sekisho journal list` で確かめられます";

pub(crate) fn run(command: JournalCommand) -> Result<(), Failure> {
    match command {
        JournalCommand::List { data } => {
            let listed = journal::list(&data).map_err(unreadable)?;
            print(&listed.iter().map(|journal| format!("{journal}\n")).collect::<String>())
        }
        JournalCommand::Verify { data, checkpoint } => verify(&data, &checkpoint),
        JournalCommand::Export { data, journal, out } => {
            let checkpoint = journal::export(&data, &name(&journal)?, &out).map_err(not_exported)?;
            let head = checkpoint.head;
            print(&format!("{} entries, root {}, exported\n", head.size, head.root))
        }
        JournalCommand::Vkey { data, journal } => {
            let key = journal::vkey(&data, &name(&journal)?).map_err(unreadable)?;
            print(&format!("{key}\n"))
        }
        JournalCommand::Prove { index, data, journal } => {
            let proof = journal::prove(&data, &name(&journal)?, index).map_err(unreadable)?;
            print(&proof.to_string())
        }
    }
}

/// There are journals in `data`: what only reads makes no new city.
pub(crate) fn expect(data: &Path) -> Result<(), Failure> {
    journal::list(data).map(|_| ()).map_err(unreadable)
}

fn verify(data: &Path, checkpoints: &[std::path::PathBuf]) -> Result<(), Failure> {
    let saved = checkpoints.iter().map(|path| read_checkpoint(path)).collect::<Result<Vec<_>, _>>()?;
    let saved: Vec<&str> = saved.iter().map(String::as_str).collect();
    let report = journal::verify(data, &saved).map_err(|error| not_verified(error, checkpoints))?;
    print(&report.to_string())?;
    let bad: Vec<String> = report
        .verdicts
        .iter()
        .filter_map(|verdict| {
            let fault = verdict.outcome.as_ref().err()?;
            Some(format!(
                "原簿 {}: {}。このフォルダーの写しを取ったうえで、システム管理者に知らせてください",
                verdict.name,
                fault.japanese()
            ))
        })
        .collect();
    if bad.is_empty() { Ok(()) } else { Err(Failure::Failed(bad)) }
}

fn read_checkpoint(path: &Path) -> Result<String, Failure> {
    let large = fs::metadata(path).is_ok_and(|found| found.len() > limits::CHECKPOINT);
    if large {
        let what = format!("{} は検査点としては大きすぎます", path.display());
        return Err(Failure::failed(what, "保存しておいた検査点のファイルを指定してください"));
    }
    fs::read_to_string(path).map_err(|error| {
        let what = format!("検査点 {} を読めません（{error}）", path.display());
        Failure::failed(what, "ファイルの名前と権限を確かめてください")
    })
}

fn not_verified(error: VerifyError, checkpoints: &[std::path::PathBuf]) -> Failure {
    match error {
        VerifyError::Store(error) => unreadable(error.into()),
        VerifyError::Saved { position, what } => {
            let path = checkpoints.get(position).map_or(String::new(), |path| path.display().to_string());
            let what = format!("検査点 {path} はこの原簿のものではありません（{what}）");
            Failure::failed(what, "この市の原簿から保存した検査点を指定してください")
        }
        VerifyError::Orphans => Failure::failed(
            "一覧にない原簿の記録が残っています（index 0 から）",
            "原簿が一つ消された疑いがあります。フォルダーの写しを取り、システム管理者に知らせてください",
        ),
    }
}

/// Why a journal could not be read, and what to do about it.
pub(crate) fn unreadable(error: ReadError) -> Failure {
    let what_to_do = match &error {
        ReadError::UnknownJournal(_) | ReadError::BeyondEnd { .. } => SEE_NAMES,
        ReadError::Store(StoreError::Missing(_) | StoreError::CannotOpen | StoreError::Form { .. }) => {
            CHECK_DATA
        }
        ReadError::Store(StoreError::Busy) => "しばらくしてからやり直してください",
        _ => "`sekisho journal verify` で原簿を検証し、システム管理者に知らせてください",
    };
    Failure::failed(error.japanese(), what_to_do)
}

fn not_exported(error: ExportError) -> Failure {
    match error {
        ExportError::Read(error) => unreadable(error),
        ExportError::NotEmpty(path) => Failure::failed(
            format!("書き出し先 {path} は空のフォルダーではありません"),
            "まだないフォルダーか空のフォルダーを指定してください",
        ),
        ExportError::Write { path, error } => Failure::failed(
            format!("{path} に書き込めません（{error}）"),
            "書き出し先の空きと権限を確かめてください",
        ),
    }
}

fn name(typed: &str) -> Result<JournalName, Failure> {
    JournalName::new(typed).map_err(|_| {
        let what = format!("「{typed}」は原簿の名前ではありません");
        Failure::usage(what, SEE_NAMES)
    })
}
