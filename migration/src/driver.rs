//! What a failure of the drivers means, whoever meets it: by code, never by text.
//!
//! Shared with the library, whose pools connect again long after they were opened.

use sea_orm_migration::sea_orm::sqlx;

/// What only the operator can mend before there is a connection.
#[must_use]
pub fn problem(error: &sqlx::Error) -> Option<&'static str> {
    match error {
        sqlx::Error::Database(refusal) => refused(&refusal.code()?),
        sqlx::Error::Tls(_) => Some(TLS),
        sqlx::Error::Configuration(_) => {
            Some("the connection settings cannot be used: check the certificate files")
        }
        _ => None,
    }
}

/// TLS was asked for and is not to be had.
pub const TLS: &str = "TLS could not be agreed on: the server offers none, or its certificate is not \
     signed by a known authority (set sslrootcert) or names another host; sslmode=disable is for \
     trusted networks only";

fn refused(code: &str) -> Option<&'static str> {
    // A SQLSTATE always has five characters, a result code of SQLite at most four.
    if code.len() != 5 {
        return sqlite(code);
    }
    Some(match code {
        "26000" | "42P05" => {
            "a pooler in between mixes up prepared statements: use PgBouncer 1.21 or newer with \
             max_prepared_statements above 0, session pooling, or a direct connection"
        }
        "3D000" => "the database in the URL does not exist: create it, or correct its name",
        _ if code.starts_with("28") => {
            "the server refused the user or the password: correct them in the URL, or allow this \
             client in pg_hba.conf"
        }
        _ => return None,
    })
}

fn sqlite(code: &str) -> Option<&'static str> {
    // The low byte of an extended result code is its primary code.
    match code.parse::<u32>().ok()? & 0xff {
        3 | 14 | 23 => Some(
            "the SQLite file cannot be opened: check that its folder exists and may be written",
        ),
        26 => Some("the file is no SQLite database: choose another path"),
        _ => None,
    }
}

/// A SQLSTATE with its name, where it has one that helps.
#[must_use]
pub fn named(sqlstate: &str) -> String {
    let name = match sqlstate {
        "23502" => "not_null_violation",
        "23505" => "unique_violation",
        "23514" => "check_violation",
        "25006" => "read_only_sql_transaction",
        "40001" => "serialization_failure",
        "40P01" => "deadlock_detected",
        "53100" => "disk_full",
        "53200" => "out_of_memory",
        "53300" => "too_many_connections",
        "55P03" => "lock_not_available",
        "57014" => "query_canceled",
        "57P01" => "admin_shutdown",
        "57P02" => "crash_shutdown",
        "57P03" => "cannot_connect_now",
        _ => return format!("SQLSTATE {sqlstate}"),
    };
    format!("SQLSTATE {sqlstate} ({name})")
}
