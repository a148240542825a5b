//! `sekisho regulation`: the regulation as data, and how much of it the program meets.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use policy::Regulator;
use regulation::{Demand, Folder, Import, Profile};
use serde::Serialize;

use crate::cli::RegulationCommand;
use crate::failure::Failure;
use crate::output::print;

/// The regulation that comes with the program.
const EMBEDDED: &str = "tokorozawa-2002";
const MEND: &str = "規程の設定の誤りを直してから、やり直してください";

pub(crate) fn run(command: RegulationCommand) -> Result<(), Failure> {
    match command {
        RegulationCommand::Coverage { json, profile } => coverage(&load(profile.as_deref())?, json),
        RegulationCommand::Import { file, json, profile } => import(&load(profile.as_deref())?, &file, json),
        RegulationCommand::Check { folder } => check(&folder),
    }
}

/// The regulation in a folder; without one that which comes with the program.
pub(crate) fn load(folder: Option<&Path>) -> Result<Profile, Failure> {
    let loaded = match folder {
        Some(folder) => {
            expect_folder(folder)?;
            Profile::load(&Folder::at(folder))
        }
        None => Profile::load(&regulation::embedded(EMBEDDED).expect("build.rs embeds the profile")),
    };
    loaded.map_err(|error| {
        let faults = error.faults().iter().map(ToString::to_string);
        Failure::Failed(faults.chain([MEND.to_owned()]).collect())
    })
}

fn check(folder: &Path) -> Result<(), Failure> {
    expect_folder(folder)?;
    let profile = load(Some(folder))?;
    let regulator = judge(&profile)?;
    print(&format!(
        "{}: 誤りはありません（条 {}、要求 {}、充て職 {}、ポリシー {}）\n",
        profile.id(),
        profile.articles().len(),
        profile.demands().len(),
        profile.posts().len(),
        regulator.policies().count(),
    ))
}

/// The policies of a profile; their faults look like those of its other files.
fn judge(profile: &Profile) -> Result<Regulator, Failure> {
    let loaded = Regulator::load(profile.policies(), |citation| profile.knows(citation));
    loaded.map_err(|error| {
        let told = |fault: &policy::Fault| {
            let (file, line, problem) = (fault.file(), fault.line(), fault.problem());
            format!("policy/{file}:{line}: {}\n    → {}", problem.japanese(), problem.advice())
        };
        Failure::Failed(error.faults().iter().map(told).chain([MEND.to_owned()]).collect())
    })
}

fn expect_folder(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    let what = format!("{} というフォルダーはありません", folder.display());
    Err(Failure::failed(what, "規程の設定（profile.toml など）のあるフォルダーを指定してください"))
}

/// Every demand and what meets it; it is a failure when one is not met.
fn coverage(profile: &Profile, json: bool) -> Result<(), Failure> {
    let catalogue = office::catalogue(profile, &judge(profile)?);
    let rows = regulation::coverage(profile, &catalogue);
    if json {
        print(&(serde_json::to_string_pretty(&rows).expect("rows are plain data") + "\n"))?;
    } else {
        print(&regulation::coverage_table(profile, &rows))?;
    }
    if rows.iter().all(|row| row.met) { Ok(()) } else { Err(Failure::Found) }
}

/// A city's own text, split into its parts and shown beside the demands of the profile.
#[derive(Serialize)]
struct Beside {
    #[serde(flatten)]
    text: Import,
    /// For each article of the text the demands that cite it.
    demands: Vec<ArticleDemands>,
    /// Demands whose article the text does not have.
    absent: Vec<String>,
}

#[derive(Serialize)]
struct ArticleDemands {
    article: String,
    caption: String,
    demands: Vec<String>,
}

fn import(profile: &Profile, file: &Path, json: bool) -> Result<(), Failure> {
    let text = regulation::import(&read_text(file)?);
    let demands = text.articles.iter().map(|article| ArticleDemands {
        article: article.number.to_string(),
        caption: article.caption.clone().unwrap_or_default(),
        demands: profile.demands_of(article.number).map(|demand| demand.id.to_string()).collect(),
    });
    let demands: Vec<ArticleDemands> = demands.collect();
    let here = |demand: &Demand| demand.citations.iter().any(|c| text.article(c.article()).is_some());
    let absent = profile.demands().iter().filter(|demand| !here(demand)).map(|demand| demand.id.to_string());
    let beside = Beside { absent: absent.collect(), demands, text };
    if json {
        return print(&(serde_json::to_string_pretty(&beside).expect("an import is plain data") + "\n"));
    }
    let mut shown = beside.text.outline();
    let _ = writeln!(shown, "\n条ごとの要求（{}）", profile.id());
    for row in &beside.demands {
        let demands = if row.demands.is_empty() { "なし".to_owned() } else { row.demands.join("、") };
        let _ = writeln!(shown, "  第{}条（{}） {demands}", row.article, row.caption);
    }
    if !beside.absent.is_empty() {
        let _ = writeln!(shown, "この本文に条のない要求: {}", beside.absent.join("、"));
    }
    print(&shown)
}

/// A text in UTF-8, or in the CP932 of older office machines.
fn read_text(file: &Path) -> Result<String, Failure> {
    let failed = |why: String| {
        let what = format!("{} を読めません（{why}）", file.display());
        Failure::failed(
            what,
            "規程の本文をテキスト（UTF-8 か Shift_JIS）で保存したファイルを指定してください",
        )
    };
    let found = fs::metadata(file).map_err(|error| failed(error.to_string()))?;
    if found.len() > regulation::limits::REGULATION_TEXT {
        return Err(failed("大きすぎます".to_owned()));
    }
    let bytes = fs::read(file).map_err(|error| failed(error.to_string()))?;
    if bytes.contains(&0) {
        return Err(failed("テキストではありません".to_owned()));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.trim_start_matches('\u{FEFF}').to_owned()),
        Err(other) => encoding_rs::SHIFT_JIS
            .decode_without_bom_handling_and_without_replacement(other.as_bytes())
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| failed("文字コードがわかりません".to_owned())),
    }
}
