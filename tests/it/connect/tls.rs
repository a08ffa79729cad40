//! Whom TLS trusts: certificates made by `openssl`, on a server of the test's own.

use std::{fs, path::Path, process::Command};

use scrollback::{Connect, preflight::Preflight};
use scrollback_proof::{T15, not_run};
use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::{problem, refusal, text};
use crate::{
    folder::Folder,
    support::{Cluster, cluster},
};

/// Two authorities, and a certificate for `localhost` that the first has signed.
const SIGN: &str = "
new() { openssl req -newkey rsa:2048 -nodes -keyout \"$1.key\" -subj \"/CN=$1\" \"${@:2}\"; }
for name in root other; do
    new $name -x509 -days 2 -addext basicConstraints=critical,CA:TRUE -out $name.crt
done
new server -out server.csr
printf 'basicConstraints=critical,CA:FALSE\\nsubjectAltName=DNS:localhost\\n' >server.ext
openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 \
    -extfile server.ext -out server.crt";

/// What every refusal says to do.
const ADVICE: [&str; 2] = ["sslrootcert", "sslmode=disable is for trusted networks only"];

#[tokio::test]
async fn a_server_without_tls_is_refused_when_tls_is_asked_for() {
    for query in
        ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full", "channel_binding=require"]
    {
        advises(&refusal_of(&format!("{}?{query}", cluster().url())).await);
    }
}

#[tokio::test]
async fn a_certificate_must_hold_where_tls_is_asked_for() {
    // T15: to whom the password goes.
    let (server, folder) = (Cluster::start(), Folder::create());
    sign(folder.path());
    if let Err(reason) = switch_on(&server, folder.path()).await {
        return not_run(T15, reason);
    }
    let url = |host: &str, query: &str| {
        let port = server.address().rsplit_once(':').unwrap().1;
        format!("{}?{query}", server.url_at(&format!("{host}:{port}")))
    };

    for mode in ["require", "verify-ca", "verify-full"] {
        let trusting = |name: &str| {
            format!("sslmode={mode}&sslrootcert={}/{name}.crt", folder.path().display())
        };

        advises(&refusal_of(&url("localhost", &format!("sslmode={mode}"))).await);
        advises(&refusal_of(&url("localhost", &trusting("other"))).await);
        advises(&refusal_of(&url("127.0.0.1", &trusting("root"))).await);
        let known = open(&url("localhost", &trusting("root"))).await;

        let encrypted = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        assert_eq!(text(&known, encrypted).await, "true", "{mode}");
    }
    for (mode, encrypted) in [("disable", false), ("prefer", true)] {
        let connection = open(&url("localhost", &format!("sslmode={mode}"))).await;
        let report = Preflight::of(&connection, &[]).await.unwrap();
        assert_eq!(report.encrypted, encrypted, "{mode}");
    }
}

async fn refusal_of(url: &str) -> String {
    problem(refusal(url).await)
}

fn advises(problem: &str) {
    for advice in ADVICE {
        assert!(problem.contains(advice), "{problem}");
    }
}

async fn open(url: &str) -> DatabaseConnection {
    Connect::new(url).unwrap().open().await.unwrap()
}

fn sign(folder: &Path) {
    let output = Command::new("bash")
        .args(["-euc", SIGN])
        .current_dir(folder)
        .output()
        .expect("`bash` is on the PATH");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the tests need openssl (`apt-get install openssl`): {said}");
}

/// Has the server speak TLS; otherwise why it cannot.
async fn switch_on(server: &Cluster, folder: &Path) -> Result<(), String> {
    let admin = open(&server.url()).await;
    let data = text(&admin, "SELECT current_setting('data_directory')").await;
    if admin.execute_unprepared("ALTER SYSTEM SET ssl = on").await.is_err() {
        let version = text(&admin, "SELECT current_setting('server_version')").await;
        return Err(format!("certificates: this PostgreSQL {version} was built without TLS"));
    }
    for name in ["server.crt", "server.key"] {
        // By the server, which runs as another user when the tests run as root.
        let content = fs::read_to_string(folder.join(name)).unwrap();
        let lines = content.lines().map(|line| format!("('{line}')")).collect::<Vec<_>>().join(",");
        let write = format!("umask 077 && cat >{data}/{name}");
        let copy = format!("COPY (SELECT * FROM (VALUES {lines}) file) TO PROGRAM '{write}'");
        admin.execute_unprepared(&copy).await.unwrap();
    }
    server.stop_immediate();
    server.restart();
    Ok(())
}
