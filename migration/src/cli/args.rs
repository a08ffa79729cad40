//! The words of the command line.

use std::ffi::OsString;

use scrollback_migration::{Tables, Users};
use sea_orm_migration::sea_orm::DbBackend;

use super::{Failure, usage};

pub(super) const HELP: &str = "\
Creates, checks, prints and drops the tables of scrollback.

Usage: scrollback-migration COMMAND [OPTION]...

Commands:
  up       apply what is pending
  down     drop all tables with all data; needs --yes
  status   list what is applied and pending; exit code 1 when not current
  sql      print what up runs on an empty database

Options:
  --database-url URL  the database; otherwise DATABASE_URL of the environment:
                        postgres://USER:PASSWORD@HOST:PORT/DATABASE
                        sqlite://FILE
  --users CHOICE      what owners refer to; up and sql need it:
                        managed                a table of ours gives subjects an id
                        existing:TABLE.COLUMN  your table, or SCHEMA.TABLE.COLUMN
                        unchecked              nothing
  --schema NAME       the schema of PostgreSQL, created when missing
  --prefix TEXT       what the names of all tables begin with
  --backend NAME      postgres or sqlite, for sql without a URL
  --row-security      up, sql, status: with row level security, on PostgreSQL
                      down: take that off and nothing else; no data is lost
  --yes               agree to down
  --help, --version

Exit codes: 0 done, 1 failed or not current, 2 wrong command line.
";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Up,
    Down,
    Status,
    Sql,
    Help,
    Version,
}

pub(super) struct Args {
    pub(super) action: Action,
    pub(super) url: Option<String>,
    pub(super) users: Option<Users>,
    pub(super) tables: Tables,
    pub(super) row_security: bool,
    pub(super) backend: Option<DbBackend>,
}

/// What was given, before it is known whether it makes sense together.
#[derive(Default)]
struct Given {
    action: Option<Action>,
    url: Option<String>,
    users: Option<Users>,
    schema: Option<String>,
    prefix: Option<String>,
    backend: Option<DbBackend>,
    row_security: bool,
    yes: bool,
}

pub(super) fn parse(args: impl Iterator<Item = OsString>) -> Result<Args, Failure> {
    let mut given = Given::default();
    let mut args = args.map(|arg| arg.into_string().map_err(|_| usage("arguments must be UTF-8")));
    while let Some(arg) = args.next().transpose()? {
        let (name, value) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (&*arg, None),
        };
        given.take(name, || match value {
            Some(value) => Ok(value),
            None => args.next().unwrap_or_else(|| Err(usage(format!("{name} needs a value")))),
        })?;
    }
    given.checked()
}

impl Given {
    fn take(
        &mut self,
        name: &str,
        value: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        match name {
            "--database-url" => self.url = Some(value()?),
            "--users" => self.users = Some(users(&value()?)?),
            "--schema" => self.schema = Some(value()?),
            "--prefix" => self.prefix = Some(value()?),
            "--backend" => self.backend = Some(backend(&value()?)?),
            "--row-security" => self.row_security = true,
            "--yes" => self.yes = true,
            "--help" | "-h" => self.action = Some(Action::Help),
            "--version" | "-V" => self.action = Some(Action::Version),
            _ if name.starts_with('-') => return Err(usage(format!("unknown option {name}"))),
            word => self.command(word)?,
        }
        Ok(())
    }

    fn command(&mut self, word: &str) -> Result<(), Failure> {
        let action = match word {
            "up" => Action::Up,
            "down" => Action::Down,
            "status" => Action::Status,
            "sql" => Action::Sql,
            // Not repeated: it may be a URL with its password.
            _ => return Err(usage("the command is up, down, status or sql")),
        };
        match self.action {
            Some(Action::Help | Action::Version) => Ok(()),
            Some(_) => Err(usage("one command at a time")),
            None => {
                self.action = Some(action);
                Ok(())
            }
        }
    }

    fn checked(self) -> Result<Args, Failure> {
        let Self { action, url, users, schema, prefix, backend, row_security, yes } = self;
        let action = action.ok_or_else(|| usage("the command is up, down, status or sql"))?;
        if matches!(action, Action::Up | Action::Sql) && users.is_none() {
            return Err(usage("--users is missing: managed, existing:TABLE.COLUMN or unchecked"));
        }
        if action == Action::Down && !yes && !row_security {
            return Err(usage(
                "down deletes all conversations; say --yes if that is what you want",
            ));
        }
        let tables = tables(schema, prefix).map_err(|error| usage(error.to_string()))?;
        Ok(Args { action, url, users, tables, row_security, backend })
    }
}

fn tables(schema: Option<String>, prefix: Option<String>) -> scrollback_migration::Result<Tables> {
    let mut tables = Tables::default();
    if let Some(schema) = schema {
        tables = tables.with_schema(schema)?;
    }
    match prefix {
        Some(prefix) => tables.with_prefix(&prefix),
        None => Ok(tables),
    }
}

fn users(choice: &str) -> Result<Users, Failure> {
    match choice {
        "managed" => Ok(Users::Managed),
        "unchecked" => Ok(Users::Unchecked),
        _ => choice
            .strip_prefix("existing:")
            .and_then(|table| table.rsplit_once('.'))
            .map(|(table, column)| Users::existing(table, column))
            .ok_or_else(|| usage("--users is managed, existing:TABLE.COLUMN or unchecked")),
    }
}

fn backend(name: &str) -> Result<DbBackend, Failure> {
    match name {
        "postgres" => Ok(DbBackend::Postgres),
        "sqlite" => Ok(DbBackend::Sqlite),
        _ => Err(usage("--backend is postgres or sqlite")),
    }
}
