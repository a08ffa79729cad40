//! Whether a history keeps the contract, in O(n log n).
//!
//! Every message is unique, so the final list of a conversation is the order in which its turns took
//! effect (the list-append trick of Elle), and everything else is compared with it.

use std::collections::HashMap;

use super::{
    history::{Append, History, LONGEST_TURN},
    reads,
};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// Positions are not 1, 2, 3 and so on.
    Gap,
    /// A message that nobody sent to this conversation.
    Invented,
    /// A turn is there twice.
    Doubled,
    /// A turn is there in part, or between other messages.
    Torn,
    /// An acknowledged turn is not where its answer said.
    Lost,
    /// A turn stands before one that was acknowledged before it was sent.
    Swapped,
    /// A read is no range of the final list, or not the one that was asked for.
    NotARange,
    /// A read misses what had been acknowledged, or read, before it began.
    Stale,
    /// A read shows what was sent after it had ended.
    Early,
    /// A read ends within a turn.
    HalfATurn,
}

impl Fault {
    /// What is wrong, in a report.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Gap => "gaps",
            Self::Invented => "messages that nobody sent",
            Self::Doubled => "doubled",
            Self::Torn => "torn",
            Self::Lost => "acknowledged and not there",
            Self::Swapped => "before what was acknowledged earlier",
            Self::NotARange => "reads that skip, repeat or reorder",
            Self::Stale => "reads that miss what was known",
            Self::Early => "reads of what was not yet sent",
            Self::HalfATurn => "reads of half a turn",
        }
    }

    pub(super) const ALL: [Self; 10] = [
        Self::Gap,
        Self::Invented,
        Self::Doubled,
        Self::Torn,
        Self::Lost,
        Self::Swapped,
        Self::NotARange,
        Self::Stale,
        Self::Early,
        Self::HalfATurn,
    ];
}

/// All messages of each conversation at the end: position and content.
pub(crate) type Lists = [Vec<(u32, u64)>];

/// Everything that is wrong, with the place.
pub(crate) fn check(history: &History, lists: &Lists) -> Vec<(Fault, String)> {
    let mut order = Order::new(history, lists);
    order.follow_lists();
    order.find_acknowledged();
    order.compare_times();
    let chats = order.chats();
    let mut faults = order.faults;
    faults.extend(reads::check(history, lists, &chats));
    faults
}

/// A turn where it was found.
struct Placed<'a> {
    append: &'a Append,
    /// The position of its first message.
    first: u32,
}

/// What is known about one conversation, by position.
#[derive(Default)]
pub(super) struct Chat {
    /// The latest time at which one of the turns up to this position was sent.
    pub(super) sent: Vec<u64>,
    /// Whether a turn ends here; index 0 is before the first message.
    pub(super) ends: Vec<bool>,
}

struct Order<'a> {
    history: &'a History,
    lists: &'a Lists,
    sent: HashMap<u64, &'a Append>,
    /// By conversation, in order of position.
    placed: Vec<Vec<Placed<'a>>>,
    faults: Vec<(Fault, String)>,
}

impl<'a> Order<'a> {
    fn new(history: &'a History, lists: &'a Lists) -> Self {
        let sent = history.appends.iter().map(|append| (append.turn, append)).collect();
        let placed = lists.iter().map(|_| Vec::new()).collect();
        Self { history, lists, sent, placed, faults: Vec::new() }
    }

    fn follow_lists(&mut self) {
        let mut seen = HashMap::new();
        for (chat, list) in self.lists.iter().enumerate() {
            if !(1..).zip(list).all(|(at, (position, _))| at == *position) {
                self.fault(Fault::Gap, format!("in conversation {chat}"));
            }
            let mut at = 0;
            while at < list.len() {
                at += self.follow_turn(chat, &list[at..], &mut seen);
            }
        }
    }

    /// Takes the turn at the start of `rest`, and returns its length.
    fn follow_turn(
        &mut self,
        chat: usize,
        rest: &[(u32, u64)],
        seen: &mut HashMap<u64, u32>,
    ) -> usize {
        let (position, value) = rest[0];
        let at = format!("conversation {chat}, position {position}");
        let found = self.sent.get(&(value / LONGEST_TURN)).copied();
        let Some(append) = found.filter(|append| append.chat == chat) else {
            self.fault(Fault::Invented, at);
            return 1;
        };
        let expected = (0..append.size).map(|index| append.value(index));
        let length = expected.zip(rest).take_while(|(value, (_, at))| value == at).count();
        let whole = length == append.size as usize;
        if seen.insert(append.turn, position).is_some() {
            self.fault(Fault::Doubled, at);
        } else if !whole {
            self.fault(Fault::Torn, at);
        } else {
            self.placed[chat].push(Placed { append, first: position });
        }
        length.max(1)
    }

    fn find_acknowledged(&mut self) {
        let placed = self.placed.iter().flatten();
        let found: HashMap<_, _> = placed.map(|at| (at.append.turn, at.first)).collect();
        for append in &self.history.appends {
            let promised = append.answer.map(|answer| answer.first);
            if promised.is_some() && promised != found.get(&append.turn).copied() {
                self.fault(Fault::Lost, format!("{append:?}"));
            }
        }
    }

    /// A returned before B was sent: A stands before B. One task's own turns are a case of it.
    fn compare_times(&mut self) {
        let mut faults = Vec::new();
        for placed in &self.placed {
            let mut latest = 0;
            for Placed { append, .. } in placed {
                if append.answer.is_some_and(|answer| answer.returned < latest) {
                    faults.push((Fault::Swapped, format!("{append:?}")));
                }
                latest = latest.max(append.invoked);
            }
        }
        self.faults.extend(faults);
    }

    fn chats(&self) -> Vec<Chat> {
        self.placed.iter().zip(self.lists).map(|(placed, list)| Chat::new(placed, list)).collect()
    }

    fn fault(&mut self, fault: Fault, at: String) {
        self.faults.push((fault, at));
    }
}

impl Chat {
    fn new(placed: &[Placed<'_>], list: &[(u32, u64)]) -> Self {
        let mut sent = vec![0; list.len() + 1];
        let mut ends = vec![false; list.len() + 1];
        ends[0] = true;
        for Placed { append, first } in placed {
            let last = (first + append.size - 1) as usize;
            // Where positions have gaps, that has been reported, and there is no such place.
            let Some(end) = ends.get_mut(last) else { continue };
            *end = true;
            sent[*first as usize..=last].fill(append.invoked);
        }
        for at in 1..sent.len() {
            sent[at] = sent[at].max(sent[at - 1]);
        }
        Self { sent, ends }
    }
}
