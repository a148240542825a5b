//! Doors.
fn main() {}
