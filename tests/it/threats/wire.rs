//! T10: what PostgreSQL is sent for a foreign thing is what it is sent for an unknown one.

use std::sync::Arc;

use super::{matrix::Scene, rows::ROWS};
use crate::{
    database::OnPostgres,
    support::{Wire, cluster},
};

#[tokio::test]
async fn foreign_and_unknown_send_the_same_statements() {
    let database = OnPostgres::new().await;
    let wire = Wire::start(cluster()).await;
    // One connection: a second one would prepare its statements anew.
    let store = Arc::new(database.store_at(&wire.url(), 1).await);

    for row in ROWS {
        let scene = Scene::set(&database, Arc::<_>::clone(&store) as _).await;
        let sent = async |target| {
            let start = wire.now();
            (row.call)(&*scene.store, scene.caller, target).await;
            let sent = wire.since(start);
            let statements: Vec<_> = sent.statements().into_iter().map(str::to_owned).collect();
            (statements, sent.round_trips())
        };
        // Once before, so that it is prepared.
        sent(&scene.unknown).await;
        let unknown = sent(&scene.unknown).await;

        for (kind, target) in &scene.others {
            assert_eq!(sent(target).await, unknown, "{}, {kind}", row.name());
        }
    }
}

#[tokio::test]
async fn one_statement_more_would_be_noticed() {
    let database = OnPostgres::new().await;
    let wire = Wire::start(cluster()).await;
    let store = Arc::new(database.store_at(&wire.url(), 1).await);
    let scene = Scene::set(&database, store).await;

    let start = wire.now();
    scene.store.get(scene.caller, scene.unknown.chat).await.unwrap_err();
    let once = wire.since(start).statements().len();
    scene.store.get(scene.caller, scene.unknown.chat).await.unwrap_err();
    let twice = wire.since(start).statements().len();

    assert_eq!((once, twice), (1, 2));
}
