//! The chapters of the regulation: acts, facts, state, duties and ledgers, without input or output.
