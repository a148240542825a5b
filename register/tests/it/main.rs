//! The chapters as sentences: given what happened, when somebody acts, then facts or a refusal.

#![expect(clippy::panic, reason = "what goes wrong in a test is to be seen at once")]

mod authority;
mod cards;
mod council;
mod kit;
mod organization;
mod playing;
mod properties;
mod rooms;
mod rules;
mod transfer;
mod work;
