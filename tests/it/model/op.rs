//! What a sequence is made of: calls whose ids and cursors are chosen by rank, not by value.
//!
//! So every sequence is meaningful whatever the stores answer, and stays so when proptest shrinks
//! it by leaving steps out.

use proptest::{
    collection::vec,
    option::{of, weighted},
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::{Index, select},
};
use scrollback::Role;

/// One call by one of the three owners.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) actor: usize,
    pub(super) op: Op,
}

#[derive(Clone, Debug)]
pub(super) enum Op {
    Create {
        title: Option<&'static str>,
        session: Option<&'static str>,
        metadata: &'static str,
    },
    Get(Pick),
    FindSession(&'static str),
    List {
        archived: bool,
        limit: u32,
        at: Option<Place>,
    },
    Update(Pick, Update),
    Delete(Pick, Expected),
    Append(Pick, Append),
    Messages {
        chat: Pick,
        from: From,
        limit: u32,
    },
    Erase,
    /// The call before this one, by whoever made it, once more.
    Repeat,
    /// Reads everything that all owners have, in small pages and both directions.
    Audit,
}

/// A conversation, from the view of the actor.
#[derive(Clone, Debug)]
pub(super) enum Pick {
    Own(Index),
    Foreign(Index),
    Deleted(Index),
    Never(i64),
}

#[derive(Clone, Debug)]
pub(super) struct Update {
    pub(super) title: Option<Option<&'static str>>,
    pub(super) archived: Option<bool>,
    pub(super) metadata: Option<&'static str>,
    pub(super) expected: Expected,
}

/// The version that a call expects: by how many the conversation is said to have moved on since.
pub(super) type Expected = Option<usize>;

#[derive(Clone, Debug)]
pub(super) struct Append {
    pub(super) messages: Vec<Said>,
    pub(super) key: Option<&'static str>,
    /// How far the expected count is from the true one.
    pub(super) expected: Option<i32>,
}

#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) role: Role,
    pub(super) content: String,
    pub(super) metadata: &'static str,
}

/// Where a page of messages starts.
#[derive(Clone, Debug)]
pub(super) enum From {
    First,
    Last,
    Before(u32),
    After(u32),
    At(Place),
}

/// A cursor that an earlier answer contained.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Of the listing that is read.
    Matching(Index),
    /// Of any listing of anybody.
    Any(Index),
}

/// So few that sequences collide in them all the time.
pub(super) const SESSIONS: [&str; 3] = ["tab-1", "tab-2", "'; DROP TABLE conversations; --"];
const KEYS: [&str; 3] = ["k1", "k2", "ключ"];
const TITLES: [&str; 4] = ["a", "Trip to Oslo", " \t\n", "Ωμέγα \u{202e}\u{1b}[31m"];
const METADATA: [&str; 4] = [
    "{}",
    r#"{"b":1,"a":[null,{"c":""}]}"#,
    r#"{"float":1e308,"minus":-0.0,"big":18446744073709551615,"x":1.50}"#,
    r#"{"quote\"'":"\\u0041 é \u2028"}"#,
];

pub(super) fn steps(longest: usize) -> impl Strategy<Value = Vec<Step>> {
    // Conversations first, or most of what follows would find none.
    let start = vec(step(create()), 0..=6);
    (start, vec(step(op()), 1..=longest)).prop_map(|(start, rest)| [start, rest].concat())
}

fn step(op: impl Strategy<Value = Op>) -> impl Strategy<Value = Step> {
    // One owner is busier than the others, or no listing would be longer than a page.
    (select(&[0, 0, 0, 1, 1, 2][..]), op).prop_map(|(actor, op)| Step { actor, op })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => create(),
        6 => pick(5).prop_map(Op::Get),
        6 => select(&SESSIONS[..]).prop_map(Op::FindSession),
        12 => (weighted(0.3, Just(())), 1..=4_u32, weighted(0.6, place()))
            .prop_map(|(archived, limit, at)| Op::List { archived: archived.is_some(), limit, at }),
        10 => (pick(5), update()).prop_map(|(chat, update)| Op::Update(chat, update)),
        3 => (pick(5), expected()).prop_map(|(chat, expected)| Op::Delete(chat, expected)),
        36 => (pick(20), append()).prop_map(|(chat, append)| Op::Append(chat, append)),
        16 => (pick(15), from(), 1..=5_u32)
            .prop_map(|(chat, from, limit)| Op::Messages { chat, from, limit }),
        1 => Just(Op::Erase),
        8 => Just(Op::Repeat),
        1 => Just(Op::Audit),
    ]
}

fn create() -> impl Strategy<Value = Op> {
    (weighted(0.4, select(&TITLES[..])), weighted(0.3, select(&SESSIONS[..])), metadata())
        .prop_map(|(title, session, metadata)| Op::Create { title, session, metadata })
}

/// Of `own + 5` choices, `own` fall on the actor's conversations.
fn pick(own: u32) -> impl Strategy<Value = Pick> {
    let never = select(&[0, -1, 1 << 40, i64::MAX, i64::MIN][..]);
    prop_oneof![
        own => any::<Index>().prop_map(Pick::Own),
        3 => any::<Index>().prop_map(Pick::Foreign),
        1 => any::<Index>().prop_map(Pick::Deleted),
        1 => never.prop_map(Pick::Never),
    ]
}

fn update() -> impl Strategy<Value = Update> {
    let title = of(of(select(&TITLES[..])));
    (title, of(any::<bool>()), of(metadata()), expected()).prop_map(
        |(title, archived, metadata, expected)| Update { title, archived, metadata, expected },
    )
}

fn expected() -> impl Strategy<Value = Expected> {
    weighted(0.4, select(&[0, 0, 1, 2][..]))
}

fn append() -> impl Strategy<Value = Append> {
    let messages = prop_oneof![
        // The same few turns again and again, so that keys meet their own payload.
        3 => (1..=3_usize).prop_map(fixed_turn),
        2 => vec(said(), 1..=3),
    ];
    (messages, of(select(&KEYS[..])), weighted(0.3, -1..=1))
        .prop_map(|(messages, key, expected)| Append { messages, key, expected })
}

fn fixed_turn(length: usize) -> Vec<Said> {
    let said = Said { role: Role::User, content: "Will it rain?".to_owned(), metadata: "{}" };
    vec![said; length]
}

fn said() -> impl Strategy<Value = Said> {
    let role = select(&[Role::User, Role::Assistant, Role::System, Role::Tool][..]);
    let content = prop_oneof![
        6 => "[^\\x00]{1,20}",
        1 => Just("\u{feff}' \\ $1 ? %_ \r\n\u{1b}[2J \u{202e} 👩‍👩‍👧 e\u{301}".to_owned()),
        1 => Just("Lorem ipsum. ".repeat(800)),
    ];
    (role, content, metadata()).prop_map(|(role, content, metadata)| Said {
        role,
        content,
        metadata,
    })
}

fn from() -> impl Strategy<Value = From> {
    prop_oneof![
        1 => Just(From::First),
        1 => Just(From::Last),
        1 => (1..=12_u32).prop_map(From::Before),
        1 => (1..=12_u32).prop_map(From::After),
        3 => place().prop_map(From::At),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        4 => any::<Index>().prop_map(Place::Matching),
        1 => any::<Index>().prop_map(Place::Any),
    ]
}

fn metadata() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just(METADATA[0]), 1 => select(&METADATA[1..])]
}
