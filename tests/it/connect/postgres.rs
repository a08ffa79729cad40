//! What a server that refuses is said to need, and what one that answers costs.

use std::time::{Duration, Instant};

use scrollback::{Connect, Error, preflight::Preflight};
use sea_orm::ConnectionTrait;

use super::{problem, refusal, text};
use crate::{
    pgbouncer::PgBouncer,
    support::{Capture, Cluster, Wire, cluster},
};

#[tokio::test]
async fn a_closed_port_is_named_within_three_seconds() {
    let started = Instant::now();

    let error = refusal("postgres://u:canary@127.0.0.1:1/db").await;

    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    let Error::Unreachable { address, source, .. } = error else { panic!("{error:?}") };
    assert_eq!((&*address, &*source.to_string()), ("127.0.0.1:1", "connection refused"));
}

#[tokio::test]
async fn an_ipv6_address_is_an_address_and_no_name() {
    let error = refusal("postgres://u:canary@[::1]:1/db").await;

    let Error::Unreachable { address, source, .. } = error else { panic!("{error:?}") };
    assert_eq!(&*address, "[::1]:1");
    assert_ne!(source.to_string(), "uncategorized error", "it was looked up as a name");
}

#[tokio::test]
async fn a_silent_server_is_given_up_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://u:canary@{}/db", silent.local_addr().unwrap());
    let connect = Connect::new(&url).unwrap().with_acquire_timeout(Duration::from_millis(300));
    let started = Instant::now();

    let error = Error::from(connect.open().await.unwrap_err());

    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_said_to_be_unknown() {
    // No part of a name is longer than 63 bytes, so nobody has to be asked.
    let error = refusal(&format!("postgres://u:canary@{}/db", "h".repeat(64))).await;

    let Error::Unreachable { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "the name of the host is not known");
}

#[tokio::test]
async fn a_certificate_file_that_cannot_be_read_is_named() {
    for (query, name) in [
        ("sslmode=verify-full&sslrootcert=/no%20pe.crt", "sslrootcert"),
        ("sslmode=verify-full&sslcert=/nope.crt", "sslcert"),
        ("ssl-key=/nope.key", "sslkey"),
    ] {
        let problem = problem(refusal(&format!("{}?{query}", cluster().url())).await);

        assert!(problem.starts_with(&format!("{name} cannot be read")), "{problem}");
    }
}

#[tokio::test]
async fn a_missing_database_is_a_problem_of_the_set_up() {
    let problem = problem(refusal(&cluster().url_for("no_such_database")).await);

    assert!(problem.contains("does not exist"), "{problem}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    for query in ["sslmode=require", "channel_binding=require"] {
        let problem = problem(refusal(&format!("{}?{query}", cluster().url())).await);

        assert!(problem.contains("sslmode=disable"), "{problem}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_problem_of_the_set_up() {
    let cluster = Cluster::start();
    let wrong = format!("postgres://postgres:canary@{}/postgres", cluster.address());

    let refused = problem(refusal(&wrong).await);
    let admitted = Connect::new(&cluster.url()).unwrap().open().await;

    assert!(refused.contains("refused the user or the password"), "{refused}");
    assert!(admitted.is_ok(), "{admitted:?}");
}

#[tokio::test]
async fn a_certificate_must_hold_where_tls_is_asked_for() {
    let cluster = Cluster::start();
    let admin = Connect::new(&cluster.url()).unwrap().open().await.unwrap();
    let folder = text(&admin, "SELECT current_setting('data_directory')").await;
    let sign = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
                -addext basicConstraints=critical,CA:FALSE \
                -addext subjectAltName=DNS:localhost -keyout server.key -out server.crt 2>/dev/null \
                && chmod 600 server.key";
    admin.execute_unprepared(&format!("COPY (SELECT 1) TO PROGRAM '{sign}'")).await.unwrap();
    admin.execute_unprepared("ALTER SYSTEM SET ssl = on").await.unwrap();
    cluster.stop_immediate();
    cluster.restart();
    let port = cluster.address().rsplit_once(':').unwrap().1;
    let url =
        |host: &str, query: &str| format!("{}?{query}", cluster.url_at(&format!("{host}:{port}")));
    let root = format!("sslmode=require&sslrootcert={folder}/server.crt");

    let unknown = refusal(&url("localhost", "sslmode=require")).await;
    let other_host = refusal(&url("127.0.0.1", &root)).await;
    let known = Connect::new(&url("localhost", &root)).unwrap().open().await.unwrap();

    assert!(problem(unknown).contains("certificate"));
    assert!(problem(other_host).contains("another host"));
    let encrypted = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(text(&known, encrypted).await, "true");
    for (mode, encrypted) in [("disable", false), ("prefer", true)] {
        let connect = Connect::new(&url("localhost", &format!("sslmode={mode}"))).unwrap();
        let report = Preflight::of(&connect.open().await.unwrap(), &[]).await.unwrap();
        assert_eq!(report.encrypted, encrypted, "{mode}");
    }
}

#[tokio::test]
async fn a_repeated_call_is_one_round_trip() {
    let wire = Wire::start(cluster()).await;
    let connect = Connect::new(&wire.url()).unwrap().with_max_connections(1);
    let connection = connect.open().await.unwrap();
    text(&connection, "SELECT 'one'").await;

    let start = wire.now();
    for _ in 0..10 {
        text(&connection, "SELECT 'one'").await;
    }
    let traffic = wire.since(start);

    assert_eq!((traffic.parses(), traffic.round_trips()), (0, 10), "{traffic:?}");
    // The pool asks once after each call, when the caller has its answer already.
    assert!(traffic.pings() <= 11, "{traffic:?}");
}

#[tokio::test]
async fn a_pooler_is_not_upset_by_the_start_up_parameters() {
    let bouncer = PgBouncer::start("session");

    let connection = Connect::new(&bouncer.url()).unwrap().open().await.unwrap();

    let name = text(&connection, "SELECT current_setting('application_name')").await;
    assert_eq!(name, "scrollback");
}

#[tokio::test]
async fn options_that_a_pooler_refuses_are_named() {
    let bouncer = PgBouncer::start("session");

    let error = refusal(&format!("{}?options=-c%20work_mem=8MB", bouncer.url())).await;

    assert!(problem(error).contains("`options`"));
}

#[tokio::test]
async fn nothing_that_is_logged_holds_the_password() {
    let capture = Capture::start();
    let url = format!("{}?application_name=logged", cluster().url());
    let (_, password) =
        url.split_once("://").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap();

    let connection = Connect::new(&url).unwrap().open().await.unwrap();
    text(&connection, "SELECT 'said'").await;

    assert!(!format!("{connection:?}").contains(password));
    let logged = capture.text();
    assert!(!logged.contains(password), "{logged}");
    assert!(!logged.contains("'said'"), "{logged}");
}
