//! Bad and odd values: at the limits, beyond them, and what some layer takes for something else.

use scrollback::{Cursor, Metadata, NewMessage, Role, SessionId, Turn, TurnKey, limit};
use serde_json::{Map, Value, json};

use super::rng::Rng;

const LETTERS: [char; 34] = [
    'a',
    'Z',
    '0',
    ' ',
    '\n',
    '\r',
    '\t',
    '\'',
    '"',
    '\\',
    '$',
    '%',
    '_',
    ';',
    '{',
    '}',
    '\0',
    '\u{1}',
    '\u{1b}',
    '\u{7f}',
    '\u{80}',
    '\u{e9}',
    '\u{301}',
    '\u{200d}',
    '\u{202e}',
    '\u{2028}',
    '\u{feff}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{1f600}',
    '\u{10ffff}',
];

const TEXTS: [&str; 16] = [
    "",
    "\0",
    " ",
    "a\0b",
    "NULL",
    "\\u0000",
    "\\ud800",
    "\u{fffd}",
    "{}",
    "[\"user\",\"x\",null]",
    "'; DROP TABLE messages; --",
    "{messages} $1 ?1",
    "%_",
    "e\u{301}",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "\\N",
];

pub(super) const I64: [i64; 11] = [
    i64::MIN,
    i64::MIN + 1,
    i32::MIN as i64 - 1,
    -1,
    0,
    i32::MAX as i64 + 1,
    u32::MAX as i64,
    1 << 53,
    (1 << 53) + 1,
    i64::MAX - 1,
    i64::MAX,
];

pub(super) const U32: [u32; 13] = [
    0,
    1,
    2,
    3,
    4,
    999,
    1000,
    1001,
    i32::MAX as u32 - 1,
    i32::MAX as u32,
    i32::MAX as u32 + 1,
    u32::MAX - 1,
    u32::MAX,
];

impl Rng {
    /// A text that fits into `max` bytes, or does not.
    pub(super) fn text(&mut self, max: usize) -> String {
        // Megabytes are worth trying, but not every time.
        let edges = if max > 1 << 20 { 400 } else { 6 };
        if self.once_in(edges) {
            return self.text_at(max);
        }
        if self.once_in(3) {
            return self.pick(&TEXTS).to_owned();
        }
        let length = self.below(40.min(max));
        (0..length).map(|_| self.letter()).collect()
    }

    /// A letter; NUL is rare enough that most texts have none.
    fn letter(&mut self) -> char {
        match self.pick(&LETTERS) {
            '\0' if !self.once_in(8) => 'n',
            letter => letter,
        }
    }

    /// A text of one byte less than `max`, of `max`, or of one byte more.
    fn text_at(&mut self, max: usize) -> String {
        let letter = self.pick(&['a', '\u{e9}', '\u{20ac}', '\u{1f600}', '\u{1}', '"']);
        let length = max + self.below(3) - 1;
        let mut text = letter.to_string().repeat(length / letter.len_utf8());
        text.push_str(&"a".repeat(length - text.len()));
        text
    }

    pub(super) fn id(&mut self) -> i64 {
        // Nobody has an id as large as these: stores number from 1.
        if self.once_in(2) { self.pick(&I64) } else { (self.next() | 1 << 40).cast_signed() }
    }

    pub(super) fn u32(&mut self) -> u32 {
        if self.once_in(8) { self.next() as u32 } else { self.pick(&U32) }
    }

