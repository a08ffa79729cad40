//! Everybody who is compared.

mod data_connector;
mod diesel;
mod entities;
mod grouped;
mod map;
mod ours;
mod raw;
mod row;
mod rusqlite;
mod sqlx;

pub(crate) use self::data_connector::DataConnector;
pub(crate) use self::diesel::Diesel;
pub(crate) use self::rusqlite::Rusqlite;
pub(crate) use self::sqlx::Sqlx;
pub(crate) use entities::Entities;
pub(crate) use grouped::Grouped;
pub(crate) use map::Map;
pub(crate) use ours::{Fastest, Ours, fastest, of as turn_of, over_pool_of_host};
pub(crate) use raw::Raw;
