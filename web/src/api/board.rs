//! The board, what is owed, the cases, and who holds which post: for programs.

use jiff::Timestamp;
use register::Board as Pure;
use register::board::{ArticleState, Light, rank};
use register::case::{Case, Value, def};
use register::{City, Duty};
use regulation::{Holders, wareki};
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::ask::Ask;
use crate::pages::cases::sees;
use crate::pages::{duties as pages, oversees};
use crate::trouble::{Answer, Trouble};
use crate::words;

/// Something owed.
#[derive(Serialize, ToSchema)]
struct DutyShape {
    /// The rule that makes it, such as `3-2.vacancy`.
    rule: &'static str,
    /// The provision it comes from.
    citation: String,
    /// What it is about: the id of an office, case or person.
    subject: String,
    /// What is to be done, in Japanese.
    what: String,
    /// Who owes it, in Japanese: the post or office, and who holds it.
    owed_by: String,
    /// Since which day.
    since: Option<String>,
    /// Until which day.
    due: Option<String>,
    /// Days since the last day, or 0.
    days_over: i32,
    /// The page on which it is fulfilled.
    page: Option<String>,
}

fn duty(city: &City, duty: &Duty, at: Timestamp) -> DutyShape {
    DutyShape {
        rule: duty.id,
        citation: duty.citation.to_string(),
        subject: duty.subject.clone(),
        what: duty.what.clone(),
        owed_by: city.owner_name(&duty.owed_by, at),
        since: duty.since.map(|day| day.to_string()),
        due: duty.due.map(|day| day.to_string()),
        days_over: duty.days_over(register::japan_day(at)),
        page: pages::address(city, duty),
    }
}

