//! Puts a profile together from its files, noting every fault on the way.

mod demands;
mod frame;
mod organization;
mod places;
mod rules;

use std::io;

use super::reader::{Faults, File, Node, Place, Placed};
use super::settings::Settings;
use super::{Article, Chapter, Fault, Keep, Profile, Retention, Source};
use crate::Citation;

const FILES: [&str; 8] = [
    "profile.toml",
    "demands.toml",
    "posts.toml",
    "rooms.toml",
    "cards.toml",
    "retention.toml",
    "settings.toml",
    "rules.toml",
];

/// The journals whose retention a profile says.
const JOURNALS: [&str; 4] = ["register", "operations", "passages", "residents"];

/// Reads the profile, or tells every fault of it, in the order of file and line.
pub(super) fn load(source: &impl Source) -> Result<Profile, Vec<Fault>> {
    let faults = Faults::default();
    let profile = read(source, &faults);
    let faults = faults.into_sorted();
    match profile {
        Some(profile) if faults.is_empty() => Ok(profile),
        _ => Err(faults),
    }
}

/// What has been read so far, for what refers to it. `None` where the file could not be read, so that one
/// broken file does not make a fault of every reference to it.
#[derive(Default)]
struct Known {
    chapters: Option<Vec<(Chapter, Place)>>,
    articles: Option<Vec<(Article, Place)>>,
    sections: Option<Vec<String>>,
    offices: Option<Vec<String>>,
    posts: Option<Vec<String>>,
    entry_managers: Option<Vec<String>>,
    settings: Option<Vec<String>>,
}

impl Known {
    /// Notes a citation of what the article table does not have.
    fn check_place(&self, faults: &Faults, cited: &Placed<Citation>) {
        let Some(articles) = &self.articles else { return };
        let place = cited.value;
        match articles.iter().find(|(article, _)| article.number == place.article()) {
            None => faults.note(
                &cited.place,
                format!("{}は条の一覧にありません", Citation::of(place.article()).japanese()),
                "条項号を直すか、profile.toml の [[articles]] に足してください",
            ),
            Some((article, _)) if !article.has(place) => faults.note(
                &cited.place,
                format!(
                    "{}は規程にありません（第{}条は{}項）",
                    place.japanese(),
                    article.number,
                    article.paragraphs
                ),
                "項・号・表・ただし書を確かめてください。項が一つの条では「第1項」と書きません",
            ),
            Some(_) => {}
        }
    }

    fn citations(&self, node: &Node<'_>) -> Vec<Citation> {
        let citations = node.citations("citations");
        citations.iter().for_each(|cited| self.check_place(node.faults, cited));
        citations.into_iter().map(|cited| cited.value).collect()
    }
}

/// Notes a reference to something that is not there.
fn refer(known: Option<&Vec<String>>, faults: &Faults, what: &str, to: &Placed<String>) {
    if known.is_some_and(|known| !known.contains(&to.value)) {
        let known = known.map(|known| known.join("、")).unwrap_or_default();
        faults.note(&to.place, format!("{what}「{}」はありません", to.value), format!("あるもの: {known}"));
    }
}

/// Notes an id that stands there twice.
fn unique(seen: &mut Vec<String>, faults: &Faults, what: &str, id: &Placed<String>) {
    if seen.contains(&id.value) {
        faults.note(
            &id.place,
            format!("{what}「{}」が二つあります", id.value),
            "一方を消すか、符号を変えてください",
        );
    } else {
        seen.push(id.value.clone());
    }
}

fn read(source: &impl Source, faults: &Faults) -> Option<Profile> {
    let files: Vec<Option<File>> = FILES.iter().map(|name| open(source, name, faults)).collect();
    let roots: Vec<Option<Node<'_>>> = files.iter().map(|file| Some(file.as_ref()?.root(faults))).collect();
    let policies = policies(source, faults);
    let [profile, demands, posts, rooms, cards, retention, settings, rules] = &roots[..] else {
        return None;
    };

    let mut known = Known::default();
    let frame = profile.as_ref().and_then(|root| frame::read(root, &mut known));
    let organization = posts.as_ref().and_then(|root| organization::read(root, &mut known));
    let settings = settings.as_ref().and_then(|root| read_settings(root, &mut known));
    let rooms = rooms.as_ref().map(|root| places::rooms(root, &known));
    let authenticators = cards.as_ref().map(places::authenticators).unwrap_or_default();
    let cards = cards.as_ref().map(places::cards);
    let retentions = retention.as_ref().map(|root| retentions(root, &known));
    let rule_places = rules.as_ref().map(|root| rules::read(root, &known));
    let interpretations = profile.as_ref().map(|root| frame::interpretations(root, &known));
    let demands = demands.as_ref().map(|root| demands::read(root, &known));
    roots.iter().flatten().for_each(Node::finish);

    let (frame, organization, (room_levels, rooms), (operations, card_kinds)) =
        (frame?, organization?, rooms?, cards?);
    Some(Profile {
        id: frame.id,
        municipality: frame.municipality,
        municipality_code: frame.municipality_code,
        title: frame.title,
        law_number: frame.law_number,
        in_force: frame.in_force,
        until: frame.until,
        chapters: known.chapters?.into_iter().map(|(chapter, _)| chapter).collect(),
        articles: known.articles?.into_iter().map(|(article, _)| article).collect(),
        demands: demands?,
        sections: organization.sections,
        offices: organization.offices,
        posts: organization.posts,
        council: organization.council,
        room_levels,
        rooms,
        operations,
        card_kinds,
        authenticators,
        retentions: retentions?,
        settings: settings?,
        rule_places: rule_places?,
        interpretations: interpretations?,
        policies,
    })
}

