//! Who is asking: the host's to say, and nobody else's.

use std::{marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::IntoResponse,
};

use crate::{
    http::{kind::Kind, problem::Problem, shared::Shared},
    id::UserId,
    store::ConversationStore,
    user_history::UserHistory,
};

/// Says who sent a request: the host's authentication.
///
/// It sees the head of the request before anything else is read. This is the only way by which an owner
/// arrives; no path, query or body names one. Any function of `&Parts` is a caller, and
/// [`extracted`] makes one of an extractor.
///
/// # Examples
///
/// ```
/// use axum::http::request::Parts;
/// use scrollback::{UserId, http::NoCaller};
///
/// /// What a middleware of the host has found out.
/// #[derive(Clone)]
/// struct SignedIn(i64);
///
/// fn caller(parts: &Parts) -> Result<UserId, NoCaller> {
///     let user = parts.extensions.get::<SignedIn>().ok_or(NoCaller::Unknown)?;
///     Ok(UserId::new(user.0))
/// }
/// # fn takes(_: impl scrollback::http::Caller) {}
/// # takes(caller);
/// ```
#[async_trait]
pub trait Caller: Send + Sync + 'static {
    /// The user who sent the request with this head.
    ///
    /// # Errors
    ///
    /// [`NoCaller`] says why nobody is known; the request ends with it.
    async fn caller(&self, parts: &mut Parts) -> Result<UserId, NoCaller>;
}

/// Why nobody is known to have sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoCaller {
    /// Nobody has signed in, or what they showed is not valid: 401.
    #[error("nobody has signed in")]
    Unknown,
    /// Somebody has signed in who may not use this: 403.
    #[error("the caller may not use this")]
    Forbidden,
    /// It cannot be found out at the moment: 503.
    #[error("it cannot be found out at the moment who is calling")]
    Unavailable,
}

#[async_trait]
impl<F> Caller for F
where
    F: Fn(&Parts) -> Result<UserId, NoCaller> + Send + Sync + 'static,
{
    async fn caller(&self, parts: &mut Parts) -> Result<UserId, NoCaller> {
        self(parts)
    }
}

/// A caller from the host's own extractor.
///
/// A rejection of 403 is [`NoCaller::Forbidden`], one from 500 upwards [`NoCaller::Unavailable`], and
/// any other [`NoCaller::Unknown`]: clients get a problem document, not the rejection.
///
/// # Examples
///
/// ```
/// use axum::{extract::FromRequestParts, http::{StatusCode, request::Parts}};
/// use scrollback::{UserId, http::extracted};
///
/// struct CurrentUser {
///     id: i64,
/// }
///
/// impl<S: Sync> FromRequestParts<S> for CurrentUser {
///     type Rejection = StatusCode;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
///         let token = parts.headers.get("authorization").ok_or(StatusCode::UNAUTHORIZED)?;
///         if token == "Bearer 7" { Ok(Self { id: 7 }) } else { Err(StatusCode::UNAUTHORIZED) }
///     }
/// }
///
/// let caller = extracted((), |user: CurrentUser| UserId::new(user.id));
/// # fn takes(_: impl scrollback::http::Caller) {}
/// # takes(caller);
/// ```
pub fn extracted<E, S>(state: S, user: impl Fn(E) -> UserId + Send + Sync + 'static) -> impl Caller
where
    E: FromRequestParts<S> + 'static,
    S: Send + Sync + 'static,
{
    Extracted { state, user, extractor: PhantomData }
}

struct Extracted<E, S, F> {
    state: S,
    user: F,
    extractor: PhantomData<fn() -> E>,
}

#[async_trait]
impl<E, S, F> Caller for Extracted<E, S, F>
where
    E: FromRequestParts<S> + 'static,
    S: Send + Sync + 'static,
    F: Fn(E) -> UserId + Send + Sync + 'static,
{
    async fn caller(&self, parts: &mut Parts) -> Result<UserId, NoCaller> {
        match E::from_request_parts(parts, &self.state).await {
            Ok(extracted) => Ok((self.user)(extracted)),
            Err(rejection) => Err(why(rejection.into_response().status())),
        }
    }
}

fn why(rejection: StatusCode) -> NoCaller {
    match rejection {
        StatusCode::FORBIDDEN => NoCaller::Forbidden,
        status if status.is_server_error() => NoCaller::Unavailable,
        _ => NoCaller::Unknown,
    }
}

/// What a handler may reach: what the caller owns, and nothing else.
pub(super) struct Mine(pub(super) UserHistory<Arc<dyn ConversationStore>>);

impl FromRequestParts<Arc<Shared>> for Mine {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        match shared.caller.caller(parts).await {
            Ok(owner) => Ok(Self(UserHistory::new(Arc::clone(&shared.store), owner))),
            Err(NoCaller::Unknown) => {
                Err(Problem::new(Kind::Unauthenticated).with_challenge(&shared.settings.challenge))
            }
            Err(NoCaller::Forbidden) => Err(Problem::new(Kind::Forbidden)),
            Err(NoCaller::Unavailable) => Err(Problem::new(Kind::Unavailable)),
        }
    }
}
