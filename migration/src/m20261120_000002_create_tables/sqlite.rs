use crate::tables::Table;

pub(super) const UP: &[(Table, &str)] = &[
    // Times are microseconds since 1970.
    (
        Table::Conversations,
        "CREATE TABLE {conversations} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL{references_users},
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  message_count INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  session_id TEXT,
  title TEXT,
  metadata TEXT,
  CONSTRAINT {conversations:owner_key} UNIQUE (user_id, id),
  CONSTRAINT {conversations:session_key} UNIQUE (user_id, session_id),
  CONSTRAINT {conversations:count_check} CHECK (message_count >= 0),
  CONSTRAINT {conversations:archived_check} CHECK (archived IN (0, 1))
) STRICT",
    ),
    (
        Table::Conversations,
        "CREATE INDEX {conversations:listing_idx}
  ON {conversations} (user_id, archived, updated_at DESC, id DESC)",
    ),
    (
        Table::Messages,
        "CREATE TABLE {messages} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  position INTEGER NOT NULL,
  turn_index INTEGER NOT NULL,
  role TEXT NOT NULL,
  turn_key TEXT,
  content TEXT NOT NULL,
  metadata TEXT,
  CONSTRAINT {messages:position_key} UNIQUE (user_id, conversation_id, position),
  CONSTRAINT {messages:conversation_fkey} FOREIGN KEY (user_id, conversation_id)
    REFERENCES {conversations} (user_id, id) ON DELETE CASCADE,
  CONSTRAINT {messages:position_check} CHECK (position >= 1),
  CONSTRAINT {messages:role_check} CHECK (role IN ('user', 'assistant', 'system', 'tool'))
) STRICT",
    ),
    (
        Table::Messages,
        "CREATE UNIQUE INDEX {messages:turn_key}
  ON {messages} (user_id, conversation_id, turn_key, turn_index)
  WHERE turn_key IS NOT NULL",
    ),
    // The store appends with one INSERT .. SELECT; this keeps counter and activity in that statement.
    (
        Table::Messages,
        "CREATE TRIGGER {messages:count} AFTER INSERT ON {messages}
BEGIN
  UPDATE {conversations}
     SET message_count = message_count + 1, updated_at = NEW.created_at
   WHERE user_id = NEW.user_id AND id = NEW.conversation_id;
END",
    ),
    // Foreign keys are off on a connection that did not ask for them; what is erased goes anyway.
    (
        Table::Conversations,
        "CREATE TRIGGER {conversations:erase} AFTER DELETE ON {conversations}
BEGIN
  DELETE FROM {messages} WHERE user_id = OLD.user_id AND conversation_id = OLD.id;
END",
    ),
];
