//! What is seen of a request: method, declared route, status and duration. Never its path, its query, its
//! cookie or its body.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use scrollback::http::ProblemKind;
use tracing::{
    Instrument, Span,
    field::{Empty, display},
    info_span,
};

use crate::{metrics::Metrics, shared::Shared};

/// Logs and counts every request, those that nobody waits for any more included.
pub(crate) async fn observe(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let mut seen = Seen::new(Arc::clone(&shared.metrics), &request);
    let response = next.run(request).instrument(seen.span.clone()).await;
    seen.status = Some(response.status());
    if let Some(kind) = response.extensions().get::<ProblemKind>() {
        shared.metrics.problem(kind.as_str());
    }
    response
}

/// A request under way; what is known of it is told when it ends.
struct Seen {
    metrics: Arc<Metrics>,
    route: String,
    method: &'static str,
    since: Instant,
    /// None as long as nothing was answered.
    status: Option<StatusCode>,
    span: Span,
}

impl Seen {
    fn new(metrics: Arc<Metrics>, request: &Request) -> Self {
        let (route, method) = (route(request), method(request.method()));
        let span = info_span!("request", %method, %route, status = Empty, ms = Empty);
        Self { metrics, route, method, since: Instant::now(), status: None, span }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        let duration = self.since.elapsed();
        self.metrics.answered(&self.route, self.method, class(self.status), duration);
        match self.status {
            Some(status) => _ = self.span.record("status", status.as_u16()),
            None => _ = self.span.record("status", "gone"),
        }
        let ms = duration.as_secs_f64() * 1e3;
        self.span.record("ms", display(format_args!("{ms:.1}")));
        tracing::info!(parent: &self.span, "answered");
    }
}

/// The route as it was declared, with a slash at its end or without: there are only so many.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    match matched.map(|path| path.trim_end_matches('/')) {
        Some("") => "/".to_owned(),
        Some(route) => route.to_owned(),
        None => "none".to_owned(),
    }
}

/// Clients may make up methods.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::PUT => "PUT",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
        None => "gone",
    }
}
