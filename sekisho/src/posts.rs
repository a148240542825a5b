//! `sekisho posts`: who held a post at a moment, and what a transfer list would bring.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use office::clock::SystemClock;
use office::{Mode, NoAnswer, Office, Proven};
use register::City;
use register::organization::transfer::{self, Preview, TransferFile};
use regulation::{Profile, wareki};
use serde_json::json;

use crate::cli::PostsCommand;
use crate::failure::Failure;
use crate::output::print;
use crate::{offices, regulations};

pub(crate) fn run(command: PostsCommand) -> Result<(), Failure> {
    match command {
        PostsCommand::Who { data, post, section, room, at, json, profile } => {
            let profile = regulations::load(profile.as_deref())?;
            let section = section.map(|typed| section_of(&profile, &typed)).transpose()?;
            let room = room.map(|typed| code(&typed, "--room")).transpose()?;
            let at = moment(&at)?;
            let office = opened(&data, profile)?;
            let answer = office.who_was(&post, section.as_ref(), room.as_ref(), at);
            let text =
                answer.map(
                    |proven| if json { as_json(&office, &proven) } else { as_text(&office, &data, &proven) },
                );
            office.close();
            print(&text.map_err(|error| unanswered(&error))?)
        }
        PostsCommand::Transfer { data, file, profile } => {
            let list = read(&file)?;
            let office = opened(&data, regulations::load(profile.as_deref())?)?;
            let told = transfer::preview(&office.city(), &list.rows, office.now())
                .map(|preview| previewed(&office.city(), &list, &preview));
            office.close();
            print(&told.map_err(|faults| Failure::Failed(faults.japanese()))?)
        }
    }
}

/// The office of a city that is there already.
pub(crate) fn opened(data: &Path, profile: Profile) -> Result<Office, Failure> {
    crate::journals::expect(data)?;
    offices::open(data, profile, Mode::Serve, String::new(), Arc::new(SystemClock))
}

fn code<T: std::str::FromStr<Err = register::IdError>>(typed: &str, option: &str) -> Result<T, Failure> {
    typed.parse().map_err(|error: register::IdError| {
        Failure::usage(error.japanese(), &format!("{option} には規程の設定の符号を指定してください"))
    })
}

/// By code or by name: people know the name.
fn section_of(profile: &Profile, typed: &str) -> Result<register::SectionId, Failure> {
    let id = profile.section_written(typed).map_or(typed, |section| section.id.as_str());
    code(id, "--section")
}

/// Wall-clock time in Japan, unless an offset is given; noon where only a day is.
fn moment(typed: &str) -> Result<Timestamp, Failure> {
    let in_japan = |at: DateTime| jiff::tz::offset(9).to_timestamp(at).ok();
    let plain = typed.replace('/', "-");
    let read = plain.parse::<Timestamp>().ok();
    let day = || wareki::parse(typed).ok().and_then(|day| in_japan(day.at(12, 0, 0, 0)));
    let read = read.or_else(day).or_else(|| plain.parse::<DateTime>().ok().and_then(in_japan));
    read.ok_or_else(|| {
        let what = format!("「{typed}」は日時として読めません");
        Failure::usage(what, "2019-07-03T14:00 の形で指定してください")
    })
}

fn unanswered(error: &NoAnswer) -> Failure {
    Failure::failed(error.japanese(), "指定の仕方は `sekisho posts who --help` で確かめられます")
}

pub(crate) fn in_japan(at: Timestamp) -> String {
    let at = jiff::tz::offset(9).to_datetime(at);
    format!("{} {:02}:{:02}", wareki::print(at.date()), at.hour(), at.minute())
}

