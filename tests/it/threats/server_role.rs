//! T17: the whole kit, served by a role that may read and write rows and nothing else.

use std::{sync::Arc, thread};

use async_trait::async_trait;
use futures_util::{StreamExt, future, stream};
use scrollback::{
    Connect, ConversationStore, SeaOrmStore, Tables, UserId, Users,
    conformance::{Fixture, rules},
};
use scrollback_proof::{T17, Trial, control};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tokio::runtime;

use crate::support::{Schema, cluster, connections};

/// All that serving needs.
const RIGHTS: &str = "SELECT, INSERT, UPDATE, DELETE";

/// Tables that one role has made, and that another one serves.
struct OnPostgresAsServer {
    // The pool goes before the roles, and these before the schema.
    store: SeaOrmStore<DatabaseConnection>,
    roles: Roles,
    schema: Schema,
}

impl OnPostgresAsServer {
    async fn new() -> Self {
        let schema = Schema::create().await;
        let admin = schema.connect().await;
        let roles = Roles::create(&schema, &admin).await;
        let migrator = open(&roles.migrator(), &schema).await;
        migrator.migrate(&Users::Managed).await.unwrap();
        let grant = format!("GRANT {RIGHTS} ON conversations, messages, users TO {}", roles.server);
        admin.execute_unprepared(&grant).await.unwrap();
        migrator.into_connection().close().await.unwrap();
        admin.close().await.unwrap();
        let store = open(&roles.server(), &schema).await;
        Self { store, roles, schema }
    }

    async fn revoke(&self, right: &str) {
        let revoke = format!("REVOKE {right} ON conversations FROM {}", self.roles.server);
        self.schema.connect().await.execute_unprepared(&revoke).await.unwrap();
    }
}

async fn open(url: &str, schema: &Schema) -> SeaOrmStore<DatabaseConnection> {
    let tables = Tables::default().with_schema(schema.name()).unwrap();
    let connect = Connect::new(url).unwrap().with_max_connections(connections(4));
    SeaOrmStore::new(connect.open().await.unwrap()).with_tables(tables)
}

#[async_trait]
impl Fixture for OnPostgresAsServer {
    async fn store(&self) -> Arc<dyn ConversationStore> {
        // What is tried here are rights, not processes.
        Arc::new(self.store.clone())
    }

    async fn owner(&self) -> UserId {
        let subject = scrollback::SessionId::generate();
        self.store.ensure_user(subject.as_str()).await.unwrap()
    }
}

/// Two roles that are nobody: no superuser, no owner of the database.
struct Roles {
    migrator: String,
    server: String,
}

impl Roles {
    async fn create(schema: &Schema, admin: &DatabaseConnection) -> Self {
        let name = schema.name();
        let (migrator, server) = (format!("{name}_migrator"), format!("{name}_server"));
        let sql = format!(
            "DROP ROLE IF EXISTS {migrator}, {server};
             CREATE ROLE {migrator} LOGIN PASSWORD 'secret';
             CREATE ROLE {server} LOGIN PASSWORD 'secret';
             GRANT USAGE, CREATE ON SCHEMA {name} TO {migrator};
             GRANT USAGE ON SCHEMA {name} TO {server}"
        );
        admin.execute_unprepared(&sql).await.unwrap();
        Self { migrator, server }
    }

    fn migrator(&self) -> String {
        cluster().url_as(&self.migrator, "secret")
    }

    fn server(&self) -> String {
        cluster().url_as(&self.server, "secret")
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        let Self { migrator, server } = self;
        let sql =
            format!("DROP OWNED BY {server}, {migrator} CASCADE; DROP ROLE {server}, {migrator}");
        // The test's own runtime cannot be waited for here.
        let dropped = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let connection = Database::connect(cluster().url()).await.unwrap();
                connection.execute_unprepared(&sql).await.unwrap();
            });
        })
        .join();
        // A second panic would abort the run and hide the first.
        assert!(thread::panicking() || dropped.is_ok(), "the roles of a test could not be dropped");
    }
}

/// The rules that fail, a few at a time: all at once would wait for each other's connections.
async fn broken_rules(database: &Arc<OnPostgresAsServer>) -> Vec<&'static str> {
    let checks = stream::iter(rules()).map(|rule| {
        let database = Arc::clone(database);
        let check = tokio::spawn(async move { rule.check(&*database).await });
        async move { check.await.err().map(|_| rule.name()) }
    });
    checks.buffered(4).filter_map(future::ready).collect().await
}

#[tokio::test]
async fn the_whole_kit_passes_with_rights_to_rows_only() {
    let database = Arc::new(OnPostgresAsServer::new().await);

    let broken = broken_rules(&database).await;

    Trial::of(T17, "rules of the kit, under a role with rights to rows only")
        .times(rules().len())
        .wrong("broken", broken.len())
        .figure("rights", RIGHTS)
        .record();
    assert_eq!(broken, [""; 0]);
}

#[tokio::test]
async fn the_kit_fails_without_any_one_of_the_rights() {
    let rights: Vec<_> = RIGHTS.split(", ").collect();
    let mut missed = Vec::new();
    for right in &rights {
        let database = Arc::new(OnPostgresAsServer::new().await);
        database.revoke(right).await;
        if broken_rules(&database).await.is_empty() {
            missed.push(*right);
        }
    }

    let caught = rights.len() - missed.len();
    control(T17, "one of the four rights revoked from conversations", caught, rights.len());
    assert_eq!(missed, [""; 0]);
}

const FORBIDDEN: [&str; 8] = [
    "CREATE TABLE {}.mine (id int)",
    "ALTER TABLE {}.messages ADD COLUMN mine int",
    "DROP TABLE {}.messages",
    "TRUNCATE {}.messages",
    "CREATE INDEX ON {}.messages (content)",
    "DELETE FROM {}.scrollback_migrations",
    "SELECT pg_read_file('/etc/passwd')",
    "CREATE ROLE {}_mine SUPERUSER",
];

#[tokio::test]
async fn the_serving_role_can_do_nothing_else() {
    let database = OnPostgresAsServer::new().await;
    let connection = database.store.clone().into_connection();
    let schema = database.schema.name();

    let mut allowed = Vec::new();
    for forbidden in FORBIDDEN {
        let sql = forbidden.replace("{}", schema);
        let answer = connection.execute_unprepared(&sql).await.map_err(|error| error.to_string());
        let denied = answer
            .err()
            .is_some_and(|it| it.contains("permission denied") || it.contains("must be"));
        allowed.extend((!denied).then_some(forbidden));
    }

    Trial::of(T17, "statements beyond these rights, under the same role")
        .times(FORBIDDEN.len())
        .wrong("allowed", allowed.len())
        .record();
    assert_eq!(allowed, [""; 0]);
}

#[tokio::test]
async fn a_role_that_lacks_a_right_is_told_which() {
    let database = OnPostgresAsServer::new().await;
    let ann = database.owner().await;
    database.revoke("INSERT").await;

    let refused = database.store.create(ann, scrollback::NewConversation::new()).await.unwrap_err();

    assert!(refused.to_string().contains("GRANT SELECT, INSERT, UPDATE, DELETE"), "{refused}");
}
