//! A chat server before and after: `cargo run --example embed`.
//!
//! Two versions of the same three handlers, without the HTTP around them. The first keeps its
//! sessions in a dictionary, the second has them injected; the chatbot stays as it is. Then both
//! servers restart.

#![expect(clippy::print_stdout, reason = "it shows what both versions answer")]

use std::{error::Error, sync::Arc};

use scrollback::{ConversationStore, SeaOrmStore, Users};

/// The chatbot that the server has had all along: the texts so far in, a reply out.
fn chatbot(texts: &[&str]) -> String {
    format!("You began with \"{}\", {} texts ago.", texts[0], texts.len() - 1)
}

mod before {
    use std::collections::HashMap;

    use tokio::sync::Mutex;

    #[derive(Default)]
    pub(super) struct Server {
        chat_sessions: Mutex<HashMap<String, Vec<String>>>,
    }

    impl Server {
        pub(super) async fn start(&self) -> String {
            let mut chat_sessions = self.chat_sessions.lock().await;
            let session = format!("session-{}", chat_sessions.len());
            chat_sessions.insert(session.clone(), Vec::new());
            session
        }

        pub(super) async fn message(&self, session: &str, text: &str) -> Option<String> {
            let mut chat_sessions = self.chat_sessions.lock().await;
            let texts = chat_sessions.get_mut(session)?;
            texts.push(text.to_owned());
            let reply = super::chatbot(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            texts.push(reply.clone());
            Some(reply)
        }

        /// Whoever knows, or guesses, the session reads it.
        pub(super) async fn history(&self, session: &str) -> Option<Vec<String>> {
            self.chat_sessions.lock().await.get(session).cloned()
        }
    }
}

mod after {
    use std::sync::Arc;

    use scrollback::{
        BotError, ChatBot, ChatError, ChatSessions, ConversationStore, Message, NewMessage, Result,
        SessionId, UserId, async_trait,
    };

    pub(super) struct Server {
        chat_sessions: ChatSessions,
    }

    impl Server {
        pub(super) fn new(store: Arc<dyn ConversationStore>) -> Self {
            Self { chat_sessions: ChatSessions::new(store, Arc::new(Bot)) }
        }

        pub(super) async fn start(&self, user: UserId) -> Result<String> {
            Ok(self.chat_sessions.start(user).await?.as_str().to_owned())
        }

        pub(super) async fn message(
            &self,
            user: UserId,
            session: &str,
            text: &str,
        ) -> Result<String, ChatError> {
            let exchange =
                self.chat_sessions.message(user, &SessionId::new(session)?, text).await?;
            Ok(exchange.reply.content.to_string())
        }

        pub(super) async fn history(&self, user: UserId, session: &str) -> Result<Vec<String>> {
            let page = self.chat_sessions.history(user, &SessionId::new(session)?).await?;
            Ok(page.items.iter().map(|message| message.content.to_string()).collect())
        }
    }

    #[derive(Debug)]
    struct Bot;

    #[async_trait]
    impl ChatBot for Bot {
        async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
            let texts: Vec<&str> = history.iter().map(|message| &*message.content).collect();
            Ok(NewMessage::assistant(super::chatbot(&texts)))
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    dictionary().await;
    let folder = tempfile::tempdir()?;
    injected(&format!("sqlite://{}/chat.db", folder.path().display())).await
}

async fn dictionary() {
    let server = before::Server::default();
    let session = server.start().await;
    server.message(&session, "Hello").await;
    server.message(&session, "Still there?").await;
    println!("before: {:#?}", server.history(&session).await);

    let restarted = before::Server::default();
    assert_eq!(restarted.history(&session).await, None);
    println!("before, restarted: nothing is left");
}

async fn injected(url: &str) -> Result<(), Box<dyn Error>> {
    let store = SeaOrmStore::connect(url).await?;
    store.migrate(&Users::Managed).await?;
    // What authentication would produce from each request.
    let (ann, ben) = (store.ensure_user("ann").await?, store.ensure_user("ben").await?);
    let server = after::Server::new(Arc::new(store));
    let session = server.start(ann).await?;
    server.message(ann, &session, "Hello").await?;
    server.message(ann, &session, "Still there?").await?;
    let history = server.history(ann, &session).await?;
    println!("after: {history:#?}");

    drop(server);
    let store: Arc<dyn ConversationStore> = Arc::new(SeaOrmStore::connect(url).await?);
    let restarted = after::Server::new(store);
    assert_eq!(restarted.history(ann, &session).await?, history);
    println!("after, restarted: all of it is there");

    let stolen = restarted.history(ben, &session).await;
    assert!(matches!(stolen, Err(scrollback::Error::NotFound)));
    println!("after, asked by somebody else: {}", scrollback::Error::NotFound);
    Ok(())
}
