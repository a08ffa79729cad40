//! A server with a folder of its own, which may go down and come back where it was.

use scrollback::SeaOrmStore;
use tempfile::TempDir;

use crate::program::Program;

/// A server, which may be down.
pub(super) struct Site {
    folder: TempDir,
    arguments: Vec<String>,
    port: u16,
    program: Option<Program>,
}

impl Site {
    pub(super) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(super) async fn start_with(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let folder = TempDir::new().unwrap();
        let mut site = Self { folder, arguments, port: 0, program: None };
        site.start_again().await;
        site
    }

    /// Starts it where it was: to a browser, another port is another site.
    pub(super) async fn start_again(&mut self) {
        let Self { folder, arguments, port, .. } = self;
        let program = Program::start_at(folder.path(), *port, |command| command.args(arguments));
        let program = program.await;
        let (_, port) = program.address().split_once(':').unwrap();
        self.port = port.parse().unwrap();
        self.program = Some(program);
    }

    /// Ends it as a crash does.
    pub(super) async fn kill(&mut self) {
        self.program.take().expect("it runs").kill().await;
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// What the server has stored, past the server.
    pub(super) async fn store(&self) -> SeaOrmStore {
        let file = self.folder.path().join("scrollback.db");
        SeaOrmStore::connect(&format!("sqlite://{}", file.display())).await.unwrap()
    }
}
