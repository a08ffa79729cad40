//! What went wrong, for a host to count.

/// What kind of problem an answer is: the last word of its `type`, such as `not-found`.
///
/// It stands in the extensions of every answer that is a problem document, so that a host can count and
/// log problems without reading bodies. There are few, so it may be a label of a metric. What goes wrong
/// after a streamed reply has begun is in the stream and not here.
///
/// # Examples
///
/// ```
/// use axum::{extract::Request, middleware::Next, response::Response};
/// use scrollback::http::ProblemKind;
///
/// async fn count(request: Request, next: Next) -> Response {
///     let response = next.run(request).await;
///     if let Some(kind) = response.extensions().get::<ProblemKind>() {
///         println!("{}", kind.as_str());
///     }
///     response
/// }
/// # let _: axum::Router = axum::Router::new().layer(axum::middleware::from_fn(count));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProblemKind(&'static str);

impl ProblemKind {
    /// A kind of the host's own, for the problems that it answers with itself.
    #[must_use]
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
