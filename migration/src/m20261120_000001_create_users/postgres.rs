use crate::tables::Table;

pub(super) const UP: &[(Table, &str)] = &[(
    Table::Users,
    "CREATE TABLE {users} (
  id bigint GENERATED ALWAYS AS IDENTITY,
  subject text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT {users:pkey} PRIMARY KEY (id),
  CONSTRAINT {users:subject_key} UNIQUE (subject),
  CONSTRAINT {users:subject_check} CHECK (octet_length(subject) BETWEEN 1 AND 255)
)",
)];
