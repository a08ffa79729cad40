//! How the server ends when it is told to.

use tempfile::tempdir;
use tokio::net::TcpStream;

use crate::{
    endpoint::{DONE, Endpoint, Manner, Step, streams},
    person::{Person, events},
    program::{Program, failure},
};

/// Says one word, waits to be let go, says very many.
fn half_way() -> Manner {
    let say = |text: &str| Step::Say(text.to_owned());
    let many = (0..MANY).map(|_| say("and "));
    let steps = [say("One "), Step::Wait].into_iter().chain(many).chain([say("on."), DONE]);
    Manner::Streams(steps.collect())
}

/// A server that does not wait has ended before so many words are read.
const MANY: usize = 5_000;

fn counted() -> String {
    format!("One {}on.", "and ".repeat(MANY))
}

#[tokio::test]
async fn a_reply_that_streams_is_sent_to_its_end() {
    let folder = tempdir().unwrap();
    let endpoint = Endpoint::start([half_way()]).await;
    let program =
        Program::start_with(folder.path(), |command| command.args(["--bot-url", &endpoint.url]))
            .await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;
    let mut answer = ann.say_streaming(&chat, "Count.").await;
    let begin = answer.chunk().await.unwrap().unwrap();

    program.ask_to_stop();
    program.closed().await;
    endpoint.go_on();
    let rest = answer.text().await.unwrap();
    program.ended().await;

    let all = events(&format!("{}{rest}", std::str::from_utf8(&begin).unwrap()));
    let (name, exchange) = all.last().unwrap();
    assert_eq!((&**name, &exchange["reply"]["content"]), ("message", &counted().into()));
}

#[tokio::test]
async fn a_reply_that_nobody_waits_for_is_stored_before_the_server_ends() {
    let folder = tempdir().unwrap();
    let endpoint = Endpoint::start([half_way()]).await;
    let start =
        || Program::start_with(folder.path(), |command| command.args(["--bot-url", &endpoint.url]));
    let first = start().await;
    let ann = Person::signed_in(&first, "ann").await;
    let chat = ann.chat().await;
    let mut answer = ann.say_streaming(&chat, "Count.").await;
    answer.chunk().await.unwrap();
    drop(answer);

    first.ask_to_stop();
    first.logged("every connection is closed replies=1").await;
    endpoint.go_on();
    first.ended().await;
    let second = start().await;

    assert_eq!(ann.at(&second).history(&chat).await, ["Count.".to_owned(), counted()]);
}

#[tokio::test]
async fn a_connection_on_which_nothing_comes_holds_nobody_up() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let silent = TcpStream::connect(program.address()).await.unwrap();
    let ann = Person::signed_in(&program, "ann").await;

    program.ask_to_stop();
    program.closed().await;

    // Kept alive by its client.
    assert!(ann.get("/healthz").send().await.is_err());
    program.ended().await;
    drop(silent);
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once_and_the_message_is_kept() {
    let folder = tempdir().unwrap();
    let endpoint = Endpoint::start([half_way(), streams(&["Four."])]).await;
    let start =
        || Program::start_with(folder.path(), |command| command.args(["--bot-url", &endpoint.url]));
    let first = start().await;
    let ann = Person::signed_in(&first, "ann").await;
    let chat = ann.chat().await;
    let mut answer = ann.say_streaming(&chat, "Count.").await;
    answer.chunk().await.unwrap();

    first.ask_to_stop();
    first.closed().await;
    first.ask_to_stop();
    first.ended().await;
    let second = start().await;

    let ann = ann.at(&second);
    assert_eq!(ann.history(&chat).await, ["Count."]);
    assert_eq!(ann.told(&chat, "Two and two?").await, "Four.");
}

#[tokio::test]
async fn a_port_that_is_taken_is_a_sentence() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let port = program.address().rsplit(':').next().unwrap().to_owned();
    let other = tempdir().unwrap();

    let log = failure(other.path(), &["--port", &port]).await;

    assert!(log.contains(&format!("127.0.0.1, port {port}: ")), "{log}");
}
