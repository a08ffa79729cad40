//! The statements of the store: one for every thing it does.

use scrollback_migration::Tables;

use crate::sea_orm::dialect::Dialect;

/// One text for every statement; both dialects fill in the same list.
///
/// Parameters and result columns have the same order in both, except where a field says otherwise.
#[derive(Debug, Default)]
pub(super) struct Sql<T> {
    /// owner, session, title, metadata → conversation, or no row when the session is taken.
    pub(super) create: T,
    /// owner, id → conversation.
    pub(super) get: T,
    /// owner, session → conversation.
    pub(super) find_session: T,
    /// owner, archived, time, id, rows → conversations, newest first.
    pub(super) list_older: T,
    /// owner, archived, time, id, rows → conversations, oldest first.
    pub(super) list_newer: T,
    /// owner, id, set title?, title, archived, set metadata?, metadata → conversation.
    pub(super) update: T,
    /// owner, id → one row when something was deleted.
    pub(super) delete: T,
    /// owner, id, key, expected count, the messages as the dialect has them → id, position, time.
    pub(super) append: T,
    /// owner, id, key → count and, where the key is stored, its messages.
    pub(super) stored_turn: T,
    /// owner, id, after, up to, rows → count and, where there are any, messages.
    pub(super) messages: T,
    /// owner → rows of conversations and messages that are gone, to be added up.
    pub(super) erase: T,
    /// subject → id.
    pub(super) find_user: T,
    /// subject → id, or no row when it was there.
    pub(super) add_user: T,
    /// owner.
    pub(super) remove_user: T,
}

/// The statements with the names of the tables in them.
pub(super) type Statements = Sql<String>;

impl Statements {
    /// Puts the quoted names of `tables` into the texts of `dialect`.
    pub(super) fn render(dialect: Option<Dialect>, tables: &Tables) -> Self {
        let Some(dialect) = dialect else { return Self::default() };
        let sql = dialect.sql();
        let render = |text: &str| {
            // The columns come first: they contain no name of a table.
            text.replace("{conversation}", CONVERSATION)
                .replace("{message}", MESSAGE)
                .replace("{users}", tables.users().as_ref())
                .replace("{conversations}", tables.conversations().as_ref())
                .replace("{messages}", tables.messages().as_ref())
        };
        Self {
            create: render(sql.create),
            get: render(sql.get),
            find_session: render(sql.find_session),
            list_older: render(sql.list_older),
            list_newer: render(sql.list_newer),
            update: render(sql.update),
            delete: render(sql.delete),
            append: render(sql.append),
            stored_turn: render(sql.stored_turn),
            messages: render(sql.messages),
            erase: render(sql.erase),
            find_user: render(sql.find_user),
            add_user: render(sql.add_user),
            remove_user: render(sql.remove_user),
        }
    }
}

/// The columns of a conversation, in the order in which `convert` reads them.
///
/// `CAST` keeps the text of PostgreSQL's `json` as it was written.
const CONVERSATION: &str = "id, session_id, title, CAST(metadata AS text), message_count, archived, created_at, updated_at";

/// The columns of a message `m`, in the order in which `convert` reads them.
const MESSAGE: &str =
    "m.id, m.position, m.role, m.content, CAST(m.metadata AS text), m.turn_key, m.created_at";
