//! A terminal chat that keeps its history: `cargo run --example chat`.
//!
//! Type to talk to a small bot; `/help` shows the commands. Everything is in `scrollback.db` in the
//! working folder, so the next start goes on where this one ended, however it ended.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the terminal")]

use std::{
    error::Error as StdError,
    io::{self, ErrorKind, IsTerminal, Write},
    iter::successors,
    process::ExitCode,
};

use clap::Parser;
use futures_util::TryStreamExt;
use scrollback::{
    Conversation, ConversationId, ConversationQuery, ConversationStoreExt, ConversationUpdate,
    Error, Limit, Message, NewConversation, NewMessage, Result, Role, SeaOrmStore, Turn, TurnKey,
    UserHistory, Users,
};

const HELP: &str = "\
/history    shows this conversation from its beginning
/list       shows your conversations, the latest first
/open N     goes on with conversation N of the list
/new        starts another conversation
/title TEXT names this conversation
/delete N   deletes conversation N with its messages
/quit       ends the chat; everything is kept
Every other line is said to the bot.";

const GREETING: &str = "Say something to start a conversation; /help shows the commands.";

/// A terminal chat that keeps its history.
#[derive(Parser)]
struct Args {
    /// Who is chatting; everybody sees only their own conversations
    #[arg(long, env = "USER", default_value = "guest")]
    user: String,

    /// Where the history is kept: a sqlite:// or postgres:// URL
    #[arg(long, default_value = "sqlite://scrollback.db")]
    database_url: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run(Args::parse()).await else { return ExitCode::SUCCESS };
    eprintln!("chat: {}", sentence(&*error));
    ExitCode::FAILURE
}

async fn run(args: Args) -> Result<(), Box<dyn StdError + Send + Sync>> {
    let store = SeaOrmStore::connect(&args.database_url).await?;
    store.migrate(&Users::Managed).await?;
    let owner = store.ensure_user(&args.user).await?;
    let talked = talk(store.for_user(owner)).await;
    // Leaves one whole file; after a kill, the next start finds the rest beside it.
    store.close().await?;
    talked
}

