//! T3, T6: what can be called without an owner, and what can arrive in a request.

use scrollback_proof::{T3, T6, Trial, control};

use crate::architecture::source::Source;

/// What names something that has an owner.
const NAMES: [&str; 4] = ["ConversationId", "MessageId", "SessionId", "Cursor"];

/// Public functions that take a name without an owner and reach no store: they build a value.
const BUILDERS: [&str; 5] = [
    "src/conversation_query.rs at",
    "src/message.rs new",
    "src/message_query.rs at",
    "src/new_conversation.rs with_session",
    "src/page.rs new",
];

/// Every public function of a file: its name and its arguments.
fn public_functions(path: &str, code: &str) -> Vec<(String, String)> {
    // The methods of a public trait have no `pub`.
    let contract = path == "src/store.rs" || path == "src/store_ext.rs";
    let starts = code.match_indices("fn ").filter(|(at, _)| {
        let line = code[..*at].rsplit('\n').next().unwrap_or_default().trim_start();
        line.starts_with("pub ") || (contract && (line.is_empty() || line == "async "))
    });
    let signature = |(at, _): (usize, &str)| {
        let rest = &code[at + "fn ".len()..];
        let end = rest.find(['{', ';']).unwrap_or(rest.len());
        let (name, arguments) = rest[..end].split_once('(')?;
        let arguments = arguments.split("->").next().unwrap_or(arguments);
        let name = name.split('<').next().unwrap_or(name);
        Some((name.to_owned(), arguments.to_owned()))
    };
    starts.filter_map(signature).collect()
}

/// The functions that take the name of something owned and no owner.
fn unowned(path: &str, code: &str) -> Vec<String> {
    let takes = |arguments: &str, words: &[&str]| {
        arguments.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
    };
    let functions = public_functions(path, code).into_iter();
    let unowned = functions
        .filter(|(_, arguments)| takes(arguments, &NAMES) && !takes(arguments, &["UserId"]));
    unowned.map(|(name, _)| format!("{path} {name}")).collect()
}

#[test]
fn no_public_function_takes_an_id_without_its_owner() {
    let sources = Source::below(&["src"]);
    // `UserHistory` holds the owner; the kit is a test.
    let held = |path: &str| path.ends_with("user_history.rs") || path.contains("/conformance/");

    let found = sources.iter().filter(|source| !held(&source.path));
    let found: Vec<_> = found.flat_map(|source| unowned(&source.path, &source.code())).collect();

    let functions: usize =
        sources.iter().map(|it| public_functions(&it.path, &it.code()).len()).sum();
    let wrong = found.iter().filter(|name| !BUILDERS.contains(&name.as_str())).count();
    Trial::of(T3, "public functions, read for ids without an owner")
        .times(functions)
        .wrong("that reach a store by an id alone", wrong)
        .record();
    assert_eq!(found, BUILDERS);
}

#[test]
fn a_function_without_an_owner_is_noticed() {
    let bad =
        "    pub async fn export(\n        &self,\n        id: ConversationId,\n    ) -> Page {";
    let good = "    pub fn export(&self, owner: UserId, id: ConversationId) -> Page {";

    let caught = unowned("src/x.rs", bad).len()
        + unowned("src/store.rs", "    async fn peek(&self, at: Cursor);").len();

    control(T3, "a public function that takes an id and no owner", caught, 2);
    assert_eq!(caught, 2);
    assert_eq!(unowned("src/x.rs", good), [""; 0]);
}

/// A struct: its name, its attributes, its fields.
struct Struct {
    name: String,
    attributes: String,
    fields: Vec<String>,
    body: String,
}

fn structs(code: &str) -> Vec<Struct> {
    let starts = code.match_indices("struct ");
    let read = |(at, _): (usize, &str)| {
        let head = code[..at].rfind("\n}").map_or("", |end| &code[end..at]);
        let rest = &code[at + "struct ".len()..];
        let end = rest.find("\n}").into_iter().chain(rest.find(';')).min().unwrap_or(rest.len());
        let (name, body) = rest[..end].split_at(rest.find(|c: char| !c.is_alphanumeric()).unwrap());
        let fields = body.lines().filter_map(|line| line.split_once(':'));
        // Whatever its visibility.
        let field = |(name, _): (&str, &str)| name.rsplit(' ').next().unwrap_or(name).to_owned();
        let fields = fields.map(field).collect();
        Struct { name: name.to_owned(), attributes: head.to_owned(), fields, body: body.to_owned() }
    };
    starts.map(read).collect()
}

/// The structs that could bring an owner, or what only the store says, out of a request.
fn settable(code: &str) -> Vec<String> {
    const INPUTS: [&str; 4] = ["NewConversation", "ConversationUpdate", "NewMessage", "Turn"];
    const OURS: [&str; 7] =
        ["owner", "user_id", "id", "conversation", "position", "created_at", "updated_at"];
    let wrong = structs(code).into_iter().filter(|found| {
        let owned = found.body.contains("UserId") || found.name == "UserId";
        let by_hand = format!("Deserialize<'de> for {}", found.name);
        let readable = found.attributes.contains("Deserialize") || code.contains(&by_hand);
        let input = INPUTS.contains(&&*found.name);
        let ours = found.fields.iter().any(|field| OURS.contains(&&**field));
        (owned || input) && readable || (input || readable) && ours
    });
    wrong.map(|found| found.name).collect()
}

#[test]
fn owner_id_position_and_time_cannot_arrive_in_a_request() {
    let sources = Source::below(&["src"]);

    let wrong: Vec<_> = sources.iter().flat_map(|source| settable(&source.code())).collect();

    let seen: usize = sources.iter().map(|source| structs(&source.code()).len()).sum();
    Trial::of(T6, "structs of the source, read for fields that a request may not set")
        .times(seen)
        .wrong("that could bring an owner, an id, a position or a time", wrong.len())
        .record();
    assert!(seen > 20, "only {seen} structs were found");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn inputs_hold_no_text_that_was_not_checked() {
    let files = ["src/conversation_update.rs", "src/new_conversation.rs"];
    let inputs: Vec<_> = files.iter().flat_map(|file| structs(&Source::at(file).code())).collect();

    let unchecked = inputs.iter().filter(|found| found.body.contains("str"));

    assert_eq!(inputs.len(), 2);
    assert_eq!(unchecked.map(|found| &found.name).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_settable_owner_is_noticed() {
    let owner = "\n}\n#[derive(Deserialize)]\npub struct Chat {\n    pub owner: UserId,\n}";
    let input = "\n}\n#[derive(Clone)]\npub struct NewMessage {\n    pub position: u32,\n}";
    let by_hand = "\n}\npub struct UserId(i64);\nimpl<'de> Deserialize<'de> for UserId {\n}";

    let body =
        "\n}\n#[derive(Debug, Deserialize)]\nstruct Said {\n    pub(super) position: u32,\n}";

    let seeded = [owner, input, by_hand, body];
    let caught = seeded.iter().filter(|code| settable(code).len() == 1).count();

    control(T6, "source text of an input with an owner or a position", caught, seeded.len());
    assert_eq!(caught, seeded.len());
}
