//! What stands before every page: headers, cookies, and the proof that a form comes from our own page.

use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ask::Visit;

/// A page that keeps itself up to date: our own script besides, which asks our own server.
const LIVE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
                           base-uri 'none'; frame-ancestors 'none'; script-src 'self'; connect-src 'self'";

/// Nothing but our own stylesheet and forms; no script at all, but on pages that are [`live`].
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), usb=(), payment=(), clipboard-read=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Puts the headers of every answer; what is not an asset is never stored.
pub(crate) fn headers(mut response: Response, tls: bool) -> Response {
    let map = response.headers_mut();
    let live = map.get(header::CONTENT_SECURITY_POLICY).is_some_and(|policy| policy == LIVE_POLICY);
    for (name, value) in HEADERS {
        map.insert(name, HeaderValue::from_static(value));
    }
    if live {
        map.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(LIVE_POLICY));
    }
    if !map.contains_key(header::CACHE_CONTROL) {
        map.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if tls {
        map.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Lets a page run the script that keeps it up to date.
pub(crate) fn live(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(LIVE_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// 32 random bytes in hex. Without random bytes nothing here is safe, and the process ends.
pub(crate) fn random_hex() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    hex::encode(bytes)
}

/// The cookies' names: only a page over TLS may claim the `__Host-` prefix.
pub(crate) struct Cookies {
    tls: bool,
}

impl Cookies {
    pub(crate) fn new(tls: bool) -> Self {
        Self { tls }
    }

    fn name(&self, own: &str) -> String {
        if self.tls { format!("__Host-{own}") } else { own.to_owned() }
    }

    /// The value of a cookie of ours: hexadecimal digits, or it is none.
    pub(crate) fn read(&self, headers: &HeaderMap, own: &str) -> Option<String> {
        let name = self.name(own);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .filter(|value| value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// Sets a cookie for as long as the browser runs, or takes it away.
    pub(crate) fn set(&self, response: &mut Response, own: &str, value: Option<&str>) {
        let secure = if self.tls { "; Secure" } else { "" };
        let age = if value.is_some() { "" } else { "; Max-Age=0" };
        let name = self.name(own);
        let text =
            format!("{name}={}; Path=/; HttpOnly; SameSite=Strict{secure}{age}", value.unwrap_or_default());
        if let Ok(text) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, text);
        }
    }
}

/// The cookie of the browser, and that of the stay.
pub(crate) const VISITOR: &str = "sekisho-visitor";
/// As [`VISITOR`].
pub(crate) const STAY: &str = "sekisho-stay";

/// The token in every form: a keyed digest over the stay's cookie, or over the browser's before sign-in.
pub(crate) fn csrf(key: &[u8; 32], visit: &Visit) -> String {
    hex::encode(mac(key, visit).finalize().into_bytes())
}

/// Whether a form's token was made for this browser. Compared in constant time.
pub(crate) fn csrf_holds(key: &[u8; 32], visit: &Visit, token: &str) -> bool {
    hex::decode(token).is_ok_and(|token| mac(key, visit).verify_slice(&token).is_ok())
}

fn mac(key: &[u8; 32], visit: &Visit) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(b"form of ");
    mac.update(visit.token.as_deref().unwrap_or(&visit.visitor).as_bytes());
    mac
}

/// Whether an unsafe request comes from our own pages, as far as the browser says. What says nothing is told
/// by the form's token alone.
pub(crate) fn from_our_pages(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site"))
        && site != "same-origin"
    {
        return false;
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(host)
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn forms_of_other_sites_are_told() {
        let ours = said(&[
            ("origin", "https://juki.example"),
            ("host", "juki.example"),
            ("sec-fetch-site", "same-origin"),
        ]);
        assert!(from_our_pages(&Method::POST, &ours));
        assert!(from_our_pages(&Method::POST, &said(&[("host", "juki.example")])));
        for theirs in [
            said(&[("origin", "https://other.example"), ("host", "juki.example")]),
            said(&[("origin", "null"), ("host", "juki.example")]),
            said(&[("origin", "https://juki.example")]),
            said(&[("sec-fetch-site", "cross-site"), ("host", "juki.example")]),
            said(&[("sec-fetch-site", "same-site"), ("host", "juki.example")]),
        ] {
            assert!(!from_our_pages(&Method::POST, &theirs), "{theirs:?}");
            assert!(from_our_pages(&Method::GET, &theirs));
        }
    }

    #[test]
    fn a_forms_token_is_good_for_one_stay_only() {
        let key = [7; 32];
        let visit = |token: Option<&str>| Visit {
            visitor: "v".into(),
            token: token.map(str::to_owned),
            ..Visit::default()
        };
        let token = csrf(&key, &visit(Some("a")));
        assert!(csrf_holds(&key, &visit(Some("a")), &token));
        for (key, visit) in [(key, visit(Some("b"))), (key, visit(None)), ([8; 32], visit(Some("a")))] {
            assert!(!csrf_holds(&key, &visit, &token));
        }
        assert!(!csrf_holds(&key, &visit(Some("a")), "zz"));
        assert!(!csrf_holds(&key, &visit(Some("a")), ""));
    }

    #[test]
    fn cookies_are_read_by_their_whole_name_and_form() {
        let plain = Cookies::new(false);
        let value = "a".repeat(64);
        let with = |text: String| {
            let mut map = HeaderMap::new();
            map.insert(header::COOKIE, HeaderValue::from_str(&text).unwrap());
            map
        };
        assert_eq!(plain.read(&with(format!("x=1; {STAY}={value}")), STAY), Some(value.clone()));
        assert_eq!(plain.read(&with(format!("x{STAY}={value}")), STAY), None);
        assert_eq!(plain.read(&with(format!("{STAY}=short")), STAY), None);
        let tls = Cookies::new(true);
        assert_eq!(tls.read(&with(format!("{STAY}={value}")), STAY), None);
        assert_eq!(tls.read(&with(format!("__Host-{STAY}={value}")), STAY), Some(value));
    }
}
