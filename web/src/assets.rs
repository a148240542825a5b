//! Files that pages refer to: one stylesheet, one icon and one script, named after their contents and kept for a year.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

static FILES: LazyLock<[File; 3]> = LazyLock::new(|| {
    [
        File::new("css", "text/css; charset=utf-8", include_str!("../assets/sekisho.css")),
        File::new("svg", "image/svg+xml", include_str!("../assets/icon.svg")),
        File::new("js", "text/javascript; charset=utf-8", include_str!("../assets/live.js")),
    ]
});

struct File {
    name: String,
    path: String,
    kind: &'static str,
    text: &'static str,
}

impl File {
    fn new(extension: &str, kind: &'static str, text: &'static str) -> Self {
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        let name = format!("{}.{extension}", &digest[..16]);
        Self { path: format!("/assets/{name}"), name, kind, text }
    }
}

/// Path of the stylesheet.
pub fn style() -> &'static str {
    &FILES[0].path
}

/// Path of the icon.
pub fn icon() -> &'static str {
    &FILES[1].path
}

/// Path of the script that keeps live pages up to date.
pub fn live() -> &'static str {
    &FILES[2].path
}

/// `GET /assets/{name}`.
pub async fn serve(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|file| file.name == name) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(file) => (
            [
                (header::CONTENT_TYPE, file.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            Body::from(file.text),
        )
            .into_response(),
    }
}
