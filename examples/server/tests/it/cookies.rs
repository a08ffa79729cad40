//! The cookie: what it allows, and that nobody can write one.

use std::time::{Duration, SystemTime};

use cookie::Key;
use reqwest::header::SET_COOKIE;
use scrollback_server::{Sessions, User};
use serde_json::json;
use tempfile::tempdir;

use crate::{
    person::{Person, json_of},
    program::Program,
};

const SECRET: &str = "a secret of the tests, 32 bytes or more";

/// As the server makes it under this secret, at this time.
fn cookie(secret: &str, user: User, now: SystemTime) -> String {
    let sessions = Sessions::new(Key::derive_from(secret.as_bytes()));
    let set = sessions.begin(user, now).unwrap();
    set.to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn status(person: &Person, cookie: String) -> u16 {
    let person = person.with_cookie(cookie);
    let me = person.get("/me").send().await.unwrap().status();
    let api = person.get("/api/conversations").send().await.unwrap().status();
    assert_eq!(me, api, "both ask the same cookie");
    me.as_u16()
}

#[tokio::test]
async fn it_is_for_no_script_and_for_no_other_site() {
    let folder = tempdir().unwrap();
    let program = Program::start(folder.path()).await;
    let nobody = Person::nobody(&program);

    let answer = nobody.post("/sign-in", &json!({ "name": "ann" })).send().await.unwrap();

    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    assert_eq!(attributes, ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"]);
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn one_that_was_changed_expired_or_signed_elsewhere_names_nobody() {
    let folder = tempdir().unwrap();
    let program =
        Program::start_with(folder.path(), |command| command.env("COOKIE_SECRET", SECRET)).await;
    let ann = Person::signed_in(&program, "ann").await;
    let (now, day) = (SystemTime::now(), Duration::from_secs(24 * 60 * 60));

    let valid = cookie(SECRET, User::new(1, "ann"), now);
    let changed = valid.replace("=ey", "=fy");
    // The signature of Ann's own, before what Ben's claims.
    let (signature, _) = ann.cookie.split_at("scrollback_user=".len() + 44);
    let of_ben = cookie(SECRET, User::new(2, "ben"), now);
    let (_, claim) = of_ben.split_at(signature.len());

    assert_eq!(status(&ann, valid.clone()).await, 200);
    assert_eq!(status(&ann, cookie(SECRET, User::new(1, "ann"), now - 29 * day)).await, 200);
    assert_ne!(changed, valid);
    for forged in [
        changed,
        format!("{signature}{claim}"),
        cookie(SECRET, User::new(1, "ann"), now - 31 * day),
        cookie(&"x".repeat(32), User::new(1, "ann"), now),
        "scrollback_user=".to_owned(),
        "scrollback_user=1".to_owned(),
    ] {
        assert_eq!(status(&ann, forged.clone()).await, 401, "{forged}");
    }
}

#[tokio::test]
async fn another_server_with_the_same_secret_takes_it_and_one_without_does_not() {
    let folders = [tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap()];
    let with = |folder: usize| {
        let folder = folders[folder].path();
        Program::start_with(folder, |command| command.args(["--cookie-secret", SECRET]))
    };
    let (one, other) = (with(0).await, with(1).await);
    let stranger = Program::start(folders[2].path()).await;
    let ann = Person::signed_in(&one, "ann").await;

    let me = json_of(ann.at(&other).get("/me").send().await.unwrap()).await;

    assert_eq!(me, json!({ "name": "ann" }));
    assert_eq!(ann.at(&stranger).get("/me").send().await.unwrap().status(), 401);
    assert!(folders[2].path().join("scrollback.secret").exists());
    assert!(!folders[0].path().join("scrollback.secret").exists());
}
