//! The description of the interface: OpenAPI 3.1.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use utoipa::{
    OpenApi,
    openapi::{
        Content, Ref, RefOr, Required, ResponseBuilder, Server,
        path::{Operation, PathItem},
        response::Response as Described,
        schema::{Schema, SchemaType, Type},
    },
};

use crate::{
    http::{
        chat, conversations, here::Here, json::Json, kind::Kind, me, messages, problem,
        shared::Shared,
    },
    page::Limit,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chat history",
        description = "Conversations and their messages, each its owner's alone. The caller is known from \
            the host's authentication; no path, query or body names an owner, and nothing tells what \
            is somebody else's from what does not exist. Every refusal is a problem document (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        conversations::create,
        conversations::list,
        conversations::read,
        conversations::change,
        conversations::delete,
        messages::list,
        messages::add,
        chat::start,
        chat::message,
        chat::history,
        me::erase,
        me::export,
    ),
    components(schemas(problem::Details))
)]
struct Document;

/// The path of the document below the router.
pub(super) const PATH: &str = "/openapi.json";

/// Serves the document; its server is what the router was nested under.
pub(super) async fn serve(State(shared): State<Arc<Shared>>, here: Here) -> Response {
    let root = here.root(PATH);
    Json(document(&shared, if root.is_empty() { "/" } else { root })).into_response()
}

/// What is served below `root`.
pub(super) fn document(shared: &Shared, root: &str) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.servers = Some(vec![Server::new(root)]);
    if shared.chat.is_none() {
        document.paths.paths.retain(|path, _| !path.starts_with("/chat/"));
    }
    describe_changes(&mut document);
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        describe_parameters(operation, shared.settings.max_page);
        describe_body(operation);
        describe_problems(operation);
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// A change of nothing is refused. (The macro writes its `min_properties` as the most there may be.)
fn describe_changes(document: &mut utoipa::openapi::OpenApi) {
    let schemas = document.components.as_mut().map(|components| &mut components.schemas);
    if let Some(RefOr::T(Schema::Object(changes))) =
        schemas.and_then(|schemas| schemas.get_mut("Changes"))
    {
        changes.min_properties = Some(1);
    }
}

/// What holds wherever a parameter stands: one that is not sent is none, where the macro takes `null` for that;
/// a page is as long as the host lets it be.
fn describe_parameters(operation: &mut Operation, max_page: Limit) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else { continue };
        if let SchemaType::Array(types) = &schema.schema_type
            && let [kind, Type::Null] = &types[..]
        {
            schema.schema_type = SchemaType::Type(kind.clone());
        }
        match &*parameter.name {
            "limit" => schema.maximum = Some(max_page.get().into()),
            "If-Match" => schema.pattern = Some(ONE_VERSION.to_owned()),
            _ => {}
        }
    }
}

/// Any, or an `ETag` as it was given; a list of them is refused.
const ONE_VERSION: &str = r#"^(\*|"[^", ]*")$"#;

/// The operations whose body may be left out, which the macro can only say by taking `null` for one.
const WITHOUT_BODY: [&str; 2] = ["createConversation", "startChat"];

fn describe_body(operation: &mut Operation) {
    let optional = operation.operation_id.as_deref().is_some_and(|id| WITHOUT_BODY.contains(&id));
    if let Some(body) = operation.request_body.as_mut().filter(|_| optional) {
        body.required = Some(Required::False);
    }
}

/// What may go wrong with any request, and with any that sends a body.
fn describe_problems(operation: &mut Operation) {
    let sends = operation.request_body.is_some();
    let everywhere =
        Kind::ALL.iter().filter(|kind| kind.is_everywhere() || (sends && kind.is_of_bodies()));
    for kind in everywhere {
        let status = kind.status().as_str().to_owned();
        let described = || RefOr::T(Described::new(kind.title()));
        operation.responses.responses.entry(status).or_insert_with(described);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            *response = problem(&response.description);
        }
    }
}

fn problem(description: &str) -> Described {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new().description(description);
    response.content("application/problem+json", content).build()
}
