//! Why an endpoint did not answer, reduced to its kind.

/// Holds neither the key, nor what was asked, nor what was answered: it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BotFailure {
    #[error("the endpoint could not be reached")]
    Unreachable,
    #[error("the endpoint answered with the status {0}")]
    Refused(u16),
    #[error("the answer ended before it was whole")]
    Cut,
    #[error("the answer is none of a chat completion")]
    Malformed,
    #[error("the answer is longer than a message may be")]
    TooLong,
    #[error("the answer is empty")]
    Empty,
}

impl BotFailure {
    /// The variant as a word, for logs and metrics.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused(_) => "refused",
            Self::Cut => "cut",
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::Empty => "empty",
        }
    }
}

/// Before the head of an answer: reqwest's own text would show the URL, which may hold a password.
impl From<reqwest::Error> for BotFailure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_timeout() { Self::Unreachable } else { Self::Cut }
    }
}
