//! The parameters of a request: each once, and no other.

use std::str::FromStr;

use axum::http::Uri;

use crate::{error::Error, http::problem::Problem};

/// What stands behind the question mark, taken out by name.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The parameter `name` as a value of the library's.
    pub(super) fn take<T: FromStr<Err = Error>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Problem> {
        let read = |text: &str| match text.parse() {
            Ok(value) => Ok(value),
            Err(Error::InvalidInput { reason, .. }) => Err(Problem::invalid(name, reason)),
            Err(error) => Err(error.into()),
        };
        self.text(name)?.as_deref().map(read).transpose()
    }

    /// The parameter `name` as a plain value; `reason` says what it is not.
    pub(super) fn plain<T: FromStr>(
        &mut self,
        name: &'static str,
        reason: &'static str,
    ) -> Result<Option<T>, Problem> {
        let read = |text: String| text.parse().map_err(|_| Problem::invalid(name, reason));
        self.text(name)?.map(read).transpose()
    }

    /// Whether nothing is left: a parameter that was mistyped must not be taken for none.
    pub(super) fn end(self) -> Result<(), Problem> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Problem::invalid("query", "has a parameter that is not of this request")),
        }
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let mut found = self.0.extract_if(.., |(other, _)| other == name).map(|(_, value)| value);
        let value = found.next();
        match found.next() {
            None => Ok(value),
            Some(_) => Err(Problem::invalid(name, "is given twice")),
        }
    }
}
