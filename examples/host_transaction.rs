//! Messages that are stored together with the host's own rows, or not at all:
//! `cargo run --example host_transaction`.

#![expect(clippy::print_stdout, reason = "it shows what is stored")]

use std::error::Error;

use clap::Parser;
use scrollback::{
    ConversationId, ConversationStore, Limit, MessageQuery, NewConversation, NewMessage,
    SeaOrmStore, Turn, UserId, Users,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

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
    let db = store.into_connection();
    db.execute_unprepared("CREATE TABLE IF NOT EXISTS tea_orders (item text NOT NULL)").await?;

    let before = stored(&db, ann, chat).await?;
    order(&db, ann, chat, "green tea", Decision::Confirm).await?;
    let confirmed = stored(&db, ann, chat).await?;
    order(&db, ann, chat, "black tea", Decision::Cancel).await?;
    let cancelled = stored(&db, ann, chat).await?;

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
    db: &DatabaseConnection,
    owner: UserId,
    chat: ConversationId,
    item: &str,
    decision: Decision,
) -> Result<(), Box<dyn Error>> {
    let transaction = db.begin().await?;
    transaction
        .execute_unprepared(&format!("INSERT INTO tea_orders (item) VALUES ('{item}')"))
        .await?;

    // The store takes the open transaction, works inside it, and gives it back.
    let store = SeaOrmStore::new(transaction);
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
    db: &DatabaseConnection,
    owner: UserId,
    chat: ConversationId,
) -> Result<(usize, usize), Box<dyn Error>> {
    let orders = db.query_all_raw(sea_orm::Statement::from_string(
        db.get_database_backend(),
        "SELECT item FROM tea_orders",
    ));
    let messages = MessageQuery::last(Limit::MAX);
    let messages = SeaOrmStore::new(db.clone()).messages(owner, chat, messages).await?;
    Ok((orders.await?.len(), messages.items.len()))
}