fn start_of(file: &str) -> Place {
    Place { file: file.to_owned(), line: 1, column: 1 }
}

fn open(source: &impl Source, name: &str, faults: &Faults) -> Option<File> {
    match source.read(name) {
        Ok(Some(text)) => File::parse(name, text, faults),
        Ok(None) => {
            faults.note(&start_of(name), "ファイルがありません", "この名前のファイルを作ってください");
            None
        }
        Err(error) => {
            faults.note(&start_of(name), unreadable(&error), "ファイルと読む権限を確かめてください");
            None
        }
    }
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidData => "UTF-8のファイルではありません".to_owned(),
        io::ErrorKind::FileTooLarge => "ファイルが大きすぎます".to_owned(),
        _ => format!("読めません（{error}）"),
    }
}

/// The policy texts, and a note on every file that is no part of a profile.
fn policies(source: &impl Source, faults: &Faults) -> Vec<(String, String)> {
    let names = match source.names() {
        Ok(names) => names,
        Err(error) => {
            faults.note(&start_of("."), unreadable(&error), "フォルダーの場所を確かめてください");
            return Vec::new();
        }
    };
    let mut policies = Vec::new();
    for name in names {
        let policy = name.strip_prefix("policy/").filter(|file| file.ends_with(".cedar"));
        if let Some(file) = policy {
            match source.read(&name) {
                Ok(text) => policies.push((file.to_owned(), text.unwrap_or_default())),
                Err(error) => faults.note(&start_of(&name), unreadable(&error), "ファイルを確かめてください"),
            }
        } else if name.ends_with(".toml") && !FILES.contains(&name.as_str()) {
            faults.note(&start_of(&name), "この名前のファイルは使いません", "名前を直すか、消してください");
        }
    }
    if policies.is_empty() {
        faults.note(
            &start_of("policy"),
            "ポリシー（policy/*.cedar）が一つもありません",
            "条ごとのファイルを置いてください",
        );
    }
    policies
}

fn read_settings(root: &Node<'_>, known: &mut Known) -> Option<Settings> {
    let settings = Settings::read(root, |cited| known.check_place(root.faults, cited))?;
    known.settings = Some(settings.all().iter().map(|setting| setting.key.clone()).collect());
    for conflict in settings.values().conflicts() {
        root.faults.note(&root.place, "設定が食い違っています", conflict.japanese());
    }
    Some(settings)
}

fn retentions(root: &Node<'_>, known: &Known) -> Vec<Retention> {
    let (mut retentions, mut seen) = (Vec::new(), Vec::new());
    for node in root.tables("retentions") {
        if let Some(journal) = node.text("journal") {
            unique(&mut seen, node.faults, "保存期間", &journal);
            refer(Some(&JOURNALS.map(str::to_owned).to_vec()), node.faults, "原簿", &journal);
        }
        retentions.extend(retention(&node, known));
        node.finish();
    }
    for journal in JOURNALS.iter().filter(|journal| !seen.iter().any(|seen| seen == *journal)) {
        let what = format!("原簿「{journal}」の保存期間がありません");
        root.faults.note(&root.place, what, "[[retentions]] に書き足してください");
    }
    retentions
}

fn retention(node: &Node<'_>, known: &Known) -> Option<Retention> {
    let (journal, name, reason) = (node.text("journal"), node.text("name"), node.text("reason"));
    let citation = node.optional_citation("citation");
    if let Some(cited) = &citation {
        known.check_place(node.faults, cited);
    }
    let years = node.optional_number("years", 1..=1000);
    let keep = match (years, node.optional_flag("forever")) {
        (Some(years), None) => u16::try_from(years).ok().map(Keep::Years),
        (None, Some(true)) => Some(Keep::Forever),
        _ => {
            let at = if years.is_some() { "years" } else { "forever" };
            node.fault(
                at,
                "保存期間が決まりません",
                "years = 年数 か forever = true のどちらか一つを書いてください",
            );
            None
        }
    };
    Some(Retention {
        journal: journal?.value,
        name: name?.value,
        keep: keep?,
        citation: citation.map(|cited| cited.value),
        reason: reason?.value,
    })
}
