//! rules.toml: what the regulation leaves to rules that are laid down separately.

use super::super::RulePlace;
use super::super::reader::{Node, Placed};
use super::{Known, refer, unique};

/// The places that the policies and the register know by their codes.
const PLACES: [&str; 7] = [
    "cards-and-passwords",
    "forms-and-cards",
    "assets",
    "operation-plan",
    "audits",
    "emergency-plan",
    "other",
];

pub(super) fn read(root: &Node<'_>, known: &Known) -> Vec<RulePlace> {
    let usable = PLACES.map(str::to_owned).to_vec();
    let (mut places, mut seen, mut governed) = (Vec::<RulePlace>::new(), Vec::new(), Vec::new());
    for node in root.tables("rules") {
        if let Some(id) = node.code("id") {
            unique(&mut seen, node.faults, "定めの場所", &id);
            refer(Some(&usable), node.faults, "定めの場所", &id);
        }
        if let Some(place) = place(&node, known, &mut governed) {
            if places.last().is_some_and(|last| last.citation > place.citation) {
                let what = format!("定めの場所「{}」の順が違います", place.id);
                node.fault("citation", what, "規程の順に並べてください");
            }
            places.push(place);
        }
        node.finish();
    }
    for missing in usable.iter().filter(|id| !seen.contains(id)) {
        root.faults.note(
            &root.place,
            format!("定めの場所「{missing}」がありません"),
            "[[rules]] に書き足してください",
        );
    }
    places
}

fn place(node: &Node<'_>, known: &Known, governed: &mut Vec<String>) -> Option<RulePlace> {
    let (id, name, citation) = (node.code("id"), node.text("name"), node.citation("citation"));
    if let Some(cited) = &citation {
        known.check_place(node.faults, cited);
    }
    let (author, agreed_by) = (node.text("laid-down-by"), node.texts("agreed-by"));
    for post in author.iter().chain(&agreed_by) {
        refer(known.posts.as_ref(), node.faults, "充て職", post);
    }
    let acknowledged = node.optional_flag("acknowledged-by-operators").unwrap_or(false);
    let several = node.optional_flag("several").unwrap_or(false);
    let settings = node.texts("settings");
    for key in &settings {
        refer(known.settings.as_ref(), node.faults, "設定", key);
        one_place(node, key, governed);
    }
    if several && !settings.is_empty() {
        node.fault(
            "settings",
            "定めがいくつもある場所に、設定が結び付いています",
            "設定の値を決める定めは一つにしてください",
        );
    }
    let review = node.number("review-months", 1..=120).and_then(|months| u16::try_from(months).ok());
    Some(RulePlace {
        id: id?.value,
        name: name?.value,
        citation: citation?.value,
        laid_down_by: author?.value,
        agreed_by: values(agreed_by),
        acknowledged_by_operators: acknowledged,
        several,
        settings: values(settings),
        review_months: review?,
    })
}

/// A setting whose value two rules laid down would have two values.
fn one_place(node: &Node<'_>, key: &Placed<String>, governed: &mut Vec<String>) {
    if governed.contains(&key.value) {
        let what = format!("設定「{}」が二つの定めの場所にあります", key.value);
        node.faults.note(&key.place, what, "値を決める定めを一つにしてください");
    } else {
        governed.push(key.value.clone());
    }
}

fn values(texts: Vec<Placed<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}
