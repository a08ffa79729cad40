//! Policies by which PostgreSQL itself shows nobody's rows but the owner's that the transaction names.

mod postgres;

use crate::migration::{For, Migration, Script};

pub(crate) const MIGRATION: Migration = Migration {
    name: "scrollback_m20261120_000003_row_security",
    wanted: For::RowSecurity,
    postgres: Script { up: postgres::UP, down: postgres::DOWN },
    // A plan that asks for it is refused there.
    sqlite: Script { up: &[], down: &[] },
};
