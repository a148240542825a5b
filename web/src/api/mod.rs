//! `/api/v1`: the same acts and views for programs. Errors are problem details (RFC 9457) with the articles.
//!
//! Programs prove who they are with the token that signing in gives (`Authorization: Bearer …`); cookies do not
//! count here. A submission with an `Idempotency-Key` is done once, however often it is sent.

mod acts;
mod board;
mod doors;
mod operations;
mod problem;
mod regulation;
mod rooms;
mod shapes;
mod sign_in;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::ask::Ask;
use crate::trouble::{Answer, Trouble};

pub(crate) use acts::{act, ledger, ledgers, refusals};
pub(crate) use board::{board, cases, duties, posts};
pub(crate) use doors::{ask as door_ask, sync as door_sync, upload as door_upload};
pub(crate) use operations::{history_mine, history_operator, history_resident, operate};
pub(crate) use problem::problem;
pub(crate) use regulation::{article, articles, coverage, journals, proof};
pub(crate) use rooms::{findings, lend, passages, rooms};
pub(crate) use sign_in::{challenge, present, sign_in, sign_out};

/// What the interface is described by.
#[derive(OpenApi)]
#[openapi(
    info(title = "関所 Sekisho", description = "住基ネットセキュリティ規程を動かすプログラムの窓口。"),
    paths(
        regulation::articles,
        regulation::article,
        regulation::coverage,
        regulation::journals,
        regulation::proof,
        sign_in::challenge,
        sign_in::present,
        sign_in::sign_in,
        sign_in::sign_out,
        operations::operate,
        operations::history_mine,
        operations::history_resident,
        operations::history_operator,
        acts::act,
        acts::refusals,
        acts::ledgers,
        acts::ledger,
        board::board,
        board::duties,
        board::cases,
        board::posts,
        rooms::rooms,
        rooms::passages,
        rooms::findings,
        rooms::lend,
    ),
    components(schemas(problem::Problem)),
    modifiers(&Bearer)
)]
struct Description;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("サインインで渡される文字列"))
            .build();
        openapi.components.get_or_insert_default().add_security_scheme("stay", SecurityScheme::Http(scheme));
    }
}

/// The description, as JSON.
///
/// # Errors
/// Never in practice: the description is plain data.
pub fn openapi_json() -> serde_json::Result<String> {
    Description::openapi().to_pretty_json()
}

/// `GET /api/v1/openapi.json`.
pub(crate) fn openapi(_: &Ask) -> Answer {
    let text = openapi_json().map_err(Trouble::broken)?;
    Ok(([(axum::http::header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// A body of JSON; unknown fields are told, not passed over.
fn read<T: DeserializeOwned>(ask: &Ask) -> Result<T, Trouble> {
    serde_json::from_slice(&ask.body)
        .map_err(|error| Trouble::Unreadable(format!("JSONとして読み取れません（{error}）")))
}

fn json(value: impl Serialize) -> Response {
    Json(value).into_response()
}

fn created(value: impl Serialize) -> Response {
    (StatusCode::CREATED, Json(value)).into_response()
}

/// The caller's own number of this submission.
fn idempotency_key(ask: &Ask) -> String {
    let key = ask.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    key.unwrap_or_default().chars().take(200).collect()
}
