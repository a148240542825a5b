//! demands.toml: what the regulation wants, and by which means the product meets it.

use super::super::reader::{Node, Placed};
use super::super::{Demand, DemandId, Kind};
use super::{Known, unique};
use crate::Citation;

/// What a means may begin with.
const MEANS: [&str; 8] = ["policy", "duty", "ledger", "record", "setting", "term", "act", "part"];

pub(super) fn read(root: &Node<'_>, known: &Known) -> Vec<Demand> {
    let (mut demands, mut seen) = (Vec::new(), Vec::new());
    let mut last: Option<Citation> = None;
    for node in root.tables("demands") {
        if let Some(id) = node.text("id") {
            unique(&mut seen, node.faults, "要求", &id);
        }
        if let Some(demand) = demand(&node, known) {
            let first = demand.citations.first().copied();
            if let (Some(last), Some(first)) = (last, first)
                && first < last
            {
                let what = format!("要求「{}」が{}の後にあります", demand.id, last.japanese());
                node.fault("citations", what, "最初の条項号が規程の順になるように並べてください");
            }
            last = first.max(last);
            demands.push(demand);
        }
        node.finish();
    }
    check_covered(root, known, &demands);
    demands
}

fn demand(node: &Node<'_>, known: &Known) -> Option<Demand> {
    let (id, citations, kind) = (node.text("id"), known.citations(node), node.text("kind"));
    let (wording, english, evidence) = (node.text("wording"), node.text("english"), node.text("evidence"));
    let needs = means(node, "needs", known);
    let kind = kind.and_then(|kind| {
        let found = Kind::ALL.into_iter().find(|known| known.code() == kind.value);
        if found.is_none() {
            let what = format!("要求の種類「{}」はありません", kind.value);
            node.faults.note(&kind.place, what, "MAY、MUST、RECORD、TERM のどれかです");
        }
        found
    });
    let article = citations.first().map(|first| first.article());
    let articles = known.articles.as_deref().unwrap_or_default();
    let chapter =
        articles.iter().find(|(known, _)| Some(known.number) == article).map(|(known, _)| known.chapter);
    Some(Demand {
        id: DemandId(id?.value),
        citations,
        chapter: chapter?,
        kind: kind?,
        wording: wording?.value,
        english: english?.value,
        evidence: evidence?.value,
        needs,
    })
}

/// A list of means, at least one: `policy:14-2.card`.
pub(super) fn means(node: &Node<'_>, key: &'static str, known: &Known) -> Vec<String> {
    let means = node.texts(key);
    if means.is_empty() {
        node.fault(
            key,
            format!("「{key}」に手段がありません"),
            "policy:…、duty:… などを一つ以上書いてください",
        );
    }
    for one in &means {
        check_means(node, one, known);
    }
    means.into_iter().map(|one| one.value).collect()
}

fn check_means(node: &Node<'_>, means: &Placed<String>, known: &Known) {
    let (kind, name) = means.value.split_once(':').unwrap_or_default();
    // A name may begin with the short id of a provision, and a proviso is written with its letter there.
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._()但".contains(c));
    if !MEANS.contains(&kind) || !plain {
        let what = format!("「{}」は手段として読めません", means.value);
        node.faults.note(
            &means.place,
            what,
            format!("{} のどれかに「:」と名前を続けてください", MEANS.join("、")),
        );
    }
    let settings = known.settings.as_ref().filter(|_| kind == "setting");
    if settings.is_some_and(|settings| !settings.iter().any(|setting| setting == name)) {
        let what = format!("設定「{name}」はありません");
        node.faults.note(&means.place, what, "settings.toml に足すか、つづりを直してください");
    }
}

/// No chapter and no article is without a demand: what nothing is demanded of, nothing watches.
fn check_covered(root: &Node<'_>, known: &Known, demands: &[Demand]) {
    for (chapter, place) in known.chapters.iter().flatten() {
        if !demands.iter().any(|demand| demand.chapter == chapter.number) {
            let what = format!("第{}章（{}）に要求がありません", chapter.number, chapter.title);
            root.faults.note(place, what, "demands.toml に要求を書いてください");
        }
    }
    for (article, place) in known.articles.iter().flatten() {
        let cited = demands.iter().flat_map(|d| &d.citations).any(|c| c.article() == article.number);
        if !cited {
            let what = format!("第{}条（{}）に要求がありません", article.number, article.caption);
            root.faults.note(place, what, "demands.toml に要求を書いてください");
        }
    }
}
