//! What must hold after an answer, asked of the store that gave it.

use scrollback::{
    ConversationId, ConversationUpdate, Error, Limit, MessageQuery, NewMessage, Result, SessionId,
    Turn, UserId,
};
use scrollback_proof::{I2, I7, I10, I11, I14};

use super::{
    answer::Answer,
    call::{Call, Chat, Start},
    op::SESSIONS,
    side::{Side, listing},
    tally::Tally,
};

/// A number that no store gives.
const UNKNOWN: Chat = Chat::Never(i64::MAX - 7);

pub(super) async fn after(
    side: &mut Side,
    (actor, call): (usize, &Call),
    answer: &Answer,
    permitted: bool,
    tally: &mut Tally,
) -> Result<()> {
    let owner = side.names.owners[actor];
    match (call, answer) {
        _ if !permitted => indistinguishable(side, (actor, call), answer, tally).await,
        (Call::Append(chat, turn), Answer::Appended { messages, .. }) => {
            let (id, first) = (side.names.id(*chat), messages.first().map_or(0, |it| it.position));
            reads_back(side, owner, id, (first, turn), tally).await?;
            if turn.key().is_some() {
                exactly_once(side, owner, id, turn, tally).await?;
            }
        }
        (Call::Delete(chat, _), Answer::Deleted) => {
            gone(side, owner, side.names.id(*chat), tally).await?;
        }
        (Call::Erase, Answer::Erased(_)) => nothing_left(side, owner, tally).await?,
        _ => {}
    }
    Ok(())
}

/// The same call with a number that nobody has gets the same answer.
async fn indistinguishable(
    side: &mut Side,
    (actor, call): (usize, &Call),
    answer: &Answer,
    tally: &mut Tally,
) {
    // A cursor of one's own tells a deleted conversation of one's own from a random number.
    if matches!(call, Call::Messages { start: Start::At(_), .. }) {
        return;
    }
    let twin = side.answer(actor, call.clone().with_chat(UNKNOWN)).await;
    tally.check(I2, twin == *answer, || {
        format!("{}: {call:?} by {actor}: {answer:?}, but for an unknown id {twin:?}", side.name)
    });
}

/// A turn stands where the answer says, as it was sent.
async fn reads_back(
    side: &Side,
    owner: UserId,
    id: ConversationId,
    (first, turn): (u32, &Turn),
    tally: &mut Tally,
) -> Result<()> {
    let all = side.store.messages(owner, id, MessageQuery::first(Limit::MAX)).await?.items;
    let from = all.iter().position(|message| message.position.get() == first).unwrap_or(all.len());
    let stored = &all[from..(from + turn.messages().len()).min(all.len())];
    tally.check(I11, turn.matches(stored), || format!("{}: {stored:?} is not {turn:?}", side.name));
    Ok(())
}

/// Sent again, a turn has the answer that it had; another one with its key is refused.
async fn exactly_once(
    side: &Side,
    owner: UserId,
    id: ConversationId,
    turn: &Turn,
    tally: &mut Tally,
) -> Result<()> {
    let before = side.store.messages(owner, id, MessageQuery::first(Limit::MAX)).await?.items;
    let again = side.store.append(owner, id, turn.clone()).await;
    let other = side.store.append(owner, id, another(turn)?).await;
    let after = side.store.messages(owner, id, MessageQuery::first(Limit::MAX)).await?.items;
    let stored: Vec<_> = before.iter().filter(|it| it.key.as_ref() == turn.key()).collect();
    let replayed = again.as_ref().is_ok_and(|it| it.replayed && it.messages.iter().eq(stored));
    let refused = matches!(other, Err(Error::Conflict(scrollback::Conflict::KeyReused)));
    tally.check(I7, replayed && refused && before == after, || {
        format!("{}: {turn:?} again: {again:?}, another: {other:?}", side.name)
    });
    Ok(())
}

fn another(turn: &Turn) -> Result<Turn> {
    let longer = turn.messages().iter().cloned().chain([NewMessage::user("one more")]);
    let another = Turn::new(longer)?;
    Ok(turn.key().map_or(another.clone(), |key| another.with_key(key.clone())))
}

/// Whatever is asked of a conversation that was deleted, it is not found.
async fn gone(side: &Side, owner: UserId, id: ConversationId, tally: &mut Tally) -> Result<()> {
    let (store, turn) = (&side.store, Turn::new([NewMessage::user("late")])?);
    let update = ConversationUpdate::new().with_title("late")?;
    for (method, error) in [
        ("get", store.get(owner, id).await.err()),
        ("messages", store.messages(owner, id, MessageQuery::first(Limit::MAX)).await.err()),
        ("append", store.append(owner, id, turn).await.err()),
        ("update", store.update(owner, id, update).await.err()),
        ("delete", store.delete(owner, id, None).await.err()),
    ] {
        let right = matches!(error, Some(Error::NotFound));
        tally.check(I10, right, || format!("{}: {method} of the deleted: {error:?}", side.name));
    }
    Ok(())
}

/// Nothing of an erased owner is found, and erasing again finds nothing.
async fn nothing_left(side: &Side, owner: UserId, tally: &mut Tally) -> Result<()> {
    let mut left = 0;
    for archived in [false, true] {
        left += side.store.list(owner, listing(archived, Limit::MAX)).await?.items.len();
    }
    for session in SESSIONS {
        let found = side.store.find_session(owner, &SessionId::new(session)?).await;
        left += usize::from(!matches!(found, Err(Error::NotFound)));
    }
    let again = side.store.erase(owner).await?;
    let nothing = left == 0 && (again.conversations, again.messages) == (0, 0);
    tally.check(I14, nothing, || format!("{}: {left} left, erased again: {again:?}", side.name));
    Ok(())
}
