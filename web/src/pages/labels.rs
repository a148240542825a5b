//! Labels to be printed: a number as a QR code, and little else.

use qrcode::{Color, EcLevel, QrCode};

use crate::pages::views::Label;
use crate::trouble::Trouble;

/// Modules of white around a code, as its standard wants.
const QUIET: usize = 4;

/// A label that says `text`, with `below` beneath.
pub(crate) fn label(text: &str, below: &str) -> Result<Label, Trouble> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Trouble::broken)?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == Color::Dark);
    let path =
        dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET)).collect();
    Ok(Label { text: text.to_owned(), below: below.to_owned(), side: width + 2 * QUIET, path })
}
