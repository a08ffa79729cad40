//! Whether store and tables fit: found by `connect`, or told by `preflight`.

use scrollback::{
    ConversationStore, Error, NewConversation, SeaOrmStore, UserId, Users,
    preflight::{Preflight, Problem, RowSecurity, Warning},
};
use sea_orm::ConnectionTrait;

use super::Fenced;
use crate::faults::rows;

/// What is said about the fence.
fn warned(report: &Preflight) -> Vec<Warning> {
    let fence = [Warning::RowSecurityBypassed, Warning::RowSecurityOff];
    report.warnings().into_iter().filter(|warning| fence.contains(warning)).collect()
}

#[tokio::test]
async fn connect_names_the_owner_by_itself_where_the_tables_are_fenced() {
    let database = Fenced::new().await;
    let ann = database.somebody().await;

    let store = SeaOrmStore::connect(&database.url()).await.unwrap();
    let report = store.preflight().await.unwrap();

    assert_eq!((report.row_security, report.names_owner), (RowSecurity::On, Some(true)));
    assert_eq!((report.problems(), warned(&report)), (vec![], vec![]));
    assert!(store.create(ann, NewConversation::new()).await.is_ok());
}

#[tokio::test]
async fn a_store_that_was_not_told_finds_nothing_and_is_told_why() {
    let database = Fenced::new().await;
    let ann = database.somebody().await;
    let chat = database.sql_store().create(ann, NewConversation::new()).await.unwrap();
    let unaware = database.unaware_store_at(&database.url(), 1).await;

    let found = unaware.get(ann, chat.id).await;
    let created = unaware.create(ann, NewConversation::new()).await;
    let report = unaware.preflight().await.unwrap();

    assert!(matches!(found, Err(Error::NotFound)), "{found:?}");
    assert!(matches!(&created, Err(Error::Setup { .. })), "{created:?}");
    assert_eq!(report.problems(), [Problem::OwnerNotNamed]);
    for text in [report.check().unwrap_err().to_string(), created.unwrap_err().to_string()] {
        assert!(text.contains("with_row_security"), "{text}");
    }
}

/// An erasure that hides what it leaves would be a false receipt.
#[tokio::test]
async fn a_store_that_was_not_told_erases_nothing_and_says_so() {
    let database = Fenced::new().await;
    let ann = database.somebody().await;
    let unaware = database.unaware_store_at(&database.url(), 1).await;

    for refused in [unaware.erase(ann).await, unaware.forget_user(ann).await] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Error::Setup { .. }), "{refused:?}");
        assert!(refused.to_string().contains("with_row_security"), "{refused}");
    }

    assert_eq!(database.sql_store().forget_user(ann).await.unwrap().messages, 2);
}

#[tokio::test]
async fn a_fence_around_one_table_holds_a_store_that_was_not_told() {
    let database = Fenced::new().await;
    let half = "ALTER TABLE conversations DISABLE ROW LEVEL SECURITY";
    database.as_maker().await.execute_unprepared(half).await.unwrap();

    let unaware = database.unaware_store_at(&database.url(), 1).await.preflight().await.unwrap();
    let told = database.sql_store().preflight().await.unwrap();

    assert_eq!(
        (unaware.row_security, unaware.problems()),
        (RowSecurity::Partly, vec![Problem::OwnerNotNamed])
    );
    assert_eq!((told.problems(), warned(&told)), (vec![], vec![Warning::RowSecurityBypassed]));
}

#[tokio::test]
async fn a_transaction_begun_by_a_store_names_the_owner_as_it_does() {
    let database = Fenced::new().await;
    let (ann, _ben) = (database.somebody().await, database.somebody().await);

    let store = database.sql_store().begin().await.unwrap();
    let chat = store.create(ann, NewConversation::new()).await.unwrap();
    let seen = rows(store.connection(), "SELECT 1 FROM conversations").await.len();
    store.into_connection().commit().await.unwrap();

    assert_eq!(seen, 2, "Ann's conversations, and not Ben's");
    assert_eq!(database.sql_store().get(ann, chat.id).await.unwrap(), chat);
}

#[tokio::test]
async fn a_user_who_may_not_be_deleted_is_erased_and_the_role_is_told_so() {
    let database = Fenced::new().await;
    let (store, ann) = (database.sql_store(), database.somebody().await);
    let role = store.preflight().await.unwrap().role.unwrap().name;
    let revoke = format!("REVOKE DELETE ON users FROM {role}");
    database.as_maker().await.execute_unprepared(&revoke).await.unwrap();

    let refused = store.forget_user(ann).await.unwrap_err();

    assert!(refused.to_string().contains("everything is erased but"), "{refused}");
    assert!(matches!(refused, Error::Setup { .. }), "{refused:?}");
    assert_eq!(store.erase(ann).await.unwrap().messages, 0);
}

#[tokio::test]
async fn a_store_that_names_the_owner_to_nobody_works_and_is_told_the_price() {
    let database = Fenced::new().await;
    database.take_off().await;
    let store = database.sql_store();

    let ann = database.somebody().await;
    let report = store.preflight().await.unwrap();

    assert!(store.create(ann, NewConversation::new()).await.is_ok());
    assert_eq!(report.problems(), []);
    assert_eq!(warned(&report), [Warning::RowSecurityOff]);
}

#[tokio::test]
async fn a_role_that_the_fence_does_not_hold_is_warned() {
    let database = Fenced::new().await;
    let superuser = SeaOrmStore::new(database.as_superuser().await);
    let maker = SeaOrmStore::new(database.as_maker().await).with_row_security();

    let of_superuser = superuser.preflight().await.unwrap();
    let forced = maker.preflight().await.unwrap();
    let unforce = "ALTER TABLE messages NO FORCE ROW LEVEL SECURITY";
    maker.clone().into_connection().execute_unprepared(unforce).await.unwrap();
    let unforced = maker.preflight().await.unwrap();

    assert_eq!(of_superuser.row_security, RowSecurity::Bypassed);
    assert_eq!(warned(&of_superuser), [Warning::RowSecurityBypassed]);
    assert_eq!(forced.row_security, RowSecurity::On);
    assert_eq!(warned(&unforced), [Warning::RowSecurityBypassed]);
}

#[tokio::test]
async fn sqlite_has_none_and_says_so() {
    let store = SeaOrmStore::connect("sqlite::memory:").await.unwrap();
    store.migrate(&Users::Unchecked).await.unwrap();

    let store = store.with_row_security();
    let call = store.create(UserId::new(1), NewConversation::new()).await.unwrap_err();
    let migrated = store.migrate(&Users::Unchecked).await.unwrap_err();

    for refused in [call, migrated] {
        assert!(matches!(refused, Error::Setup { .. }), "{refused:?}");
        assert!(refused.to_string().contains("PostgreSQL's"), "{refused}");
    }
}
