//! The operator's card: what signs in with it, its certificate authority, and a software card for demonstrations.
