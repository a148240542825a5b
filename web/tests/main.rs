//! The site from outside: a browser without a screen walks through it. The files mirror the addresses.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test is to be seen at once")]

mod api;
mod board;
mod cards;
mod cases;
mod cs;
mod hardware;
mod history;
mod journal;
mod kit;
mod nobody;
mod organization;
mod register;
mod regulation;
mod rooms;
mod rules;
mod sign_in;
mod tour;
