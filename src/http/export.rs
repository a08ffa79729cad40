//! All that an owner has, line by line, read page by page.

use std::{collections::HashSet, convert::Infallible, pin::pin, sync::Arc};

use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt, stream};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    error::Error,
    http::{json, problem::Problem, wire},
    id::ConversationId,
    message_query::MessageQuery,
    page::Limit,
    store::ConversationStore,
    user_history::UserHistory,
};

/// One line.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Conversation(wire::Conversation),
    Message(wire::Message),
    End { conversations: u64, messages: u64 },
}

/// Lines that wait for a slow reader; no connection to the database is held meanwhile.
const AHEAD: usize = 16;

/// The lines of the export. The last says how much there was, or why there is no more.
pub(super) fn lines(
    history: UserHistory<Arc<dyn ConversationStore>>,
) -> impl Stream<Item = Result<String, Infallible>> + Send {
    let (sender, mut lines) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut export = Export { history, sender, seen: HashSet::new(), messages: 0 };
        if let Err(Stop::Failed(error)) = export.run().await {
            let problem = Problem::from(error).to_json();
            // Whoever is gone misses nothing by that.
            _ = export.sender.send(format!("{{\"problem\":{problem}}}\n")).await;
        }
    });
    stream::poll_fn(move |context| lines.poll_recv(context).map(|line| line.map(Ok)))
}

struct Export {
    history: UserHistory<Arc<dyn ConversationStore>>,
    sender: mpsc::Sender<String>,
    seen: HashSet<ConversationId>,
    messages: u64,
}

/// Why an export ended early.
enum Stop {
    Failed(Error),
    /// Nobody reads any more.
    Unread,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Export {
    async fn run(&mut self) -> Result<(), Stop> {
        let start = self.newest_change().await?;
        self.conversations(None).await?;
        // What has changed since has moved to the front of its listing, past what was being read.
        while self.conversations(start).await? > 0 {}
        let (conversations, messages) = (self.seen.len() as u64, self.messages);
        self.write(Line::End { conversations, messages }).await
    }

    async fn newest_change(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let mut newest = None;
        for listing in listings() {
            let first = self.history.list(listing).await?.items.into_iter().next();
            newest = newest.max(first.map(|conversation| conversation.updated_at));
        }
        Ok(newest)
    }

    /// Writes the conversations that are not written yet, only those changed after `since` if that is
    /// given, and says how many they were.
    async fn conversations(&mut self, since: Option<DateTime<Utc>>) -> Result<u64, Stop> {
        let mut written = 0;
        for listing in listings() {
            let history = self.history.clone();
            let mut found = pin!(history.walk_conversations(listing));
            while let Some(conversation) = found.try_next().await? {
                if since.is_some_and(|since| conversation.updated_at <= since) {
                    break;
                }
                if self.seen.insert(conversation.id) {
                    self.conversation(conversation).await?;
                    written += 1;
                }
            }
        }
        Ok(written)
    }

    async fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        let id = conversation.id;
        self.write(Line::Conversation(conversation.into())).await?;
        let mut query = Some(MessageQuery::first(Limit::default()));
        while let Some(asked) = query {
            let page = match self.history.messages(id, asked).await {
                // It was deleted meanwhile; what was read of it is written.
                Err(Error::NotFound) => return Ok(()),
                page => page?,
            };
            for message in page.items {
                self.messages += 1;
                self.write(Line::Message(message.into())).await?;
            }
            query = page.next.map(|cursor| MessageQuery::at(cursor, Limit::default()));
        }
        Ok(())
    }

    async fn write(&self, line: Line) -> Result<(), Stop> {
        let line = json::text(&line) + "\n";
        self.sender.send(line).await.map_err(|_| Stop::Unread)
    }
}

fn listings() -> [ConversationQuery; 2] {
    let active = ConversationQuery::default();
    [active, active.archived()]
}
