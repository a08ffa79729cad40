//! The judgement: what keeps a store from working, and what an operator should know.

use std::fmt;

use serde::Serialize;

use super::{Backend, Durability, Pooler, Preflight, RowSecurity, Schema};

/// The oldest PostgreSQL that is tested.
const OLDEST_POSTGRES: u32 = 140_000;

/// What must be changed before a store can be trusted; `Display` says how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Problem {
    /// The server is older than PostgreSQL 14.
    ServerTooOld,
    /// The database cannot store every text.
    EncodingNotUtf8,
    /// Our tables are not there.
    TablesMissing,
    /// Migrations are waiting.
    MigrationsPending,
    /// A later release migrated the database.
    DatabaseNewer,
    /// The role may not do something it must.
    PrivilegesMissing(Vec<String>),
    /// The server or the session refuses writes.
    ReadOnly,
    /// Statements may run with another client's parameters.
    UnsafePooler,
    /// Row level security hides every row from a store that names no owner.
    OwnerNotNamed,
    /// Deleting an owner would leave their conversations behind.
    ForeignKeysOff,
}

/// What works, and is worth a thought; `Display` says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Warning {
    /// A crash may lose what was acknowledged, or more.
    NotDurable(Durability),
    /// The role may do everything.
    Superuser,
    /// Messages cross a network in clear text.
    NotEncrypted,
    /// There is row level security, and it does not hold this role.
    RowSecurityBypassed,
    /// The store names the owner, and there is no row level security.
    RowSecurityOff,
}

