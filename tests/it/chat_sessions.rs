//! The drop-in for the dictionary: start, message, history.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use scrollback::{
    BotError, ChatBot, ChatError, ChatSessions, Conflict, ConversationQuery, ConversationStore,
    ConversationUpdate, Error, Limit, MemoryStore, Message, NewMessage, Role, SessionId, TurnKey,
    UserId,
};

const ANN: UserId = UserId::new(1);
const BEN: UserId = UserId::new(2);

/// Answers what it was told to, once each, and remembers what it was handed.
#[derive(Debug, Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<String, &'static str>>>,
    handed: Mutex<Vec<Vec<String>>>,
}

#[async_trait]
impl ChatBot for Scripted {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        let seen = history.iter().map(|message| message.content.to_string()).collect();
        self.handed.lock().unwrap().push(seen);
        let answer = self.answers.lock().unwrap().pop_front();
        let answer = answer.unwrap_or(Err("nothing was scripted"))?;
        Ok(NewMessage::assistant(answer))
    }
}

fn sessions(answers: &[Result<&str, &'static str>]) -> (ChatSessions, Arc<Scripted>, MemoryStore) {
    let answers = answers.iter().map(|answer| answer.map(str::to_owned)).collect();
    let bot = Arc::new(Scripted { answers: Mutex::new(answers), ..Scripted::default() });
    let store = MemoryStore::new();
    let sessions = ChatSessions::new(Arc::new(store.clone()), Arc::<Scripted>::clone(&bot));
    (sessions, bot, store)
}

async fn texts(sessions: &ChatSessions, owner: UserId, session: &SessionId) -> Vec<(Role, String)> {
    let page = sessions.history(owner, session).await.unwrap();
    page.items.iter().map(|message| (message.role, message.content.to_string())).collect()
}

#[tokio::test]
async fn the_bot_is_handed_the_history_up_to_the_question() {
    let (sessions, bot, _) = sessions(&[Ok("one"), Ok("two")]);
    let session = sessions.start(ANN).await.unwrap();

    sessions.message(ANN, &session, "first").await.unwrap();
    sessions.message(ANN, &session, "second").await.unwrap();

    assert_eq!(*bot.handed.lock().unwrap(), [vec!["first"], vec!["first", "one", "second"]]);
}

#[tokio::test]
async fn the_bot_is_handed_the_newest_messages_of_its_window() {
    let (sessions, bot, _) = sessions(&[Ok("one"), Ok("two")]);
    let sessions = sessions.with_window(Limit::new(2).unwrap());
    let session = sessions.start(ANN).await.unwrap();

    sessions.message(ANN, &session, "first").await.unwrap();
    sessions.message(ANN, &session, "second").await.unwrap();

    assert_eq!(bot.handed.lock().unwrap()[1], ["one", "second"]);
}

#[tokio::test]
async fn a_failing_bot_keeps_the_text_and_a_retry_completes_it() {
    let (sessions, _, _) = sessions(&[Err("out of tokens"), Ok("at last")]);
    let session = sessions.start(ANN).await.unwrap();
    let key = TurnKey::new("k").unwrap();

    let failed = sessions.message_with_key(ANN, &session, &key, "hello").await;
    let failed = failed.unwrap_err();
    assert!(matches!(failed, ChatError::Bot { .. }));
    assert_eq!(failed.asked().and_then(|asked| asked.key.as_ref()), Some(&key));
    assert_eq!(texts(&sessions, ANN, &session).await, [(Role::User, "hello".into())]);

    let answered = sessions.message_with_key(ANN, &session, &key, "hello").await.unwrap();
    assert_eq!(&*answered.reply.content, "at last");
    let expected = [(Role::User, "hello".into()), (Role::Assistant, "at last".into())];
    assert_eq!(texts(&sessions, ANN, &session).await, expected);
}

#[tokio::test]
async fn a_retry_after_the_reply_asks_nobody_and_stores_nothing() {
    let (sessions, bot, _) = sessions(&[Ok("one"), Ok("in between"), Ok("another")]);
    let session = sessions.start(ANN).await.unwrap();
    let key = TurnKey::new("k").unwrap();
    let first = sessions.message_with_key(ANN, &session, &key, "hello").await.unwrap();
    sessions.message(ANN, &session, "more").await.unwrap();

    let again = sessions.message_with_key(ANN, &session, &key, "hello").await.unwrap();

    assert!(again.replayed && !first.replayed);
    assert_eq!((again.asked, again.reply), (first.asked, first.reply));
    assert_eq!(bot.handed.lock().unwrap().len(), 2);
    assert_eq!(texts(&sessions, ANN, &session).await.len(), 4);
}

#[tokio::test]
async fn a_late_retry_hands_the_bot_nothing_that_came_later() {
    let (sessions, bot, _) = sessions(&[Err("away"), Ok("to more"), Ok("to hello")]);
    let session = sessions.start(ANN).await.unwrap();
    let key = TurnKey::new("k").unwrap();
    sessions.message_with_key(ANN, &session, &key, "hello").await.unwrap_err();
    sessions.message(ANN, &session, "more").await.unwrap();

    sessions.message_with_key(ANN, &session, &key, "hello").await.unwrap();

    assert_eq!(bot.handed.lock().unwrap()[2], ["hello"]);
}

#[tokio::test]
async fn of_two_attempts_at_once_one_reply_is_kept() {
    /// Lets every call in before it answers any, each differently.
    #[derive(Debug)]
    struct Together(tokio::sync::Barrier);

    #[async_trait]
    impl ChatBot for Together {
        async fn reply(&self, _: &[Message]) -> Result<NewMessage, BotError> {
            let leads = self.0.wait().await.is_leader();
            Ok(NewMessage::assistant(if leads { "a" } else { "b" }))
        }
    }

    let bot = Arc::new(Together(tokio::sync::Barrier::new(2)));
    let sessions = ChatSessions::new(Arc::new(MemoryStore::new()), bot);
    let session = sessions.start(ANN).await.unwrap();
    let key = TurnKey::new("k").unwrap();

    let (one, other) = tokio::join!(
        sessions.message_with_key(ANN, &session, &key, "hello"),
        sessions.message_with_key(ANN, &session, &key, "hello"),
    );

    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((&one.asked, &one.reply), (&other.asked, &other.reply));
    assert_ne!(one.replayed, other.replayed);
    assert_eq!(texts(&sessions, ANN, &session).await.len(), 2);
}

#[tokio::test]
async fn a_key_used_for_another_text_is_a_conflict() {
    let (sessions, _, _) = sessions(&[Ok("one")]);
    let session = sessions.start(ANN).await.unwrap();
    let key = TurnKey::new("k").unwrap();
    sessions.message_with_key(ANN, &session, &key, "hello").await.unwrap();

    let other = sessions.message_with_key(ANN, &session, &key, "goodbye").await;

    assert!(matches!(other, Err(ChatError::Store(Error::Conflict(Conflict::KeyReused)))));
}

#[tokio::test]
async fn a_session_is_its_owners_alone() {
    let (sessions, bot, _) = sessions(&[Ok("one")]);
    let session = sessions.start(ANN).await.unwrap();
    sessions.message(ANN, &session, "mine").await.unwrap();

    let foreign = sessions.message(BEN, &session, "hers?").await.unwrap_err().to_string();
    let unknown = sessions.message(BEN, &SessionId::generate(), "?").await.unwrap_err().to_string();

    assert_eq!(foreign, unknown);
    assert!(matches!(sessions.history(BEN, &session).await, Err(Error::NotFound)));
    assert_eq!(bot.handed.lock().unwrap().len(), 1, "the bot saw a stranger's message");
}

#[tokio::test]
async fn a_session_leads_to_the_same_conversation_after_a_restart() {
    let (before, _, store) = sessions(&[Ok("one")]);
    let session = before.start(ANN).await.unwrap();
    before.message(ANN, &session, "hello").await.unwrap();

    let bot: Arc<dyn ChatBot> = Arc::new(Scripted::default());
    let after = ChatSessions::new(Arc::new(store.clone()), bot);

    assert_eq!(texts(&after, ANN, &session).await.len(), 2);
    let opened = after.open(ANN, &session).await.unwrap();
    assert_eq!(opened.message_count, 2);
    assert_eq!(store.find_session(ANN, &session).await.unwrap().id, opened.id);
}

#[tokio::test]
async fn an_ended_session_is_unknown_and_the_others_stay() {
    let (sessions, _, _) = sessions(&[]);
    let (ended, kept) = (sessions.start(ANN).await.unwrap(), sessions.start(ANN).await.unwrap());

    assert!(matches!(sessions.end(BEN, &ended).await, Err(Error::NotFound)));
    sessions.end(ANN, &ended).await.unwrap();

    assert!(matches!(sessions.history(ANN, &ended).await, Err(Error::NotFound)));
    let rename = ConversationUpdate::new().with_title("Kept").unwrap();
    sessions.update(ANN, &kept, rename).await.unwrap();
    let listed = sessions.list(ANN, ConversationQuery::default()).await.unwrap();
    assert_eq!(listed.items[0].title.as_deref(), Some("Kept"));
    assert_eq!(listed.items.len(), 1);
    assert_eq!(listed.items[0].session.as_ref(), Some(&kept));
}

#[tokio::test]
async fn bad_input_is_refused_before_anything_is_stored() {
    let (sessions, _, _) = sessions(&[]);
    let session = sessions.start(ANN).await.unwrap();
    let long = TurnKey::new("k".repeat(250)).unwrap();

    let empty = sessions.message(ANN, &session, "").await.unwrap_err();
    let too_long = sessions.message_with_key(ANN, &session, &long, "hello").await.unwrap_err();

    let reply = TurnKey::new("k/reply").unwrap();
    let taken = sessions.message_with_key(ANN, &session, &reply, "hello").await.unwrap_err();

    assert_eq!(
        taken.to_string(),
        "invalid input: turn key ends in /reply, as the keys of replies do"
    );
    assert_eq!(empty.to_string(), "invalid input: content is empty");
    assert_eq!(
        too_long.to_string(),
        "invalid input: turn key is longer than 249 bytes, so none is left for the reply"
    );
    assert!(texts(&sessions, ANN, &session).await.is_empty());
}

#[tokio::test]
async fn a_reply_that_cannot_be_stored_keeps_the_question() {
    let (sessions, _, _) = sessions(&[Ok("NUL \0")]);
    let session = sessions.start(ANN).await.unwrap();

    let failed = sessions.message(ANN, &session, "hello").await.unwrap_err();

    // Not the person's text was bad.
    assert!(matches!(failed, ChatError::Bot { .. }), "{failed:?}");
    let source = std::error::Error::source(&failed).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("invalid input: content contains NUL (U+0000)"));
    assert_eq!(texts(&sessions, ANN, &session).await, [(Role::User, "hello".into())]);
}
