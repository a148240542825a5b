//! The terminal's browser: this program starts it and ends it, so that nothing stays on the screen when the card
//! is gone.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// What stands for the address in the command of the browser.
pub const URL: &str = "{url}";

/// Ends a process that was started as the head of its own group, and all that it started.
pub(crate) fn kill_group(child: &Child) {
    // None: it has ended and was waited for; its number may be somebody else's by now.
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid
        && let Err(error) = kill_process_group(pid, Signal::KILL)
    {
        tracing::warn!(%error, "a program could not be ended");
    }
}

/// The browser, and what it shows.
pub(crate) struct Browser {
    command: Vec<String>,
    child: Option<Child>,
    url: Option<String>,
}

impl Browser {
    pub(crate) fn new(command: Vec<String>) -> Self {
        Self { command, child: None, url: None }
    }

    /// Ends the browser that runs, and starts one at `url`. Without a command there is none.
    pub(crate) async fn show(&mut self, url: &str) {
        self.close().await;
        let Some((program, arguments)) = self.command.split_first() else { return };
        let arguments = arguments.iter().map(|argument| argument.replace(URL, url));
        let mut start = Command::new(program);
        start.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        match start.spawn() {
            Ok(child) => {
                self.child = Some(child);
                self.url = Some(url.to_owned());
            }
            Err(error) => tracing::error!(%error, program, "the browser could not be started"),
        }
    }

    /// Ends it.
    pub(crate) async fn close(&mut self) {
        self.url = None;
        if let Some(mut child) = self.child.take() {
            kill_group(&child);
            if let Err(error) = child.wait().await {
                tracing::warn!(%error, "a browser was not waited for");
            }
        }
    }

    /// Whether the browser was closed by somebody else.
    pub(crate) fn is_gone(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(child) = &self.child {
            kill_group(child);
        }
    }
}
