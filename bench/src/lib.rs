//! Benchmarks, run by hand; figures in RESULTS.md.
