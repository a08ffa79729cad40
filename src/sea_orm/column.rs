//! The columns of a row, read where the driver has them.
//!
//! SeaORM copies a text into a `String`, from which ours would be copied again, and asks of each value
//! whether its type fits. The statements are ours, so their types do.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, QueryResult, sqlx::Row};

use crate::sea_orm::dialect::Dialect;

type Result<T> = std::result::Result<T, DbErr>;

/// Returns what a driver's own row has in the column; a row of another kind, as SeaORM's mocks have, is
/// left to what follows.
macro_rules! return_from_driver {
    ($row:ident, $column:ident, $type:ty) => {
        return_from_driver!($row, $column, $type, std::convert::identity);
    };
    ($row:ident, $column:ident, $type:ty, $into:expr) => {
        #[cfg(feature = "postgres")]
        if let Some(row) = $row.try_as_pg_row() {
            return row.try_get_unchecked::<$type, _>($column).map($into).map_err(unreadable);
        }
        #[cfg(feature = "sqlite")]
        if let Some(row) = $row.try_as_sqlite_row() {
            return row.try_get_unchecked::<$type, _>($column).map($into).map_err(unreadable);
        }
    };
}

pub(super) fn bigint(row: &QueryResult, column: usize) -> Result<i64> {
    return_from_driver!(row, column, i64);
    row.try_get_by_index(column)
}

pub(super) fn nullable_bigint(row: &QueryResult, column: usize) -> Result<Option<i64>> {
    return_from_driver!(row, column, Option<i64>);
    row.try_get_by_index(column)
}

pub(super) fn integer(row: &QueryResult, column: usize) -> Result<i32> {
    return_from_driver!(row, column, i32);
    row.try_get_by_index(column)
}

pub(super) fn boolean(row: &QueryResult, column: usize) -> Result<bool> {
    return_from_driver!(row, column, bool);
    row.try_get_by_index(column)
}

pub(super) fn text(row: &QueryResult, column: usize) -> Result<Cow<'_, str>> {
    return_from_driver!(row, column, &str, Cow::Borrowed);
    row.try_get_by_index::<String>(column).map(Cow::Owned)
}

pub(super) fn nullable_text(row: &QueryResult, column: usize) -> Result<Option<Cow<'_, str>>> {
    return_from_driver!(row, column, Option<&str>, |text| text.map(Cow::Borrowed));
    Ok(row.try_get_by_index::<Option<String>>(column)?.map(Cow::Owned))
}

/// A point in time, as the dialect keeps it.
pub(super) fn time(dialect: Dialect, row: &QueryResult, column: usize) -> Result<DateTime<Utc>> {
    let micros = match dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres if row.try_as_pg_row().is_none() => return row.try_get_by_index(column),
        // On the wire it counts from 2000 (PostgreSQL, src/backend/utils/adt/timestamp.c).
        #[cfg(feature = "postgres")]
        Dialect::Postgres => bigint(row, column)?.checked_add(MICROS_TO_2000),
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Some(bigint(row, column)?),
    };
    micros
        .and_then(DateTime::from_timestamp_micros)
        .ok_or_else(|| DbErr::Type("a time out of range".to_owned()))
}

/// From 1970 to 2000.
#[cfg(feature = "postgres")]
const MICROS_TO_2000: i64 = 946_684_800_000_000;

/// The driver's own error may quote the value.
fn unreadable<E>(_: E) -> DbErr {
    DbErr::Type("a column could not be read".to_owned())
}
