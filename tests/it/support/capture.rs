//! Everything that is logged, as one text, to search it for what must not be there.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex, Once, PoisonError, RwLock},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_log::LogTracer;
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// Records every event and span of the whole process at TRACE, those of the `log` crate included.
///
/// Tests run side by side: look for a text that only one test uses.
pub(crate) struct Capture(Arc<Mutex<String>>);

static OPEN: RwLock<Vec<Arc<Mutex<String>>>> = RwLock::new(Vec::new());

impl Capture {
    /// Records from now on, on all threads, until dropped.
    pub(crate) fn start() -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            LogTracer::init().expect("no test installs another logger");
            tracing::subscriber::set_global_default(Registry::default().with(Recorder))
                .expect("no test installs another subscriber");
        });
        let text = Arc::new(Mutex::new(String::new()));
        OPEN.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&text));
        Self(text)
    }

    /// What has been recorded so far, one line for each event and span.
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let mut open = OPEN.write().unwrap_or_else(PoisonError::into_inner);
        open.retain(|text| !Arc::ptr_eq(text, &self.0));
    }
}

struct Recorder;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        // Not cached: a recording may begin at any time.
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>, _: Context<'_, S>) -> bool {
        !OPEN.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        write(span.metadata(), |line| span.record(line));
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            write(span.metadata(), |line| record.record(line));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        write(event.metadata(), |line| event.record(line));
    }
}

fn write(metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
    let mut line = Line(format!("{} {}", metadata.target(), metadata.name()));
    record(&mut line);
    for text in &*OPEN.read().unwrap_or_else(PoisonError::into_inner) {
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&line.0);
        text.push('\n');
    }
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        // As it is: `Debug` would escape a quote, and the search would miss the text.
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a String takes any text");
    }
}