/// What is owed, the most pressing first: everything for those who hold a post, else one's own.
#[utoipa::path(
    get, path = "/api/v1/duties", tag = "義務と状況", security(("stay" = [])),
    params(("mine" = Option<bool>, Query, description = "自分の義務だけ")),
    responses((status = 200, body = Vec<DutyShape>), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn duties(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    let all = oversees(&city, me, now) && ask.query.get("mine") != "true";
    let mut owed = city.duties(now);
    rank(&mut owed, register::japan_day(now));
    let shapes = owed.iter().filter(|duty| all || city.owes(me, duty, now)).map(|d| duty(&city, d, now));
    Ok(json(shapes.collect::<Vec<_>>()))
}

/// The board of a moment.
#[derive(Serialize, ToSchema)]
struct BoardShape {
    /// The day in Japan.
    day: String,
    /// Every article.
    articles: Vec<ArticleLight>,
    /// Everything owed, the most pressing first.
    duties: Vec<DutyShape>,
}

/// How an article stands.
#[derive(Serialize, ToSchema)]
struct ArticleLight {
    /// Short id.
    article: String,
    /// 見出し.
    caption: String,
    /// `in_order`, `owed` or `overdue`.
    light: &'static str,
    /// How much is owed.
    owed: usize,
    /// How much of it is overdue.
    overdue: usize,
    /// Facts that show that the article is lived by.
    evidence: u64,
    /// Refusals under it over the last 30 days.
    refused: usize,
}

fn light(state: &ArticleState) -> ArticleLight {
    ArticleLight {
        article: state.article.to_string(),
        caption: state.caption.clone(),
        light: match state.light {
            Light::InOrder => "in_order",
            Light::Owed => "owed",
            Light::Overdue => "overdue",
        },
        owed: state.owed,
        overdue: state.overdue,
        evidence: state.evidence,
        refused: state.refused,
    }
}

/// The board, now or as it was at the end of a past day; for those who hold a post.
#[utoipa::path(
    get, path = "/api/v1/board", tag = "義務と状況", security(("stay" = [])),
    params(("as-of" = Option<String>, Query, description = "この日の終わりの姿。`2026-04-01`")),
    responses((status = 200, body = BoardShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn board(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    overseer(&office.city(), me, now)?;
    let shape = |city: &City, at: Timestamp| {
        let board = Pure::of(city, at);
        BoardShape {
            day: board.day.to_string(),
            articles: board.articles.iter().map(light).collect(),
            duties: board.duties.iter().map(|d| duty(city, d, at)).collect(),
        }
    };
    let Some(text) = ask.query.some("as-of") else { return Ok(json(shape(&office.city(), now))) };
    let day = wareki::parse(&text).map_err(|error| Trouble::Unreadable(error.japanese()))?;
    let at = words::end_of_day(day).ok_or(Trouble::Missing)?.min(now);
    Ok(json(shape(&office.as_of(at).map_err(Trouble::broken)?, at)))
}

fn overseer(city: &City, me: &register::PersonId, now: Timestamp) -> Result<(), Trouble> {
    match oversees(city, me, now) {
        true => Ok(()),
        false => Err(Trouble::NotYours("見られるのは、規程の職にある人です。".to_owned())),
    }
}

/// A case.
#[derive(Serialize, ToSchema)]
struct CaseShape {
    /// Its id.
    id: String,
    /// What people call it by.
    label: String,
    /// What it is about.
    title: String,
    /// Nothing more is to come.
    closed: bool,
    /// The steps that stand.
    standing: Vec<String>,
    /// The steps that can be taken now, by whoever may.
    next: Vec<&'static str>,
    /// What was done, oldest first.
    timeline: Vec<TakenShape>,
}

/// A step that was taken.
#[derive(Serialize, ToSchema)]
struct TakenShape {
    /// Which.
    step: String,
    /// When, RFC 3339.
    at: String,
    /// By whom.
    by: String,
    /// By the deputy for the head (職務代理).
    acting: bool,
    /// Where it is recorded.
    receipt: String,
    /// What its fields say.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    particulars: std::collections::BTreeMap<String, Value>,
}

fn case(id: &register::CaseId, case: &Case) -> CaseShape {
    let taken = |taken: &register::case::Taken| TakenShape {
        step: taken.step.clone(),
        at: taken.at.to_string(),
        by: taken.by.to_string(),
        acting: taken.acting,
        receipt: taken.receipt.to_string(),
        particulars: taken.particulars.iter().map(|(name, said)| (name.to_owned(), said.clone())).collect(),
    };
    CaseShape {
        id: id.to_string(),
        label: case.label(),
        title: case.title().to_owned(),
        closed: case.closed(),
        standing: case.standing().map(str::to_owned).collect(),
        next: case.next().iter().map(|step| step.def().id).collect(),
        timeline: case.timeline().iter().map(taken).collect(),
    }
}

/// The cases of a kind that whoever is signed in may see, oldest first.
#[utoipa::path(
    get, path = "/api/v1/cases/{kind}", tag = "案件", security(("stay" = [])),
    params(("kind" = String, Path, description = "案件の種類。`meeting`、`matter`、`directive` など")),
    responses((status = 200, body = Vec<CaseShape>), (status = 404, body = super::problem::Problem))
)]
pub(crate) fn cases(ask: &Ask) -> Answer {
    let kind = def(ask.part("kind")).ok_or(Trouble::Missing)?;
    let office = ask.app.office();
    let (now, me) = (office.now(), ask.person().ok_or(Trouble::NobodyHere)?);
    let city = office.city();
    let duties = city.duties(now);
    let cases = city.cases.of_kind(kind.id).into_iter();
    let seen = cases.filter(|(id, case)| sees(&city, me, (id, case), &duties, now));
    Ok(json(seen.map(|(id, one)| case(id, one)).collect::<Vec<_>>()))
}

/// A post of the regulation, and whoever holds the offices that it follows from.
#[derive(Serialize, ToSchema)]
struct PostShape {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The places in the regulation that make it.
    citations: Vec<String>,
    /// The offices; none where a whole section does the work.
    offices: Vec<OfficeShape>,
    /// The section whose staff does the work, where that is so.
    section: Option<String>,
}

/// An office, and who holds it.
#[derive(Serialize, ToSchema)]
struct OfficeShape {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its section.
    section: String,
    /// 職員番号 of whoever holds it; null while it is vacant.
    holder: Option<String>,
    /// The first day of the tenure.
    from: Option<String>,
}

/// Who holds which post, now or at a moment.
#[utoipa::path(
    get, path = "/api/v1/posts", tag = "組織", security(("stay" = [])),
    params(("at" = Option<String>, Query, description = "この時の充て職。`2019-07-03T14:00`")),
    responses((status = 200, body = Vec<PostShape>), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn posts(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let at = match ask.query.some("at") {
        None => office.now(),
        Some(text) => words::read_moment(&text).ok_or_else(|| {
            Trouble::Unreadable("日時は 2019-07-03T14:00 のように書いてください。".to_owned())
        })?,
    };
    let (city, day) = (office.city(), register::japan_day(at));
    let shape = |office: &regulation::Office| {
        let id = office.id.parse().ok();
        let tenure = id.as_ref().and_then(|id| city.organization.tenure(id, day));
        OfficeShape {
            id: office.id.clone(),
            name: office.name.clone(),
            section: office.section.clone(),
            holder: tenure.and_then(|tenure| tenure.person.as_ref()).map(ToString::to_string),
            from: tenure.map(|tenure| tenure.from.to_string()),
        }
    };
    let posts = city.profile().posts().iter().map(|post| PostShape {
        id: post.id.clone(),
        name: post.name.clone(),
        citations: post.citations.iter().map(ToString::to_string).collect(),
        offices: city.offices_of(post).map(shape).collect(),
        section: match &post.holders {
            Holders::Section(section) => Some(section.clone()),
            Holders::Offices(_) => None,
        },
    });
    Ok(json(posts.collect::<Vec<_>>()))
}
