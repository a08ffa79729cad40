//! What the record of migrations adds to whether the tables are there.

use scrollback::{SeaOrmStore, Users, preflight::Schema};
use sea_orm::{ConnectionTrait, Database};

/// What is found after `sql` was run on a database that was just migrated.
async fn found_after(sql: &str) -> Schema {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let store = SeaOrmStore::new(db.clone());
    store.migrate(&Users::Managed).await.unwrap();
    db.execute_unprepared(sql).await.unwrap();
    store.preflight().await.unwrap().schema
}

#[tokio::test]
async fn tables_without_a_record_are_there_and_a_part_of_the_record_is_behind() {
    let last = "DELETE FROM scrollback_migrations
                WHERE version = (SELECT max(version) FROM scrollback_migrations)";

    assert_eq!(found_after("SELECT 1").await, Schema::Current);
    assert_eq!(found_after(last).await, Schema::Pending);
    assert_eq!(found_after("DELETE FROM scrollback_migrations").await, Schema::Present);
    assert_eq!(found_after("DROP TABLE scrollback_migrations").await, Schema::Present);
}

#[tokio::test]
async fn a_record_without_tables_hides_nothing() {
    let half = "DROP TABLE messages;
                DELETE FROM scrollback_migrations
                WHERE version = (SELECT max(version) FROM scrollback_migrations)";

    assert_eq!(found_after("DROP TABLE messages").await, Schema::Missing);
    assert_eq!(found_after(half).await, Schema::Missing);
}
