//! The table of users that we manage: the host's subject to our id.

mod postgres;
mod sqlite;

use crate::{
    migration::{For, Migration, Script},
    tables::Table,
};

pub(crate) const MIGRATION: Migration = Migration {
    name: "scrollback_m20261120_000001_create_users",
    wanted: For::ManagedUsers,
    postgres: Script { up: postgres::UP, down: DOWN },
    sqlite: Script { up: sqlite::UP, down: DOWN },
};

const DOWN: &[(Table, &str)] = &[(Table::Users, "DROP TABLE IF EXISTS {users}")];
