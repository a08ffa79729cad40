//! Two roles of a test's own that are nobody: no superuser, no owner of the database.

use std::thread;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::runtime;

use super::{Schema, schema::run};

/// Both look for tables in the test's schema; they go when this is dropped.
pub(crate) struct Roles {
    /// Makes the tables.
    pub(crate) maker: String,
    /// Serves from them.
    pub(crate) server: String,
}

impl Roles {
    pub(crate) async fn create(schema: &Schema, admin: &DatabaseConnection) -> Self {
        let name = schema.name();
        let (maker, server) = (format!("{name}_maker"), format!("{name}_server"));
        let sql = format!(
            "DROP ROLE IF EXISTS {maker}, {server};
             CREATE ROLE {maker} LOGIN PASSWORD 'secret';
             CREATE ROLE {server} LOGIN PASSWORD 'secret';
             ALTER ROLE {maker} SET search_path = {name};
             ALTER ROLE {server} SET search_path = {name};
             GRANT USAGE, CREATE ON SCHEMA {name} TO {maker};
             GRANT USAGE ON SCHEMA {name} TO {server}"
        );
        admin.execute_unprepared(&sql).await.expect("the test server lets its user create roles");
        Self { maker, server }
    }

    /// `url` for one of them.
    pub(crate) fn url(&self, role: &str, url: &str) -> String {
        let (_, rest) = url.rsplit_once('@').expect("the tests' server has a user in its URL");
        format!("postgres://{role}:secret@{rest}")
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        let Self { maker, server } = self;
        let sql = format!("DROP OWNED BY {server}, {maker} CASCADE; DROP ROLE {server}, {maker}");
        // The test's own runtime cannot be waited for here.
        let dropped = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a thread can have a runtime").block_on(run(&sql))
        })
        .join();
        // A second panic would abort the run and hide the first.
        if !thread::panicking() {
            let dropped = dropped.expect("dropping roles does not panic");
            dropped.expect("the roles of a test own nothing else");
        }
    }
}
