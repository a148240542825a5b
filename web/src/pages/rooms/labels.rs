//! `/rooms/keys/labels`: labels for the keys, each with its number as a QR code and nothing else.

use qrcode::{Color, EcLevel, QrCode};
use register::KeyId;

use super::frame;
use crate::ask::Ask;
use crate::pages::page;
use crate::pages::views::{Label, LabelsPage};
use crate::trouble::{Answer, Trouble};
use crate::view::{Frame, Link};

/// Modules of white around a code, as its standard wants.
const QUIET: usize = 4;

/// `GET /rooms/keys/labels`.
pub(crate) fn show(ask: &Ask) -> Answer {
    let title = "鍵の札";
    let frame = Frame {
        trail: vec![
            Link::new("/rooms", "室と鍵"),
            Link::new("/rooms/keys", "鍵の窓口"),
            Link::new("", title),
        ],
        ..frame(ask, title, "/rooms/keys", &["11"])
    };
    let keys: Vec<(KeyId, String)> = {
        let city = ask.app.office().city();
        city.rooms.keys().in_use().map(|(id, key)| (id.clone(), key.name.clone())).collect()
    };
    let labels: Result<Vec<Label>, Trouble> = keys.iter().map(|(id, name)| label(id, name)).collect();
    Ok(page(&LabelsPage { frame, labels: labels? }))
}

fn label(id: &KeyId, name: &str) -> Result<Label, Trouble> {
    let code = QrCode::with_error_correction_level(id.as_str(), EcLevel::M).map_err(Trouble::broken)?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == Color::Dark);
    let path =
        dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET)).collect();
    Ok(Label { text: id.to_string(), below: name.to_owned(), side: width + 2 * QUIET, path })
}
