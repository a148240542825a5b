//! Signing in, for the program at a terminal: challenge, the card's answer, the password, and the token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use office::credentials::Password;
use register::SessionId;
use register::access::SignOutCause;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{json, read};
use crate::ask::Ask;
use crate::trouble::{Answer, Trouble};

/// Which terminal asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskChallenge {
    /// 端末番号.
    terminal: String,
}

/// What the card is to sign: the structure, hashed by the card's driver itself.
#[derive(Serialize, ToSchema)]
struct ChallengeShape {
    /// The site.
    origin: String,
    /// 端末番号.
    terminal: String,
    /// The stay that would begin.
    session: String,
    /// 32 bytes, in hex.
    nonce: String,
}

/// A challenge for a software card, in a city to be shown. At work a terminal's program is asked over its own link,
/// and there is no challenge here. It holds for a minute, once.
#[utoipa::path(
    post, path = "/api/v1/sign-in/challenge", tag = "サインイン", request_body = AskChallenge,
    responses((status = 200, body = ChallengeShape), (status = 503, body = super::problem::Problem))
)]
pub(crate) fn challenge(ask: &Ask) -> Answer {
    let asked: AskChallenge = read(ask)?;
    if ask.app.drawer().is_none() {
        return Err(Trouble::Missing);
    }
    let terminal = asked.terminal.parse().map_err(|_| Trouble::Missing)?;
    let challenge = ask.app.office().challenge(&terminal)?;
    Ok(json(ChallengeShape {
        origin: challenge.origin,
        terminal: challenge.terminal,
        session: challenge.session,
        nonce: hex::encode(challenge.nonce),
    }))
}

/// The card's answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardAnswer {
    /// The stay that would begin.
    session: String,
    /// The card's certificate (DER, base64).
    certificate: String,
    /// Its signature over the challenge (DER, base64).
    signature: String,
}

/// Whose card it is.
#[derive(Serialize, ToSchema)]
struct PresentedShape {
    /// The stay that will begin with the password.
    session: String,
    /// カード番号.
    card: String,
    /// Its holder.
    holder: String,
}

/// The card's answer to a challenge.
#[utoipa::path(
    post, path = "/api/v1/sign-in/card", tag = "サインイン", request_body = CardAnswer,
    responses((status = 200, body = PresentedShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn present(ask: &Ask) -> Answer {
    let answer: CardAnswer = read(ask)?;
    let session = session(&answer.session)?;
    let bytes = |text: &str| {
        BASE64.decode(text).map_err(|_| Trouble::Unreadable("Base64として読み取れません。".to_owned()))
    };
    let presented = ask
        .app
        .office()
        .present(&session, &bytes(&answer.certificate)?, &bytes(&answer.signature)?)
        .map_err(|(declined, _)| declined)?;
    Ok(json(PresentedShape {
        session: presented.session.to_string(),
        card: presented.card.to_string(),
        holder: presented.holder.to_string(),
    }))
}

fn session(text: &str) -> Result<SessionId, Trouble> {
    text.parse().map_err(|_| Trouble::Unreadable("sessionが読み取れません。".to_owned()))
}

/// The password, after the card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordAnswer {
    /// The stay that will begin.
    session: String,
    /// The password.
    password: String,
}

/// The stay, and the token that proves it.
#[derive(Serialize, ToSchema)]
struct StayShape {
    /// For `Authorization: Bearer …`.
    token: String,
    /// The stay.
    session: String,
    /// Who.
    person: String,
    /// At which terminal.
    terminal: String,
}

/// The password, after the card: the stay begins.
#[utoipa::path(
    post, path = "/api/v1/sign-in/password", tag = "サインイン", request_body = PasswordAnswer,
    responses((status = 201, body = StayShape), (status = 403, body = super::problem::Problem))
)]
pub(crate) fn sign_in(ask: &Ask) -> Answer {
    let answer: PasswordAnswer = read(ask)?;
    let session = session(&answer.session)?;
    let (token, stay) = ask.app.office().sign_in(&session, &Password::new(answer.password))?;
    Ok(super::created(StayShape {
        token: token.as_str().to_owned(),
        session: stay.session.to_string(),
        person: stay.person.to_string(),
        terminal: stay.terminal.to_string(),
    }))
}

/// The stay ends.
#[utoipa::path(
    delete, path = "/api/v1/stay", tag = "サインイン", security(("stay" = [])),
    responses((status = 204), (status = 401, body = super::problem::Problem))
)]
pub(crate) fn sign_out(ask: &Ask) -> Answer {
    let token = ask.visit.token.as_deref().ok_or(Trouble::NobodyHere)?;
    ask.app.office().sign_out(token, SignOutCause::Asked)?;
    Ok(axum::response::IntoResponse::into_response(axum::http::StatusCode::NO_CONTENT))
}
