//! The pages, one module for each part of the address tree.

pub(crate) mod acting;
pub(crate) mod articles;
pub(crate) mod board;
pub(crate) mod calendar;
pub(crate) mod cards;
pub(crate) mod cases;
pub(crate) mod cs;
pub(crate) mod designations;
pub(crate) mod desk;
pub(crate) mod documents;
pub(crate) mod duties;
pub(crate) mod handlers;
pub(crate) mod hardware;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod journal;
pub(crate) mod labels;
pub(crate) mod ledgers;
pub(crate) mod password;
pub(crate) mod posts;
pub(crate) mod refusals;
pub(crate) mod regulation;
pub(crate) mod rooms;
pub(crate) mod rules;
pub(crate) mod runs;
pub(crate) mod sign_in;
mod tamper;
pub(crate) mod terminals;
pub(crate) mod tour;
pub(crate) mod transfers;
pub mod views;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use register::{City, PersonId};

use crate::ask::Ask;

/// A page with this status.
pub(crate) fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page.
pub(crate) fn page(page: &impl Template) -> Response {
    render(StatusCode::OK, page)
}

/// What shows residents does not stay on the screen of a terminal that was left alone: when the stay ends, the browser
/// goes to the sign-in by itself, without a script. Card and password bring the clerk back.
pub(crate) fn locked_when_idle(ask: &Ask, mut response: Response) -> Response {
    let Some(stay) = ask.stay() else { return response };
    let office = ask.app.office();
    let (idle, now) = (office.settings().idle, office.now());
    let last = office.city().access.session(&stay.session).map_or(now, |session| session.last_use);
    let left = (idle - now.duration_since(last)).as_secs().max(0) + 1;
    let to = format!("{left}; url=/terminals/{}/sign-in?ended=yes", stay.terminal);
    if let Ok(value) = HeaderValue::from_str(&to) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    response
}

/// A form with faults, or without.
pub(crate) fn form_status(faulty: bool) -> StatusCode {
    if faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// Whether somebody holds a post of the regulation, and so sees more than the own records.
pub(crate) fn oversees(city: &City, person: &PersonId, at: Timestamp) -> bool {
    let standing = city.standing(person, at);
    !standing.posts.is_empty() || !standing.officer_of.is_empty() || !standing.entry_manager_of.is_empty()
}
