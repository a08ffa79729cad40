use std::process::{Command, Output};

use crate::{cluster::cluster, database::TestDatabase};

pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scrollback-migration"))
        .args(args)
        .env_remove("DATABASE_URL")
        .env("RUST_LOG", "trace")
        .output()
        .expect("the binary runs")
}

pub(crate) fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

#[tokio::test]
async fn up_status_and_down_work_on_both_databases() {
    for database in TestDatabase::both().await {
        let url = database.url.trim_end_matches("?mode=rwc");
        let steps: [(&[&str], i32, &str); 9] = [
            (&["up", "--users", "managed", "--database-url", url], 0, "applied scrollback_m"),
            (&["up", "--users=managed", "--database-url", url], 0, "nothing to do"),
            (&["up", "--users=unchecked", "--database-url", url], 1, "users choice managed"),
            (&["status", "--database-url", url], 0, "is current"),
            (&["status", "--database-url", url], 0, "owners managed\n"),
            (&["down", "--database-url", url], 2, "--yes"),
            (&["down", "--yes", "--database-url", url], 0, "reverted scrollback_m"),
            (&["status", "--database-url", url], 1, "pending scrollback_m"),
            (&["up", "--users", "existing:nobody.id", "--database-url", url], 1, "\"nobody\""),
        ];
        for (args, code, text) in steps {
            let output = run(args);

            assert_eq!(output.status.code(), Some(code), "{args:?} {}", texts(&output));
            assert!(texts(&output).contains(text), "{args:?} {}", texts(&output));
        }
    }
}

#[test]
fn sql_needs_no_database() {
    let output = run(&["sql", "--users", "managed", "--backend", "postgres", "--schema", "chat"]);

    assert!(output.status.success(), "{}", texts(&output));
    assert!(texts(&output).contains(r#"CREATE TABLE "chat"."conversations""#));
}

#[test]
fn a_wrong_command_line_says_what_to_write() {
    let cases: [(&[&str], &str); 10] = [
        (&[], "the command is"),
        (&["sideways"], "the command is"),
        (&["up", "--database-url", "sqlite://x.db"], "--users is missing"),
        (&["up", "--users", "mine"], "managed, existing:TABLE.COLUMN or unchecked"),
        (&["up", "--users", "managed"], "DATABASE_URL"),
        (&["status", "--database-url", "mysql://ann@host/chat"], "postgres://"),
        (&["status", "--database-url", "postgres://ann@host/chat?foo=bar"], "parameter"),
        (&["status", "--database-url", "postgres://ann:a:pp@w/d@127.0.0.1:1/chat"], "%2F"),
        (&["sql", "--users", "managed"], "--backend"),
        (&["status", "--frobnicate=1"], "unknown option --frobnicate"),
    ];
    for (args, text) in cases {
        let output = run(args);

        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(texts(&output).contains(text), "{args:?} {}", texts(&output));
    }
}

#[test]
fn help_is_help_wherever_it_stands() {
    for args in [&["--help"][..], &["up", "-h"], &["--help", "down"]] {
        let output = run(args);

        assert!(output.status.success(), "{args:?}");
        assert!(texts(&output).contains("Usage:"), "{args:?}");
    }
}

#[test]
fn no_output_shows_the_password() {
    let right = cluster().url();
    let password = right.split(':').nth(2).unwrap().split('@').next().unwrap();
    let wrong = right.replace(password, "hunter2");
    let urls = [
        wrong.as_str(),
        "postgres://ann:hunter2@127.0.0.1:1/chat",
        "postgres://ann:hunter2@127.0.0.1:port/chat",
        "postgres://ann:hunter2@[::1/chat",
        "postgres://ann:a:pp@hunter2/d@127.0.0.1:1/chat",
        "mysql://ann:hunter2@host/chat",
    ];
    for url in urls {
        let given = run(&["status", "--database-url", url]);
        let joined = run(&["status", &format!("--databse-url={url}")]);
        let bare = run(&["status", url]);

        for output in [given, joined, bare] {
            assert!(!output.status.success(), "{}", texts(&output));
            assert!(!texts(&output).contains("hunter2"), "{}", texts(&output));
        }
    }
}

#[test]
fn a_closed_port_is_named() {
    let output = run(&["status", "--database-url", "postgres://ann@127.0.0.1:1/chat"]);

    assert_eq!(output.status.code(), Some(1));
    assert!(
        texts(&output).contains("no answer from 127.0.0.1:1: connection refused"),
        "{}",
        texts(&output)
    );
}

#[test]
fn a_file_is_created_by_every_url_that_says_so() {
    for query in ["", "?mode=rwc"] {
        let database = TestDatabase::sqlite();
        let url = format!("{}{query}", database.url.trim_end_matches("?mode=rwc"));

        let output = run(&["up", "--users", "managed", "--database-url", &url]);

        assert!(output.status.success(), "{query} {}", texts(&output));
    }
}

#[test]
fn status_makes_no_file() {
    let database = TestDatabase::sqlite();
    let url = database.url.trim_end_matches("?mode=rwc");

    let output = run(&["status", "--database-url", url]);

    assert_eq!(output.status.code(), Some(1), "{}", texts(&output));
    assert!(texts(&output).contains("there is no file"), "{}", texts(&output));
    assert!(texts(&output).contains("`scrollback-migration up` creates it"), "{}", texts(&output));
    assert!(!std::path::Path::new(url.trim_start_matches("sqlite://")).exists());
}
