//! A connection in use, which goes back only in step.

use deadpool::managed::Object;
use sea_orm::sqlx::{
    self, PgConnection,
    postgres::{PgDatabaseError, PgSeverity},
};

use super::session::{Session, Sessions};

/// A connection that one call uses.
///
/// Between [`start`](Self::start) and [`end`](Self::end) it owes answers. Dropped there, as when a
/// call is cancelled or late, it is closed: the next borrower must not read them, nor wait for them.
pub(super) struct Lease {
    /// None when the lease has ended.
    session: Option<Object<Sessions>>,
    in_step: bool,
}

impl Lease {
    pub(super) const fn new(session: Object<Sessions>) -> Self {
        Self { session: Some(session), in_step: true }
    }

    /// The connection, to send something.
    pub(super) fn start(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.in_step = false;
        let connection = self.session.as_mut().and_then(|session| session.connection());
        connection.ok_or(sqlx::Error::PoolClosed)
    }

    /// What was sent has been answered so.
    pub(super) fn end<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.in_step = answer.as_ref().err().is_none_or(leaves_in_step);
        if !self.in_step
            && let Some(session) = &self.session
            && let Some(pool) = Object::pool(session)
        {
            pool.manager().health.note_broken();
        }
        answer
    }

    /// Closes the connection.
    pub(super) fn abandon(mut self) {
        self.in_step = false;
    }

    /// Whether nothing is owed.
    pub(super) const fn is_in_step(&self) -> bool {
        self.in_step
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match self.session.take() {
            Some(mut session) if self.in_step => session.rest(),
            Some(session) => Session::abandon(Object::take(session)),
            None => {}
        }
    }
}

/// After most errors of the server the connection may be used again; the driver reads what follows
/// them before it sends anything.
fn leaves_in_step(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(refusal) => {
            let refusal = refusal.try_downcast_ref::<PgDatabaseError>();
            refusal.is_some_and(|refusal| {
                !matches!(refusal.severity(), PgSeverity::Fatal | PgSeverity::Panic)
            })
        }
        // Of what was answered, or never sent.
        sqlx::Error::RowNotFound | sqlx::Error::Encode(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sea_orm::coded::refused_with;

    #[test]
    fn what_is_not_known_to_leave_a_connection_in_step_does_not() {
        assert!(leaves_in_step(&sqlx::Error::RowNotFound));
        for error in [
            sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into()),
            sqlx::Error::Protocol(String::new()),
            sqlx::Error::Decode("unreadable".into()),
            refused_with("57P01"),
        ] {
            assert!(!leaves_in_step(&error), "{error:?}");
        }
    }
}
