//! What the server counts. Every label is one of few: routes as they were declared, never paths.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// The counters and the registry that shows them.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<OfRoute, Histogram, fn() -> Histogram>,
    problems: Family<OfKind, Counter>,
    bot_failures: Family<OfKind, Counter>,
    exchanges: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

/// In seconds: from a read of a page to a reply that is thought about.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0, 60.0];

impl Metrics {
    pub(crate) fn new() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let metrics = Self {
            registry: Registry::with_prefix("scrollback"),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            problems: Family::default(),
            bot_failures: Family::default(),
            exchanges: Gauge::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time until an answer began",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register("http_problems", "Answers that were a problem", self.problems.clone());
        registry.register("bot_failures", "Replies that failed", self.bot_failures.clone());
        registry.register("exchanges", "Exchanges with the bot under way", self.exchanges.clone());
        self
    }

    /// A request to `route` was answered; `status` is a class, such as `2xx`.
    pub(crate) fn answered(
        &self,
        route: &str,
        method: &'static str,
        status: &'static str,
        duration: Duration,
    ) {
        let route = route.to_owned();
        self.requests.get_or_create(&Answered { route: route.clone(), method, status }).inc();
        self.durations.get_or_create(&OfRoute { route }).observe(duration.as_secs_f64());
    }

    /// A request was answered with a problem document of this kind.
    pub(crate) fn problem(&self, kind: &'static str) {
        self.problems.get_or_create(&OfKind { kind }).inc();
    }

    /// The bot did not answer.
    pub(crate) fn bot_failure(&self, kind: &'static str) {
        self.bot_failures.get_or_create(&OfKind { kind }).inc();
    }

    /// All of it, in the text form of OpenMetrics.
    pub(crate) fn text(&self, exchanges: u32) -> String {
        self.exchanges.set(exchanges.into());
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        _ = text::encode(&mut text, &self.registry);
        text
    }
}
