//! Transactions on a leased connection, and savepoints in them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::{
    runtime::Handle,
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use super::{Direct, lease::Lease};

/// A server that does not roll back in this time loses the connection, and rolls back for that reason.
const ROLLBACK: Duration = Duration::from_secs(1);

const ABORTED: &str = "a statement of the transaction has failed, so it was rolled back";

/// An open transaction, or a savepoint in one. Dropped, it is rolled back.
pub(in crate::sea_orm) struct Transaction {
    shared: Arc<Shared>,
    /// 0 for the transaction, 1 for a savepoint in it, and so on.
    depth: u32,
    open: bool,
}

struct Shared {
    work: Mutex<Work>,
    /// The outermost savepoint that was dropped and not rolled back yet; 0 when there is none.
    abandoned: AtomicU32,
}

struct Work {
    /// None when the transaction was given up.
    lease: Option<Lease>,
    open: bool,
    /// An error of the server has aborted it: a `COMMIT` would roll it back, and report success.
    aborted: bool,
}

impl Direct {
    /// Begins a transaction; `options` may follow the `BEGIN`.
    pub(in crate::sea_orm) async fn begin(&self, options: &str) -> Result<Transaction, DbErr> {
        let mut lease = self.lease().await?;
        // Dropped before its answer, it takes the connection along.
        lease.run(&["BEGIN", options].concat()).await.map_err(not_begun)?;
        let work = Work { lease: Some(lease), open: true, aborted: false };
        let shared = Shared { work: Mutex::new(work), abandoned: AtomicU32::new(0) };
        Ok(Transaction { shared: Arc::new(shared), depth: 0, open: true })
    }
}

impl Transaction {
    /// Sets a savepoint.
    pub(in crate::sea_orm) async fn nest(&self) -> Result<Self, DbErr> {
        let mut work = self.shared.work().await?;
        // Dropped from here on, the savepoint may be there.
        let nested = Self { shared: Arc::clone(&self.shared), depth: self.depth + 1, open: true };
        work.run(&nested.savepoint("SAVEPOINT ")).await?;
        Ok(nested)
    }

    pub(in crate::sea_orm) async fn execute(
        &self,
        statement: Statement,
    ) -> Result<ExecResult, DbErr> {
        let mut work = self.shared.work().await?;
        let done = work.lease()?.execute(statement).await;
        work.note(done)
    }

    pub(in crate::sea_orm) async fn run(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.shared.work().await?.run(sql).await
    }

    pub(in crate::sea_orm) async fn query_one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let mut work = self.shared.work().await?;
        let row = work.lease()?.query_one(statement).await;
        work.note(row)
    }

    pub(in crate::sea_orm) async fn query_all(
        &self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let mut work = self.shared.work().await?;
        let rows = work.lease()?.query_all(statement).await;
        work.note(rows)
    }

    pub(in crate::sea_orm) async fn commit(mut self) -> Result<(), DbErr> {
        let mut work = self.shared.work().await?;
        if self.depth == 0 {
            work.commit().await?;
        } else {
            work.run(&self.savepoint("RELEASE SAVEPOINT ")).await?;
        }
        drop(work);
        self.open = false;
        Ok(())
    }

    pub(in crate::sea_orm) async fn rollback(mut self) -> Result<(), DbErr> {
        let mut work = self.shared.work().await?;
        if self.depth == 0 {
            work.rollback().await?;
        } else {
            work.roll_back_to(self.depth).await?;
        }
        drop(work);
        self.open = false;
        Ok(())
    }

    fn savepoint(&self, what: &str) -> String {
        [what, &name(self.depth)].concat()
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open && self.depth > 0 {
            let outermost = |other| if other == 0 { self.depth } else { self.depth.min(other) };
            self.shared
                .abandoned
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |other| Some(outermost(other)))
                .ok();
        }
    }
}

impl Shared {
    /// The connection, with every savepoint undone that was dropped.
    async fn work(&self) -> Result<MutexGuard<'_, Work>, DbErr> {
        let mut work = self.work.lock().await;
        let abandoned = self.abandoned.load(Ordering::Acquire);
        if abandoned > 0 {
            work.roll_back_to(abandoned).await?;
            // Only now: whoever is dropped before the answer leaves it to the next one.
            let undone = |now| (now == abandoned).then_some(0);
            self.abandoned.fetch_update(Ordering::AcqRel, Ordering::Acquire, undone).ok();
        }
        Ok(work)
    }
}

/// The last one that could have ended it is gone.
impl Drop for Shared {
    fn drop(&mut self) {
        let work = self.work.get_mut();
        let Some(mut lease) = work.lease.take().filter(|_| work.open) else { return };
        match Handle::try_current() {
            Ok(runtime) if lease.is_in_step() => {
                runtime
                    .spawn(async move { timeout(ROLLBACK, lease.run("ROLLBACK")).await.is_ok() });
            }
            // A statement is under way, or nobody is left to wait for an answer.
            _ => lease.abandon(),
        }
    }
}

impl Work {
    fn lease(&mut self) -> Result<&mut Lease, DbErr> {
        self.lease.as_mut().ok_or_else(|| DbErr::Custom("the transaction has ended".to_owned()))
    }

    /// Passes an answer on, and remembers that the server lets nothing follow it.
    fn note<T>(&mut self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        let refused = |error: &DbErr| match error {
            DbErr::Query(RuntimeErr::SqlxError(error)) => error.as_database_error().is_some(),
            _ => false,
        };
        self.aborted |= answer.as_ref().err().is_some_and(refused);
        answer
    }

    async fn run(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = self.lease()?.run(sql).await;
        self.note(done)
    }

    async fn commit(&mut self) -> Result<(), DbErr> {
        if self.aborted {
            self.rollback().await?;
            return Err(DbErr::Custom(ABORTED.to_owned()));
        }
        self.run("COMMIT").await?;
        self.open = false;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), DbErr> {
        self.run("ROLLBACK").await?;
        self.open = false;
        Ok(())
    }

    async fn roll_back_to(&mut self, depth: u32) -> Result<(), DbErr> {
        self.run(&["ROLLBACK TO SAVEPOINT ", &name(depth)].concat()).await?;
        self.aborted = false;
        Ok(())
    }
}

fn name(depth: u32) -> String {
    format!("scrollback_{depth}")
}

/// SeaORM's name for what fails before anything was written.
fn not_begun(error: DbErr) -> DbErr {
    match error {
        DbErr::Query(cause) | DbErr::Exec(cause) => DbErr::Conn(cause),
        other => other,
    }
}