impl Preflight {
    /// What keeps a store from working on this database, worst first; empty when all is well.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let old = self.backend == Backend::Postgres && self.version < OLDEST_POSTGRES;
        let lacking = self.role.as_ref().map_or(&[][..], |role| &role.missing_privileges);
        [
            (self.pooler == Pooler::TransactionUnsafe).then_some(Problem::UnsafePooler),
            old.then_some(Problem::ServerTooOld),
            (&*self.encoding != "UTF8").then_some(Problem::EncodingNotUtf8),
            schema_problem(self.schema),
            (!lacking.is_empty()).then(|| Problem::PrivilegesMissing(lacking.to_vec())),
            self.read_only.then_some(Problem::ReadOnly),
            (matches!(self.row_security, RowSecurity::On | RowSecurity::Partly)
                && self.names_owner == Some(false))
            .then_some(Problem::OwnerNotNamed),
            (!self.enforces_foreign_keys).then_some(Problem::ForeignKeysOff),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What works and is worth a thought.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let Durability { fsync, full_page_writes, synchronous_commit } = self.durability;
        let durable = fsync && full_page_writes && synchronous_commit;
        let superuser = self.role.as_ref().is_some_and(|role| role.superuser);
        [
            (!durable).then_some(Warning::NotDurable(self.durability)),
            superuser.then_some(Warning::Superuser),
            (self.remote && !self.encrypted).then_some(Warning::NotEncrypted),
            matches!(self.row_security, RowSecurity::Bypassed | RowSecurity::Partly)
                .then_some(Warning::RowSecurityBypassed),
            (self.row_security == RowSecurity::Off && self.names_owner == Some(true))
                .then_some(Warning::RowSecurityOff),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

const fn schema_problem(schema: Schema) -> Option<Problem> {
    match schema {
        Schema::Present | Schema::Current => None,
        Schema::Missing => Some(Problem::TablesMissing),
        Schema::Pending => Some(Problem::MigrationsPending),
        Schema::Newer => Some(Problem::DatabaseNewer),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerTooOld => "the server is older than PostgreSQL 14: upgrade it",
            Self::EncodingNotUtf8 => {
                "the database cannot hold all text: create it with ENCODING 'UTF8'"
            }
            Self::TablesMissing => {
                "the tables are missing: run `scrollback-migration up`, or call SeaOrmStore::migrate"
            }
            Self::MigrationsPending => {
                "migrations are pending: run `scrollback-migration up`, or call SeaOrmStore::migrate"
            }
            Self::DatabaseNewer => {
                "the database was migrated by a later release of scrollback: update this program"
            }
            Self::PrivilegesMissing(lacking) => {
                let missing = lacking.join(" TO it; GRANT ");
                return write!(f, "the role lacks privileges: GRANT {missing} TO it");
            }
            Self::ReadOnly => {
                "the database only reads: connect to the primary and leave \
                 default_transaction_read_only off, or open the SQLite file without mode=ro and see \
                 that it may be written"
            }
            Self::UnsafePooler => {
                "a pooler in between mixes up the prepared statements of its clients: use PgBouncer \
                 1.21 or newer with max_prepared_statements above 0, session pooling, or a direct \
                 connection"
            }
            Self::OwnerNotNamed => {
                "row level security hides every row from this store: call \
                 SeaOrmStore::with_row_security, or take it off with \
                 `scrollback-migration down --row-security`"
            }
            Self::ForeignKeysOff => "foreign keys are off: set `PRAGMA foreign_keys = ON`",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDurable(Durability { fsync: false, .. }) => {
                "writes are not forced to the disk (fsync): a crash may damage the database, unless \
                 the storage below guards it"
            }
            Self::NotDurable(Durability { full_page_writes: false, .. }) => {
                "half-written pages cannot be repaired (full_page_writes or the journal is off): a \
                 crash may damage the database, unless the storage below guards it"
            }
            Self::NotDurable(_) => {
                "answers are given before the write is on the disk (synchronous_commit, or \
                 synchronous=NORMAL): a crash may lose the last turns"
            }
            Self::Superuser => {
                "the role is a superuser: serve with one that has only SELECT, INSERT, UPDATE, DELETE"
            }
            Self::NotEncrypted => {
                "messages cross the network in clear text: add sslmode=verify-full to the URL"
            }
            Self::RowSecurityBypassed => {
                "row level security does not hold this role on all tables: serve with a role that is \
                 no superuser and has no BYPASSRLS, and leave both tables as \
                 `scrollback-migration up --row-security` makes them"
            }
            Self::RowSecurityOff => {
                "the store names the owner in every call, at the price of three round trips, and no \
                 row level security reads it: run `scrollback-migration up --row-security`, or leave \
                 out with_row_security"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sea_orm::preflight::Role;

    fn healthy() -> Preflight {
        Preflight {
            backend: Backend::Postgres,
            version: OLDEST_POSTGRES,
            version_text: "14.0".into(),
            encoding: "UTF8".into(),
            schema: Schema::Current,
            role: Some(Role {
                name: "chat".into(),
                superuser: false,
                creates_tables: false,
                missing_privileges: Vec::new(),
            }),
            durability: Durability {
                fsync: true,
                full_page_writes: true,
                synchronous_commit: true,
            },
            read_only: false,
            enforces_foreign_keys: true,
            remote: true,
            encrypted: true,
            pooler: Pooler::TransactionSafe,
            row_security: RowSecurity::Off,
            names_owner: None,
        }
    }

    #[test]
    fn a_healthy_database_has_no_problems_and_no_warnings() {
        let report = healthy();

        assert_eq!(report.problems(), []);
        assert_eq!(report.warnings(), []);
        assert!(report.check().is_ok());
    }

    #[test]
    fn each_fact_that_is_wrong_is_one_problem() {
        let unsafe_pooler = Pooler::TransactionUnsafe;
        for (report, problem) in [
            (Preflight { version: 139_999, ..healthy() }, Problem::ServerTooOld),
            (Preflight { encoding: "LATIN1".into(), ..healthy() }, Problem::EncodingNotUtf8),
            (Preflight { schema: Schema::Missing, ..healthy() }, Problem::TablesMissing),
            (Preflight { schema: Schema::Pending, ..healthy() }, Problem::MigrationsPending),
            (Preflight { schema: Schema::Newer, ..healthy() }, Problem::DatabaseNewer),
            (Preflight { read_only: true, ..healthy() }, Problem::ReadOnly),
            (Preflight { pooler: unsafe_pooler, ..healthy() }, Problem::UnsafePooler),
            (Preflight { enforces_foreign_keys: false, ..healthy() }, Problem::ForeignKeysOff),
        ] {
            assert_eq!(report.problems(), [problem]);
        }
    }

    #[test]
    fn row_level_security_and_the_store_must_fit() {
        use RowSecurity::{Bypassed, Off, On, Partly};
        for (row_security, names_owner, problems, warnings) in [
            (Off, Some(false), &[][..], &[][..]),
            (Off, Some(true), &[], &[Warning::RowSecurityOff]),
            (On, Some(true), &[], &[]),
            (On, Some(false), &[Problem::OwnerNotNamed], &[]),
            (On, None, &[], &[]),
            (Partly, Some(true), &[], &[Warning::RowSecurityBypassed]),
            (Partly, Some(false), &[Problem::OwnerNotNamed], &[Warning::RowSecurityBypassed]),
            (Bypassed, Some(true), &[], &[Warning::RowSecurityBypassed]),
            (Bypassed, Some(false), &[], &[Warning::RowSecurityBypassed]),
        ] {
            let report = Preflight { row_security, names_owner, ..healthy() };

            assert_eq!(report.problems(), problems, "{row_security:?} {names_owner:?}");
            assert_eq!(report.warnings(), warnings, "{row_security:?} {names_owner:?}");
        }
    }

    #[test]
    fn the_error_holds_every_problem() {
        let report = Preflight { read_only: true, schema: Schema::Newer, ..healthy() };

        let text = report.check().unwrap_err().to_string();

        assert!(text.contains("later release") && text.contains("primary"), "{text}");
    }

    #[test]
    fn only_a_server_elsewhere_needs_encryption() {
        let remote = Preflight { encrypted: false, ..healthy() };
        let local = Preflight { remote: false, ..remote.clone() };

        assert_eq!(remote.warnings(), [Warning::NotEncrypted]);
        assert_eq!(local.warnings(), []);
    }

    #[test]
    fn each_setting_that_may_lose_what_was_acknowledged_is_a_warning() {
        let durable = healthy().durability;
        for (durability, named) in [
            (Durability { fsync: false, ..durable }, "(fsync)"),
            (Durability { full_page_writes: false, ..durable }, "(full_page_writes"),
            (Durability { synchronous_commit: false, ..durable }, "(synchronous_commit"),
        ] {
            let warnings = Preflight { durability, ..healthy() }.warnings();

            assert_eq!(warnings, [Warning::NotDurable(durability)]);
            assert!(warnings[0].to_string().contains(named), "{}", warnings[0]);
        }
    }
}
