//! `/door/v1`: what door controllers say. No token counts here: every message is signed by the controller's own
//! key, and every answer by the office's (see the crate `door`).

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use door::wire::Sealed;
use office::{DoorError, Office};

use crate::ask::Ask;
use crate::trouble::{Answer, Trouble};

/// `POST /door/v1/ask`: somebody is at a door.
pub(crate) fn ask(ask: &Ask) -> Answer {
    told(ask, Office::door_ask)
}

/// `POST /door/v1/upload`: what happened at the doors.
pub(crate) fn upload(ask: &Ask) -> Answer {
    told(ask, Office::door_upload)
}

/// `POST /door/v1/sync`: the permissions, as soon as they are other than those that the controller has.
pub(crate) fn sync(ask: &Ask) -> Answer {
    told(ask, Office::door_sync)
}

fn told(ask: &Ask, office: fn(&Office, &Sealed) -> Result<Sealed, DoorError>) -> Answer {
    let sealed: Sealed =
        serde_json::from_slice(&ask.body).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    match office(ask.app.office(), &sealed) {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err(error) => {
            tracing::warn!(%error, path = %ask.path, "a door controller gets no answer");
            let status = match error {
                DoorError::Unregistered(_) | DoorError::Wire(_) => StatusCode::FORBIDDEN,
                DoorError::Chain(_) => StatusCode::CONFLICT,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            };
            // Whoever is not known learns nothing; a controller's own log says the rest.
            Ok(status.into_response())
        }
    }
}
