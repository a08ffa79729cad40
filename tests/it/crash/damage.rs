//! What PostgreSQL finds out about itself.

use sea_orm::{ConnectionTrait, Database, Statement};

use crate::support::Cluster;

/// Has its extension `amcheck` look at all our tables and indexes; damage fails the test.
pub(super) async fn damage(server: &Cluster) -> String {
    let connection = Database::connect(server.url()).await.unwrap();
    if let Err(error) = connection.execute_unprepared("CREATE EXTENSION amcheck").await {
        return format!("amcheck not run: {error}");
    }
    let ours = "relnamespace = 'public'::regnamespace";
    // An index that is damaged is an error of the statement.
    let indexes = format!(
        "SELECT bt_index_parent_check(oid, true) FROM pg_class WHERE relkind = 'i' AND {ours}"
    );
    connection.execute_unprepared(&indexes).await.unwrap();
    let tables = format!(
        "SELECT count(*) FROM pg_class, LATERAL verify_heapam(oid) WHERE relkind = 'r' AND {ours}"
    );
    let statement = Statement::from_string(connection.get_database_backend(), tables);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    let found: i64 = row.try_get_by_index(0).unwrap();
    assert_eq!(found, 0, "verify_heapam found damage");
    "amcheck found no damage".to_owned()
}
