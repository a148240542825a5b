//! Pages in Japanese and the programming interface: what people and programs see of the office.
//!
//! [`router`] is the whole of it. [`ROUTES`] is the table of every route, with who may come as far as its
//! handler; what the handler then does is for the office, and so for the regulation, to decide.

mod api;
mod ask;
pub mod assets;
mod csv;
mod guard;
mod limits;
mod metrics;
pub mod pages;
mod routes;
mod site;
mod trouble;
mod typed;
mod upload;
pub mod view;
mod words;

use axum::Router;

pub use api::openapi_json;
pub use routes::{Gate, ROUTES, Route};
pub use site::{Actor, Guide, Hardware, Heard, Play, SimulatedDoor, Site};
pub use upload::Upload;

/// Everything that the site answers.
///
/// # Errors
/// When the system gives no random bytes for the key of forms.
pub fn router(site: Site) -> Result<Router, getrandom::Error> {
    let app = site::App::new(site)?;
    Ok(routes::router(&app))
}
