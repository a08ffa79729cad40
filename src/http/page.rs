//! The description of the interface for people: one page, without a script.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::State,
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::http::{here::Here, openapi, shared::Shared};

/// The path of the page below the router.
pub(super) const PATH: &str = "/docs";

const STYLE: &str = include_str!("page.css");

/// Nothing but the page's own style, which is a file so that none stands in the page.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ),
    ),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

pub(super) async fn style() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], STYLE).into_response()
}

pub(super) async fn serve(State(shared): State<Arc<Shared>>, here: Here) -> Response {
    let root = here.root(PATH);
    let document = serde_json::to_value(openapi::document(&shared, root)).unwrap_or_default();
    (HEADERS, html(&document, root)).into_response()
}

fn html(document: &Value, root: &str) -> String {
    let root = escaped(root);
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <link rel=stylesheet href=\"{root}/docs.css\"><main><h1>{title}</h1><p>{about}</p>\
         <p><a href=\"{root}/openapi.json\">openapi.json</a></p>",
        title = text(&document["info"]["title"]),
        about = text(&document["info"]["description"]),
    );
    for (path, operations) in entries(&document["paths"]) {
        for (method, operation) in entries(operations) {
            section(&mut page, method, &format!("{root}{}", escaped(path)), operation);
        }
    }
    page.push_str("<section><h2>Schemas</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let schema = serde_json::to_string_pretty(schema).unwrap_or_default();
        let (name, schema) = (escaped(name), escaped(&schema));
        put(
            &mut page,
            format_args!("<details><summary>{name}</summary><pre>{schema}</pre></details>"),
        );
    }
    page.push_str("</section></main></html>");
    page
}

fn section(page: &mut String, method: &str, path: &str, operation: &Value) {
    let method = escaped(&method.to_uppercase());
    let (summary, about) = (text(&operation["summary"]), text(&operation["description"]));
    put(page, format_args!("<section><h2><b>{method}</b> <code>{path}</code></h2>"));
    put(page, format_args!("<p>{summary}</p><p>{about}</p><table>"));
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
        let about = text(&parameter["description"]);
        put(page, format_args!("<tr><th>{name}<td>{place}<td>{about}"));
    }
    for (kind, body) in entries(&operation["requestBody"]["content"]) {
        let schema = escaped(&body["schema"].to_string());
        put(page, format_args!("<tr><th>body<td>{}<td><code>{schema}</code>", escaped(kind)));
    }
    page.push_str("</table><table>");
    for (status, response) in entries(&operation["responses"]) {
        let about = text(&response["description"]);
        put(page, format_args!("<tr><th>{}<td>{about}", escaped(status)));
    }
    page.push_str("</table></section>");
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Writing to a `String` cannot fail.
fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    _ = page.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_the_document_stays_text() {
        assert_eq!(escaped("<a href='\"&'>"), "&lt;a href=&#39;&quot;&amp;&#39;&gt;");
    }
}
