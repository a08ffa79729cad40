//! The statements of the store: one for every thing it does.

use scrollback_migration::{Tables, template::fill};

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
    /// owner, id, set title?, title, archived, set metadata?, metadata, expected time → conversation.
    pub(super) update: T,
    /// owner, id, expected time → one row when something was deleted.
    pub(super) delete: T,
    /// owner, id, key, expected count, the messages as the dialect has them → id, position, time.
    pub(super) append: T,
    /// The calls and their messages, as `postgres::turns` has them → id, position, time, owner,
    /// conversation, key.
    #[cfg(feature = "postgres")]
    pub(super) append_group: T,
    /// owner, id, key → count and, where the key is stored, its messages.
    pub(super) stored_turn: T,
    /// owner, id, after, up to, rows → count and, where there are any, messages.
    pub(super) messages: T,
    /// owner → rows of conversations and messages that are gone, to be added up, and whether any were
    /// hidden.
    pub(super) erase: T,
    /// subject → id.
    pub(super) find_user: T,
    /// subject → id, or no row when it was there.
    pub(super) add_user: T,
    /// owner.
    pub(super) remove_user: T,
}

/// A statement with the names of the tables in it.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// What it does, for the log.
    pub(super) name: &'static str,
    pub(super) text: String,
}

pub(super) type Statements = Sql<Named>;

impl Statements {
    /// Puts the quoted names of `tables` into the texts of `dialect`.
    pub(super) fn render(dialect: Option<Dialect>, tables: &Tables) -> Self {
        let Some(dialect) = dialect else { return Self::default() };
        let sql = dialect.sql();
        let render = |name, template: &str| {
            let text = fill(template, |placeholder| match placeholder {
                "conversation" => CONVERSATION.to_owned(),
                "message" => MESSAGE.to_owned(),
                "users" => tables.users(),
                "conversations" => tables.conversations(),
                "conversations_name" => literal(&tables.conversations()),
                _ => tables.messages(),
            });
            Named { name, text }
        };
        Self {
            create: render("create", sql.create),
            get: render("get", sql.get),
            find_session: render("find_session", sql.find_session),
            list_older: render("list_older", sql.list_older),
            list_newer: render("list_newer", sql.list_newer),
            update: render("update", sql.update),
            delete: render("delete", sql.delete),
            append: render("append", sql.append),
            #[cfg(feature = "postgres")]
            append_group: render("append_group", sql.append_group),
            stored_turn: render("stored_turn", sql.stored_turn),
            messages: render("messages", sql.messages),
            erase: render("erase", sql.erase),
            find_user: render("find_user", sql.find_user),
            add_user: render("add_user", sql.add_user),
            remove_user: render("remove_user", sql.remove_user),
        }
    }
}

/// The name of a table as a text.
fn literal(name: &str) -> String {
    ["'", &name.replace('\'', "''"), "'"].concat()
}

/// The columns of a conversation, in the order in which `convert` reads them.
///
/// `CAST` keeps the text of PostgreSQL's `json` as it was written.
const CONVERSATION: &str = "id, session_id, title, CAST(metadata AS text), message_count, archived, created_at, updated_at";

/// The columns of a message `m`, in the order in which `convert` reads them.
const MESSAGE: &str =
    "m.id, m.position, m.role, m.content, CAST(m.metadata AS text), m.turn_key, m.created_at";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_placeholder_is_left_alone() {
        let tables = Tables::default().with_conversations("{messages}").unwrap();

        for backend in [sea_orm::DbBackend::Postgres, sea_orm::DbBackend::Sqlite] {
            let Some(dialect) = Dialect::of(backend) else { continue };
            let statements = Statements::render(Some(dialect), &tables);

            assert!(statements.get.text.contains(r#"FROM "{messages}" WHERE"#));
            assert!(statements.messages.text.contains(r#"FROM "{messages}" AS c"#));
        }
    }
}
