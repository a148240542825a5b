//! The program as it is used: command lines in, exit codes and lines out.

mod coverage;
mod demo;
mod journal;
mod regulation;
mod serve;
mod tool;
mod usage;
