//! Every route, tried by somebody who is not signed in.
//!
//! The table beside this file says what each of them answers. A route that is added stands in no line of it, and
//! the test fails until somebody has looked at its line: `UPDATE_TABLE=1` writes it anew.

use std::fmt::Write as _;

use axum::http::{Method, StatusCode, header};
use web::{Gate, ROUTES, Route};

use crate::kit::{Kit, TERMINAL};

/// Something that is there, for each part of an address that varies.
fn filled(route: &Route) -> String {
    let parts = [
        ("{citation}", "14"),
        ("{terminal}", TERMINAL),
        ("{index}", "0"),
        ("{journal}", "register"),
        ("{designation}", "D-clerk"),
        ("{card}", "K-1"),
        ("{person}", "clerk"),
        ("{operator}", "clerk"),
        ("{ledger}", "operator-cards"),
        ("{code}", "12345678903"),
        ("{kind}", "matter"),
        ("{case}", "matter-1"),
        ("{step}", "resolve"),
        ("{room}", "cs-room"),
        ("{escort}", "E-1"),
        ("{ticket}", "0000000000000000"),
        ("{finding}", "no-permit.passages.0"),
        ("{sha256}", "0000000000000000000000000000000000000000000000000000000000000000"),
    ];
    let path = parts.iter().fold(route.path.to_owned(), |path, (name, value)| path.replace(name, value));
    assert!(!path.contains('{'), "the test does not know every part of {}", route.path);
    path
}

#[tokio::test]
async fn every_route_answers_nobody_as_the_table_says() {
    let kit = Kit::new();
    let mut table = String::new();
    for route in ROUTES {
        let mut browser = kit.browser();
        let path = filled(route);
        let page = match (route.method.clone(), route.gate) {
            // A form that is our own, so that what answers is the gate.
            (Method::POST, Gate::Anyone | Gate::Stay) => {
                browser.get("/terminals").await;
                browser.get(&format!("/terminals/{TERMINAL}/sign-in")).await;
                browser.post(&path, &[]).await
            }
            (method, _) => {
                browser.send(method, &path, b"{}".to_vec(), &[("content-type", "application/json")]).await
            }
        };
        let leads = page.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap_or("?"));
        let _ =
            writeln!(table, "{:6} {:45} {} {leads}", route.method.as_str(), route.path, page.status.as_u16());
        match route.gate {
            Gate::Stay => {
                assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
                assert!(leads.starts_with("/terminals?needed"), "{path} leads to {leads}");
            }
            Gate::ProgramStay => {
                assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{path}");
                assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json", "{path}");
            }
            Gate::Anyone | Gate::Program | Gate::Machine => {}
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nobody.table");
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if std::env::var_os("UPDATE_TABLE").is_some() {
        std::fs::write(file, &table).expect("the table can be written");
    }
    let known = std::fs::read_to_string(file).expect("the table is there");
    assert_eq!(table, known, "a route answers nobody otherwise than the table says");
}

#[tokio::test]
async fn nobody_changes_anything() {
    let kit = Kit::new();
    let register = kit.office.journal().head(&journal::JournalName::new("register").unwrap()).unwrap();
    for route in ROUTES.iter().filter(|route| matches!(route.gate, Gate::Stay | Gate::ProgramStay)) {
        let mut browser = kit.browser();
        browser.get(&format!("/terminals/{TERMINAL}/sign-in")).await;
        browser.send(route.method.clone(), &filled(route), Vec::new(), &[]).await;
        browser
            .post(&filled(route), &[("person", "spare"), ("kind", "business-clerk"), ("terminal", TERMINAL)])
            .await;
    }
    let after = kit.office.journal().head(&journal::JournalName::new("register").unwrap()).unwrap();
    assert_eq!(register, after);
    assert_eq!(kit.office.city().access.operations(), 0);
}

#[tokio::test]
async fn every_form_needs_the_token_of_its_browser_and_our_own_origin() {
    let kit = Kit::new();
    for route in ROUTES
        .iter()
        .filter(|route| route.method == Method::POST && matches!(route.gate, Gate::Anyone | Gate::Stay))
    {
        let path = filled(route);
        let mut browser = kit.signed_in("K-1").await;
        let csrf = browser.csrf.clone();
        browser.csrf = "0".repeat(64);
        let page = browser.post(&path, &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} without the form's token");
        page.says(&["画面が古くなっています"]);
        let body = format!("_csrf={csrf}&_once=1").into_bytes();
        let form = ("content-type", "application/x-www-form-urlencoded");
        for other in [("origin", "http://other.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
            let page =
                browser.send(Method::POST, &path, body.clone(), &[form, ("host", "juki.test"), other]).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} from {other:?}");
        }
        let mut stranger = kit.browser();
        stranger.get(&format!("/terminals/{TERMINAL}/sign-in")).await;
        stranger.csrf = csrf;
        let page = stranger.post(&path, &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} with somebody else's token");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_and_only_the_live_page_may_run_our_own_script() {
    let kit = Kit::new();
    let mut browser = kit.signed_in("K-2").await;
    // A stream has no end that a test could wait for; it has a test of its own.
    for route in ROUTES.iter().filter(|route| route.method == Method::GET && route.path != "/rooms/live") {
        let path = filled(route);
        let page = browser.get(&path).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        let live = path == "/rooms";
        assert!(
            !policy.contains("unsafe") && policy.contains("script-src 'self'") == live,
            "{path}: {policy}"
        );
        assert_eq!(policy.contains("connect-src 'self'"), live, "{path}: {policy}");
        assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(page.headers[header::REFERRER_POLICY], "same-origin", "{path}");
        assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin", "{path}");
        if page.html.starts_with("<!DOCTYPE html>") {
            let script = format!("<script src=\"{}\" defer></script>", web::assets::live());
            assert_eq!(page.html.matches("<script").count(), usize::from(live), "{path}");
            assert_eq!(page.html.contains(&script), live, "{path}");
            for forbidden in [" style=", " onclick", " onload", "javascript:", "http://", "https://"] {
                page.does_not_say(forbidden);
            }
            assert_eq!(page.html.matches("<h1").count(), 1, "{path}");
            page.says(&["lang=\"ja\"", "class=\"skip\"", "<main", "<nav"]);
        }
    }
}

#[tokio::test]
async fn the_stylesheet_is_kept_for_a_year_and_named_after_its_contents() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    let page = browser.get(web::assets::style()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert!(!page.html.contains("url(") && !page.html.contains("@import"));
    assert_eq!(browser.get("/assets/other.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_nowhere_is_a_page_in_japanese() {
    let kit = Kit::new();
    let mut browser = kit.browser();
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.says(&["<title>エラー：", "ページが見つかりません"]);
    assert_eq!(
        browser.send(Method::PUT, "/cs", Vec::new(), &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}
