//! A few rules. They remember nothing: all they know is the history that they are handed.

use std::time::Duration;

use async_trait::async_trait;
use scrollback::{BotError, ChatBot, Message, NewMessage, Position, ReplySink, Role};
use tokio::time::sleep;

/// Answers from the history that it is handed.
#[derive(Debug)]
pub(super) struct Rules;

/// Between the words, as somebody would speak.
const PAUSE: Duration = Duration::from_millis(25);

#[async_trait]
impl ChatBot for Rules {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        Ok(NewMessage::assistant(answer(history)))
    }

    async fn stream(&self, history: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
        let answer = answer(history);
        for word in answer.split_inclusive(' ') {
            parts.push(word)?;
            sleep(PAUSE).await;
        }
        Ok(NewMessage::assistant(answer))
    }
}

fn answer(history: &[Message]) -> String {
    let said: Vec<&str> = history
        .iter()
        .filter(|message| message.role == Role::User)
        .map(|message| &*message.content)
        .collect();
    let now = said.last().copied().unwrap_or_default();
    let asks = |words: &str| now.to_lowercase().contains(words);
    let name = said.iter().rev().find_map(|text| name_in(text));
    match name {
        Some(name) if name_in(now).is_some() => format!("Nice to meet you, {name}!"),
        Some(name) if asks("my name") => format!("Your name is {name}, you told me."),
        None if asks("my name") => "You have not told me your name yet.".to_owned(),
        _ if asks("first") => first(history, &said),
        _ if asks("how many") => format!("I was handed {}.", counted(history, &said)),
        _ if asks("help") => HELP.to_owned(),
        Some(name) => format!("I am listening, {name}. I was handed {}.", counted(history, &said)),
        None => format!("I am listening. I was handed {}.", counted(history, &said)),
    }
}

const HELP: &str = "Tell me that your name is Ann and ask me later what your name is, ask what you said \
                    first, or how many messages there were: I know it from the history that I am handed.";

/// Of a long conversation only the newest messages are handed over.
fn first(history: &[Message], said: &[&str]) -> String {
    let quote: String = said.first().copied().unwrap_or_default().chars().take(60).collect();
    match history.first().map(|message| message.position) {
        Some(Position::FIRST) => format!("The first that you said here was \"{quote}\"."),
        _ => format!("The first that I still know of is \"{quote}\"."),
    }
}

fn counted(history: &[Message], said: &[&str]) -> String {
    match (history.len(), said.len()) {
        (1, _) => "one message, yours".to_owned(),
        (messages, yours) => format!("{messages} messages, {yours} of them yours"),
    }
}

fn name_in(text: &str) -> Option<&str> {
    const PHRASE: &str = "my name is ";
    // Only ASCII changes case here, so the place found is the same place in `text`.
    let start = text.to_ascii_lowercase().find(PHRASE)? + PHRASE.len();
    let mut words = text[start..].split(|c: char| !c.is_alphanumeric() && c != '-');
    words.next().filter(|name| !name.is_empty())
}
