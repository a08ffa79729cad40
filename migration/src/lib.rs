//! The tables of scrollback, for PostgreSQL 14 to 18 and SQLite 3.37 or newer.
//!
//! A [`Migrator`] knows what the tables are called ([`Tables`]) and how their owners are anchored
//! ([`Users`]). It creates and drops them under one lock and in one transaction, so that any number
//! of processes may start at once; it says whether a database is current, and prints what it would
//! run for those who want to read or run it themselves.
//!
//! ```
//! use scrollback_migration::{Migrator, Tables, Users};
//! use sea_orm_migration::sea_orm::Database;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let db = Database::connect("sqlite::memory:").await?;
//! let migrator = Migrator::new(Tables::default(), Users::Managed);
//!
//! let applied = migrator.up(&db).await?;
//!
//! assert_eq!(applied.len(), 2);
//! assert!(migrator.status(&db).await?.is_current());
//! # Ok(())
//! # }
//! ```
//!
//! # Three ways to run it
//!
//! * [`Migrator::up`] in the program that uses the tables.
//! * The binary: `scrollback-migration up --users managed --database-url …`, or `sql` in place of
//!   `up` for the text.
//! * [`Migrator::migrations`], appended to the list of a SeaORM migrator that the host has already.
//!
//! # Row level security
//!
//! [`Migrator::with_row_security`], or `up --row-security`, has PostgreSQL itself show nobody's rows
//! but the owner's that a transaction names. A call of the store is four round trips then.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `postgres` | yes | migrating PostgreSQL, with TLS and public roots |
//! | `sqlite` | yes | migrating SQLite, which is compiled in |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bookkeeping;
mod cause;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod connect;
mod dialect;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[doc(hidden)]
pub mod driver;
mod error;
mod m20261120_000001_create_users;
mod m20261120_000002_create_tables;
mod m20261120_000003_row_security;
mod migration;
mod migrator;
mod name;
mod owners;
mod plan;
mod rights;
mod row_security;
mod run;
mod status;
mod tables;
#[doc(hidden)]
pub mod template;
mod users;
mod users_table;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use connect::{Connect, ConnectError};
#[cfg(feature = "postgres")]
#[doc(hidden)]
pub use connect::{Health, Postgres};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[doc(hidden)]
pub use connect::{Prepared, Refusal};
pub use error::{MigrateError, Result};
pub use migrator::Migrator;
pub use status::Status;
pub use tables::Tables;
pub use users::Users;
