//! Limits of the solver.

/// Milliseconds that one question may take. The slowest takes a tenth of a second on an idle machine.
pub(crate) const QUESTION_MS: u32 = 30_000;
