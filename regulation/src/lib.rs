//! A city's security regulation as data: citations, demands, posts, versions in force.

mod citation;
pub mod limits;
mod numerals;

pub use citation::{Citation, CitationError, Number, Row};
