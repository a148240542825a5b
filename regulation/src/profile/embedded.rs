//! The profiles that come with the program.

use super::Bundle;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The files of a profile that comes with the program, such as `tokorozawa-2002`.
pub fn embedded(id: &str) -> Option<Bundle> {
    let files = EMBEDDED.iter().filter(|(profile, ..)| *profile == id);
    let bundle: Bundle = files.map(|(_, name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    (!bundle.is_empty()).then_some(bundle)
}

/// The ids of the profiles that come with the program, in order.
pub fn embedded_names() -> Vec<&'static str> {
    let mut names: Vec<_> = EMBEDDED.iter().map(|(profile, ..)| *profile).collect();
    names.dedup();
    names
}
