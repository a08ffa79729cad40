//! What a store should know about its database before it serves anyone.

use scrollback::{
    Connect, SeaOrmStore, Tables as Names, Users,
    preflight::{Backend, Pooler, Preflight, Problem, Schema as Tables, Warning},
};
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::{
    folder::Folder,
    support::{Schema, Wire, cluster},
};

async fn open(url: &str) -> DatabaseConnection {
    Connect::new(url).expect("the URL can be read").open().await.expect("the server answers")
}

async fn pooler(url: &str) -> Preflight {
    Preflight::of(&open(url).await, &[]).await.expect("the questions are answered")
}

#[tokio::test]
async fn a_direct_connection_has_no_pooler() {
    let report = pooler(&cluster().url()).await;

    assert_eq!(report.pooler, Pooler::NoneOrSession);
    assert_eq!(report.backend, Backend::Postgres);
    assert!(report.version >= 140_000, "{report:?}");
    assert_eq!(report.problems(), []);
    assert!(report.check().is_ok());
}

/// Without one, a pooler could serve both clients by turns, and mix nothing up by chance.
#[tokio::test]
async fn one_client_of_the_two_holds_its_server_connection_in_a_transaction() {
    let wire = Wire::start(cluster()).await;
    let connection = open(&wire.url()).await;

    let start = wire.now();
    Preflight::of(&connection, &[]).await.unwrap();
    let sent = wire.since(start).by_connection();

    let transactions = |sql| {
        sent.iter().map(move |client| {
            client.statements().into_iter().filter(|statement| *statement == sql).count()
        })
    };
    assert_eq!(transactions("BEGIN").max(), Some(5), "{sent:?}");
    assert!(transactions("BEGIN").eq(transactions("ROLLBACK")), "{sent:?}");
}

#[tokio::test]
async fn missing_tables_name_the_command_that_creates_them() {
    let connection = open(&cluster().url()).await;

    let report = Preflight::of(&connection, &[r#""no such ' table""#]).await.unwrap();

    assert_eq!(report.schema, Tables::Missing);
    assert_eq!(report.problems(), [Problem::TablesMissing]);
    let text = report.check().unwrap_err().to_string();
    assert!(text.contains("`scrollback-migration up`"), "{text}");
}

#[tokio::test]
async fn a_role_is_told_what_it_lacks() {
    let schema = Schema::create().await;
    let (name, role) = (schema.name(), format!("{}_reader", schema.name()));
    let table = format!("{name}.messages");
    let admin = open(&cluster().url()).await;
    run(&admin, &format!("CREATE TABLE {table} (id int); CREATE ROLE {role} LOGIN PASSWORD 'x'"))
        .await;
    run(&admin, &format!("GRANT USAGE ON SCHEMA {name} TO {role}")).await;
    run(&admin, &format!("GRANT SELECT, UPDATE ON {table} TO {role}")).await;
    let (_, database) =
        cluster().url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let reader = open(&format!("postgres://{role}:x@{}/{database}", cluster().address())).await;

    let report = Preflight::of(&reader, &[&table]).await;

    run(&admin, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    let report = report.unwrap();
    let lacking = format!("INSERT, DELETE ON {table}");
    let text = report.check().unwrap_err().to_string();
    assert!(text.contains(&format!("GRANT {lacking} TO it")), "{text}");
    assert_eq!(report.problems(), [Problem::PrivilegesMissing(vec![lacking])]);
    assert_eq!(*report.role.as_ref().unwrap().name, *role);
    assert!(!report.warnings().contains(&Warning::Superuser));
}

#[tokio::test]
async fn a_role_without_the_schema_is_told_so() {
    let schema = Schema::create().await;
    let (name, role) = (schema.name(), format!("{}_stranger", schema.name()));
    let names = Names::default().with_schema(name).unwrap();
    let admin = open(&cluster().url()).await;
    SeaOrmStore::new(admin.clone())
        .with_tables(names.clone())
        .migrate(&Users::Managed)
        .await
        .unwrap();
    run(&admin, &format!("CREATE ROLE {role} LOGIN PASSWORD 'x'")).await;
    let grant =
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {role}");
    run(&admin, &grant).await;
    let stranger = open(&cluster().url_as(&role, "x")).await;
    let tables = [names.conversations(), format!("\"{name}\".\"nothing\"")];

    let report = SeaOrmStore::new(stranger.clone()).with_tables(names).preflight().await;
    let other = Preflight::of(&stranger, &[&tables[0], &tables[1]]).await;

    run(&admin, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    let lacking = Problem::PrivilegesMissing(vec![format!("USAGE ON SCHEMA \"{name}\"")]);
    assert_eq!(other.unwrap().problems(), [Problem::TablesMissing, lacking.clone()]);
    assert_eq!(report.unwrap().problems(), [lacking]);
}

#[tokio::test]
async fn a_session_that_only_reads_is_a_problem() {
    let url = format!("{}?options=-c%20default_transaction_read_only=on", cluster().url());

    let report = pooler(&url).await;

    assert_eq!(report.problems(), [Problem::ReadOnly]);
}

#[tokio::test]
async fn what_a_crash_may_lose_is_a_warning() {
    let url = format!("{}?options=-c%20synchronous_commit=off", cluster().url());

    let report = pooler(&url).await;

    assert!(!report.durability.synchronous_commit);
    assert!(report.warnings().contains(&Warning::NotDurable(report.durability)));
    assert!(report.check().is_ok());
}

#[tokio::test]
async fn sqlite_is_durable_and_enforces_foreign_keys() {
    let folder = Folder::create();

    let report = pooler(&folder.url("chat.db")).await;

    assert_eq!(report.backend, Backend::Sqlite);
    assert!(report.version > 3_037_000, "{report:?}");
    assert!(report.enforces_foreign_keys);
    assert_eq!(report.warnings(), []);
    assert_eq!(report.problems(), []);
}

#[tokio::test]
async fn quoted_names_are_found_as_sql_finds_them() {
    let folder = Folder::create();
    let connection = open(&folder.url("chat.db")).await;
    run(&connection, r#"CREATE TABLE "my ""chat""" (id INTEGER)"#).await;

    let found = Preflight::of(&connection, &[r#""my ""chat""""#]).await.unwrap();
    let other = Preflight::of(&connection, &["my chat"]).await.unwrap();

    assert_eq!((found.schema, other.schema), (Tables::Present, Tables::Missing));
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect("the statement is right");
}
