//! A bot elsewhere: any endpoint that speaks the chat completions of OpenAI.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use axum::body::Bytes;
use reqwest::{
    Client, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use scrollback::{BotError, ChatBot, Message, NewMessage, ReplySink};

use super::{
    events::Events,
    failure::BotFailure,
    wire::{Completion, Question},
};
use crate::run::Failure;

/// Asks an endpoint, and streams what it says.
pub(super) struct Remote {
    client: Client,
    url: Url,
    model: Option<String>,
    /// As the header has it.
    key: Option<HeaderValue>,
}

/// How long the endpoint may take to be there; how long it may answer is bounded for every bot.
const CONNECT: Duration = Duration::from_secs(10);

/// A reply is 4 MiB at most; as JSON, in small parts, it takes a multiple of that.
const MAX_ANSWER_BYTES: usize = 64 << 20;

impl Remote {
    pub(super) fn new(
        url: &str,
        model: Option<String>,
        key: Option<String>,
    ) -> Result<Self, Failure> {
        // Whoever has chosen one before is right too.
        _ = rustls::crypto::ring::default_provider().install_default();
        // Elsewhere the key is nobody's business.
        let client = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).build()?;
        let url = Url::parse(url).map_err(|error| format!("--bot-url: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("--bot-url: neither http:// nor https://".into());
        }
        Ok(Self { client, url, model, key: key.as_deref().map(bearer).transpose()? })
    }

    async fn ask(&self, history: &[Message]) -> Result<Response, BotFailure> {
        let question = Question::new(self.model.as_deref(), history);
        let mut request = self.client.post(self.url.clone()).json(&question);
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, key);
        }
        let response = request.send().await?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(BotFailure::Refused(status.as_u16())),
        }
    }
}

fn bearer(key: &str) -> Result<HeaderValue, Failure> {
    let header = HeaderValue::try_from(format!("Bearer {key}"));
    let mut header = header.map_err(|_| "BOT_KEY: holds what no header can")?;
    header.set_sensitive(true);
    Ok(header)
}

#[async_trait]
impl ChatBot for Remote {
    async fn reply(&self, history: &[Message]) -> Result<NewMessage, BotError> {
        self.stream(history, &ReplySink::new().0).await
    }

    async fn stream(&self, history: &[Message], parts: &ReplySink) -> Result<NewMessage, BotError> {
        let response = self.ask(history).await?;
        let streams = is_stream(&response);
        let answer = Answer { response, left: MAX_ANSWER_BYTES };
        let reply =
            if streams { answer.streamed(parts).await? } else { answer.whole(parts).await? };
        match reply.trim().is_empty() {
            true => Err(BotFailure::Empty.into()),
            false => Ok(NewMessage::assistant(reply)),
        }
    }
}

/// Some endpoints do not stream though they were asked to.
fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().starts_with("text/event-stream"))
}

/// The body of an answer, of which so many bytes are read at most.
struct Answer {
    response: Response,
    left: usize,
}

impl Answer {
    async fn streamed(mut self, parts: &ReplySink) -> Result<String, BotFailure> {
        let (mut events, mut reply, mut ended) = (Events::default(), String::new(), false);
        while let Some(bytes) = self.next().await? {
            for event in events.feed(&bytes) {
                if event == b"[DONE]" {
                    return Ok(reply);
                }
                let part = Completion::parse(&event)?;
                ended |= part.is_last();
                let text = part.into_text();
                parts.push(&text).map_err(|_| BotFailure::TooLong)?;
                reply.push_str(&text);
            }
        }
        if ended { Ok(reply) } else { Err(BotFailure::Cut) }
    }

    async fn whole(mut self, parts: &ReplySink) -> Result<String, BotFailure> {
        let mut json = Vec::new();
        while let Some(bytes) = self.next().await? {
            json.extend_from_slice(&bytes);
        }
        let reply = Completion::parse(&json)?.into_text();
        parts.push(&reply).map_err(|_| BotFailure::TooLong)?;
        Ok(reply)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, BotFailure> {
        let Some(bytes) = self.response.chunk().await.map_err(|_| BotFailure::Cut)? else {
            return Ok(None);
        };
        self.left = self.left.checked_sub(bytes.len()).ok_or(BotFailure::TooLong)?;
        Ok(Some(bytes))
    }
}

/// Shows neither the key nor the URL, which may hold one.
impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}
