//! JSON into the types of requests, with refusals that name the field and quote no value.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, IntoDeserializer, MapAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Number, Value};

use crate::{
    http::{bounded::Bounded, problem::Problem, refused::Refused},
    limit::MAX_METADATA_BYTES,
};

/// Reads an object whose fields are those of `T`, each once and no other.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let fields = object(bytes)?;
    let twice = |(at, (name, _)): (usize, &(String, Value))| {
        fields[..at].iter().any(|(other, _)| other == name)
    };
    if fields.len() > MAX_FIELDS {
        return Err(Problem::invalid("body", "has too many fields"));
    }
    if fields.iter().enumerate().any(twice) {
        return Err(Problem::invalid("body", "has a field twice"));
    }
    let fields = fields.into_iter().map(|(name, value)| (name.clone(), Field { name, value }));
    T::deserialize(MapDeserializer::new(fields)).map_err(Problem::from)
}

/// More than any request has; what is sent beyond is not compared with each other.
const MAX_FIELDS: usize = 64;

/// Metadata of 64 KiB has half as many values at most, `[0,0,..]`; nothing else has any.
const MAX_VALUES: usize = MAX_METADATA_BYTES;

/// The fields as they came: of two of a name, `serde_json`'s own map would keep the last in silence.
fn object(bytes: &[u8]) -> Result<Vec<(String, Value)>, Problem> {
    let left = Cell::new(MAX_VALUES);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = deserializer.deserialize_map(Fields(Bounded(&left)));
    let read = read.and_then(|fields| deserializer.end().map(|()| fields));
    read.map_err(|error| match left.get() {
        0 => Problem::invalid("body", "holds too many values"),
        _ => malformed(&error),
    })
}

fn malformed(error: &serde_json::Error) -> Problem {
    if error.is_data() {
        return Problem::invalid("body", "is not a JSON object");
    }
    let (line, column) = (error.line(), error.column());
    Problem::invalid("body", format!("is not JSON at line {line}, column {column}"))
}

struct Fields<'a>(Bounded<'a>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key()? {
            fields.push((name, map.next_value_seed(self.0)?));
        }
        Ok(fields)
    }
}

/// A value that knows in which field of the request it stands.
struct Field {
    name: String,
    value: Value,
}

impl Field {
    fn inside(name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), value }
    }
}

impl<'de> Deserializer<'de> for Field {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Self { name, value } = self;
        let read = match value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::String(value) => visitor.visit_string(value),
            Value::Number(value) => number(&value, visitor),
            Value::Array(items) => {
                let items = items.into_iter().map(|value| Self::inside(&name, value));
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            Value::Object(fields) => {
                let fields =
                    fields.into_iter().map(|(key, value)| (key, Self::inside(&name, value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
        };
        read.map_err(|refused: Refused| refused.of(name.into()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let _ = (name, variants);
        let Value::String(text) = self.value else {
            return Err(Refused::new("is not a string").of(self.name.into()));
        };
        let read = visitor.visit_enum(text.into_deserializer());
        read.map_err(|refused: Refused| refused.of(self.name.into()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Refused> {
    match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(number), ..) => visitor.visit_u64(number),
        (_, Some(number), _) => visitor.visit_i64(number),
        (.., Some(number)) => visitor.visit_f64(number),
        _ => Err(Refused::new("is a number that cannot be kept")),
    }
}

impl<'de> IntoDeserializer<'de, Refused> for Field {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl From<Refused> for Problem {
    fn from(Refused { field, reason }: Refused) -> Self {
        Self::invalid(field.unwrap_or(Cow::Borrowed("body")), reason)
    }
}
