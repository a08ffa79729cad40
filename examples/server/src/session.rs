//! Who has signed in, in a cookie that only this server can write.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use cookie::{Cookie, CookieJar, Key, SameSite};
use serde::{Deserialize, Serialize};

/// The cookie that says who has signed in.
const NAME: &str = "scrollback_user";

/// How long somebody stays signed in.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Somebody who has signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
}

impl User {
    /// The user whom the store knows by `id`, and other people by `name`.
    #[must_use]
    pub fn new(id: i64, name: impl Into<String>) -> Self {
        Self { id, name: name.into() }
    }
}

/// Shows nobody's name.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}

/// Writes and reads the cookies, which nobody can without the key.
///
/// They are signed and not encrypted: whoever has one can read their own name in it.
#[derive(Debug)]
pub struct Sessions {
    key: Key,
}

/// What the cookie claims, as JSON: it holds no more than this, so the server need not remember.
#[derive(Serialize, Deserialize)]
struct Claim {
    user: User,
    /// Seconds since 1970.
    until: u64,
}

impl Sessions {
    /// Cookies signed with `key`.
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self { key }
    }

    /// What `Set-Cookie` says to keep `user` signed in from `now` for thirty days.
    ///
    /// A host behind TLS adds `Secure`, and the prefix `__Host-` to the name.
    #[must_use]
    pub fn begin(&self, user: User, now: SystemTime) -> Option<HeaderValue> {
        let claim = Claim { user, until: seconds(now + LIFETIME) };
        let claim = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claim).ok()?);
        let mut jar = CookieJar::new();
        jar.signed_mut(&self.key).add((NAME, claim));
        header(jar.get(NAME)?.clone(), LIFETIME)
    }

    /// What `Set-Cookie` says to sign somebody out.
    #[must_use]
    pub fn end() -> Option<HeaderValue> {
        header(Cookie::new(NAME, ""), Duration::ZERO)
    }

    /// Whom a cookie of the request names, if this server has signed it and it is valid at `now`.
    #[must_use]
    pub fn user(&self, headers: &HeaderMap, now: SystemTime) -> Option<User> {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies = texts.flat_map(Cookie::split_parse).flatten();
        let mut ours = cookies.filter(|cookie| cookie.name() == NAME);
        ours.find_map(|cookie| self.claimed(cookie.into_owned(), seconds(now)))
    }

    fn claimed(&self, cookie: Cookie<'static>, now: u64) -> Option<User> {
        let signed = CookieJar::new().signed(&self.key).verify(cookie)?;
        let claim = BASE64_URL_SAFE_NO_PAD.decode(signed.value()).ok()?;
        let Claim { user, until } = serde_json::from_slice(&claim).ok()?;
        (now < until).then_some(user)
    }
}

/// For the whole site, for no script, and not for what other sites send.
fn header(mut cookie: Cookie<'_>, lifetime: Duration) -> Option<HeaderValue> {
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(cookie::time::Duration::try_from(lifetime).ok());
    cookie.to_string().parse().ok()
}

/// A clock before 1970 is no clock: then everything has expired.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(u64::MAX, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(set_cookie: &HeaderValue) -> HeaderMap {
        let pair = set_cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(COOKIE, pair.parse().unwrap())])
    }

    #[test]
    fn a_cookie_holds_until_it_expires_and_only_under_its_key() {
        let sessions = Sessions::new(Key::generate());
        let (ann, now) = (User::new(7, "Ann \u{1f375}; \"tea\""), SystemTime::now());
        let cookie = sessions.begin(ann.clone(), now).unwrap();
        let just = |seconds| now + LIFETIME + Duration::from_secs(seconds) - Duration::from_secs(1);

        assert_eq!(sessions.user(&sent(&cookie), now), Some(ann.clone()));
        assert_eq!(sessions.user(&sent(&cookie), just(0)), Some(ann));
        assert_eq!(sessions.user(&sent(&cookie), just(1)), None);
        assert_eq!(Sessions::new(Key::generate()).user(&sent(&cookie), now), None);
        assert_eq!(sessions.user(&sent(&Sessions::end().unwrap()), now), None);
    }

    #[test]
    fn a_cookie_with_any_byte_changed_names_nobody() {
        let sessions = Sessions::new(Key::generate());
        let now = SystemTime::now();
        let cookie = sessions.begin(User::new(7, "ann"), now).unwrap();
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();

        for at in NAME.len() + 1..cookie.len() {
            let mut bytes = cookie.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let headers =
                HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(&bytes).unwrap())]);
            assert_eq!(sessions.user(&headers, now), None, "byte {at}");
        }
    }

    #[test]
    fn a_user_is_not_shown() {
        assert_eq!(format!("{:?}", User::new(7, "ann")), "User { .. }");
    }
}
