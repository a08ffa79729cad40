//! The conformance kit on the stores of this crate.

mod memory {
    scrollback::conformance_tests!(scrollback::conformance::Clones::new(
        scrollback::MemoryStore::new()
    ));
}

mod sqlite {
    scrollback::conformance_tests!(crate::database::OnSqlite::new().await);
}

// Behind poolers: `poolers::kit`.
mod postgres {
    scrollback::conformance_tests!(crate::database::OnPostgres::new().await);
}
