//! T15: what PostgreSQL itself writes into its log, of every error that a call of ours can meet.

use std::sync::Arc;

use scrollback::{
    ConversationStore, ConversationUpdate, Metadata, NewConversation, NewMessage, SeaOrmStore,
    SessionId, Tables, Turn, UserId,
};
use scrollback_proof::{T15, Trial, control};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::{
    leaks, secret,
    server::{Server, Store, texts},
};

impl Server {
    async fn append(&self, store: &Store) {
        store.append(self.ann, self.chat, turn("")).await.unwrap_err();
    }

    /// Runs `sql` for every session that waits for a lock, once there are so many.
    async fn once_waiting(&self, count: usize, sql: &str) {
        let waiting = "SELECT pid::text FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        loop {
            let pids = texts(&self.admin, waiting).await;
            if pids.len() >= count {
                for pid in pids {
                    self.run(&sql.replace("{pid}", &pid)).await;
                }
                return;
            }
        }
    }

    /// Errors of waiting: for a lock, too long, cancelled, ended, and a key that was taken meanwhile.
    async fn provoke_waiters(&self) {
        let lock = self.admin.begin().await.unwrap();
        let row = format!("UPDATE conversations SET archived = archived WHERE id = {}", self.chat);
        lock.execute_unprepared(&row).await.unwrap();
        self.append(&self.store_with("lock_timeout", "50").await).await;
        let title = ConversationUpdate::new().with_title(secret("title")).unwrap();
        let hasty = self.store_with("statement_timeout", "50").await;
        hasty.update(self.ann, self.chat, title).await.unwrap_err();
        for end in ["SELECT pg_cancel_backend({pid})", "SELECT pg_terminate_backend({pid})"] {
            let store = self.store().await;
            tokio::join!(self.append(&store), self.once_waiting(1, end));
        }
        let store = Arc::new(self.store().await);
        let keyed = turn("").with_key(scrollback::TurnKey::new(secret("key")).unwrap());
        let append = || store.append(self.ann, self.chat, keyed.clone());
        let release = async {
            self.once_waiting(2, "SELECT {pid}").await;
            lock.commit().await.unwrap();
        };
        let (one, other, ()) = tokio::join!(append(), append(), release);
        assert!(one.unwrap().replayed != other.unwrap().replayed);
    }

    /// Errors of a statement: raised by it, by rights, by the mode, by what it refers to.
    async fn provoke(&self) {
        let store = self.store().await;
        for code in ["40001", "40P01"] {
            store.append(self.ann, self.chat, turn(code)).await.unwrap_err();
        }
        self.append(&self.store_with("default_transaction_read_only", "on").await).await;
        let nobody = UserId::new(-5);
        store.create(nobody, chat()).await.unwrap_err();
        let elsewhere = Tables::default().with_prefix("nowhere_").unwrap();
        let elsewhere = self.store().await.with_tables(elsewhere);
        elsewhere.create(self.ann, chat()).await.unwrap_err();
        let right = self.cluster.url_as("powerless", &secret("password"));
        let powerless = SeaOrmStore::connect(&right).await.unwrap();
        powerless.create(self.ann, chat()).await.unwrap_err();
        let wrong = self.cluster.url_as("powerless", &secret("password, a wrong one"));
        SeaOrmStore::connect(&wrong).await.unwrap_err();
        store.ensure_user(&secret("subject")).await.unwrap();
        store.create(self.ann, chat()).await.unwrap();
        store.create(self.ann, chat()).await.unwrap_err();
    }

    /// A trigger that raises what a content asks for, and a role without rights.
    async fn prepare(&self) {
        let raise =
            |code| format!("IF NEW.content LIKE '%{code}' THEN RAISE SQLSTATE '{code}'; END IF;");
        let sql = format!(
            "CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS
               $$BEGIN {} {} RETURN NEW; END$$;
             CREATE TRIGGER raise BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION raise();
             CREATE ROLE powerless LOGIN PASSWORD '{}'",
            raise("40001"),
            raise("40P01"),
            secret("password")
        );
        self.run(&sql).await;
    }
}

