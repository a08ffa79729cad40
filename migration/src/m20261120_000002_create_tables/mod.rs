//! Conversations and messages. The owner leads every key, so nothing is unique across owners.

mod postgres;
mod sqlite;

use crate::{
    migration::{For, Migration, Script},
    tables::Table,
};

pub(crate) const MIGRATION: Migration = Migration {
    name: "scrollback_m20261120_000002_create_tables",
    wanted: For::Everyone,
    postgres: Script { up: postgres::UP, down: DOWN },
    sqlite: Script { up: sqlite::UP, down: DOWN },
};

// Without CASCADE: what a host has built upon the tables is the host's to drop.
const DOWN: &[(Table, &str)] = &[
    (Table::Messages, "DROP TABLE IF EXISTS {messages}"),
    (Table::Conversations, "DROP TABLE IF EXISTS {conversations}"),
];
