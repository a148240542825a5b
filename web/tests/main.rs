//! The site from outside: a browser without a screen walks through it. The files mirror the addresses.

mod api;
mod cs;
mod history;
mod journal;
mod kit;
mod nobody;
mod register;
mod regulation;
mod sign_in;
mod tour;
