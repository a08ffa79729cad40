use super::*;

/// In every password of these tests; nothing may show it.
const CANARY: &str = "canary";

fn reason(url: &str) -> String {
    let error = Connect::new(url).unwrap_err();
    assert!(matches!(error, ConnectError::InvalidUrl { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains(CANARY), "{error:?}");
    error.to_string()
}

#[test]
fn what_is_no_database_url_is_told_the_forms() {
    for url in [
        "",
        " ",
        "canary",
        "mysql://u:canary@h/db",
        "psql 'postgres://u:canary@h/db'",
        "postgres:u:canary@h",
    ] {
        let reason = reason(url);

        assert!(reason.contains("postgres://"), "{url}: {reason}");
    }
}

#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
#[test]
fn a_url_of_a_database_that_is_not_compiled_in_names_the_feature() {
    let missing = if cfg!(feature = "postgres") { "sqlite" } else { "postgres" };

    let reason = reason(&format!("{missing}://u:canary@h/db"));

    assert!(reason.contains(&format!("enable the feature `{missing}`")), "{reason}");
}

#[cfg(feature = "postgres")]
mod postgres {
    use sea_orm_migration::sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

    use super::*;

    fn server(url: &str) -> super::super::postgres::Server {
        let connect = Connect::new(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert!(!format!("{connect:?}").contains(CANARY), "{connect:?}");
        match connect.target {
            Target::Postgres(server) => *server,
            #[cfg(feature = "sqlite")]
            Target::Sqlite(_) => panic!("{url} is no SQLite"),
        }
    }

    fn options(url: &str) -> PgConnectOptions {
        server(url).options
    }

    #[test]
    fn a_url_from_the_console_of_neon_is_verified_in_full() {
        let options = options(
            "postgresql://ann:canary@ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech/neondb\
             ?sslmode=require&channel_binding=require",
        );

        assert_eq!(options.get_ssl_mode() as u8, PgSslMode::VerifyFull as u8);
        assert_eq!(options.get_host(), "ep-cool-rain-123456-pooler.eu-central-1.aws.neon.tech");
        assert_eq!(options.get_port(), 5432);
        assert_eq!(options.get_username(), "ann");
        assert_eq!(options.get_database(), Some("neondb"));
        assert_eq!(options.get_application_name(), Some("scrollback"));
    }

    #[test]
    fn tls_is_raised_where_it_is_asked_for_and_left_alone_where_not() {
        for (query, mode) in [
            ("sslmode=require", PgSslMode::VerifyFull),
            ("sslmode=verify-ca", PgSslMode::VerifyFull),
            ("sslmode=verify-full", PgSslMode::VerifyFull),
            ("channel_binding=require", PgSslMode::VerifyFull),
            ("channel_binding=require&sslmode=disable", PgSslMode::VerifyFull),
            ("sslrootcert=system", PgSslMode::VerifyFull),
            ("sslmode=prefer&channel_binding=prefer", PgSslMode::Prefer),
            ("sslmode=allow", PgSslMode::Allow),
            ("sslmode=disable", PgSslMode::Disable),
            ("", PgSslMode::Prefer),
        ] {
            let options = options(&format!("postgres://u:canary@db.example/chat?{query}"));

            assert_eq!(options.get_ssl_mode() as u8, mode as u8, "{query}");
        }
    }

    #[test]
    fn odd_urls_are_read_as_they_are_meant() {
        for (url, address) in [
            ("POSTGRES://u:canary@h/db", "h:5432"),
            (" postgres://u:canary@h:6432/db\n", "h:6432"),
            ("postgres://u:canary@[::1]:6432/db", "[::1]:6432"),
            ("postgres://u:canary@h", "h:5432"),
            ("postgres://u:canary@h/db?pgbouncer=true&connect_timeout=15", "h:5432"),
            (
                "postgres:///db?host=/var/run/postgresql&user=u&password=canary",
                "/var/run/postgresql:5432",
            ),
            ("postgres://u:canary%2F%3F%23%40@h/db", "h:5432"),
            ("postgres://u:canary@x@h/db", "h:5432"),
        ] {
            assert_eq!(server(url).address(), address, "{url}");
        }
    }

    #[test]
    fn a_url_that_could_be_misread_is_refused() {
        for (url, hint) in [
            ("postgres://u:12/canary@h/db", "%2F"),
            ("postgres://u:12?canary@h/db", "%3F"),
            ("postgres://u:12#canary@h/db", "%23"),
            ("postgres://u:canary@h/db#canary", "%23"),
            ("postgres://u%00x:canary@h/db", "%00"),
            ("postgres://u:canary@h/db?ssl_mode=verify-full", "sslmode"),
            ("postgres://u:canary@h/db?channel_binding=canary", "channel_binding"),
            ("postgres://u:canary@h/db?canary", "parameter"),
            ("postgres://u:canary@h/db?sslmode=canary", "cannot be read"),
            ("postgres://u:canary@h:canary/db", "cannot be read"),
            ("postgres://u:canary@h:99999/db", "cannot be read"),
            ("postgres://u:canary%ff@h/db", "cannot be read"),
        ] {
            let reason = reason(url);

            assert!(reason.contains(hint), "{url}: {reason}");
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;

    #[test]
    fn sqlite_urls_name_a_file_or_memory() {
        for (url, file, in_memory) in [
            ("sqlite://scrollback.db", "scrollback.db", false),
            ("sqlite:scrollback.db", "scrollback.db", false),
            ("sqlite:///var/lib/chat.db", "/var/lib/chat.db", false),
            ("sqlite://a%3Fb.db", "a?b.db", false),
            ("sqlite::memory:", "file:sqlx-in-memory-", true),
            ("sqlite://:memory:", "file:sqlx-in-memory-", true),
        ] {
            let connect = Connect::new(url).unwrap();

            assert!(connect.target.address().starts_with(file), "{url}: {connect:?}");
            assert_eq!(connect.target.may_have_several(), !in_memory, "{url}");
            assert_eq!(connect.limits.connections, 1, "{url}");
        }
        assert!(reason("sqlite://").contains("names no file"));
        assert!(reason("sqlite:").contains("names no file"));
        assert!(reason("sqlite://a.db?canary=1").contains("mode"));
        assert!(reason("sqlite://a.db?mode=canary").contains("mode"));
    }

    #[test]
    fn the_modes_of_the_driver_are_understood() {
        for (url, in_memory) in [
            ("sqlite://a.db?mode=rwc", false),
            ("sqlite:a.db?mode=rw", false),
            ("sqlite://a.db?mode=ro", false),
            ("sqlite://a?mode=memory", true),
            ("sqlite://?mode=memory", true),
            ("sqlite://:memory:?mode=memory", true),
        ] {
            let connect = Connect::new(url).unwrap_or_else(|error| panic!("{url}: {error}"));

            assert_eq!(connect.target.may_have_several(), !in_memory, "{url}");
        }
    }

    #[test]
    fn a_database_in_memory_keeps_its_one_connection() {
        let memory = Connect::new("sqlite::memory:").unwrap().with_max_connections(8);
        let file = Connect::new("sqlite://a.db").unwrap().with_max_connections(0);

        assert_eq!(memory.limits.connections, 1);
        assert_eq!(file.limits.connections, 1, "a pool of none would never answer");
    }
}
