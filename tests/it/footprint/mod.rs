//! How much memory a long walk and a large import take, each in a process of its own.
//!
//! `SCROLLBACK_WALKED_MESSAGES` and `SCROLLBACK_IMPORTED_MESSAGES` set how many messages the large ones
//! have: 100,000 and 1,000,000 are what the documentation speaks of. The peaks are printed.

#![expect(clippy::print_stderr, reason = "figures, for `--nocapture`")]

mod child;

#[expect(dead_code, reason = "it has a `main` of its own")]
#[path = "../../../examples/import.rs"]
mod import;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use scrollback::{ConversationId, NewConversation, NewMessage, Turn, limit::MAX_TURN_MESSAGES};
use serde_json::json;
use tokio::task::block_in_place;

use crate::{
    concurrent::{Place, from_env, on_postgres, on_sqlite},
    folder::Folder,
    support::{Schema, cluster},
};
use child::{Done, Work};

/// Three pages of a walk: as much as it ever holds at a time, and some more.
const FEW: usize = 3_000;

/// Bytes of each message.
const CONTENT: usize = 1_000;

/// How much more a walk may take for more messages.
const GROWTH_KIB: u64 = 6 * 1024;

/// What an import may take altogether.
const IMPORT_KIB: u64 = 100 * 1024;

fn walked() -> usize {
    from_env("SCROLLBACK_WALKED_MESSAGES").map_or(20_000, |messages: u64| messages as usize)
}

/// What is imported: so many messages of so many bytes.
struct Chats {
    messages: usize,
    content: usize,
}

fn imported() -> Chats {
    let messages = from_env("SCROLLBACK_IMPORTED_MESSAGES");
    let messages = messages.map_or(20_000, |messages: u64| messages as usize);
    Chats { messages, content: CONTENT }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_takes_the_same_memory_however_long_the_history_on_postgres() {
    let (place, _schema) = on_postgres().await;

    let Some(growth) = growth("postgres", &place, false).await else { return };

    assert!(growth <= GROWTH_KIB, "{growth} KiB more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_takes_the_same_memory_however_long_the_history_on_sqlite() {
    let (place, _folder) = on_sqlite().await;

    let Some(growth) = growth("sqlite", &place, false).await else { return };

    assert!(growth <= GROWTH_KIB, "{growth} KiB more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_that_keeps_what_it_reads_is_found() {
    let (place, _folder) = on_sqlite().await;

    let Some(growth) = growth("sqlite, kept", &place, true).await else { return };

    assert!(growth > GROWTH_KIB, "only {growth} KiB more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_takes_bounded_memory_on_postgres() {
    let schema = Schema::create().await;
    let url = cluster().url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-csearch_path%3D{}", schema.name());

    let Some(peak) = import_peak("postgres", &url, &imported(), false) else { return };

    assert!(peak <= IMPORT_KIB, "{peak} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_takes_bounded_memory_on_sqlite() {
    let folder = Folder::create();

    let peak = import_peak("sqlite", &folder.url("chat.db"), &imported(), false);

    assert!(peak.is_none_or(|peak| peak <= IMPORT_KIB), "{peak:?} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_reads_its_file_at_once_is_found() {
    let folder = Folder::create();
    // Few and long ones: the same import without the defect stays below the bound.
    let chats = Chats { messages: 1_200, content: 100_000 };

    let right = import_peak("sqlite", &folder.url("right.db"), &chats, false);
    let peak = import_peak("sqlite, read at once", &folder.url("chat.db"), &chats, true);

    assert!(right.is_none_or(|peak| peak <= IMPORT_KIB), "{right:?} KiB");

    assert!(peak.is_none_or(|peak| peak > IMPORT_KIB), "{peak:?} KiB");
}

/// How many KiB more a walk took at most for many messages than for few; `None` where the system does
/// not tell.
async fn growth(name: &str, place: &Place, keep: bool) -> Option<u64> {
    let few = walk_peak(name, place, FEW, keep).await?;
    let many = walk_peak(name, place, walked(), keep).await?;
    Some(many.saturating_sub(few))
}

async fn walk_peak(name: &str, place: &Place, messages: usize, keep: bool) -> Option<u64> {
    let folder = Folder::create();
    let chat = seeded(place, messages).await.get();
    let work = Work::Walk { place: place.clone(), chat, keep };
    let done = block_in_place(|| work.measure(folder.path()));
    assert_eq!(done.messages, messages, "all of them were walked");
    told(&format!("a walk of {messages} messages, {name}"), &done)
}

/// A conversation of so many messages.
async fn seeded(place: &Place, messages: usize) -> ConversationId {
    let (store, owner) = (place.open(1).await, place.owner());
    let chat = store.create(owner, NewConversation::new()).await.unwrap().id;
    for sent in (0..messages).step_by(MAX_TURN_MESSAGES) {
        let turn = (sent..messages.min(sent + MAX_TURN_MESSAGES)).map(message);
        store.append(owner, chat, Turn::new(turn).unwrap()).await.unwrap();
    }
    chat
}

fn message(number: usize) -> NewMessage {
    NewMessage::user(content(number, CONTENT))
}

fn import_peak(name: &str, url: &str, chats: &Chats, keep: bool) -> Option<u64> {
    let folder = Folder::create();
    let file = folder.path().join("chats.jsonl");
    write(&file, chats);
    let work = Work::Import { file, url: url.to_owned(), keep };
    let done = block_in_place(|| work.measure(folder.path()));
    told(&format!("an import of {} messages, {name}", chats.messages), &done)
}

/// A file for the example: a line, which it holds as a whole, has 100 kB.
fn write(file: &Path, chats: &Chats) {
    let mut file = BufWriter::new(File::create(file).unwrap());
    let of_a_line = 100_000 / chats.content;
    for first in (0..chats.messages).step_by(of_a_line) {
        let numbers = first..chats.messages.min(first + of_a_line);
        let said = |number| json!({ "role": "user", "content": content(number, chats.content) });
        let said: Vec<_> = numbers.map(said).collect();
        writeln!(file, "{}", json!({ "id": first.to_string(), "messages": said })).unwrap();
    }
    file.flush().unwrap();
}

fn content(number: usize, bytes: usize) -> String {
    // A width of `format!` ends at 65,535.
    let number = number.to_string();
    "x".repeat(bytes - number.len()) + &number
}

fn told(what: &str, done: &Done) -> Option<u64> {
    match done.peak_kib {
        Some(peak) => eprintln!("{what}: at most {peak} KiB"),
        None => eprintln!("{what}: not measured, there is no VmHWM in /proc/self/status here"),
    }
    done.peak_kib
}
