//! The bot's reply as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::{task::JoinHandle, time::timeout};

use crate::{
    chat_bot::{ChatError, Exchange},
    chat_sessions::ChatSessions,
    http::{exchanges::Exchanges, json, kind::Kind, problem::Problem, wire},
    id::UserId,
    key::{SessionId, TurnKey},
    reply_sink::{ReplyParts, ReplySink},
};

/// What somebody asks, and where.
pub(super) struct Question {
    pub(super) owner: UserId,
    pub(super) session: SessionId,
    pub(super) key: TurnKey,
    pub(super) content: String,
}

/// After this long without a part, something is sent all the same: what stands between would close the
/// connection, and a client could not tell a slow bot from a dead server.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Nginx would hold the parts back until there are enough of them.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Asks the bot, and sends its reply as it comes.
///
/// Nothing is sent before the first part, so that what fails until then has its status.
pub(super) async fn answer(
    exchanges: &Exchanges,
    chat: ChatSessions,
    question: Question,
) -> Result<Response, Problem> {
    let (sink, mut parts) = ReplySink::new();
    let exchange = exchanges.start(async move {
        let Question { owner, session, key, content } = question;
        chat.stream_with_key(owner, &session, &key, content, sink).await
    })?;
    let first = parts.next().await;
    let running = Running { parts, exchange };
    let reply = match first {
        Some(part) => Reply::Part(part, running),
        None => Reply::Whole(running.ended().await?),
    };
    let events = stream::unfold(Some(reply), |reply| async move { Some(event(reply?).await) });
    Ok(([UNBUFFERED], Sse::new(events.map(Ok::<_, Infallible>))).into_response())
}

/// An exchange, and what has come of its reply.
struct Running {
    parts: ReplyParts,
    exchange: JoinHandle<Result<Exchange, ChatError>>,
}

impl Running {
    async fn ended(self) -> Result<Exchange, Problem> {
        match self.exchange.await {
            Ok(exchange) => Ok(exchange?),
            Err(_panic) => Err(Problem::new(Kind::Internal)),
        }
    }
}

/// What is to be sent next.
enum Reply {
    Part(String, Running),
    Parts(Running),
    Whole(Exchange),
}

/// The next event, and what comes after it.
async fn event(reply: Reply) -> (Event, Option<Reply>) {
    match reply {
        Reply::Part(part, running) => (token(&part), Some(Reply::Parts(running))),
        Reply::Parts(mut running) => match timeout(KEEP_ALIVE, running.parts.next()).await {
            Ok(Some(part)) => (token(&part), Some(Reply::Parts(running))),
            Ok(None) => (last(running.ended().await), None),
            Err(_elapsed) => (Event::default().comment("still there"), Some(Reply::Parts(running))),
        },
        Reply::Whole(exchange) => (last(Ok(exchange)), None),
    }
}

fn token(text: &str) -> Event {
    #[derive(Serialize)]
    struct Token<'a> {
        text: &'a str,
    }

    Event::default().event("token").data(json::text(&Token { text }))
}

fn last(ended: Result<Exchange, Problem>) -> Event {
    match ended {
        Ok(exchange) => {
            Event::default().event("message").data(json::text(&wire::Exchange::from(exchange)))
        }
        Err(problem) => Event::default().event("problem").data(problem.to_json()),
    }
}
