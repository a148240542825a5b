//! The office as its users meet it: through acts, cards and passwords, on a real journal in a folder.

mod documents;
mod doors;
mod operating;
mod posts;
mod recording;
mod signing_in;
mod terminals;
