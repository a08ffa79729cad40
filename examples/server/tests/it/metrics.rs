//! The figures, and that nobody can make them many.

use reqwest::Method;
use tempfile::tempdir;

use crate::{
    endpoint::{DONE, Endpoint, Manner, Step},
    person::Person,
    program::Program,
};

async fn figures(person: &Person) -> String {
    let answer = person.get("/metrics").send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    answer.text().await.unwrap()
}

/// The value of a series, as it is written before the blank.
fn figure(figures: &str, series: &str) -> u64 {
    let value = figures.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{series}\n{figures}")).parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_route_and_problems_by_kind() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    for slash in ["", "/"] {
        let chat = ann.chat().await;
        ann.get(&format!("{chat}/history{slash}?limit=5")).send().await.unwrap();
    }
    ann.get("/api/chat/none/history").send().await.unwrap();

    let figures = figures(&ann).await;

    let of = |route: &str, method: &str, status: &str| {
        let series = "scrollback_http_requests_total";
        figure(
            &figures,
            &format!("{series}{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}"),
        )
    };
    assert_eq!(of("/sign-in", "POST", "2xx"), 1);
    assert_eq!(of("/api/chat/start", "POST", "2xx"), 2);
    assert_eq!(of("/api/chat/{sessionId}/history", "GET", "2xx"), 2);
    assert_eq!(of("/api/chat/{sessionId}/history", "GET", "4xx"), 1);
    let durations = "scrollback_http_request_duration_seconds_count";
    let durations = format!("{durations}{{route=\"/api/chat/{{sessionId}}/history\"}}");
    assert_eq!(figure(&figures, &durations), 3);
    assert_eq!(figure(&figures, "scrollback_http_problems_total{kind=\"not-found\"}"), 1);
    assert!(figures.ends_with("# EOF\n"));
}

#[tokio::test]
async fn what_clients_make_up_makes_no_series() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let ann = Person::signed_in(&program, "ann").await;
    let ask = async |path: String| {
        for method in ["GET", "BREW", "STEEP"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            ann.ask(method, &path).send().await.unwrap();
        }
    };
    let paths = |n: usize| {
        [format!("/{n}"), format!("/api/{n}"), format!("/api/chat/{n}/history?before={n}1")]
    };
    for path in paths(0) {
        ask(path).await;
    }
    let before = figures(&ann).await.lines().count();

    for path in (1..20).flat_map(paths) {
        ask(path).await;
    }

    // The first look at the figures is counted in the second.
    let after = figures(&ann).await;
    let looks = after.lines().filter(|line| line.contains("\"/metrics\"")).count();
    assert_eq!(after.lines().count() - looks, before, "{after}");
}

#[tokio::test]
async fn exchanges_under_way_are_seen() {
    let folder = tempdir().unwrap();
    let said = |text: &str| Step::Say(text.to_owned());
    let endpoint =
        Endpoint::start([Manner::Streams(vec![said("Wait"), Step::Wait, said("."), DONE])]).await;
    let program =
        Program::start_with(folder.path(), |command| command.args(["--bot-url", &endpoint.url]))
            .await;
    let ann = Person::signed_in(&program, "ann").await;
    let chat = ann.chat().await;
    let mut answer = ann.say_streaming(&chat, "Hello").await;
    answer.chunk().await.unwrap();

    let during = figures(&ann).await;
    endpoint.go_on();
    answer.text().await.unwrap();
    let after = figures(&ann).await;

    assert_eq!(figure(&during, "scrollback_exchanges"), 1);
    assert_eq!(figure(&after, "scrollback_exchanges"), 0);
}
