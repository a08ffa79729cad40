use crate::tables::Table;

pub(super) const UP: &[(Table, &str)] = &[
    // `json` and not `jsonb`: metadata reads back byte for byte. Infinite times have no place in Rust.
    (
        Table::Conversations,
        "CREATE TABLE {conversations} (
  user_id bigint NOT NULL{references_users},
  id bigint GENERATED ALWAYS AS IDENTITY,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  message_count integer NOT NULL DEFAULT 0,
  archived boolean NOT NULL DEFAULT false,
  session_id text,
  title text,
  metadata json,
  CONSTRAINT {conversations:pkey} PRIMARY KEY (user_id, id),
  CONSTRAINT {conversations:count_check} CHECK (message_count >= 0),
  CONSTRAINT {conversations:time_check} CHECK (isfinite(created_at) AND isfinite(updated_at))
)",
    ),
    // Partial: an append moves the row, and so adds it to every index that it is in.
    (
        Table::Conversations,
        "CREATE UNIQUE INDEX {conversations:session_key}
  ON {conversations} (user_id, session_id)
  WHERE session_id IS NOT NULL",
    ),
    (
        Table::Conversations,
        "CREATE INDEX {conversations:listing_idx}
  ON {conversations} (user_id, archived, updated_at DESC, id DESC)",
    ),
    (
        Table::Messages,
        "CREATE TABLE {messages} (
  user_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  conversation_id bigint NOT NULL,
  created_at timestamptz NOT NULL,
  position integer NOT NULL,
  turn_index smallint NOT NULL,
  role text NOT NULL,
  turn_key text,
  content text NOT NULL,
  metadata json,
  CONSTRAINT {messages:pkey} PRIMARY KEY (user_id, id),
  CONSTRAINT {messages:position_key} UNIQUE (user_id, conversation_id, position),
  CONSTRAINT {messages:conversation_fkey} FOREIGN KEY (user_id, conversation_id)
    REFERENCES {conversations} (user_id, id) ON DELETE CASCADE,
  CONSTRAINT {messages:position_check} CHECK (position >= 1),
  CONSTRAINT {messages:time_check} CHECK (isfinite(created_at)),
  CONSTRAINT {messages:role_check} CHECK (role IN ('user', 'assistant', 'system', 'tool'))
)",
    ),
    (
        Table::Messages,
        "CREATE UNIQUE INDEX {messages:turn_key}
  ON {messages} (user_id, conversation_id, turn_key, turn_index)
  WHERE turn_key IS NOT NULL",
    ),
];
