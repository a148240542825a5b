//! The policies of the profile, asked.

mod articles;
mod closed;
mod given;
mod listing;
mod loading;
mod oracle;
