use crate::tables::Table;

// A policy without WITH CHECK checks new rows by USING. The setting is read once for a statement, as
// a subselect; one that was set locally is the empty text, not null, after its transaction. Both are
// no owner: nothing equals null. FORCE: a host often serves as the role that has made the tables.
pub(super) const UP: &[(Table, &str)] = &[
    (
        Table::Conversations,
        "CREATE POLICY {conversations:owner_policy} ON {conversations}
  USING (user_id = (SELECT nullif(current_setting('scrollback.owner', true), '')::bigint))",
    ),
    (
        Table::Conversations,
        "ALTER TABLE {conversations} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    ),
    (
        Table::Messages,
        "CREATE POLICY {messages:owner_policy} ON {messages}
  USING (user_id = (SELECT nullif(current_setting('scrollback.owner', true), '')::bigint))",
    ),
    (Table::Messages, "ALTER TABLE {messages} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"),
];

pub(super) const DOWN: &[(Table, &str)] = &[
    (
        Table::Messages,
        "ALTER TABLE {messages} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
    ),
    (Table::Messages, "DROP POLICY IF EXISTS {messages:owner_policy} ON {messages}"),
    (
        Table::Conversations,
        "ALTER TABLE {conversations} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
    ),
    (Table::Conversations, "DROP POLICY IF EXISTS {conversations:owner_policy} ON {conversations}"),
];