fn as_text(office: &Office, data: &Path, proven: &Proven) -> String {
    let mut lines = vec![format!("{}の時点", in_japan(proven.was.at)), proven.was.japanese(&office.city())];
    match &proven.entry {
        Some(entry) => {
            let receipt = &entry.told.receipt;
            lines.push(format!("根拠: 原簿 {receipt}（{}に登録）", in_japan(entry.told.entry.at)));
            lines.push(format!(
                "証明: sekisho journal prove {} --journal {} --data {}",
                receipt.index,
                receipt.journal,
                data.display()
            ));
        }
        None => lines.push("根拠: この時点の発令は登録されていません".to_owned()),
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn as_json(office: &Office, proven: &Proven) -> String {
    let city = office.city();
    let person = |id: &register::PersonId| json!({ "id": id.as_str(), "name": city.name_of(id) });
    let was = &proven.was;
    let entry = proven.entry.as_ref();
    let told = json!({
        "post": was.post,
        "office": { "id": was.office.as_str(), "name": city.office_name(&was.office) },
        "at": was.at.to_string(),
        "holder": was.holder.as_ref().map(person),
        "from": was.from.map(|day| day.to_string()),
        "until": was.until.map(|day| day.to_string()),
        "known_then": was.then.as_ref().map(|then| json!({ "holder": then.as_ref().map(person) })),
        "acting": was.acting.as_ref().map(|acting| json!({
            "deputy": acting.deputy.as_ref().map(person),
            "reason": acting.reason,
        })),
        "receipt": entry.map(|entry| json!({
            "journal": entry.told.receipt.journal,
            "index": entry.told.receipt.index,
            "at": entry.told.entry.at.to_string(),
        })),
        "proof": entry.map(|entry| entry.proof.to_string()),
        "vkey": entry.map(|entry| entry.key.clone()),
    });
    format!("{told:#}\n")
}

fn read(file: &Path) -> Result<TransferFile, Failure> {
    let bytes = handed_in(
        file,
        register::limits::TRANSFER_BYTES,
        "人事異動の一覧（personnel.csv）を指定してください",
    )?;
    transfer::read(&bytes).map_err(|faults| Failure::Failed(faults.japanese()))
}

/// The bytes of a file of at most so many.
pub(crate) fn handed_in(file: &Path, most: usize, what_to_do: &str) -> Result<Vec<u8>, Failure> {
    let large = std::fs::metadata(file).is_ok_and(|found| found.len() > most as u64);
    let bytes = if large {
        Err("大きすぎます".to_owned())
    } else {
        std::fs::read(file).map_err(|error| error.to_string())
    };
    bytes.map_err(|why| Failure::failed(format!("{} を読めません（{why}）", file.display()), what_to_do))
}

/// What the list would bring, for people.
fn previewed(city: &City, list: &TransferFile, preview: &Preview) -> String {
    let mut lines = vec![format!("発令日 {}　{}人", wareki::print(preview.day), preview.people.len())];
    for heading in &list.ignored {
        lines.push(format!("列「{heading}」は使わないので読みませんでした"));
    }
    for moving in &preview.people {
        let place = |workplace| match city.workplace_name(workplace) {
            name if name.is_empty() => "（市の外）".to_owned(),
            name => name,
        };
        let (from, to) = (place(&moving.from), place(&moving.to));
        lines.push(format!("{}（{}）: {from} → {to}", moving.name, moving.person));
        let posts = |held: &std::collections::BTreeSet<transfer::PostHeld>| {
            held.iter().map(|held| held.name.clone()).collect::<Vec<_>>().join("、")
        };
        for (word, held) in [("離れる充て職", &moving.posts_lost), ("就く充て職", &moving.posts_gained)]
        {
            if !held.is_empty() {
                lines.push(format!("    {word}: {}", posts(held)));
            }
        }
        lines.extend(moving.hand_over.iter().map(|item| format!("    引継ぎ: {}", item.japanese(city))));
    }
    for vacated in &preview.vacated {
        lines.push(format!("空席になる職: {}", vacated.name));
    }
    if !preview.passed_over.is_empty() {
        lines.push(format!("この規程に関わらない職員: {}人", preview.passed_over.len()));
    }
    let outside: Vec<&str> = preview.outside().into_iter().collect();
    if !outside.is_empty() {
        lines.push(format!("規程の設定にない課所: {}", outside.join("、")));
    }
    lines.push("これは確認だけです。登録は、事務局（情報統計課）が画面から行います".to_owned());
    lines.iter().map(|line| format!("{line}\n")).collect()
}
