//! The attacks put to servers that are wrong: each must notice the defect that it is there for.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::LocalBoxFuture};
use scrollback::{
    MemoryStore,
    conformance::{Clones, Fixture},
};
use scrollback_proof::{F11, I7, Row, T1, T2, T6, T10, T13, control};
use tokio::time::timeout;

use super::{flaws, gone, heads, shared, slow};
use crate::http::{app::Seed, headers, idempotency, mass_assignment, matrix::Findings};

/// An attack on a server; what it finds wrong.
type Attack = fn(Seed) -> LocalBoxFuture<'static, Vec<String>>;

/// How long to wait for a server that may wait for ever; all attacks together take less.
const PATIENCE: Duration = Duration::from_secs(3);

macro_rules! noticed {
    ($($row:ident $flaw:ident by $attack:path;)*) => {
        /// The promise, the defect, the server that has it, and the attack that must notice it.
        const NOTICED: &[(Row, &str, Seed, Attack)] = &[
            $(($row, stringify!($flaw), flaws::$flaw, |seed| Box::pin(async move { $attack(seed).await.1 }))),*
        ];
    };
}

noticed! {
    T6 takes_the_owner_from_a_header by owners_beside_the_body;
    T1 takes_the_owner_from_a_header by heads::fields_obeyed_elsewhere;
    T6 takes_the_owner_from_the_body by mass_assignment::fields_of_others;
    T10 says_that_it_is_somebody_elses by matrix;
    T2 takes_other_sites by requests_of_other_sites;
    T2 takes_other_sites by heads::other_sites_dressed_up;
    T2 trusts_the_forwarded_host by heads::other_sites_dressed_up;
    T2 obeys_another_method by heads::fields_obeyed_elsewhere;
    T1 remembers_the_caller by shared::requests_on_one_connection;
    T13 reads_bodies_before_the_router_does by slow::trickling_bodies;
    T13 reads_bodies_before_the_router_does by slow::endless_bodies;
    I7 ignores_the_key by idempotency::requests_sent_again;
    F11 ends_with_its_client by gone::left_before_the_reply;
}

/// What asserts by itself finds nothing, or panics.
async fn owners_beside_the_body(seed: Seed) -> (usize, Vec<String>) {
    mass_assignment::owners_beside_the_body(seed).await;
    (1, Vec::new())
}

async fn requests_of_other_sites(seed: Seed) -> (usize, Vec<String>) {
    headers::requests_of_other_sites(seed).await;
    (1, Vec::new())
}

async fn matrix(seed: Seed) -> (usize, Vec<String>) {
    let fixture: Arc<dyn Fixture> = Arc::new(Clones::new(MemoryStore::new()));
    let Findings { cells, wrong } = Findings::of(&fixture, seed).await;
    (cells, wrong)
}

#[tokio::test]
async fn every_defect_of_a_server_is_noticed_by_the_attack_that_is_there_for_it() {
    let mut missed = Vec::new();

    for (row, flaw, seed, attack) in NOTICED {
        let found = timeout(PATIENCE, AssertUnwindSafe(attack(*seed)).catch_unwind()).await;
        let noticed = !matches!(found, Ok(Ok(wrong)) if wrong.is_empty());
        control(*row, &format!("over HTTP: a server that {flaw}"), u64::from(noticed), 1_u64);
        if !noticed {
            missed.push(*flaw);
        }
    }

    assert_eq!(missed, Vec::<&str>::new());
}
