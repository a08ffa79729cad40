//! Why a field of a request was refused.

use std::{borrow::Cow, fmt};

use serde::de::{self, Expected, Unexpected};

/// What is wrong with which field; `reason` is read after it. It quotes no value.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) field: Option<Cow<'static, str>>,
    pub(super) reason: Cow<'static, str>,
}

/// The longest name that is repeated to the one who sent it.
const MAX_NAME_BYTES: usize = 64;

impl Refused {
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { field: None, reason: reason.into() }
    }

    /// The same of `field`, unless it was about another.
    pub(super) fn of(mut self, field: Cow<'static, str>) -> Self {
        self.field.get_or_insert(field);
        self
    }
}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(text.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("is not {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("is not {expected}"))
    }

    fn unknown_variant(_: &str, variants: &'static [&'static str]) -> Self {
        Self::new(format!("is none of {}", variants.join(", ")))
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        let name = match name.len() {
            0..=MAX_NAME_BYTES => Cow::Owned(name.to_owned()),
            _ => Cow::Borrowed("a field"),
        };
        Self::new("is not a field of this request").of(name)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::new("is missing").of(Cow::Borrowed(name))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refused {}