async fn talk(history: UserHistory<SeaOrmStore>) -> Result<(), Box<dyn StdError + Send + Sync>> {
    let (mut chat, greeting) = Chat::resume(history).await?;
    show(&greeting)?;
    loop {
        match read_line() {
            Ok(Some(line)) if line.trim().is_empty() => {}
            Ok(Some(line)) => match chat.obey(&line).await {
                Ok(answer) => show(&answer)?,
                Err(Error::NotFound) => eprintln!("You have no such conversation; see /list."),
                // A store that fails now may well work for the next line.
                Err(error) => eprintln!("{}", sentence(&error)),
            },
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::InvalidData => eprintln!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
}

/// One person's chat: their history, and which of their conversations is open.
struct Chat {
    history: UserHistory<SeaOrmStore>,
    open: Option<ConversationId>,
}

impl Chat {
    /// Opens the latest conversation, if there is one.
    async fn resume(history: UserHistory<SeaOrmStore>) -> Result<(Self, String)> {
        let latest = history.list(ConversationQuery::new(Limit::new(1)?)).await?.items.pop();
        let mut chat = Self { history, open: None };
        let Some(latest) = latest else { return Ok((chat, GREETING.into())) };
        let greeting = chat.open(latest.id).await?;
        Ok((chat, greeting))
    }

    /// Does what `line` asks for and returns what to show.
    async fn obey(&mut self, line: &str) -> Result<String> {
        let (command, argument) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        match (command, argument.parse().ok()) {
            ("/help", _) => Ok(HELP.into()),
            ("/history", _) => self.history().await,
            ("/list", _) => self.list().await,
            ("/open", Some(number)) => self.open(number).await,
            ("/new", _) => self.start().await.map(|id| format!("Conversation {id} is open.")),
            ("/title", _) => self.title(argument).await,
            ("/delete", Some(number)) => self.delete(number).await,
            ("/open" | "/delete", None) => Ok(format!("Usage: {command} N, a number of /list.")),
            _ if line.starts_with('/') => Ok("There is no such command; see /help.".into()),
            _ => self.say(line).await,
        }
    }

    async fn history(&self) -> Result<String> {
        let Some(id) = self.open else { return Ok("Nothing was said yet.".into()) };
        let messages: Vec<_> = self.history.walk_messages(id).try_collect().await?;
        Ok(transcript(&messages))
    }

    async fn list(&self) -> Result<String> {
        let all = self.history.walk_conversations(ConversationQuery::new(Limit::MAX));
        let all: Vec<_> = all.map_ok(|one| self.headline(&one)).try_collect().await?;
        Ok(if all.is_empty() { "No conversation yet.".into() } else { all.join("\n") })
    }

    async fn open(&mut self, id: ConversationId) -> Result<String> {
        let conversation = self.history.get(id).await?;
        let recent = self.history.last(id, Limit::new(10)?).await?;
        self.open = Some(id);
        let earlier = recent.previous.map_or("", |_| "\n(/history shows what was before)");
        Ok(format!("{}{earlier}\n{}", self.headline(&conversation), transcript(&recent.items)))
    }

    async fn start(&mut self) -> Result<ConversationId> {
        let id = self.history.create(NewConversation::new()).await?.id;
        self.open = Some(id);
        Ok(id)
    }

    async fn title(&mut self, title: &str) -> Result<String> {
        let update = ConversationUpdate::new().with_title(title)?;
        let id = self.open_or_start().await?;
        Ok(self.headline(&self.history.update(id, update).await?))
    }

    async fn delete(&mut self, id: ConversationId) -> Result<String> {
        self.history.delete(id).await?;
        self.open = self.open.filter(|open| *open != id);
        Ok(format!("Conversation {id} is deleted."))
    }

    /// Stores what was said before the bot is asked: whatever happens then, it is kept.
    async fn say(&mut self, text: &str) -> Result<String> {
        let asked = keyed(NewMessage::user(text))?;
        let id = self.open_or_start().await?;
        self.append(id, asked).await?;
        let seen = self.history.last(id, Limit::MAX).await?;
        let reply = self.append(id, keyed(NewMessage::assistant(reply(&seen.items)))?).await?;
        Ok(transcript(&reply))
    }

    async fn open_or_start(&mut self) -> Result<ConversationId> {
        let Some(id) = self.open else { return self.start().await };
        Ok(id)
    }

    /// Appends a turn, a second time when the answer was lost: its key keeps it from being doubled.
    async fn append(&self, id: ConversationId, turn: Turn) -> Result<Vec<Message>> {
        let appended = match self.history.append(id, turn.clone()).await {
            Err(error) if error.is_retryable() => self.history.append(id, turn).await?,
            answer => answer?,
        };
        Ok(appended.messages)
    }

    fn headline(&self, conversation: &Conversation) -> String {
        let Conversation { id, title, message_count, updated_at, .. } = conversation;
        let mark = if self.open == Some(*id) { '*' } else { ' ' };
        let title = printable(title.as_deref().unwrap_or("untitled"));
        let when = updated_at.format("%Y-%m-%d %H:%M UTC");
        format!("{mark} {id:>3}  {title} ({message_count} messages, {when})")
    }
}

fn keyed(message: NewMessage) -> Result<Turn> {
    Ok(Turn::new([message])?.with_key(TurnKey::generate()))
}

/// The bot: it has no memory of its own, so all it knows it was handed.
fn reply(history: &[Message]) -> String {
    let said = || history.iter().filter(|message| message.role == Role::User).map(|m| &*m.content);
    let name = said().rev().find_map(name_in);
    let (first, now) = (said().next().unwrap_or_default(), said().next_back().unwrap_or_default());
    let asks = now.to_lowercase().contains("my name");
    let answer = match name {
        Some(name) if name_in(now).is_some() => format!("Nice to meet you, {name}!"),
        Some(name) if asks => format!("Your name is {name}, you told me."),
        None if asks => "You have not told me your name yet.".into(),
        Some(name) => format!("I am listening, {name}."),
        None => "I am listening.".into(),
    };
    let (seen, first) = (history.len(), first.chars().take(60).collect::<String>());
    format!("{answer} Messages I have seen: {seen}; your first: \"{first}\".")
}

fn name_in(text: &str) -> Option<&str> {
    const PHRASE: &str = "my name is ";
    // Only ASCII changes case here, so the place found is the same place in `text`.
    let start = text.to_ascii_lowercase().find(PHRASE)? + PHRASE.len();
    let mut words = text[start..].split(|c: char| !c.is_alphanumeric() && c != '-');
    words.next().filter(|name| !name.is_empty())
}

fn transcript(messages: &[Message]) -> String {
    let line = |message: &Message| {
        let speaker = if message.role == Role::User { "you" } else { "bot" };
        format!("{speaker}: {}", printable(&message.content).replace('\n', "\n     "))
    };
    messages.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Stored text is untrusted: an escape sequence in it could rewrite the reader's screen.
fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "\u{fffd}")
}

fn show(text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(io::stdout(), "{text}") }
}

/// The next line without its end; `None` after `/quit` and at the end of the input.
fn read_line() -> io::Result<Option<String>> {
    if io::stdin().is_terminal() {
        print!("> ");
        io::stdout().flush()?;
    }
    let mut line = String::new();
    let ended = io::stdin().read_line(&mut line)? == 0 || line.trim_end() == "/quit";
    Ok((!ended).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The error and its causes, in one line.
fn sentence(error: &dyn StdError) -> String {
    let causes = successors(Some(error), |error| (*error).source()).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}
