//! The same data everywhere, before anything is measured.

mod data_connector;
mod memory;
mod postgres;
mod sqlite;

pub(crate) use self::data_connector::{conversation_name, data_connector, item_name};
pub(crate) use memory::{map, memory};
pub(crate) use postgres::postgres;
pub(crate) use sqlite::sqlite;
