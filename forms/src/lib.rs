//! The forms in which the city takes its records along.

pub mod csv;
