//! The second fence: put up with the tables or later, taken off alone or with everything.

use scrollback_migration::{MigrateError, Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use crate::{
    binary::{run, texts as printed},
    catalogue::catalogue,
    database::{TestDatabase, texts},
};

const NAME: &str = "scrollback_m20261120_000003_row_security";

fn open() -> Migrator {
    Migrator::new(Tables::default(), Users::Managed)
}

fn fenced() -> Migrator {
    open().with_row_security()
}

/// The lines that the fence adds to the catalogue.
async fn added(db: &DatabaseConnection) -> String {
    let (now, plain) = (catalogue(db).await, include_str!("expected/postgres.txt"));
    let new = now.lines().filter(|line| !plain.lines().any(|other| other == *line));
    new.map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn the_policies_are_those_that_were_released() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    fenced().up(&db).await.unwrap();

    let added = added(&db).await;

    assert!(added == include_str!("expected/row_security.txt"), "added are now\n{added}");
}

#[tokio::test]
async fn it_can_follow_the_tables_and_stays_when_it_is_not_asked_for_again() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    open().up(&db).await.unwrap();
    let pending = fenced().status(&db).await.unwrap().pending;

    let applied = fenced().up(&db).await.unwrap();
    let (again, without) = (fenced().up(&db).await.unwrap(), open().up(&db).await.unwrap());

    assert_eq!((&*pending, &*applied), (&[NAME.to_owned()][..], &[NAME.to_owned()][..]));
    assert_eq!((again, without), (Vec::new(), Vec::new()));
    assert_eq!(added(&db).await, include_str!("expected/row_security.txt"));
    let status = open().status(&db).await.unwrap();
    assert!(status.is_current() && status.applied.contains(&NAME.to_owned()), "{status:?}");
}

#[tokio::test]
async fn it_is_taken_off_alone_and_no_data_is_lost() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    open().up(&db).await.unwrap();
    let before = catalogue(&db).await;
    db.execute_unprepared("INSERT INTO users (subject) VALUES ('ann')").await.unwrap();
    fenced().up(&db).await.unwrap();

    let reverted = open().down_row_security(&db).await.unwrap();
    let again = open().down_row_security(&db).await.unwrap();

    assert_eq!((reverted, again), (vec![NAME.to_owned()], Vec::new()));
    assert_eq!(catalogue(&db).await, before);
    assert_eq!(texts(&db, "SELECT subject FROM users").await, ["ann"]);
}

#[tokio::test]
async fn down_takes_it_along_whether_or_not_it_is_asked_for() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let before = catalogue(&db).await;

    for migrator in [open(), fenced()] {
        let applied = fenced().up(&db).await.unwrap();
        let reverted = migrator.down(&db).await.unwrap();

        assert!(applied.iter().eq(reverted.iter().rev()), "{applied:?} {reverted:?}");
        assert_eq!(catalogue(&db).await, before);
    }
}

#[tokio::test]
async fn what_sql_prints_makes_what_up_makes() {
    let tables = Tables::default().with_prefix("we\"ird {messages} ").unwrap();
    let migrator = Migrator::new(tables, Users::Unchecked).with_row_security();
    let (by_hand, by_up) = (TestDatabase::postgres().await, TestDatabase::postgres().await);
    let (by_hand, by_up) = (by_hand.connect().await, by_up.connect().await);

    by_hand.execute_unprepared(&migrator.sql(DbBackend::Postgres).unwrap()).await.unwrap();
    migrator.up(&by_up).await.unwrap();

    assert_eq!(catalogue(&by_hand).await, catalogue(&by_up).await);
    assert!(migrator.status(&by_hand).await.unwrap().is_current());
}

#[tokio::test]
async fn a_hosts_own_migrator_gets_it_in_its_list() {
    let names = |migrator: Migrator| -> Vec<String> {
        migrator.migrations().iter().map(|migration| migration.name().to_owned()).collect()
    };

    assert!(!names(open()).contains(&NAME.to_owned()));
    assert_eq!(names(fenced()).last().map(String::as_str), Some(NAME));
}

#[tokio::test]
async fn sqlite_refuses_it_and_is_left_alone() {
    let database = TestDatabase::sqlite();
    let db = database.connect().await;
    let before = catalogue(&db).await;

    let outcomes = [fenced().up(&db).await, open().down_row_security(&db).await];

    for outcome in outcomes {
        assert_eq!(outcome, Err(MigrateError::RowSecurity));
    }
    assert_eq!(catalogue(&db).await, before);
}

#[tokio::test]
async fn the_binary_puts_it_up_shows_it_and_takes_it_off() {
    let database = TestDatabase::postgres().await;
    let url = &*database.url;
    let steps: [(&[&str], i32, &str); 7] = [
        (&["up", "--users=managed", "--database-url", url], 0, "000002_create_tables"),
        (&["status", "--row-security", "--database-url", url], 1, "pending scrollback_m2026"),
        (&["up", "--users=managed", "--row-security", "--database-url", url], 0, NAME),
        (&["status", "--database-url", url], 0, NAME),
        (&["down", "--row-security", "--database-url", url], 0, "reverted scrollback_m2026"),
        (&["status", "--database-url", url], 0, "is current"),
        (&["sql", "--users=managed", "--row-security", "--backend=sqlite"], 1, "PostgreSQL's"),
    ];
    for (args, code, text) in steps {
        let output = run(args);

        assert_eq!(output.status.code(), Some(code), "{args:?} {}", printed(&output));
        assert!(printed(&output).contains(text), "{args:?} {}", printed(&output));
    }
}
