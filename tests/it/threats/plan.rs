//! T10: what the database does for a foreign thing is what it does for an unknown one: the same
//! statements, by the same plan, through the same nodes with the same number of rows.

use scrollback::Pool;
use scrollback_proof::{T10, Trial, control};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::Value as Json;

use super::{
    matrix::Scene,
    rows::ROWS,
    tampered::{Sql, Tampered, databases, predicates, without},
};

/// The nodes of a plan: kind, table, index, and how many rows came out how often.
fn nodes(plan: &Json, found: &mut Vec<String>) {
    let names = ["Node Type", "Relation Name", "Index Name", "Actual Rows", "Actual Loops"];
    let parts = names.iter().map(|name| plan[name].to_string());
    found.push(parts.collect::<Vec<_>>().join(" "));
    for below in plan["Plans"].as_array().into_iter().flatten() {
        nodes(below, found);
    }
}

/// How the database carries a statement out, which is undone.
async fn carried_out(db: &Pool, statement: Statement) -> Vec<String> {
    if db.get_database_backend() == DbBackend::Sqlite {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = db.query_all_raw(Statement { sql, ..statement }).await.unwrap();
        return rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    }
    let sql = format!("EXPLAIN (ANALYZE, FORMAT JSON) {}", statement.sql);
    let undone = db.begin().await.unwrap();
    let explained = undone.query_all_raw(Statement { sql, ..statement }).await;
    undone.rollback().await.unwrap();
    let Ok(rows) = explained else { return vec!["refused".to_owned()] };
    let plan: Json = rows[0].try_get_by_index(0).unwrap();
    let mut found = Vec::new();
    nodes(&plan[0]["Plan"], &mut found);
    found
}

/// How many statements were carried out, and which otherwise than for an unknown thing.
async fn compared(database: &Sql, mut alter: impl FnMut(&str) -> String) -> (usize, Vec<String>) {
    let tampered = Tampered::noting(database.connection.clone());
    let (mut tried, mut differ) = (0, Vec::new());
    for row in ROWS.iter().filter(|row| row.method != "create") {
        let scene = Scene::set(&*database.fixture, tampered.store()).await;
        let mut sent = Vec::new();
        let unknown = ("unknown", &scene.unknown);
        let others = scene.others.iter().map(|(kind, target)| (*kind, target));
        for (kind, target) in std::iter::once(unknown).chain(others) {
            tampered.noted();
            (row.call)(&*scene.store, scene.caller, target).await;
            sent.push((kind, tampered.noted()));
        }
        let mut expected = None;
        for (kind, statements) in sent {
            let mut plans = Vec::new();
            for statement in statements {
                let sql = alter(&statement.sql);
                plans.push(carried_out(&database.connection, Statement { sql, ..statement }).await);
            }
            tried += plans.len();
            let unknown = expected.get_or_insert_with(|| plans.clone());
            differ
                .extend((*unknown != plans).then(|| format!("{}, {kind}: {plans:?}", row.name())));
        }
    }
    (tried, differ)
}

#[tokio::test]
async fn foreign_and_unknown_are_carried_out_alike() {
    let mut all = Vec::new();
    for database in databases().await {
        let (tried, differ) = compared(&database, str::to_owned).await;
        let what =
            if database.name == "postgres" { "EXPLAIN ANALYZE" } else { "EXPLAIN QUERY PLAN" };
        Trial::of(
            T10,
            format!("statements under {what}, compared with those for an unknown thing"),
        )
        .times(tried)
        .wrong("another plan, or other rows in a node of it", differ.len())
        .record();
        all.extend(differ);
    }

    assert_eq!(all, [""; 0]);
}

/// Fetches the row and looks at its owner afterwards.
#[tokio::test]
async fn a_statement_that_fetches_what_is_foreign_is_noticed() {
    let [postgres, _] = databases().await;

    let (_, differ) = compared(&postgres, |sql| match predicates(sql).first() {
        Some(at) => without(sql, *at),
        None => sql.to_owned(),
    })
    .await;

    let caught = differ.iter().any(|call| call.contains("foreign"));
    control(
        T10,
        "a statement that fetches the row before it looks at the owner",
        usize::from(caught),
        1,
    );
    assert!(caught, "{differ:?}");
}
