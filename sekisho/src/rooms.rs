//! `sekisho rooms`: what the records of an existing door system would bring.

use std::path::Path;

use register::City;
use register::rooms::import::{self, Preview};
use register::rooms::{Finding, PassageFile};

use crate::cli::RoomsCommand;
use crate::failure::Failure;
use crate::output::print;
use crate::posts::{handed_in, in_japan, opened};
use crate::regulations;

pub(crate) fn run(command: RoomsCommand) -> Result<(), Failure> {
    let RoomsCommand::Import { data, file, profile } = command;
    let passages = read(&file)?;
    let office = opened(&data, regulations::load(profile.as_deref())?)?;
    let told = {
        let city = office.city();
        import::preview(&city, &passages).map(|preview| previewed(&city, &passages, &preview))
    };
    office.close();
    print(&told.map_err(|faults| Failure::Failed(faults.japanese()))?)
}

fn read(file: &Path) -> Result<PassageFile, Failure> {
    let what_to_do = "入退室の記録（passages.csv）を指定してください";
    let bytes = handed_in(file, register::limits::IMPORT_BYTES, what_to_do)?;
    import::read(&bytes).map_err(|faults| Failure::Failed(faults.japanese()))
}

/// What the file would bring, for people.
fn previewed(city: &City, file: &PassageFile, preview: &Preview) -> String {
    let Preview { new, again, findings } = preview;
    let mut lines =
        vec![format!("{}行のうち、新しい記録 {}件、既にある記録 {again}件", file.rows.len(), new.len())];
    for heading in &file.ignored {
        lines.push(format!("列「{heading}」は使わないので読みませんでした"));
    }
    if let (Some(first), Some(last)) =
        (new.iter().map(|one| one.at).min(), new.iter().map(|one| one.at).max())
    {
        lines.push(format!("新しい記録の期間: {} から {} まで", in_japan(first), in_japan(last)));
    }
    let nameless = new.iter().filter(|one| !one.name.is_empty()).count();
    if nameless > 0 {
        lines.push(format!("職員番号のわからない人の記録: {nameless}件"));
    }
    lines.push(format!("許可や鍵の貸出しに合わないもの: {}件", findings.len()));
    lines.extend(findings.iter().map(|finding| format!("    {}", told(city, finding))));
    lines.push("これは確認だけです。登録は、入退室管理者か情報統計課の職員が画面から行います".to_owned());
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn told(city: &City, finding: &Finding) -> String {
    let room = finding.room.as_ref().map_or_else(String::new, |room| city.room_name(room));
    let row = finding.rows.first();
    let says = row.map_or("", |row| row.says.as_str());
    let line = row.and_then(|row| row.receipt.as_deref()?.rsplit_once('/')).map_or("", |(_, line)| line);
    format!("{line}行目 {} {room} {says}: {}", in_japan(finding.at), finding.kind.japanese())
}
