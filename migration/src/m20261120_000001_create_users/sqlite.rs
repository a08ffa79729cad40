use crate::tables::Table;

pub(super) const UP: &[(Table, &str)] = &[(
    Table::Users,
    "CREATE TABLE {users} (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER) * 1000000),
  CONSTRAINT {users:subject_key} UNIQUE (subject),
  CONSTRAINT {users:subject_check} CHECK (length(CAST(subject AS BLOB)) BETWEEN 1 AND 255)
) STRICT",
)];
