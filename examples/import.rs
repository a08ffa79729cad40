//! Imports conversations from a file of JSON lines, and proves that they arrived:
//! `cargo run --release --example import -- FILE.jsonl`.
//!
//! A line is `{"id": "…", "messages": [{"role": "user", "content": "…"}, …]}`. Its id becomes the
//! session id and its turns get keys, so the import may be killed and started again, any number of
//! times, and stores everything once.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the terminal")]

use std::{
    error::Error as StdError,
    fs::{self, File},
    future::ready,
    io::{self, BufRead, BufReader, ErrorKind},
    iter::successors,
    ops::Add,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use scrollback::{
    Appended, ConversationStore, ConversationStoreExt, Error, Message, NewMessage, Role,
    SeaOrmStore, SessionId, Turn, TurnKey, UserHistory, Users, limit::MAX_TURN_MESSAGES,
};
use serde::Deserialize;

/// How many conversations are under way at once; more than a pool has connections only wait.
const IN_FLIGHT: usize = 8;

const KEY_PREFIX: &str = "import-";

/// Imports conversations from a file of JSON lines, and reads them back.
#[derive(Parser)]
pub(crate) struct Args {
    /// The conversations: {"id": "…", "messages": [{"role": "user", "content": "…"}, …]} on each line
    file: PathBuf,

    /// Whose conversations they become
    #[arg(long, env = "USER", default_value = "guest")]
    user: String,

    /// Where they are kept: a sqlite:// or postgres:// URL
    #[arg(long, default_value = "sqlite://scrollback.db")]
    database_url: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(true) => return ExitCode::SUCCESS,
        Ok(false) => eprintln!("import: not every line is stored as it is in the file, see above"),
        Err(error) => {
            let causes = successors(Some(&*error as &dyn StdError), |error| (*error).source());
            let causes: Vec<_> = causes.map(ToString::to_string).collect();
            eprintln!("import: {}", causes.join(": "));
        }
    }
    ExitCode::FAILURE
}

/// What ends the import; it can be started again. What is wrong with one line is no failure.
type Failure = Box<dyn StdError + Send + Sync>;

pub(crate) async fn run(args: Args) -> Result<bool, Failure> {
    let bytes = size(&args.file)?;
    let store = SeaOrmStore::connect(&args.database_url).await?;
    store.migrate(&Users::Managed).await?;
    let owner = store.ensure_user(&args.user).await?;
    let store: Arc<dyn ConversationStore> = Arc::new(store);
    let import = Import { history: store.for_user(owner), file: args.file, bar: bar(2 * bytes)? };

    let new = import.pass("storing", |line| import.store(line)).await?;
    let same = import.pass("comparing", |line| import.compare(line)).await?;

    import.bar.finish_and_clear();
    let Counts { conversations, messages, bytes, .. } = same;
    println!(
        "{conversations} conversations, {messages} messages, {bytes} bytes: stored as in the file"
    );
    println!(
        "{} conversations, {} messages, {} bytes of them: new",
        new.conversations, new.messages, new.bytes
    );
    Ok(new.faults + same.faults == 0)
}

fn size(file: &Path) -> Result<u64, Failure> {
    let metadata = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?;
    if metadata.is_file() {
        Ok(metadata.len())
    } else {
        Err(format!("{} is no regular file, and it has to be read twice", file.display()).into())
    }
}

fn bar(bytes: u64) -> Result<ProgressBar, Failure> {
    let style = ProgressStyle::with_template("{msg:>9} {wide_bar} {percent:>3} %, {eta} left")?;
    Ok(ProgressBar::new(bytes).with_style(style))
}

struct Import {
    history: UserHistory<Arc<dyn ConversationStore>>,
    file: PathBuf,
    bar: ProgressBar,
}

