//! The users table that the migrations manage, where a host has none of its own.

use sea_orm::ConnectionTrait;

use crate::{
    error::{Cause, Error, Result},
    id::UserId,
    limit,
    sea_orm::{
        SeaOrmStore,
        call::Call,
        convert,
        error::{TABLES, unreadable},
    },
    store::Erased,
};

/// How often to look again when somebody else adds or removes the same user at the same moment.
const ATTEMPTS: u32 = 3;

impl<C: ConnectionTrait + Send + 'static> SeaOrmStore<C> {
    /// The owner behind `subject`, added when there is none yet: for `Users::Managed`.
    ///
    /// `subject` is whatever the host's authentication proved, such as the `sub` claim of a token
    /// (OpenID Connect Core 1.0, section 2): 1 to 255 bytes without NUL. The same subject gives the
    /// same owner for ever, from every process. Row level security does not cover this table: who
    /// somebody is, is asked before there is an owner.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](Error::InvalidInput) when `subject` breaks these limits.
    /// [`Setup`](Error::Setup) when the migrations manage no users table.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{SeaOrmStore, Users};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    /// store.migrate(&Users::Managed).await?;
    ///
    /// let ann = store.ensure_user("ann@example.org").await?;
    ///
    /// assert_eq!(store.ensure_user("ann@example.org").await?, ann);
    /// assert_ne!(store.ensure_user("ben@example.org").await?, ann);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ensure_user(&self, subject: &str) -> Result<UserId> {
        limit::text("subject", subject, limit::MAX_KEY_BYTES)?;
        let values = |_| vec![subject.into()];
        let call = self.by_nobody();
        for _ in 0..ATTEMPTS {
            if let Some(user) = self.find_user(call, subject).await? {
                return Ok(user);
            }
            let (_, rows) = self.write(call, &self.statements.add_user, values).await?;
            if let Some(user) = convert::user(&rows).map_err(unreadable)? {
                return Ok(user);
            }
        }
        Err(Error::Busy(Cause::new("the user is added and removed at the same moment")))
    }

    /// Erases everything the owner has and then the owner's row: for `Users::Managed`.
    ///
    /// Afterwards nothing can be created for this owner, and the same subject becomes another one.
    ///
    /// # Errors
    ///
    /// As [`erase`](crate::ConversationStore::erase). [`Setup`](Error::Setup) when the migrations manage no
    /// users table (nothing is erased then), and, with everything erased but the user's row, when rows
    /// of the host's refer to it or the role may not delete it.
    /// [`OutcomeUnknown`](Error::OutcomeUnknown) when that row may still be there: call it again.
    ///
    /// # Examples
    ///
    /// ```
    /// use scrollback::{ConversationStore, Error, NewConversation, SeaOrmStore, Users};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> scrollback::Result<()> {
    /// let store = SeaOrmStore::connect("sqlite::memory:").await?;
    /// store.migrate(&Users::Managed).await?;
    /// let ann = store.ensure_user("ann@example.org").await?;
    /// store.create(ann, NewConversation::new()).await?;
    ///
    /// let receipt = store.forget_user(ann).await?;
    ///
    /// assert_eq!(receipt.conversations, 1);
    /// assert!(matches!(store.create(ann, NewConversation::new()).await, Err(Error::NotFound)));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn forget_user(&self, owner: UserId) -> Result<Erased> {
        let call = self.by_nobody();
        // Nothing is erased where the users are the host's: this fails there.
        self.find_user(call, "").await?;
        let erased = self.erase_by(call.about(owner), owner).await?;
        let values = |_| vec![owner.get().into()];
        match self.write(call, &self.statements.remove_user, values).await.map_err(Error::from) {
            Ok(_) => Ok(erased),
            Err(Error::Setup { .. }) => Err(Error::setup(
                "everything is erased but the user's row: GRANT DELETE on the users table to the role, \
                 and call this again",
            )),
            Err(Error::NotFound) => Err(Error::setup(
                "everything is erased but the user's row, which rows of another table refer to: \
                 delete those first, or let them cascade",
            )),
            // What was erased stays erased.
            Err(Error::Busy(cause) | Error::ReadOnly(cause)) => Err(Error::OutcomeUnknown(cause)),
            Err(error) => Err(error),
        }
    }

    async fn find_user(&self, call: Call, subject: &str) -> Result<Option<UserId>> {
        let found = self.read(call, &self.statements.find_user, |_| vec![subject.into()]).await;
        let (_, rows) = found.map_err(unmanaged)?;
        convert::user(&rows).map_err(unreadable)
    }
}

/// Other tables may well be there; the users table alone is a matter of choice.
fn unmanaged(error: Error) -> Error {
    match error {
        Error::Setup { problem } if *problem == *TABLES => Error::setup(
            "there is no users table that scrollback manages: migrate with Users::Managed, or pass \
             the id of a user of your own to UserId::new",
        ),
        error => error,
    }
}
