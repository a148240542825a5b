//! What the demo tells at the end: who can sign in, what happened, and how it can be checked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use office::Office;
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

/// How often each article stood against an act.
fn by_article(city: &register::City) -> BTreeMap<Citation, u64> {
    let mut counts = BTreeMap::new();
    for citation in city.refusals().flat_map(|past| past.refused.refusal.citations()) {
        *counts.entry(citation).or_default() += 1;
    }
    counts
}
