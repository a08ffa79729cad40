//! The conformance kit on the stores of this crate.

mod memory {
    scrollback::conformance_tests!(scrollback::conformance::Clones::new(
        scrollback::MemoryStore::new()
    ));
}

mod sqlite {
    scrollback::conformance_tests!(crate::database::OnSqlite::new().await);
}

mod pgbouncer {
    scrollback::conformance_tests!(crate::database::BehindPgBouncer::new().await);
}

mod postgres {
    scrollback::conformance_tests!(crate::database::OnPostgres::new().await);
}
