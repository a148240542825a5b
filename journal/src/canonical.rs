//! One value, one text: the canonical JSON of entries (RFC 8785 without floats).
//!
//! Keys are sorted by their UTF-16 code units, nothing stands between tokens, strings escape only what
//! JSON demands, integers lie within ±2^53. What [`parse`] accepts is exactly what [`encode`] writes.

use serde_json::{Map, Value};

use crate::limits::{MAX_DEPTH, MAX_INTEGER};

/// Why a value has no canonical text, or a text is not canonical.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number with a fraction or exponent.
    #[error("number `{0}` is not an integer")]
    NotAnInteger(String),
    /// An integer that some JSON readers would round.
    #[error("integer `{0}` is beyond 2^53")]
    IntegerTooLarge(String),
    /// Objects and arrays inside each other beyond the limit.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Not JSON, or not an object.
    #[error("not a JSON object: {0}")]
    NotJson(String),
    /// JSON, but written differently from its canonical form.
    #[error("not in canonical form: differs from it at byte {0}")]
    NotCanonical(usize),
}

/// The canonical bytes of `object`.
///
/// # Errors
/// When a number is not an integer within ±2^53 or the nesting is too deep.
pub fn encode(object: &Map<String, Value>) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(256);
    write_object(&mut out, object, 1)?;
    Ok(out)
}

/// Reads canonical bytes back.
///
/// # Errors
/// When `bytes` are anything but the canonical form of an object.
pub fn parse(bytes: &[u8]) -> Result<Map<String, Value>, CanonicalError> {
    let object: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|e| CanonicalError::NotJson(e.to_string()))?;
    let canonical = encode(&object)?;
    if canonical != bytes {
        let same = canonical.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        return Err(CanonicalError::NotCanonical(same));
    }
    Ok(object)
}

fn write_value(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_integer(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_array(out, items, depth + 1)?,
        Value::Object(object) => write_object(out, object, depth + 1)?,
    }
    Ok(())
}

fn write_object(out: &mut Vec<u8>, object: &Map<String, Value>, depth: usize) -> Result<(), CanonicalError> {
    if depth > MAX_DEPTH {
        return Err(CanonicalError::TooDeep);
    }
    let mut members: Vec<(&String, &Value)> = object.iter().collect();
    // RFC 8785 3.2.3: by UTF-16 code units, which is not the order of UTF-8 bytes beyond U+FFFF.
    members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push(b'{');
    for (position, (key, value)) in members.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_string(out, key);
        out.push(b':');
        write_value(out, value, depth)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_array(out: &mut Vec<u8>, items: &[Value], depth: usize) -> Result<(), CanonicalError> {
    if depth > MAX_DEPTH {
        return Err(CanonicalError::TooDeep);
    }
    out.push(b'[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_value(out, item, depth)?;
    }
    out.push(b']');
    Ok(())
}

fn write_integer(out: &mut Vec<u8>, number: &serde_json::Number) -> Result<(), CanonicalError> {
    let Some(integer) = number.as_i64() else {
        let error = match number.as_u64() {
            Some(large) => CanonicalError::IntegerTooLarge(large.to_string()),
            None => CanonicalError::NotAnInteger(number.to_string()),
        };
        return Err(error);
    };
    if integer.unsigned_abs() > MAX_INTEGER.unsigned_abs() {
        return Err(CanonicalError::IntegerTooLarge(integer.to_string()));
    }
    out.extend_from_slice(integer.to_string().as_bytes());
    Ok(())
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain_from..at]);
        plain_from = at + 1;
        write_escape(out, byte);
    }
    out.extend_from_slice(&bytes[plain_from..]);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x09 => out.extend_from_slice(b"\\t"),
        0x0a => out.extend_from_slice(b"\\n"),
        0x0c => out.extend_from_slice(b"\\f"),
        0x0d => out.extend_from_slice(b"\\r"),
        other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn keys_are_sorted_by_utf16_units_as_in_rfc_8785() {
        // The example of RFC 8785 3.2.3.
        let value = object(json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control",
            "\u{f6}": "Latin Small Letter O With Diaeresis"
        }));
        let text = String::from_utf8(encode(&value).unwrap()).unwrap();
        let order: Vec<usize> = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
            .iter()
            .map(|word| text.find(word).unwrap())
            .collect();
        assert!(order.is_sorted(), "{text}");
    }

    #[test]
    fn strings_escape_only_what_json_demands() {
        let value = object(json!({ "a": "€$\u{f}\nA'B\"\\\\\"/\u{7f}葛󠄀" }));
        let text = String::from_utf8(encode(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"a\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}葛󠄀\"}");
    }

    #[test]
    fn floats_and_large_integers_are_refused() {
        assert!(matches!(encode(&object(json!({ "a": 1.5 }))), Err(CanonicalError::NotAnInteger(_))));
        assert!(matches!(encode(&object(json!({ "a": u64::MAX }))), Err(CanonicalError::IntegerTooLarge(_))));
        assert!(encode(&object(json!({ "a": [MAX_INTEGER, -MAX_INTEGER] }))).is_ok());
        assert!(encode(&object(json!({ "a": MAX_INTEGER + 1 }))).is_err());
        assert!(encode(&object(json!({ "a": i64::MIN }))).is_err());
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(parse(nested(MAX_DEPTH + 1).as_bytes()), Err(CanonicalError::TooDeep));
    }

    #[test]
    fn another_spelling_is_not_canonical() {
        for text in ["{ }", r#"{"b":1,"a":2}"#, r#"{"a":1,"a":1}"#, r#"{"a":"\u0041"}"#, r#"{"a":"\/"}"#] {
            assert!(matches!(parse(text.as_bytes()), Err(CanonicalError::NotCanonical(_))), "{text}");
        }
        for text in ["", "[]", "1", r#"{"a":1}x"#, r#"{"a":-0}"#, r#"{"a":1e0}"#, "{\"a\":\"\u{1}\"}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
    }
}
