//! Progress of what takes longer than a moment, on stderr: one line for each piece of work.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// A piece of work that somebody waits for.
pub(crate) struct Progress {
    what: &'static str,
    of: Option<usize>,
    done: AtomicUsize,
    since: Instant,
    live: bool,
}

impl Progress {
    /// Work begins; `of` steps, if that is known.
    pub(crate) fn begin(what: &'static str, of: Option<usize>) -> Self {
        let live = stderr().is_terminal();
        let progress = Self { what, of, done: AtomicUsize::new(0), since: Instant::now(), live };
        // Where lines cannot be written over, it is said once when it begins, and once when it ends.
        progress.say(if live { "" } else { "\n" });
        progress
    }

    /// So many steps further.
    pub(crate) fn step(&self, steps: usize) {
        self.done.fetch_add(steps, Ordering::Relaxed);
        if self.live {
            self.say("");
        }
    }

    /// It is done.
    pub(crate) fn end(self) {
        let seconds = self.since.elapsed().as_secs_f32();
        self.say(&format!(" 済（{seconds:.1}秒）\n"));
    }

    fn say(&self, end: &str) {
        let back = if self.live { "\r" } else { "" };
        let count =
            self.of.map_or(String::new(), |of| format!(" {}/{of}", self.done.load(Ordering::Relaxed)));
        // Nobody may be listening; the work goes on.
        let _ = write!(stderr().lock(), "{back}{}…{count}{end}", self.what);
    }
}
