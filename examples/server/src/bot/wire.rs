//! The parts of the chat completions interface that are used.

use scrollback::{Message, Role};
use serde::{Deserialize, Serialize};

use super::failure::BotFailure;

/// What an endpoint is asked.
#[derive(Serialize)]
pub(super) struct Question<'a> {
    /// Servers of a single model need no name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: Vec<Turn<'a>>,
    stream: bool,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> Question<'a> {
    pub(super) fn new(model: Option<&'a str>, history: &'a [Message]) -> Self {
        // The answer of a tool must name a call, which this server never makes.
        let told = history.iter().filter(|message| message.role != Role::Tool);
        let turn =
            |message: &'a Message| Turn { role: message.role.as_str(), content: &message.content };
        Self { model, messages: told.map(turn).collect(), stream: true }
    }
}

/// An answer, or a part of one.
#[derive(Deserialize)]
pub(super) struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    /// In a whole answer.
    message: Option<Said>,
    /// In a part of one.
    delta: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

impl Completion {
    pub(super) fn parse(json: &[u8]) -> Result<Self, BotFailure> {
        serde_json::from_slice(json).map_err(|_| BotFailure::Malformed)
    }

    /// Whether nothing follows but the end.
    pub(super) fn is_last(&self) -> bool {
        self.choices.iter().any(|choice| choice.finish_reason.is_some())
    }

    /// What is said; some parts say nothing.
    pub(super) fn into_text(self) -> String {
        let first = self.choices.into_iter().next();
        let said = first.and_then(|choice| choice.message.or(choice.delta));
        said.and_then(|said| said.content).unwrap_or_default()
    }
}
