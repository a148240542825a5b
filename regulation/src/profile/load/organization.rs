//! posts.toml: sections, offices, posts ex officio, the council.

use super::super::reader::Node;
use super::super::{Council, Holders, Office, Post, Scope, Section};
use super::{Known, refer, unique};

/// The posts that the policies and the register know by their codes.
const POSTS: [&str; 10] = [
    "head",
    "deputy",
    "system-manager",
    "security-officer",
    "entry-manager",
    "key-officer",
    "access-manager",
    "resident-data-manager",
    "asset-manager",
    "secretariat",
];

pub(super) struct Organization {
    pub(super) sections: Vec<Section>,
    pub(super) offices: Vec<Office>,
    pub(super) posts: Vec<Post>,
    pub(super) council: Council,
}

pub(super) fn read(root: &Node<'_>, known: &mut Known) -> Option<Organization> {
    let sections = sections(root, known);
    let offices = offices(root, known);
    let posts = posts(root, known, &offices);
    for missing in POSTS.iter().filter(|id| !posts.iter().any(|post| post.id == **id)) {
        root.faults.note(
            &root.place,
            format!("充て職「{missing}」がありません"),
            "[[posts]] に書き足してください",
        );
    }
    check_security_officers(root, &sections, &offices, &posts);
    let council = root.table("council").and_then(|node| {
        let council = council(&node, known);
        node.finish();
        council
    });
    Some(Organization { sections, offices, posts, council: council? })
}

fn sections(root: &Node<'_>, known: &mut Known) -> Vec<Section> {
    let (mut sections, mut seen) = (Vec::new(), Vec::new());
    for node in root.tables("sections") {
        let (id, name) = (node.code("id"), node.text("name"));
        let uses_juki_net = node.flag("uses-juki-net");
        if let Some(id) = &id {
            unique(&mut seen, node.faults, "課所", id);
        }
        if let (Some(id), Some(name), Some(uses_juki_net)) = (id, name, uses_juki_net) {
            sections.push(Section { id: id.value, name: name.value, uses_juki_net });
        }
        node.finish();
    }
    known.sections = Some(seen);
    sections
}

fn offices(root: &Node<'_>, known: &mut Known) -> Vec<Office> {
    let (mut offices, mut seen) = (Vec::new(), Vec::new());
    for node in root.tables("offices") {
        let (id, name, section) = (node.code("id"), node.text("name"), node.code("section"));
        let title = node.optional_text("title").map(|title| title.value);
        if let Some(id) = &id {
            unique(&mut seen, node.faults, "職", id);
        }
        if let Some(section) = &section {
            refer(known.sections.as_ref(), node.faults, "課所", section);
        }
        if let (Some(id), Some(name), Some(section)) = (id, name, section) {
            let office = Office { id: id.value, name: name.value, title, section: section.value };
            check_title(&node, &office, &offices);
            offices.push(office);
        }
        node.finish();
    }
    known.offices = Some(seen);
    offices
}

/// A list of staff names an office by section and title: no two may be named alike.
fn check_title(node: &Node<'_>, office: &Office, others: &[Office]) {
    let alike = |other: &&Office| {
        other.section == office.section
            && (other.is_called(&office.name)
                || office.is_called(&other.name)
                || office.title.as_ref().is_some_and(|title| other.is_called(title)))
    };
    if let Some(other) = others.iter().find(alike) {
        node.fault(
            "title",
            format!("「{}」と「{}」は人事異動の一覧で区別できません", other.name, office.name),
            "課所の中で、職の名と役職をそれぞれ別のものにしてください",
        );
    }
}

fn posts(root: &Node<'_>, known: &mut Known, offices: &[Office]) -> Vec<Post> {
    let (mut posts, mut seen, mut substitutes) = (Vec::new(), Vec::new(), Vec::new());
    for node in root.tables("posts") {
        if let Some(id) = node.code("id") {
            unique(&mut seen, node.faults, "充て職", &id);
        }
        substitutes.extend(node.optional_text("acts-for"));
        posts.extend(post(&node, known, offices));
        node.finish();
    }
    for acts_for in &substitutes {
        refer(Some(&seen), root.faults, "充て職", acts_for);
    }
    let room_posts = posts.iter().filter(|post: &&Post| post.scope == Scope::Room);
    known.entry_managers = Some(room_posts.flat_map(|post| post.offices().to_vec()).collect());
    known.posts = Some(seen);
    posts
}

