//! The OpenAPI document and the page that shows it.
//!
//! `SCROLLBACK_UPDATE=1` writes the document anew, to be looked at before it is committed.

use std::{collections::BTreeSet, env, fs, path::Path, sync::Arc};

use axum::http::Method;
use scrollback::Limit;
use serde_json::Value;

use super::{app::App, bots::Counter, matrix::operations};
use crate::architecture::source::Source;

const SNAPSHOT: &str = "tests/it/http/openapi.json";

#[tokio::test]
async fn the_document_is_the_one_that_was_agreed_on() {
    let app = App::new().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);

    if env::var_os("SCROLLBACK_UPDATE").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&app.document).unwrap() + "\n").unwrap();
    }

    // By their values: other crates of the workspace decide whether serde_json sorts the names.
    let agreed: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let hint = "look at the difference, then run this test with SCROLLBACK_UPDATE=1";
    assert!(agreed == app.document, "{hint}");
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_describes_every_problem_alike() {
    let app = App::new().await;

    assert!(app.document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(app.document["servers"][0]["url"], "/api");
    for (id, method, path) in operations(&app.document) {
        let operation = &app.document["paths"][&path][method.as_str().to_lowercase()];
        assert_ne!(operation["summary"].as_str().unwrap_or_default(), "", "{id}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let problem =
                response["content"]["application/problem+json"]["schema"]["$ref"].as_str();
            let expected = (status.as_str() >= "400").then_some("#/components/schemas/Problem");
            assert_eq!(problem, expected, "{id} {status}");
        }
        for status in ["400", "401", "403", "431", "500", "503"] {
            assert!(operation["responses"][status].is_object(), "{id} {status}");
        }
    }
}

#[tokio::test]
async fn a_page_is_described_as_long_as_the_host_lets_it_be() {
    let max = Limit::new(7).unwrap();
    let app = App::with(Arc::new(Counter), |http| http.with_max_page(max)).await;

    for (id, method, path) in operations(&app.document) {
        let operation = &app.document["paths"][&path][method.as_str().to_lowercase()];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let schema = &parameter["schema"];
            // What is left out is not sent as `null`.
            assert!(schema["type"].is_string(), "{id}: {parameter}");
            assert_eq!(schema["maximum"] == 7, parameter["name"] == "limit", "{id}: {parameter}");
        }
    }
}

#[tokio::test]
async fn every_path_that_is_served_is_documented() {
    let app = App::new().await;
    let code = Source::at("src/http/router.rs").code();

    let after = code.split('"').skip(1).step_by(2);
    let served: BTreeSet<_> =
        after.filter(|text| text.starts_with('/')).map(str::to_owned).collect();
    let mut documented: BTreeSet<_> =
        app.document["paths"].as_object().unwrap().keys().cloned().collect();
    // The page is for people.
    documented.insert("/docs.css".to_owned());

    assert_eq!(served, documented);
}

#[tokio::test]
async fn the_page_shows_every_operation_and_runs_nothing() {
    let app = App::new().await;

    let page = app.ask(Method::GET, "/docs").answer().await;
    let style = app.ask(Method::GET, "/docs.css").answer().await;

    let (text, policy) = (page.text(), page.header("content-security-policy"));
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(!text.contains("<script") && !text.contains("style="), "{text}");
    assert!(text.contains("href=\"/api/docs.css\"") && text.contains("href=\"/api/openapi.json\""));
    for (id, method, path) in operations(&app.document) {
        let heading = format!("<b>{method}</b> <code>/api{path}</code>");
        assert!(text.contains(&heading), "{id}: {heading}");
    }
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn a_schema_is_written_for_every_reference() {
    let app = App::new().await;
    let text = app.document.to_string();

    let references = text.split("\"#/components/schemas/").skip(1);
    let missing: BTreeSet<_> = references
        .filter_map(|rest| rest.split('"').next())
        .filter(|name| app.document["components"]["schemas"][name] == Value::Null)
        .collect();

    assert_eq!(missing, BTreeSet::new());
}
