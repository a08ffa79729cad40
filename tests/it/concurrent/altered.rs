//! Histories of a right store, altered: the checker must find what could not be seeded into a store.

use std::sync::Arc;

use scrollback::UserId;
use scrollback_proof::{F14, I3, I5, control};

use super::{Append, Clock, Fault, History, check, create, lists, load, load::memory};

type List = Vec<(u32, u64)>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn turns_that_changed_places_and_positions_that_are_missing_are_found() {
    let (history, lists) = recorded().await;
    let found = |fault, alter: fn(&mut History, &mut [List])| {
        let (mut history, mut lists) = (history.clone(), lists.clone());
        alter(&mut history, &mut lists);
        check(&history, &lists).iter().any(|(found, _)| *found == fault)
    };

    let (swapped, gap) = (found(Fault::Swapped, swap), found(Fault::Gap, leave_out));

    for row in [F14, I5] {
        control(row, "two turns of a recorded history in each other's places", swapped, 1);
    }
    for row in [F14, I3] {
        control(row, "a position left out of a recorded history", gap, 1);
    }
    assert!(swapped && gap, "swapped: {swapped}, gap: {gap}");
}

async fn recorded() -> (History, Vec<List>) {
    let folder = tempfile::tempdir().unwrap();
    let (store, owner) = (memory(), UserId::new(1));
    let chats = create(&store, owner, 3).await;
    let load = load(owner, chats, 100, 0);
    let clock = Clock::at(&folder.path().join("clock"));
    let history = load.clone().run(Arc::clone(&store), &clock).await;
    let lists = lists(&store, owner, &load.chats).await;
    assert_eq!(check(&history, &lists), []);
    (history, lists)
}

/// As a store would that gives out positions before it knows who comes first.
fn swap(history: &mut History, lists: &mut [List]) {
    history.reads.clear();
    history.counts.clear();
    history.appends.sort_by_key(|append| (append.chat, append.answer.map(|answer| answer.first)));
    let pair = history.appends.windows(2).position(|pair| one_after_the_other(&pair[0], &pair[1]));
    let at = pair.expect("two turns of one size follow each other");
    let [one, next] = &mut history.appends[at..at + 2] else { unreachable!() };
    for index in 0..one.size {
        let place = |append: &Append| (append.answer.unwrap().first + index - 1) as usize;
        let (earlier, later) = (place(one), place(next));
        lists[one.chat][earlier].1 = next.value(index);
        lists[one.chat][later].1 = one.value(index);
    }
    let (earlier, later) = (one.answer.as_mut().unwrap(), next.answer.as_mut().unwrap());
    std::mem::swap(&mut earlier.first, &mut later.first);
}

fn one_after_the_other(one: &Append, next: &Append) -> bool {
    let returned = one.answer.map(|answer| answer.returned);
    one.chat == next.chat && one.size == next.size && returned < Some(next.invoked)
}

/// As a store would that counts on a sequence, which keeps nothing back.
fn leave_out(_: &mut History, lists: &mut [List]) {
    for (position, _) in lists[0].iter_mut().skip(10) {
        *position += 1;
    }
}
