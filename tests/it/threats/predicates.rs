//! T1, T2: every statement names the owner wherever it names a table, and each of these predicates
//! is needed: without it, the same matrix fails on the real database.

use std::collections::BTreeMap;

use scrollback_proof::{T1, T2, Trial, control};
use sea_orm::{ConnectionTrait, Statement};

use super::{
    matrix::{Findings, Scene},
    rows::{ROWS, Row},
    tampered::{Sql, Tampered, databases, predicates, without},
    twins::mixed_up,
};
use crate::{architecture::source::Source, grouped::SHARED};

/// The statements as the store sends them, each with the rows of the matrix that send it.
async fn statements(database: &Sql) -> BTreeMap<String, Vec<&'static Row>> {
    let tampered = Tampered::noting(database.connection.clone());
    let mut statements = BTreeMap::<String, Vec<&'static Row>>::new();
    for row in ROWS {
        let scene = Scene::set(&*database.fixture, tampered.store()).await;
        tampered.noted();
        for target in [&scene.unknown, &scene.own, &scene.others[0].1] {
            (row.call)(&*scene.store, scene.caller, target).await;
        }
        for Statement { sql, .. } in tampered.noted() {
            let rows = statements.entry(sql).or_default();
            if !rows.iter().any(|known| std::ptr::eq(*known, row)) {
                rows.push(row);
            }
        }
    }
    statements
}

/// Whether the matrix, or a look at twins, notices the statement without this predicate.
async fn is_noticed(database: &Sql, sql: &str, at: (usize, usize), rows: &[&'static Row]) -> bool {
    let (whole, mutant) = (sql.to_owned(), without(sql, at));
    let tampered = Tampered::altering(database.connection.clone(), move |statement| {
        let sql = if statement.sql == whole { mutant.clone() } else { statement.sql };
        Statement { sql, ..statement }
    });
    let mut findings = Findings::default();
    for row in rows {
        let scene = Scene::set(&*database.fixture, tampered.store()).await;
        findings.add(row, &scene).await;
        if !findings.faults.is_empty() {
            return true;
        }
    }
    !mixed_up(database, tampered.store()).await.1.is_empty()
}

/// A conversation's id is unique among all owners in SQLite, by its primary key: there the owner of
/// a message follows from its conversation.
fn follows(database: &Sql, sql: &str, (start, _): (usize, usize)) -> bool {
    let before: Vec<_> = sql[..start].split_whitespace().rev().take(2).collect();
    let of_messages = sql[start..].starts_with("m.") || before == ["WHERE", "\"messages\""];
    database.name == "sqlite" && of_messages
}

#[tokio::test]
async fn every_dropped_owner_predicate_is_noticed() {
    let (mut missed, mut redundant) = (Vec::new(), 0);
    for database in databases().await {
        if database.name == "sqlite" {
            // As on a connection of a host's that did not ask for them; with them, nothing could be
            // appended to another's conversation even by a statement that allows it.
            let off = "PRAGMA foreign_keys = OFF";
            database.connection.execute_unprepared(off).await.unwrap();
        }
        let statements = statements(&database).await;
        let mut templates = templates(&file(database.name));
        // Only a store that groups turns sends it: tests/it/grouped drops its predicates.
        templates.retain(|text| !text.contains(SHARED));
        assert_eq!(statements.len(), templates.len(), "of {}", database.name);
        for (threat, reads) in [(T1, true), (T2, false)] {
            let (mut caught, mut seeded) = (0, 0);
            for (sql, rows) in &statements {
                let of_threat = sql.starts_with("SELECT") == reads;
                for at in predicates(sql).into_iter().filter(|_| of_threat) {
                    if follows(&database, sql, at) {
                        redundant += 1;
                        continue;
                    }
                    let noticed = is_noticed(&database, sql, at, rows).await;
                    seeded += 1;
                    caught += usize::from(noticed);
                    missed.extend(
                        (!noticed).then(|| format!("{}: {}", database.name, without(sql, at))),
                    );
                }
            }
            let what = if reads { "reads" } else { "writes" };
            let defect = format!(
                "an owner predicate dropped from a statement that {what}, {}",
                database.name
            );
            control(threat, &defect, caught, seeded);
        }
    }

    assert_eq!(missed, [""; 0]);
    assert_eq!(redundant, 3, "predicates on messages, whose conversation is checked beside");
}

#[tokio::test]
async fn conversations_of_the_same_number_are_not_mixed_up() {
    let [postgres, _] = databases().await;
    let store = Tampered::noting(postgres.connection.clone()).store();

    let (asked, mixed_up) = mixed_up(&postgres, store).await;

    Trial::of(
        T1,
        "answers from a conversation that shares its number with another owner's, postgres",
    )
    .times(asked)
    .wrong("mixed up", mixed_up.len())
    .record();
    assert_eq!(mixed_up, [""; 0]);
}

fn file(name: &str) -> Source {
    Source::at(&format!("src/sea_orm/{name}.rs"))
}

/// The texts of a dialect that are about conversations and messages.
fn templates(source: &Source) -> Vec<String> {
    let code = source.code();
    let texts = code.split('"').skip(1).step_by(2).map(str::to_owned);
    texts.filter(|text| text.contains("{conversations}") || text.contains("{messages}")).collect()
}

/// Statements that name a table more often than its owner.
fn unbound(source: &Source) -> Vec<String> {
    let named = |text: &str| {
        let words: Vec<_> = text.split_whitespace().collect();
        let tables = words.windows(2).filter(|pair| {
            matches!(pair[0], "FROM" | "JOIN" | "UPDATE" | "INTO")
                && (pair[1].starts_with("{conversations}") || pair[1].starts_with("{messages}"))
        });
        tables.count()
    };
    // By the columns that are inserted, and by a join with what is bound already.
    let otherwise = [
        "(user_id, session_id",
        "(user_id, conversation_id, position",
        "c.user_id = mine.user_id",
        "m.user_id = call.user_id",
        "c.user_id = fresh.user_id",
        "c.user_id = locked.user_id",
    ];
    let bound = |text: &str| {
        predicates(text).len() + otherwise.iter().filter(|way| text.contains(**way)).count()
    };
    templates(source).into_iter().filter(|text| named(text) != bound(text)).collect()
}

#[test]
fn every_table_of_every_statement_is_bound_to_the_owner() {
    for dialect in ["postgres", "sqlite"].map(file) {
        let unbound = unbound(&dialect);

        Trial::of(T2, format!("statements, read for tables without an owner, {}", dialect.path))
            .times(templates(&dialect).len())
            .wrong("unbound", unbound.len())
            .record();
        assert_eq!(unbound, [""; 0]);
    }
}

#[test]
fn a_table_without_an_owner_is_noticed() {
    let (mut caught, mut seeded) = (0, 0);
    for dialect in ["postgres", "sqlite"].map(file) {
        let code = dialect.code();
        for (start, end) in predicates(&code) {
            let text = format!("{}true{}", &code[..start], &code[end..]);
            seeded += 1;
            caught += unbound(&Source::seeded(&dialect.path, &text)).len();
        }
    }

    control(T2, "a predicate dropped from the source of a statement", caught, seeded);
    assert!(seeded >= 20 && caught == seeded, "{caught} of {seeded}");
}
