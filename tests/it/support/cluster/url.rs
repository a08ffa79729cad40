//! The parts of a database URL that the tests exchange.

use std::fmt;

/// `{login}{address}/{database}{query}`, where the login ends with `//` or `@`.
#[derive(Clone)]
pub(super) struct Url {
    login: String,
    address: String,
    database: String,
    query: String,
}

impl Url {
    pub(super) fn parse(url: &str) -> Self {
        let (url, query) = url.split_at(url.find('?').unwrap_or(url.len()));
        let authority = url.find("://").expect("a database URL has a scheme") + "://".len();
        let end = url[authority..].find('/').map_or(url.len(), |slash| authority + slash);
        let start = url[..end].rfind('@').map_or(authority, |at| at + 1);
        let port = if url[start..end].contains(':') { "" } else { ":5432" };
        Self {
            login: url[..start].to_owned(),
            address: format!("{}{port}", &url[start..end]),
            database: url[end..].trim_start_matches('/').to_owned(),
            query: query.to_owned(),
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Without what percent-encoding would change: for passwords of our own making.
    pub(super) fn password(&self) -> &str {
        let login = self.login.trim_end_matches('@');
        login.rsplit_once(':').expect("a login of our own has a password").1
    }

    pub(super) fn with_address(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    pub(super) fn with_login(&self, user: &str, password: &str) -> Self {
        Self { login: format!("postgres://{user}:{password}@"), ..self.clone() }
    }

    pub(super) fn with_database(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { login, address, database, query } = self;
        write!(f, "{login}{address}/{database}{query}")
    }
}
