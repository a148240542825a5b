//! `/documents/{sha256}`: a document that a case is bound to, as it was handed in.

use axum::http::header;
use axum::response::IntoResponse;
use office::DocumentError;
use register::case::{Case, Value};

use crate::ask::Ask;
use crate::pages::cases::sees;
use crate::trouble::{Answer, Trouble};

/// `GET /documents/{sha256}`. The name comes with the case; who may not see the case has no document of it.
pub(crate) fn download(ask: &Ask) -> Answer {
    let sha256 = ask.part("sha256");
    let office = ask.app.office();
    let me = ask.person().ok_or(Trouble::NobodyHere)?;
    let name = {
        let now = office.now();
        let city = office.city();
        let duties = city.duties(now);
        let mut cases = city.cases.iter();
        cases
            .find_map(|(id, case)| {
                let name = name_in(case, sha256)?;
                sees(&city, me, (id, case), &duties, now).then_some(name)
            })
            .ok_or(Trouble::Missing)?
    };
    let bytes = office.document(sha256).map_err(|error| match error {
        DocumentError::Unknown { .. } => Trouble::Missing,
        DocumentError::Tampered { .. } => Trouble::Tampered(error.japanese()),
        error => Trouble::broken(error),
    })?;
    let headers = [
        (header::CONTENT_TYPE, content_type(&name).to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&name)),
    ];
    Ok((headers, bytes).into_response())
}

fn name_in(case: &Case, sha256: &str) -> Option<String> {
    let mut values = case.timeline().iter().rev().flat_map(|taken| taken.particulars.iter());
    values.find_map(|(_, value)| match value {
        Value::Document(document) if document.sha256 == sha256 => Some(document.name.clone()),
        _ => None,
    })
}

/// Only what no browser would run: everything else is bytes.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("pdf") => "application/pdf",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        _ => "application/octet-stream",
    }
}

/// The name twice: in ASCII for old programs, and as it is (RFC 6266).
fn disposition(name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let ascii = !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let plain = if ascii { format!("document.{extension}") } else { "document".to_owned() };
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", crate::typed::encode(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_in_both_forms_and_cannot_break_the_header() {
        assert_eq!(
            disposition("議事 録.pdf"),
            "attachment; filename=\"document.pdf\"; filename*=UTF-8''%E8%AD%B0%E4%BA%8B%20%E9%8C%B2.pdf"
        );
        assert_eq!(disposition("a\"b"), "attachment; filename=\"document\"; filename*=UTF-8''a%22b");
    }

    #[test]
    fn nothing_that_a_browser_runs_is_said_to_be_so() {
        assert_eq!(content_type("a.PDF"), "application/pdf");
        for name in ["a.html", "a.svg", "a.js", "a", "pdf"] {
            assert_eq!(content_type(name), "application/octet-stream", "{name}");
        }
    }
}
