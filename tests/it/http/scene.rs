//! A caller, a victim, and names by which the caller may call.

use std::sync::Arc;

use scrollback::{
    ConversationId, ConversationStore, NewConversation, NewMessage, SessionId, Turn, TurnKey,
    UserId, conformance::Fixture,
};

use super::app::App;
use crate::threats::everything;

/// What a request can name.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) session: String,
    /// The key of its first message, and of its session.
    pub(super) key: String,
    /// How many messages it holds.
    pub(super) count: u32,
    pub(super) etag: String,
}

pub(super) struct Scene {
    pub(super) app: App,
    pub(super) own: Target,
    pub(super) foreign: Target,
    /// Nobody's; the answer for it is the answer for everything that is not the caller's.
    pub(super) unknown: Target,
    pub(super) others: Vec<(&'static str, Target)>,
    before: String,
}

/// In everything that is the victim's.
pub(super) const SECRET: &str = "private";

impl Scene {
    pub(super) async fn set(fixture: Arc<dyn Fixture>) -> Self {
        let app = App::on(fixture).await;
        let (store, ann, ben) = (&*app.store, app.ann, app.ben);
        let own = chat(store, ann, "mine").await;
        let foreign = chat(store, ben, SECRET).await;
        let deleted_own = deleted(store, ann, "mine, closed").await;
        let deleted_foreign = deleted(store, ben, "private, closed").await;
        let mut others = vec![
            ("foreign", foreign.clone()),
            ("deleted own", deleted_own),
            ("deleted foreign", deleted_foreign),
        ];
        others.extend(NAMES.iter().map(|name| (*name, named(name))));
        let unknown = named("9223372036854775800");
        let before = digest(store, ben).await;
        Self { app, own, foreign, unknown, others, before }
    }

    /// Whether anything of the victim's is another than it was.
    pub(super) async fn is_changed(&self) -> bool {
        digest(&*self.app.store, self.app.ben).await != self.before
    }
}

/// Names that nothing has, or that nothing can have.
const NAMES: [&str; 9] = [
    "0",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "x",
    "%00",
    "%ff",
    "..%2f1",
    "%C2%A01",
];

fn named(name: &str) -> Target {
    let (id, session, key) = (name.to_owned(), name.to_owned(), "nobodys".to_owned());
    Target { id, session, key, count: 0, etag: "\"0.1\"".to_owned() }
}

async fn chat(store: &dyn ConversationStore, owner: UserId, what: &str) -> Target {
    // The session that creating with this key would have.
    let key = format!("key-{}-{}", what.len(), owner.get());
    let session = SessionId::new(format!("new:{key}")).unwrap();
    let new = NewConversation::new().with_session(session.clone()).with_title(what).unwrap();
    let chat = store.create(owner, new).await.unwrap();
    let turn = Turn::new([NewMessage::user(what)]).unwrap();
    store.append(owner, chat.id, turn.with_key(TurnKey::new(&*key).unwrap())).await.unwrap();
    let etag = format!("\"1.{}\"", store.get(owner, chat.id).await.unwrap().version());
    let (id, session) = (chat.id.to_string(), session.as_str().to_owned());
    Target { id, session, key, count: 1, etag }
}

async fn deleted(store: &dyn ConversationStore, owner: UserId, what: &str) -> Target {
    let target = chat(store, owner, what).await;
    let id: ConversationId = target.id.parse().unwrap();
    store.delete(owner, id, None).await.unwrap();
    target
}

async fn digest(store: &dyn ConversationStore, owner: UserId) -> String {
    serde_json::to_string(&everything(store, owner).await).unwrap()
}
