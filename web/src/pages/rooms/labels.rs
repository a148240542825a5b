//! `/rooms/keys/labels`: labels for the keys, each with its number as a QR code and nothing else.

use register::KeyId;

use super::frame;
use crate::ask::Ask;
use crate::pages::labels::label;
use crate::pages::page;
use crate::pages::views::{Label, LabelsPage};
use crate::trouble::{Answer, Trouble};
use crate::view::{Frame, Link};

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
    let labels: Result<Vec<Label>, Trouble> =
        keys.iter().map(|(id, name)| label(id.as_str(), name)).collect();
    Ok(page(&LabelsPage {
        frame,
        heading: "鍵の札".to_owned(),
        of: "鍵番号".to_owned(),
        note: "札には鍵番号と種別だけを書き、室の名前も人の名前も書きません。".to_owned(),
        empty: "使われている鍵はまだありません。".to_owned(),
        labels: labels?,
        back: Link::new("/rooms/keys", "鍵の窓口へ戻る"),
    }))
}
