//! What was typed into a form, read strictly: limits on all of it, and text that is not UTF-8 is said to be so.

use std::collections::BTreeMap;

use crate::limits;

/// The fields of a form, or of an address's query, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    fields: Vec<(String, String)>,
    /// Fields whose text was not UTF-8; what could be read of it is kept.
    broken: Vec<String>,
    /// Fields that were too long; the beginning is kept.
    long: Vec<String>,
}

/// Why a form cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyFields;

impl Typed {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn read(body: &[u8]) -> Result<Self, TooManyFields> {
        let mut typed = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if typed.fields.len() >= limits::FIELDS {
                return Err(TooManyFields);
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default());
            let value = decode(halves.next().unwrap_or_default());
            let name = String::from_utf8_lossy(&name).chars().take(64).collect::<String>();
            typed.push(&name, value);
        }
        Ok(typed)
    }

    /// One more field, as it came.
    pub(crate) fn push(&mut self, name: &str, value: Vec<u8>) {
        let mut text = match String::from_utf8(value) {
            Ok(text) => text,
            Err(error) => {
                self.broken.push(name.to_owned());
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
        };
        if let Some((end, _)) = text.char_indices().nth(limits::FIELD) {
            self.long.push(name.to_owned());
            text.truncate(end);
        }
        // Lines end as in text everywhere else; a NUL is no text at all.
        let text = text.replace("\r\n", "\n").replace('\0', "");
        self.fields.push((name.to_owned(), text));
    }

    /// The one value of a field, whatever came for it.
    pub(crate) fn set(&mut self, name: &str, text: String) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), text));
    }

    /// Every text of a field that may come several times, such as boxes to tick.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, text)| text.trim())
    }

    /// The fields as they were kept.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::default() }
    }

    /// A field's text without the white space around it; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field's text as typed: a password's spaces count.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// A field's text, if there is any.
    pub(crate) fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Fields whose text was not UTF-8.
    pub(crate) fn broken(&self) -> &[String] {
        &self.broken
    }

    /// Fields that were too long.
    pub(crate) fn long(&self) -> &[String] {
        &self.long
    }

    /// What may be kept and shown again: neither secrets nor our own hidden fields.
    pub(crate) fn keepable(&self) -> Vec<(String, String)> {
        let secret =
            |name: &str| name.starts_with('_') || ["pin", "password", "old", "new", "again"].contains(&name);
        self.fields.iter().filter(|(name, text)| !secret(name) && !text.is_empty()).cloned().collect()
    }
}

fn decode(text: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| (*byte as char).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], hex(text.get(at + 1)), hex(text.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                // Two hexadecimal digits are below 256.
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
            }
            (b'+', ..) => {
                bytes.push(b' ');
                at += 1;
            }
            (byte, ..) => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    bytes
}

/// Writes a value into an address.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What is wrong with a form, by field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems(BTreeMap<String, String>);

impl Problems {
    /// The one fault of one field.
    pub(crate) fn one(field: &str, message: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(field, message);
        problems
    }

    /// One more fault; a field's first fault is the one that is told.
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| message.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn of(&self, field: &str) -> Option<&String> {
        self.0.get(field)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_typed() {
        let typed = Typed::read("name=%E4%BD%90%E8%97%A4+%E8%8A%B1&x=%zz&empty=&flag".as_bytes()).unwrap();
        assert_eq!(typed.get("name"), "佐藤 花");
        assert_eq!(typed.get("x"), "%zz");
        assert_eq!(typed.get("empty"), "");
        assert_eq!(typed.get("flag"), "");
        assert!(typed.broken().is_empty());
    }

    #[test]
    fn broken_text_is_told_and_the_rest_is_kept() {
        let typed = Typed::read(b"name=%E4%BD&reason=R-1").unwrap();
        assert_eq!(typed.broken(), ["name"]);
        assert_eq!(typed.get("reason"), "R-1");
    }

    #[test]
    fn too_much_is_cut_or_refused() {
        let long = format!("name={}", "あ".repeat(limits::FIELD + 1));
        let typed = Typed::read(long.as_bytes()).unwrap();
        assert_eq!(typed.long(), ["name"]);
        assert_eq!(typed.get("name").chars().count(), limits::FIELD);
        let many = "a=1&".repeat(limits::FIELDS + 1);
        assert_eq!(Typed::read(many.as_bytes()), Err(TooManyFields));
    }

    #[test]
    fn secrets_are_never_kept() {
        let typed = Typed::read(b"pin=1&password=2&_csrf=3&name=4").unwrap();
        assert_eq!(typed.keepable(), [("name".to_owned(), "4".to_owned())]);
    }

    #[test]
    fn an_address_round_trips() {
        let typed = Typed::read(format!("a={}", encode("7-4但 & 100%")).as_bytes()).unwrap();
        assert_eq!(typed.get("a"), "7-4但 & 100%");
    }
}
