//! What the rules are written with.

use std::{sync::Arc, time::Duration};

use tokio::sync::Barrier;

use crate::{
    conformance::Fixture,
    conversation::Conversation,
    conversation_query::ConversationQuery,
    error::{Conflict, Error, Result},
    id::{ConversationId, Position, UserId},
    key::{SessionId, TurnKey},
    message::{Message, NewMessage},
    message_query::MessageQuery,
    new_conversation::NewConversation,
    page::{Limit, Page},
    store::ConversationStore,
    turn::{Appended, Turn},
};

/// How many tasks race where a rule is about races.
pub(super) const RACERS: usize = 16;

/// A walk that has not ended after so many pages goes in circles.
const MOST_PAGES: usize = 64;

/// All that an owner can read.
pub(super) type Everything = Vec<(Conversation, Vec<Message>)>;

/// An owner at a store; every call must succeed.
#[derive(Clone)]
pub(super) struct User {
    pub(super) store: Arc<dyn ConversationStore>,
    pub(super) id: UserId,
}

impl User {
    pub(super) async fn new(fixture: &dyn Fixture) -> Self {
        Self { store: fixture.store().await, id: fixture.owner().await }
    }

    /// The same owner at another store over the same data.
    pub(super) async fn elsewhere(&self, fixture: &dyn Fixture) -> Self {
        Self { store: fixture.store().await, id: self.id }
    }

    pub(super) async fn create(&self) -> Conversation {
        self.create_with(NewConversation::new()).await
    }

    pub(super) async fn create_with(&self, new: NewConversation) -> Conversation {
        insist(|| self.store.create(self.id, new.clone())).await.unwrap()
    }

    /// A new conversation with `n` messages, and how it is afterwards.
    pub(super) async fn chat(&self, n: u32) -> Conversation {
        let chat = self.create().await;
        if n > 0 {
            self.append(chat.id, turn(n)).await;
        }
        self.get(chat.id).await
    }

    pub(super) async fn get(&self, id: ConversationId) -> Conversation {
        insist(|| self.store.get(self.id, id)).await.unwrap()
    }

    pub(super) async fn append(&self, id: ConversationId, turn: Turn) -> Appended {
        insist(|| self.store.append(self.id, id, turn.clone())).await.unwrap()
    }

    pub(super) async fn page(&self, id: ConversationId, query: MessageQuery) -> Page<Message> {
        insist(|| self.store.messages(self.id, id, query)).await.unwrap()
    }

    pub(super) async fn list(&self, query: ConversationQuery) -> Page<Conversation> {
        insist(|| self.store.list(self.id, query)).await.unwrap()
    }

    /// All messages of a conversation.
    pub(super) async fn read(&self, id: ConversationId) -> Vec<Message> {
        let mut found = Vec::new();
        let mut query = MessageQuery::first(Limit::MAX);
        for _ in 0..MOST_PAGES {
            let page = self.page(id, query).await;
            found.extend(page.items);
            let Some(next) = page.next else { return found };
            query = MessageQuery::at(next, Limit::MAX);
        }
        panic!("walking forwards through the messages does not end");
    }

    /// All conversations of a listing.
    pub(super) async fn listed(&self, from: ConversationQuery) -> Vec<Conversation> {
        self.pages(from).await.into_iter().flat_map(|page| page.items).collect()
    }

    /// All pages of a listing from `from` on, by their `next` cursors.
    pub(super) async fn pages(&self, from: ConversationQuery) -> Vec<Page<Conversation>> {
        let mut pages = vec![self.list(from).await];
        while let Some(next) = pages.last().and_then(|page| page.next) {
            assert!(pages.len() < MOST_PAGES, "walking through the listing does not end");
            pages.push(self.list(from.at(next)).await);
        }
        pages
    }

    pub(super) async fn everything(&self) -> Everything {
        let all = ConversationQuery::new(Limit::MAX);
        let mut everything = Vec::new();
        for listing in [all, all.archived()] {
            for chat in self.listed(listing).await {
                let messages = self.read(chat.id).await;
                everything.push((chat, messages));
            }
        }
        everything
    }
}

/// Runs all at once and answers in their order.
pub(super) async fn at_once<F>(calls: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let calls: Vec<F> = calls.into_iter().collect();
    // On a busy machine the first would be done before the last is spawned.
    let start = Arc::new(Barrier::new(calls.len()));
    let tasks: Vec<_> = calls
        .into_iter()
        .map(|call| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                call.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Repeats a call that was not applied because the database was busy, which it may be: many rules
/// run at once.
pub(super) async fn insist<T, F>(mut call: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    for _ in 0..100 {
        match call().await {
            Err(Error::Busy(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            answer => return answer,
        }
    }
    call().await
}

/// A turn of `n` messages whose contents are their numbers.
pub(super) fn turn(n: u32) -> Turn {
    says((1..=n).map(|n| format!("message {n}")))
}

/// A turn of these contents.
pub(super) fn says<S: Into<Arc<str>>>(contents: impl IntoIterator<Item = S>) -> Turn {
    Turn::new(contents.into_iter().map(NewMessage::user)).unwrap()
}

pub(super) fn key(text: &str) -> TurnKey {
    TurnKey::new(text).unwrap()
}

pub(super) fn session(text: &str) -> SessionId {
    SessionId::new(text).unwrap()
}

pub(super) fn limit(n: u32) -> Limit {
    Limit::new(n).unwrap()
}

pub(super) fn at(position: u32) -> Position {
    Position::new(position).unwrap()
}

pub(super) fn positions(messages: &[Message]) -> Vec<u32> {
    messages.iter().map(|message| message.position.get()).collect()
}

pub(super) fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| &*message.content).collect()
}

pub(super) fn ids(conversations: &[Conversation]) -> Vec<ConversationId> {
    conversations.iter().map(|conversation| conversation.id).collect()
}

#[track_caller]
pub(super) fn refused<T>(answer: Result<T>, what: &str) -> Error {
    match answer {
        Ok(_) => panic!("{what}: was accepted"),
        Err(error) => error,
    }
}

/// Refused, and by nothing told apart from what never existed.
#[track_caller]
pub(super) fn assert_unknown<T>(answer: Result<T>, what: &str) {
    let error = refused(answer, what);
    assert!(matches!(error, Error::NotFound), "{what}: answered {error:?} instead of NotFound");
    assert_eq!(error.to_string(), "not found", "{what}");
}

#[track_caller]
pub(super) fn assert_conflict<T>(answer: Result<T>, expected: Conflict, what: &str) {
    let error = refused(answer, what);
    let found = matches!(error, Error::Conflict(conflict) if conflict == expected);
    assert!(found, "{what}: answered {error:?} instead of {expected:?}");
}

#[track_caller]
pub(super) fn assert_bad_cursor<T>(answer: Result<T>, what: &str) {
    let error = refused(answer, what);
    let found = matches!(error, Error::InvalidInput { field: "cursor", .. });
    assert!(found, "{what}: answered {error:?} instead of InvalidInput about the cursor");
}
