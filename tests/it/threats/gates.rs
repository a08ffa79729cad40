//! T7, T9: where SQL may be put together, and what must not be used at all.

use crate::architecture::source::Source;

/// A way to get text into a statement, the files that may use it, and why.
const GATES: [(&str, &[&str]); 9] = [
    // Constant texts, a number of our own, and the names of tables, which the host sets, quoted.
    ("AssertSqlSafe", &["src/sea_orm/preflight/pooler.rs", "src/sea_orm/preflight/postgres.rs"]),
    ("raw_sql(", &["src/sea_orm/preflight/pooler.rs", "src/sea_orm/preflight/postgres.rs"]),
    // Migrations: their own texts, with the same names.
    ("from_string(", &["migration/src/bookkeeping.rs", "migration/src/rights.rs"]),
    (
        "execute_unprepared(",
        &[
            "migration/src/bookkeeping.rs",
            "migration/src/run.rs",
            "migration/src/users_table.rs",
            // For tests only, and forwards what it gets.
            "src/sea_orm/failing.rs",
        ],
    ),
    // Filter by the primary key alone, or change a row that is there.
    (".on_conflict(", &[]),
    (".save(", &[]),
    ("ActiveModel", &[]),
    ("cursor_by(", &[]),
    ("find_by_id(", &[]),
];

/// Where nothing may be formatted: what is built here is sent.
const STATEMENTS: [&str; 7] = [
    "src/sea_orm/call.rs",
    "src/sea_orm/dialect.rs",
    "src/sea_orm/postgres.rs",
    "src/sea_orm/sqlite.rs",
    "src/sea_orm/statement.rs",
    "src/sea_orm/store.rs",
    "src/sea_orm/users.rs",
];

/// The files whose code, documentation apart, has `needle`.
fn users_of(needle: &str, sources: &[Source]) -> Vec<String> {
    let found = sources.iter().filter(|source| source.code().contains(needle));
    found.map(|source| source.path.clone()).collect()
}

#[test]
fn text_gets_into_statements_in_the_listed_places_only() {
    let sources = Source::below(&["migration/src", "src"]);

    for (needle, allowed) in GATES {
        assert_eq!(users_of(needle, &sources), allowed, "{needle}: bind the value instead");
    }
}

#[test]
fn statements_are_constant() {
    for path in STATEMENTS {
        let code = Source::at(path).code();

        for needle in ["format!(", "write!(", "concat!(", "+ \""] {
            let at = code.lines().find(|line| line.contains(needle));
            assert_eq!(at, None, "{path} puts text together: bind the value instead");
        }
    }
}

#[test]
fn the_gates_find_what_is_there() {
    let sources = Source::below(&["tests/it/threats"]);

    let found = users_of("query_one_raw(", &sources);

    assert!(found.iter().any(|path| path == "tests/it/threats/tables.rs"), "{found:?}");
}
