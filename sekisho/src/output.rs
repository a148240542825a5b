//! What is printed for whoever asked. A reader that has seen enough (`| head`) is no failure.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Prints `text` as it is.
///
/// # Errors
/// When the output cannot be written, as on a full disk.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(
            format!("結果を出力できません（{error}）"),
            "出力先の空きと権限を確かめてください",
        )),
        _ => Ok(()),
    }
}
