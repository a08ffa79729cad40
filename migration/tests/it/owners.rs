//! The choice of users is made once.

use scrollback_migration::{MigrateError, Migrator, Tables, Users};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::{catalogue::catalogue, database::TestDatabase};

fn existing(target: &str) -> Users {
    let (table, column) = target.rsplit_once('.').expect("it has a dot");
    Users::existing(table, column)
}

async fn up(db: &DatabaseConnection, tables: &Tables, users: Users) -> Result<usize, MigrateError> {
    Migrator::new(tables.clone(), users).up(db).await.map(|applied| applied.len())
}

async fn owners(db: &DatabaseConnection, tables: &Tables) -> Option<String> {
    let status = Migrator::new(tables.clone(), Users::Unchecked).status(db).await;
    status.expect("the status can be read").owners
}

#[tokio::test]
async fn another_choice_is_refused_with_both_and_changes_nothing() {
    let choices =
        [Users::Managed, Users::Unchecked, existing("accounts.id"), existing("people.id")];
    let words = ["managed", "unchecked", "accounts.id", "people.id"];
    for first in 0..choices.len() {
        for database in TestDatabase::both().await {
            let (db, tables) = (database.connect().await, Tables::default());
            let create = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, nr INTEGER UNIQUE);
                          CREATE TABLE people (id INTEGER PRIMARY KEY)";
            db.execute_unprepared(create).await.unwrap();
            assert_eq!(owners(&db, &tables).await, None);
            up(&db, &tables, choices[first].clone()).await.unwrap();
            let before = catalogue(&db).await;

            for (then, asked) in choices.iter().zip(words) {
                let outcome = up(&db, &tables, then.clone()).await;

                let same = asked == words[first];
                match outcome {
                    Ok(0) if same => {}
                    Err(MigrateError::UsersDiffer { found, asked: named, .. }) if !same => {
                        assert_eq!((&*found, &*named), (words[first], asked));
                    }
                    other => panic!("{} then {asked}: {other:?}", words[first]),
                }
            }
            for asked in ["nobody.id", "accounts.nr"] {
                let outcome = up(&db, &tables, existing(asked)).await;

                let differs = matches!(outcome, Err(MigrateError::UsersDiffer { .. }));
                assert!(differs, "{} then {asked}: {outcome:?}", words[first]);
            }
            assert_eq!(owners(&db, &tables).await.as_deref(), Some(words[first]));
            assert_eq!(catalogue(&db).await, before);
        }
    }
}

#[tokio::test]
async fn names_that_need_quotes_are_read_back_as_they_were_given() {
    for database in TestDatabase::both().await {
        let db = database.connect().await;
        let tables = Tables::default().with_prefix("we\"ird '{x} ").unwrap();
        let create = r#"CREATE TABLE "Pe""o'ple" ("N r" INTEGER PRIMARY KEY)"#;
        db.execute_unprepared(create).await.unwrap();

        let first = up(&db, &tables, Users::existing("Pe\"o'ple", "N r")).await;
        let second = up(&db, &tables, Users::existing("Pe\"o'ple", "N r")).await;
        let other = up(&db, &tables, Users::existing("people", "N r")).await;

        assert_eq!((first, second), (Ok(1), Ok(0)));
        assert!(matches!(other, Err(MigrateError::UsersDiffer { .. })), "{other:?}");
        assert_eq!(owners(&db, &tables).await.as_deref(), Some("Pe\"o'ple.N r"));
    }
}

#[tokio::test]
async fn tables_of_one_name_in_two_schemas_are_two() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let tables = Tables::default().with_schema("we\"ird.chat").unwrap();
    let create = "CREATE SCHEMA auth; CREATE TABLE auth.people (id bigint PRIMARY KEY);
                  CREATE TABLE public.people (id bigint PRIMARY KEY)";
    db.execute_unprepared(create).await.unwrap();
    up(&db, &tables, existing("auth.people.id")).await.unwrap();

    let found = owners(&db, &tables).await;
    let same = up(&db, &tables, existing("auth.people.id")).await;
    let others = [
        up(&db, &tables, existing("people.id")).await,
        up(&db, &tables, existing("public.people.id")).await,
    ];
    db.execute_unprepared("SET search_path = auth, public").await.unwrap();
    let by_path = up(&db, &tables, existing("people.id")).await;

    assert_eq!(found.as_deref(), Some("auth.people.id"));
    assert_eq!((same, by_path), (Ok(0), Ok(0)));
    for other in others {
        assert!(matches!(other, Err(MigrateError::UsersDiffer { .. })), "{other:?}");
    }
}

#[tokio::test]
async fn a_role_without_rights_on_the_hosts_table_is_told_the_truth_about_it() {
    let database = TestDatabase::postgres().await;
    let db = database.connect().await;
    let tables = Tables::default().with_schema("chat").unwrap();
    let create = "CREATE SCHEMA auth; CREATE TABLE auth.people (id bigint PRIMARY KEY)";
    db.execute_unprepared(create).await.unwrap();
    up(&db, &tables, existing("auth.people.id")).await.unwrap();
    let serve = "GRANT USAGE ON SCHEMA chat TO pg_monitor;
                 GRANT SELECT ON chat.scrollback_migrations TO pg_monitor; SET ROLE pg_monitor";
    db.execute_unprepared(serve).await.unwrap();

    let same = up(&db, &tables, existing("auth.people.id")).await;
    let other = up(&db, &tables, existing("auth.accounts.id")).await;

    assert_eq!(same, Ok(0));
    assert!(matches!(other, Err(MigrateError::UsersDiffer { .. })), "{other:?}");
}
