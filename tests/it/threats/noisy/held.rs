//! A user whose statements stop in their middle, on PostgreSQL.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use scrollback::{
    ConversationId, ConversationStore, NewConversation, NewMessage, Result, SeaOrmStore, Turn,
    UserId,
    conformance::Fixture,
    limit::{MAX_CONTENT_BYTES, MAX_TURN_BYTES},
};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait,
};
use tokio::task::JoinHandle;

use super::{Calls, Scene};
use crate::{database::OnPostgres, support::cluster};

pub(super) type Store = SeaOrmStore;

/// 16 messages of 4 MiB, which is all that a turn may hold: metadata counts as well.
pub(super) fn greatest() -> Turn {
    let content = "x".repeat(MAX_CONTENT_BYTES - 64);
    let messages =
        (0..MAX_TURN_BYTES / MAX_CONTENT_BYTES).map(|_| NewMessage::user(content.as_str()));
    Turn::new(messages).unwrap()
}

/// Long enough for a machine that does much else; nothing waits for it.
pub(super) const PATIENT: Duration = Duration::from_secs(60);

/// Holds the statements of the noisy user in their middle, until it lets go.
pub(super) struct Held {
    database: OnPostgres,
    noisy: UserId,
    chat: ConversationId,
    admin: DatabaseConnection,
}

const MESSAGES: i64 = 2_000;

impl Held {
    /// With a conversation of many messages, whose deletion stops half-way, as does an append to it.
    pub(super) async fn new() -> Self {
        // Two calls at a time, beside a lock and whoever looks on.
        let database = OnPostgres::with_pools_of(4).await;
        let mut options = database.schema().options(cluster().url());
        options.max_connections(4);
        let admin = Database::connect(options).await.unwrap();
        let noisy = database.owner().await;
        let chat = database.sql_store().create(noisy, NewConversation::new()).await.unwrap().id;
        let (user, id, schema) = (noisy.get(), chat.get(), database.schema().name());
        let sql = format!(
            "INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
               SELECT {user}, {id}, now(), n, 1, 'user', 'x' FROM generate_series(1, {MESSAGES}) AS n;
             UPDATE conversations SET message_count = {MESSAGES} WHERE user_id = {user};
             CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
               PERFORM pg_advisory_xact_lock(hashtext('{schema}'), 1);
               IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END$$;
             CREATE TRIGGER hold_append BEFORE INSERT ON messages FOR EACH ROW
               WHEN (NEW.user_id = {user} AND NEW.position = {MESSAGES} + 8) EXECUTE FUNCTION hold();
             CREATE TRIGGER hold_delete BEFORE DELETE ON messages FOR EACH ROW
               WHEN (OLD.user_id = {user} AND OLD.position = {MESSAGES} / 2) EXECUTE FUNCTION hold()"
        );
        admin.execute_unprepared(&sql).await.unwrap();
        Self { database, noisy, chat, admin }
    }

    /// A defect: every write takes a lock that all owners share.
    pub(super) async fn with_one_lock_for_all(self) -> Self {
        let schema = self.database.schema().name();
        let sql = format!(
            "CREATE FUNCTION queue() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
               PERFORM pg_advisory_xact_lock(hashtext('{schema}'), 2); RETURN NULL; END$$;
             CREATE TRIGGER queue BEFORE INSERT OR UPDATE OR DELETE ON conversations
               FOR EACH STATEMENT EXECUTE FUNCTION queue()"
        );
        self.admin.execute_unprepared(&sql).await.unwrap();
        self
    }

    async fn number(&self, sql: &str) -> Option<i32> {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.admin.query_one_raw(statement).await.unwrap();
        row.map(|row| row.try_get_by_index(0).unwrap())
    }

    /// The session that has come to the middle of its statement.
    async fn stopped(&self, call: &JoinHandle<Result<()>>) -> i32 {
        let schema = self.database.schema().name();
        let sql = format!(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
             AND classid = (hashtext('{schema}')::bigint & 4294967295)::oid AND objid = 1"
        );
        loop {
            if let Some(pid) = self.number(&sql).await {
                return pid;
            }
            assert!(!call.is_finished(), "the call did not come to its middle");
        }
    }

    /// How often it was looked, and how often a session of anybody waited for that one.
    async fn watch(&self, pid: i32, done: &AtomicBool) -> (u64, u64) {
        let sql = format!(
            "SELECT count(*)::int FROM pg_stat_activity WHERE {pid} = ANY (pg_blocking_pids(pid))"
        );
        let (mut samples, mut waiting) = (0, 0);
        while !done.load(Ordering::Relaxed) {
            samples += 1;
            waiting += u64::from(self.number(&sql).await != Some(0));
        }
        (samples, waiting)
    }

    /// Has the quiet user call everything while the noisy one's call stands still.
    pub(super) async fn meanwhile(&self, noisy: Noisy, deadline: Duration) -> (Calls, u64, u64) {
        let store = Arc::new(self.database.sql_store().clone().with_deadline(deadline));
        let scene = Scene::set(&self.database, store).await;
        let schema = self.database.schema().name();
        let gate = self.admin.begin().await.unwrap();
        let hold = format!("SELECT pg_advisory_xact_lock(hashtext('{schema}'), 1)");
        gate.execute_unprepared(&hold).await.unwrap();
        let call = noisy.start(self.database.sql_store(), self.noisy, self.chat);
        let pid = self.stopped(&call).await;

        let (mut calls, done) = (Calls::default(), AtomicBool::new(false));
        let quiet = async {
            calls.add(&scene, |_| true).await;
            done.store(true, Ordering::Relaxed);
        };
        let ((), (samples, waiting)) = tokio::join!(quiet, self.watch(pid, &done));

        gate.rollback().await.unwrap();
        call.await.unwrap().unwrap();
        (calls, samples, waiting)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Noisy {
    Append,
    Delete,
}

impl Noisy {
    fn start(self, store: &Store, user: UserId, chat: ConversationId) -> JoinHandle<Result<()>> {
        let store = store.clone().with_deadline(5 * PATIENT);
        tokio::spawn(async move {
            match self {
                Self::Append => store.append(user, chat, greatest()).await.map(drop),
                Self::Delete => store.delete(user, chat, None).await,
            }
        })
    }
}
