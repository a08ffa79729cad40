//! F3: a pool full of connections that the server has ended.

use scrollback::{ConversationStore, Error, NewConversation, NewMessage, Turn, TurnKey};

use super::{
    bench::{Bench, rows, unique, with_parameter},
    sessions::terminate,
};
use crate::support::cluster;

const CONNECTIONS: u32 = 8;

#[tokio::test]
async fn one_broken_connection_warns_of_the_others() {
    let (bench, application) = (Bench::postgres().await, unique("stale"));
    let url = with_parameter(&cluster().url(), "application_name", &application);
    let (watcher, side) = (bench.watcher().await, bench.side(&url, CONNECTIONS).await);
    let (store, ann) = (&side.store, side.owner("ann").await);
    let chat = store.create(ann, NewConversation::new()).await.unwrap().id;
    let fill = (0..CONNECTIONS).map(|_| store.get(ann, chat));
    futures_util::future::try_join_all(fill).await.unwrap();
    let open = format!("SELECT 1 FROM pg_stat_activity WHERE application_name = '{application}'");
    let open = rows(&watcher.pool(), &open).await.len();
    assert!(open > 4, "{open} connections are no full pool");
    terminate(&watcher, &application).await;

    let mut unknown = 0;
    for _ in 0..CONNECTIONS {
        let turn = Turn::new([NewMessage::user("hello")]).unwrap().with_key(TurnKey::generate());
        match store.append(ann, chat, turn).await {
            Ok(_) => {}
            Err(Error::OutcomeUnknown(_)) => unknown += 1,
            Err(other) => panic!("{other:?}"),
        }
    }

    // The second is on its way before the pool has found out about the first.
    assert!(unknown <= 2, "{unknown} of {open} broken connections cost a call");
}