fn post(node: &Node<'_>, known: &Known, offices: &[Office]) -> Option<Post> {
    let (id, name, citations) = (node.code("id"), node.text("name"), known.citations(node));
    let scope = node.text("scope").and_then(|scope| match scope.value.as_str() {
        "city" => Some(Scope::City),
        "section" => Some(Scope::Section),
        "room" => Some(Scope::Room),
        _ => {
            node.fault(
                "scope",
                format!("範囲「{}」はありません", scope.value),
                "city、section、room のどれかです",
            );
            None
        }
    });
    let holders = holders(node, known);
    if let (Some(scope), Some(Holders::Offices(ids))) = (scope, &holders) {
        check_scope(node, scope, ids, offices);
    }
    Some(Post {
        id: id?.value,
        name: name?.value,
        citations,
        scope: scope?,
        holders: holders?,
        acts_for: node.optional_text("acts-for").map(|post| post.value),
    })
}

fn holders(node: &Node<'_>, known: &Known) -> Option<Holders> {
    let (ids, section) = (node.texts("offices"), node.optional_text("section"));
    for id in &ids {
        refer(known.offices.as_ref(), node.faults, "職", id);
    }
    match (ids.is_empty(), section) {
        (false, None) => Some(Holders::Offices(ids.into_iter().map(|id| id.value).collect())),
        (true, Some(section)) => {
            refer(known.sections.as_ref(), node.faults, "課所", &section);
            Some(Holders::Section(section.value))
        }
        (true, None) => {
            node.fault(
                "offices",
                "充てる職がない充て職です",
                "offices = [\"職\"] か section = \"課所\" を書いてください",
            );
            None
        }
        (false, Some(_)) => {
            node.fault(
                "section",
                "職と課所の両方が充てられています",
                "offices か section のどちらか一つにしてください",
            );
            None
        }
    }
}

fn check_scope(node: &Node<'_>, scope: Scope, ids: &[String], offices: &[Office]) {
    if scope == Scope::City && ids.len() != 1 {
        node.fault(
            "offices",
            format!("市に一人の充て職に職が{}件あります", ids.len()),
            "職を一つにしてください",
        );
    }
    if scope == Scope::Section {
        let mut sections: Vec<_> =
            offices.iter().filter(|office| ids.contains(&office.id)).map(|office| &office.section).collect();
        sections.sort();
        if sections.windows(2).any(|pair| pair[0] == pair[1]) {
            node.fault("offices", "同じ課所の職が二つ充てられています", "課所ごとに職を一つにしてください");
        }
    }
}

/// Each section that uses Juki-Net has an officer of its own.
fn check_security_officers(root: &Node<'_>, sections: &[Section], offices: &[Office], posts: &[Post]) {
    let Some(post) = posts.iter().find(|post| post.id == "security-officer") else {
        return;
    };
    for section in sections.iter().filter(|section| section.uses_juki_net) {
        let filled =
            offices.iter().any(|office| office.section == section.id && post.offices().contains(&office.id));
        if !filled {
            root.faults.note(
                &root.place,
                format!("住基ネットを利用する「{}」に{}がいません", section.name, post.name),
                "security-officer の offices にその課所の職を足してください",
            );
        }
    }
}

fn council(node: &Node<'_>, known: &Known) -> Option<Council> {
    let (name, citations) = (node.text("name"), known.citations(node));
    let (chair, secretariat) = (node.text("chair"), node.text("secretariat"));
    for post in [&chair, &secretariat].into_iter().flatten() {
        refer(known.posts.as_ref(), node.faults, "充て職", post);
    }
    let members = node.texts("members");
    for member in &members {
        refer(known.offices.as_ref(), node.faults, "職", member);
    }
    let advisory_body = node.text("advisory-body");
    Some(Council {
        name: name?.value,
        citations,
        chair: chair?.value,
        members: members.into_iter().map(|member| member.value).collect(),
        secretariat: secretariat?.value,
        advisory_body: advisory_body?.value,
    })
}
