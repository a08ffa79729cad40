//! The server's own bot, which knows what it was handed and nothing else.

use reqwest::header::CONTENT_TYPE;
use tempfile::tempdir;

use crate::{
    person::{Person, events},
    program::Program,
};

#[tokio::test]
async fn it_knows_what_was_said_here_and_nothing_of_other_conversations() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let (chat, other) = (ann.chat().await, ann.chat().await);

    for (said, reply) in [
        ("I like trains.", "I am listening. I was handed one message, yours."),
        ("What is my name?", "You have not told me your name yet."),
        ("By the way, MY NAME IS Ann-Marie!", "Nice to meet you, Ann-Marie!"),
        ("What is my name?", "Your name is Ann-Marie, you told me."),
        ("What did I say first?", "The first that you said here was \"I like trains.\"."),
        ("How many?", "I was handed 11 messages, 6 of them yours."),
        ("Tea", "I am listening, Ann-Marie. I was handed 13 messages, 7 of them yours."),
    ] {
        assert_eq!(ann.told(&chat, said).await, reply);
    }
    let elsewhere = ann.told(&other, "What is my name?").await;
    assert_eq!(elsewhere, "You have not told me your name yet.");
}

#[tokio::test]
async fn of_a_long_conversation_it_knows_the_newest_messages() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;
    for n in 1..=26 {
        ann.told(&chat, &format!("Number {n}")).await;
    }

    let first = ann.told(&chat, "What did I say first?").await;

    assert_eq!(first, "The first that I still know of is \"Number 3\".");
}

#[tokio::test]
async fn its_words_come_one_by_one_and_are_what_is_stored() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;

    let answer = ann.say_streaming(&chat, "My name is Ann.").await;

    assert_eq!(answer.headers()[CONTENT_TYPE], "text/event-stream");
    let mut all = events(&answer.text().await.unwrap());
    let (last, exchange) = all.pop().unwrap();
    let words: Vec<_> = all.iter().map(|(_, token)| token["text"].as_str().unwrap()).collect();
    assert!(all.len() > 1 && all.iter().all(|(name, _)| name == "token"), "{all:?}");
    assert_eq!(last, "message");
    assert_eq!(words.concat(), exchange["reply"]["content"].as_str().unwrap());
    assert_eq!(ann.history(&chat).await[1], words.concat());
}
