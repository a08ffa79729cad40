//! Files and databases in memory.

use scrollback::Connect;
use sea_orm::ConnectionTrait;

use super::{problem, refusal, text};
use crate::folder::Folder;

#[tokio::test]
async fn sqlite_is_created_and_remembers() {
    let folder = Folder::create();
    let url = folder.url("chat.db");
    let first = Connect::new(&url).unwrap().open().await.unwrap();
    first
        .execute_unprepared("CREATE TABLE said (text TEXT); INSERT INTO said VALUES ('hello')")
        .await
        .unwrap();
    first.close().await.unwrap();

    let second = Connect::new(&url).unwrap().open().await.unwrap();

    assert_eq!(text(&second, "SELECT text FROM said").await, "hello");
    assert_eq!(text(&second, "PRAGMA journal_mode").await, "wal");
    assert_eq!(text(&second, "SELECT synchronous || '' FROM pragma_synchronous").await, "2");
}

#[tokio::test]
async fn the_mode_of_a_url_decides_whether_a_file_is_created_or_written() {
    let folder = Folder::create();
    let url = |mode: &str| format!("{}?mode={mode}", folder.url("chat.db"));

    let missing = [refusal(&url("ro")).await, refusal(&url("rw")).await];
    let created = Connect::new(&url("rwc")).unwrap().open().await.unwrap();
    created.execute_unprepared("CREATE TABLE said (text TEXT)").await.unwrap();
    let reader = Connect::new(&url("ro")).unwrap().open().await.unwrap();

    for missing in missing {
        assert!(problem(missing).contains("there is no file"));
    }
    assert_eq!(text(&reader, "SELECT count(*) || '' FROM said").await, "0");
    assert!(reader.execute_unprepared("DELETE FROM said").await.is_err());
}

#[tokio::test]
async fn sqlite_in_memory_is_one_database_for_all_who_share_the_pool() {
    let connection = Connect::new("sqlite::memory:").unwrap().open().await.unwrap();
    connection.execute_unprepared("CREATE TABLE said (text TEXT)").await.unwrap();

    let inserts = (0..20).map(|_| connection.execute_unprepared("INSERT INTO said VALUES ('x')"));
    futures_util::future::try_join_all(inserts).await.unwrap();

    assert_eq!(text(&connection, "SELECT count(*) || '' FROM said").await, "20");
}

#[tokio::test]
async fn many_who_open_one_new_file_at_once_all_get_in() {
    let folder = Folder::create();

    for file in 0..50 {
        let url = folder.url(&format!("{file}.db"));
        let opened = (0..8).map(|_| Connect::new(&url).unwrap().open());
        let opened = futures_util::future::join_all(opened).await;

        assert!(opened.iter().all(Result::is_ok), "{opened:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_missing_is_a_problem_of_the_set_up() {
    let folder = Folder::create();

    let error = refusal(&folder.url("missing/chat.db")).await;

    assert!(problem(error).contains("folder exists"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_a_problem_of_the_set_up() {
    let folder = Folder::create();
    std::fs::write(folder.path().join("notes.txt"), "x".repeat(4096)).unwrap();

    let error = refusal(&folder.url("notes.txt")).await;

    assert!(problem(error).contains("no SQLite database"));
}
