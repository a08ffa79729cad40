//! Pages: what is asked for, and how one is answered.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header::LINK, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    conversation_query::ConversationQuery,
    cursor::Cursor,
    http::{
        here::Here,
        json::Json,
        problem::Problem,
        query::Query,
        shared::{Settings, Shared},
        wire,
    },
    id::Position,
    message_query::MessageQuery,
    page::{Limit, Page},
};

/// Which conversations are asked for.
pub(super) struct Conversations(pub(super) ConversationQuery, pub(super) Same);

/// Which messages are asked for.
pub(super) struct Messages(pub(super) MessageQuery, pub(super) Same);

/// What the links to the neighbouring pages repeat.
pub(super) struct Same {
    here: Here,
    parameters: String,
}

impl FromRequestParts<Arc<Shared>> for Conversations {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let mut query = Query::of(&parts.uri);
        let limit = limit(&mut query, &shared.settings)?;
        let archived = query.plain("archived", "is neither true nor false")?.unwrap_or(false);
        let cursor: Option<Cursor> = query.take("cursor")?;
        query.end()?;
        let mut asked = ConversationQuery::new(limit);
        let mut parameters = format!("limit={}", limit.get());
        if archived {
            asked = asked.archived();
            parameters.push_str("&archived=true");
        }
        if let Some(cursor) = cursor {
            asked = asked.at(cursor);
        }
        Ok(Self(asked, Same { here: Here::of(parts), parameters }))
    }
}

impl FromRequestParts<Arc<Shared>> for Messages {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let mut query = Query::of(&parts.uri);
        let limit = limit(&mut query, &shared.settings)?;
        let cursor: Option<Cursor> = query.take("cursor")?;
        let before: Option<Position> = query.take("before")?;
        let after: Option<u32> = query.plain("after", "is no position")?;
        query.end()?;
        let asked = match (cursor, before, after) {
            (None, None, None) => MessageQuery::last(limit),
            (Some(cursor), None, None) => MessageQuery::at(cursor, limit),
            (None, Some(before), None) => MessageQuery::before(before, limit),
            // Before the first position there is nothing.
            (None, None, Some(after)) => Position::new(after)
                .map_or(MessageQuery::first(limit), |after| MessageQuery::after(after, limit)),
            _ => {
                return Err(Problem::invalid(
                    "query",
                    "names more than one of cursor, before, after",
                ));
            }
        };
        let parameters = format!("limit={}", limit.get());
        Ok(Self(asked, Same { here: Here::of(parts), parameters }))
    }
}

fn limit(query: &mut Query, settings: &Settings) -> Result<Limit, Problem> {
    let max = settings.max_page;
    let Some(items) = query.plain("limit", "is no number of items")? else {
        return Ok(if max.get() < Limit::default().get() { max } else { Limit::default() });
    };
    let limit = Limit::new(items)?;
    if limit.get() > max.get() {
        return Err(Problem::invalid("limit", format!("is over {}, the most here", max.get())));
    }
    Ok(limit)
}

impl Same {
    /// The page, with links to its neighbours.
    pub(super) fn answer<T, B: From<T> + serde::Serialize>(&self, page: Page<T>) -> Response {
        let Page { items, previous, next } = page;
        let mut headers = HeaderMap::new();
        for (cursor, relation) in [(previous, "prev"), (next, "next")] {
            if let Some(link) = cursor.and_then(|cursor| self.link(cursor, relation)) {
                headers.append(LINK, link);
            }
        }
        let items = items.into_iter().map(B::from).collect();
        (headers, Json(wire::Page { items, previous, next })).into_response()
    }

    fn link(&self, cursor: Cursor, relation: &str) -> Option<HeaderValue> {
        let Self { here, parameters } = self;
        let target = here.with(&format!("{parameters}&cursor={cursor}"));
        HeaderValue::try_from(format!("<{target}>; rel=\"{relation}\"")).ok()
    }
}
