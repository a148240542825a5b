//! A city's security regulation as data: citations, demands, posts, versions in force.
//!
//! [`Citation`] names a place in the regulation. A [`Profile`] is one version of one city's regulation as
//! data, [`Profiles`] its versions over time, [`check`] tells every fault of a profile's files.
//! [`import()`] splits the text of a regulation into its parts.
//! [`wareki`] reads and prints days as the city writes them, [`calendar`] knows on which of them it works.

pub mod calendar;
mod citation;
mod coverage;
pub mod import;
pub mod limits;
mod numerals;
mod profile;
pub mod wareki;
mod width;

pub use citation::{Citation, CitationError, Number, Row};
pub use coverage::{Coverage, coverage, coverage_table, untied};
pub use import::{Import, import};
pub use numerals::number;
pub use profile::{
    Article, Authenticator, Bundle, CardKind, ChangeError, Chapter, Conflict, Council, Demand, DemandId,
    Fault, Folder, Gap, Holders, Interpretation, Keep, Kind, Office, OperationDef, Plan, Post, Profile,
    ProfileError, ProfileId, Profiles, ProfilesError, Proof, Retention, Room, RoomKind, RoomLevel, RulePlace,
    Scope, Section, Setting, SettingValue, SettingValues, Settings, Source, check, embedded, embedded_names,
};
