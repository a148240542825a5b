//! The regulation and the journals, for everybody.

use ::regulation::{Article, Citation, coverage as covered};
use office::catalogue;
use register::JournalKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::ask::Ask;
use crate::pages::journal::name;
use crate::trouble::{Answer, Trouble};

/// An article.
#[derive(Debug, Serialize, ToSchema)]
struct ArticleShape {
    /// Short id.
    id: String,
    /// Such as `第14条`.
    japanese: String,
    /// 見出し.
    caption: String,
    /// The chapter's number.
    chapter: u16,
    /// Its demands.
    demands: Vec<DemandShape>,
}

/// A demand, and what meets it.
#[derive(Debug, Serialize, ToSchema)]
struct DemandShape {
    /// Its id.
    id: String,
    /// Its places.
    citations: Vec<String>,
    /// MAY, MUST, RECORD or TERM.
    kind: &'static str,
    /// In our own words.
    wording: String,
    /// Everything that it needs is there.
    met: bool,
    /// The means that are there.
    by: Vec<String>,
    /// The means that are not there yet.
    missing: Vec<String>,
}

fn shape(ask: &Ask, article: &Article) -> ArticleShape {
    let office = ask.app.office();
    let profile = office.profile();
    let rows = covered(profile, &catalogue(profile, office.regulator()));
    let demand = |demand: &::regulation::Demand| {
        let row = rows.iter().find(|row| row.id == demand.id);
        DemandShape {
            id: demand.id.to_string(),
            citations: demand.citations.iter().map(ToString::to_string).collect(),
            kind: demand.kind.code(),
            wording: demand.wording.clone(),
            met: row.is_some_and(|row| row.met),
            by: row.map_or(Vec::new(), |row| row.by.clone()),
            missing: row.map_or(Vec::new(), |row| row.missing.clone()),
        }
    };
    ArticleShape {
        id: article.citation().to_string(),
        japanese: article.citation().japanese(),
        caption: article.caption.clone(),
        chapter: article.chapter,
        demands: profile.demands_of(article.number).map(demand).collect(),
    }
}

/// Every article, with its demands.
#[utoipa::path(get, path = "/api/v1/articles", tag = "規程", responses((status = 200, body = Vec<ArticleShape>)))]
pub(crate) fn articles(ask: &Ask) -> Answer {
    let articles = ask.app.office().profile().articles();
    Ok(json(articles.iter().map(|article| shape(ask, article)).collect::<Vec<_>>()))
}

/// One article, with its demands.
#[utoipa::path(
    get, path = "/api/v1/articles/{citation}", tag = "規程",
    params(("citation" = String, Path, description = "条項号。`14`、`7-4但` など")),
    responses((status = 200, body = ArticleShape), (status = 404, body = super::problem::Problem))
)]
pub(crate) fn article(ask: &Ask) -> Answer {
    let citation: Citation = ask.part("citation").parse().map_err(|_| Trouble::Missing)?;
    let article = ask.app.office().profile().article(citation.article()).ok_or(Trouble::Missing)?;
    Ok(json(shape(ask, article)))
}

/// Each demand with what meets it today.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "規程", responses((status = 200, body = serde_json::Value)))]
pub(crate) fn coverage(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let profile = office.profile();
    Ok(json(covered(profile, &catalogue(profile, office.regulator()))))
}

/// A journal's state.
#[derive(Debug, Serialize, ToSchema)]
struct JournalShape {
    /// Its name.
    name: &'static str,
    /// Entries.
    size: u64,
    /// Merkle root, in hex.
    root: String,
    /// Verifier key, in signed-note form.
    vkey: String,
    /// Checkpoint signed now.
    checkpoint: String,
}

/// Size, root and signed checkpoint of every journal.
#[utoipa::path(get, path = "/api/v1/journals", tag = "原簿", responses((status = 200, body = Vec<JournalShape>)))]
pub(crate) fn journals(ask: &Ask) -> Answer {
    let journal = ask.app.office().journal();
    let mut shapes = Vec::new();
    for kind in JournalKind::ALL {
        let id = name(kind.name())?;
        let head = journal.head(&id).map_err(Trouble::broken)?;
        shapes.push(JournalShape {
            name: kind.name(),
            size: head.size,
            root: head.root.to_string(),
            vkey: journal.vkey(&id).map_err(Trouble::broken)?.to_owned(),
            checkpoint: journal.checkpoint(&id).map_err(Trouble::broken)?,
        });
    }
    Ok(json(shapes))
}

/// A proof that an entry stands in its journal.
#[derive(Debug, Serialize, ToSchema)]
struct ProofShape {
    /// SHA-256 of the entry as a leaf, in hex.
    leaf: String,
    /// The proof in the form of C2SP tlog-proof.
    proof: String,
}

/// The proof of one entry, without the entry.
#[utoipa::path(
    get, path = "/api/v1/journals/{journal}/{index}/proof", tag = "原簿",
    params(("journal" = String, Path, description = "原簿の名前"), ("index" = u64, Path, description = "番号")),
    responses((status = 200, body = ProofShape), (status = 404, body = super::problem::Problem))
)]
pub(crate) fn proof(ask: &Ask) -> Answer {
    let journal = ask.app.office().journal();
    let id = name(ask.part("journal"))?;
    let index: u64 = ask.part("index").parse().map_err(|_| Trouble::Missing)?;
    if index >= journal.head(&id).map_err(Trouble::broken)?.size {
        return Err(Trouble::Missing);
    }
    let leaf = journal.get(&id, index).map_err(Trouble::broken)?.leaf_hash().to_string();
    let proof = journal.prove(&id, index).map_err(Trouble::broken)?.to_string();
    Ok(json(ProofShape { leaf, proof }))
}
