//! Messages that are stored together with the host's own rows, or not at all:
//! `cargo run --example host_transaction`.

#![expect(clippy::print_stdout, reason = "it shows what is stored")]

use std::error::Error;

use clap::Parser;
use scrollback::{
    ConversationId, ConversationStore, Limit, MessageQuery, NewConversation, NewMessage,
    SeaOrmStore, Turn, UserId, Users,
};
use sea_orm::{ConnectionTrait, Statement};

/// Orders tea in a chat: the order is the host's row, the words about it are messages.
#[derive(Parser)]
struct Args {
    /// Where both are kept: a sqlite:// or postgres:// URL
    #[arg(long, default_value = "sqlite::memory:")]
    database_url: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = SeaOrmStore::connect(&Args::parse().database_url).await?;
    store.migrate(&Users::Managed).await?;
    let ann = store.ensure_user("ann").await?;
    let chat = store.create(ann, NewConversation::new()).await?.id;
    let table = "CREATE TABLE IF NOT EXISTS tea_orders (item text NOT NULL)";
    store.connection().execute_unprepared(table).await?;

    let before = stored(&store, ann, chat).await?;
    order(&store, ann, chat, "green tea", Decision::Confirm).await?;
    let confirmed = stored(&store, ann, chat).await?;
    order(&store, ann, chat, "black tea", Decision::Cancel).await?;
    let cancelled = stored(&store, ann, chat).await?;

    println!("orders and messages: {before:?}");
    println!("after a commit:      {confirmed:?}");
    println!("after a rollback:    {cancelled:?}");
    assert_eq!(confirmed, (before.0 + 1, before.1 + 2));
    assert_eq!(cancelled, confirmed);
    Ok(())
}

enum Decision {
    Confirm,
    Cancel,
}

async fn order(
    store: &SeaOrmStore,
    owner: UserId,
    chat: ConversationId,
    item: &str,
    decision: Decision,
) -> Result<(), Box<dyn Error>> {
    // The host's statements and the store's are in one transaction.
    let store = store.begin().await?;
    let connection = store.connection();
    let insert = "INSERT INTO tea_orders (item) VALUES ($1)";
    let insert =
        Statement::from_sql_and_values(connection.get_database_backend(), insert, [item.into()]);
    connection.execute_raw(insert).await?;
    let said = [NewMessage::user(format!("A {item}, please.")), NewMessage::assistant("Ordered.")];
    store.append(owner, chat, Turn::new(said)?).await?;

    let transaction = store.into_connection();
    match decision {
        Decision::Confirm => transaction.commit().await?,
        Decision::Cancel => transaction.rollback().await?,
    }
    Ok(())
}

/// How many orders there are, and how many messages `chat` holds.
async fn stored(
    store: &SeaOrmStore,
    owner: UserId,
    chat: ConversationId,
) -> Result<(usize, usize), Box<dyn Error>> {
    let db = store.connection();
    let orders = db.query_all_raw(Statement::from_string(
        db.get_database_backend(),
        "SELECT item FROM tea_orders",
    ));
    let messages = MessageQuery::last(Limit::MAX);
    let messages = store.messages(owner, chat, messages).await?;
    Ok((orders.await?.len(), messages.items.len()))
}
