//! The chapters as sentences: given what happened, when somebody acts, then facts or a refusal.

mod authority;
mod kit;
mod organization;
mod properties;
mod work;
