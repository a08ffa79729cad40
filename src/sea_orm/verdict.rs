//! Why a statement has changed nothing: the second look, taken only where more than one reason is possible.

use sea_orm::ConnectionTrait;

use crate::{
    error::{Conflict, Error, Result},
    id::{ConversationId, UserId},
    key::TurnKey,
    message::Message,
    sea_orm::{SeaOrmStore, call::Call, convert, error::unreadable},
    turn::Turn,
    version::Version,
};

impl<C: ConnectionTrait> SeaOrmStore<C> {
    /// Why a change has hit no row: what is not the owner's is not found, whatever was expected.
    pub(super) async fn unchanged(
        &self,
        call: Call,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Error {
        if expected.is_none() {
            return Error::NotFound;
        }
        let values = |_| vec![owner.get().into(), id.get().into()];
        match self.read(call, &self.statements.get, values).await {
            Ok((_, rows)) if rows.is_empty() => Error::NotFound,
            Ok(_) => Error::Conflict(Conflict::Changed),
            Err(error) => error,
        }
    }

    /// What the key of a turn that was not appended has stored before, perhaps nothing: this tells
    /// "not yours", "stored already" and "moved on" apart.
    pub(super) async fn stored_turn(
        &self,
        call: Call,
        owner: UserId,
        id: ConversationId,
        turn: &Turn,
    ) -> Result<Vec<Message>> {
        let key = turn.key().map(TurnKey::as_str);
        let values = |_| vec![owner.get().into(), id.get().into(), key.into()];
        let answer = self.read(call, &self.statements.stored_turn, values).await;
        let (dialect, rows) = answer.map_err(|error| match error {
            // An earlier send of this key may have been stored.
            Error::Busy(cause) if key.is_some() => Error::OutcomeUnknown(cause),
            error => error,
        })?;
        let found = convert::messages(dialect, id, &rows).map_err(unreadable)?;
        found.map(|(_, stored)| stored).ok_or(Error::NotFound)
    }
}

#[cfg(feature = "sqlite")]
#[cfg(test)]
mod tests {
    use sea_orm::{ConnAcquireErr, DbErr};

    use super::*;
    use crate::{
        conversation_update::ConversationUpdate, new_conversation::NewConversation,
        sea_orm::failing::Failing, store::ConversationStore,
    };

    const ANN: UserId = UserId::new(1);

    #[tokio::test]
    async fn a_change_of_another_version_was_not_applied_even_if_that_cannot_be_read() {
        let no_connection = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let store = Failing::store([None, None, None, Some(no_connection)]).await;
        let chat = store.create(ANN, NewConversation::new()).await.unwrap();
        let update = ConversationUpdate::new().with_expected_version(chat.version());
        store.update(ANN, chat.id, update.clone()).await.unwrap();

        let refused = store.update(ANN, chat.id, update.clone()).await;
        let again = store.update(ANN, chat.id, update).await;

        assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
        assert!(matches!(again, Err(Error::Conflict(Conflict::Changed))), "{again:?}");
    }

    #[tokio::test]
    async fn nothing_is_read_where_no_version_could_explain_that_nothing_was_changed() {
        let store = Failing::store([]).await;
        let unknown = ConversationId::new(1);

        let updated = store.update(ANN, unknown, ConversationUpdate::new()).await;
        let deleted = store.delete(ANN, unknown, None).await;

        assert!(matches!(updated, Err(Error::NotFound)));
        assert!(matches!(deleted, Err(Error::NotFound)));
        assert_eq!(store.connection.asked(), 2);
    }
}
