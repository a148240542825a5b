//! Problem details (RFC 9457), with every article that stands against an act.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use office::Declined;
use serde::Serialize;
use utoipa::ToSchema;

use crate::trouble::Trouble;

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Which kind, as a path within `/api/v1/openapi.json`'s words.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind in Japanese.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// This one, in Japanese.
    detail: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The articles against the act, as short ids, in the order of the regulation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<String>,
    /// Each ground, with what would help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grounds: Vec<Ground>,
    /// Where the refusal is recorded, as `journal/index`.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

/// One article against an act.
#[derive(Debug, Serialize, ToSchema)]
struct Ground {
    /// Short id of the article.
    citation: Option<String>,
    /// The article in Japanese.
    japanese: Option<String>,
    /// The policy that forbids.
    policy: String,
    /// Why, in Japanese.
    reason: String,
    /// What would help, in Japanese.
    remedy: String,
}

/// The answer.
pub(crate) fn problem(trouble: &Trouble) -> Response {
    let (title, detail) = trouble.words();
    let status = trouble.status();
    let mut problem = Problem {
        kind: kind(trouble),
        title,
        status: status.as_u16(),
        detail,
        field: None,
        citations: Vec::new(),
        grounds: Vec::new(),
        receipt: None,
    };
    match trouble {
        Trouble::Declined(Declined::Refused { refusal, receipt }) => {
            problem.citations = refusal.citations().iter().map(ToString::to_string).collect();
            problem.detail =
                refusal.grounds.iter().map(|ground| ground.reason.as_str()).collect::<Vec<_>>().join("。");
            problem.grounds = refusal
                .grounds
                .iter()
                .map(|ground| Ground {
                    citation: ground.citation.map(|citation| citation.to_string()),
                    japanese: ground.citation.map(regulation::Citation::japanese),
                    policy: ground.policy.clone(),
                    reason: ground.reason.clone(),
                    remedy: ground.remedy.clone(),
                })
                .collect();
            problem.receipt = Some(receipt.to_string());
        }
        Trouble::Declined(declined) => problem.field = declined.field(),
        _ => {}
    }
    (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_json()).into_response()
}

impl Problem {
    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

fn kind(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Missing => "/problems/missing",
        Trouble::NotYours(_) => "/problems/not-yours",
        Trouble::NotYet(_) => "/problems/not-yet",
        Trouble::Stale => "/problems/stale",
        Trouble::NobodyHere => "/problems/nobody-signed-in",
        Trouble::Unreadable(_) => "/problems/unreadable",
        Trouble::TooLarge => "/problems/too-large",
        Trouble::Declined(Declined::Refused { .. }) => "/problems/refused",
        Trouble::Declined(Declined::Invalid(_)) => "/problems/impossible",
        Trouble::Declined(Declined::Unreadable { .. }) => "/problems/unreadable-field",
        Trouble::Declined(Declined::Unrecordable { .. }) => "/problems/unrecordable",
        Trouble::Declined(Declined::Busy) => "/problems/busy",
        Trouble::Declined(Declined::Broken { .. }) | Trouble::Broken(_) | Trouble::Tampered(_) => {
            "/problems/broken"
        }
    }
}
