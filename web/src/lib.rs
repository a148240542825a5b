//! Pages in Japanese and the programming interface: what people and programs see of the office.

pub mod assets;
pub mod pages;
pub mod view;
