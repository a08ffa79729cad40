//! One bad call among good ones fails alone.

use std::sync::Arc;

use scrollback::{
    Conflict, ConversationId, ConversationStore, Error, UserId, conformance::Fixture,
};
use sea_orm::{ConnectionTrait, Statement};

use super::bench::{ALL, Bench, keyed, positions, store_over, turn};
use crate::{database::OnPostgres, threats::Tampered};

/// What came of calls that share a statement with foreign ones: the answers, and Ben's conversation.
async fn among_foreign<C>(bench: &Bench<C>) -> (Vec<String>, Vec<String>, u32)
where
    C: ConnectionTrait + Clone + Send + Sync + 'static,
{
    let ben = bench.database.owner().await;
    let (of_ann, of_ben) = (bench.chat().await, bench.chat_of(ben).await);
    let stored = bench.database.sql_store().append(ben, of_ben, keyed("secret", "k")).await;
    stored.unwrap();
    let unknown = ConversationId::new(i64::MAX);

    let calls = [
        (of_ann, turn("first")),
        (of_ben, turn("forged")),
        (unknown, turn("nowhere")),
        (of_ben, keyed("secret", "k")),
        (of_ben, turn("expected").with_expected_count(1)),
        (of_ann, turn("second")),
    ];
    let answers = bench.together(calls.map(|(chat, turn)| bench.append(chat, turn))).await;

    let kind = |error: &Error| error.kind().to_owned();
    let answers =
        answers.iter().map(|answer| answer.as_ref().map_or_else(kind, |_| "ok".to_owned()));
    let answers = answers.collect();
    let sql = format!("SELECT message_count FROM conversations WHERE id = {of_ben}");
    let counter = crate::faults::rows(&bench.admin, &sql).await;
    let counter: i32 = counter[0].try_get_by_index(0).unwrap();
    assert_eq!(bench.texts(bench.ann, of_ann).await, ["first", "second"]);
    let messages = bench.database.sql_store().messages(ben, of_ben, ALL).await;
    let texts = messages.unwrap().items.iter().map(|message| message.content.to_string()).collect();
    (answers, texts, counter.unsigned_abs())
}

const RIGHT: [&str; 6] = ["ok", "not_found", "not_found", "not_found", "not_found", "ok"];

#[tokio::test]
async fn foreign_and_unknown_conversations_are_not_found_among_ones_own() {
    let bench = Bench::new().await;

    let (answers, texts, counter) = among_foreign(&bench).await;

    assert_eq!(answers, RIGHT);
    assert_eq!((texts, counter), (vec!["secret".to_owned()], 1));
}

#[tokio::test]
async fn a_shared_statement_without_the_owner_is_found() {
    for predicate in ["c.user_id = fresh.user_id AND ", "c.user_id = locked.user_id AND "] {
        let database = OnPostgres::new().await;
        let connection = database.schema().connect().await;
        let tampered = Tampered::altering(connection, move |statement| {
            let sql = statement.sql.replace(predicate, "");
            Statement { sql, ..statement }
        });
        let store = store_over(&database, tampered);
        let bench = Bench::over(database, store).await;
        let twin = twin(&bench).await;

        let (answers, texts, counter) = among_foreign(&bench).await;
        let answer = bench.together([0, 1].map(|_| bench.append(twin.1, turn("twin")))).await;

        let count =
            format!("SELECT message_count FROM conversations WHERE user_id = {}", twin.0.get());
        let count = crate::faults::rows(&bench.admin, &count).await;
        let untouched = count[0].try_get_by_index::<i32>(0).unwrap() == 0;
        let right = answers == RIGHT && texts == ["secret"] && counter == 1;
        let caught = !right || !untouched || answer.iter().any(Result::is_err);
        assert!(caught, "without `{predicate}` nothing was noticed");
    }
}

/// Another owner with a conversation of the same number as one of Ann's.
async fn twin<C>(bench: &Bench<C>) -> (UserId, ConversationId)
where
    C: ConnectionTrait + Clone + Send + Sync + 'static,
{
    let (ben, chat) = (bench.database.owner().await, bench.chat().await);
    let sql = format!(
        "INSERT INTO conversations (user_id, id, created_at, updated_at)
         OVERRIDING SYSTEM VALUE VALUES ({}, {chat}, now(), now())",
        ben.get()
    );
    bench.admin.execute_unprepared(&sql).await.unwrap();
    (ben, chat)
}

