//! T17: the whole kit, served by a role that may read and write rows and nothing else.

use std::sync::Arc;

use async_trait::async_trait;
use scrollback::{
    Connect, ConversationStore, SeaOrmStore, Tables, UserId, Users,
    conformance::{Fixture, rules},
};
use scrollback_proof::{T17, Trial, control};
use sea_orm::ConnectionTrait;

use crate::{
    conformance::broken_rules,
    support::{Roles, Schema, cluster, connections, pool},
};

/// All that serving needs.
const RIGHTS: &str = "SELECT, INSERT, UPDATE, DELETE";

/// Tables that one role has made, and that another one serves.
struct OnPostgresAsServer {
    // The pool goes before the roles, and these before the schema.
    store: SeaOrmStore,
    roles: Roles,
    schema: Schema,
}

impl OnPostgresAsServer {
    async fn new() -> Self {
        let schema = Schema::create().await;
        let admin = schema.connect().await;
        let roles = Roles::create(&schema, &admin).await;
        let migrator = open(&roles.url(&roles.maker, &cluster().url()), &schema).await;
        migrator.migrate(&Users::Managed).await.unwrap();
        let grant = format!("GRANT {RIGHTS} ON conversations, messages, users TO {}", roles.server);
        admin.execute_unprepared(&grant).await.unwrap();
        migrator.into_connection().close().await.unwrap();
        admin.close().await.unwrap();
        let store = open(&roles.url(&roles.server, &cluster().url()), &schema).await;
        Self { store, roles, schema }
    }

    async fn revoke(&self, right: &str) {
        let revoke = format!("REVOKE {right} ON conversations FROM {}", self.roles.server);
        self.schema.connect().await.execute_unprepared(&revoke).await.unwrap();
    }
}

async fn open(url: &str, schema: &Schema) -> SeaOrmStore {
    let tables = Tables::default().with_schema(schema.name()).unwrap();
    let connect = Connect::new(url).unwrap().with_max_connections(connections(4));
    SeaOrmStore::new(pool(connect).await.unwrap()).with_tables(tables)
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

#[tokio::test]
async fn the_whole_kit_passes_with_rights_to_rows_only() {
    let broken = broken_rules(Arc::new(OnPostgresAsServer::new().await)).await;

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
        let database = OnPostgresAsServer::new().await;
        database.revoke(right).await;
        if broken_rules(Arc::new(database)).await.is_empty() {
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
