//! The limits, the same in every store, and the one place that checks them.
//!
//! Input types check themselves when they are built, so that a store never sees a value it would
//! have to refuse, and all stores refuse the same. Sizes are bytes of UTF-8.

use serde_json::Value;

use crate::error::{Error, Result};

/// The longest content of one message: 4 MiB.
pub const MAX_CONTENT_BYTES: usize = 4 << 20;

/// The most messages of one turn.
pub const MAX_TURN_MESSAGES: usize = 256;

/// The most content and metadata of one turn together: 64 MiB.
///
/// A turn is one statement, and PostgreSQL refuses protocol messages of 1 GiB
/// ([limits](https://www.postgresql.org/docs/current/limits.html)); this stays well below, also in
/// the memory of a small server.
pub const MAX_TURN_BYTES: usize = 64 << 20;

/// The longest title: 512 bytes.
pub const MAX_TITLE_BYTES: usize = 512;

/// The longest metadata, as compact JSON: 64 KiB.
pub const MAX_METADATA_BYTES: usize = 64 << 10;

/// The deepest metadata: the object itself is level 1.
pub const MAX_METADATA_DEPTH: usize = 64;

/// The longest turn key or session id: 255 bytes.
pub const MAX_KEY_BYTES: usize = 255;

/// The most items of one page.
pub const MAX_PAGE_ITEMS: u32 = 1_000;

/// Checks a text: 1 to `max` bytes, no NUL (which PostgreSQL's `text` cannot hold).
pub(crate) fn text(field: &'static str, text: &str, max: usize) -> Result<()> {
    let reason = match text.len() {
        0 => "is empty",
        n if n > max => too_long(max),
        _ if text.contains('\0') => "contains NUL (U+0000)",
        _ => return Ok(()),
    };
    Err(Error::invalid(field, reason))
}

/// Checks the size of a turn, whose messages are checked already.
pub(crate) fn turn(messages: usize, bytes: usize) -> Result<()> {
    let reason = match messages {
        0 => "has no message",
        n if n > MAX_TURN_MESSAGES => "has more than 256 messages",
        _ if bytes > MAX_TURN_BYTES => "is larger than 64 MiB",
        _ => return Ok(()),
    };
    Err(Error::invalid("turn", reason))
}

/// Checks metadata by its value and by its compact JSON.
pub(crate) fn metadata(value: &Value, json: &str) -> Result<()> {
    let reason = match value {
        Value::Object(_) if json.len() > MAX_METADATA_BYTES => "is larger than 64 KiB",
        Value::Object(_) if contains_nul(value) => "contains NUL (U+0000)",
        Value::Object(_) => return Ok(()),
        _ => "is not a JSON object",
    };
    Err(Error::invalid("metadata", reason))
}

/// Checks that `value` has at most [`MAX_METADATA_DEPTH`] levels, looking no deeper.
pub(crate) fn metadata_depth(value: &Value) -> Result<()> {
    if deeper_than(MAX_METADATA_DEPTH, value) {
        return Err(Error::invalid("metadata", "is deeper than 64 levels"));
    }
    Ok(())
}

/// Checks the size of a page; a failed check is the reason.
pub(crate) const fn page(items: u32) -> Result<(), &'static str> {
    match items {
        0 => Err("is 0; ask for 1 to 1,000 items"),
        1..=MAX_PAGE_ITEMS => Ok(()),
        _ => Err("is over 1,000; ask for 1 to 1,000 items"),
    }
}

const fn too_long(max: usize) -> &'static str {
    match max {
        MAX_CONTENT_BYTES => "is longer than 4 MiB",
        MAX_TITLE_BYTES => "is longer than 512 bytes",
        _ => "is longer than 255 bytes",
    }
}

fn deeper_than(levels: usize, value: &Value) -> bool {
    let mut children: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => return false,
    };
    levels == 0 || children.any(|child| deeper_than(levels - 1, child))
}

fn contains_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || contains_nul(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The reason of a refusal, nothing where there is none.
    fn refusal(checked: Result<()>) -> Option<&'static str> {
        match checked {
            Ok(()) => None,
            Err(Error::InvalidInput { reason, .. }) => Some(reason),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_may_be_as_long_as_its_limit() {
        for (bytes, max, refused) in [
            (4_194_304, MAX_CONTENT_BYTES, "is longer than 4 MiB"),
            (512, MAX_TITLE_BYTES, "is longer than 512 bytes"),
            (255, MAX_KEY_BYTES, "is longer than 255 bytes"),
        ] {
            let longest = "x".repeat(bytes);

            assert_eq!(refusal(text("field", &longest, max)), None);
            assert_eq!(refusal(text("field", &(longest + "x"), max)), Some(refused));
            assert_eq!(refusal(text("field", "", max)), Some("is empty"));
            assert_eq!(refusal(text("field", "a\0b", max)), Some("contains NUL (U+0000)"));
        }
    }

    #[test]
    fn a_turn_may_be_as_large_as_its_limits() {
        for (messages, bytes, refused) in [
            (1, 1, None),
            (256, 67_108_864, None),
            (0, 0, Some("has no message")),
            (257, 257, Some("has more than 256 messages")),
            (1, 67_108_865, Some("is larger than 64 MiB")),
        ] {
            assert_eq!(refusal(turn(messages, bytes)), refused, "{messages}, {bytes}");
        }
    }

    #[test]
    fn metadata_may_be_as_large_as_its_limit() {
        for (value, bytes, refused) in [
            (json!({ "a": ["b", { "c": "d" }] }), 65_536, None),
            (json!({}), 65_537, Some("is larger than 64 KiB")),
            (json!([]), 2, Some("is not a JSON object")),
            (json!("text"), 6, Some("is not a JSON object")),
        ] {
            assert_eq!(refusal(metadata(&value, &"x".repeat(bytes))), refused, "{value}");
        }
    }

    #[test]
    fn nul_is_found_wherever_it_is_in_metadata() {
        for value in [
            json!({ "a": "\0" }),
            json!({ "\0": "a" }),
            json!({ "a": [1, "b", "\0"] }),
            json!({ "a": { "b": "\0" } }),
            json!({ "a": [{ "\0": null }] }),
        ] {
            assert_eq!(refusal(metadata(&value, "{}")), Some("contains NUL (U+0000)"), "{value}");
        }
    }

    #[test]
    fn metadata_may_be_as_deep_as_its_limit() {
        let array = |inner| json!([1, inner]);
        let object = |inner| json!({ "a": 1, "b": inner });
        let nested = |levels| (1..levels).fold(json!({}), |inner, _| object(array(inner)));

        // Each step adds two levels to the one that the innermost object is.
        assert_eq!(refusal(metadata_depth(&array(nested(32)))), None);
        assert_eq!(refusal(metadata_depth(&object(nested(32)))), None);
        assert_eq!(refusal(metadata_depth(&nested(33))), Some("is deeper than 64 levels"));
        assert_eq!(
            refusal(metadata_depth(&array(object(nested(32))))),
            Some("is deeper than 64 levels")
        );
    }

    #[test]
    fn a_page_has_1_to_1_000_items() {
        assert_eq!(page(0), Err("is 0; ask for 1 to 1,000 items"));
        assert_eq!((page(1), page(1_000)), (Ok(()), Ok(())));
        assert_eq!(page(1_001), Err("is over 1,000; ask for 1 to 1,000 items"));
    }
}
