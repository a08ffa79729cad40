//! What arrives together is one statement; what arrives alone is sent as ever.

use scrollback::{ConversationStore, Metadata, NewMessage, Turn, conformance::Fixture};
use serde_json::json;

use super::bench::{ALL, Bench, SHARED, keyed, positions, turn};
use crate::support::{Wire, cluster};

/// How many shared statements were sent, and how many statements in all.
fn statements(wire: &Wire, since: usize) -> (usize, usize) {
    let traffic = wire.since(since);
    let all = traffic.statements();
    (all.iter().filter(|sql| sql.starts_with(SHARED)).count(), all.len())
}

#[tokio::test]
async fn a_call_that_arrives_alone_is_one_statement_and_one_round_trip() {
    let wire = Wire::start(cluster()).await;
    let bench = Bench::at(&wire.url(), 1).await;
    let chat = bench.chat().await;
    bench.append(chat, turn("prepared now")).await.unwrap();

    for turn in [turn("a"), keyed("b", "key"), turn("c").with_expected_count(3)] {
        let start = wire.now();
        bench.append(chat, turn).await.unwrap();
        let sent = wire.since(start);

        assert_eq!((sent.statements().len(), sent.round_trips(), sent.parses()), (1, 1, 0));
        assert_eq!(statements(&wire, start), (0, 1));
    }
}

#[tokio::test]
async fn calls_of_several_owners_that_arrive_together_share_a_statement() {
    let wire = Wire::start(cluster()).await;
    let bench = Bench::at(&wire.url(), 1).await;
    let ben = bench.database.owner().await;
    let mut chats = Vec::new();
    for number in 0..8 {
        let owner = if number % 2 == 0 { bench.ann } else { ben };
        chats.push((owner, bench.chat_of(owner).await, number.to_string()));
    }
    let start = wire.now();

    let calls = chats.iter().map(|(owner, chat, text)| {
        let answer = NewMessage::assistant(format!("{text}, answered"))
            .with_metadata(Metadata::new(json!({ "n": text })).unwrap());
        let turn = Turn::new([NewMessage::user(text.as_str()), answer]).unwrap();
        bench.store.append(*owner, *chat, turn)
    });
    let answers = bench.together(calls).await;

    assert_eq!(statements(&wire, start), (1, 2), "one that occupied, one for all others");
    for ((owner, chat, text), answer) in chats.iter().zip(answers) {
        let appended = answer.unwrap();
        let stored = bench.database.sql_store().messages(*owner, *chat, ALL).await;
        assert!(!appended.replayed);
        assert_eq!(appended.messages, stored.unwrap().items);
        assert_eq!(bench.texts(*owner, *chat).await, [text.clone(), format!("{text}, answered")]);
    }
}

#[tokio::test]
async fn turns_of_one_conversation_share_a_statement_in_the_order_of_their_arrival() {
    let wire = Wire::start(cluster()).await;
    let bench = Bench::at(&wire.url(), 1).await;
    let chat = bench.chat().await;
    bench.append(chat, keyed("0", "stored before")).await.unwrap();
    let turns = [
        turn("1"),
        keyed("2", "two"),
        Turn::new([NewMessage::user("3"), NewMessage::user("4")]).unwrap(),
        keyed("0", "stored before"),
        keyed("5", "five"),
        turn("6"),
    ];
    let start = wire.now();

    let answers = bench.together(turns.map(|turn| bench.append(chat, turn))).await;

    let texts: Vec<_> = answers.iter().map(positions).collect();
    assert_eq!(texts, [vec![2], vec![3], vec![4, 5], vec![1], vec![6], vec![7]]);
    assert!(answers[3].as_ref().unwrap().replayed);
    assert_eq!(bench.texts(bench.ann, chat).await, ["0", "1", "2", "3", "4", "5", "6"]);
    // The replay is an append of its own, and a look at what is stored.
    assert_eq!(statements(&wire, start), (1, 4));
}

#[tokio::test]
async fn a_turn_that_expects_a_count_finds_what_arrived_before_it() {
    let bench = Bench::new().await;
    let chat = bench.chat().await;
    let turns = [
        turn("1").with_expected_count(0),
        turn("2"),
        turn("3").with_expected_count(2),
        keyed("4", "k"),
        keyed("4", "k"),
        turn("5"),
    ];

    let answers = bench.together(turns.map(|turn| bench.append(chat, turn))).await;

    let found: Vec<_> = answers.iter().map(positions).collect();
    assert_eq!(found, [[1], [2], [3], [4], [4], [5]]);
    assert!(answers[4].as_ref().unwrap().replayed && !answers[3].as_ref().unwrap().replayed);
    assert_eq!(bench.texts(bench.ann, chat).await, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn more_than_a_statement_holds_is_sent_by_several() {
    let wire = Wire::start(cluster()).await;
    let bench = Bench::at(&wire.url(), 1).await;
    let chat = bench.chat().await;
    let start = wire.now();

    let calls = (0..150).map(|number| bench.append(chat, turn(&number.to_string())));
    let answers = bench.together(calls).await;

    assert_eq!(statements(&wire, start), (3, 4));
    let texts = bench.texts(bench.ann, chat).await;
    for (number, answer) in answers.iter().enumerate() {
        let position = positions(answer)[0] as usize;
        assert_eq!(texts[position - 1], number.to_string());
    }
}

#[tokio::test]
async fn the_store_behind_sends_a_statement_for_every_call() {
    let wire = Wire::start(cluster()).await;
    let bench = Bench::at(&wire.url(), 1).await;
    let chats = [bench.chat().await, bench.chat().await, bench.chat().await];
    let start = wire.now();

    let calls = chats.map(|chat| bench.store.ungrouped().append(bench.ann, chat, turn("alone")));
    futures_util::future::try_join_all(calls).await.unwrap();

    assert_eq!(statements(&wire, start), (0, 3), "what the counts above are compared with");
}
