//! Acts on the register, the refusals, and the ledgers.

use register::{Act, access, assets, organization, rooms};
use serde::Serialize;
use utoipa::ToSchema;

use super::shapes::LedgerShape;
use super::{created, idempotency_key, json, read};
use crate::ask::Ask;
use crate::pages::{ledgers as ledger_pages, oversees};
use crate::trouble::{Answer, Trouble};

/// What was done.
#[derive(Serialize, ToSchema)]
struct DoneShape {
    /// Where the first fact is recorded, as `journal/index`.
    receipt: String,
    /// What happened.
    #[schema(value_type = Vec<serde_json::Value>)]
    facts: Vec<register::Fact>,
    /// This very submission had been answered before; nothing was done a second time.
    again: bool,
}

/// One act on the register, such as `{"access": {"agree_designation": "D-1"}}`. Acts that carry a proof (sign-in,
/// password, operations) have addresses of their own, where the office itself does the proving.
#[utoipa::path(
    post, path = "/api/v1/acts", tag = "手続", security(("stay" = [])), request_body = serde_json::Value,
    params(("Idempotency-Key" = Option<String>, Header, description = "同じ番号の要求は、一度だけ行う")),
    responses(
        (status = 201, body = DoneShape), (status = 403, body = super::problem::Problem),
        (status = 422, body = super::problem::Problem)
    )
)]
pub(crate) fn act(ask: &Ask) -> Answer {
    let act: Act = read(ask)?;
    if proves(&act) {
        return Err(Trouble::NotYours(
            "この行為は、ここからは受け付けません。専用の窓口を使ってください。".to_owned(),
        ));
    }
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let done = office.submit(act, office.occasion(stay, ask.request_of(&idempotency_key(ask))))?;
    Ok(created(DoneShape { receipt: done.receipt.to_string(), facts: done.facts, again: done.again }))
}

/// Whether an act states something that only the office may state: that a card or a password was proven, whose
/// data was shown, what stands in the residents' file, who the city's people are before there is anybody.
fn proves(act: &Act) -> bool {
    match act {
        Act::Access(act) => match act {
            access::Act::SetPassword { .. }
            | access::Act::SignIn(_)
            | access::Act::SignOut(_)
            | access::Act::Operate(_) => true,
            access::Act::RegisterTerminal(_)
            | access::Act::RetireTerminal(_)
            | access::Act::ProposeDesignation(_)
            | access::Act::AgreeDesignation(_)
            | access::Act::EndDesignation(_)
            | access::Act::PrepareCard(_)
            | access::Act::DiscardCard { .. }
            | access::Act::IssueCard(_)
            | access::Act::InspectCard { .. }
            | access::Act::ReportLostCard { .. }
            | access::Act::ReportFoundCard { .. }
            | access::Act::LendSpare(_)
            | access::Act::ReturnSpare { .. }
            | access::Act::CountSpares { .. }
            | access::Act::CloseCardAlarm { .. }
            | access::Act::StopCard { .. }
            | access::Act::RestoreCard(_) => false,
        },
        Act::Assets(act) => match act {
            assets::Act::EnterResidents(_) => true,
            assets::Act::DesignateHandler { .. } | assets::Act::EndHandler { .. } | assets::Act::Tick(_) => {
                false
            }
        },
        Act::Organization(act) => match act {
            organization::Act::Found { .. } => true,
            organization::Act::EnrolPerson(_)
            | organization::Act::Appoint(_)
            | organization::Act::OpenActing { .. }
            | organization::Act::Transfer { .. }
            | organization::Act::ReverseTransfer { .. }
            | organization::Act::Remind(_)
            | organization::Act::CloseActing
            | organization::Act::SeeActs { .. } => false,
        },
        // What a door saw, and what a card proved, only the office can say; a file is read by the office.
        Act::Rooms(act) => match act {
            rooms::Act::Pass(pass) => pass.via != rooms::Via::Hand,
            rooms::Act::LendKey(_) | rooms::Act::ReportDoor { .. } | rooms::Act::ImportPassages(_) => true,
            _ => false,
        },
        Act::Case(_) => false,
    }
}

/// A refusal.
#[derive(Serialize, ToSchema)]
struct RefusalShape {
    /// Where it is recorded.
    receipt: String,
    /// When, RFC 3339.
    at: String,
    /// Who was refused.
    by: String,
    /// What was to be done.
    action: String,
    /// The articles against it.
    citations: Vec<String>,
    /// Why, in Japanese.
    reasons: Vec<String>,
}

/// The latest refusals, newest first: everybody's for those who hold a post, else one's own.
#[utoipa::path(
    get, path = "/api/v1/refusals", tag = "規程", security(("stay" = [])),
    responses((status = 200, body = Vec<RefusalShape>), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn refusals(ask: &Ask) -> Answer {
    let office = ask.app.office();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    let city = office.city();
    let all = oversees(&city, me, office.now());
    let shapes: Vec<RefusalShape> = city
        .refusals()
        .filter(|past| all || past.by == *me)
        .map(|past| RefusalShape {
            receipt: past.receipt.to_string(),
            at: past.at.to_string(),
            by: past.by.to_string(),
            action: past.refused.action.clone(),
            citations: past.refused.refusal.citations().iter().map(ToString::to_string).collect(),
            reasons: past.refused.refusal.grounds.iter().map(|ground| ground.reason.clone()).collect(),
        })
        .collect();
    Ok(json(shapes))
}

fn shape(ledger: &'static register::LedgerDef, rows: Option<Vec<Vec<String>>>) -> LedgerShape {
    LedgerShape {
        id: ledger.id,
        name: ledger.name,
        citation: ledger.citation,
        keeper: ledger.keeper,
        columns: ledger.columns.iter().map(|column| column.id).collect(),
        rows,
    }
}

/// The ledgers.
#[utoipa::path(
    get, path = "/api/v1/ledgers", tag = "管理簿", security(("stay" = [])),
    responses((status = 200, body = Vec<LedgerShape>), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn ledgers(_: &Ask) -> Answer {
    Ok(json(register::ledgers().map(|ledger| shape(ledger, None)).collect::<Vec<_>>()))
}

/// One ledger with its rows. The operation history is read at `/api/v1/history/…`, with its purpose.
#[utoipa::path(
    get, path = "/api/v1/ledgers/{ledger}", tag = "管理簿", security(("stay" = [])),
    params(("ledger" = String, Path, description = "管理簿のid")),
    responses((status = 200, body = LedgerShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn ledger(ask: &Ask) -> Answer {
    let ledger = register::ledger(ask.part("ledger")).ok_or(Trouble::Missing)?;
    let rows = ledger_pages::rows(ask, ledger)?;
    let plain =
        rows.iter().map(|row| row.iter().map(|cell| ledger_pages::plain(cell).into_owned()).collect());
    Ok(json(shape(ledger, Some(plain.collect()))))
}
