//! The contract, over the statements.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, Value};

use crate::{
    conversation::Conversation,
    conversation_query::ConversationQuery,
    conversation_update::ConversationUpdate,
    error::{Cause, Conflict, Error, Result},
    id::{ConversationId, UserId},
    key::{SessionId, TurnKey},
    message::Message,
    message_query::{MessageQuery, MessageWindow},
    metadata::Metadata,
    new_conversation::NewConversation,
    page::Page,
    sea_orm::{
        SeaOrmStore,
        call::{Call, Failure},
        convert,
        dialect::Dialect,
        error::unreadable,
        statement::Named,
    },
    store::{ConversationStore, Erased},
    title::Title,
    turn::{Appended, Turn},
    version::Version,
};

#[async_trait]
impl<C: ConnectionTrait + Send + 'static> ConversationStore for SeaOrmStore<C> {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        let values = |_| {
            let NewConversation { title, session, metadata } = &new;
            let session = session.as_ref().map(SessionId::as_str);
            vec![
                owner.get().into(),
                session.into(),
                title.as_ref().map(Title::as_str).into(),
                json(metadata),
            ]
        };
        let (dialect, rows) = self.write(self.by(owner), &self.statements.create, values).await?;
        let row = rows.first().ok_or(Error::Conflict(Conflict::SessionTaken))?;
        convert::conversation(dialect, owner, row).map_err(unreadable)
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        self.find(&self.statements.get, owner, &id.get().into()).await
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        let session = session.as_str().into();
        self.find(&self.statements.find_session, owner, &session).await
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        let seek = query.seek(owner)?;
        let (time, id) = seek.key.map(|(time, id)| (time, id.get())).unzip();
        let statement =
            if seek.newer { &self.statements.list_newer } else { &self.statements.list_older };
        let (dialect, rows) = self
            .read(self.by(owner), statement, |dialect| {
                let (owner, rows) = (owner.get().into(), i64::from(seek.rows).into());
                vec![owner, seek.archived.into(), dialect.time(time), id.into(), rows]
            })
            .await?;
        let rows = rows.iter().map(|row| convert::conversation(dialect, owner, row));
        let rows = rows.collect::<Result<_, _>>().map_err(unreadable)?;
        Ok(query.page(owner, &seek, rows))
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        update: ConversationUpdate,
    ) -> Result<Conversation> {
        let expected = update.expected_version;
        let values = |dialect: Dialect| {
            let ConversationUpdate { title, archived, metadata, expected_version: _ } = &update;
            let new_title = title.as_ref().and_then(Option::as_ref).map(Title::as_str);
            let new_metadata = metadata.as_ref().map_or(Value::String(None), json);
            vec![
                owner.get().into(),
                id.get().into(),
                title.is_some().into(),
                new_title.into(),
                (*archived).into(),
                metadata.is_some().into(),
                new_metadata,
                dialect.time(expected.map(Version::updated_at)),
            ]
        };
        let call = self.by(owner);
        let (dialect, rows) = self.write(call, &self.statements.update, values).await?;
        match rows.first() {
            Some(row) => convert::conversation(dialect, owner, row).map_err(unreadable),
            None => Err(self.unchanged(call, owner, id, expected).await),
        }
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        let values = |dialect: Dialect| {
            let expected = dialect.time(expected.map(Version::updated_at));
            vec![owner.get().into(), id.get().into(), expected]
        };
        let call = self.by(owner);
        let (_, rows) = self.write(call, &self.statements.delete, values).await?;
        match rows.first() {
            Some(_) => Ok(()),
            None => Err(self.unchanged(call, owner, id, expected).await),
        }
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        self.append_by(self.by(owner), owner, id, &turn).await
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        query: MessageQuery,
    ) -> Result<Page<Message>> {
        let window = query.window(owner, id)?;
        let (dialect, rows) = self
            .read(self.by(owner), &self.statements.messages, |_| {
                let (after, up_to) = (window.after.map(i64::from), window.up_to.map(i64::from));
                let rows = i64::from(window.rows);
                vec![owner.get().into(), id.get().into(), after.into(), up_to.into(), rows.into()]
            })
            .await?;
        let found = convert::messages(dialect, id, &rows).map_err(unreadable)?;
        let (count, items) = found.ok_or(Error::NotFound)?;
        Ok(MessageWindow::page(owner, id, count, items))
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        self.erase_by(self.by(owner), owner).await
    }
}

