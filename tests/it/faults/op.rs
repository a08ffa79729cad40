//! Every method of a store, as one call each.

use scrollback::{
    Conflict, ConversationQuery, ConversationUpdate, Error, Limit, MessageQuery, NewConversation,
    NewMessage, Result, SessionId, Turn, TurnKey, Version,
};

use super::{bench::Side, scene::Scene};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Create,
    Get,
    FindSession,
    List,
    Update,
    Delete,
    Append,
    Messages,
    Erase,
    EnsureUser,
    ForgetUser,
    /// A write that cannot be repeated safely, for negative controls.
    AppendWithoutKey,
    /// Changes that expect the version which the scene has seen.
    UpdateOfVersion,
    DeleteOfVersion,
}

impl Op {
    /// The methods of the trait, then those of a store that manages users.
    pub(super) const ALL: [Self; 11] = [
        Self::Create,
        Self::Get,
        Self::FindSession,
        Self::List,
        Self::Update,
        Self::Delete,
        Self::Append,
        Self::Messages,
        Self::Erase,
        Self::EnsureUser,
        Self::ForgetUser,
    ];

    /// Those of the trait only.
    pub(super) fn of_the_trait() -> &'static [Self] {
        &Self::ALL[..9]
    }

    pub(super) const fn writes(self) -> bool {
        !matches!(self, Self::Get | Self::FindSession | Self::List | Self::Messages)
    }

    /// Makes the call; the answer is a text that is the same for every scene.
    pub(super) async fn call(self, side: &Side, scene: &Scene) -> Result<String> {
        let (store, owner, chat) = (&side.store, scene.owner, scene.chat);
        Ok(match self {
            Self::Create => {
                let chat =
                    store.create(owner, NewConversation::new().with_session(tab("third"))).await?;
                format!("{:?} {}", chat.session, chat.message_count)
            }
            Self::Get => store.get(owner, chat).await?.message_count.to_string(),
            Self::FindSession => {
                let chat = store.find_session(owner, &tab("second")).await?;
                format!("{:?} {}", chat.session, chat.message_count)
            }
            Self::List => {
                let page = store.list(owner, ConversationQuery::default()).await?;
                format!("{:?}", page.items.iter().map(|chat| &chat.session).collect::<Vec<_>>())
            }
            Self::Update | Self::UpdateOfVersion => {
                let mut update = ConversationUpdate::new().with_title("New")?.with_archived(true);
                update.expected_version = self.expected(scene);
                let chat = store.update(owner, chat, update).await?;
                format!("{:?} {}", chat.title, chat.archived)
            }
            Self::Delete | Self::DeleteOfVersion => {
                format!("{:?}", store.delete(owner, chat, self.expected(scene)).await?)
            }
            Self::Append => self.append(side, scene, turn().with_key(TurnKey::new("key")?)).await?,
            Self::AppendWithoutKey => self.append(side, scene, turn()).await?,
            Self::Messages => {
                let page =
                    store.messages(owner, chat, MessageQuery::last(Limit::default())).await?;
                texts(&page.items)
            }
            Self::Erase => format!("{:?}", store.erase(owner).await?),
            Self::EnsureUser => self.ensure_user(side, scene).await?,
            Self::ForgetUser => match &side.sql {
                Some(store) => format!("{:?}", store.forget_user(owner).await?),
                None => String::new(),
            },
        })
    }

    /// Whether the refusal of a repeated call says that the first was applied.
    pub(super) const fn is_done(self, refusal: &Error) -> bool {
        match self {
            Self::Create => matches!(refusal, Error::Conflict(Conflict::SessionTaken)),
            Self::Delete | Self::DeleteOfVersion => matches!(refusal, Error::NotFound),
            Self::UpdateOfVersion => matches!(refusal, Error::Conflict(Conflict::Changed)),
            _ => false,
        }
    }

    fn expected(self, scene: &Scene) -> Option<Version> {
        matches!(self, Self::UpdateOfVersion | Self::DeleteOfVersion).then_some(scene.version)
    }

    async fn append(self, side: &Side, scene: &Scene, turn: Turn) -> Result<String> {
        let appended = side.store.append(scene.owner, scene.chat, turn).await?;
        Ok(texts(&appended.messages))
    }

    async fn ensure_user(self, side: &Side, scene: &Scene) -> Result<String> {
        if let Some(store) = &side.sql {
            store.ensure_user(&scene.newcomer).await?;
        }
        Ok(String::new())
    }
}

fn tab(session: &str) -> SessionId {
    SessionId::new(session).expect("the name of a session is short")
}

fn turn() -> Turn {
    Turn::new([NewMessage::user("c"), NewMessage::assistant("d")]).expect("two messages are a turn")
}

fn texts(messages: &[scrollback::Message]) -> String {
    let texts = messages.iter().map(|message| (message.position.get(), &*message.content));
    format!("{:?}", texts.collect::<Vec<_>>())
}

#[test]
fn no_method_of_the_trait_is_left_out() {
    let source = include_str!("../../../src/store.rs");

    let methods = source.lines().filter_map(|line| line.strip_prefix("    async fn "));
    let methods = methods.map(|method| method.split('(').next().unwrap().replace('_', ""));
    let ops = Op::of_the_trait().iter().map(|op| format!("{op:?}").to_lowercase());

    assert_eq!(ops.collect::<Vec<_>>(), methods.collect::<Vec<_>>());
}
