//! The largest of everything is accepted and reads back.

use serde_json::{Value, json};

use crate::{
    conformance::{
        Fixture,
        support::{User, contents, key, says, session},
    },
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    limit,
    message::NewMessage,
    message_query::MessageQuery,
    metadata::Metadata,
    new_conversation::NewConversation,
    page::Limit,
    turn::Turn,
};

/// Contract 7: 4 MiB of content read back.
pub async fn the_largest_content_reads_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let content = "é".repeat(limit::MAX_CONTENT_BYTES / 2);

    ann.append(chat, says([content.as_str()])).await;

    assert!(ann.read(chat).await[0].content.as_ref() == content, "4 MiB read back differently");
}

/// Contract 7: a turn of 256 messages reads back.
pub async fn the_longest_turn_reads_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.create().await.id;
    let texts: Vec<_> = (0..limit::MAX_TURN_MESSAGES).map(|n| n.to_string()).collect();

    ann.append(chat, says(texts.iter().map(String::as_str))).await;

    assert_eq!(contents(&ann.read(chat).await), texts);
}

/// Contract 7: titles of 512 bytes read back, given at creation or later.
pub async fn the_longest_title_reads_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let titles = ["t".repeat(limit::MAX_TITLE_BYTES), "😀".repeat(limit::MAX_TITLE_BYTES / 4)];

    for title in titles {
        let titled = NewConversation::new().with_title(title.as_str()).unwrap();
        let created = ann.create_with(titled).await.id;
        let renamed = ann.create().await.id;
        let update = ConversationUpdate::new().with_title(title.as_str()).unwrap();
        ann.store.update(ann.id, renamed, update).await.unwrap();

        for id in [created, renamed] {
            assert_eq!(ann.get(id).await.title.as_deref(), Some(title.as_str()));
        }
    }
}

/// Contract 7: session ids and turn keys of 255 bytes do their work.
pub async fn the_longest_keys_read_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let longest = "é".repeat(limit::MAX_KEY_BYTES / 2) + "k";
    let (tab, once) = (session(&longest), key(&longest));
    let chat = ann.create_with(NewConversation::new().with_session(tab.clone())).await;
    let turn = says(["hello"]).with_key(once.clone());

    ann.append(chat.id, turn.clone()).await;

    assert_eq!(ann.store.find_session(ann.id, &tab).await.unwrap().session, Some(tab));
    assert!(ann.append(chat.id, turn).await.replayed);
    assert_eq!(ann.read(chat.id).await[0].key, Some(once));
}

/// Contract 7: metadata of 64 KiB, and of 64 levels, read back.
pub async fn the_largest_metadata_reads_back(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let largest = json!({ "k": "x".repeat(limit::MAX_METADATA_BYTES - r#"{"k":""}"#.len()) });
    let inner =
        (2..limit::MAX_METADATA_DEPTH).fold(json!([1]), |inner, _| Value::from(vec![inner]));

    for value in [largest, json!({ "deep": inner })] {
        let metadata = Metadata::new(value).unwrap();
        let new = NewConversation::new().with_metadata(metadata.clone());
        let chat = ann.create_with(new).await.id;
        let message = NewMessage::user("with metadata").with_metadata(metadata.clone());
        ann.append(chat, Turn::new([message]).unwrap()).await;

        assert!(ann.get(chat).await.metadata == metadata, "of a conversation");
        assert!(ann.read(chat).await[0].metadata == metadata, "of a message");
    }
}

/// Contract 7: the longest page may be asked for.
pub async fn the_longest_page_is_answered(fixture: &dyn Fixture) {
    let ann = User::new(fixture).await;
    let chat = ann.chat(3).await.id;

    let messages = ann.page(chat, MessageQuery::last(Limit::MAX)).await;
    let conversations = ann.list(ConversationQuery::new(Limit::MAX)).await;

    assert_eq!((messages.items.len(), conversations.items.len()), (3, 1));
}
