//! The checker on small histories: it accepts the right one and names what is wrong with the others.

use super::{
    checker::{Fault, check},
    history::{Answer, Append, Count, From, History, Read},
};

/// Two turns one after the other, a reader of both kinds, and a turn without an answer.
struct Case {
    history: History,
    list: Vec<(u32, u64)>,
}

fn case() -> Case {
    let history = History {
        appends: vec![
            append(1, 2, 10, Some((20, 1))),
            append(2, 3, 30, Some((40, 3))),
            append(3, 1, 50, None),
        ],
        reads: vec![
            read(From::After(0), 3, (21, 29), (1, &[4, 5])),
            read(From::Last, 2, (41, 49), (4, &[9, 10])),
            read(From::Before(4), 2, (42, 48), (2, &[5, 8])),
        ],
        counts: vec![Count { chat: 0, invoked: 22, returned: 31, count: 5 }],
        ..History::default()
    };
    Case { history, list: (1..).zip([4, 5, 8, 9, 10]).collect() }
}

fn append(turn: u64, size: u32, invoked: u64, answer: Option<(u64, u32)>) -> Append {
    let answer = answer.map(|(returned, first)| Answer { returned, first });
    Append { chat: 0, turn, size, invoked, answer }
}

fn read(from: From, limit: u32, at: (u64, u64), (first, values): (u32, &[u64])) -> Read {
    let (invoked, returned) = at;
    Read { chat: 0, invoked, returned, from, limit, page: Some((first, values.to_vec())) }
}

fn faults(change: impl FnOnce(&mut Case)) -> Vec<Fault> {
    let mut case = case();
    change(&mut case);
    let mut faults: Vec<_> = check(&case.history, &[case.list, Vec::new()])
        .into_iter()
        .map(|(fault, _)| fault)
        .collect();
    faults.sort_unstable();
    faults.dedup();
    faults
}

#[test]
fn a_right_history_has_no_fault() {
    assert_eq!(faults(|_| {}), []);
}

#[test]
fn a_turn_without_an_answer_may_be_there() {
    assert_eq!(faults(|case| case.list.push((6, 12))), []);
}

#[test]
fn a_gap_is_found() {
    assert_eq!(faults(|case| case.list[4].0 = 6), [Fault::Gap]);
}

#[test]
fn an_invented_message_is_found() {
    assert_eq!(faults(|case| case.list.push((6, 400))), [Fault::Invented]);
}

#[test]
fn a_turn_in_another_conversation_is_found() {
    assert!(faults(|case| case.history.appends[0].chat = 1).contains(&Fault::Invented));
}

#[test]
fn a_doubled_turn_is_found() {
    assert_eq!(faults(|case| case.list.extend([(6, 4), (7, 5)])), [Fault::Doubled]);
}

#[test]
fn a_torn_turn_is_found() {
    let torn = faults(|case| {
        case.list.pop();
    });

    assert!(torn.contains(&Fault::Torn), "{torn:?}");
}

#[test]
fn a_turn_torn_by_another_is_found() {
    let torn = faults(|case| {
        case.list = (1..).zip([4, 8, 5, 9, 10]).collect();
    });

    assert!(torn.contains(&Fault::Torn), "{torn:?}");
}

#[test]
fn a_lost_turn_is_found() {
    let lost = faults(|case| {
        case.history.reads.clear();
        case.history.counts.clear();
        case.list.truncate(2);
    });

    assert_eq!(lost, [Fault::Lost]);
}

#[test]
fn a_turn_elsewhere_than_acknowledged_is_found() {
    let moved = faults(|case| {
        case.history.reads.clear();
        case.history.appends[1].answer = Some(Answer { returned: 40, first: 2 });
    });

    assert_eq!(moved, [Fault::Lost]);
}

#[test]
fn a_swapped_pair_is_found() {
    let swapped = faults(|case| {
        case.history.reads.clear();
        case.history.counts.clear();
        case.list = (1..).zip([8, 9, 10, 4, 5]).collect();
        case.history.appends[0].answer = Some(Answer { returned: 20, first: 4 });
        case.history.appends[1].answer = Some(Answer { returned: 40, first: 1 });
    });

    assert_eq!(swapped, [Fault::Swapped]);
}

#[test]
fn turns_that_overlap_may_stand_in_either_order() {
    let either = faults(|case| {
        case.history.reads.clear();
        case.history.counts.clear();
        case.list = (1..).zip([8, 9, 10, 4, 5]).collect();
        case.history.appends[0].answer = Some(Answer { returned: 31, first: 4 });
        case.history.appends[1].answer = Some(Answer { returned: 40, first: 1 });
    });

    assert_eq!(either, []);
}

#[test]
fn a_stale_read_is_found() {
    let stale = read(From::After(0), 3, (41, 49), (1, &[4, 5]));

    assert_eq!(faults(|case| case.history.reads.push(stale)), [Fault::Stale]);
}

#[test]
fn a_read_behind_another_read_is_found() {
    let [newer, older] = [(32, 33), (34, 35)].map(|at| match at.0 {
        32 => read(From::Last, 1, at, (5, &[10])),
        _ => read(From::Last, 1, at, (2, &[5])),
    });

    assert_eq!(faults(|case| case.history.reads.extend([newer, older])), [Fault::Stale]);
}

#[test]
fn a_stale_count_is_found() {
    let stale = Count { chat: 0, invoked: 41, returned: 42, count: 2 };

    assert_eq!(faults(|case| case.history.counts.push(stale)), [Fault::Stale]);
}

#[test]
fn a_read_ahead_of_the_append_is_found() {
    let early = read(From::Last, 1, (21, 22), (5, &[10]));

    assert!(faults(|case| case.history.reads.push(early)).contains(&Fault::Early));
}

#[test]
fn a_read_of_half_a_turn_is_found() {
    let half = read(From::After(2), 3, (31, 39), (3, &[8, 9]));

    assert_eq!(faults(|case| case.history.reads.push(half)), [Fault::HalfATurn]);
}

#[test]
fn a_read_that_skips_is_found() {
    let skips = read(From::After(0), 3, (41, 49), (2, &[5, 8, 9]));
    let wrong = read(From::After(0), 3, (41, 49), (1, &[4, 8, 9]));
    let short = read(From::Before(5), 3, (41, 49), (3, &[8, 9]));
    let gap = Read { page: None, ..wrong.clone() };

    for read in [skips, wrong, short, gap] {
        assert_eq!(faults(|case| case.history.reads.push(read)), [Fault::NotARange]);
    }
}
