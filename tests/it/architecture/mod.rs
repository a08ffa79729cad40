//! The rules about the source itself: who may know whom, and what may stand where.

pub(crate) mod source;

use source::Source;

/// The modules of the contract: each may import those before it.
const CONTRACT: [&str; 24] = [
    "error",
    "id",
    "limit",
    "key",
    "metadata",
    "message",
    "title",
    "new_conversation",
    "version",
    "conversation",
    "conversation_update",
    "cursor",
    "page",
    "turn",
    "conversation_query",
    "message_query",
    "store",
    "forward",
    "store_ext",
    "user_history",
    "reply_sink",
    "chat_bot",
    "chat_exchange",
    "chat_sessions",
];

/// What stands on the contract, and does not know each other.
const ON_TOP: [&str; 4] = ["memory", "sea_orm", "http", "conformance"];

/// `store.for_user(..)` makes a `UserHistory`, whose methods are those of the store.
const KNOW_EACH_OTHER: (&str, &str) = ("store_ext", "user_history");

/// The files that may contain SQL.
const SQL: [&str; 3] = ["src/sea_orm/postgres", "src/sea_orm/sqlite", "src/sea_orm/preflight"];

const MAX_LINES: usize = 250;

#[test]
fn every_module_has_its_place_in_the_order() {
    let known =
        |module: &str| module == "lib" || CONTRACT.contains(&module) || ON_TOP.contains(&module);
    let sources = Source::below(&["src"]);

    let wrong = sources.iter().filter(|source| !known(source.module()));

    assert_none(
        "give the module its place in CONTRACT or ON_TOP (tests/it/architecture/mod.rs)",
        wrong.map(|source| source.path.clone()),
    );
}

#[test]
fn modules_import_only_what_stands_before_them() {
    let sources = Source::below(&["src"]);

    let wrong = sources.iter().filter(|source| source.module() != "lib").flat_map(|source| {
        let imports = source.imports().into_iter();
        let wrong = imports.filter(|import| !may_import(source.module(), import));
        wrong.map(|import| format!("{} imports crate::{import}", source.path))
    });

    assert_none(
        "import from the defining module, and only from modules earlier in the order; what two \
         modules on top both need belongs below them",
        wrong,
    );
}

fn may_import(module: &str, import: &str) -> bool {
    let place = |name| CONTRACT.iter().position(|known| *known == name);
    match (place(module), place(import)) {
        (Some(module), Some(import)) if import < module => true,
        (None, Some(_)) => ON_TOP.contains(&module),
        _ => module == import || (module, import) == KNOW_EACH_OTHER,
    }
}

#[test]
fn the_crate_root_only_declares_and_re_exports() {
    let code = Source::at("src/lib.rs").code();
    let attributes_removed: Vec<_> =
        code.lines().filter(|line| !line.trim_start().starts_with("#")).collect();
    let items = attributes_removed.join(" ");

    // README and other texts are compiled through structs without content.
    let allowed = |item: &str| {
        ["mod ", "pub mod ", "pub use "].iter().any(|start| item.starts_with(start))
            || (item.starts_with("struct ") && item.ends_with("Doctests"))
    };
    let wrong = items.split(';').map(str::trim).filter(|item| !item.is_empty() && !allowed(item));

    assert_none("move it out of src/lib.rs into a module", wrong.map(str::to_owned));
}

#[test]
fn files_are_short() {
    let sources = Source::below(&[
        "src",
        "migration/src",
        "migration/tests",
        "proof/src",
        "examples",
        "tests",
        "benches",
        "bench",
    ]);

    let long = sources.iter().filter(|source| source.lines().count() > MAX_LINES);

    assert_none(
        "split the file by subject: 250 lines without tests are the limit",
        long.map(|source| format!("{}: {} lines", source.path, source.lines().count())),
    );
}

#[test]
fn every_method_of_the_contract_takes_the_owner_first() {
    let code = Source::at("src/store.rs").code();
    let start = code.find("pub trait ConversationStore:").expect("src/store.rs has the trait");
    let length = code[start..].find("\n}").expect("the trait ends");

    let methods: Vec<String> = code[start..start + length]
        .split("fn ")
        .skip(1)
        .map(|method| method.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "("))
        .collect();
    let unowned = methods.iter().filter(|method| {
        let (_, arguments) = method.split_once('(').unwrap_or_default();
        !arguments.starts_with("&self, owner: UserId,")
            && !arguments.starts_with("&self, owner: UserId)")
    });

    assert!(methods.len() >= 9, "only {} methods found: {methods:?}", methods.len());
    assert_none("`owner: UserId` is the first argument, always", unowned.cloned());
}

#[test]
fn statements_stand_in_the_files_of_their_dialect() {
    let statements = ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"];
    let sources = Source::below(&["src"]);

    let elsewhere =
        sources.iter().filter(|source| !SQL.iter().any(|sql| source.path.starts_with(sql)));
    let wrong = elsewhere.flat_map(|source| {
        let code = source.code();
        let found: Vec<_> = code
            .lines()
            .filter(|line| statements.iter().any(|statement| line.contains(statement)))
            .map(|line| format!("{}: {}", source.path, line.trim()))
            .collect();
        found
    });

    assert_none("move the statement to the file of its dialect in src/sea_orm/", wrong);
}

#[test]
fn migrations_know_nothing_of_the_library() {
    let manifest = Source::at("migration/Cargo.toml");
    let depends = manifest.lines().filter(|line| {
        let line = line.trim_start_matches("[dependencies.").trim_start();
        line.strip_prefix("scrollback").is_some_and(|rest| rest.starts_with([' ', '=', '.', ']']))
    });
    let sources = Source::below(&["migration"]);

    let imports = sources.iter().filter(|source| source.code().contains("scrollback::"));

    assert_none(
        "a migration states what it does by itself: the library changes, the migration must not",
        depends.map(str::to_owned).chain(imports.map(|source| source.path.clone())),
    );
}

/// `what_to_do` is the message to whoever broke the rule.
fn assert_none(what_to_do: &str, wrong: impl Iterator<Item = String>) {
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{what_to_do}:\n  {}", wrong.join("\n  "));
}
