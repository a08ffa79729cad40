//! Database URLs: which are accepted, and what is refused before a driver reads them.

use super::{ConnectError, Result};

/// What a URL names, by its scheme; the text after `sqlite:` stands for the file.
#[derive(Clone, Copy)]
pub(super) enum Scheme<'a> {
    #[cfg(feature = "postgres")]
    Postgres(&'a str),
    #[cfg(feature = "sqlite")]
    Sqlite(&'a str),
}

impl<'a> Scheme<'a> {
    /// Tells the databases apart; no reason it gives quotes the URL, which holds the password.
    pub(super) fn of(url: &'a str) -> Result<Self> {
        let url = url.trim();
        let Some((scheme, rest)) = url.split_once(':') else { return Err(invalid(FORMS)) };
        match scheme.to_ascii_lowercase().as_str() {
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" if rest.starts_with("//") => Ok(Self::Postgres(url)),
            #[cfg(not(feature = "postgres"))]
            "postgres" | "postgresql" if rest.starts_with("//") => {
                Err(invalid("is for PostgreSQL: enable the feature `postgres` of scrollback"))
            }
            #[cfg(feature = "sqlite")]
            "sqlite" => Ok(Self::Sqlite(rest.strip_prefix("//").unwrap_or(rest))),
            #[cfg(not(feature = "sqlite"))]
            "sqlite" => Err(invalid("is for SQLite: enable the feature `sqlite` of scrollback")),
            _ => Err(invalid(FORMS)),
        }
    }
}

pub(super) const fn invalid(reason: &'static str) -> ConnectError {
    ConnectError::invalid(reason)
}

const FORMS: &str = "must begin with postgres://, postgresql://, sqlite:// or be sqlite::memory:";

#[cfg(feature = "postgres")]
pub(super) use postgres::Parameters;

#[cfg(feature = "postgres")]
mod postgres {
    use super::*;

    /// What the driver understands; `options[…]` apart.
    const PASSED_ON: [&str; 17] = [
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
    ];

    /// What providers append for other clients and has no meaning here: the pool has its own limits.
    const IGNORED: [&str; 4] = ["connect_timeout", "connection_limit", "pgbouncer", "pool_timeout"];

    /// A URL of PostgreSQL reduced to the parameters that the driver knows.
    ///
    /// The driver logs a parameter it does not know, with its value. That value may be the rest of a
    /// password with an unescaped `?`, so nothing unknown reaches it.
    pub(in super::super) struct Parameters {
        pub(in super::super) url: String,
        /// `channel_binding=require`, which only an authenticated server can meet.
        pub(in super::super) binds_channel: bool,
        /// `sslrootcert=system`: the public authorities, with the checks that libpq adds to them.
        pub(in super::super) system_roots: bool,
        /// The files of certificates and keys, each with the name of its parameter.
        pub(in super::super) files: Vec<(&'static str, String)>,
    }

    impl Parameters {
        pub(in super::super) fn of(url: &str) -> Result<Self> {
            refuse_ambiguous(url)?;
            let (base, query) = url.split_once('?').unwrap_or((url, ""));
            let mut parameters = Self {
                url: base.to_owned(),
                binds_channel: false,
                system_roots: false,
                files: Vec::new(),
            };
            for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                parameters.take(pair)?;
            }
            parameters.files = files(&parameters.url);
            Ok(parameters)
        }

        fn take(&mut self, pair: &str) -> Result<()> {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (name, value) {
                ("channel_binding", "require") => self.binds_channel = true,
                ("channel_binding", "prefer" | "disable") => {}
                ("sslrootcert", "system") => self.system_roots = true,
                _ if IGNORED.contains(&name) => {}
                ("options", _) => self.pass_on(pair),
                _ if PASSED_ON.contains(&name) || name.starts_with("options[") => {
                    self.pass_on(pair)
                }
                _ => return Err(invalid(UNKNOWN)),
            }
            Ok(())
        }

        fn pass_on(&mut self, pair: &str) {
            self.url.push(if self.url.contains('?') { '&' } else { '?' });
            self.url.push_str(pair);
        }
    }

    /// Read as the driver reads them.
    fn files(url: &str) -> Vec<(&'static str, String)> {
        let (_, query) = url.split_once('?').unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .filter_map(|(name, value)| {
                let name = match &*name {
                    "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "sslrootcert",
                    "sslcert" | "ssl-cert" => "sslcert",
                    "sslkey" | "ssl-key" => "sslkey",
                    _ => return None,
                };
                Some((name, value.into_owned()))
            })
            .collect()
    }

    /// An unescaped `/`, `?` or `#` ends the password early: the rest would pass for a database name
    /// or a parameter, and the beginning for a port, and both would be shown.
    fn refuse_ambiguous(url: &str) -> Result<()> {
        let after_scheme = url.split_once("//").map_or("", |(_, rest)| rest);
        let authority_end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
        if after_scheme[authority_end..].contains(['@', '#']) {
            return Err(invalid(
                "has `@` or `#` after the host: write `/` in a password as %2F, `?` as %3F, \
                 `#` as %23 and `@` as %40",
            ));
        }
        // The start-up message ends its fields with NUL.
        if url.contains("%00") {
            return Err(invalid("must not hold %00"));
        }
        Ok(())
    }

    const UNKNOWN: &str = "has a parameter that is not known here: known are sslmode, sslrootcert, \
         sslcert, sslkey, channel_binding, host, hostaddr, port, dbname, user, password, options, \
         application_name and statement-cache-capacity";
}