impl Import {
    /// Does `work` for every line, several at a time, and adds up the counts.
    async fn pass<F>(&self, name: &'static str, work: impl Fn(Line) -> F) -> Result<Counts, Failure>
    where
        F: Future<Output = Result<Counts, Failure>>,
    {
        self.bar.set_message(name);
        let text = BufReader::new(self.bar.wrap_read(File::open(&self.file)?)).lines();
        stream::iter((1..).zip(text))
            .map(|(number, text)| Ok(Line { number, transcript: Transcript::read(text)? }))
            .map_ok(work)
            .try_buffer_unordered(IN_FLIGHT)
            .try_fold(Counts::default(), |sum, counts| ready(Ok(sum + counts)))
            .await
    }

    /// Counts what this line has added to the store.
    async fn store(&self, line: Line) -> Result<Counts, Failure> {
        let transcript = match line.transcript {
            Ok(transcript) => transcript,
            Err(fault) => return Ok(self.fault(line.number, &fault)),
        };
        let id = self.history.open_session(&transcript.session).await?.id;
        let mut new = Vec::new();
        for turn in transcript.turns {
            match self.history.append(id, turn).await {
                Ok(Appended { replayed: true, .. }) => {}
                Ok(appended) => new.extend(appended.messages),
                Err(error @ Error::Conflict(_)) => {
                    return Ok(self.fault(line.number, &error.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(if new.is_empty() { Counts::default() } else { Counts::of(&new) })
    }

    /// Counts what is stored just as this line has it.
    async fn compare(&self, line: Line) -> Result<Counts, Failure> {
        // The first pass has told what is wrong with the line.
        let Ok(transcript) = line.transcript else { return Ok(Counts::default()) };
        let chat = self.history.find_session(&transcript.session).await?;
        let stored = self.history.walk_messages(chat.id);
        // What was said after the import is not the file's.
        let stored: Vec<_> =
            stored.try_filter(|message| ready(imported(message))).try_collect().await?;
        let expected = transcript.turns.iter().flat_map(Turn::messages);
        let same = expected
            .map(|message| (message.role, &*message.content))
            .eq(stored.iter().map(|message| (message.role, &*message.content)));
        Ok(if same { Counts::of(&stored) } else { self.fault(line.number, "reads back different") })
    }

    fn fault(&self, number: usize, fault: &str) -> Counts {
        self.bar.suspend(|| eprintln!("line {number}: {fault}"));
        Counts { faults: 1, ..Counts::default() }
    }
}

fn imported(message: &Message) -> bool {
    message.key.as_ref().is_some_and(|key| key.as_str().starts_with(KEY_PREFIX))
}

struct Line {
    number: usize,
    transcript: Result<Transcript, String>,
}

/// A conversation that the store can only accept: every limit has been checked.
struct Transcript {
    session: SessionId,
    turns: Vec<Turn>,
}

impl Transcript {
    /// Reads a line; one that is not a conversation is a fault in it, anything else a failure.
    fn read(text: io::Result<String>) -> Result<Result<Self, String>, io::Error> {
        match text {
            Ok(text) => Ok(Self::parse(&text).map_err(|error| error.to_string())),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let Record { id, messages } = serde_json::from_str(text)?;
        let said: Vec<_> =
            messages.into_iter().map(|said| NewMessage::new(said.role, said.content)).collect();
        let turns = said.chunks(MAX_TURN_MESSAGES).enumerate().map(|(n, turn)| {
            let key = TurnKey::new(format!("{KEY_PREFIX}{n}"))?;
            Ok(Turn::new(turn.iter().cloned())?.with_key(key))
        });
        let turns = turns.collect::<Result<_, Error>>()?;
        Ok(Self { session: SessionId::new(id)?, turns })
    }
}

/// A line as it is written.
#[derive(Deserialize)]
struct Record {
    id: String,
    messages: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    role: Role,
    content: String,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    conversations: usize,
    messages: usize,
    bytes: usize,
    faults: usize,
}

impl Counts {
    fn of(conversation: &[Message]) -> Self {
        let bytes = conversation.iter().map(|message| message.content.len()).sum();
        Self { conversations: 1, messages: conversation.len(), bytes, faults: 0 }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            conversations: self.conversations + other.conversations,
            messages: self.messages + other.messages,
            bytes: self.bytes + other.bytes,
            faults: self.faults + other.faults,
        }
    }
}
