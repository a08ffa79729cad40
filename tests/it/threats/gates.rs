//! T7, T9: where SQL may be put together, and what must not be used at all.

use scrollback_proof::{T7, T9, Trial, control};

use crate::architecture::source::Source;

/// A way to get text into a statement, the files that may use it, and why.
const GATES: [(&str, &[&str]); 9] = [
    // Constant texts, a number of our own, and the names of tables, which the host sets, quoted.
    (
        "AssertSqlSafe",
        &[
            // These pass on what SeaORM's trait gives them.
            "src/sea_orm/direct/statement.rs",
            "src/sea_orm/driver.rs",
            "src/sea_orm/preflight/pooler.rs",
            "src/sea_orm/preflight/postgres.rs",
        ],
    ),
    (
        "raw_sql(",
        &[
            "migration/src/connect/health.rs",
            "src/sea_orm/direct/statement.rs",
            "src/sea_orm/preflight/pooler.rs",
            "src/sea_orm/preflight/postgres.rs",
        ],
    ),
    // Migrations: their own texts, with the same names.
    ("from_string(", &["migration/src/bookkeeping.rs", "migration/src/rights.rs"]),
    (
        "execute_unprepared(",
        &[
            "migration/src/bookkeeping.rs",
            "migration/src/run.rs",
            "migration/src/users_table.rs",
            // These pass on what they get, the last for tests only.
            "src/sea_orm/pool/connection.rs",
            "src/sea_orm/pool/transaction.rs",
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
const STATEMENTS: [&str; 12] = [
    "src/sea_orm/call.rs",
    "src/sea_orm/dialect.rs",
    "src/sea_orm/direct/statement.rs",
    "src/sea_orm/driver.rs",
    "src/sea_orm/fence/around.rs",
    "src/sea_orm/fence/direct.rs",
    "src/sea_orm/fence/mod.rs",
    "src/sea_orm/postgres.rs",
    "src/sea_orm/sqlite.rs",
    "src/sea_orm/statement.rs",
    "src/sea_orm/store.rs",
    "src/sea_orm/users.rs",
];

/// The files whose code, documentation apart, has a needle that they may not have, and the files
/// that are listed without need.
fn ungated(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (needle, allowed) in GATES {
        let users = sources.iter().filter(|source| source.code().contains(needle));
        let users: Vec<_> = users.map(|source| source.path.as_str()).collect();
        let wrong = users.iter().filter(|path| !allowed.contains(path));
        found.extend(wrong.map(|path| format!("{path} uses {needle}")));
        let idle = allowed.iter().filter(|path| !users.contains(path));
        found.extend(idle.map(|path| format!("{path} does not use {needle}")));
    }
    found
}

/// The lines of a file of statements that put text together.
fn formatted(source: &Source) -> Vec<String> {
    let code = source.code();
    let builds = |line: &&str| {
        ["format!(", "write!(", "concat!(", "+ \"", ".push_str("].iter().any(|it| line.contains(it))
    };
    code.lines().filter(builds).map(|line| format!("{}: {line}", source.path)).collect()
}

#[test]
fn text_gets_into_statements_in_the_listed_places_only() {
    let sources = Source::below(&["migration/src", "src"]);

    let found = ungated(&sources);

    for threat in [T7, T9] {
        Trial::of(threat, "source files, searched for raw SQL, upserts and saving by primary key")
            .times(sources.len())
            .wrong("uses outside the listed places", found.len())
            .figure("needles", GATES.len())
            .record();
    }
    assert_eq!(found, [""; 0], "bind the value instead");
}

#[test]
fn statements_are_constant() {
    let found: Vec<_> = STATEMENTS.iter().flat_map(|path| formatted(&Source::at(path))).collect();

    Trial::of(T9, "files that make statements, searched for formatting")
        .times(STATEMENTS.len())
        .wrong("lines that put text together", found.len())
        .record();
    assert_eq!(found, [""; 0], "bind the value instead");
}

#[test]
fn the_gates_notice_what_may_not_be() {
    let sources = Source::below(&["migration/src", "src"]);
    assert_eq!(ungated(&sources), [""; 0]);
    let (mut caught, mut seeded) = (0, 0);
    for (needle, _) in GATES {
        let text = format!("fn f(db: &Db, id: i64) {{\n    db{needle}format!(\"{{id}}\")\n}}\n");
        let mut sources = Source::below(&["migration/src", "src"]);
        sources.push(Source::seeded("src/sea_orm/seeded.rs", &text));
        seeded += 1;
        caught += ungated(&sources).len();
    }
    let spliced = "let sql = format!(\"SELECT 1 FROM t WHERE title = '{title}'\");";
    let added = "let sql = select.to_owned() + \" ORDER BY \" + column;";
    for line in [spliced, added] {
        seeded += 1;
        caught += formatted(&Source::seeded("src/sea_orm/store.rs", line)).len();
    }

    control(T9, "source text that puts SQL together, or uses what is banned", caught, seeded);
    assert_eq!(caught, seeded);
}