    /// Any JSON value, mostly an object.
    pub(super) fn json(&mut self) -> Value {
        match self.below(12) {
            0 => self.leaf(),
            1 => json!([self.leaf()]),
            2 => self.deep(),
            3 => json!({ "k": self.text_at(limit::MAX_METADATA_BYTES - r#"{"k":""}"#.len()) }),
            _ => self.object(3),
        }
    }

    fn object(&mut self, levels: usize) -> Value {
        let fields = self.below(5);
        let field = |_| (self.text(64), self.value(levels));
        Value::Object((0..fields).map(field).collect::<Map<_, _>>())
    }

    fn value(&mut self, levels: usize) -> Value {
        match self.below(4) {
            0 if levels > 0 => self.object(levels - 1),
            1 if levels > 0 => (0..self.below(4)).map(|_| self.value(levels - 1)).collect(),
            _ => self.leaf(),
        }
    }

    fn leaf(&mut self) -> Value {
        match self.below(6) {
            0 => Value::Null,
            1 => self.once_in(2).into(),
            2 => self.pick(&I64).into(),
            3 => self.pick(&[u64::MAX, i64::MAX as u64 + 1]).into(),
            4 => self.float().into(),
            _ => self.text(200).into(),
        }
    }

    /// Infinite and not-a-number ones become null in JSON.
    pub(super) fn float(&mut self) -> f64 {
        const EDGES: [f64; 9] =
            [-0.0, 0.1, 1.0, 1e308, f64::MAX, 5e-324, f64::MIN_POSITIVE, 1e16, f64::NAN];
        if self.once_in(2) { f64::from_bits(self.next()) } else { self.pick(&EDGES) }
    }

    /// Levels around the limit, and far more.
    fn deep(&mut self) -> Value {
        let levels = self.pick(&[62, 63, 64, 65, 127, 128, 200, 2_000]);
        // Not by `json!`, which would copy everything inside at every level.
        let inner = (1..levels).fold(self.leaf(), |inner, n| match n % 2 {
            0 => Value::Object(Map::from_iter([("d".to_owned(), inner)])),
            _ => Value::Array(vec![inner]),
        });
        Value::Object(Map::from_iter([("deep".to_owned(), inner)]))
    }

    pub(super) fn role(&mut self) -> Role {
        self.pick(&[Role::User, Role::Assistant, Role::System, Role::Tool])
    }

    fn message(&mut self, with_metadata: bool) -> NewMessage {
        let message = NewMessage::new(self.role(), self.text(limit::MAX_CONTENT_BYTES));
        if with_metadata { message.with_metadata(self.metadata()) } else { message }
    }

    /// The first of some odd values that is accepted, if one is.
    pub(super) fn accepted<T>(
        &mut self,
        mut odd: impl FnMut(&mut Self) -> scrollback::Result<T>,
    ) -> Option<T> {
        (0..8).find_map(|_| odd(self).ok())
    }

    pub(super) fn metadata(&mut self) -> Metadata {
        self.accepted(|rng| Metadata::new(rng.json())).unwrap_or_default()
    }

    pub(super) fn session(&mut self) -> SessionId {
        let odd = self.accepted(|rng| SessionId::new(rng.text(limit::MAX_KEY_BYTES)));
        odd.unwrap_or_else(SessionId::generate)
    }

    pub(super) fn key(&mut self) -> TurnKey {
        let odd = self.accepted(|rng| TurnKey::new(rng.text(limit::MAX_KEY_BYTES)));
        odd.unwrap_or_else(TurnKey::generate)
    }

    /// A turn of one message to the most, mostly few.
    pub(super) fn turn(&mut self) -> Turn {
        let most = if self.once_in(20) { limit::MAX_TURN_MESSAGES } else { 3 };
        let messages: Vec<_> = (0..=self.below(most)).map(|n| self.message(n % 50 == 1)).collect();
        let fallback = || Turn::new([NewMessage::user("plain")]).unwrap();
        // One bad message of many refuses the turn: the good ones alone are a turn as well.
        let good = messages.into_iter().filter(|one| Turn::new([one.clone()]).is_ok());
        Turn::new(good).unwrap_or_else(|_| fallback())
    }

    /// What may be the text of a version.
    pub(super) fn version(&mut self) -> String {
        match self.below(3) {
            0 => self.text(20),
            1 => format!("{:x}", self.id()),
            _ => format!("{:x}", self.next() >> self.below(64)),
        }
    }

    /// A cursor of the right shape that nobody was given.
    pub(super) fn cursor(&mut self) -> Cursor {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let mut bytes = vec![self.below(2) as u8];
        bytes.extend((0..3).flat_map(|_| self.next().to_le_bytes()));
        BASE64_URL_SAFE_NO_PAD.encode(bytes).parse().unwrap()
    }
}
