//! The statements of our store, as a server has received them: they cannot drift from the library's.

use scrollback::{
    ConversationId, ConversationQuery, ConversationStore, Limit, MessageQuery, NewMessage,
    SeaOrmStore, Turn, UserId,
};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, FromQueryResult, Statement};

use crate::contender::Result;

/// The texts for whoever sends the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statements {
    /// owner, conversation, after, up to, rows.
    pub(crate) messages: &'static str,
    /// owner, conversation, key, expected count, roles, contents, metadata.
    pub(crate) append: &'static str,
    /// owner, archived, time, id, rows.
    pub(crate) list: &'static str,
}

/// The types of the parameters, which the others bind by hand.
const MESSAGES: &str = "bigint,bigint,bigint,bigint,bigint";
const APPEND: &str = "bigint,bigint,text,integer,text[],text[],text[]";
const LIST: &str = "bigint,boolean,timestamp with time zone,bigint,bigint";

impl Statements {
    /// Has the store send each of them once, about what is not there, and asks the server for them.
    pub(crate) async fn capture(url: &str) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let store = SeaOrmStore::new(Database::connect(options).await?);
        let (nobody, nothing) = (UserId::new(0), ConversationId::new(0));
        let mut known = prepared(&store).await?;
        let _ = store.messages(nobody, nothing, MessageQuery::last(Limit::default())).await;
        let messages = new(&store, &mut known, MESSAGES).await?;
        let _ = store.append(nobody, nothing, Turn::new([NewMessage::user("?")])?).await;
        let append = new(&store, &mut known, APPEND).await?;
        store.list(nobody, ConversationQuery::default()).await?;
        let list = new(&store, &mut known, LIST).await?;
        store.close().await?;
        Ok(Self { messages, append, list })
    }
}

#[derive(Debug, FromQueryResult)]
struct Prepared {
    text: String,
    types: String,
}

async fn prepared(store: &SeaOrmStore<DatabaseConnection>) -> Result<Vec<Prepared>> {
    let sql = "SELECT statement AS text, array_to_string(parameter_types::text[], ',') AS types \
               FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared_statements%'";
    let backend = store.connection().get_database_backend();
    Ok(Prepared::find_by_statement(Statement::from_string(backend, sql))
        .all(store.connection())
        .await?)
}

/// The one that was not known before.
async fn new(
    store: &SeaOrmStore<DatabaseConnection>,
    known: &mut Vec<Prepared>,
    types: &str,
) -> Result<&'static str> {
    let old = std::mem::replace(known, prepared(store).await?);
    let mut new = known.iter().filter(|new| old.iter().all(|old| old.text != new.text));
    match (new.next(), new.next()) {
        (Some(new), None) if new.types == types => Ok(String::leak(new.text.clone())),
        (Some(new), None) => Err(format!("parameters are {}, not {types}", new.types).into()),
        _ => Err("the store has prepared none, or more than one, for one call".into()),
    }
}