#[tokio::test]
async fn conversations_of_one_number_are_kept_apart_by_their_owners() {
    let bench = Bench::new().await;
    let (ben, chat) = twin(&bench).await;
    let calls = [(ben, "b"), (bench.ann, "a"), (ben, "d"), (bench.ann, "c")];

    let calls = calls.map(|(owner, text)| bench.store.append(owner, chat, turn(text)));
    let answers = bench.together(calls).await;

    assert_eq!(answers.iter().map(positions).collect::<Vec<_>>(), [[1], [1], [2], [2]]);
    assert_eq!(bench.texts(ben, chat).await, ["b", "d"]);
    assert_eq!(bench.texts(bench.ann, chat).await, ["a", "c"]);
}

#[tokio::test]
async fn a_conflict_is_the_conflict_of_its_own_call() {
    let bench = Bench::new().await;
    let (used, moved, good) = (bench.chat().await, bench.chat().await, bench.chat().await);
    let sql = bench.database.sql_store();
    let first = sql.append(bench.ann, used, keyed("a", "k")).await.unwrap();
    sql.append(bench.ann, moved, turn("a")).await.unwrap();

    let answers = bench
        .together([
            bench.append(good, turn("b").with_expected_count(0)),
            bench.append(used, keyed("another", "k")),
            bench.append(moved, turn("late").with_expected_count(0)),
            bench.append(used, keyed("a", "k")),
            bench.append(moved, keyed("late", "k").with_expected_count(7)),
        ])
        .await;

    assert_eq!(positions(&answers[0]), [1]);
    assert!(matches!(answers[1], Err(Error::Conflict(Conflict::KeyReused))), "{:?}", answers[1]);
    assert!(matches!(answers[2], Err(Error::Conflict(Conflict::Moved))), "{:?}", answers[2]);
    assert_eq!(answers[3].as_ref().unwrap().messages, first.messages);
    assert!(matches!(answers[4], Err(Error::Conflict(Conflict::Moved))), "{:?}", answers[4]);
    assert_eq!(bench.texts(bench.ann, moved).await, ["a"]);
}

/// Has the database refuse a content by a code.
async fn refuse(bench: &Bench, code: &str) {
    let schema = bench.database.schema().name();
    let sql = format!(
        "CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN IF NEW.content = 'bad' THEN RAISE SQLSTATE '{code}'; END IF; RETURN NEW; END$$;
         CREATE TRIGGER refuse BEFORE INSERT ON {schema}.messages
           FOR EACH ROW EXECUTE FUNCTION {schema}.refuse()"
    );
    bench.admin.execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn what_the_database_refuses_is_refused_alone() {
    for (code, kind) in [
        // A unique index, a check, a foreign key, a statement that took too long, a lost deadlock.
        ("23505", "internal"),
        ("23514", "internal"),
        ("23503", "not_found"),
        ("57014", "busy"),
        ("40P01", "busy"),
    ] {
        let bench = Bench::new().await;
        refuse(&bench, code).await;
        let chats = [bench.chat().await, bench.chat().await, bench.chat().await];
        let texts = ["good", "bad", "good too"];

        let calls = chats.iter().zip(texts).map(|(chat, text)| bench.append(*chat, turn(text)));
        let answers = bench.together(calls).await;

        assert_eq!((positions(&answers[0]), positions(&answers[2])), (vec![1], vec![1]), "{code}");
        assert_eq!(answers[1].as_ref().map_err(Error::kind).unwrap_err(), kind, "{code}");
        assert_eq!(bench.texts(bench.ann, chats[1]).await, [""; 0], "{code}");
        assert_eq!(bench.texts(bench.ann, chats[2]).await, ["good too"], "{code}");
    }
}

#[tokio::test]
async fn a_conversation_that_somebody_has_locked_holds_up_nobody_else() {
    let bench = Arc::new(Bench::new().await);
    let (locked, free) = (bench.chat().await, bench.chat().await);
    let lock = bench.lock(locked).await;
    let late = |text: &'static str| {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.append(locked, turn(text)).await })
    };

    let occupied = bench.occupy().await;
    let calls = [bench.append(free, turn("a")), bench.append(free, turn("b"))];
    let waiting = [late("1"), late("2")];
    let calls = futures_util::future::join_all(calls);
    let (answers, _) = futures_util::future::join(calls, occupied.end()).await;
    // The lock is still there. What comes now comes after what waits for it.
    bench.until_blocked().await;
    let third = late("3");
    let other = bench.append(free, turn("c")).await;
    lock.rollback().await.unwrap();

    assert_eq!(answers.iter().map(positions).collect::<Vec<_>>(), [[1], [2]]);
    assert_eq!(positions(&other), [3]);
    for (call, position) in waiting.into_iter().chain([third]).zip(1..) {
        assert_eq!(positions(&call.await.unwrap()), [position]);
    }
    assert_eq!(bench.texts(bench.ann, locked).await, ["1", "2", "3"]);
}
