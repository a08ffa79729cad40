//! What a statement of the host's reaches that forgets the owner.

use scrollback::UserId;
use scrollback_proof::{Row, T1, T2, T8, Trial, control};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};

use super::Fenced;

/// None of them names an owner.
const READS: [&str; 5] = [
    "SELECT id FROM conversations",
    "SELECT id FROM messages",
    "SELECT m.content FROM conversations AS c JOIN messages AS m ON m.conversation_id = c.id",
    "SELECT 1 FROM conversations WHERE session_id IS NULL FOR UPDATE",
    "SELECT u.id FROM users AS u WHERE EXISTS (SELECT FROM messages AS m WHERE m.user_id = u.id)",
];

const CHANGES: [&str; 5] = [
    "UPDATE conversations SET title = 'seized' RETURNING 1",
    "UPDATE conversations SET user_id = user_id RETURNING 1",
    "UPDATE messages SET content = 'seized' RETURNING 1",
    "DELETE FROM messages RETURNING 1",
    "DELETE FROM conversations RETURNING 1",
];

/// Each adds a row for whoever has one already.
const ADDITIONS: [&str; 2] = [
    "INSERT INTO conversations (user_id, created_at, updated_at)
     SELECT id, now(), now() FROM users LIMIT 1 RETURNING 1",
    "INSERT INTO messages (user_id, conversation_id, created_at, position, turn_index, role, content)
     VALUES ({owner}, {chat}, now(), 99, 0, 'user', 'forged') RETURNING 1",
];

/// In which a statement may find the setting: never set, emptied by the end of a transaction, nobody.
const SETTINGS: [&str; 3] = [
    "SELECT 1",
    "SELECT set_config('scrollback.owner', '', true)",
    "SELECT set_config('scrollback.owner', '-1', true)",
];

/// The rows that the statements reach, each in a transaction that is rolled back.
async fn reached(db: &DatabaseConnection, setting: &str, statements: &[String]) -> usize {
    let statement = |sql: &str| Statement::from_string(db.get_database_backend(), sql);
    let mut rows = 0;
    for sql in statements {
        let transaction = db.begin().await.unwrap();
        transaction.query_all_raw(statement(setting)).await.unwrap();
        match transaction.query_all_raw(statement(sql)).await {
            Ok(answer) => rows += answer.len(),
            Err(refused) => {
                assert!(refused.to_string().contains("row-level security"), "{refused}")
            }
        }
        transaction.rollback().await.unwrap();
    }
    rows
}

/// The statements, with somebody and a conversation of theirs where one is needed.
async fn filled(database: &Fenced, statements: &[&str]) -> Vec<String> {
    let (owner, chat) = owner_and_chat(database).await;
    let fill = |sql: &&str| sql.replace("{owner}", &owner).replace("{chat}", &chat);
    statements.iter().map(fill).collect()
}

async fn owner_and_chat(database: &Fenced) -> (String, String) {
    let sql = "SELECT user_id, id FROM conversations LIMIT 1";
    let superuser = database.as_superuser().await;
    let sql = Statement::from_string(superuser.get_database_backend(), sql);
    let row = superuser.query_one_raw(sql).await.unwrap().unwrap();
    let number = |column| row.try_get_by_index::<i64>(column).unwrap().to_string();
    (number(0), number(1))
}

/// Tries them as the role that serves and as the one that owns the tables, then without the fence.
async fn forgetting(row: Row, what: &str, wrong: &str, statements: &[&str]) {
    let database = Fenced::new().await;
    database.somebody().await;
    database.somebody().await;
    let statements = filled(&database, statements).await;
    let roles = [database.as_server().await, database.as_maker().await];

    let (mut times, mut rows) = (0, 0);
    for role in &roles {
        for setting in SETTINGS {
            rows += reached(role, setting, &statements).await;
            times += statements.len();
        }
    }
    Trial::of(row, format!("{what} without an owner, under row level security"))
        .times(times)
        .wrong(wrong, rows)
        .record();
    assert_eq!(rows, 0);

    database.take_off().await;
    let mut caught = 0;
    for sql in &statements {
        let sql = std::slice::from_ref(sql);
        caught += usize::from(reached(&roles[0], SETTINGS[0], sql).await > 0);
    }
    let defect = format!("{what} without an owner, and without row level security");
    control(row, &defect, caught, statements.len());
    assert_eq!(caught, statements.len());
}

#[tokio::test]
async fn a_read_that_forgets_the_owner_sees_nothing() {
    forgetting(T1, "reads", "rows seen", &READS).await;
}

#[tokio::test]
async fn a_change_that_forgets_the_owner_changes_nothing() {
    forgetting(T2, "changes", "rows changed", &CHANGES).await;
}

#[tokio::test]
async fn a_row_cannot_be_added_without_an_owner() {
    forgetting(T8, "insertions", "rows added", &ADDITIONS).await;
}

/// The setting that names `owner`.
fn naming(owner: UserId) -> String {
    format!("SELECT set_config('scrollback.owner', '{}', true)", owner.get())
}

#[tokio::test]
async fn one_owners_name_opens_nothing_of_anothers() {
    let database = Fenced::new().await;
    let (ann, ben) = (database.somebody().await, database.somebody().await);
    let server = database.as_server().await;
    let of = |owner: UserId| {
        ["conversations", "messages"]
            .map(|table| format!("SELECT 1 FROM {table} WHERE user_id = {}", owner.get()))
    };
    let seize = [
        format!("UPDATE conversations SET user_id = {} RETURNING 1", ben.get()),
        format!(
            "INSERT INTO conversations (user_id, created_at, updated_at)
             VALUES ({}, now(), now()) RETURNING 1",
            ben.get()
        ),
    ];

    let own = reached(&server, &naming(ann), &of(ann)).await;
    let others = reached(&server, &naming(ann), &of(ben)).await;
    let given_away = reached(&server, &naming(ann), &seize).await;

    Trial::of(
        T2,
        "statements with one owner's name for rows of another's, under row level security",
    )
    .times(of(ben).len() + seize.len())
    .wrong("rows reached", others + given_away)
    .figure("rows of the owner's own that were seen", own)
    .record();
    assert_eq!((own, others, given_away), (3, 0, 0));
}
