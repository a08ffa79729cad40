//! A store that groups, and calls that are sure to share a statement.

use futures_util::{
    TryStreamExt,
    future::{join, join_all},
};
use scrollback::{
    Appended, ConversationId, ConversationStore, ConversationStoreExt, GroupingStore, Limit,
    MessageQuery, NewConversation, NewMessage, Pool, Result, SeaOrmStore, Tables, Turn, TurnKey,
    UserId, conformance::Fixture,
};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, TransactionTrait,
};
use tokio::task::JoinHandle;

use crate::{database::OnPostgres, faults::rows, support::cluster};

/// What a shared statement begins with.
pub(crate) const SHARED: &str = "WITH call AS";

pub(super) const ALL: MessageQuery = MessageQuery::first(Limit::MAX);

/// A database, and a store on it that has one statement under way at a time.
pub(super) struct Bench<C = Pool> {
    pub(super) store: GroupingStore<C>,
    pub(super) database: OnPostgres,
    pub(super) ann: UserId,
    /// Takes locks, and looks on.
    pub(super) admin: DatabaseConnection,
}

impl Bench {
    pub(super) async fn new() -> Self {
        // What waits for a lock has one of them.
        Self::at(&cluster().url(), 4).await
    }

    pub(super) async fn at(url: &str, connections: u32) -> Self {
        let database = OnPostgres::new().await;
        let store = database.store_at(url, connections).await;
        Self::over(database, store).await
    }
}

impl<C: ConnectionTrait + Clone + Send + Sync + 'static> Bench<C> {
    /// With a connection of the caller's choice to the tables of `database`.
    pub(super) async fn over(database: OnPostgres, store: SeaOrmStore<C>) -> Self {
        let ann = database.owner().await;
        // It looks on while it holds a lock.
        let options = database.schema().options(cluster().url()).max_connections(4).to_owned();
        let admin = Database::connect(options).await.unwrap();
        let store = GroupingStore::new(store).with_max_statements(1);
        Self { store, database, ann, admin }
    }

    pub(super) async fn chat(&self) -> ConversationId {
        self.chat_of(self.ann).await
    }

    pub(super) async fn chat_of(&self, owner: UserId) -> ConversationId {
        let store = self.database.sql_store();
        store.create(owner, NewConversation::new()).await.unwrap().id
    }

    /// The texts of a conversation.
    pub(super) async fn texts(&self, owner: UserId, chat: ConversationId) -> Vec<String> {
        let messages = self.database.sql_store().walk_messages(owner, chat);
        let messages: Vec<_> = messages.try_collect().await.unwrap();
        let positions: Vec<_> = messages.iter().map(|message| message.position.get()).collect();
        assert_eq!(positions, (1..=messages.len() as u32).collect::<Vec<_>>());
        let count = self.database.sql_store().get(owner, chat).await.unwrap().message_count;
        assert_eq!(count as usize, messages.len(), "the counter and the messages differ");
        messages.iter().map(|message| message.content.to_string()).collect()
    }

    /// Locks a conversation, as somebody else's transaction does.
    pub(super) async fn lock(&self, chat: ConversationId) -> DatabaseTransaction {
        let lock = self.admin.begin().await.unwrap();
        let sql = format!("UPDATE conversations SET archived = archived WHERE id = {chat}");
        lock.execute_unprepared(&sql).await.unwrap();
        lock
    }

    /// Waits until a session waits for such a lock.
    pub(super) async fn until_blocked(&self) {
        let schema = self.database.schema().name();
        let waiting = format!(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{schema}%'"
        );
        while rows(&self.admin, &waiting).await.is_empty() {}
    }

    /// Has a statement under way until what is returned ends it.
    pub(super) async fn occupy(&self) -> Occupied {
        let chat = self.chat().await;
        let lock = self.lock(chat).await;
        let (store, ann) = (self.store.clone(), self.ann);
        let call = tokio::spawn(async move { store.append(ann, chat, turn("occupies")).await });
        self.until_blocked().await;
        Occupied { lock, call }
    }

    /// Makes calls while a statement is under way, so that they share the next.
    pub(super) async fn together<T>(
        &self,
        calls: impl IntoIterator<Item = impl Future<Output = T>>,
    ) -> Vec<T> {
        let occupied = self.occupy().await;
        // All calls are polled, and wait, before the lock goes.
        let calls = join_all(calls);
        join(calls, async { drop(occupied.end().await.unwrap()) }).await.0
    }

    /// An append of Ann's.
    pub(super) async fn append(&self, chat: ConversationId, turn: Turn) -> Result<Appended> {
        self.store.append(self.ann, chat, turn).await
    }
}

pub(super) struct Occupied {
    lock: DatabaseTransaction,
    pub(super) call: JoinHandle<Result<Appended>>,
}

impl Occupied {
    /// Lets the statement end.
    pub(super) async fn end(self) -> Result<Appended> {
        self.lock.rollback().await.unwrap();
        self.call.await.unwrap()
    }

    /// Lets the caller go away, while the statement goes on.
    pub(super) async fn abandon(self) -> DatabaseTransaction {
        self.call.abort();
        assert!(self.call.await.unwrap_err().is_cancelled());
        self.lock
    }
}

pub(super) fn turn(text: &str) -> Turn {
    Turn::new([NewMessage::user(text)]).unwrap()
}

pub(super) fn keyed(text: &str, key: &str) -> Turn {
    turn(text).with_key(TurnKey::new(key).unwrap())
}

/// The positions of an answer.
pub(super) fn positions(answer: &Result<Appended>) -> Vec<u32> {
    let messages = &answer.as_ref().unwrap().messages;
    messages.iter().map(|message| message.position.get()).collect()
}

/// The tables of `database`, over a connection of the caller's choice.
pub(super) fn store_over<C: ConnectionTrait>(
    database: &OnPostgres,
    connection: C,
) -> SeaOrmStore<C> {
    let tables = Tables::default().with_schema(database.schema().name()).unwrap();
    SeaOrmStore::new(connection).with_tables(tables)
}
