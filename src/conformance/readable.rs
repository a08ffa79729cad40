//! What was accepted reads back byte for byte.

use serde_json::json;

use crate::{
    conformance::{
        Fixture,
        support::{User, contents, says},
    },
    conversation_update::ConversationUpdate,
    message::{NewMessage, Role},
    metadata::Metadata,
    new_conversation::NewConversation,
    turn::Turn,
};

/// Texts that some layer somewhere trims, folds, escapes, interprets or cuts.
const TEXTS: [&str; 20] = [
    " ",
    "  leading and trailing  ",
    "\n\r\n\ttabs and lines\n\n",
    "a lone \r carriage return",
    "e\u{301} is not \u{e9}",
    "\u{fb01} \u{212b} \u{2126}",
    "right to left \u{202e}\u{5d0}\u{5d1}\u{202c} \u{2066}isolated\u{2069}",
    "zero \u{200b}width\u{200d}joined\u{feff}",
    "😀👩\u{200d}👩\u{200d}👧 \u{10ffff}",
    "\u{fffd}\u{fffe}\u{ffff}",
    "\u{1b}[31mred\u{1b}[0m \u{7f}\u{1}\u{8}",
    "'single' \"double\" `back` $$dollar$$",
    "back\\slash \\n \\0 \\u0000 \\x41",
    "%s %d {} {0} ${x} $1 ?1 :name",
    "'; DROP TABLE messages; --",
    "NULL",
    "\\N",
    "{\"a\": [1, 2.0]}",
    "{1,2,\"x\"}",
    "<script>alert(1)</script>&amp;",
];

/// Contract 7: contents read back byte for byte.
pub async fn contents_read_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;

    let appended = ann.append(chat, says(TEXTS)).await;

    assert_eq!(contents(&appended.messages), TEXTS, "as answered");
    assert_eq!(contents(&ann.read(chat).await), TEXTS, "as read");
}

/// Contract 7: every role reads back.
pub async fn roles_read_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let roles = [Role::System, Role::User, Role::Assistant, Role::Tool];
    let messages = roles.map(|role| NewMessage::new(role, role.as_str()));

    ann.append(chat, Turn::new(messages).unwrap()).await;

    let read: Vec<_> = ann.read(chat).await.iter().map(|message| message.role).collect();
    assert_eq!(read, roles);
}

/// Contract 7: titles read back byte for byte, given at creation or later.
pub async fn titles_read_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let renamed = ann.create().await.id;

    for title in TEXTS {
        let created = ann.create_with(NewConversation::new().with_title(title).unwrap()).await.id;
        let update = ConversationUpdate::new().with_title(title).unwrap();
        ann.store.update(ann.id, renamed, update).await.unwrap();

        for id in [created, renamed] {
            assert_eq!(ann.get(id).await.title.as_deref(), Some(title));
        }
    }
}

/// Contract 7: metadata of messages and conversations read back byte for byte.
pub async fn metadata_reads_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let metadata = Metadata::new(json!({
        "numbers": [1, 1.0, -0.0, 1e308, 5e-324, 0.1, u64::MAX, i64::MIN],
        "a": 1, "A": 2, "a ": 3, "": 4, "k\u{e9}y": 5, "ke\u{301}y": 6, "z": {}, "b": [],
        "none": null, "texts": TEXTS,
    }))
    .unwrap();
    let new = NewConversation::new().with_metadata(metadata.clone());
    let message = NewMessage::user("hello").with_metadata(metadata.clone());

    let chat = ann.create_with(new).await.id;
    ann.append(chat, Turn::new([message]).unwrap()).await;

    assert_eq!(ann.get(chat).await.metadata.as_json(), metadata.as_json(), "of a conversation");
    assert_eq!(ann.read(chat).await[0].metadata.as_json(), metadata.as_json(), "of a message");
}

/// Contract 7: nothing attached reads back as nothing attached.
pub async fn absent_things_stay_absent(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;

    let chat = ann.get(ann.chat(1).await.id).await;
    let message = ann.read(chat.id).await.remove(0);

    assert!(chat.title.is_none() && chat.session.is_none() && chat.metadata.is_empty());
    assert!(message.key.is_none() && message.metadata.is_empty());
}
