//! The communication server's residents file: codes, names, search.
