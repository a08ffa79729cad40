//! A server that was asleep costs time, and no call.

use std::time::{Duration, Instant};

use scrollback::{
    Connect, ConversationId, ConversationStore, Error, Limit, MessageQuery, NewConversation,
    NewMessage, Result, SeaOrmStore, Turn, TurnKey, UserId, conformance::Fixture,
};
use scrollback_proof::{F18, Trial, control};

use super::asleep::{Asleep, Sleeper};
use crate::{database::OnPostgres, support::cluster};

type Store = SeaOrmStore;

const ROUNDS: usize = 3;

/// Three seconds would do, but not on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(30);

fn patient(url: &str) -> Connect {
    Connect::new(url).unwrap().with_acquire_timeout(PATIENCE)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_asleep_costs_time_and_no_call() {
    let night = Night::new().await;
    let mut sleeper = Sleeper::before(cluster()).await;
    let patient = patient(sleeper.url()).with_max_connections(2);
    let store = night.database.store_through(patient).await.with_deadline(PATIENCE);
    let mut nights = 0;
    for (asleep, calls) in NIGHTS {
        let (mut failed, mut longest) = (Vec::new(), Duration::ZERO);
        for _ in 0..ROUNDS {
            nights += 1;
            for &first in calls {
                sleeper.sleep(asleep).await;
                let started = Instant::now();
                let answer = night.call(first, &store, sleeper.url(), nights).await;
                longest = longest.max(started.elapsed());
                failed.extend(answer.err().map(|error| (first, error)));
            }
        }

        let stored = store.get(night.owner, night.chat).await.unwrap().message_count;
        let what = format!("first calls to a server that sleeps, whose proxy {}", asleep.name());
        Trial::of(F18, what)
            .times(ROUNDS * calls.len())
            .wrong("failed", failed.len())
            .wrong("turns lost or doubled", stored.abs_diff(nights))
            .figure("longest", format!("{} ms", longest.as_millis()))
            .record();
        assert!(failed.is_empty(), "{asleep:?}: {failed:?}");
        assert_eq!(stored, nights);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_before_the_server_is_up_fails() {
    let night = Night::new().await;
    let mut sleeper = Sleeper::before(cluster()).await;
    let store = night.database.store_through(patient(sleeper.url())).await;
    let hasty = store.with_deadline(Duration::from_millis(100));
    sleeper.sleep(Asleep::Holds).await;

    let answer = night.call(First::Read, &hasty, sleeper.url(), 0).await;

    let caught = matches!(answer, Err(Error::Busy(_)));
    control(F18, "a deadline of 0.1 s where the server needs 0.5 s to wake up", caught, 1);
    assert!(caught, "{answer:?}");
}

/// What comes first after the server fell asleep.
#[derive(Clone, Copy, Debug)]
enum First {
    Read,
    Append,
    Connect,
}

/// Whoever opens a store is told at once that nobody listens: the URL may be wrong.
const NIGHTS: [(Asleep, &[First]); 2] = [
    (Asleep::Holds, &[First::Read, First::Append, First::Connect]),
    (Asleep::Refuses, &[First::Read, First::Append]),
];

struct Night {
    database: OnPostgres,
    owner: UserId,
    chat: ConversationId,
}

impl Night {
    async fn new() -> Self {
        let database = OnPostgres::new().await;
        let owner = database.owner().await;
        let chat = database.sql_store().create(owner, NewConversation::new()).await.unwrap().id;
        Self { database, owner, chat }
    }

    async fn call(&self, first: First, store: &Store, url: &str, round: u32) -> Result<()> {
        match first {
            First::Read => {
                let query = MessageQuery::last(Limit::default());
                store.messages(self.owner, self.chat, query).await.map(drop)
            }
            First::Append => self.append(store, round).await,
            First::Connect => Ok(patient(url).open().await.map(drop)?),
        }
    }

    /// Once more when it is in doubt: the connection was closed while it slept.
    async fn append(&self, store: &Store, round: u32) -> Result<()> {
        let message = NewMessage::user("Good morning");
        let turn = Turn::new([message])?.with_key(TurnKey::new(format!("night {round}"))?);
        match store.append(self.owner, self.chat, turn.clone()).await {
            Err(Error::OutcomeUnknown(_)) => store.append(self.owner, self.chat, turn).await,
            answer => answer,
        }
        .map(drop)
    }
}
