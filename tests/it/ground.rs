//! What the other tests stand on, tested itself.

use std::{
    env,
    fs::{self, Permissions},
    io::{self, BufRead, BufReader, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    process::{self, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};

use crate::support::{Capture, Cluster, Schema, Wire, cluster};

async fn connect(wire: &Wire) -> DatabaseConnection {
    let mut options = ConnectOptions::new(wire.url());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the proxy passes it on")
}

async fn double(connection: &DatabaseConnection, number: i32) -> Result<i32, DbErr> {
    let sql = "SELECT $1::int4 * 2";
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [number.into()]);
    let row = connection.query_one_raw(statement).await?.expect("one row");
    row.try_get_by_index(0)
}

#[tokio::test]
async fn a_statement_is_parsed_once_and_executed_each_time() {
    let wire = Wire::start(cluster()).await;
    let connection = connect(&wire).await;

    let start = wire.now();
    assert_eq!(double(&connection, 4).await.unwrap(), 8);
    let first = wire.since(start);
    let start = wire.now();
    assert_eq!(double(&connection, 5).await.unwrap(), 10);
    let second = wire.since(start);

    assert_eq!(first.statements(), ["SELECT $1::int4 * 2"]);
    assert_eq!((first.parses(), first.round_trips()), (1, 2), "{first:?}");
    assert_eq!(second.statements(), ["SELECT $1::int4 * 2"]);
    assert_eq!((second.parses(), second.round_trips()), (0, 1), "{second:?}");
}

#[tokio::test]
async fn the_ping_of_the_pool_is_no_statement() {
    let wire = Wire::start(cluster()).await;
    let connection = connect(&wire).await;

    let start = wire.now();
    connection.ping().await.unwrap();
    let pinged = wire.since(start);

    assert!(pinged.pings() > 0, "{pinged:?}");
    assert_eq!((pinged.statements().len(), pinged.round_trips()), (0, 0), "{pinged:?}");
}

#[tokio::test]
async fn connections_are_counted_apart() {
    let wire = Wire::start(cluster()).await;
    let one = connect(&wire).await;
    let other = connect(&wire).await;

    let start = wire.now();
    double(&one, 1).await.unwrap();
    other.execute_unprepared("SELECT 1").await.unwrap();
    other.execute_unprepared("SELECT 2").await.unwrap();
    let seen = wire.since(start);

    let by_connection = seen.by_connection();
    let counts: Vec<_> = by_connection.iter().map(|seen| seen.statements().len()).collect();
    assert_eq!(counts, [1, 2]);
    assert_eq!(seen.statements().len(), 3);
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let server = Cluster::start();
    let url = server.url();
    let password = url.split([':', '@']).nth(2).unwrap();

    let refused = Database::connect(url.replace(password, "wrong")).await;

    assert!(refused.is_err());
}

#[tokio::test]
async fn another_database_of_the_cluster_has_its_own_url() {
    let template = Database::connect(cluster().url_for("template1")).await.unwrap();

    let sql = "SELECT current_database()::text";
    let statement = Statement::from_string(template.get_database_backend(), sql);
    let row = template.query_one_raw(statement).await.unwrap().unwrap();

    assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "template1");
}

#[tokio::test]
async fn a_schema_goes_with_its_guard() {
    let count = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
    let observer = Database::connect(cluster().url()).await.unwrap();
    let exists = async |name: &str| {
        let backend = observer.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, count, [name.into()]);
        let row = observer.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };

    let schema = Schema::create().await;
    let connection = schema.connect().await;
    connection.execute_unprepared("CREATE TABLE messages (id int)").await.unwrap();
    let name = schema.name().to_owned();
    let before = exists(&name).await;
    drop(schema);

    assert_eq!((before, exists(&name).await), (1, 0));
}

#[tokio::test]
async fn two_schemas_do_not_see_each_other() {
    let (one, other) = (Schema::create().await, Schema::create().await);

    for schema in [&one, &other] {
        let connection = schema.connect().await;
        connection.execute_unprepared("CREATE TABLE messages (id int)").await.unwrap();
    }

    assert_ne!(one.name(), other.name());
}

#[tokio::test]
async fn a_stopped_server_comes_back_with_its_data() {
    let server = Cluster::start();
    let connection = Database::connect(server.url()).await.unwrap();
    connection.execute_unprepared("CREATE TABLE kept (id int)").await.unwrap();

    server.stop_immediate();
    let refused = TcpStream::connect(server.address());
    server.restart();

    assert!(refused.is_err());
    let connection = Database::connect(server.url()).await.unwrap();
    connection.execute_unprepared("SELECT * FROM kept").await.unwrap();
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = Cluster::start();
    let address = server.address().to_owned();

    drop(server);

    assert!(TcpStream::connect(address).is_err());
}

/// This test runs itself in a process of its own, which starts a server and waits for the end.
#[test]
fn a_killed_process_leaves_no_server() {
    const VICTIM: &str = "SCROLLBACK_TEST_VICTIM";
    if env::var_os(VICTIM).is_some() {
        let server = Cluster::start();
        writeln!(io::stdout(), "\n{}", server.address()).unwrap();
        thread::park();
    }
    let folder = env::temp_dir().join(format!("scrollback-victim-{}", process::id()));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", "ground::a_killed_process_leaves_no_server", "--nocapture"])
        .env(VICTIM, "1")
        .env("TMPDIR", &folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
    let address = lines.into_iter().find(|line| line.starts_with("127.0.0.1:")).unwrap();
    TcpStream::connect(&address).unwrap();

    victim.kill().unwrap();
    victim.wait().unwrap();

    let deadline = Instant::now() + Duration::from_secs(20);
    while fs::read_dir(&folder).unwrap().next().is_some() {
        assert!(Instant::now() < deadline, "{} is not emptied", folder.display());
        thread::sleep(Duration::from_millis(20));
    }
    assert!(TcpStream::connect(&address).is_err());
    fs::remove_dir(&folder).unwrap();
}

#[test]
fn everything_logged_is_captured() {
    let capture = Capture::start();

    tracing::trace!(secret = "canary-\"field\"", "canary-event");
    tracing::trace_span!("span", secret = "canary-span", later = tracing::field::Empty)
        .record("later", "canary-recorded");
    log::trace!("canary-log");
    thread::spawn(|| tracing::error!("canary-thread")).join().unwrap();

    let text = capture.text();
    for part in ["\"field\"", "event", "span", "recorded", "log", "thread"] {
        assert!(text.contains(&format!("canary-{part}")), "{part} is missing in {text}");
    }
}
