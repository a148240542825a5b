//! A small city behind its site, and a browser without a screen.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use card::Drawer;
pub(crate) use testbed::{PIN, TERMINAL, id, residents};
use tower::ServiceExt as _;
use web::{Actor, Guide, Hardware, Site};

/// The city and its site.
pub(crate) struct Kit {
    pub(crate) router: Router,
    city: testbed::Kit,
}

impl Deref for Kit {
    type Target = testbed::Kit;

    fn deref(&self) -> &testbed::Kit {
        &self.city
    }
}

impl Kit {
    /// A city with three cards in the drawer: of a clerk of 市民課 (`K-1`), of the section's head (`K-2`) and of
    /// the アクセス管理責任者 (`K-3`). The fourth (`K-4`) belongs to somebody who is no handler.
    pub(crate) fn new() -> Self {
        let mut city = testbed::Kit::founded();
        for (operator, kind, card) in [
            ("clerk", "business-clerk", "K-1"),
            ("p-shimin-kacho", "business-manager", "K-2"),
            ("p-joho-tokei-kacho", "system-administrator", "K-3"),
            ("newcomer", "business-clerk", "K-4"),
        ] {
            city.equip(operator, kind, card);
        }
        city.name_handler("clerk");
        city.name_handler("p-shimin-kacho");
        let mut kit = Self { router: Router::new(), city };
        kit.router = kit.site();
        kit
    }

    /// The same in which the セキュリティ統括責任者 has a card, too (`K-5`).
    pub(crate) fn with_head() -> Self {
        let mut kit = Self::new();
        kit.city.equip("p-sogo-seisaku-bucho", "business-manager", "K-5");
        kit
    }

    /// Somebody gets a card, and a password that was only handed over.
    pub(crate) fn hand_over(&mut self, operator: &str, kind: &str, card: &str) {
        self.city.hand_over(operator, kind, card);
    }

    /// Somebody gets a card.
    pub(crate) fn card(&mut self, operator: &str, kind: &str, card: &str) {
        self.city.equip(operator, kind, card);
    }

    /// A site of its own on the same office: forms of the other are not good here.
    pub(crate) fn site(&self) -> Router {
        self.site_with(None)
    }

    /// The same with simulated doors.
    pub(crate) fn site_with(&self, hardware: Option<Arc<dyn Hardware>>) -> Router {
        let actor = |card: &str| Actor {
            name: "架空".to_owned(),
            kana: "カクウ".to_owned(),
            role: "市民課".to_owned(),
            role_en: "residents' section".to_owned(),
            terminal: TERMINAL.to_owned(),
            card: card.to_owned(),
            pin: PIN.to_owned(),
            password: self.password(card).to_owned(),
        };
        let resident = &residents()[0];
        let guide = Guide {
            clerk: actor("K-1"),
            officer: actor("K-2"),
            resident: resident.information.name.clone(),
            code: resident.information.code.to_string(),
            reason: "所市第1523号".to_owned(),
            people: vec![actor("K-1"), actor("K-2")],
        };
        let drawer = Drawer::open(&self.folder.path().join("drawer")).expect("a drawer");
        let office = self.office.clone();
        let site = Site { office, drawer: Some(drawer), guide: Some(guide), hardware, tls: false };
        web::router(site).expect("random bytes")
    }

    pub(crate) fn password(&self, card: &str) -> &str {
        self.city.password(card).reveal()
    }

    /// A browser that nobody has signed in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            jar: BTreeMap::new(),
            csrf: String::new(),
            once: String::new(),
        }
    }

    /// A browser at the terminal of 市民課, signed in with this card.
    pub(crate) async fn signed_in(&self, card: &str) -> Browser {
        let mut browser = self.browser();
        browser.get(&format!("/terminals/{TERMINAL}/sign-in")).await;
        let fields = [("card", card), ("pin", PIN)];
        browser.post(&format!("/terminals/{TERMINAL}/sign-in"), &fields).await.leads_to("/sign-in/password");
        browser.get("/sign-in/password").await;
        let page = browser.post("/sign-in/password", &[("password", self.password(card))]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        browser
    }
}

pub(crate) fn random() -> [u8; 8] {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("random bytes");
    bytes
}

/// A browser without a screen: it keeps cookies, and the hidden fields of the last page.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) router: Router,
    pub(crate) jar: BTreeMap<String, String>,
    pub(crate) csrf: String,
    pub(crate) once: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Page {
    /// Where a 303 leads.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.html);
        self.headers[header::LOCATION].to_str().expect("an address")
    }

    pub(crate) fn leads_to(&self, path: &str) {
        assert_eq!(self.location(), path);
    }

    /// The page holds every one of these texts.
    pub(crate) fn says(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(self.html.contains(text), "`{text}` is not on the page:\n{}", self.html);
        }
        self
    }

    pub(crate) fn does_not_say(&self, text: &str) -> &Self {
        assert!(!self.html.contains(text), "`{text}` is on the page:\n{}", self.html);
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.html).unwrap_or_else(|_| panic!("no JSON: {}", self.html))
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, Vec::new(), &[]).await
    }

    /// Sends a form of the page that was got last.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = format!("_csrf={}&_once={}", self.csrf, self.once);
        for (name, text) in fields {
            body.push_str(&format!("&{name}={}", escape(text)));
        }
        self.post_raw(path, body.into_bytes()).await
    }

    /// Sends a form with files: field, file's name, content.
    pub(crate) async fn post_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let mut body = Vec::new();
        let own = [("_csrf", self.csrf.clone()), ("_once", self.once.clone())];
        let own = own.iter().map(|(name, text)| (*name, text.as_str()));
        for (name, text) in own.chain(fields.iter().copied()) {
            let part =
                format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        for (name, file, content) in files {
            let head = format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--limit--\r\n");
        let form = ("content-type", "multipart/form-data; boundary=limit");
        self.send(Method::POST, path, body, &[form, ("origin", "http://juki.test"), ("host", "juki.test")])
            .await
    }

    /// Sends a form that is taken, and gets the page that it leads to.
    pub(crate) async fn done(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let to = self.post(path, fields).await.location().to_owned();
        assert!(to.contains("done="), "{path} leads to {to}");
        self.get(&to).await
    }

    pub(crate) async fn post_raw(&mut self, path: &str, body: Vec<u8>) -> Page {
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, path, body, &[form, ("origin", "http://juki.test"), ("host", "juki.test")])
            .await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Page {
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            Request::builder().method(method).uri(path).header(header::COOKIE, cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("the router answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("text");
            assert!(text.contains("HttpOnly") && text.contains("SameSite=Strict"), "{text}");
            let (name, rest) = text.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if text.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = axum::body::to_bytes(answer.into_body(), 10_000_000).await.expect("a body");
        let html = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(csrf) = hidden(&html, "_csrf") {
            self.csrf = csrf;
            // The first form is the sign-out button's; each page has its own number.
            self.once = hex::encode(random());
        }
        Page { status, headers, html }
    }
}

fn hidden(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

/// Writes a value into a form or an address.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
