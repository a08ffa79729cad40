//! Versions of conversations whose turns share a statement.

use scrollback::{ConversationId, ConversationStore};
use sea_orm::{ConnectionTrait, Statement};

use super::bench::{Bench, store_over, turn};
use crate::{database::OnPostgres, threats::Tampered};

/// Two turns of one conversation and one of another share a statement, while both are ahead of the clock;
/// which of them got a later version, and a time of its messages that is that of the conversation.
async fn grew<C>(bench: &Bench<C>) -> [bool; 2]
where
    C: ConnectionTrait + Clone + Send + Sync + 'static,
{
    let chats = [bench.chat().await, bench.chat().await];
    let ahead = "UPDATE conversations SET updated_at = updated_at + interval '1 hour'";
    bench.admin.execute_unprepared(ahead).await.unwrap();
    let look = async |chat: ConversationId| bench.store.get(bench.ann, chat).await.unwrap();
    let before = [look(chats[0]).await, look(chats[1]).await];

    let calls = [(chats[0], "a"), (chats[1], "b"), (chats[0], "c")];
    let calls = calls.map(|(chat, text)| bench.append(chat, turn(text)));
    let answers = bench.together(calls).await;

    let mut grew = [true, true];
    for (number, answer) in [0, 1, 0].into_iter().zip(answers) {
        let now = look(chats[number]).await;
        let stored = answer.unwrap().messages;
        grew[number] &= now.version() > before[number].version();
        grew[number] &= stored.iter().all(|message| message.created_at == now.updated_at);
    }
    grew
}

#[tokio::test]
async fn turns_that_share_a_statement_make_one_later_version_while_the_clock_is_behind() {
    assert_eq!(grew(&Bench::new().await).await, [true, true]);
}

#[tokio::test]
async fn a_shared_statement_that_only_keeps_the_time_is_noticed() {
    let database = OnPostgres::new().await;
    let connection = database.schema().connect().await;
    let tampered = Tampered::altering(connection, |statement| {
        let sql = statement.sql.replace(" + interval '1 microsecond'", "");
        Statement { sql, ..statement }
    });
    let store = store_over(&database, tampered);

    assert_eq!(grew(&Bench::over(database, store).await).await, [false, false]);
}
