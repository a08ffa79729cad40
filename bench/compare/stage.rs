//! Who is compared in each group, opened and filled.

use tempfile::TempDir;

use crate::{
    args::Args,
    contender::{Group, Result},
    data::{Bodies, Plan},
    entry::Entry,
    peers::{
        DataConnector, Diesel, Entities, Grouped, Ours, Raw, Rusqlite, Sqlx, fastest,
        over_pool_of_host,
    },
    progress, seed,
    server::{Server, connect},
    statements::Statements,
};

/// What a group stands on; it goes when this is dropped.
pub(crate) struct Stage {
    pub(crate) entries: Vec<Entry>,
    pub(crate) server: Option<Server>,
    _folder: Option<TempDir>,
}

/// Everybody, by group.
pub(crate) const NAMES: [(Group, &[&str]); 3] = [
    (Group::Memory, &["memory", "rwlock-hashmap"]),
    (Group::Sqlite, &["sqlite", "rusqlite"]),
    (
        Group::Postgres,
        &[
            CONNECT,
            GROUPED,
            "host-pool",
            "tokio-postgres",
            "sqlx",
            "diesel-async",
            "sea-orm",
            DATA_CONNECTOR,
        ],
    ),
];

/// Our store over the fastest connection that the crate opens.
pub(crate) const CONNECT: &str = "connect";
/// The same, with appends that share statements.
pub(crate) const GROUPED: &str = "grouped";
pub(crate) const DATA_CONNECTOR: &str = "data-connector";

/// Where its tables are: they have the names of ours.
pub(crate) const DATA_CONNECTOR_DATABASE: &str = "data_connector";

/// The names of a group that are asked for; who is compared with is always there.
pub(crate) fn wanted(args: &Args, group: Group) -> Vec<&'static str> {
    let of_group = NAMES.iter().filter(|(of, _)| *of == group).flat_map(|(_, names)| *names);
    let asked: Vec<_> = of_group.copied().filter(|name| args.wants(name)).collect();
    if asked.is_empty() || asked.contains(&group.baseline()) {
        return asked;
    }
    [asked, vec![group.baseline()]].concat()
}

impl Stage {
    pub(crate) async fn open(
        group: Group,
        args: &Args,
        plan: &Plan,
        bodies: &Bodies,
    ) -> Result<Self> {
        let names = wanted(args, group);
        progress(&format!("{}: seeding for {}", group.title(), names.join(", ")));
        match group {
            Group::Memory => memory(&names, plan, bodies).await,
            Group::Sqlite => sqlite(&names, plan, bodies).await,
            Group::Postgres => postgres(args, &names, plan, bodies).await,
        }
    }
}

async fn memory(names: &[&'static str], plan: &Plan, bodies: &Bodies) -> Result<Stage> {
    let mut entries = Vec::new();
    for &name in names {
        entries.push(match name {
            "memory" => Entry::new(name, seed::memory(bodies, plan).await.map(Ours)),
            _ => Entry::new(name, seed::map(bodies, plan)),
        });
    }
    Ok(Stage { entries, server: None, _folder: None })
}

async fn sqlite(names: &[&'static str], plan: &Plan, bodies: &Bodies) -> Result<Stage> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("compare.db");
    let url = format!("sqlite://{}", file.display());
    let store = scrollback::SeaOrmStore::connect(&url).await?;
    store.migrate(&scrollback::Users::Unchecked).await?;
    seed::sqlite(&file, bodies, plan)?;
    let entries = names.iter().map(|&name| match name {
        "sqlite" => Entry::new(name, Ok(Ours(store.clone()))),
        _ => Entry::new(name, Rusqlite::open(&file)),
    });
    Ok(Stage { entries: entries.collect(), server: None, _folder: Some(folder) })
}

async fn postgres(
    args: &Args,
    names: &[&'static str],
    plan: &Plan,
    bodies: &Bodies,
) -> Result<Stage> {
    let server = Server::start(!args.no_durability).await?;
    let url = server.url();
    tables(&url).await?;
    seed::postgres(&connect(&url).await?, bodies, &plan.chats).await?;
    let statements = Statements::capture(&url).await?;
    let mut entries = Vec::new();
    for &name in names {
        entries.push(match name {
            CONNECT => Entry::new(name, fastest(&url).await),
            GROUPED => Entry::new(name, Grouped::open(&url).await),
            "host-pool" => Entry::new(name, over_pool_of_host(&url).await),
            "sqlx" => Entry::new(name, Sqlx::open(&url, statements).await),
            "diesel-async" => Entry::new(name, Diesel::open(&url, statements)),
            "sea-orm" => Entry::new(name, Entities::open(&url).await),
            DATA_CONNECTOR => Entry::new(name, data_connector(&server, plan, bodies).await),
            _ => Entry::new(name, Raw::open(&url, statements)),
        });
    }
    server.checkpoint().await?;
    Ok(Stage { entries, server: Some(server), _folder: None })
}

/// Our tables, by our own migration.
pub(crate) async fn tables(url: &str) -> Result<()> {
    let store = scrollback::SeaOrmStore::connect(url).await?;
    store.migrate(&scrollback::Users::Unchecked).await?;
    Ok(store.close().await?)
}

async fn data_connector(server: &Server, plan: &Plan, bodies: &Bodies) -> Result<DataConnector> {
    let url = server.database(DATA_CONNECTOR_DATABASE).await?;
    let opened = DataConnector::open(&url).await?;
    seed::data_connector(&connect(&url).await?, bodies, &plan.chats).await?;
    Ok(opened)
}
