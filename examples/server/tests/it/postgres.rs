//! The server on PostgreSQL.

use tempfile::tempdir;

use crate::{
    cluster::Cluster,
    person::{Person, problem_of},
    program::Program,
};

#[tokio::test]
async fn a_history_survives_a_restart_and_a_kill() {
    let (folder, database) = (tempdir().unwrap(), Cluster::start());
    let url = database.url();
    let start = || Program::start_with(folder.path(), |command| command.env("DATABASE_URL", &url));
    let first = start().await;
    let ann = Person::signed_in(&first, "ann").await;
    let chat = ann.chat().await;
    ann.told(&chat, "My name is Ann.").await;

    first.stop().await;
    let second = start().await;
    let reply = ann.at(&second).told(&chat, "What is my name?").await;
    second.kill().await;
    let third = start().await;

    assert_eq!(reply, "Your name is Ann, you told me.");
    assert_eq!(ann.at(&third).history(&chat).await.len(), 4);
}

#[tokio::test]
async fn a_server_without_its_database_lives_is_not_ready_and_recovers() {
    let (folder, database) = (tempdir().unwrap(), Cluster::start());
    let url = database.url();
    let program =
        Program::start_with(folder.path(), |command| command.args(["--database-url", &url])).await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;
    let ready = async || ann.get("/readyz").send().await.unwrap();
    assert_eq!(ready().await.status(), 200);

    database.stop_immediate();
    let gone = ready().await;
    let retry_after = gone.headers()["retry-after"].clone();
    let lives = ann.get("/healthz").send().await.unwrap();
    let said = ann.say(&chat, "Are you there?").await;

    assert_eq!(retry_after, "1");
    assert_eq!(problem_of(gone).await.1, "unavailable");
    assert_eq!(lives.status(), 200);
    assert_eq!(problem_of(said).await.0, 503);

    database.restart();
    // A connection that the server has not yet found broken costs one call.
    let mut answers = vec![ready().await.status(), ready().await.status()];
    assert_eq!(answers.pop().unwrap(), 200);
    assert_eq!(
        ann.told(&chat, "And now?").await,
        "I am listening. I was handed one message, yours."
    );
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_a_sentence_without_its_password() {
    let folder = tempdir().unwrap();
    let url = "postgres://ann:hunter2@127.0.0.1:1/none";

    let log = crate::program::failure(folder.path(), &["--database-url", url]).await;

    assert!(log.contains("127.0.0.1:1") && !log.contains("hunter2"), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}
