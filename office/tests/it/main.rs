//! The office as its users meet it: through acts, cards and passwords, on a real journal in a folder.

mod documents;
mod operating;
mod posts;
mod recording;
mod signing_in;
