//! What whoever runs the server asks: does it live, can it serve, what has it done.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use crate::{database, problem::Problem, shared::Shared};

/// `GET /healthz`: the process lives. Restart it when this fails.
pub(crate) async fn lives() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers. Send nobody here while this fails; a restart mends nothing.
pub(crate) async fn serves(State(shared): State<Arc<Shared>>) -> Result<&'static str, Problem> {
    database::answers(&shared.store).await?;
    Ok("ok\n")
}

/// `GET /metrics`, for Prometheus.
pub(crate) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = shared.metrics.text(shared.exchanges.under_way());
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
