//! Operations on the CS and views of the history; each is recorded before it answers.

use jiff::civil::Date;
use office::{Asked, Shown, View};
use register::access::OperationKind;
use register::terms::Resident;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shapes::{HistoryShape, ResidentShape};
use super::{idempotency_key, json, read};
use crate::ask::Ask;
use crate::pages::history::period;
use crate::trouble::{Answer, Trouble};
use crate::typed::Problems;

/// What is asked of the CS.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskOperation {
    /// `search-name`, `search-kana`, `search-code`, `consult`, `print-form`, `history-own`, `history-resident`
    /// or `history-operator`.
    #[schema(value_type = String)]
    kind: OperationKind,
    /// A name, a reading, a resident's code, an operator.
    #[serde(default)]
    condition: String,
    /// 根拠番号; for a view of the history its purpose.
    #[serde(default)]
    reason: Option<String>,
    /// For a view of the history: the first day.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    from: Option<Date>,
    /// For a view of the history: the last day.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to: Option<Date>,
}

/// What an operation showed.
#[derive(Serialize, ToSchema)]
struct OperationShape {
    /// Where it is recorded, as `journal/index`.
    receipt: String,
    /// When, RFC 3339.
    at: String,
    /// How many the search found; more than are shown here, perhaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<u32>,
    /// Residents found by a search.
    #[serde(skip_serializing_if = "Option::is_none")]
    residents: Option<Vec<ResidentShape>>,
    /// The resident consulted; null when nobody has that code.
    #[serde(skip_serializing_if = "Option::is_none")]
    resident: Option<Option<ResidentShape>>,
    /// Operations of the history, newest first, a row for each resident touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    operations: Option<Vec<HistoryShape>>,
    /// There are more operations than one answer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<bool>,
}

/// One operation: judged, looked up, recorded, answered.
#[utoipa::path(
    post, path = "/api/v1/operations", tag = "CS業務", security(("stay" = [])), request_body = AskOperation,
    params(("Idempotency-Key" = Option<String>, Header, description = "同じ番号の要求は、一度だけ行う")),
    responses(
        (status = 200, body = OperationShape), (status = 403, body = super::problem::Problem),
        (status = 422, body = super::problem::Problem), (status = 503, body = super::problem::Problem)
    )
)]
pub(crate) fn operate(ask: &Ask) -> Answer {
    let asked: AskOperation = read(ask)?;
    let open = |day: Option<Date>, end: Date| day.unwrap_or(end);
    let period = match (asked.from, asked.to) {
        (None, None) => None,
        (from, to) => {
            Some((open(from, jiff::civil::date(2002, 1, 1)), open(to, jiff::civil::date(2999, 12, 31))))
        }
    };
    run(ask, Asked { kind: asked.kind, condition: asked.condition, reason: asked.reason, period })
}

fn run(ask: &Ask, asked: Asked) -> Answer {
    let stay = ask.stay().ok_or(Trouble::NobodyHere)?;
    let office = ask.app.office();
    let receipt = office.operate(stay, asked, ask.request_of(&idempotency_key(ask)))?;
    let shown = office.shown(stay, &receipt).ok_or(Trouble::Missing)?;
    Ok(json(shape(&shown)))
}

fn shape(shown: &Shown) -> OperationShape {
    let mut answer = OperationShape {
        receipt: shown.receipt.to_string(),
        at: shown.at.to_string(),
        hits: None,
        residents: None,
        resident: None,
        operations: None,
        more: None,
    };
    match &shown.view {
        View::Hits { shown, count } => {
            answer.hits = Some(count.number());
            answer.residents = Some(shown.iter().map(|found| resident(found, false)).collect());
        }
        View::Resident(found) | View::Form(found) => {
            answer.resident = Some(found.as_ref().map(|found| resident(found, true)));
        }
        View::History { rows, more } => {
            answer.operations = Some(rows.iter().map(row).collect());
            answer.more = Some(*more);
        }
    }
    answer
}

fn resident(resident: &Resident, whole: bool) -> ResidentShape {
    let information = &resident.information;
    ResidentShape {
        code: information.code.to_string(),
        name: information.name.clone(),
        kana: information.kana.clone(),
        birth: information.birth.to_string(),
        sex: information.sex.japanese(),
        address: (whole || !resident.protected).then(|| information.address.clone()),
        protected: resident.protected,
        household: resident.household.as_ref().map(ToString::to_string),
    }
}

fn row(row: &history::Row) -> HistoryShape {
    HistoryShape {
        receipt: format!("operations/{}", row.index),
        at: row.at.to_string(),
        operator: row.operator.clone(),
        card: row.card.clone(),
        terminal: row.terminal.clone(),
        section: row.section.clone(),
        kind: crate::pages::history::kind(row.kind),
        resident: row.resident.map(|code| code.to_string()),
        hits: row.hits,
        output: row.output.japanese(),
        reason: row.reason.clone(),
        condition: row.condition.clone(),
        outcome: row.outcome.japanese(),
    }
}

fn view(ask: &Ask, kind: OperationKind, condition: &str) -> Answer {
    let mut problems = Problems::default();
    let period = period(&ask.query, &mut problems);
    if let Some((_, message)) = problems.all().next() {
        return Err(Trouble::Unreadable(message.clone()));
    }
    let reason = ask.query.some("purpose");
    run(ask, Asked { kind, condition: condition.to_owned(), reason, period })
}

/// One's own operations. The view is an operation itself.
#[utoipa::path(
    get, path = "/api/v1/history/mine", tag = "操作履歴", security(("stay" = [])),
    params(("from" = Option<String>, Query, description = "この日から"), ("to" = Option<String>, Query, description = "この日まで")),
    responses((status = 200, body = OperationShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn history_mine(ask: &Ask) -> Answer {
    view(ask, OperationKind::HistoryOwn, "")
}

/// Who looked at a resident. The view is an operation itself, with its purpose.
#[utoipa::path(
    get, path = "/api/v1/history/residents/{code}", tag = "操作履歴", security(("stay" = [])),
    params(
        ("code" = String, Path, description = "住民票コード"), ("purpose" = String, Query, description = "目的"),
        ("from" = Option<String>, Query, description = "この日から"), ("to" = Option<String>, Query, description = "この日まで")
    ),
    responses((status = 200, body = OperationShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn history_resident(ask: &Ask) -> Answer {
    view(ask, OperationKind::HistoryResident, ask.part("code"))
}

/// What an operator did. The view is an operation itself, with its purpose.
#[utoipa::path(
    get, path = "/api/v1/history/operators/{operator}", tag = "操作履歴", security(("stay" = [])),
    params(
        ("operator" = String, Path, description = "職員番号"), ("purpose" = String, Query, description = "目的"),
        ("from" = Option<String>, Query, description = "この日から"), ("to" = Option<String>, Query, description = "この日まで")
    ),
    responses((status = 200, body = OperationShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn history_operator(ask: &Ask) -> Answer {
    view(ask, OperationKind::HistoryOperator, ask.part("operator"))
}
