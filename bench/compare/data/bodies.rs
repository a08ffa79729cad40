//! What people and assistants write: several languages, some code, lengths as skewed as real ones.

use fastrand::Rng;
use serde_json::json;

use super::Chat;

/// So many different texts of each role; every message is one of them.
const TEXTS: usize = 4_096;

/// In bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 50..=4_000;

const LANGUAGES: [&str; 6] = [
    "the train leaves early because nobody has asked for a later one and we should book seats \
     today before prices rise again while there is still a choice of windows or quiet coaches",
    "der Zug fährt früh weil niemand nach einem späteren gefragt hat und wir sollten heute noch \
     Plätze buchen bevor die Preise wieder steigen übrigens gibt es auch Schlafwagen",
    "el tren sale temprano porque nadie ha pedido otro más tarde y deberíamos reservar asientos \
     hoy mismo antes de que suban los precios además todavía quedan camas según la página",
    "поезд отправляется рано потому что никто не просил более поздний и нам стоит забронировать \
     места сегодня пока цены снова не выросли кстати есть ещё спальный вагон",
    "列车 很早 出发 因为 没有 人 要求 更晚 的 班次 我们 今天 应该 预订 座位 以免 价格 再次 上涨 还有 卧铺 可以 选择",
    "القطار يغادر مبكرا لأن أحدا لم يطلب موعدا لاحقا وعلينا أن نحجز المقاعد اليوم قبل أن ترتفع \
     الأسعار مرة أخرى وهناك أيضا عربة نوم",
];

const CODE: &str = "\n```rust\nfn departures(station: &Station, after: Time) -> Vec<Departure> {\n    \
     station.lines().iter().flat_map(|line| line.next(after)).filter(|d| d.seats > 0).collect()\n}\n```\n";

/// A message before it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    pub(crate) role: &'static str,
    pub(crate) content: &'a str,
    /// JSON.
    pub(crate) metadata: Option<&'a str>,
}

/// All texts that there are.
#[derive(Debug)]
pub(crate) struct Bodies {
    users: Vec<String>,
    assistants: Vec<(String, Option<String>)>,
}

impl Bodies {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let users = (0..TEXTS).map(|_| text(&mut random, 120.0)).collect();
        let assistants = (0..TEXTS).map(|i| (text(&mut random, 600.0), metadata(i))).collect();
        Self { users, assistants }
    }

    /// The message at a position, counted from 1: users speak first.
    pub(crate) fn at(&self, chat: &Chat, position: u32) -> Body<'_> {
        self.nth(position.is_multiple_of(2), chat.body(position, TEXTS))
    }

    /// A turn that no seeded message depends on.
    pub(crate) fn turn(&self, random: &mut Rng) -> [Body<'_>; 2] {
        [false, true].map(|assistant| self.nth(assistant, random.usize(..TEXTS)))
    }

    /// Role, index and body of all of them, as SQL needs them to compute the same.
    pub(crate) fn all(&self) -> impl Iterator<Item = (bool, usize, Body<'_>)> {
        let indices = (0..TEXTS).flat_map(|i| [(false, i), (true, i)]);
        indices.map(move |(assistant, i)| (assistant, i, self.nth(assistant, i)))
    }

    fn nth(&self, assistant: bool, i: usize) -> Body<'_> {
        if assistant {
            let (content, metadata) = &self.assistants[i];
            Body { role: "assistant", content, metadata: metadata.as_deref() }
        } else {
            Body { role: "user", content: &self.users[i], metadata: None }
        }
    }
}

/// What a SQL expression calls the number of texts.
pub(crate) const fn texts() -> usize {
    TEXTS
}

/// Words until the text is long enough: lengths are distributed log-normally about `median`.
fn text(random: &mut Rng, median: f64) -> String {
    let normal: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    let length = (median * (0.9 * normal).exp()) as usize;
    let length = length.clamp(*LENGTHS.start(), *LENGTHS.end());
    // Half of all chats are in the first language.
    let language = LANGUAGES[random.usize(..2 * LANGUAGES.len()).saturating_sub(LANGUAGES.len())];
    let words: Vec<_> = language.split_whitespace().collect();
    let mut text = String::with_capacity(length + CODE.len());
    while text.len() < length {
        match random.u32(..120) {
            0 if length > 400 => text.push_str(CODE),
            1..=8 => text.push_str(". "),
            number @ 9..=12 => text.push_str(&format!("{} ", number * random.u32(..1_000))),
            _ => {
                text.push_str(words[random.usize(..words.len())]);
                text.push(' ');
            }
        }
    }
    text.truncate(text.floor_char_boundary(length));
    text
}

fn metadata(i: usize) -> Option<String> {
    let used = json!({ "model": "large", "tokens": 37 * i % 1_999 });
    i.is_multiple_of(4).then(|| used.to_string())
}
