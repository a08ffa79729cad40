//! T10: what PostgreSQL is sent for a foreign thing is what it is sent for an unknown one.

use std::sync::Arc;

use scrollback::{ConversationStore, conformance::Fixture};
use scrollback_proof::{T10, Trial, control};
use sea_orm::{ConnectOptions, Database};

use super::{matrix::Scene, rows::ROWS, tampered::Tampered};
use crate::{
    database::OnPostgres,
    support::{Wire, cluster},
};

/// How many targets were compared, how many statements were read, and which calls sent others.
async fn compared(
    fixture: &dyn Fixture,
    wire: &Wire,
    store: Arc<dyn ConversationStore>,
) -> (usize, usize, Vec<String>) {
    let (mut tried, mut read, mut differ) = (0, 0, Vec::new());
    for row in ROWS {
        let scene = Scene::set(fixture, Arc::clone(&store)).await;
        let sent = async |target| {
            let start = wire.now();
            (row.call)(&*scene.store, scene.caller, target).await;
            let sent = wire.since(start);
            let statements: Vec<_> = sent.statements().into_iter().map(str::to_owned).collect();
            (statements, sent.round_trips(), sent.parses())
        };
        // Once before, so that it is prepared.
        sent(&scene.unknown).await;
        let unknown = sent(&scene.unknown).await;
        for (kind, target) in &scene.others {
            let other = sent(target).await;
            tried += 1;
            read += other.0.len();
            differ.extend((other != unknown).then(|| format!("{}, {kind}", row.name())));
        }
    }
    (tried, read, differ)
}

#[tokio::test]
async fn foreign_and_unknown_send_the_same_statements() {
    let database = OnPostgres::new().await;
    let wire = Wire::start(cluster()).await;
    // One connection: a second one would prepare its statements anew.
    let store = Arc::new(database.store_at(&wire.url(), 1).await);

    let (tried, read, differ) = compared(&database, &wire, store).await;

    Trial::of(T10, "calls compared on the wire with that for an unknown thing, postgres")
        .times(tried)
        .wrong("other statements, round trips or preparations", differ.len())
        .figure("statements read off the wire", read)
        .record();
    assert_eq!(differ, [""; 0]);
}

#[tokio::test]
async fn a_store_that_looks_whose_it_is_is_noticed() {
    let database = OnPostgres::new().await;
    let wire = Wire::start(cluster()).await;
    let mut options: ConnectOptions = database.schema().options(wire.url());
    options.max_connections(1);
    let connection = Database::connect(options).await.unwrap();
    let store = Tampered::looking_again(connection).store();

    let (.., differ) = compared(&database, &wire, store).await;

    let caught = differ.iter().any(|call| call.starts_with("get ") && call.contains("foreign"));
    control(
        T10,
        "a store that looks whose the thing is, and answers the same",
        usize::from(caught),
        1,
    );
    assert!(caught, "{differ:?}");
}
