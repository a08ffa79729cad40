//! T11: cursors that were made, not given. The seal is no secret: anybody can compute it.

use std::hash::Hasher;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use fnv::FnvHasher;
use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Cursor, Error, Limit, MessageQuery,
    NewConversation, Result, UserId,
};

use super::{fixtures, rows::turn};

/// What a cursor is sealed for: 0 and archived or not, 1 and a conversation.
#[derive(Clone, Copy)]
struct Place {
    owner: i64,
    listing: [i64; 2],
}

/// A cursor as the library writes them, seal and all.
fn forged(place: Place, side: u8, key: [i64; 2]) -> Cursor {
    let mut hasher = FnvHasher::default();
    let [kind, within] = place.listing;
    for number in [place.owner, kind, within, side.into(), key[0], key[1]] {
        hasher.write(&number.to_le_bytes());
    }
    let mut bytes = vec![side];
    bytes.extend(key.iter().flat_map(|number| number.to_le_bytes()));
    bytes.extend(hasher.finish().to_le_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes).parse().unwrap()
}

const EDGES: [i64; 12] = [
    i64::MIN,
    i64::MIN + 1,
    -1,
    0,
    1,
    2,
    u32::MAX as i64 - 1,
    u32::MAX as i64,
    u32::MAX as i64 + 1,
    8_210_266_876_799_999_999,
    i64::MAX - 1,
    i64::MAX,
];

/// An owner with two conversations, the first with three messages.
async fn two_chats(store: &dyn ConversationStore, owner: UserId) -> ConversationId {
    let chat = store.create(owner, NewConversation::new()).await.unwrap().id;
    store.create(owner, NewConversation::new()).await.unwrap();
    store.append(owner, chat, turn(3)).await.unwrap();
    chat
}

fn is_bad_cursor<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::InvalidInput { field: "cursor", .. }))
}

#[tokio::test]
async fn a_forged_cursor_leads_to_own_data_or_nowhere_on_every_store_alike() {
    let mut answers = Vec::new();
    for (_, fixture) in fixtures().await {
        let (store, ann) = (fixture.store().await, fixture.owner().await);
        two_chats(&*store, fixture.owner().await).await;
        let chat = two_chats(&*store, ann).await;
        let listing = Place { owner: ann.get(), listing: [0, 0] };
        let messages = Place { owner: ann.get(), listing: [1, chat.get()] };
        let mut seen = Vec::new();
        for (side, first) in [0, 1].into_iter().flat_map(|side| EDGES.map(|first| (side, first))) {
            for second in EDGES {
                let query = ConversationQuery::default().at(forged(listing, side, [first, second]));
                let listed = store.list(ann, query).await.map(|page| {
                    assert!(page.items.iter().all(|chat| chat.owner == ann));
                    page.items.len()
                });
                let query =
                    MessageQuery::at(forged(messages, side, [first, second]), Limit::default());
                let read = store.messages(ann, chat, query).await.map(|page| {
                    assert!(page.items.iter().all(|message| message.conversation == chat));
                    page.items.iter().map(|message| message.position.get()).collect::<Vec<_>>()
                });
                seen.push(format!("{side} {first} {second}: {listed:?} {read:?}"));
            }
        }
        assert!(!seen.iter().any(|answer| answer.contains("Internal")), "{seen:#?}");
        answers.push(seen);
    }

    for others in &answers[1..] {
        let differ = answers[0].iter().zip(others).find(|(one, other)| one != other);
        assert_eq!(differ, None);
    }
}

#[tokio::test]
async fn a_seal_for_another_owner_opens_nothing() {
    for (name, fixture) in fixtures().await {
        let (store, ann, ben) =
            (fixture.store().await, fixture.owner().await, fixture.owner().await);
        let chat = two_chats(&*store, ben).await;
        let of_ben =
            |kind, within| forged(Place { owner: ben.get(), listing: [kind, within] }, 1, [1, 1]);
        let of_ann = |chat| forged(Place { owner: ann.get(), listing: [1, chat] }, 1, [1, 0]);
        let limit = Limit::default();

        let listed = store.list(ann, ConversationQuery::default().at(of_ben(0, 0))).await;
        let read = store.messages(ann, chat, MessageQuery::at(of_ben(1, chat.get()), limit)).await;
        let own_seal = MessageQuery::at(of_ann(chat.get()), limit);
        let foreign = store.messages(ann, chat, own_seal).await;
        let nobodys = ConversationId::new(i64::MAX - 7);
        let own_seal = MessageQuery::at(of_ann(nobodys.get()), limit);
        let unknown = store.messages(ann, nobodys, own_seal).await;

        assert!(is_bad_cursor(&listed) && is_bad_cursor(&read), "{name}: {listed:?} {read:?}");
        assert!(matches!(foreign, Err(Error::NotFound)), "{name}: {foreign:?}");
        assert_eq!(format!("{foreign:?}"), format!("{unknown:?}"), "{name}");
        let right = MessageQuery::at(of_ben(1, chat.get()), limit);
        assert!(store.messages(ben, chat, right).await.is_ok(), "{name}: the forgery is not one");
    }
}

#[tokio::test]
async fn every_flipped_bit_and_all_noise_is_refused() {
    for (name, fixture) in fixtures().await {
        let (store, ann) = (fixture.store().await, fixture.owner().await);
        let chat = two_chats(&*store, ann).await;
        let one = Limit::new(1).unwrap();
        let given = store.list(ann, ConversationQuery::new(one)).await.unwrap().next.unwrap();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(given.to_string()).unwrap();
        let flipped = (0..bytes.len() * 8).map(|bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        });
        let noise = (0..400_u64).map(|n| {
            let mut hasher = FnvHasher::default();
            let byte = |at| {
                hasher.write(&[at, n as u8, (n >> 8) as u8]);
                (hasher.finish() >> 24) as u8
            };
            (0..25 - (n % 3 == 0) as u8).map(byte).collect()
        });

        for bytes in flipped.chain(noise) {
            let parsed = BASE64_URL_SAFE_NO_PAD.encode(&bytes).parse::<Cursor>();
            let Ok(cursor) = parsed else {
                assert!(is_bad_cursor(&parsed), "{name}: {parsed:?}");
                continue;
            };
            let listed = store.list(ann, ConversationQuery::new(one).at(cursor)).await;
            let read = store.messages(ann, chat, MessageQuery::at(cursor, one)).await;
            assert!(is_bad_cursor(&listed) && is_bad_cursor(&read), "{name}: {bytes:?}");
        }
        assert!(store.list(ann, ConversationQuery::new(one).at(given)).await.is_ok(), "{name}");
    }
}
