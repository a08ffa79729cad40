//! T13: schemathesis tries whatever the OpenAPI document allows and forbids on the running server.
//!
//! It fails on an answer that the document does not tell of, one of another form, a good one to a bad
//! request, a bad one to a good request, and every 5xx. `schemathesis.toml` says how it is run.

use std::{path::Path, process::Stdio, time::Duration};

use scrollback_proof::{T13, Trial, not_run};
use tempfile::tempdir;
use tokio::{process::Command, time::timeout};

use crate::{person::Person, program::Program};

/// Several times what it takes on two cores.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn schemathesis_finds_the_server_as_the_document_has_it() {
    let program = match installed().await {
        Ok(program) => program,
        Err(reason) => return not_run(T13, reason),
    };
    let folder = tempdir().unwrap();
    let server = Program::start(folder.path()).await;
    let ann = Person::signed_in(&server, "ann").await;

    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schemathesis.toml");
    let mut run = Command::new(program);
    run.arg("--config-file").arg(settings).args(["run", "--no-color", "--header"]);
    run.arg(format!("Cookie: {}", ann.cookie));
    run.arg(format!("http://{}/api/openapi.json", server.address()));
    // It keeps what it has found in the folder where it runs.
    run.current_dir(folder.path()).stdin(Stdio::null()).kill_on_drop(true);
    let run = timeout(PATIENCE, run.output()).await.expect("it ends").unwrap();

    let told = String::from_utf8_lossy(&run.stdout);
    Trial::of(T13, "requests that schemathesis has made of the OpenAPI document")
        .times(number(&told, "Test cases:\n  "))
        .wrong("findings of it", u8::from(!run.status.success()))
        .record();
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(number(&told, "Tested: "), number(&told, "Selected: "), "{told}");
}

/// The program, or why there is none.
async fn installed() -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/schemathesis");
    let run = Command::new(script).output().await.unwrap();
    let [told, wrong] =
        [run.stdout, run.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    match run.status.success() {
        true => Ok(told.trim_end().to_owned()),
        false => Err(wrong.lines().last().unwrap_or_default().to_owned()),
    }
}

/// The number behind this text, in what it says of itself.
fn number(told: &str, text: &str) -> usize {
    let (_, rest) = told.split_once(text).unwrap_or_else(|| panic!("{told}"));
    let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{told}"))
}
