//! Inputs that reach a store: calls that mean the same to every store.

use scrollback::{
    ConversationUpdate, Cursor, Limit, NewConversation, Position, SessionId, Turn, UserId, Version,
    limit,
};

use super::{odd::I64, rng::Rng};

/// What one case sends, in terms that mean the same to every store.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) owner: UserId,
    pub(super) new: NewConversation,
    pub(super) update: ConversationUpdate,
    pub(super) turns: Vec<Turn>,
    pub(super) probes: Vec<Probe>,
}

#[derive(Debug)]
pub(super) enum Probe {
    Get(Chat),
    Update(Chat, Expected),
    Delete(Chat, Expected),
    Append(Chat, Turn),
    Messages(Chat, Start, Limit),
    List { archived: bool, limit: Limit, at: Option<Place> },
    Session(SessionId),
    Taken,
}

/// The conversation of the case, or a number that no store has given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chat {
    Own,
    Number(i64),
}

/// The version that a call expects.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    Any,
    /// That of the conversation of the case.
    Own,
    /// One that nobody was given.
    Odd(Version),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    First,
    Last,
    Before(Position),
    After(Position),
    At(Place),
}

/// A cursor that the store gave for this case, or one that nobody gave.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    OfMessages,
    OfListing,
    Nowhere(Cursor),
}

impl Script {
    pub(super) fn random(rng: &mut Rng, n: u64) -> Self {
        // Odd owners come back in later cases; each case erases what it has stored.
        let fresh = n.cast_signed() + (1 << 41);
        let owner = UserId::new(if rng.once_in(10) { rng.pick(&I64) } else { fresh });
        let title =
            rng.accepted(|rng| NewConversation::new().with_title(rng.text(limit::MAX_TITLE_BYTES)));
        let mut new = title.unwrap_or_default().with_metadata(rng.metadata());
        if rng.once_in(2) {
            new = new.with_session(rng.session());
        }
        let update = ConversationUpdate::new().with_metadata(rng.metadata());
        let turns = (0..1 + rng.below(2)).map(|_| turn(rng)).collect();
        let probes = (0..6).map(|_| probe(rng)).collect();
        Self { owner, new, update, turns, probes }
    }
}

fn turn(rng: &mut Rng) -> Turn {
    let mut turn = rng.turn();
    if rng.once_in(2) {
        turn = turn.with_key(rng.key());
    }
    if rng.once_in(4) { turn.with_expected_count(rng.u32()) } else { turn }
}

fn probe(rng: &mut Rng) -> Probe {
    let chat = if rng.once_in(3) { Chat::Own } else { Chat::Number(rng.id()) };
    let limit = rng.accepted(|rng| Limit::new(rng.u32())).unwrap_or_default();
    let place = match rng.below(3) {
        0 => Place::OfMessages,
        1 => Place::OfListing,
        _ => Place::Nowhere(rng.cursor()),
    };
    let odd = rng.accepted(|rng| rng.version().parse()).map_or(Expected::Any, Expected::Odd);
    let expected = rng.pick(&[Expected::Any, Expected::Own, odd]);
    match rng.below(9) {
        0 => Probe::Get(chat),
        1 => Probe::Update(chat, expected),
        2 => Probe::Delete(Chat::Number(rng.id()), expected),
        3 => Probe::Append(chat, turn(rng)),
        4 => Probe::List { archived: rng.once_in(2), limit, at: rng.once_in(2).then_some(place) },
        5 => Probe::Session(rng.session()),
        6 => Probe::Taken,
        _ => {
            let position = Position::new(rng.u32()).unwrap_or(Position::FIRST);
            let starts =
                [Start::First, Start::Last, Start::Before(position), Start::After(position)];
            Probe::Messages(
                Chat::Own,
                if rng.once_in(2) { Start::At(place) } else { rng.pick(&starts) },
                limit,
            )
        }
    }
}
