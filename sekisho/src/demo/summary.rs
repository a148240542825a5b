//! What the demo tells at the end: who can sign in, what happened, and how it can be checked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;
use office::Office;
use register::rooms::{Answered, Door, Means, Passed, Via};
use register::{City, DoorId};
use regulation::Citation;

use super::cast::NOTICE;
use super::script::Script;
use crate::columns::table;
use crate::failure::Failure;
use crate::journals::unreadable;

/// Who can sign in, with what, and what is worth trying.
pub(super) fn people(script: &Script) -> String {
    let rows: Vec<_> = script
        .people
        .iter()
        .map(|player| {
            [
                format!("{}（{}）", player.name, player.kana),
                player.role.clone(),
                player.terminal.clone(),
                player.card.clone(),
                player.pin.clone(),
                player.password.clone(),
                player.to_try.clone(),
            ]
        })
        .collect();
    let head = ["氏名", "所属・カードの種類", "端末", "カード", "暗証番号", "パスワード", "試せること"];
    let mut text = format!("サインインできる人（{NOTICE}）\n{}", table(head, &rows));
    let _ = writeln!(
        text,
        "案内で調べる住民: {}（{}）  根拠番号: {}\n",
        script.resident, script.code, script.reason
    );
    text
}

/// What happened in the city, and how to verify it.
pub(super) fn city(office: &Office, data: &Path) -> Result<String, Failure> {
    let listed = journal::list(data).map_err(unreadable)?;
    let facts: u64 = listed.iter().map(|journal| journal.head.size).sum();
    let (operations, residents, refused, by_article) = {
        let city = office.city();
        (city.access.operations(), city.assets.residents(), city.refused(), by_article(&city))
    };
    let catalogue = office::catalogue(office.profile(), office.regulator());
    let coverage = regulation::coverage(office.profile(), &catalogue);
    let met = coverage.iter().filter(|row| row.met).count();
    let mut text =
        format!("記録された事実 {facts}件（住民 {residents}人、操作 {operations}件、拒否 {refused}件）\n");
    let articles: Vec<String> =
        by_article.iter().map(|(article, count)| format!("{} {count}件", article.japanese())).collect();
    let _ = writeln!(text, "拒否の根拠: {}", articles.join("、"));
    let _ = writeln!(text, "規程の要求 {}件のうち {met}件を満たす", coverage.len());
    let _ = writeln!(text, "原簿");
    let rows: Vec<_> = listed
        .iter()
        .map(|journal| {
            [journal.name.to_string(), journal.head.size.to_string(), journal.head.root.to_string()]
        })
        .collect();
    text.push_str(&table(["名前", "項", "根（Merkle root）"], &rows));
    let _ = writeln!(text, "検証するには: sekisho journal verify --data {}\n", data.display());
    Ok(text)
}

/// 第3章: who went where, by what, and where the ledgers disagree.
pub(super) fn rooms(office: &Office) -> String {
    let (city, now) = (office.city(), office.now());
    let rooms = &city.rooms;
    let passages: Vec<_> = rooms.passages().all().iter().filter(|passage| !passage.unmade).collect();
    let count = |wanted: fn(&Passed) -> bool| passages.iter().filter(|one| wanted(&one.passed)).count();
    let mut text = format!(
        "入退室 {}件（指紋 {}件、鍵 {}件、立会い {}件、取込み {}件）、許可 {}件、鍵の貸出し {}件、警報 {}件\n",
        passages.len(),
        count(|passed| matches!(passed.means, Means::Fingerprint(_))),
        count(|passed| matches!(passed.means, Means::Key(_))),
        count(|passed| passed.means.escort().is_some()),
        count(|passed| matches!(passed.via, Via::Import { .. })),
        rooms.permits().granted().count(),
        rooms.keys().loans().len(),
        rooms.alarms().len(),
    );
    let _ = writeln!(text, "照合の不一致");
    let rows: Vec<_> = city.findings(now).iter().map(|found| told(&city, found, now)).collect();
    text.push_str(&table(["何が", "どこで", "だれの", "どうなったか"], &rows));
    let _ = writeln!(text, "扉");
    let rows: Vec<_> = rooms.doors().map(|(id, door)| at_door(&city, id, door)).collect();
    text.push_str(&table(["扉", "室", "状態", "通った人", "警報"], &rows));
    text
}

/// What a door's controller reported.
fn at_door(city: &City, id: &DoorId, door: &Door) -> [String; 5] {
    let passages = city.rooms.passages().all().iter().map(|passage| &passage.passed);
    let through = passages.filter(|passed| passed.door.as_ref() == Some(id));
    let through: Vec<String> = through
        .map(|passed| format!("{}が{}", city.name_of(&passed.person), passed.direction.japanese()))
        .collect();
    let alarms = city.rooms.alarms().iter().filter(|alarm| alarm.door.as_ref() == Some(id));
    let alarms: Vec<&str> = alarms.map(|alarm| alarm.kind.japanese()).collect();
    let last = through.len().saturating_sub(4);
    let last = through.get(last..).unwrap_or_default().join("、");
    let state = door.state.japanese().to_owned();
    [id.to_string(), city.room_name(&door.room), state, last, alarms.join("、")]
}

fn told(city: &City, found: &Answered, now: Timestamp) -> [String; 4] {
    let finding = &found.finding;
    let state = match (&found.answer, &found.accepted) {
        (_, Some((_, by))) => format!("回答を{}が確かめた", city.name_of(by)),
        (Some((_, by, _)), None) => format!("{}が回答し、確かめを待つ", city.name_of(by)),
        (None, None) => format!("{}の回答を待つ", city.owner_name(&finding.owed_by, now)),
    };
    let room = finding.room.as_ref().map_or_else(String::new, |room| city.room_name(room));
    let person = finding.person.as_ref().map_or_else(String::new, |person| city.name_of(person));
    [finding.kind.japanese().to_owned(), room, person, state]
}

/// How often each article stood against an act.
fn by_article(city: &City) -> BTreeMap<Citation, u64> {
    let mut counts = BTreeMap::new();
    for citation in city.refusals().flat_map(|past| past.refused.refusal.citations()) {
        *counts.entry(citation).or_default() += 1;
    }
    counts
}
