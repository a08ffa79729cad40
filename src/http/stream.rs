//! The bot's reply as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::{Stream, stream};
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
    let reply = match parts.next().await {
        Some(part) => Reply::Part(part, parts, exchange),
        None => Reply::Whole(ended(exchange).await?),
    };
    let events = stream::unfold(Some(reply), |reply| async move { Some(event(reply?).await) });
    Ok(([UNBUFFERED], sse(events)).into_response())
}

fn sse(events: impl Stream<Item = Event> + Send + 'static) -> impl IntoResponse {
    use futures_util::StreamExt;
    Sse::new(events.map(Ok::<_, Infallible>))
}

type Running = JoinHandle<Result<Exchange, ChatError>>;

/// What is to be sent next.
enum Reply {
    Part(String, ReplyParts, Running),
    Parts(ReplyParts, Running),
    Whole(Exchange),
}

/// The next event, and what comes after it.
async fn event(reply: Reply) -> (Event, Option<Reply>) {
    match reply {
        Reply::Part(part, parts, exchange) => (token(&part), Some(Reply::Parts(parts, exchange))),
        Reply::Parts(mut parts, exchange) => match timeout(KEEP_ALIVE, parts.next()).await {
            Ok(Some(part)) => (token(&part), Some(Reply::Parts(parts, exchange))),
            Ok(None) => match ended(exchange).await {
                Ok(exchange) => (whole(exchange), None),
                Err(problem) => (Event::default().event("problem").data(problem.to_json()), None),
            },
            Err(_elapsed) => {
                (Event::default().comment("still there"), Some(Reply::Parts(parts, exchange)))
            }
        },
        Reply::Whole(exchange) => (whole(exchange), None),
    }
}

async fn ended(exchange: Running) -> Result<Exchange, Problem> {
    match exchange.await {
        Ok(exchange) => Ok(exchange?),
        Err(_panic) => Err(Problem::new(Kind::Internal)),
    }
}

fn token(text: &str) -> Event {
    #[derive(Serialize)]
    struct Token<'a> {
        text: &'a str,
    }

    Event::default().event("token").data(json::text(&Token { text }))
}

fn whole(exchange: Exchange) -> Event {
    Event::default().event("message").data(json::text(&wire::Exchange::from(exchange)))
}
