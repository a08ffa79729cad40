//! T11: cursors that were made, not given. The seal is no secret: anybody can compute it.

use std::hash::Hasher;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use fnv::FnvHasher;
use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Cursor, Error, Limit, MessageQuery,
    NewConversation, Result, UserId, conformance::Fixture,
};
use scrollback_proof::{T11, Trial, control};

use super::{fixtures, rows::turn};
use crate::broken::flaws;

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

/// Every answer to cursors of the caller's own seal and of any place, and those that show what is not
/// the caller's, or fail for no reason of the caller's.
async fn forgeries(fixture: &dyn Fixture) -> (Vec<String>, Vec<String>) {
    let (store, ann) = (fixture.store().await, fixture.owner().await);
    two_chats(&*store, fixture.owner().await).await;
    let chat = two_chats(&*store, ann).await;
    let listing = Place { owner: ann.get(), listing: [0, 0] };
    let messages = Place { owner: ann.get(), listing: [1, chat.get()] };
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    for (side, first) in [0, 1].into_iter().flat_map(|side| EDGES.map(|first| (side, first))) {
        for second in EDGES {
            let query = ConversationQuery::default().at(forged(listing, side, [first, second]));
            let listed = store.list(ann, query).await;
            let query = MessageQuery::at(forged(messages, side, [first, second]), Limit::default());
            let read = store.messages(ann, chat, query).await;
            let own = listed.iter().all(|page| page.items.iter().all(|chat| chat.owner == ann))
                && read.iter().all(|page| page.items.iter().all(|said| said.conversation == chat));
            let listed = listed.map(|page| page.items.len());
            let read = read.map(|page| {
                page.items.iter().map(|message| message.position.get()).collect::<Vec<_>>()
            });
            let answer = format!("{side} {first} {second}: {listed:?} {read:?}");
            wrong.extend((!own || answer.contains("Internal")).then(|| answer.clone()));
            seen.push(answer);
        }
    }
    (seen, wrong)
}

#[tokio::test]
async fn a_forged_cursor_leads_to_own_data_or_nowhere_on_every_store_alike() {
    let (mut first, mut all) = (None, Vec::new());
    for (name, fixture) in fixtures().await {
        let (seen, wrong) = forgeries(&*fixture).await;
        let memory: &Vec<String> = first.get_or_insert_with(|| seen.clone());
        let differ = memory.iter().zip(&seen).filter(|(one, other)| one != other).count();
        Trial::of(T11, format!("cursors forged with the caller's own seal, {name}"))
            .times(2 * seen.len())
            .wrong("answered with what is not the caller's, or with `Internal`", wrong.len())
            .wrong("answered unlike in memory", differ)
            .record();
        assert_eq!(differ, 0, "{name}");
        all.extend(wrong);
    }

    assert_eq!(all, [""; 0]);
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

/// Every altered cursor, and noise: what is not refused.
async fn accepted(fixture: &dyn Fixture) -> (usize, Vec<String>) {
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
    let (mut tried, mut accepted) = (0, Vec::new());
    for bytes in flipped.chain((0..400).map(noise)) {
        tried += 1;
        let parsed = BASE64_URL_SAFE_NO_PAD.encode(&bytes).parse::<Cursor>();
        let Ok(cursor) = parsed else {
            accepted.extend((!is_bad_cursor(&parsed)).then(|| format!("{parsed:?}")));
            continue;
        };
        let listed = store.list(ann, ConversationQuery::new(one).at(cursor)).await;
        let read = store.messages(ann, chat, MessageQuery::at(cursor, one)).await;
        let refused = is_bad_cursor(&listed) && is_bad_cursor(&read);
        accepted.extend((!refused).then(|| format!("{bytes:?}")));
    }
    let right = store.list(ann, ConversationQuery::new(one).at(given)).await;
    accepted.extend(right.err().map(|error| format!("the cursor that was given: {error}")));
    (tried, accepted)
}

fn noise(n: u64) -> Vec<u8> {
    let mut hasher = FnvHasher::default();
    let byte = |at| {
        hasher.write(&[at, n as u8, (n >> 8) as u8]);
        (hasher.finish() >> 24) as u8
    };
    (0..25 - n.is_multiple_of(3) as u8).map(byte).collect()
}

#[tokio::test]
async fn every_flipped_bit_and_all_noise_is_refused() {
    let mut all = Vec::new();
    for (name, fixture) in fixtures().await {
        let (tried, accepted) = accepted(&*fixture).await;
        Trial::of(T11, format!("cursors with a flipped bit, or of noise, {name}"))
            .times(tried)
            .wrong("not refused", accepted.len())
            .record();
        all.extend(accepted);
    }

    assert_eq!(all, [""; 0]);
}

#[tokio::test]
async fn stores_that_take_any_cursor_are_noticed() {
    let restarts = ["cursors::RestartsMessages", "cursors::RestartsListing"];
    let mut caught = 0;
    for (_, fixture, _) in
        flaws().into_iter().filter(|(it, ..)| restarts.iter().any(|r| it.contains(r)))
    {
        let (_, accepted) = accepted(&*fixture()).await;
        caught += usize::from(!accepted.is_empty());
    }

    control(T11, "a store that starts again at a bad cursor", caught, restarts.len());
    assert_eq!(caught, restarts.len());
}
