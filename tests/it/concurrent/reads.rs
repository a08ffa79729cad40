//! What readers may see while others write.

use super::{
    checker::{Chat, Fault, Lists},
    history::{From, History, Read},
};

pub(super) fn check(history: &History, lists: &Lists, chats: &[Chat]) -> Vec<(Fault, String)> {
    let known = Known::of(history, chats.len());
    let mut faults = Vec::new();
    for read in &history.reads {
        if let Some(fault) = read_fault(read, &lists[read.chat], &chats[read.chat], &known) {
            faults.push((fault, format!("conversation {}, {:?}", read.chat, read.from)));
        }
    }
    for count in &history.counts {
        let seen = Seen { end: count.count, all: true, at: (count.invoked, count.returned) };
        if let Some(fault) = seen.fault(count.chat, &chats[count.chat], &known) {
            faults.push((fault, format!("{count:?}")));
        }
    }
    faults
}

fn read_fault(read: &Read, list: &[(u32, u64)], chat: &Chat, known: &Known) -> Option<Fault> {
    let Some((first, values)) = &read.page else { return Some(Fault::NotARange) };
    let start = (*first as usize).saturating_sub(1);
    let length = values.len() as u32;
    let range = list.get(start..start + values.len());
    let is_range = range.is_some_and(|range| range.iter().map(|(_, value)| value).eq(values));
    let last = if values.is_empty() { 0 } else { first + length - 1 };
    let asked_for = match read.from {
        From::After(after) => values.is_empty() || *first == after + 1,
        From::Before(before) => last == before - 1 && length == read.limit.min(before - 1),
        From::Last => length == read.limit.min(last),
    };
    if !is_range || !asked_for || length > read.limit {
        return Some(Fault::NotARange);
    }
    let all = match read.from {
        From::After(_) => length < read.limit,
        From::Before(_) => false,
        From::Last => true,
    };
    let end = match read.from {
        From::After(after) if values.is_empty() => after,
        _ => last,
    };
    Seen { end, all, at: (read.invoked, read.returned) }.fault(read.chat, chat, known)
}

/// That a conversation held the messages up to `end`, and whether those were all.
struct Seen {
    end: u32,
    all: bool,
    at: (u64, u64),
}

impl Seen {
    fn fault(&self, number: usize, chat: &Chat, known: &Known) -> Option<Fault> {
        let (invoked, returned) = self.at;
        let end = self.end as usize;
        let Some(sent) = chat.sent.get(end) else { return Some(Fault::NotARange) };
        if *sent > returned {
            Some(Fault::Early)
        } else if self.all && !chat.ends[end] {
            Some(Fault::HalfATurn)
        } else if self.all && self.end < known.before(number, invoked) {
            Some(Fault::Stale)
        } else {
            None
        }
    }
}

/// By conversation: when somebody had learnt that it holds this many messages.
struct Known(Vec<Vec<(u64, u32)>>);

impl Known {
    fn of(history: &History, chats: usize) -> Self {
        let mut known = vec![Vec::new(); chats];
        for append in &history.appends {
            if let Some(answer) = append.answer {
                known[append.chat].push((answer.returned, answer.first + append.size - 1));
            }
        }
        for read in &history.reads {
            if let Some((first, values)) = read.page.as_ref().filter(|page| !page.1.is_empty()) {
                known[read.chat].push((read.returned, first + values.len() as u32 - 1));
            }
        }
        for count in &history.counts {
            known[count.chat].push((count.returned, count.count));
        }
        for times in &mut known {
            times.sort_unstable();
            let mut most = 0;
            for (_, count) in times {
                most = most.max(*count);
                *count = most;
            }
        }
        Self(known)
    }

    /// How many were known before `time`.
    fn before(&self, chat: usize, time: u64) -> u32 {
        let times = &self.0[chat];
        let earlier = times.partition_point(|(returned, _)| *returned < time);
        earlier.checked_sub(1).map_or(0, |last| times[last].1)
    }
}
