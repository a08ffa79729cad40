//! What a host attaches to conversations and messages.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    error::{Error, Result},
    limit,
};

/// A JSON object of the host's own, at most 64 KiB and 64 levels.
///
/// It is kept as compact JSON text and reads back byte for byte: no store reorders its fields or
/// rewrites its numbers (which PostgreSQL's `jsonb` would). Clones share the text. Nothing in this
/// crate looks inside, and nothing here ever grants access to anything.
///
/// # Examples
///
/// ```
/// use scrollback::Metadata;
/// use serde_json::json;
///
/// let metadata = Metadata::new(json!({ "model": "small", "tokens": 12 }))?;
///
/// assert_eq!(metadata.as_json(), r#"{"model":"small","tokens":12}"#);
/// assert_eq!(metadata.to_value()["tokens"], 12);
/// assert_eq!(format!("{metadata:?}"), "Metadata(29 bytes)");
/// assert!(Metadata::new(json!([1, 2])).is_err());
/// # Ok::<_, scrollback::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Metadata(Option<Arc<str>>);

impl Metadata {
    /// Takes a JSON object; `{}` is the same as none.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when it is no object, larger than 64 KiB as compact
    /// JSON, deeper than 64 levels, or has NUL in a key or a text.
    pub fn new(value: impl Into<Value>) -> Result<Self> {
        let value = value.into();
        limit::metadata_depth(&value)?;
        let json = value.to_string();
        limit::metadata(&value, &json)?;
        Ok(Self((json != "{}").then(|| json.into())))
    }

    /// Takes anything that serialises to a JSON object.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and when it does not serialise to JSON.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::Metadata;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, PartialEq, Serialize, Deserialize)]
    /// struct Usage {
    ///     tokens: u32,
    /// }
    ///
    /// let metadata = Metadata::from_serialize(&Usage { tokens: 12 })?;
    ///
    /// assert_eq!(metadata.parse::<Usage>()?, Usage { tokens: 12 });
    /// assert!(metadata.parse::<Vec<u32>>().is_err());
    /// # Ok::<_, scrollback::Error>(())
    /// ```
    pub fn from_serialize(value: &impl Serialize) -> Result<Self> {
        let value = serde_json::to_value(value);
        Self::new(value.map_err(|_| Error::invalid("metadata", "is not representable as JSON"))?)
    }

    /// For stores: wraps the compact JSON of [`stored`](Self::stored) when it is read back; `None` is
    /// `{}`.
    ///
    /// It is not checked again, so anything else would break contract 7.
    #[must_use]
    pub fn from_stored(json: Option<Arc<str>>) -> Self {
        Self(json)
    }

    /// The compact JSON; `{}` when there is none.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.as_deref().unwrap_or("{}")
    }

    /// The compact JSON as a store keeps it; `None` when there is none.
    #[must_use]
    pub const fn stored(&self) -> Option<&Arc<str>> {
        self.0.as_ref()
    }

    /// Whether nothing is attached.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The object as a JSON value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.as_json()).unwrap_or_default()
    }

    /// Reads the object into a type of the host's.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when the object has another shape.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.as_json()).map_err(|_| {
            Error::invalid("metadata", "has another shape than the type it is read into")
        })
    }
}

impl Serialize for Metadata {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Shows the length only.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata({} bytes)", self.as_json().len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_number_is_sent_as_it_is_kept() {
        // Multiples of an odd constant reach bit patterns of all exponents.
        for bits in (0..10_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
            let metadata = Metadata::new(json!({ "number": f64::from_bits(bits) })).unwrap();

            assert_eq!(serde_json::to_string(&metadata).unwrap(), metadata.as_json());
        }
    }

    #[test]
    fn metadata_comes_back_from_where_it_was_sent_or_stored() {
        let metadata = Metadata::new(json!({ "a": [1, "b"] })).unwrap();

        let received = serde_json::from_str::<Metadata>(r#"{ "a": [1, "b"] }"#).unwrap();
        let read = Metadata::from_stored(metadata.stored().cloned());

        assert_eq!((&received, &read), (&metadata, &metadata));
        assert_eq!(Metadata::from_serialize(&metadata).unwrap(), metadata);
        assert_eq!(format!("{metadata:?}"), "Metadata(13 bytes)");
        assert!(serde_json::from_str::<Metadata>("[]").is_err());
    }
}
