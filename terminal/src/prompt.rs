//! Asking for the PIN in a window of its own, never in a page.
//!
//! The prompt is a program that is started anew each time, so that it can be closed when the card is pulled. It
//! prints what was typed. Ours ([`ask`]) lets GnuPG's pinentry ask, which keeps other programs from reading the
//! keys where the desktop allows that.

use std::process::{ExitStatus, Stdio};

use card::Pin;
use pinentry::PassphraseInput;
use secrecy::ExposeSecret as _;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use crate::browser::kill_group;

/// The longest that is read of what was typed, in bytes.
const MAX_TYPED: usize = 64;

/// Asks once, with pinentry, and gives what was typed.
///
/// # Errors
/// When there is no pinentry here, or the clerk did not want to; for people.
pub fn ask(wrong: Option<&str>) -> Result<Zeroizing<String>, String> {
    let mut input = PassphraseInput::with_default_binary().ok_or(
        "暗証番号の入力画面（pinentry）が入っていません。Debianでは pinentry-gnome3 などを入れます。",
    )?;
    input
        .with_title("関所：カードの暗証番号")
        .with_description("操作者用ICカードの暗証番号（6桁から8桁の数字）を入力してください。")
        .with_prompt("暗証番号")
        .with_ok("入力する")
        .with_cancel("取りやめる")
        .required("暗証番号を入力してください。");
    if let Some(wrong) = wrong {
        input.with_error(wrong);
    }
    match input.interact() {
        Ok(typed) => Ok(Zeroizing::new(typed.expose_secret().to_owned())),
        Err(error) => Err(error.to_string()),
    }
}

/// A prompt that is open. Dropped, it is closed.
pub(crate) struct Prompt {
    child: Child,
}

/// What came of a prompt.
pub(crate) enum Typed {
    /// A PIN.
    Pin(Pin),
    /// Something that no PIN can be: to be asked again, with these words.
    NoPin(String),
    /// The clerk did not want to.
    Nothing,
}

impl Prompt {
    pub(crate) fn open(command: &[String], wrong: Option<&str>) -> std::io::Result<Self> {
        let (program, arguments) =
            command.split_first().ok_or_else(|| std::io::Error::other("no prompt is set"))?;
        let mut start = Command::new(program);
        start.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        if let Some(wrong) = wrong {
            start.args(["--wrong", wrong]);
        }
        Ok(Self { child: start.spawn()? })
    }

    /// Waits for the clerk.
    pub(crate) async fn answer(&mut self) -> Typed {
        let mut text = Zeroizing::new(vec![0; MAX_TYPED]);
        let mut length = 0;
        if let Some(output) = self.child.stdout.as_mut() {
            while let Ok(read @ 1..) = output.read(&mut text[length..]).await {
                length += read;
            }
        }
        if !self.child.wait().await.is_ok_and(|status: ExitStatus| status.success()) {
            return Typed::Nothing;
        }
        let typed = std::str::from_utf8(&text[..length]).unwrap_or_default().trim_end_matches(['\r', '\n']);
        match Pin::new(typed) {
            Ok(pin) => Typed::Pin(pin),
            Err(fault) => Typed::NoPin(fault.japanese()),
        }
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        kill_group(&self.child);
    }
}
