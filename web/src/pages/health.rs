//! What machines ask of this one: is it alive, can it record, how much is it doing.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use register::JournalKind;

use crate::ask::Ask;
use crate::metrics;
use crate::pages::journal::name;
use crate::trouble::Answer;

/// `GET /healthz`: the process answers.
pub(crate) fn alive(_: &Ask) -> Answer {
    Ok("ok\n".into_response())
}

/// `GET /readyz`: acts can be recorded. The journals' writer is asked to sign and store a checkpoint of each.
pub(crate) fn ready(ask: &Ask) -> Answer {
    let journal = ask.app.office().journal();
    let failed = JournalKind::ALL.iter().find_map(|kind| {
        let name = name(kind.name()).ok()?;
        journal.checkpoint(&name).err()
    });
    Ok(match failed {
        None => "ready\n".into_response(),
        // Why is for the log; whoever asks here may be anybody.
        Some(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "acts cannot be recorded\n").into_response()
        }
    })
}

/// `GET /metrics`.
pub(crate) fn metrics(ask: &Ask) -> Answer {
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::text(&ask.app))
        .into_response())
}
