//! Stores with one defect each: what the comparison must catch to be worth anything.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use scrollback::{
    Appended, Cause, Conflict, Conversation, ConversationId, ConversationQuery, ConversationStore,
    ConversationUpdate, Erased, Error, Limit, MemoryStore, Message, MessageQuery, NewConversation,
    Page, Result, SessionId, Turn, UserId, Version,
};

pub(crate) use super::defect::Defect;

/// The store in memory, with a defect.
#[derive(Debug)]
pub(crate) struct Broken {
    defect: Defect,
    inner: MemoryStore,
    seen: Mutex<Seen>,
}

/// What a store without owner checks would look up.
#[derive(Debug, Default)]
struct Seen {
    owners: HashMap<ConversationId, UserId>,
    sessions: HashSet<SessionId>,
    erased: HashSet<(UserId, SessionId)>,
}

impl Broken {
    pub(crate) fn new(defect: Defect) -> Self {
        Self { defect, inner: MemoryStore::new(), seen: Mutex::default() }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is taken for the owner: whoever has the conversation, where the check is missing.
    fn owner(&self, missing: Defect, owner: UserId, id: ConversationId) -> UserId {
        let seen = self.seen();
        if self.has(missing) { *seen.owners.get(&id).unwrap_or(&owner) } else { owner }
    }

    fn refuses(&self, owner: UserId, session: &SessionId) -> bool {
        let seen = self.seen();
        self.has(Defect::SessionsAreUniqueAcrossOwners) && seen.sessions.contains(session)
            || seen.erased.contains(&(owner, session.clone()))
    }
}

#[async_trait]
impl ConversationStore for Broken {
    async fn create(&self, owner: UserId, new: NewConversation) -> Result<Conversation> {
        if new.session.as_ref().is_some_and(|session| self.refuses(owner, session)) {
            return Err(Error::Conflict(Conflict::SessionTaken));
        }
        let created = self.inner.create(owner, new).await?;
        let mut seen = self.seen();
        seen.owners.insert(created.id, owner);
        seen.sessions.extend(created.session.clone());
        Ok(created)
    }

    async fn get(&self, owner: UserId, id: ConversationId) -> Result<Conversation> {
        if self.has(Defect::SaysForbidden) && self.owner(self.defect, owner, id) != owner {
            return Err(Error::invalid("conversation", "is not yours"));
        }
        self.inner.get(self.owner(Defect::GetHasNoOwnerCheck, owner, id), id).await
    }

    async fn find_session(&self, owner: UserId, session: &SessionId) -> Result<Conversation> {
        self.inner.find_session(owner, session).await
    }

    async fn list(&self, owner: UserId, query: ConversationQuery) -> Result<Page<Conversation>> {
        let mut page = match self.inner.list(owner, query).await {
            Err(Error::InvalidInput { .. }) if self.has(Defect::BadCursorIsPageOne) => {
                self.inner.list(owner, ConversationQuery::default()).await?
            }
            page => page?,
        };
        if self.has(Defect::ListIsByCreation) {
            page.items.sort_by_key(|conversation| conversation.id);
        }
        Ok(page)
    }

    async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        mut update: ConversationUpdate,
    ) -> Result<Conversation> {
        update.expected_version =
            update.expected_version.filter(|_| !self.has(Defect::ExpectedVersionIsIgnored));
        if self.has(Defect::TitleIsNeverCleared) && update.title == Some(None) {
            update.title = None;
        }
        self.inner.update(owner, id, update).await
    }

    async fn delete(
        &self,
        owner: UserId,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<()> {
        let owner = self.owner(Defect::DeleteHasNoOwnerCheck, owner, id);
        match self.inner.delete(owner, id, expected).await {
            Err(Error::NotFound) if self.has(Defect::DeleteTwiceIsFine) => Ok(()),
            answer => answer,
        }
    }

    async fn append(&self, owner: UserId, id: ConversationId, turn: Turn) -> Result<Appended> {
        let owner = self.owner(Defect::AppendHasNoOwnerCheck, owner, id);
        match self.inner.append(owner, id, self.altered(&turn)?).await {
            Ok(mut appended) => {
                appended.replayed &= !self.has(Defect::ReplayLooksNew);
                Ok(appended)
            }
            Err(Error::Conflict(Conflict::KeyReused)) if self.has(Defect::KeyAcceptsAnyPayload) => {
                let mut all =
                    self.inner.messages(owner, id, MessageQuery::first(Limit::MAX)).await?;
                all.items.retain(|message| message.key.as_ref() == turn.key());
                let mut appended = Appended::stored(all.items);
                appended.replayed = true;
                Ok(appended)
            }
            Err(error @ Error::Conflict(_)) if self.has(Defect::RefusedTurnsTakePlaces) => {
                self.inner.append(owner, id, Turn::new([turn.messages()[0].clone()])?).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn messages(
        &self,
        owner: UserId,
        id: ConversationId,
        mut query: MessageQuery,
    ) -> Result<Page<Message>> {
        if self.has(Defect::LastReturnsTheOldest)
            && let Ok(window) = query.window(owner, id)
            && (window.after, window.up_to) == (None, None)
        {
            query = MessageQuery::first(Limit::new(window.rows)?);
        }
        let mut page = self.inner.messages(owner, id, query).await?;
        page.previous = page.previous.filter(|_| !self.has(Defect::PagesHaveNoWayBack));
        if self.has(Defect::HoldsTheNewestOnly) && page.items.len() > MEMORY {
            page.items.drain(..page.items.len() - MEMORY);
        }
        if self.has(Defect::StumblesOverContents)
            && page.items.iter().any(|it| it.content.contains('\u{202e}'))
        {
            return Err(Error::Internal(Cause::new("a row cannot be read")));
        }
        Ok(page)
    }

    async fn erase(&self, owner: UserId) -> Result<Erased> {
        if self.has(Defect::EraseKeepsSessions) {
            let all = self.inner.list(owner, ConversationQuery::new(Limit::MAX)).await?.items;
            let sessions = all.into_iter().filter_map(|conversation| conversation.session);
            self.seen().erased.extend(sessions.map(|session| (owner, session)));
        }
        if self.has(Defect::EraseSparesTheArchive) {
            return self.erase_active(owner).await;
        }
        self.inner.erase(owner).await
    }
}

/// What a store that holds the newest messages only holds.
const MEMORY: usize = 4;

impl Broken {
    async fn erase_active(&self, owner: UserId) -> Result<Erased> {
        let all = self.inner.list(owner, ConversationQuery::new(Limit::MAX)).await?.items;
        let messages = all.iter().map(|chat| u64::from(chat.message_count)).sum();
        for chat in &all {
            self.inner.delete(owner, chat.id, None).await?;
        }
        Ok(Erased::new(all.len() as u64, messages))
    }

    fn altered(&self, turn: &Turn) -> Result<Turn> {
        let mut messages = turn.messages().to_vec();
        if self.has(Defect::ContentIsTrimmed) {
            for message in messages.iter_mut().filter(|it| !it.content.trim_end().is_empty()) {
                message.content = message.content.trim_end().into();
            }
        }
        let mut altered = Turn::new(messages)?;
        if let Some(key) = turn.key().filter(|_| !self.has(Defect::KeyIsIgnored)) {
            altered = altered.with_key(key.clone());
        }
        let expected = turn.expected_count().filter(|_| !self.has(Defect::ExpectedCountIsIgnored));
        Ok(expected.map_or(altered.clone(), |count| altered.with_expected_count(count)))
    }
}
