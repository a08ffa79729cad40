//! T8: what the catalogue of the database says about owners.

use scrollback_proof::{T8, Trial, control};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::tampered::databases;

/// Table, column, whether it may be null, its default.
pub(super) type Column = (String, String, bool, Option<String>);

const SQLITE: &str = "\
SELECT t.name AS \"table\", c.name AS \"column\", c.\"notnull\" = 0 AND c.pk = 0 AS nullable, \
c.dflt_value AS \"default\" FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";

const POSTGRES: &str = "\
SELECT table_name::text AS \"table\", column_name::text AS \"column\", \
is_nullable = 'YES' AS nullable, column_default::text AS \"default\" \
FROM information_schema.columns WHERE table_schema = current_schema()";

pub(super) async fn columns(db: &impl ConnectionTrait) -> Vec<Column> {
    let sql = if db.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    let rows = rows.unwrap().into_iter();
    let column = |row: sea_orm::QueryResult| {
        (
            row.try_get("", "table").unwrap(),
            row.try_get("", "column").unwrap(),
            row.try_get("", "nullable").unwrap(),
            row.try_get("", "default").unwrap(),
        )
    };
    rows.map(column).collect()
}

/// Whether a column says whose the row is.
pub(super) fn is_owner(table: &str, column: &str) -> bool {
    column == "user_id" || (table, column) == ("users", "id")
}

/// The tables, and those of them in which a row can be without an owner.
async fn ownerless(db: &impl ConnectionTrait) -> (Vec<String>, Vec<String>) {
    let columns = columns(db).await;
    let mut tables: Vec<_> = columns.iter().map(|(table, ..)| table.clone()).collect();
    tables.sort_unstable();
    tables.dedup();
    let owned = |name: &String| {
        columns.iter().any(|(table, column, nullable, default)| {
            table == name && is_owner(table, column) && !nullable
                // An identity is no default; that of SQLite's own key neither.
                && default.is_none()
        })
    };
    // The record of migrations is nobody's.
    let nobodys = |name: &String| name == "scrollback_migrations";
    let wrong = tables.iter().filter(|name| !owned(name) && !nobodys(name)).cloned().collect();
    (tables, wrong)
}

#[tokio::test]
async fn no_row_is_without_an_owner() {
    let mut all = Vec::new();
    for database in databases().await {
        let (tables, wrong) = ownerless(&database.connection).await;
        Trial::of(T8, format!("tables of the catalogue, {}", database.name))
            .times(tables.len())
            .wrong("with rows that need no owner", wrong.len())
            .record();
        assert_eq!(tables, ["conversations", "messages", "scrollback_migrations", "users"]);
        all.extend(wrong);
    }

    assert_eq!(all, [""; 0]);
}

#[tokio::test]
async fn a_table_whose_rows_need_no_owner_is_noticed() {
    for database in databases().await {
        let mut caught = 0;
        let defects = ["user_id bigint", "user_id bigint NOT NULL DEFAULT 1", "note text NOT NULL"];
        for (number, column) in defects.iter().enumerate() {
            let sql = format!("CREATE TABLE seeded_{number} ({column})");
            database.connection.execute_unprepared(&sql).await.unwrap();
            let (_, wrong) = ownerless(&database.connection).await;
            caught += usize::from(wrong.contains(&format!("seeded_{number}")));
        }

        let what = format!("a table with a nullable, a defaulted or no owner, {}", database.name);
        control(T8, &what, caught, defects.len());
        assert_eq!(caught, defects.len());
    }
}

#[tokio::test]
async fn a_row_without_an_owner_is_refused_by_the_database_itself() {
    let mut accepted = Vec::new();
    for (database, time) in databases().await.into_iter().zip(["now()", "0"]) {
        let rows = [
            format!("conversations (created_at, updated_at) VALUES ({time}, {time})"),
            format!(
                "conversations (user_id, created_at, updated_at) VALUES (NULL, {time}, {time})"
            ),
            format!(
                "messages (conversation_id, position, turn_index, role, content, created_at)
                     VALUES (1, 1, 1, 'user', 'x', {time})"
            ),
        ];
        let before = accepted.len();
        for row in &rows {
            let answer =
                database.connection.execute_unprepared(&format!("INSERT INTO {row}")).await;
            let refused = answer.err().is_some_and(|error| error.to_string().contains("user_id"));
            accepted.extend((!refused).then(|| row.clone()));
        }
        Trial::of(T8, format!("rows without an owner, written by hand, {}", database.name))
            .times(rows.len())
            .wrong("accepted", accepted.len() - before)
            .record();
    }

    assert_eq!(accepted, [""; 0]);
}