impl<C: ConnectionTrait> SeaOrmStore<C> {
    /// Appends as (part of) a call.
    pub(super) async fn append_by(
        &self,
        call: Call,
        owner: UserId,
        id: ConversationId,
        turn: &Turn,
    ) -> Result<Appended> {
        let values = |dialect| append_values(dialect, owner, id, turn);
        let refused = match self.write(call, &self.statements.append, values).await {
            Ok((dialect, rows)) if !rows.is_empty() => {
                let messages = convert::appended(dialect, id, turn, &rows).map_err(unreadable)?;
                return Ok(Appended::stored(messages));
            }
            Ok(_) if turn.key().is_none() && turn.expected_count().is_none() => {
                return Err(Error::NotFound);
            }
            Ok(_) => None,
            Err(duplicate @ Failure::Duplicate) => Some(duplicate.into()),
            Err(failure) => return Err(failure.into()),
        };
        let stored = self.stored_turn(call, owner, id, turn).await?;
        match (turn.expected_count(), refused) {
            _ if !stored.is_empty() => Appended::replayed(turn, stored),
            // Not the key but some other unique index: an id that the database gave out twice.
            (_, Some(duplicate)) => Err(duplicate),
            (Some(_), None) => Err(Error::Conflict(Conflict::Moved)),
            // Somebody deletes and writes rows past this crate.
            (None, None) => Err(Error::Busy(Cause::new("the turn was neither stored nor refused"))),
        }
    }

    /// Erases as part of a longer call.
    pub(super) async fn erase_by(&self, call: Call, owner: UserId) -> Result<Erased> {
        let values = |_| vec![owner.get().into()];
        let (_, rows) = self.write(call, &self.statements.erase, values).await?;
        convert::erased(&rows).map_err(unreadable)?.ok_or_else(|| {
            Error::setup(
                "the tables have row level security, which hides what there is to erase from a store \
                 that names no owner: call SeaOrmStore::with_row_security",
            )
        })
    }

    async fn find(&self, statement: &Named, owner: UserId, key: &Value) -> Result<Conversation> {
        let values = |_| vec![owner.get().into(), key.clone()];
        let (dialect, rows) = self.read(self.by(owner), statement, values).await?;
        let row = rows.first().ok_or(Error::NotFound)?;
        convert::conversation(dialect, owner, row).map_err(unreadable)
    }
}

fn append_values(dialect: Dialect, owner: UserId, id: ConversationId, turn: &Turn) -> Vec<Value> {
    let key = turn.key().map(TurnKey::as_str);
    // The column is an `integer`: no conversation holds more, so none is as expected then.
    let expected = turn.expected_count().map(|count| i32::try_from(count).unwrap_or(i32::MAX));
    let mut values = vec![owner.get().into(), id.get().into(), key.into(), expected.into()];
    values.extend(dialect.messages(turn));
    values
}

fn json(metadata: &Metadata) -> Value {
    metadata.stored().map(|json| &**json).into()
}

#[cfg(feature = "sqlite")]
#[cfg(test)]
mod tests {
    use sea_orm::{ConnAcquireErr, DbErr};

    use super::*;
    use crate::{message::NewMessage, sea_orm::failing::Failing};

    /// What an append ends in that appends nothing, and then cannot read what its key has stored.
    async fn refused_without_reason(turn: impl Fn(Turn) -> Turn) -> Error {
        let no_connection = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let store = Failing::store([None, None, None, Some(no_connection)]).await;
        let hello = || Turn::new([NewMessage::user("hello")]).unwrap();
        let ann = UserId::new(1);
        let chat = store.create(ann, NewConversation::new()).await.unwrap().id;
        store.append(ann, chat, turn(hello()).with_expected_count(0)).await.unwrap();
        store.append(ann, chat, turn(hello()).with_expected_count(0)).await.unwrap_err()
    }

    #[tokio::test]
    async fn only_with_a_key_may_an_earlier_send_have_stored_what_cannot_be_read() {
        let key = TurnKey::new("k").unwrap();

        let keyed = refused_without_reason(|turn| turn.with_key(key.clone())).await;
        let expecting = refused_without_reason(|turn| turn).await;

        assert!(matches!(keyed, Error::OutcomeUnknown(_)), "{keyed:?}");
        assert!(matches!(expecting, Error::Busy(_)), "{expecting:?}");
    }

    #[tokio::test]
    async fn nothing_is_read_where_no_key_and_no_count_could_explain_a_refusal() {
        let store = Failing::store([]).await;
        let turn = Turn::new([NewMessage::user("hello")]).unwrap();

        let refused = store.append(UserId::new(1), ConversationId::new(1), turn).await;

        assert!(matches!(refused, Err(Error::NotFound)));
        assert_eq!(store.connection.asked(), 1);
    }
}
