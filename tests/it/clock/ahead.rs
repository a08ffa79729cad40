//! Times of the tables that are ahead of the clock, as after a clock that has been set right.

use scrollback::{
    ConversationId, ConversationStore, ConversationUpdate, NewConversation, NewMessage, Pool, Turn,
    UserId, conformance::Fixture,
};
use scrollback_proof::{F10, Trial, control};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{
    database::{OnPostgres, OnSqlite},
    threats::Tampered,
};

/// Both databases, with a user each.
async fn databases() -> [(&'static str, Box<dyn Fixture>, Pool); 2] {
    let (postgres, sqlite) = (OnPostgres::new().await, OnSqlite::new().await);
    let to_postgres = postgres.schema().connect().await.into();
    let to_sqlite = sqlite.sql_store().clone().into_connection();
    [
        ("postgres", Box::new(postgres) as _, to_postgres),
        ("sqlite", Box::new(sqlite) as _, to_sqlite),
    ]
}

async fn set_ahead(database: &Pool, chat: ConversationId) {
    let hour = match database.get_database_backend() {
        DbBackend::Postgres => "interval '1 hour'",
        _ => "3600000000",
    };
    let set = "UPDATE conversations SET updated_at = updated_at +";
    database.execute_unprepared(&format!("{set} {hour} WHERE id = {chat}")).await.unwrap();
}

/// Changes a conversation of the future in every way; the ways that made no later version.
async fn standing(
    store: &dyn ConversationStore,
    database: &Pool,
    owner: UserId,
) -> Vec<&'static str> {
    let chat = store.create(owner, NewConversation::new()).await.unwrap().id;
    set_ahead(database, chat).await;
    let mut last = store.get(owner, chat).await.unwrap().version();
    let mut standing = Vec::new();
    for change in ["update", "append", "append with a key", "update of its version"] {
        let keyed = |turn: Turn| turn.with_key("key".parse().unwrap());
        let turn = Turn::new(["a", "b"].map(NewMessage::user)).unwrap();
        let update = ConversationUpdate::new();
        match change {
            "append" => drop(store.append(owner, chat, turn).await.unwrap()),
            "append with a key" => drop(store.append(owner, chat, keyed(turn)).await.unwrap()),
            "update" => drop(store.update(owner, chat, update).await.unwrap()),
            _ => {
                let update = update.with_expected_version(last);
                drop(store.update(owner, chat, update).await.unwrap());
            }
        }
        let version = store.get(owner, chat).await.unwrap().version();
        standing.extend((version <= last).then_some(change));
        last = version;
    }
    standing
}

#[tokio::test]
async fn every_change_makes_a_later_version_while_the_clock_is_behind() {
    let mut all = Vec::new();
    for (name, fixture, database) in databases().await {
        let (store, owner) = (fixture.store().await, fixture.owner().await);

        let standing = standing(&*store, &database, owner).await;

        Trial::of(F10, format!("changes of a conversation whose time is an hour ahead, {name}"))
            .times(4)
            .wrong("that made no later version", standing.len())
            .record();
        all.extend(standing);
    }
    assert_eq!(all, [""; 0]);
}

/// `greatest(updated_at, clock_timestamp())` and `max(updated_at, ?)`: never earlier, and not later either.
fn never_earlier(statement: Statement) -> Statement {
    let sql = statement.sql.replace(" + interval '1 microsecond'", "");
    Statement { sql: sql.replace("updated_at + 1", "updated_at"), ..statement }
}

#[tokio::test]
async fn a_statement_that_only_keeps_the_time_is_noticed() {
    for (name, fixture, database) in databases().await {
        let store = Tampered::altering(database.clone(), never_earlier).store();
        let owner = fixture.owner().await;

        let standing = standing(&*store, &database, owner).await;

        let what = format!("changes whose time is never earlier, and not later either, {name}");
        control(F10, &what, standing.len(), 4);
        assert_eq!(standing.len(), 4, "{standing:?}");
    }
}
