//! The pages, one module for each part of the address tree.

pub mod views;
