//! The operation history indexed by resident and by operator and time.
