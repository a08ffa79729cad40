//! A conversation or a user with very many messages is deleted, while others go on.

use std::time::{Duration, Instant};

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Error, Limit, MessageQuery,
    NewConversation, NewMessage, SeaOrmStore, Turn, UserId,
};
use scrollback_proof::{F15, I10, I14, Row, T14, Trial, control};
use sea_orm::{ConnectionTrait, TransactionTrait};
use tokio::task::{JoinHandle, yield_now};

use super::{
    Place, from_env,
    place::{execute, number},
};
use crate::support::Cluster;

type Store = SeaOrmStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_with_very_many_messages_is_deleted() {
    let bench = Bench::with(very_many(), 1).await;
    let (store, owner, chat) = (bench.patient(), bench.place.owner(), bench.chats[0]);

    let deleting = async move { store.delete(owner, chat, None).await };

    bench.measure(("conversations with very many messages, deleted", I10), deleting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_very_many_messages_is_erased() {
    let bench = Bench::with(very_many(), 100).await;
    let (store, owner) = (bench.patient(), bench.place.owner());

    let erasing = async move { store.erase(owner).await.map(|_| ()) };

    bench.measure(("users with very many messages, erased", I14), erasing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_outlive_their_conversation_are_found() {
    let bench = Bench::with(1_000, 1).await;
    let drop = "ALTER TABLE messages DROP CONSTRAINT messages_conversation_fkey";
    execute(&bench.place, drop).await;

    bench.store.delete(bench.place.owner(), bench.chats[0], None).await.unwrap();

    let (orphans, _) = bench.left().await;
    for row in [F15, I10, I14] {
        control(row, "messages without their foreign key", orphans > 0, 1);
    }
    assert!(orphans > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_locks_out_others_is_found() {
    let bench = Bench::with(1_000, 1).await;
    let locking = bench.store.clone().into_connection().begin().await.unwrap();
    locking.execute_unprepared("LOCK TABLE messages").await.unwrap();
    let locking = SeaOrmStore::new(locking);
    locking.delete(bench.place.owner(), bench.chats[0], None).await.unwrap();
    let hurried = bench.store.clone().with_deadline(Duration::from_millis(200));

    let ended = tokio::spawn(async {});
    let others = Others::until(&ended, &hurried, bench.other, bench.others).await;
    locking.into_connection().commit().await.unwrap();

    for row in [F15, T14] {
        control(row, "a deletion that locks the table in its transaction", others.refused > 0, 1);
    }
    assert!(others.refused > 0);
}

fn very_many() -> u64 {
    from_env("SCROLLBACK_DELETE_MESSAGES").unwrap_or(20_000)
}

/// A server of its own, so that what it writes is what the deletion writes.
struct Bench {
    _cluster: Cluster,
    place: Place,
    store: Store,
    messages: u64,
    chats: Vec<ConversationId>,
    /// Somebody else, and a conversation of theirs.
    other: UserId,
    others: ConversationId,
}

impl Bench {
    async fn with(messages: u64, chats: u64) -> Self {
        let cluster = Cluster::start();
        let place = Place::at(cluster.url()).await;
        let store = place.sql_store(4).await;
        let mut ids = Vec::new();
        for _ in 0..chats {
            let chat = store.create(place.owner(), NewConversation::new()).await.unwrap();
            fill(&place, chat.id, messages / chats).await;
            ids.push(chat.id);
        }
        execute(&place, "VACUUM ANALYZE messages").await;
        let other = store.ensure_user("ben").await.unwrap();
        let others = store.create(other, NewConversation::new()).await.unwrap().id;
        Self { _cluster: cluster, place, store, messages, chats: ids, other, others }
    }

    /// What is tried is whether it is done wholly; how long it takes is the machine's to say.
    fn patient(&self) -> Store {
        self.store.clone().with_deadline(Duration::from_secs(300))
    }

    async fn measure(
        &self,
        (what, invariant): (&str, Row),
        deletion: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) {
        let quiet = self.quiet().await;
        let wal = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
        let connection = self.place.sql_store(1).await.into_connection();
        let before = number(&connection, wal).await;
        let started = Instant::now();

        let deleting = tokio::spawn(async move {
            let answer = deletion.await;
            (answer, started.elapsed())
        });
        let others = Others::until(&deleting, &self.store, self.other, self.others).await;
        let (answer, took) = deleting.await.unwrap();
        let visible = self.visible().await;

        let wal = (number(&connection, wal).await - before) / 1_000_000;
        let (orphans, rows) = self.left().await;
        for row in [F15, T14, invariant] {
            Trial::of(row, what)
                .wrong("not answered in time", answer.is_err())
                .wrong("still found by a call that came after", visible)
                .wrong("orphans", orphans.unsigned_abs())
                .wrong("rows left", rows.unsigned_abs())
                .wrong("calls of another user that failed meanwhile", others.refused)
                .figure("messages", self.messages)
                .figure("its one transaction, ms", took.as_millis())
                .figure("rows a second", (self.messages as f64 / took.as_secs_f64()) as u64)
                .figure("WAL, MB, with that of the others", wal)
                .figure("calls of another user meanwhile", others.waits.len())
                .figure("p99 of these, ms", others.p99())
                .figure("p99 of such calls before, ms", quiet.p99())
                .record();
        }
        answer.unwrap();
        assert_eq!((visible, orphans, rows, others.refused), (0, 0, 0, 0));
    }

    /// What the calls of the other user cost when nothing is deleted.
    async fn quiet(&self) -> Others {
        let mut quiet = Others::default();
        for _ in 0..100 {
            quiet.call(&self.store, self.other, self.others).await;
        }
        quiet
    }

    /// How many ways still lead to what was deleted.
    async fn visible(&self) -> usize {
        let (store, owner, query) = (&self.store, self.place.owner(), MessageQuery::last);
        let mut visible = 0;
        for chat in &self.chats {
            let late = Turn::new([NewMessage::user("late")]).unwrap();
            let page = store.messages(owner, *chat, query(Limit::default())).await;
            visible += usize::from(!matches!(page, Err(Error::NotFound)));
            let chat_of = store.get(owner, *chat).await;
            visible += usize::from(!matches!(chat_of, Err(Error::NotFound)));
            let appended = store.append(owner, *chat, late).await;
            visible += usize::from(!matches!(appended, Err(Error::NotFound)));
        }
        visible + store.list(owner, ConversationQuery::default()).await.unwrap().items.len()
    }

    /// Messages without a conversation, and all rows of the owner.
    async fn left(&self) -> (i64, i64) {
        let connection = self.place.sql_store(1).await.into_connection();
        let orphans = "SELECT count(*) FROM messages AS m WHERE NOT EXISTS
            (SELECT FROM conversations AS c WHERE (c.user_id, c.id) = (m.user_id, m.conversation_id))";
        let owner = self.place.owner().get();
        let rows = format!(
            "SELECT (SELECT count(*) FROM messages WHERE user_id = {owner})
                + (SELECT count(*) FROM conversations WHERE user_id = {owner})"
        );
        (number(&connection, orphans).await, number(&connection, &rows).await)
    }
}

/// What somebody else's calls came to.
#[derive(Default)]
struct Others {
    waits: Vec<Duration>,
    refused: usize,
}

impl Others {
    /// Calls until the other work has ended, and at least once.
    async fn until<T>(
        work: &JoinHandle<T>,
        store: &Store,
        owner: UserId,
        chat: ConversationId,
    ) -> Self {
        let mut others = Self::default();
        loop {
            others.call(store, owner, chat).await;
            if work.is_finished() {
                return others;
            }
            yield_now().await;
        }
    }

    async fn call(&mut self, store: &Store, owner: UserId, chat: ConversationId) {
        let turn = Turn::new([NewMessage::user("meanwhile")]).unwrap();
        let started = Instant::now();
        let appended = store.append(owner, chat, turn).await.is_ok();
        self.waits.push(started.elapsed());
        let started = Instant::now();
        let read = store.messages(owner, chat, MessageQuery::last(Limit::default())).await.is_ok();
        self.waits.push(started.elapsed());
        self.refused += usize::from(!appended) + usize::from(!read);
    }

    fn p99(&self) -> String {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        format!("{:.1}", waits[waits.len() * 99 / 100].as_secs_f64() * 1_000.0)
    }
}

/// Set-up by one statement: turns of two, as the store would have stored them.
async fn fill(place: &Place, chat: ConversationId, messages: u64) {
    let (owner, chat) = (place.owner().get(), chat.get());
    let sql = format!(
        "INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role,
           turn_key, content)
         SELECT {owner}, {chat}, now(), n, 1 + (n - 1) % 2, 'user', 'turn ' || (n + 1) / 2,
           repeat('a message ', 20) || n
         FROM generate_series(1, {messages}) AS n;
         UPDATE conversations SET message_count = {messages} WHERE (user_id, id) = ({owner}, {chat})"
    );
    execute(place, &sql).await;
}