fn metadata() -> Metadata {
    Metadata::new(json!({ "note": secret("metadata") })).unwrap()
}

fn turn(end: &str) -> Turn {
    let content = format!("{}{end}", secret("content"));
    Turn::new([NewMessage::user(content).with_metadata(metadata())]).unwrap()
}

fn chat() -> NewConversation {
    let session = SessionId::new(secret("session")).unwrap();
    let new = NewConversation::new().with_session(session).with_metadata(metadata());
    new.with_title(secret("title")).unwrap()
}

/// What must be in the log, so that its silence says something.
const LOGGED: [&str; 10] =
    ["55P03", "57014", "57P01", "23505", "40001", "40P01", "25006", "23503", "42P01", "42501"];

const SECRETS: [&str; 6] = ["content", "title", "metadata", "password", "session", "subject"];

fn shown(log: &str) -> Vec<String> {
    let found = SECRETS.iter().flat_map(|what| leaks("the server's log", log, &secret(what)));
    found.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_log_of_errors_shows_nothing_stored() {
    let server = Server::start().await;
    server.prepare().await;

    server.provoke_waiters().await;
    server.provoke().await;

    let log = server.log();
    let missing: Vec<_> =
        LOGGED.iter().filter(|code| !log.contains(&format!("{code}: "))).collect();
    let keys = leaks("the server's log", &log, &secret("key"));
    let found = shown(&log);
    Trial::of(
        T15,
        "kinds of errors in the log of PostgreSQL, at its most talkative without values",
    )
    .times(LOGGED.len() - missing.len())
    .wrong("lines with content, title, metadata, password, session or subject", found.len())
    .figure("lines searched", log.lines().count())
    .figure("turn keys in the DETAIL of 23505", keys.len())
    .record();
    assert_eq!(missing, [&""; 0], "{log}");
    assert_eq!(found, [""; 0]);

    // Defects: an operator's rule whose violation quotes the row, and a setting that logs values.
    server.run("ALTER TABLE messages ADD CHECK (content NOT LIKE 'tweety%') NOT VALID").await;
    server.append(&server.store().await).await;
    let by_rule = shown(&server.log()).len();
    server.run("ALTER TABLE messages DROP CONSTRAINT messages_content_check").await;
    server.set("log_parameter_max_length_on_error", "-1").await;
    server.append(&server.store_with("default_transaction_read_only", "on").await).await;
    let by_setting = shown(&server.log()).len() - by_rule;
    let caught = usize::from(by_rule > 0) + usize::from(by_setting > 0);
    control(T15, "a CHECK of the operator's, and `log_parameter_max_length_on_error`", caught, 2);
    assert_eq!(caught, 2, "{by_rule} {by_setting}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_of_statements_shows_values_unless_it_is_told_not_to() {
    let server = Server::start().await;
    server.set("log_parameter_max_length", "0").await;
    server.set("log_min_duration_statement", "0").await;

    let store = server.store().await;
    store.create(server.ann, chat()).await.unwrap();
    store.append(server.ann, server.chat, turn("")).await.unwrap();
    let log = server.log();
    let (statements, silent) = (log.matches("duration: ").count(), shown(&log));
    server.set("log_parameter_max_length", "-1").await;
    server.store().await.append(server.ann, server.chat, turn("")).await.unwrap();
    let talkative = shown(&server.log());

    Trial::of(
        T15,
        "statements logged under `log_min_duration_statement = 0, log_parameter_max_length = 0`",
    )
    .times(statements)
    .wrong("with a value", silent.len())
    .record();
    control(
        T15,
        "the same without `log_parameter_max_length`",
        usize::from(!talkative.is_empty()),
        1,
    );
    assert_eq!(silent, [""; 0]);
    assert!(statements > 0 && !talkative.is_empty());
}
