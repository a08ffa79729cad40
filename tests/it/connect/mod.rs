//! Connecting: what a URL gets, and what a database that cannot be opened is said to need.

mod postgres;
mod sqlite;
mod tls;

use scrollback::{Connect, Error};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

async fn refusal(url: &str) -> Error {
    let connect = Connect::new(url).expect("the URL can be read");
    let error = Error::from(connect.open().await.expect_err("nobody answers there"));
    assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    error
}

fn problem(error: Error) -> String {
    match error {
        Error::Setup { problem, .. } => problem.into(),
        other => panic!("{other:?} is no problem of the set-up"),
    }
}

async fn text(connection: &DatabaseConnection, sql: &str) -> String {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("it can be asked");
    row.expect("one row").try_get_by_index(0).expect("its first column is text")
}
