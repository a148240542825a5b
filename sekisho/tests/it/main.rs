//! The program as it is used: command lines in, exit codes and lines out.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[cfg(feature = "cards")]
mod cards;
mod coverage;
mod demo;
mod door;
mod journal;
mod pki;
#[cfg(feature = "cards")]
mod real_card;
mod regulation;
mod serve;
mod terminal;
mod tool;
mod usage;
