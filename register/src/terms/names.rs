//! The terms of 第2条 that have types of their own here.

/// A term's name, as demands call it: `term:resident-code`. The type must say something about it.
const fn term<T>(name: &'static str) -> &'static str {
    assert!(size_of::<T>() > 0, "a term's type holds something");
    name
}

/// The terms, each named beside the type that gives it its meaning: a term without a type does not compile.
pub const NAMES: &[&str] = &[
    term::<super::IdentificationInformation>("identification-information"),
    term::<super::ResidentCode>("resident-code"),
    term::<regulation::RoomLevel>("room-level"),
    term::<crate::access::Terminal>("terminal"),
    term::<crate::access::Card>("operator-card"),
    term::<crate::access::Access>("access-control"),
];
