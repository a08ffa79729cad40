//! Transactions of the host's, begun by way of a store.

use std::sync::Arc;

use tokio::time::timeout;

use crate::{
    error::{Cause, Error, Result},
    sea_orm::{
        SeaOrmStore,
        error::{Access, translate},
        reach::StorePool,
    },
};

impl<C: StorePool> SeaOrmStore<C> {
    /// Begins a transaction of the host's, with a store that works in it: the same tables and deadline,
    /// and the owner named where this store names it.
    ///
    /// The host sends its own statements by [`connection`](SeaOrmStore::connection), and ends the
    /// transaction by [`into_connection`](SeaOrmStore::into_connection); dropped, it is rolled back.
    /// Unlike a `begin` of SeaORM's, this one may be dropped before it ends.
    ///
    /// # Errors
    ///
    /// [`Busy`](Error::Busy) when there is no connection in time, and what else keeps the database from
    /// answering. Nothing was written.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ConversationStore, NewConversation, SeaOrmStore, UserId, Users};
    /// use sea_orm::ConnectionTrait;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    /// store.migrate(&Users::Unchecked).await?;
    ///
    /// let in_transaction = store.begin().await?;
    /// in_transaction.connection().execute_unprepared("CREATE TABLE orders (item text)").await?;
    /// in_transaction.create(UserId::new(1), NewConversation::new()).await?;
    /// in_transaction.into_connection().commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn begin(&self) -> Result<SeaOrmStore<C::Transaction>> {
        let (connection, refusal) = (self.connection.clone(), self.refusal.clone());
        // A `BEGIN` that is dropped before its answer would stay open in the pool.
        let begun = tokio::spawn(async move { refusal.within(connection.begin()).await });
        let transaction = timeout(self.deadline, begun)
            .await
            .map_err(|_| Error::Busy(Cause::new("the deadline of the call has passed")))?
            .map_err(|_| Error::Busy(Cause::new("the runtime is shutting down")))?
            .map_err(|error| translate(&error, Access::Read))?;
        let store = SeaOrmStore {
            connection: transaction,
            dialect: self.dialect,
            statements: Arc::clone(&self.statements),
            tables: self.tables.clone(),
            deadline: self.deadline,
            fence: None,
            refusal: self.refusal.clone(),
        };
        Ok(if self.fence.is_some() { store.with_row_security() } else { store })
    }
}
